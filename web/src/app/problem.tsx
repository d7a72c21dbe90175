// Errors in four parts: what happened, whether what was entered is safe, what to do now, the number to tell us.
import { useEffect, useRef, type ReactNode } from 'react';
import type { Problem } from '@/api/client';
import { Button } from '@/components/button/button';
import groups from '@/errors/groups.json';
import { Icon } from '@/icons/icons';
import { optionalText, rawMessage } from '@/language/catalogue';
import { formatInstant } from '@/language/dates';
import { DataText, T, usePreferences, useText } from '@/language/text';
import { useSession } from './session';
import './problem.css';

const groupOf: Readonly<Record<string, string>> = groups;

/** The name under which the texts of a code stand: its own, its group's, or the one for the unknown. */
export function textNameOf(code: string): string {
  if (rawMessage(`error:${code}:what`) !== undefined) return code;
  const group = groupOf[code];
  if (group !== undefined && rawMessage(`error:${group}:what`) !== undefined) return group;
  const area = `${code.split('.')[0]}.*`;
  return rawMessage(`error:${area}:what`) !== undefined ? area : 'unknown';
}

export interface ProblemNoticeProps {
  problem: Problem;
  onRetry?: () => void;
  retryLabel?: ReactNode;
  /** Nothing was being entered: the second part then says that nothing was changed. */
  reading?: boolean;
  children?: ReactNode;
}

export function ProblemNotice({ problem, onRetry, retryLabel, reading, children }: ProblemNoticeProps): ReactNode {
  useText();
  const reader = usePreferences();
  const { session } = useSession();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), [problem]);
  const name = textNameOf(problem.code);
  const values: Record<string, string | number> = { ...problem.params };
  for (const [key, value] of Object.entries(values)) {
    if (/At$|^until$/.test(key) && typeof value === 'string') values[key] = formatInstant(value, reader);
    if (key === 'reason') values[key] = optionalText(`reason:${value}`) ?? value;
  }
  const signIn = ['auth.sign-in-required', 'auth.session-expired', 'auth.step-up-required'].includes(problem.code);
  return (
    <div className="mu-problem" role="alert" tabIndex={-1} ref={box} data-code={problem.code}>
      <h2 className="mu-problem__what">
        <Icon name="warning" />
        <span>
          <DataText name={`error:${name}:what`} values={values} />
        </span>
      </h2>
      <p>
        <DataText
          name={`error:${name}:safe`}
          values={values}
          fallback={<T k={reading ? 'app.problem.nothing-changed' : 'app.problem.safe'} />}
        />
      </p>
      <p className="mu-problem__do">
        <DataText name={`error:${name}:do`} values={values} />
      </p>
      {children}
      <div className="mu-actions">
        {signIn ? (
          <Button href={`${location.pathname.startsWith('/console') ? '/console/login' : '/login'}?back=${encodeURIComponent(location.pathname)}`}>
            <T k="app.sign-in" />
          </Button>
        ) : null}
        {onRetry && !signIn ? (
          <Button look="secondary" onClick={onRetry}>
            {retryLabel ?? <T k="app.try-again" />}
          </Button>
        ) : null}
      </div>
      <p className="mu-problem__number">
        <span>
          <T k="app.problem.number" />
        </span>
        <span className="mu-code">{problem.requestId ? `${problem.code} / ${problem.requestId}` : problem.code}</span>
        {session?.municipality?.telephone ? (
          <span>
            <T k="app.problem.telephone" telephone={session.municipality.telephone} hours={session.municipality.hours} />
          </span>
        ) : null}
      </p>
    </div>
  );
}

/** The text for one field of a refused request. */
export function fieldText(code: string): string {
  return optionalText(`field:${code}`) ?? optionalText('field:wrong') ?? code;
}

export function fieldErrors(problem: Problem | null, names: Readonly<Record<string, string>> = {}): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const field of problem?.fields ?? []) {
    const path = field.path.replace(/^\//, '');
    errors[names[path] ?? path] = fieldText(field.code);
  }
  return errors;
}
