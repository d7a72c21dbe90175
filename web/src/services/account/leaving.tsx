// Taking everything along, and closing the account.
import { useEffect, useState, type ReactNode } from 'react';
import { post, type Problem } from '@/api/client';
import type { Me } from '@/api/types';
import { download } from '@/app/download';
import { Page } from '@/app/page';
import { ProblemNotice } from '@/app/problem';
import { Loaded, useResource } from '@/app/resource';
import { go } from '@/app/routing';
import { Banner } from '@/components/banner/banner';
import { Button } from '@/components/button/button';
import { Card } from '@/components/card/card';
import { Checkbox } from '@/components/checkbox/checkbox';
import { Icon } from '@/icons/icons';
import { formatInstant, todayInJapan } from '@/language/dates';
import { T, usePreferences, useText } from '@/language/text';
import { signOut } from './sign_out';

const back = { href: '/settings', label: <T k="settings.title" /> };

export function ExportPage(): ReactNode {
  const t = useText();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState<'json' | 'pdf' | null>(null);
  const take = async (kind: 'json' | 'pdf') => {
    setBusy(kind);
    const failed = await download(`/api/v1/me/export.${kind}`, `musubi-${todayInJapan(new Date())}.${kind}`);
    setBusy(null);
    setProblem(failed);
  };
  return (
    <Page title={t('settings.export')} heading={<T k="settings.export" />} back={back}>
      <p>
        <T k="export.lead" />
      </p>
      {problem ? <ProblemNotice problem={problem} reading /> : null}
      <Card title={<T k="export.pdf.title" />}>
        <p>
          <T k="export.pdf.about" />
        </p>
        <div className="mu-actions">
          <Button icon={<Icon name="download" />} busy={busy === 'pdf'} onClick={() => void take('pdf')}>
            <T k="export.pdf" />
          </Button>
        </div>
      </Card>
      <Card title={<T k="export.json.title" />}>
        <p>
          <T k="export.json.about" />
        </p>
        <div className="mu-actions">
          <Button look="secondary" icon={<Icon name="download" />} busy={busy === 'json'} onClick={() => void take('json')}>
            <T k="export.json" />
          </Button>
        </div>
      </Card>
    </Page>
  );
}

export function CloseAccount(): ReactNode {
  const t = useText();
  const reader = usePreferences();
  const me = useResource<Me>('/api/v1/me');
  const [sure, setSure] = useState(false);
  const [error, setError] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const close = async () => {
    if (!sure) return setError(true);
    setBusy(true);
    const answer = await post<Me>('/api/v1/me/close');
    setBusy(false);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) me.change(() => answer.data);
  };
  const reopen = async () => {
    setBusy(true);
    const answer = await post<Me>('/api/v1/me/reopen');
    setBusy(false);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) go('/home');
  };
  useEffect(() => {
    if (sure) setError(false);
  }, [sure]);
  return (
    <Page title={t('settings.close')} heading={<T k="settings.close" />} back={back}>
      {problem ? <ProblemNotice problem={problem} reading /> : null}
      <Loaded resource={me}>
        {({ closing }) =>
          closing ? (
            <>
              <Banner kind="ok" title={<T k="close.done" />} announced>
                <T k="close.done.until" date={formatInstant(closing.eraseAt, reader)} />
              </Banner>
              <div className="mu-actions">
                <Button look="secondary" icon={<Icon name="undo" />} busy={busy} onClick={() => void reopen()}>
                  <T k="close.undo" />
                </Button>
                <Button look="quiet" onClick={() => void signOut()}>
                  <T k="app.sign-out" />
                </Button>
              </div>
            </>
          ) : (
            <>
              <Card title={<T k="close.what" />}>
                <ul className="mu-stack mu-stack--tight">
                  {(['close.1', 'close.2', 'close.3'] as const).map((key) => (
                    <li key={key}>
                      <T k={key} />
                    </li>
                  ))}
                </ul>
              </Card>
              <p>
                <a className="mu-plain-target" href="/settings/export">
                  <T k="close.export-first" />
                </a>
              </p>
              <Checkbox name="sure" label={<T k="close.sure" />} checked={sure} error={error ? <T k="close.sure-first" /> : null} onChange={setSure} />
              <div className="mu-actions">
                <Button look="danger" busy={busy} onClick={() => void close()}>
                  <T k="close.do" />
                </Button>
              </div>
            </>
          )
        }
      </Loaded>
    </Page>
  );
}
