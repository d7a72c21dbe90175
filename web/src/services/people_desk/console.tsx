import type { ReactNode } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { post } from '@/api/client';
import { Page } from '@/app/page';
import { ProblemNotice } from '@/app/problem';
import { Skeleton } from '@/app/resource';
import { go, safeReturn } from '@/app/routing';
import { loadSession, useSession } from '@/app/session';
import { Shell } from '@/app/shell';
import { Banner } from '@/components/banner/banner';
import { Button } from '@/components/button/button';
import { Icon } from '@/icons/icons';
import { T, useText } from '@/language/text';
import { Accounts } from './accounts';
import { areas } from './areas';
import { Audit } from './audit';
import { Companies, CompanyPage, CompanyRequests } from './companies';
import { FamilyRequests } from './family_requests';
import { Letters } from './letters';
import { Outbox } from './outbox';
import { People } from './people';
import { StaffSignIn } from './sign_in';
import { Today } from './today';

async function signOut(): Promise<void> {
  await post('/api/v1/logout');
  await loadSession();
  go('/console/login', { replace: true });
}

/** The server refuses what a role may not do; this only says so before the person starts. */
function Allowed({ path, children }: { path: string; children: ReactNode }): ReactNode {
  const t = useText();
  const held = useSession().session?.staff?.permissions ?? [];
  const area = areas.find((known) => path.startsWith(known.path));
  if (!area || held.includes(area.permission)) return <>{children}</>;
  return (
    <Page title={t(area.label)} back={{ href: '/console', label: <T k="desk.today" /> }}>
      <Banner kind="info" title={<T k="desk.not-your-role" />}><T k="desk.ask-administrator" /></Banner>
    </Page>
  );
}

function Pages({ further }: { further: readonly Further[] }): ReactNode {
  const t = useText();
  const { session, problem } = useSession();
  if (problem && !session) return <Page title={t('desk.console')}><ProblemNotice problem={problem} reading onRetry={() => void loadSession()} /></Page>;
  if (!session) return <main id="main"><Skeleton /></main>;
  if (session.kind !== 'staff') {
    return (
      <Switch>
        <Route path="/console/login"><StaffSignIn /></Route>
        <Route><Redirect to={`/console/login?back=${encodeURIComponent(location.pathname)}`} replace /></Route>
      </Switch>
    );
  }
  return (
    <Switch>
      <Route path="/console/login"><Redirect to={safeReturn(new URLSearchParams(location.search).get('back'), '/console')} replace /></Route>
      <Route path="/console"><Today /></Route>
      <Route path="/console/letters"><Allowed path="/console/letters"><Letters /></Allowed></Route>
      <Route path="/console/companies"><Allowed path="/console/companies"><Companies /></Allowed></Route>
      <Route path="/console/companies/:id">{({ id }) => <Allowed path="/console/companies"><CompanyPage id={id} /></Allowed>}</Route>
      <Route path="/console/company-requests"><Allowed path="/console/company-requests"><CompanyRequests /></Allowed></Route>
      <Route path="/console/family-requests"><Allowed path="/console/family-requests"><FamilyRequests /></Allowed></Route>
      <Route path="/console/people"><Allowed path="/console/people"><People /></Allowed></Route>
      <Route path="/console/users"><Allowed path="/console/users"><Accounts /></Allowed></Route>
      {further.map((one) => (
        <Route key={one.path} path={one.path}><Allowed path={one.path}>{one.page}</Allowed></Route>
      ))}
      <Route path="/console/outbox"><Allowed path="/console/outbox"><Outbox /></Allowed></Route>
      <Route path="/console/audit"><Allowed path="/console/audit"><Audit /></Allowed></Route>
      <Route>
        <Page title={t('desk.no-such-page')} back={{ href: '/console', label: <T k="desk.today" /> }}><p><T k="desk.no-such-page-about" /></p></Page>
      </Route>
    </Switch>
  );
}

export interface Further {
  path: string;
  permission: string;
  page: ReactNode;
}

export function Console({ further = [] }: { further?: readonly Further[] }): ReactNode {
  const { session } = useSession();
  const staff = session?.kind === 'staff' ? session.staff : undefined;
  return (
    <Shell
      home="/console"
      kind="console"
      title={<T k="desk.console" />}
      actions={
        staff ? (
          <Button look="quiet" icon={<Icon name="signOut" />} onClick={() => void signOut()}>
            <T k="desk.sign-out" name={staff.name} />
          </Button>
        ) : undefined
      }
    >
      <Pages further={further} />
    </Shell>
  );
}
