import { useState, type ReactNode } from 'react';
import { post, type Problem } from '@/api/client';
import type { Items } from '@/api/types';
import { Page } from '@/app/page';
import { ProblemNotice } from '@/app/problem';
import { Loaded, useResource } from '@/app/resource';
import { Button } from '@/components/button/button';
import { Card } from '@/components/card/card';
import { T, useText } from '@/language/text';
import { CandidateChoice, Day, Facts, Moment, Nothing, RejectButton } from './parts';
import type { FamilyRequest } from './types';

const reasons = ['no-guardianship', 'details-differ', 'not-a-resident', 'withdrawn'] as const;

function Request({ request, onDone }: { request: FamilyRequest; onDone: () => void }): ReactNode {
  const [resident, setResident] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const approve = async () => {
    if (resident === null) return;
    setBusy(true);
    const answer = await post(`/api/v1/staff/family-requests/${request.id}/approve`, { residentId: resident });
    setBusy(false);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) onDone();
  };
  return (
    <Card level={3} title={request.name}>
      <div className="mu-stack">
        {problem ? <ProblemNotice problem={problem} /> : null}
        <Facts
          rows={[
            { name: <T k="desk.guardian" />, value: request.guardian.name },
            { name: <T k="desk.kana" />, value: request.kana },
            { name: <T k="desk.birth" />, value: <Day value={request.birthDate} /> },
            { name: <T k="desk.address" />, value: request.address },
            { name: <T k="desk.note" />, value: request.note },
            { name: <T k="desk.received" />, value: <Moment value={request.at} /> },
          ]}
        />
        <CandidateChoice name={`resident-${request.id}`} candidates={request.candidates} value={resident} onChange={setResident} />
        <p className="mu-sub"><T k="desk.family-check" /></p>
        <div className="mu-row">
          <Button busy={busy} onClick={() => void approve()} attributes={{ 'aria-disabled': resident === null }}><T k="desk.approve" /></Button>
          <RejectButton path={`/api/v1/staff/family-requests/${request.id}/reject`} reasons={reasons} onDone={onDone} />
        </div>
      </div>
    </Card>
  );
}

export function FamilyRequests(): ReactNode {
  const t = useText();
  const queue = useResource<Items<FamilyRequest>>('/api/v1/staff/family-requests');
  return (
    <Page title={t('desk.family')} back={{ href: '/console', label: <T k="desk.today" /> }} wide>
      <Loaded resource={queue}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing><T k="desk.nothing-waits" /></Nothing>
          ) : (
            <div className="mu-stack">
              {items.map((request) => (
                <Request key={request.id} request={request} onDone={() => void queue.reload()} />
              ))}
            </div>
          )
        }
      </Loaded>
    </Page>
  );
}
