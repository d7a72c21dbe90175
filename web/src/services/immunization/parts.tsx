// What the parts of the vaccination pages share: names with readings, reasons, states, choosing vaccines.
import { useState, type ReactNode } from 'react';
import type { ImmunizationReason, ImmunizationVaccine } from '@/api/types';
import { Chip } from '@/components/chip/chip';
import { formatDate } from '@/language/dates';
import { plainMessage } from '@/language/message';
import { renderMessage, T, usePreferences } from '@/language/text';

export type State = ImmunizationVaccine['state'];

/** Names come from the city's rules, with their readings. */
export function Name({ of }: { of: string }): ReactNode {
  return <>{renderMessage(of)}</>;
}

export function plainName(name: string): string {
  return plainMessage(name);
}

export function DoseName({ name, number }: { name: string; number: number | undefined }): ReactNode {
  return number === undefined ? <Name of={name} /> : <T k="immunization.dose" name={<Name of={name} />} number={number} />;
}

/** The server's sentence, with dates in the reader's own calendar, and the law behind it. */
export function Reasons({ of }: { of: readonly ImmunizationReason[] }): ReactNode {
  const reader = usePreferences();
  if (of.length === 0) return null;
  return (
    <ul className="mu-immunization-reasons">
      {of.map((reason, index) => (
        <li key={index}>
          {renderMessage(reason.text, {
            from: reason.from ? formatDate(reason.from, reader) : null,
            to: reason.to ? formatDate(reason.to, reader) : null,
            basis: reason.basis ? formatDate(reason.basis, reader) : null,
          })}
          {reason.citation ? (
            <span className="mu-sub">
              {' '}
              <T k="immunization.rests-on" law={reason.citation} />
            </span>
          ) : null}
        </li>
      ))}
    </ul>
  );
}

export function StateChip({ state }: { state: State }): ReactNode {
  const words = <T k={`immunization.state.${state}`} />;
  if (state === 'complete') return <Chip kind="ok" icon="check">{words}</Chip>;
  if (state === 'overdue') return <Chip kind="soon" icon="clock">{words}</Chip>;
  if (state === 'due') return <Chip kind="primary" icon="syringe">{words}</Chip>;
  return <Chip>{words}</Chip>;
}

const order: readonly State[] = ['overdue', 'due', 'possible', 'later', 'missed', 'complete', 'not-for-person'];

/** What is most pressing first, then by day. */
export function byUrgency(one: ImmunizationVaccine, other: ImmunizationVaccine): number {
  const states = order.indexOf(one.state) - order.indexOf(other.state);
  return states || (one.next[0]?.recommended ?? '9999').localeCompare(other.next[0]?.recommended ?? '9999');
}

export function isOpen(vaccine: ImmunizationVaccine): boolean {
  return vaccine.next.length > 0;
}

export function isNow(vaccine: ImmunizationVaccine): boolean {
  return vaccine.category !== 'voluntary' && (vaccine.state === 'overdue' || vaccine.state === 'due');
}

/** Closed until touched; what is inside is only made then, so that a long page opens fast on an old phone. */
export function Opened({ className, summary, children }: { className: string; summary: ReactNode; children: () => ReactNode }): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <details className={className} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{summary}</summary>
      {open ? children() : null}
    </details>
  );
}
