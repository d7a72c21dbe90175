// Small pieces that several console pages share.
import { useState, type ReactNode } from 'react';
import { post, type Problem } from '@/api/client';
import { ProblemNotice } from '@/app/problem';
import { Button } from '@/components/button/button';
import { Dialog } from '@/components/dialog/dialog';
import { RadioGroup } from '@/components/radio/radio';
import { Toast } from '@/components/toast/toast';
import { formatDate, formatInstant } from '@/language/dates';
import { DataText, T, usePreferences, useText } from '@/language/text';
import type { Resident } from './types';

export function Day({ value }: { value: string }): ReactNode {
  return <>{formatDate(value, usePreferences())}</>;
}

export function Moment({ value }: { value: string }): ReactNode {
  return <>{formatInstant(value, usePreferences())}</>;
}

export function Facts({ rows }: { rows: readonly { name: ReactNode; value: ReactNode }[] }): ReactNode {
  return (
    <dl className="mu-facts">
      {rows
        .filter((row) => row.value !== undefined && row.value !== '')
        .map((row, index) => (
          <div key={index}>
            <dt>{row.name}</dt>
            <dd>{row.value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** Which person of the register a request is about; decided by a person, never silently. */
export function CandidateChoice(props: { name: string; candidates: readonly Resident[]; value: string | null; onChange: (id: string) => void; missing: boolean }): ReactNode {
  const reader = usePreferences();
  if (props.candidates.length === 0) {
    return (
      <p>
        <T k="desk.no-candidate" />
      </p>
    );
  }
  return (
    <RadioGroup
      name={props.name}
      legend={<T k="desk.who-is-it" />}
      value={props.value}
      onChange={props.onChange}
      error={props.missing && props.value === null ? <T k="desk.choose-resident" /> : undefined}
      options={props.candidates.map((resident) => ({
        value: resident.id,
        label: resident.kana ? `${resident.name}（${resident.kana}）` : resident.name,
        hint: `${formatDate(resident.birthDate, reader)}　${resident.address}`,
      }))}
    />
  );
}

/** Refusing always asks for the reason: the person is told it. */
export function RejectButton(props: { path: string; reasons: readonly string[]; onDone: () => void }): ReactNode {
  const t = useText();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState<string | null>(null);
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const reject = async () => {
    setMissing(reason === null);
    if (reason === null) return;
    setBusy(true);
    const answer = await post(props.path, { reason });
    setBusy(false);
    if (!answer.ok) {
      setProblem(answer.problem);
      return;
    }
    setOpen(false);
    props.onDone();
  };
  return (
    <>
      <Button look="secondary" onClick={() => setOpen(true)}>
        <T k="desk.reject" />
      </Button>
      <Dialog
        title={<T k="desk.reject" />}
        open={open}
        onClose={() => setOpen(false)}
        actions={
          <Button look="danger" busy={busy} onClick={() => void reject()}>
            <T k="desk.reject-send" />
          </Button>
        }
      >
        {problem ? <ProblemNotice problem={problem} /> : null}
        <RadioGroup
          name="reason"
          legend={t('desk.reject-why')}
          value={reason}
          onChange={setReason}
          error={missing && reason === null ? <T k="desk.choose-reason" /> : undefined}
          options={props.reasons.map((value) => ({ value, label: <DataText name={`desk.reason.${value}`} fallback={value} /> }))}
        />
      </Dialog>
    </>
  );
}

/** A queue's page says what was done, since the card it was done to is gone. */
export function useSaid(): { said: () => void; toast: ReactNode } {
  const [times, setTimes] = useState(0);
  return {
    said: () => setTimes((old) => old + 1),
    toast: times > 0 ? <Toast key={times} onGone={() => setTimes(0)}><T k="desk.saved" /></Toast> : null,
  };
}

export function Nothing({ children }: { children: ReactNode }): ReactNode {
  return <p className="mu-sub">{children}</p>;
}
