import { useState, type ReactNode } from 'react';
import { post, type Problem } from '@/api/client';
import type { components } from '@/api/schema';
import { Page } from '@/app/page';
import { ProblemNotice } from '@/app/problem';
import { Loaded, useResource } from '@/app/resource';
import { Button } from '@/components/button/button';
import { Card } from '@/components/card/card';
import { Toast } from '@/components/toast/toast';
import { T, useText } from '@/language/text';
import { Facts, Moment, Nothing } from './parts';

type OutboxPage = components['schemas']['OutboxView'];

/** What could not be delivered, without what it says: staff send it again or give it up. */
export function Outbox(): ReactNode {
  const t = useText();
  const outbox = useResource<OutboxPage>('/api/v1/staff/outbox');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [said, setSaid] = useState(false);
  const act = async (id: string, what: 'resend' | 'discard') => {
    const answer = await post(`/api/v1/staff/outbox/${id}/${what}`);
    setProblem(answer.ok ? null : answer.problem);
    setSaid(answer.ok);
    if (answer.ok) await outbox.reload();
  };
  return (
    <Page title={t('desk.outbox')} back={{ href: '/console', label: <T k="desk.today" /> }} wide>
      {problem ? <ProblemNotice problem={problem} /> : null}
      <Loaded resource={outbox}>
        {(view) => (
          <>
            <p>
              <T k="desk.outbox-state" waiting={view.waiting} dead={view.dead} />
            </p>
            {view.items.length === 0 ? (
              <Nothing><T k="desk.outbox-none" /></Nothing>
            ) : (
              <div className="mu-stack">
                {view.items.map((one) => (
                  <Card key={one.id} level={2} title={one.topic}>
                    <Facts
                      rows={[
                        { name: <T k="desk.when" />, value: <Moment value={one.failedAt} /> },
                        { name: <T k="desk.outbox-failure" />, value: one.failure },
                        { name: <T k="desk.outbox-tries" />, value: String(one.tries) },
                      ]}
                    />
                    <div className="mu-row">
                      <Button onClick={() => void act(one.id, 'resend')}><T k="desk.outbox-resend" /></Button>
                      <Button look="danger" onClick={() => void act(one.id, 'discard')}><T k="desk.outbox-discard" /></Button>
                    </div>
                  </Card>
                ))}
              </div>
            )}
          </>
        )}
      </Loaded>
      {said ? <Toast onGone={() => setSaid(false)}><T k="desk.saved" /></Toast> : null}
    </Page>
  );
}
