// The citizen's pages. Registration and sign-in come with the first script; the rest is fetched when opened.
import { lazy, Suspense, useEffect, type ComponentType, type ReactNode } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { Page } from '@/app/page';
import { Skeleton } from '@/app/resource';
import { useSession } from '@/app/session';
import { Shell } from '@/app/shell';
import { Button } from '@/components/button/button';
import { TabBar } from '@/components/tabs/tabs';
import { T, useText } from '@/language/text';
import { Begin, Resume } from '@/services/registration/begin';

function page<Module, Name extends keyof Module>(load: () => Promise<Module>, name: Name): Module[Name] extends (props: infer Props) => ReactNode ? ComponentType<Props> : ComponentType {
  return lazy(async () => ({ default: (await load())[name] as ComponentType })) as never;
}

const card = () => import('@/services/registration/card_way');
const finish = () => import('@/services/registration/finish');
const paper = () => import('@/services/registration/paper_way');
const signIn = () => import('@/services/sign_in/sign_in');
const overview = () => import('@/services/health_record/overview');
const official = () => import('@/services/health_record/official');
const vitals = () => import('@/services/health_record/vitals');
const seen = () => import('@/services/health_record/seen');
const settings = () => import('@/services/account/settings');
const immunization = () => import('@/services/immunization/plan_page');
const growth = () => import('@/services/growth/growth');
const family = () => import('@/services/family/family');
const notices = () => import('@/services/notices/inbox');

const plain: Record<string, ComponentType> = {
  '/start': Begin,
  '/start/terms': page(card, 'TermsStep'),
  '/start/way': page(card, 'WayStep'),
  '/start/card': page(card, 'CardStep'),
  '/start/check': page(card, 'CheckStep'),
  '/start/contact': page(finish, 'ContactStep'),
  '/start/passcode': page(finish, 'PasscodeStep'),
  '/start/passkey': page(finish, 'PasskeyStep'),
  '/start/done': page(finish, 'DoneStep'),
  '/start/letter': page(paper, 'LetterStep'),
  '/start/letter-code': page(paper, 'LetterCodeStep'),
  '/start/company': page(paper, 'CompanyStep'),
  '/start/company-waiting': page(paper, 'CompanyWaitingStep'),
  '/login': page(signIn, 'SignIn'),
  '/login/card': page(signIn, 'CardSignIn'),
  '/login/password': page(signIn, 'PasswordSignIn'),
  '/home': page(overview, 'Home'),
  '/mine/seen': page(seen, 'MySeen'),
  '/settings': page(settings, 'Settings'),
  '/settings/display': page(settings, 'DisplayPage'),
  '/settings/details': page(settings, 'Details'),
  '/settings/passkeys': page(settings, 'Passkeys'),
  '/settings/devices': page(settings, 'Devices'),
  '/settings/export': page(settings, 'ExportPage'),
  '/settings/close': page(settings, 'CloseAccount'),
  '/family': page(family, 'Family'),
  '/family/request': page(family, 'FamilyRequestPage'),
  '/notices': page(notices, 'Inbox'),
  '/notices/choices': page(notices, 'Choices'),
};

const ofPerson: Record<string, ComponentType<{ person: string }>> = {
  '/p/:person': page(overview, 'RecordPage'),
  '/p/:person/checkups': page(official, 'Checkups'),
  '/p/:person/vaccinations': page(official, 'Vaccinations'),
  '/p/:person/vaccinations/plan': page(immunization, 'VaccinationPlan'),
  '/p/:person/growth': page(growth, 'Growth'),
  '/p/:person/add': page(vitals, 'AddVital'),
  '/p/:person/import': page(vitals, 'ImportVitals'),
  '/p/:person/seen': page(seen, 'PersonSeen'),
};
const VitalsPage = page(vitals, 'Vitals');
const NoticePage = page(notices, 'NoticePage');
const vitalKinds = ['blood-pressure', 'weight', 'steps', 'height'] as const;

function NotFound(): ReactNode {
  const t = useText();
  return (
    <Page title={t('app.not-found.title')} heading={<T k="app.not-found.title" />}>
      <p>
        <T k="app.not-found.text" />
      </p>
      <div className="mu-actions">
        <Button href="/home">
          <T k="app.home" />
        </Button>
      </div>
    </Page>
  );
}

function Tabs({ path }: { path: string }): ReactNode {
  const t = useText();
  const { session } = useSession();
  const record = session?.person ? `/p/${session.person.id}` : '/home';
  return (
    <TabBar
      label={t('app.tabs')}
      items={[
        { href: '/home', label: <T k="app.tab.home" />, icon: 'home', current: path === '/home' },
        { href: record, label: <T k="app.tab.record" />, icon: 'record', current: path.startsWith('/p/') },
        { href: '/notices', label: <T k="app.tab.notices" />, icon: 'bell', current: path.startsWith('/notices') },
        { href: '/family', label: <T k="app.tab.family" />, icon: 'people', current: path.startsWith('/family') },
        { href: '/settings', label: <T k="app.tab.settings" />, icon: 'settings', current: path.startsWith('/settings') },
      ]}
    />
  );
}

/** Pages of the signed-in part send a visitor without a session to the sign-in page and back afterwards. */
function SignedIn({ path, children }: { path: string; children: ReactNode }): ReactNode {
  const { session } = useSession();
  const [, navigate] = useLocation();
  const anonymous = session?.kind === 'anonymous';
  useEffect(() => {
    if (anonymous) navigate(`/login?back=${encodeURIComponent(path)}`, { replace: true });
  }, [anonymous, path]);
  return anonymous ? null : children;
}

export function App(): ReactNode {
  useText();
  const [path] = useLocation();
  const open = path.startsWith('/start') || path.startsWith('/login');
  const routes = (
    <Suspense fallback={<main className="mu-main" id="main"><Skeleton /></main>}>
      <Switch>
        <Route path="/start/r/:token">{({ token }: { token: string }) => <Resume key={token} token={token} />}</Route>
        {Object.entries(plain).map(([route, Component]) => (
          <Route key={route} path={route}>
            <Component key={route} />
          </Route>
        ))}
        <Route path="/p/:person/vitals/:kind">
          {({ person, kind }: { person: string; kind: string }) =>
            (vitalKinds as readonly string[]).includes(kind) ? <VitalsPage key={person + kind} person={person} kind={kind as (typeof vitalKinds)[number]} /> : <NotFound />
          }
        </Route>
        <Route path="/notices/:person/:id">{({ person, id }: { person: string; id: string }) => <NoticePage key={id} person={person} id={id} />}</Route>
        {Object.entries(ofPerson).map(([route, Component]) => (
          <Route key={route} path={route}>
            {({ person }: { person: string }) => <Component key={route + person} person={person} />}
          </Route>
        ))}
        <Route>
          <NotFound />
        </Route>
      </Switch>
    </Suspense>
  );
  return (
    <Shell home={open ? '/' : '/home'} tabs={open ? null : <Tabs path={path} />}>
      {open ? routes : <SignedIn path={path}>{routes}</SignedIn>}
    </Shell>
  );
}
