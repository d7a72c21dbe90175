import { useState, type ReactNode } from 'react';
import { post, type Answer, type Problem } from '@/api/client';
import type { Session } from '@/api/types';
import { CardReading } from '@/app/card_reading/card_reading';
import { Page } from '@/app/page';
import { passkeysPossible, signInByPasskey } from '@/app/passkey';
import { fieldText, ProblemNotice } from '@/app/problem';
import { go, safeReturn } from '@/app/routing';
import { loadSession } from '@/app/session';
import { Button } from '@/components/button/button';
import { Card } from '@/components/card/card';
import { Checkbox } from '@/components/checkbox/checkbox';
import { Field } from '@/components/field/field';
import { Link } from '@/components/link/link';
import { Icon } from '@/icons/icons';
import { T, useText } from '@/language/text';

async function enter(answer: Answer<Session>): Promise<Problem | null> {
  if (!answer.ok) return answer.problem;
  await loadSession();
  go(safeReturn(new URLSearchParams(location.search).get('back'), '/home'));
  return null;
}

export function SignIn(): ReactNode {
  const t = useText();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const search = typeof location === 'undefined' ? '' : location.search;
  const passkey = async (reopen = false) => {
    setBusy(true);
    setProblem(null);
    const failed = await enter(await signInByPasskey(reopen));
    setBusy(false);
    setProblem(failed);
  };
  return (
    <Page title={t('login.title')} heading={<T k="login.title" />}>
      {problem ? (
        <ProblemNotice problem={problem} {...(problem.code === 'passkey.not-possible' ? {} : { onRetry: () => void passkey() })} reading>
          {problem.code === 'login.account-closed' ? (
            <Button busy={busy} onClick={() => void passkey(true)}>
              <T k="login.reopen" />
            </Button>
          ) : null}
        </ProblemNotice>
      ) : null}
      <Card title={<T k="login.passkey.title" />}>
        <p>
          <T k="login.passkey.lead" />
        </p>
        <div className="mu-actions">
          {passkeysPossible() ? (
            <Button size="main" icon={<Icon name="key" />} busy={busy} onClick={() => void passkey()}>
              <T k="login.passkey" />
            </Button>
          ) : (
            <p className="mu-sub">
              <T k="login.passkey.not-here" />
            </p>
          )}
        </div>
      </Card>
      <Card title={<T k="login.card.title" />}>
        <p>
          <T k="login.card.lead" />
        </p>
        <div className="mu-actions">
          <Button look="secondary" size="main" icon={<Icon name="card" />} href={`/login/card${search}`}>
            <T k="login.card" />
          </Button>
        </div>
      </Card>
      <div>
        <p>
          <Link href={`/login/password${search}`} standing>
            <T k="login.password" />
          </Link>
        </p>
        <p>
          <Link href="/start" standing>
            <T k="login.register" />
          </Link>
        </p>
        <p>
          <Link href="/lost-card" standing>
            <T k="login.lost-card" />
          </Link>
        </p>
      </div>
    </Page>
  );
}

export function CardSignIn(): ReactNode {
  const t = useText();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [reopen, setReopen] = useState(false);
  return (
    <Page title={t('login.card.title')} heading={<T k="login.card.title" />} back={{ href: `/login${location.search}`, label: <T k="login.title" /> }}>
      <CardReading
        method="authenticate"
        challengePath="/api/v1/login/card/challenge"
        onSigned={async (signed) => {
          const failed = await enter(await post<Session>('/api/v1/login/card', { ...signed, ...(reopen ? { reopen } : {}) }));
          setProblem(failed);
          return failed;
        }}
        otherWays={
          <>
          {problem?.code === 'login.account-closed' ? <Checkbox name="reopen" label={<T k="login.reopen" />} hint={<T k="login.reopen.card" />} checked={reopen} onChange={setReopen} /> : null}
          {problem?.code === 'login.certificate-unknown' ? (
            <div className="mu-actions">
              <Button href="/start">
                <T k="login.register" />
              </Button>
            </div>
          ) : null}
          <p>
            <Link href="/login" standing>
              <T k="login.other" />
            </Link>
          </p>
          </>
        }
      />
    </Page>
  );
}

export function PasswordSignIn(): ReactNode {
  const t = useText();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [passcode, setPasscode] = useState('');
  const [sent, setSent] = useState(false);
  const [error, setError] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const first = async () => {
    const found: Record<string, string> = {};
    if (email.trim() === '') found.email = fieldText('required');
    if (password === '') found.password = fieldText('required');
    setError(found);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    const answer = await post('/api/v1/login/password', { email: email.trim(), password });
    setBusy(false);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) setSent(true);
  };
  const second = async (reopen = false) => {
    const digits = passcode.normalize('NFKC').replace(/\D/g, '');
    if (digits.length !== 6) return setError({ passcode: fieldText('wrong') });
    setError({});
    setBusy(true);
    const failed = await enter(await post<Session>('/api/v1/login/password/passcode', { passcode: digits, ...(reopen ? { reopen } : {}) }));
    setBusy(false);
    setProblem(failed);
  };
  return (
    <Page title={t('login.password')} heading={<T k="login.password" />} back={{ href: '/login', label: <T k="login.title" /> }}>
      <form
        className="mu-stack mu-stack--wide"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void (sent ? second() : first());
        }}
      >
        <p>{sent ? <T k="login.passcode-sent" email={email.trim()} /> : <T k="login.password.lead" />}</p>
        {problem ? (
          <ProblemNotice problem={problem}>
            {problem.code === 'login.account-closed' ? (
              <Button busy={busy} onClick={() => void second(true)}>
                <T k="login.reopen" />
              </Button>
            ) : null}
          </ProblemNotice>
        ) : null}
        {sent ? (
          <Field name="passcode" label={<T k="login.passcode" />} width="code" inputMode="numeric" autoComplete="one-time-code" maxLength={12} value={passcode} error={error.passcode} onChange={setPasscode} />
        ) : (
          <>
            <Field name="email" type="email" inputMode="email" autoComplete="username" label={<T k="common.email" />} maxLength={254} value={email} error={error.email} onChange={setEmail} />
            <Field name="password" type="password" autoComplete="current-password" label={<T k="login.portal-password" />} maxLength={128} value={password} error={error.password} onChange={setPassword} />
          </>
        )}
        <div className="mu-actions">
          <Button type="submit" size="main" busy={busy}>
            <T k={sent ? 'app.sign-in' : 'common.next'} />
          </Button>
          {sent ? (
            <Button look="quiet" onClick={() => setSent(false)}>
              <T k="common.back" />
            </Button>
          ) : null}
        </div>
      </form>
    </Page>
  );
}
