import { useEffect, useState, type ReactNode } from 'react';
import { call, get, post, type Problem } from '@/api/client';
import type { Items } from '@/api/types';
import { Page } from '@/app/page';
import { ProblemNotice } from '@/app/problem';
import { Loaded, Skeleton, useResource } from '@/app/resource';
import { Banner } from '@/components/banner/banner';
import { Button } from '@/components/button/button';
import { Card } from '@/components/card/card';
import { Checkbox } from '@/components/checkbox/checkbox';
import { Chip } from '@/components/chip/chip';
import { Field } from '@/components/field/field';
import { Link } from '@/components/link/link';
import { List, type ListRow } from '@/components/list/list';
import { Segmented } from '@/components/segmented/segmented';
import { Select } from '@/components/select/select';
import { Icon } from '@/icons/icons';
import { optionalText } from '@/language/catalogue';
import { formatDate, formatInstant } from '@/language/dates';
import { renderMessage, T, usePreferences, useText } from '@/language/text';
import type { Choice, Inbox as InboxPage, Line, Notice } from './types';

const categories = ['childcare', 'health', 'insurance', 'tax', 'welfare', 'safety', 'procedure', 'other'] as const;
const kinds = ['inbox', 'unread', 'archive'] as const;
type Kind = (typeof kinds)[number];

const categoryText = (category: string): string => optionalText(`notices.category:${category}`) ?? category;

function Row({ line }: { line: Line }): Omit<ListRow, 'key'> {
  const reader = usePreferences();
  return {
    icon: <Icon name={line.own ? 'bell' : 'child'} />,
    href: `/notices/${line.person}/${line.id}`,
    title: renderMessage(line.title),
    about: (
      <>
        {categoryText(line.category)} {formatInstant(line.at, reader)}
        {line.own ? null : (
          <>
            <br />
            <T k="notices.for" name={line.personName} />
          </>
        )}
        {line.deadline ? (
          <>
            <br />
            <T k="notices.deadline" date={formatDate(line.deadline, reader)} />
          </>
        ) : null}
      </>
    ),
    value: line.unread ? (
      <Chip kind="primary">
        <T k="notices.new" />
      </Chip>
    ) : undefined,
  };
}

function Lines({ lines }: { lines: readonly Line[] }): ReactNode {
  return <List rows={lines.map((line) => ({ key: line.id, ...Row({ line }) }))} />;
}

export function Inbox(): ReactNode {
  const t = useText();
  const [kind, setKind] = useState<Kind>('inbox');
  const [category, setCategory] = useState('');
  const [words, setWords] = useState('');
  const [search, setSearch] = useState('');
  const [pages, setPages] = useState<InboxPage[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = async (before?: string) => {
    const query = new URLSearchParams({ category, search, unread: kind === 'unread' ? '1' : '', archived: kind === 'archive' ? '1' : '' });
    if (before) query.set('before', before);
    const answer = await get<InboxPage>(`/api/v1/notices?${query.toString()}`);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) setPages((old) => [...(before ? (old ?? []) : []), answer.data]);
  };
  useEffect(() => void load(), [kind, category, search]);
  const items = pages?.flatMap((page) => page.items) ?? [];
  const next = pages?.at(-1)?.next;
  return (
    <Page title={t('notices.title')} heading={<T k="notices.title" />}>
      <p>
        <T k="notices.lead" />
      </p>
      {pages?.[0] && pages[0].pinned.length > 0 ? (
        <Card title={<T k="notices.pinned" />}>
          <Lines lines={pages[0].pinned} />
        </Card>
      ) : null}
      <Segmented
        name="kind"
        legend={<T k="notices.show" />}
        value={kind}
        onChange={(value) => setKind(value as Kind)}
        options={kinds.map((value) => ({ value, label: <T k={`notices.${value}`} /> }))}
      />
      <Select
        name="category"
        label={<T k="notices.category" />}
        value={category}
        onChange={setCategory}
        options={[{ value: '', label: t('notices.category.all') }, ...categories.map((value) => ({ value, label: categoryText(value) }))]}
      />
      <form
        className="mu-row"
        onSubmit={(event) => {
          event.preventDefault();
          setSearch(words.trim());
        }}
      >
        <Field name="search" label={<T k="notices.search" />} value={words} onChange={setWords} inputMode="search" maxLength={100} />
        <Button type="submit" look="secondary" icon={<Icon name="search" />}>
          <T k="notices.search.do" />
        </Button>
      </form>
      {problem ? <ProblemNotice problem={problem} reading onRetry={() => void load()} /> : null}
      {!pages && !problem ? <Skeleton /> : null}
      {pages && items.length === 0 ? <Banner kind="info" title={<T k="notices.none" />} /> : null}
      {items.length > 0 ? <Lines lines={items} /> : null}
      {next ? (
        <Button look="secondary" onClick={() => void load(next)}>
          <T k="common.more" />
        </Button>
      ) : null}
      <p>
        <Link href="/notices/choices" standing>
          <T k="notices.choices" />
        </Link>
      </p>
    </Page>
  );
}

/** Paragraphs as they were written, with readings where the plain language has them. */
function Paragraphs({ text }: { text: string }): ReactNode {
  return text.split(/\n{2,}/).map((paragraph, at) => (
    <p key={at}>
      {paragraph.split('\n').map((line, index) => (
        <span key={index}>
          {index > 0 ? <br /> : null}
          {renderMessage(line)}
        </span>
      ))}
    </p>
  ));
}

export function NoticePage({ person, id }: { person: string; id: string }): ReactNode {
  const t = useText();
  const reader = usePreferences();
  const path = `/api/v1/people/${person}/notices/${id}`;
  const [notice, setNotice] = useState<Notice | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const act = async (what: string, body?: unknown) => {
    const answer = await post<Notice>(`${path}/${what}`, body);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) setNotice(answer.data);
  };
  useEffect(() => void act('open'), [path]);
  const back = { href: '/notices', label: <T k="notices.title" /> };
  if (!notice) {
    return (
      <Page title={t('notices.title')} back={back}>
        {problem ? <ProblemNotice problem={problem} reading onRetry={() => void act('open')} /> : <Skeleton />}
      </Page>
    );
  }
  return (
    <Page title={notice.title.replace(/\{([^|{}]*)\|[^{}]*\}/g, '$1')} heading={renderMessage(notice.title)} back={back}>
      {problem ? <ProblemNotice problem={problem} /> : null}
      <p className="mu-row">
        <Chip>{categoryText(notice.category)}</Chip>
        {notice.duty === 'statutory' ? (
          <Chip icon="info">
            <T k="notices.statutory" />
          </Chip>
        ) : null}
        {notice.own ? null : (
          <Chip icon="child" kind="primary">
            <T k="notices.for" name={notice.personName} />
          </Chip>
        )}
        <span className="mu-sub">{formatInstant(notice.at, reader)}</span>
      </p>
      {notice.deadline ? <Banner kind="soon" title={<T k="notices.deadline" date={formatDate(notice.deadline, reader)} />} /> : null}
      <div className="mu-stack">
        <Paragraphs text={notice.text} />
      </div>
      {notice.action ? (
        <div className="mu-actions">
          <Button href={notice.link}>{renderMessage(notice.action)}</Button>
        </div>
      ) : null}
      {notice.attachments.length > 0 ? (
        <Card title={<T k="notices.attachments" />}>
          <List rows={notice.attachments.map((file) => ({ key: file.id, icon: <Icon name="download" />, title: file.name, href: `${path}/attachments/${file.id}` }))} />
        </Card>
      ) : null}
      {notice.acknowledgedAt ? <Banner kind="ok" title={<T k="notices.acknowledged" at={formatInstant(notice.acknowledgedAt, reader)} />} /> : null}
      <div className="mu-actions">
        {notice.acknowledgedAt ? null : (
          <Button onClick={() => void act('acknowledge')}>
            <T k="notices.acknowledge" />
          </Button>
        )}
        <Button look="secondary" onClick={() => void act('archive', { archived: !notice.archivedAt })}>
          <T k={notice.archivedAt ? 'notices.archive.undo' : 'notices.archive.do'} />
        </Button>
        <Button look="quiet" icon={<Icon name="print" />} onClick={() => window.print()}>
          <T k="notices.print" />
        </Button>
      </div>
      <Card title={<T k="notices.proof" />}>
        <p>
          <T k="notices.proof.lead" />
        </p>
        <Button look="secondary" icon={<Icon name="download" />} href={`${path}/receipt`} download>
          <T k="notices.proof.do" />
        </Button>
      </Card>
    </Page>
  );
}

export function Choices(): ReactNode {
  const t = useText();
  const choices = useResource<Items<Choice>>('/api/v1/notices/choices');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [saved, setSaved] = useState(false);
  const [busy, setBusy] = useState(false);
  const change = (category: string, mail: boolean) => {
    setSaved(false);
    choices.change((list) => ({ ...list, items: list.items.map((one) => (one.category === category ? { ...one, mail } : one)) }));
  };
  const save = async () => {
    setBusy(true);
    const answer = await call('PUT', '/api/v1/notices/choices', { body: { items: choices.data?.items ?? [] } });
    setBusy(false);
    setProblem(answer.ok ? null : answer.problem);
    setSaved(answer.ok);
  };
  return (
    <Page title={t('notices.choices')} heading={<T k="notices.choices" />} back={{ href: '/notices', label: <T k="notices.title" /> }}>
      <p>
        <T k="notices.choices.lead" />
      </p>
      {problem ? <ProblemNotice problem={problem} /> : null}
      <Loaded resource={choices}>
        {({ items }) => (
          <div className="mu-stack">
            {items.map((choice) => (
              <Checkbox
                key={choice.category}
                name={`mail-${choice.category}`}
                label={<T k="notices.choices.mail" category={categoryText(choice.category)} />}
                checked={choice.mail}
                onChange={(on) => change(choice.category, on)}
              />
            ))}
            <Button busy={busy} onClick={() => void save()}>
              <T k="notices.choices.save" />
            </Button>
          </div>
        )}
      </Loaded>
      {saved ? <Banner kind="ok" title={<T k="notices.choices.saved" />} announced /> : null}
    </Page>
  );
}
