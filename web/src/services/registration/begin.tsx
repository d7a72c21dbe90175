import { useEffect, useState, type ReactNode } from 'react';
import { post, type Problem } from '@/api/client';
import type { Registration } from '@/api/types';
import { Page } from '@/app/page';
import { fieldText, ProblemNotice } from '@/app/problem';
import { Skeleton } from '@/app/resource';
import { Banner } from '@/components/banner/banner';
import { Button } from '@/components/button/button';
import { Card } from '@/components/card/card';
import { ErrorSummary } from '@/components/error_summary/error_summary';
import { Field } from '@/components/field/field';
import { Link } from '@/components/link/link';
import { Steps } from '@/components/steps/steps';
import { preferences } from '@/language/preferences';
import { T, useText } from '@/language/text';
import { useSession } from '@/app/session';
import { follow } from './flow';
import { useDraft } from './frame';

export function looksLikeMail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text.normalize('NFKC').trim());
}

export function Begin(): ReactNode {
  const t = useText();
  const { session } = useSession();
  const [form, change] = useDraft('begin', { email: '' });
  const [error, setError] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [sent, setSent] = useState(false);
  const send = async () => {
    const email = form.email.normalize('NFKC').trim();
    if (!looksLikeMail(email)) return setError(fieldText('email-malformed'));
    setError(null);
    setBusy(true);
    const answer = await post('/api/v1/registrations', { email, language: preferences().language });
    setBusy(false);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) setSent(true);
  };
  if (sent) {
    return (
      <Page title={t('start.sent.title')} heading={<T k="start.sent.title" />}>
        <Steps current={0} names={[<T key="a" k="start.step.mail" />, '', '', '', '', '', '']} />
        <Banner kind="ok" title={<T k="start.sent.to" email={form.email.trim()} />} announced>
          <p>
            <T k="start.sent.what" />
          </p>
        </Banner>
        <p>
          <T k="start.sent.any-device" />
        </p>
        {session?.demo ? (
          <Banner kind="info" title={<T k="start.sent.demo" />}>
            <Link href={`http://${location.hostname}:8025/`} opens="new-window" standing>
              <T k="start.sent.demo-mail" />
            </Link>
          </Banner>
        ) : null}
        <div className="mu-actions">
          <Button look="secondary" busy={busy} onClick={() => void send()}>
            <T k="start.sent.again" />
          </Button>
          <Button look="quiet" onClick={() => setSent(false)}>
            <T k="start.sent.other" />
          </Button>
        </div>
        {problem ? <ProblemNotice problem={problem} onRetry={() => void send()} /> : null}
      </Page>
    );
  }
  return (
    <Page title={t('start.title')} heading={<T k="start.title" />}>
      <p>
        <T k="start.lead" />
      </p>
      <ErrorSummary items={error ? [{ field: 'email', text: error }] : []} />
      {problem ? <ProblemNotice problem={problem} onRetry={() => void send()} /> : null}
      <form
        className="mu-stack mu-stack--wide"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Field
          name="email"
          type="email"
          label={<T k="common.email" />}
          hint={<T k="start.mail-hint" />}
          value={form.email}
          error={error}
          need="required"
          autoComplete="email"
          inputMode="email"
          maxLength={254}
          spellCheck={false}
          onChange={(email) => change({ email })}
        />
        <div className="mu-actions">
          <Button type="submit" size="main" busy={busy}>
            <T k="start.send-link" />
          </Button>
        </div>
      </form>
      <Card title={<T k="start.need.title" />}>
        <ul className="mu-stack mu-stack--tight">
          {(['start.need.1', 'start.need.2', 'start.need.3'] as const).map((key) => (
            <li key={key}>
              <T k={key} />
            </li>
          ))}
        </ul>
        <p>
          <T k="start.need.without" />
        </p>
      </Card>
      <p>
        <Link href="/login" standing>
          <T k="start.have-account" />
        </Link>
      </p>
    </Page>
  );
}

/** The page behind the link of the mail, on whichever device it is opened. */
export function Resume({ token }: { token: string }): ReactNode {
  const t = useText();
  const [problem, setProblem] = useState<Problem | null>(null);
  const open = async () => {
    setProblem(null);
    setProblem(follow(await post<Registration>('/api/v1/registrations/resume', { token })));
  };
  useEffect(() => void open(), [token]);
  const completed = problem?.code === 'registration.already-completed';
  const again = problem !== null && (problem.status === 0 || problem.status >= 500 || problem.code === 'request.too-many');
  return (
    <Page title={t('start.resume.title')} heading={<T k="start.resume.title" />}>
      {problem ? (
        <ProblemNotice problem={problem} {...(again ? { onRetry: () => void open() } : {})}>
          <div className="mu-actions">
            <Button href={completed ? '/login' : '/start'}>
              <T k={completed ? 'app.sign-in' : 'start.enter-mail'} />
            </Button>
          </div>
        </ProblemNotice>
      ) : (
        <Skeleton />
      )}
    </Page>
  );
}
