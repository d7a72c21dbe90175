import { useState, type FormEvent, type ReactNode } from 'react';
import { post, type Answer, type Problem } from '@/api/client';
import type { Session } from '@/api/types';
import { Page } from '@/app/page';
import { createCredential, getCredential } from '@/app/passkey';
import { ProblemNotice } from '@/app/problem';
import { go, safeReturn } from '@/app/routing';
import { loadSession } from '@/app/session';
import { Banner } from '@/components/banner/banner';
import { Button } from '@/components/button/button';
import { Field } from '@/components/field/field';
import { T, useText } from '@/language/text';

interface FirstStep {
  next: 'passkey' | 'passkey-setup';
  publicKey: Record<string, unknown>;
}

/** Account and password first, then the passkey of this member of staff; the very first time the passkey is made. */
export function StaffSignIn(): ReactNode {
  const t = useText();
  const [account, setAccount] = useState('');
  const [password, setPassword] = useState('');
  const [first, setFirst] = useState<FirstStep | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  const finish = async (step: FirstStep) => {
    setBusy(true);
    setProblem(null);
    const credential = step.next === 'passkey' ? await getCredential(step.publicKey) : await createCredential(step.publicKey);
    const path = `/api/v1/staff/login/${step.next}`;
    const answer: Answer<Session> = credential.ok ? await post<Session>(path, { credential: credential.data }) : credential;
    setBusy(false);
    if (!answer.ok) {
      setProblem(answer.problem);
      // The challenge is used up: the password has to be given again.
      if (answer.problem.status !== 0) setFirst(null);
      return;
    }
    const back = safeReturn(new URLSearchParams(location.search).get('back'), '/console');
    await loadSession();
    go(back, { replace: true });
  };

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    const answer = await post<FirstStep>('/api/v1/staff/login', { account, password });
    setBusy(false);
    if (!answer.ok) {
      setProblem(answer.problem);
      return;
    }
    setPassword('');
    setFirst(answer.data);
    if (answer.data.next === 'passkey') await finish(answer.data);
  };

  return (
    <Page title={t('desk.sign-in')}>
      {problem ? <ProblemNotice problem={problem} /> : null}
      {first ? (
        <div className="mu-stack">
          <Banner kind="info" title={<T k={first.next === 'passkey' ? 'desk.passkey-touch' : 'desk.passkey-make'} />}>
            <T k={first.next === 'passkey' ? 'desk.passkey-touch-about' : 'desk.passkey-make-about'} />
          </Banner>
          <Button size="main" busy={busy} onClick={() => void finish(first)}>
            <T k={first.next === 'passkey' ? 'desk.passkey-use' : 'desk.passkey-create'} />
          </Button>
        </div>
      ) : (
        <form className="mu-stack" onSubmit={(event) => void submit(event)}>
          <Field name="account" label={<T k="desk.account" />} value={account} onChange={setAccount} autoComplete="username" spellCheck={false} />
          <Field name="password" label={<T k="desk.password" />} type="password" value={password} onChange={setPassword} autoComplete="current-password" />
          <Button type="submit" size="main" busy={busy}>
            <T k="desk.sign-in" />
          </Button>
        </form>
      )}
    </Page>
  );
}
