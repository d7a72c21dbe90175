import type { ReactNode } from 'react';
import { Page } from '@/app/page';
import { Loaded, useResource } from '@/app/resource';
import { useSession } from '@/app/session';
import { Card } from '@/components/card/card';
import { List } from '@/components/list/list';
import { Icon } from '@/icons/icons';
import { T, useText } from '@/language/text';
import { areas } from './areas';

type Tasks = Readonly<Record<string, number>>;

/** The console's first page: what waits, and the way to everything this person may do. */
export function Today(): ReactNode {
  const t = useText();
  const tasks = useResource<Tasks>('/api/v1/staff/tasks');
  const held = useSession().session?.staff?.permissions ?? [];
  const queues = areas.filter((area) => area.count && held.includes(area.permission));
  return (
    <Page title={t('desk.today')} wide>
      {queues.length === 0 ? null : <Loaded resource={tasks}>
        {(counts) => (
          <Card title={<T k="desk.waiting" />}>
            <List
              rows={queues.map((area) => ({
                key: area.path,
                title: <T k={area.label} />,
                href: area.path,
                icon: <Icon name={area.icon} />,
                value: <T k="desk.count" count={counts[area.count!] ?? 0} />,
              }))}
            />
          </Card>
        )}
      </Loaded>}
      <Card title={<T k="desk.everything" />}>
        <List
          rows={areas
            .filter((area) => held.includes(area.permission))
            .map((area) => ({ key: area.path, title: <T k={area.label} />, about: <T k={area.about} />, href: area.path, icon: <Icon name={area.icon} /> }))}
        />
      </Card>
    </Page>
  );
}
