// The tablet in the checkup hall. Checkup sessions arrive with the checkup service; until one is opened for this device
// the page says so and lets staff see that device, network and server are ready for the day.
import { useEffect, useState, type ReactNode } from 'react';
import { get } from '@/api/client';
import { Page } from '@/app/page';
import { Shell } from '@/app/shell';
import { useSession } from '@/app/session';
import { Banner } from '@/components/banner/banner';
import { Button } from '@/components/button/button';
import { Card } from '@/components/card/card';
import { Chip } from '@/components/chip/chip';
import { List } from '@/components/list/list';
import { T, useText } from '@/language/text';

type Check = 'waiting' | 'ready' | 'failed';

function State({ check }: { check: Check }): ReactNode {
  if (check === 'waiting') return <Chip><T k="venue.checking" /></Chip>;
  return check === 'ready' ? <Chip kind="ok" icon="check"><T k="venue.ready" /></Chip> : <Chip kind="danger" icon="warning"><T k="venue.failed" /></Chip>;
}

export function Venue(): ReactNode {
  const t = useText();
  const { session } = useSession();
  const [server, setServer] = useState<Check>('waiting');
  const [storage, setStorage] = useState<Check>('waiting');
  const check = async () => {
    setServer('waiting');
    const answer = await get<unknown>('/api/v1/session');
    setServer(answer.ok ? 'ready' : 'failed');
    const room = await navigator.storage?.estimate?.().catch(() => undefined);
    setStorage(room && (room.quota ?? 0) > 50_000_000 ? 'ready' : 'failed');
  };
  useEffect(() => void check(), []);
  return (
    <Shell home="/venue" title={<T k="venue.name" />}>
      <Page title={t('venue.board')} wide>
        <Banner kind="info" title={<T k="venue.no-session" />}><T k="venue.no-session-about" /></Banner>
        <Card title={<T k="venue.this-device" />}>
          <List
            rows={[
              { key: 'server', title: <T k="venue.server" />, about: session?.municipality?.name, value: <State check={server} /> },
              { key: 'storage', title: <T k="venue.storage" />, about: <T k="venue.storage-about" />, value: <State check={storage} /> },
            ]}
          />
          <Button look="secondary" onClick={() => void check()}><T k="venue.check-again" /></Button>
        </Card>
      </Page>
    </Shell>
  );
}
