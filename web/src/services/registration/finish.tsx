import '@/app/card_reading/card_picture.css';
import { useEffect, useState, type ReactNode } from 'react';
import { post, type Problem } from '@/api/client';
import type { Registration } from '@/api/types';
import { Page } from '@/app/page';
import { addPasskey, deviceName, passkeysPossible } from '@/app/passkey';
import { fieldErrors, fieldText, ProblemNotice } from '@/app/problem';
import { go } from '@/app/routing';
import { loadSession, useSession } from '@/app/session';
import { Banner } from '@/components/banner/banner';
import { Button } from '@/components/button/button';
import { Card } from '@/components/card/card';
import { Stamp } from '@/components/chip/chip';
import { ErrorSummary } from '@/components/error_summary/error_summary';
import { Field } from '@/components/field/field';
import { Link } from '@/components/link/link';
import { List } from '@/components/list/list';
import { Icon } from '@/icons/icons';
import { T, useText } from '@/language/text';
import { follow } from './flow';
import { StepPage, useDraft } from './frame';

export function looksLikeTelephone(text: string): boolean {
  return /^\+?[\d\-() ]{9,20}$/.test(text.normalize('NFKC').trim());
}

export function ContactStep(): ReactNode {
  const [form, change] = useDraft('contact', { telephone: '', password: '' });
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const send = async () => {
    const found: Record<string, string> = {};
    if (!looksLikeTelephone(form.telephone)) found.telephone = fieldText(form.telephone.trim() === '' ? 'required' : 'telephone-malformed');
    if (form.password !== '' && [...form.password].length < 10) found.password = fieldText('too-short');
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    const failed = follow(
      await post<Registration>('/api/v1/registration/contact', {
        telephone: form.telephone.normalize('NFKC').trim(),
        ...(form.password === '' ? {} : { password: form.password }),
      }),
    );
    setBusy(false);
    setProblem(failed);
    setErrors(fieldErrors(failed));
    if (!failed) change({ password: '' });
  };
  return (
    <StepPage path="/start/contact" step={5} title="start.contact.title">
      {(registration) => (
        <form
          className="mu-stack mu-stack--wide"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void send();
          }}
        >
          <input className="mu-hidden" type="text" autoComplete="username" value={registration.email} readOnly tabIndex={-1} aria-hidden="true" />
          <ErrorSummary items={Object.entries(errors).map(([field, text]) => ({ field, text }))} />
          {problem && Object.keys(errors).length === 0 ? <ProblemNotice problem={problem} onRetry={() => void send()} /> : null}
          <Field
            name="telephone"
            type="tel"
            inputMode="tel"
            autoComplete="tel"
            label={<T k="common.telephone" />}
            hint={<T k="start.contact.telephone.hint" />}
            need="required"
            maxLength={20}
            value={form.telephone}
            error={errors.telephone}
            onChange={(telephone) => change({ telephone })}
          />
          <Field
            name="password"
            type="password"
            autoComplete="new-password"
            label={<T k="start.contact.password" />}
            hint={<T k="start.contact.password.hint" />}
            need="optional"
            maxLength={128}
            value={form.password}
            error={errors.password}
            onChange={(password) => change({ password })}
          />
          <div className="mu-actions">
            <Button type="submit" size="main" busy={busy}>
              <T k="common.next" />
            </Button>
          </div>
        </form>
      )}
    </StepPage>
  );
}

export function PasscodeStep(): ReactNode {
  const { session } = useSession();
  const [passcode, setPasscode] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [resent, setResent] = useState(false);
  const send = async () => {
    const digits = passcode.normalize('NFKC').replace(/\D/g, '');
    if (digits.length !== 6) return setError(fieldText('wrong'));
    setError(null);
    setResent(false);
    setBusy(true);
    const answer = await post<Registration>('/api/v1/registration/passcode', { passcode: digits });
    if (answer.ok) await loadSession();
    setBusy(false);
    setProblem(follow(answer));
  };
  const resend = async () => {
    const answer = await post<Registration>('/api/v1/registration/passcode/resend');
    setProblem(answer.ok ? null : answer.problem);
    setResent(answer.ok);
    setPasscode('');
  };
  return (
    <StepPage path="/start/passcode" step={6} title="start.passcode.title">
      {(registration) => (
        <form
          className="mu-stack mu-stack--wide"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void send();
          }}
        >
          <p>
            <T k="start.passcode.lead" email={registration.email} />
          </p>
          {session?.demo ? (
            <Link href={`http://${location.hostname}:8025/`} opens="new-window" standing>
              <T k="start.sent.demo-mail" />
            </Link>
          ) : null}
          {resent ? <Banner kind="ok" title={<T k="start.passcode.resent" />} announced /> : null}
          {problem ? <ProblemNotice problem={problem} /> : null}
          <Field
            name="passcode"
            label={<T k="start.passcode.label" />}
            width="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={12}
            value={passcode}
            error={error}
            onChange={setPasscode}
          />
          <div className="mu-actions">
            <Button type="submit" size="main" busy={busy}>
              <T k="start.passcode.send" />
            </Button>
            <Button look="quiet" onClick={() => void resend()}>
              <T k="start.passcode.again" />
            </Button>
          </div>
        </form>
      )}
    </StepPage>
  );
}

export function PasskeyStep(): ReactNode {
  const t = useText();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => void loadSession(), []);
  const add = async () => {
    setBusy(true);
    setProblem(null);
    const answer = await addPasskey(deviceName(navigator.userAgent));
    setBusy(false);
    if (answer.ok) go('/start/done');
    else setProblem(answer.problem);
  };
  return (
    <Page title={t('start.passkey.title')} heading={<T k="start.passkey.title" />}>
      <Banner kind="ok" title={<T k="start.passkey.registered" />} />
      <div className="mu-hero">
        <svg viewBox="0 0 240 130" aria-hidden="true" focusable="false" className="mu-card-picture">
          <rect className="mu-card-picture__reader" x="86" y="8" width="68" height="114" rx="12" />
          <path className="mu-card-picture__wave" d="M108 78v-8a12 12 0 0124 0v14M114 86v-16a6 6 0 0112 0v10M120 92v-20M102 72a18 18 0 0136 0v8" />
          <circle className="mu-card-picture__face" cx="120" cy="32" r="8" />
        </svg>
      </div>
      <p>
        <T k="start.passkey.lead" />
      </p>
      {problem ? <ProblemNotice problem={problem} /> : null}
      <div className="mu-actions">
        {passkeysPossible() ? (
          <Button size="main" icon={<Icon name="key" />} busy={busy} onClick={() => void add()}>
            <T k="start.passkey.add" />
          </Button>
        ) : null}
        <Button look="secondary" href="/start/done">
          <T k="start.passkey.later" />
        </Button>
      </div>
    </Page>
  );
}

export function DoneStep(): ReactNode {
  const t = useText();
  const { session } = useSession();
  useEffect(() => void loadSession(), []);
  return (
    <Page title={t('start.done.title')} heading={<T k="start.done.title" />}>
      <Card>
        <div className="mu-row">
          <Stamp label={t('start.done.stamp')}>済</Stamp>
          <p>{session?.person ? <T k="start.done.welcome" name={session.person.name} /> : <T k="start.done.welcome-all" />}</p>
        </div>
      </Card>
      <List
        rows={[
          { key: 'record', title: <T k="start.done.record" />, about: <T k="start.done.record.about" />, href: '/home', icon: <Icon name="record" /> },
          { key: 'family', title: <T k="start.done.family" />, about: <T k="start.done.family.about" />, href: '/family', icon: <Icon name="people" /> },
          { key: 'settings', title: <T k="start.done.settings" />, about: <T k="start.done.settings.about" />, href: '/settings', icon: <Icon name="settings" /> },
        ]}
      />
    </Page>
  );
}
