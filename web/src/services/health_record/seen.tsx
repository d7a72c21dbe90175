import { useEffect, useState, type ReactNode } from 'react';
import { get, type Problem } from '@/api/client';
import type { Items, Look } from '@/api/types';
import { Page } from '@/app/page';
import { ProblemNotice } from '@/app/problem';
import { Skeleton } from '@/app/resource';
import { useSession } from '@/app/session';
import { Banner } from '@/components/banner/banner';
import { Button } from '@/components/button/button';
import { Link } from '@/components/link/link';
import { List } from '@/components/list/list';
import { Icon } from '@/icons/icons';
import { optionalText } from '@/language/catalogue';
import { formatInstant } from '@/language/dates';
import { T, usePreferences, useText } from '@/language/text';
import { PersonPage } from './parts';

function Looks({ path, person }: { path: string; person?: string | undefined }): ReactNode {
  const reader = usePreferences();
  const [items, setItems] = useState<Look[] | null>(null);
  const [next, setNext] = useState<string | undefined>();
  const [problem, setProblem] = useState<Problem | null>(null);
  const more = async (before?: string) => {
    const answer = await get<Items<Look>>(before ? `${path}?before=${encodeURIComponent(before)}` : path);
    if (!answer.ok) return setProblem(answer.problem);
    setProblem(null);
    setItems((old) => [...(before ? (old ?? []) : []), ...answer.data.items]);
    setNext(answer.data.next);
  };
  useEffect(() => void more(), [path]);
  if (problem) return <ProblemNotice problem={problem} reading onRetry={() => void more()} />;
  if (!items) return <Skeleton />;
  return (
    <>
      <p>
        <T k="seen.lead" />
      </p>
      {items.length === 0 ? (
        <Banner kind="info" title={<T k="seen.none" />} />
      ) : (
        <List
          rows={items.map((look, index) => ({
            key: `${look.at}-${index}`,
            icon: <Icon name="eye" />,
            title: [look.organization, look.who].filter(Boolean).join(' ') || look.who,
            about: (
              <>
                {optionalText(`seen.operation:${look.operation}`) ?? look.what ?? look.operation}
                {look.purpose ? (
                  <>
                    <br />
                    <T k="seen.purpose" purpose={optionalText(`purpose:${look.purpose}`) ?? look.purpose} />
                  </>
                ) : null}
              </>
            ),
            value: formatInstant(look.at, reader),
            action: person ? (
              <Link href={`/api/v1/people/${person}/log/entries/${look.id}/proof`}>
                <T k="seen.proof" />
                <span className="mu-hidden"> {formatInstant(look.at, reader)}</span>
              </Link>
            ) : undefined,
          }))}
        />
      )}
      {next ? (
        <Button look="secondary" onClick={() => void more(next)}>
          <T k="common.more" />
        </Button>
      ) : null}
      {person && items.length > 0 ? (
        <>
          <p>
            <T k="seen.history.lead" />
          </p>
          <Button look="secondary" href={`/api/v1/people/${person}/log/history`} download>
            <T k="seen.history" />
          </Button>
        </>
      ) : null}
    </>
  );
}

export function MySeen(): ReactNode {
  const t = useText();
  const { session } = useSession();
  return (
    <Page title={t('seen.title')} heading={<T k="seen.title" />}>
      <Looks path="/api/v1/me/seen" person={session?.person?.id} />
    </Page>
  );
}

export function PersonSeen({ person }: { person: string }): ReactNode {
  return (
    <PersonPage person={person} section="/seen" title="seen.person-title" back={`/p/${person}`}>
      {() => <Looks path={`/api/v1/people/${person}/seen`} person={person} />}
    </PersonPage>
  );
}
