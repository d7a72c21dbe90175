import { useEffect, useState, type ReactNode } from 'react';
import { get, type Problem } from '@/api/client';
import type { Items } from '@/api/types';
import { Page } from '@/app/page';
import { ProblemNotice } from '@/app/problem';
import { Button } from '@/components/button/button';
import { Table } from '@/components/table/table';
import { T, useText } from '@/language/text';
import { Moment, Nothing } from './parts';
import type { AuditRow } from './types';

export function Audit(): ReactNode {
  const t = useText();
  const [rows, setRows] = useState<readonly AuditRow[]>([]);
  const [next, setNext] = useState<string | undefined>();
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const more = async (before?: string) => {
    const answer = await get<Items<AuditRow>>(`/api/v1/staff/audit${before ? `?before=${encodeURIComponent(before)}` : ''}`);
    setAsked(true);
    setProblem(answer.ok ? null : answer.problem);
    if (!answer.ok) return;
    setRows((old) => (before ? [...old, ...answer.data.items] : answer.data.items));
    setNext(answer.data.next);
  };
  useEffect(() => void more(), []);
  return (
    <Page title={t('desk.audit')} back={{ href: '/console', label: <T k="desk.today" /> }} wide>
      {problem ? <ProblemNotice problem={problem} reading onRetry={() => void more()} /> : null}
      {asked && rows.length === 0 && !problem ? <Nothing><T k="desk.audit-empty" /></Nothing> : null}
      {rows.length > 0 ? (
        <Table
          caption={<T k="desk.audit" />}
          hideCaption
          columns={[{ key: 'at', label: t('desk.when') }, { key: 'who', label: t('desk.who') }, { key: 'what', label: t('desk.what') }, { key: 'why', label: t('desk.why') }, { key: 'object', label: t('desk.which') }]}
          rows={rows.map((row, index) => ({
            key: row.id ?? String(index),
            cells: { at: <Moment value={row.at} />, who: row.organization ? `${row.who}（${row.organization}）` : row.who, what: row.what ?? row.operation, why: row.purpose ?? '', object: row.person ?? '' },
          }))}
        />
      ) : null}
      {next ? <Button look="secondary" onClick={() => void more(next)}><T k="desk.older" /></Button> : null}
    </Page>
  );
}
