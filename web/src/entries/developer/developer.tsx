// The developer portal: the reference drawn from the running server's own description, and how to embed the card library.
import type { ReactNode } from 'react';
import { Route, Switch } from 'wouter';
import { Page } from '@/app/page';
import { Loaded, useResource } from '@/app/resource';
import { Shell } from '@/app/shell';
import { Card } from '@/components/card/card';
import { Field } from '@/components/field/field';
import { List } from '@/components/list/list';
import { Icon } from '@/icons/icons';
import { T, useText } from '@/language/text';
import { useState } from 'react';
import { operationsOf, type Description } from './reference';

const kEmbedding = `musubi_card *card = NULL;
if (musubi_card_open(&card, transceive, context) != MUSUBI_CARD_OK)
    return show_error();`;

function Home(): ReactNode {
  const t = useText();
  return (
    <Page title={t('developer.title')} wide>
      <p><T k="developer.about" /></p>
      <List
        rows={[
          { key: 'api', title: <T k="developer.api" />, about: <T k="developer.api-about" />, href: '/developer/api', icon: <Icon name="table" /> },
          { key: 'card', title: <T k="developer.card-library" />, about: <T k="developer.card-library-about" />, href: '/developer/card-library', icon: <Icon name="card" /> },
        ]}
      />
      <Card title={<T k="developer.errors" />}>
        <p><T k="developer.errors-about" /></p>
        <pre className="mu-code">{'{"type":"/problems/registration.link-expired","title":"…","status":410,\n "code":"registration.link-expired","params":{},"fields":[],"requestId":"…"}'}</pre>
      </Card>
    </Page>
  );
}

function Reference({ description }: { description: Description }): ReactNode {
  const [filter, setFilter] = useState('');
  const operations = operationsOf(description).filter((operation) => `${operation.method} ${operation.path} ${operation.name}`.toLowerCase().includes(filter.trim().toLowerCase()));
  return (
    <div className="mu-stack">
      <Field name="filter" type="search" label={<T k="developer.filter" />} value={filter} onChange={setFilter} />
      <p role="status"><T k="developer.count" count={operations.length} /></p>
      {operations.map((operation) => (
        <details className="mu-api" key={operation.name}>
          <summary>
            <span className="mu-api__method">{operation.method}</span>
            <span className="mu-code">{operation.path}</span>
            <span className="mu-sub">{operation.name}</span>
          </summary>
          <div className="mu-api__in mu-stack">
            {operation.access ? <p><T k="developer.access" />{operation.access}</p> : null}
            {operation.request ? <div><p><T k="developer.request" /></p><pre className="mu-code">{operation.request}</pre></div> : null}
            {operation.response ? <div><p><T k="developer.response" /></p><pre className="mu-code">{operation.response}</pre></div> : null}
          </div>
        </details>
      ))}
    </div>
  );
}

function Api(): ReactNode {
  const t = useText();
  const description = useResource<Description>('/api/openapi.json');
  return (
    <Page title={t('developer.api')} back={{ href: '/developer', label: <T k="developer.title" /> }} wide>
      <p><a href="/api/openapi.json" download="openapi.json"><T k="developer.download" /></a></p>
      <Loaded resource={description}>{(data) => <Reference description={data} />}</Loaded>
    </Page>
  );
}

function CardLibrary(): ReactNode {
  const t = useText();
  return (
    <Page title={t('developer.card-library')} back={{ href: '/developer', label: <T k="developer.title" /> }} wide>
      <p><T k="developer.library-how" /></p>
      <ol className="mu-stack">
        <li><T k="developer.library-1" /></li>
        <li><T k="developer.library-2" /></li>
        <li><T k="developer.library-3" /></li>
      </ol>
      <pre className="mu-code">{kEmbedding}</pre>
      <p><T k="developer.library-manual" /></p>
    </Page>
  );
}

export function Developer(): ReactNode {
  const t = useText();
  return (
    <Shell home="/developer" title={<T k="developer.name" />}>
      <Switch>
        <Route path="/developer"><Home /></Route>
        <Route path="/developer/api"><Api /></Route>
        <Route path="/developer/card-library"><CardLibrary /></Route>
        <Route>
          <Page title={t('developer.no-page')} back={{ href: '/developer', label: <T k="developer.title" /> }}><p><T k="developer.no-page-about" /></p></Page>
        </Route>
      </Switch>
    </Shell>
  );
}
