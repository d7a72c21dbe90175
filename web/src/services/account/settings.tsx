import { useState, type ReactNode } from 'react';
import { patch, post, remove, type Problem } from '@/api/client';
import type { Device, Items, Me, Passkey } from '@/api/types';
import { DisplaySettings } from '@/app/display_settings';
import { Page } from '@/app/page';
import { addPasskey, deviceName, passkeysPossible } from '@/app/passkey';
import { fieldErrors, fieldText, ProblemNotice } from '@/app/problem';
import { Loaded, useResource } from '@/app/resource';
import { Banner } from '@/components/banner/banner';
import { Button } from '@/components/button/button';
import { Card } from '@/components/card/card';
import { Chip } from '@/components/chip/chip';
import { Dialog } from '@/components/dialog/dialog';
import { Field } from '@/components/field/field';
import { List } from '@/components/list/list';
import { Icon } from '@/icons/icons';
import { optionalText } from '@/language/catalogue';
import { formatDate, formatInstant } from '@/language/dates';
import { T, usePreferences, useText } from '@/language/text';
import { signOut } from './sign_out';

export { CloseAccount, ExportPage } from './leaving';

const back = { href: '/settings', label: <T k="settings.title" /> };

export function Settings(): ReactNode {
  const t = useText();
  return (
    <Page title={t('settings.title')} heading={<T k="settings.title" />}>
      <List
        rows={[
          { key: 'details', title: <T k="settings.details" />, about: <T k="settings.details.about" />, href: '/settings/details', icon: <Icon name="person" /> },
          { key: 'display', title: <T k="settings.display" />, about: <T k="settings.display.about" />, href: '/settings/display', icon: <Icon name="text" /> },
          { key: 'passkeys', title: <T k="settings.passkeys" />, about: <T k="settings.passkeys.about" />, href: '/settings/passkeys', icon: <Icon name="key" /> },
          { key: 'devices', title: <T k="settings.devices" />, about: <T k="settings.devices.about" />, href: '/settings/devices', icon: <Icon name="phone" /> },
          { key: 'export', title: <T k="settings.export" />, about: <T k="settings.export.about" />, href: '/settings/export', icon: <Icon name="download" /> },
          { key: 'close', title: <T k="settings.close" />, about: <T k="settings.close.about" />, href: '/settings/close', icon: <Icon name="trash" /> },
        ]}
      />
      <div className="mu-actions">
        <Button look="secondary" icon={<Icon name="signOut" />} onClick={() => void signOut()}>
          <T k="app.sign-out" />
        </Button>
      </div>
    </Page>
  );
}

export function DisplayPage(): ReactNode {
  const t = useText();
  return (
    <Page title={t('settings.display')} heading={<T k="settings.display" />} back={back}>
      <Card>
        <DisplaySettings onLanguage={(language) => void patch('/api/v1/me', { language })} />
      </Card>
    </Page>
  );
}

export function Details(): ReactNode {
  const t = useText();
  const reader = usePreferences();
  const me = useResource<Me>('/api/v1/me');
  return (
    <Page title={t('settings.details')} heading={<T k="settings.details" />} back={back}>
      <Loaded resource={me}>
        {(data) => (
          <>
            <Card title={<T k="details.certified" />} aside={optionalText(`details.source:${data.person.source}`)}>
              <dl className="mu-facts">
                <div>
                  <dt>
                    <T k="common.name" />
                  </dt>
                  <dd>{data.person.name}</dd>
                </div>
                <div>
                  <dt>
                    <T k="common.birth-date" />
                  </dt>
                  <dd>{formatDate(data.person.birthDate, reader)}</dd>
                </div>
                <div>
                  <dt>
                    <T k="common.address" />
                  </dt>
                  <dd>{data.person.address}</dd>
                </div>
              </dl>
              <p className="mu-sub">
                {data.person.certifiedAt ? <T k="details.certified-at" date={formatInstant(data.person.certifiedAt, reader)} /> : null} <T k="details.certified-how" />
              </p>
            </Card>
            <TelephoneForm me={data} onSaved={() => void me.reload()} />
            <EmailForm me={data} onSaved={() => void me.reload()} />
            <PasswordForm me={data} onSaved={() => void me.reload()} />
            {data.certificates.length > 0 ? (
              <Card title={<T k="details.certificates" />}>
                <List
                  rows={data.certificates.map((certificate) => ({
                    key: certificate.type + certificate.serialSuffix,
                    icon: <Icon name="card" />,
                    title: optionalText(`details.certificate:${certificate.type}`) ?? certificate.type,
                    about: <T k="details.certificate.until" date={certificate.notAfter.length > 10 ? formatInstant(certificate.notAfter, reader) : formatDate(certificate.notAfter, reader)} serial={certificate.serialSuffix} />,
                    value: optionalText(`details.status:${certificate.status}`) ?? certificate.status,
                  }))}
                />
              </Card>
            ) : null}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function useSaving() {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState(false);
  const save = async (action: () => ReturnType<typeof post>, names?: Record<string, string>): Promise<boolean> => {
    setBusy(true);
    setDone(false);
    const answer = await action();
    setBusy(false);
    const failed = answer.ok ? null : answer.problem;
    const fields = fieldErrors(failed, names);
    setErrors(fields);
    setProblem(failed && Object.keys(fields).length === 0 ? failed : null);
    setDone(answer.ok);
    return answer.ok;
  };
  return { problem, errors, setErrors, busy, done, save };
}

function TelephoneForm({ me, onSaved }: { me: Me; onSaved: () => void }): ReactNode {
  const [telephone, setTelephone] = useState(me.telephone ?? '');
  const { problem, errors, busy, done, save } = useSaving();
  return (
    <Card title={<T k="common.telephone" />}>
      {problem ? <ProblemNotice problem={problem} /> : null}
      {done ? <Banner kind="ok" title={<T k="details.saved" />} announced /> : null}
      <form
        className="mu-stack"
        noValidate
        onSubmit={async (event) => {
          event.preventDefault();
          if (await save(() => patch('/api/v1/me', { telephone: telephone.normalize('NFKC').trim() }))) onSaved();
        }}
      >
        <Field name="telephone" type="tel" inputMode="tel" autoComplete="tel" label={<T k="common.telephone" />} maxLength={20} value={telephone} error={errors.telephone} onChange={setTelephone} />
        <div className="mu-actions">
          <Button type="submit" look="secondary" busy={busy}>
            <T k="common.save" />
          </Button>
        </div>
      </form>
    </Card>
  );
}

function EmailForm({ me, onSaved }: { me: Me; onSaved: () => void }): ReactNode {
  const [email, setEmail] = useState('');
  const [code, setCode] = useState('');
  const [asked, setAsked] = useState(false);
  const { problem, errors, busy, done, save } = useSaving();
  return (
    <Card title={<T k="common.email" />} aside={me.email}>
      {problem ? <ProblemNotice problem={problem} /> : null}
      {done && !asked ? <Banner kind="ok" title={<T k="details.saved" />} announced /> : null}
      <form
        className="mu-stack"
        noValidate
        onSubmit={async (event) => {
          event.preventDefault();
          if (!asked) {
            if (await save(() => post('/api/v1/me/email', { email: email.trim() }))) setAsked(true);
          } else if (await save(() => post('/api/v1/me/email/confirm', { code: code.normalize('NFKC').replace(/\s/g, '') }))) {
            setAsked(false);
            setEmail('');
            setCode('');
            onSaved();
          }
        }}
      >
        {asked ? (
          <>
            <p>
              <T k="details.email.sent" email={email.trim()} />
            </p>
            <Field name="code" width="code" inputMode="numeric" autoComplete="one-time-code" label={<T k="details.email.code" />} maxLength={12} value={code} error={errors.code} onChange={setCode} />
          </>
        ) : (
          <Field name="email" type="email" inputMode="email" autoComplete="email" label={<T k="details.email.new" />} maxLength={254} value={email} error={errors.email} onChange={setEmail} />
        )}
        <div className="mu-actions">
          <Button type="submit" look="secondary" busy={busy}>
            <T k={asked ? 'common.save' : 'details.email.send'} />
          </Button>
          {asked ? (
            <Button look="quiet" onClick={() => setAsked(false)}>
              <T k="common.cancel" />
            </Button>
          ) : null}
        </div>
      </form>
    </Card>
  );
}

function PasswordForm({ me, onSaved }: { me: Me; onSaved: () => void }): ReactNode {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const { problem, errors, setErrors, busy, done, save } = useSaving();
  return (
    <Card title={<T k="details.password" />} aside={<T k={me.hasPassword ? 'details.password.set' : 'details.password.none'} />}>
      {problem ? <ProblemNotice problem={problem} /> : null}
      {done ? <Banner kind="ok" title={<T k="details.saved" />} announced /> : null}
      <form
        className="mu-stack"
        noValidate
        onSubmit={async (event) => {
          event.preventDefault();
          if ([...next].length < 10) return setErrors({ new: fieldText('too-short') });
          if (await save(() => post('/api/v1/me/password', { ...(me.hasPassword ? { current } : {}), new: next }))) {
            setCurrent('');
            setNext('');
            onSaved();
          }
        }}
      >
        <input className="mu-hidden" type="text" autoComplete="username" value={me.email} readOnly tabIndex={-1} aria-hidden="true" />
        {me.hasPassword ? <Field name="current" type="password" autoComplete="current-password" label={<T k="details.password.current" />} maxLength={128} value={current} error={errors.current} onChange={setCurrent} /> : null}
        <Field name="new" type="password" autoComplete="new-password" label={<T k="details.password.new" />} hint={<T k="details.password.hint" />} maxLength={128} value={next} error={errors.new} onChange={setNext} />
        <div className="mu-actions">
          <Button type="submit" look="secondary" busy={busy}>
            <T k="common.save" />
          </Button>
        </div>
      </form>
    </Card>
  );
}

export function Passkeys(): ReactNode {
  const t = useText();
  const reader = usePreferences();
  const passkeys = useResource<Items<Passkey>>('/api/v1/passkeys');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [leaving, setLeaving] = useState<Passkey | null>(null);
  const add = async () => {
    setBusy(true);
    const answer = await addPasskey(deviceName(navigator.userAgent));
    setBusy(false);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) await passkeys.reload();
  };
  const take = async (passkey: Passkey) => {
    const answer = await remove(`/api/v1/passkeys/${passkey.id}`);
    setLeaving(null);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) await passkeys.reload();
  };
  return (
    <Page title={t('settings.passkeys')} heading={<T k="settings.passkeys" />} back={back}>
      <p>
        <T k="passkeys.lead" />
      </p>
      {problem ? <ProblemNotice problem={problem} reading /> : null}
      <Loaded resource={passkeys}>
        {({ items }) =>
          items.length === 0 ? (
            <Banner kind="info" title={<T k="passkeys.none" />} />
          ) : (
            <List
              rows={items.map((passkey) => ({
                key: passkey.id,
                icon: <Icon name="key" />,
                title: passkey.name,
                about: (
                  <>
                    <T k="passkeys.made" date={formatInstant(passkey.createdAt, reader)} />
                    {passkey.lastUsedAt ? (
                      <>
                        <br />
                        <T k="passkeys.used" date={formatInstant(passkey.lastUsedAt, reader)} />
                      </>
                    ) : null}
                  </>
                ),
                action: (
                  <Button look="quiet" onClick={() => setLeaving(passkey)} attributes={{ 'aria-label': t('passkeys.remove-this', { name: passkey.name }) }}>
                    <T k="passkeys.remove" />
                  </Button>
                ),
              }))}
            />
          )
        }
      </Loaded>
      {passkeysPossible() ? (
        <div className="mu-actions">
          <Button icon={<Icon name="plus" />} busy={busy} onClick={() => void add()}>
            <T k="passkeys.add" />
          </Button>
        </div>
      ) : null}
      <Dialog
        title={<T k="passkeys.remove.ask" name={leaving?.name ?? ''} />}
        open={leaving !== null}
        onClose={() => setLeaving(null)}
        actions={
          <>
            <Button look="danger" onClick={() => leaving && void take(leaving)}>
              <T k="passkeys.remove" />
            </Button>
            <Button look="secondary" onClick={() => setLeaving(null)}>
              <T k="common.cancel" />
            </Button>
          </>
        }
      >
        <p>
          <T k="passkeys.remove.what" />
        </p>
      </Dialog>
    </Page>
  );
}

export function Devices(): ReactNode {
  const t = useText();
  const reader = usePreferences();
  const devices = useResource<Items<Device>>('/api/v1/me/sessions');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [done, setDone] = useState(false);
  const end = async (action: Promise<{ ok: boolean; problem?: Problem }>) => {
    const answer = await action;
    setProblem(answer.ok ? null : (answer.problem ?? null));
    setDone(answer.ok);
    await devices.reload();
  };
  return (
    <Page title={t('settings.devices')} heading={<T k="settings.devices" />} back={back}>
      <p>
        <T k="devices.lead" />
      </p>
      {done ? <Banner kind="ok" title={<T k="devices.ended" />} announced /> : null}
      {problem ? <ProblemNotice problem={problem} reading /> : null}
      <Loaded resource={devices}>
        {({ items }) => (
          <>
            <List
              rows={items.map((device) => ({
                key: device.id,
                icon: <Icon name={/iPhone|Android/.test(device.device) ? 'phone' : 'computer'} />,
                title: device.device,
                about: (
                  <>
                    <T k="devices.since" date={formatInstant(device.signedInAt, reader)} />
                    <br />
                    <T k="devices.last" date={formatInstant(device.lastSeenAt, reader)} />
                  </>
                ),
                value: device.current ? (
                  <Chip kind="ok" icon="check">
                    <T k="devices.this" />
                  </Chip>
                ) : null,
                action: device.current ? null : (
                  <Button look="secondary" onClick={() => void end(remove(`/api/v1/me/sessions/${device.id}`))} attributes={{ 'aria-label': t('devices.end-this', { device: device.device }) }}>
                    <T k="devices.end" />
                  </Button>
                ),
              }))}
            />
            {items.length > 1 ? (
              <div className="mu-actions">
                <Button look="danger" onClick={() => void end(post('/api/v1/me/sessions/end-others'))}>
                  <T k="devices.end-others" />
                </Button>
              </div>
            ) : null}
          </>
        )}
      </Loaded>
    </Page>
  );
}
