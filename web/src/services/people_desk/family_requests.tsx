import { useState, type ReactNode } from 'react';
import { post, type Problem } from '@/api/client';
import type { Items } from '@/api/types';
import { Page } from '@/app/page';
import { ProblemNotice } from '@/app/problem';
import { Loaded, useResource } from '@/app/resource';
import { Button } from '@/components/button/button';
import { Card } from '@/components/card/card';
import { T, useText } from '@/language/text';
import { CandidateChoice, Day, Facts, Moment, Nothing, RejectButton, useSaid } from './parts';
import type { FamilyRequest } from './types';

const reasons = ['no-guardianship', 'details-differ', 'not-a-resident', 'withdrawn'] as const;

function Request({ request, onDone }: { request: FamilyRequest; onDone: () => void }): ReactNode {
  const [resident, setResident] = useState<string | null>(null);
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const approve = async () => {
    setMissing(resident === null);
    if (resident === null) return;
    setBusy(true);
    const answer = await post(`/api/v1/staff/family-requests/${request.id}/approve`, { residentId: resident });
    setBusy(false);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) onDone();
  };
  return (
    <Card title={request.name}>
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
        <CandidateChoice name={`resident-${request.id}`} candidates={request.candidates} value={resident} onChange={setResident} missing={missing} />
        <p className="mu-sub"><T k="desk.family-check" /></p>
        <div className="mu-row">
          {request.candidates.length > 0 ? <Button busy={busy} onClick={() => void approve()}><T k="desk.approve" /></Button> : null}
          <RejectButton path={`/api/v1/staff/family-requests/${request.id}/reject`} reasons={reasons} onDone={onDone} />
        </div>
      </div>
    </Card>
  );
}

export function FamilyRequests(): ReactNode {
  const t = useText();
  const queue = useResource<Items<FamilyRequest>>('/api/v1/staff/family-requests');
  const { said, toast } = useSaid();
  const done = () => {
    said();
    void queue.reload();
  };
  return (
    <Page title={t('desk.family')} back={{ href: '/console', label: <T k="desk.today" /> }} wide>
      <Loaded resource={queue}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing><T k="desk.nothing-waits" /></Nothing>
          ) : (
            <div className="mu-stack">
              {items.map((request) => (
                <Request key={request.id} request={request} onDone={done} />
              ))}
            </div>
          )
        }
      </Loaded>
      {toast}
    </Page>
  );
}
