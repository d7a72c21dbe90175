import type { ReactNode } from 'react';
import type { Summary } from '@/api/types';
import { Page } from '@/app/page';
import { Loaded, useResource } from '@/app/resource';
import { useSession } from '@/app/session';
import { Button } from '@/components/button/button';
import { Card } from '@/components/card/card';
import { List } from '@/components/list/list';
import { Icon } from '@/icons/icons';
import { formatDate, formatNumber } from '@/language/dates';
import { T, usePreferences, useText } from '@/language/text';
import './record.css';
import { PersonPage, pressureText, SourceChip, usePeople, vitalText } from './parts';

function Latest({ person }: { person: string }): ReactNode {
  const reader = usePreferences();
  const summary = useResource<Summary>(`/api/v1/people/${person}/summary`);
  return (
    <Loaded resource={summary}>
      {(data) => (
        <div className="mu-record-tiles">
          {data.latestBloodPressure ? (
            <a className="mu-record-tile" href={`/p/${person}/vitals/blood-pressure`}>
              <Icon name="heart" />
              <span className="mu-record-tile__name">
                <T k="record.blood-pressure" />
              </span>
              <strong>{pressureText(data.latestBloodPressure)}</strong>
              <span className="mu-sub">{formatDate(data.latestBloodPressure.date, reader)}</span>
            </a>
          ) : null}
          {data.latestWeight ? (
            <a className="mu-record-tile" href={`/p/${person}/vitals/weight`}>
              <Icon name="scale" />
              <span className="mu-record-tile__name">
                <T k="record.weight" />
              </span>
              <strong>{vitalText(data.latestWeight, reader.language)}</strong>
              <span className="mu-sub">{formatDate(data.latestWeight.date, reader)}</span>
            </a>
          ) : null}
          <a className="mu-record-tile" href={`/p/${person}/vitals/steps`}>
            <Icon name="steps" />
            <span className="mu-record-tile__name">
              <T k="record.steps-today" />
            </span>
            <strong>
              {data.stepsToday === undefined ? <T k="record.none-yet" /> : <T k="record.steps-count" count={formatNumber(data.stepsToday, reader.language)} />}
            </strong>
          </a>
        </div>
      )}
    </Loaded>
  );
}

export function Home(): ReactNode {
  const t = useText();
  const { session } = useSession();
  const people = usePeople();
  return (
    <Page title={t('home.title')} heading={session?.person ? <T k="home.hello" name={session.person.name} /> : <T k="home.title" />}>
      <Loaded resource={people}>
        {({ items }) => {
          const self = items.find((one) => one.relation === 'self') ?? items[0];
          const children = items.filter((one) => one.relation === 'child');
          return (
            <>
              {self ? (
                <Card title={<T k="home.now" />}>
                  <Latest person={self.id} />
                  <div className="mu-actions">
                    <Button icon={<Icon name="plus" />} href={`/p/${self.id}/add`}>
                      <T k="record.add" />
                    </Button>
                    <Button look="secondary" href={`/p/${self.id}`}>
                      <T k="home.open-record" />
                    </Button>
                  </div>
                </Card>
              ) : null}
              {children.length > 0 ? (
                <section className="mu-stack">
                  <h2>
                    <T k="home.children" />
                  </h2>
                  <List rows={children.map((child) => ({ key: child.id, title: child.name, about: <T k="home.child-record" />, href: `/p/${child.id}`, icon: <Icon name="child" /> }))} />
                </section>
              ) : null}
              <section className="mu-stack">
                <h2>
                  <T k="home.more" />
                </h2>
                <List
                  rows={[
                    ...(self ? [{ key: 'checkups', title: <T k="record.checkups" />, about: <T k="record.checkups.about" />, href: `/p/${self.id}/checkups`, icon: <Icon name="clipboard" /> }] : []),
                    { key: 'seen', title: <T k="home.seen" />, about: <T k="home.seen.about" />, href: '/mine/seen', icon: <Icon name="eye" /> },
                    { key: 'family', title: <T k="home.family" />, about: <T k="home.family.about" />, href: '/family', icon: <Icon name="people" /> },
                    { key: 'settings', title: <T k="home.settings" />, about: <T k="home.settings.about" />, href: '/settings', icon: <Icon name="settings" /> },
                  ]}
                />
              </section>
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

export function RecordPage({ person }: { person: string }): ReactNode {
  const reader = usePreferences();
  const summary = useResource<Summary>(`/api/v1/people/${person}/summary`);
  return (
    <PersonPage person={person} title="record.title">
      {() => (
        <Loaded resource={summary}>
          {(data) => (
            <>
              <Card title={<T k="home.now" />}>
                <Latest person={person} />
                <div className="mu-actions">
                  <Button icon={<Icon name="plus" />} href={`/p/${person}/add`}>
                    <T k="record.add" />
                  </Button>
                  <Button look="secondary" icon={<Icon name="upload" />} href={`/p/${person}/import`}>
                    <T k="record.import" />
                  </Button>
                </div>
              </Card>
              <List
                rows={[
                  {
                    key: 'checkups',
                    title: <T k="record.checkups" />,
                    about: data.latestCheckup ? <T k="record.latest" date={formatDate(data.latestCheckup.date, reader)} /> : <T k="record.none-yet" />,
                    href: `/p/${person}/checkups`,
                    icon: <Icon name="clipboard" />,
                  },
                  { key: 'vaccinations', title: <T k="record.vaccinations" />, about: <T k="record.entries" count={data.vaccinationCount} />, href: `/p/${person}/vaccinations`, icon: <Icon name="syringe" /> },
                  { key: 'plan', title: <T k="record.vaccination-plan" />, about: <T k="record.vaccination-plan.about" />, href: `/p/${person}/vaccinations/plan`, icon: <Icon name="calendar" /> },
                  { key: 'growth', title: <T k="record.growth" />, about: <T k="record.growth.about" />, href: `/p/${person}/growth`, icon: <Icon name="chart" /> },
                  { key: 'pressure', title: <T k="record.blood-pressure" />, about: <T k="record.chart-about" />, href: `/p/${person}/vitals/blood-pressure`, icon: <Icon name="heart" /> },
                  { key: 'weight', title: <T k="record.weight" />, about: <T k="record.chart-about" />, href: `/p/${person}/vitals/weight`, icon: <Icon name="scale" /> },
                  { key: 'steps', title: <T k="record.steps" />, about: <T k="record.chart-about" />, href: `/p/${person}/vitals/steps`, icon: <Icon name="steps" /> },
                  { key: 'seen', title: <T k="record.seen" />, about: <T k="home.seen.about" />, href: `/p/${person}/seen`, icon: <Icon name="eye" /> },
                ]}
              />
              {data.latestCheckup ? (
                <p className="mu-row">
                  <SourceChip source={data.latestCheckup.source} name={data.latestCheckup.sourceName} />
                  <span className="mu-sub">
                    <T k="record.source-note" />
                  </span>
                </p>
              ) : null}
            </>
          )}
        </Loaded>
      )}
    </PersonPage>
  );
}
