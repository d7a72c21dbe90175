import { useState, type ReactNode } from 'react';
import { post, type Problem } from '@/api/client';
import type { Items } from '@/api/types';
import { download } from '@/app/download';
import { Page } from '@/app/page';
import { ProblemNotice } from '@/app/problem';
import { Loaded, useResource } from '@/app/resource';
import { Button } from '@/components/button/button';
import { Card } from '@/components/card/card';
import { Checkbox } from '@/components/checkbox/checkbox';
import { Chip } from '@/components/chip/chip';
import { Segmented } from '@/components/segmented/segmented';
import { Icon } from '@/icons/icons';
import { T, useText } from '@/language/text';
import { CandidateChoice, Day, Facts, Moment, Nothing, RejectButton, useSaid } from './parts';
import type { LetterRequest } from './types';

const statuses = ['new', 'doubtful', 'approved', 'printed', 'returned', 'done'] as const;
type Status = (typeof statuses)[number];
const reasons = ['not-a-resident', 'details-differ', 'duplicate', 'withdrawn'] as const;

const addressOf = ({ postalCode, address }: LetterRequest) => `〒${postalCode.slice(0, 3)}-${postalCode.slice(3)} ${address}`;

function Match({ request }: { request: LetterRequest }): ReactNode {
  if (request.match === 'sure') return <Chip kind="ok" icon="check"><T k="desk.match.sure" /></Chip>;
  if (request.match === 'doubtful') return <Chip kind="soon" icon="warning"><T k="desk.match.doubtful" /></Chip>;
  return <Chip kind="danger" icon="stop"><T k="desk.match.none" /></Chip>;
}

function Request({ request, onDone }: { request: LetterRequest; onDone: () => void }): ReactNode {
  const [resident, setResident] = useState<string | null>(request.match === 'sure' ? (request.candidates[0]?.id ?? null) : null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [missing, setMissing] = useState(false);
  const act = async (what: 'approve' | 'returned') => {
    setMissing(what === 'approve' && resident === null);
    if (what === 'approve' && resident === null) return;
    setBusy(true);
    const answer = await post(`/api/v1/staff/letters/${request.id}/${what}`, what === 'approve' && resident ? { residentId: resident } : {});
    setBusy(false);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) onDone();
  };
  const again = async () => {
    setBusy(true);
    const failed = await download('/api/v1/staff/letters/print', 'letters-1.pdf', { ids: [request.id] });
    setBusy(false);
    setProblem(failed);
    if (!failed) onDone();
  };
  const open = request.status === 'new' || request.status === 'doubtful';
  const returned = request.status === 'returned';
  return (
    <Card title={request.name} aside={<Match request={request} />}>
      <div className="mu-stack">
        {problem ? <ProblemNotice problem={problem} /> : null}
        <Facts
          rows={[
            { name: <T k="desk.kana" />, value: request.kana },
            { name: <T k="desk.birth" />, value: <Day value={request.birthDate} /> },
            { name: <T k="desk.address" />, value: addressOf(request) },
            { name: <T k="desk.received" />, value: <Moment value={request.at} /> },
            { name: <T k="desk.printed" />, value: request.printedAt ? <Moment value={request.printedAt} /> : undefined },
            { name: <T k="desk.print-times" />, value: request.printCount > 1 ? request.printCount : undefined },
            { name: <T k="desk.code-until" />, value: request.codeExpiresAt ? <Moment value={request.codeExpiresAt} /> : undefined },
          ]}
        />
        {open ? <CandidateChoice name={`resident-${request.id}`} candidates={request.candidates} value={resident} onChange={setResident} missing={missing} /> : null}
        <div className="mu-row">
          {open && request.candidates.length > 0 ? (
            <Button busy={busy} onClick={() => void act('approve')}>
              <T k="desk.approve-letter" />
            </Button>
          ) : null}
          {request.status === 'printed' || returned ? (
            <Button busy={busy} icon={<Icon name="print" />} onClick={() => void again()}>
              <T k="desk.print-again" />
            </Button>
          ) : null}
          {open || returned ? <RejectButton path={`/api/v1/staff/letters/${request.id}/reject`} reasons={reasons} onDone={onDone} /> : null}
          {request.status === 'printed' ? (
            <Button look="secondary" busy={busy} onClick={() => void act('returned')}>
              <T k="desk.letter-returned" />
            </Button>
          ) : null}
        </div>
        {request.status === 'printed' || returned ? <p className="mu-sub"><T k={returned ? 'desk.returned-about' : 'desk.print-again-about'} /></p> : null}
      </div>
    </Card>
  );
}

/** Approved requests are printed together; printing makes the passcodes, so a letter exists exactly once. */
function PrintList({ items, onDone }: { items: readonly LetterRequest[]; onDone: () => void }): ReactNode {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(items.map((item) => item.id)));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const print = async () => {
    setBusy(true);
    const failed = await download('/api/v1/staff/letters/print', `letters-${chosen.size}.pdf`, { ids: [...chosen] });
    setBusy(false);
    setProblem(failed);
    if (!failed) onDone();
  };
  const toggle = (id: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  return (
    <Card title={<T k="desk.print-letters" />}>
      <div className="mu-stack">
        {problem ? <ProblemNotice problem={problem} /> : null}
        {items.map((item) => (
          <Checkbox key={item.id} name={`print-${item.id}`} label={item.name} hint={addressOf(item)} checked={chosen.has(item.id)} onChange={(on) => toggle(item.id, on)} />
        ))}
        <Button busy={busy} icon={<Icon name="print" />} onClick={() => (chosen.size > 0 ? void print() : undefined)} attributes={{ 'aria-disabled': chosen.size === 0 }}>
          <T k="desk.print-count" count={chosen.size} />
        </Button>
        <p className="mu-sub">
          <T k="desk.print-about" />
        </p>
      </div>
    </Card>
  );
}

export function Letters(): ReactNode {
  const t = useText();
  const [status, setStatus] = useState<Status>('new');
  const { said, toast } = useSaid();
  const queue = useResource<Items<LetterRequest>>(`/api/v1/staff/letters?status=${status}`);
  const done = () => {
    said();
    void queue.reload();
  };
  return (
    <Page title={t('desk.letters')} back={{ href: '/console', label: <T k="desk.today" /> }} wide>
      <Segmented name="status" legend={<T k="desk.status" />} value={status} onChange={(value) => setStatus(value as Status)} options={statuses.map((value) => ({ value, label: <T k={`desk.letter-status.${value}`} /> }))} />
      <Loaded resource={queue}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing><T k="desk.nothing-waits" /></Nothing>
          ) : status === 'approved' ? (
            <PrintList key={items.map((item) => item.id).join()} items={items} onDone={done} />
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
