import { useState, type FormEvent, type ReactNode } from 'react';
import { call, patch, post, type Problem } from '@/api/client';
import type { ImportReport, Items } from '@/api/types';
import { Page } from '@/app/page';
import { fieldErrors, ProblemNotice } from '@/app/problem';
import { Loaded, useResource } from '@/app/resource';
import { go } from '@/app/routing';
import { Banner } from '@/components/banner/banner';
import { Button } from '@/components/button/button';
import { Card } from '@/components/card/card';
import { Chip } from '@/components/chip/chip';
import { Field } from '@/components/field/field';
import { FilePicker } from '@/components/file_picker/file_picker';
import { List } from '@/components/list/list';
import { Table } from '@/components/table/table';
import { formatDate } from '@/language/dates';
import { DataText, T, usePreferences, useText } from '@/language/text';
import { Day, Facts, Moment, Nothing, RejectButton, useSaid } from './parts';
import type { Company, CompanyRequest, Employee } from './types';

const rejectReasons = ['not-on-roster', 'details-differ', 'contract-ended', 'withdrawn'] as const;

function CompanyForm({ company, onSaved }: { company?: Company; onSaved: (company: Company) => void }): ReactNode {
  const [name, setName] = useState(company?.name ?? '');
  const [code, setCode] = useState(company?.code ?? '');
  const [from, setFrom] = useState(company?.contractFrom ?? '');
  const [to, setTo] = useState(company?.contractTo ?? '');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const errors = fieldErrors(problem);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    const period = { contractFrom: from, ...(to === '' ? {} : { contractTo: to }) };
    const answer = company
      ? await patch<Company>(`/api/v1/staff/companies/${company.id}`, { name, ...period })
      : await post<Company>('/api/v1/staff/companies', { name, code, ...period });
    setBusy(false);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) onSaved(answer.data);
  };
  return (
    <form className="mu-stack" onSubmit={(event) => void submit(event)}>
      {problem ? <ProblemNotice problem={problem} /> : null}
      <Field name="name" label={<T k="desk.company-name" />} value={name} onChange={setName} error={errors.name} need="required" />
      {company ? null : <Field name="code" label={<T k="desk.company-code" />} hint={<T k="desk.company-code-hint" />} value={code} onChange={setCode} error={errors.code} need="required" width="code" spellCheck={false} />}
      <Field name="contractFrom" type="date" label={<T k="desk.contract-from" />} value={from} onChange={setFrom} error={errors.contractFrom} need="required" />
      <Field name="contractTo" type="date" label={<T k="desk.contract-to" />} value={to} onChange={setTo} error={errors.contractTo} />
      <Button type="submit" busy={busy}><T k="desk.save" /></Button>
    </form>
  );
}

export function Companies(): ReactNode {
  const t = useText();
  const reader = usePreferences();
  const list = useResource<Items<Company>>('/api/v1/staff/companies');
  return (
    <Page title={t('desk.companies')} back={{ href: '/console', label: <T k="desk.today" /> }} wide>
      <Loaded resource={list}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing><T k="desk.no-companies" /></Nothing>
          ) : (
            <List
              rows={items.map((company) => ({
                key: company.id,
                title: company.name,
                about: `${company.code}　${formatDate(company.contractFrom, reader)} – ${company.contractTo ? formatDate(company.contractTo, reader) : ''}`,
                href: `/console/companies/${company.id}`,
              }))}
            />
          )
        }
      </Loaded>
      <Card title={<T k="desk.new-company" />}>
        <CompanyForm onSaved={(company) => go(`/console/companies/${company.id}`)} />
      </Card>
    </Page>
  );
}

/** The whole roster is replaced in one step; with a single wrong row nothing changes. */
function RosterUpload({ company, onDone }: { company: string; onDone: () => void }): ReactNode {
  const [chosen, setChosen] = useState<string>();
  const [report, setReport] = useState<ImportReport | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const t = useText();
  const upload = async (file: File) => {
    setChosen(file.name);
    setReport(null);
    const answer = await call<ImportReport>('POST', `/api/v1/staff/companies/${company}/roster`, { raw: { type: 'text/csv', bytes: file } });
    setProblem(answer.ok ? null : answer.problem);
    if (!answer.ok) return;
    setReport(answer.data);
    if (answer.data.errors.length === 0) onDone();
  };
  return (
    <div className="mu-stack">
      {problem ? <ProblemNotice problem={problem} /> : null}
      <FilePicker name="roster" label={<T k="desk.roster-file" />} hint={<T k="desk.roster-hint" />} button={<T k="desk.choose-file" />} accept=".csv,text/csv" chosen={chosen} onChoose={(file) => void upload(file)} />
      {report && report.errors.length === 0 ? <Banner kind="ok" announced title={<T k="desk.roster-saved" count={report.accepted} />} /> : null}
      {report && report.errors.length > 0 ? (
        <>
          <Banner kind="danger" announced title={<T k="desk.roster-refused" count={report.errors.length} />}><T k="desk.roster-nothing-changed" /></Banner>
          <Table
            caption={<T k="desk.roster-errors" />}
            columns={[{ key: 'row', label: t('desk.row'), number: true }, { key: 'column', label: t('desk.column') }, { key: 'what', label: t('desk.what-is-wrong') }]}
            rows={report.errors.map((error, index) => ({ key: String(index), cells: { row: error.row, column: error.column ?? '', what: <DataText name={`row:${error.code}`} fallback={<DataText name={`field:${error.code}`} fallback={error.code} />} /> } }))}
          />
        </>
      ) : null}
    </div>
  );
}

export function CompanyPage({ id }: { id: string }): ReactNode {
  const t = useText();
  const list = useResource<Items<Company>>('/api/v1/staff/companies');
  const roster = useResource<Items<Employee>>(`/api/v1/staff/companies/${id}/roster`);
  const company = list.data?.items.find((item) => item.id === id);
  return (
    <Page title={company?.name ?? t('desk.companies')} back={{ href: '/console/companies', label: <T k="desk.companies" /> }} wide>
      <Loaded resource={list}>
        {() =>
          company ? (
            <Card title={<T k="desk.contract" />}>
              <CompanyForm key={company.id} company={company} onSaved={() => void list.reload()} />
            </Card>
          ) : (
            <Nothing><T k="desk.no-such-company" /></Nothing>
          )
        }
      </Loaded>
      <Card title={<T k="desk.roster" />}>
        <RosterUpload company={id} onDone={() => void roster.reload()} />
        <Loaded resource={roster}>
          {({ items }) =>
            items.length === 0 ? (
              <Nothing><T k="desk.roster-empty" /></Nothing>
            ) : (
              <Table
                caption={<T k="desk.roster-count" count={items.length} />}
                columns={[{ key: 'number', label: t('desk.employee-number') }, { key: 'name', label: t('desk.name') }, { key: 'kana', label: t('desk.kana') }, { key: 'birth', label: t('desk.birth') }]}
                rows={items.map((employee) => ({ key: employee.employeeNumber, cells: { number: employee.employeeNumber, name: employee.name, kana: employee.kana ?? '', birth: <Day value={employee.birthDate} /> } }))}
              />
            )
          }
        </Loaded>
      </Card>
    </Page>
  );
}

function EmployeeRequest({ request, onDone }: { request: CompanyRequest; onDone: () => void }): ReactNode {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const approve = async () => {
    setBusy(true);
    const answer = await post(`/api/v1/staff/company-requests/${request.id}/approve`);
    setBusy(false);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) onDone();
  };
  return (
    <Card
      title={request.name}
      aside={request.onRoster ? <Chip kind="ok" icon="check"><T k="desk.on-roster" /></Chip> : <Chip kind="danger" icon="stop"><T k="desk.not-on-roster" /></Chip>}
    >
      <div className="mu-stack">
        {problem ? <ProblemNotice problem={problem} /> : null}
        <Facts
          rows={[
            { name: <T k="desk.company-name" />, value: request.companyName },
            { name: <T k="desk.employee-number" />, value: request.employeeNumber },
            { name: <T k="desk.kana" />, value: request.kana },
            { name: <T k="desk.birth" />, value: <Day value={request.birthDate} /> },
            { name: <T k="desk.received" />, value: <Moment value={request.at} /> },
          ]}
        />
        <div className="mu-row">
          <Button busy={busy} onClick={() => void approve()}><T k="desk.approve" /></Button>
          <RejectButton path={`/api/v1/staff/company-requests/${request.id}/reject`} reasons={rejectReasons} onDone={onDone} />
        </div>
      </div>
    </Card>
  );
}

export function CompanyRequests(): ReactNode {
  const t = useText();
  const queue = useResource<Items<CompanyRequest>>('/api/v1/staff/company-requests');
  const { said, toast } = useSaid();
  const done = () => {
    said();
    void queue.reload();
  };
  return (
    <Page title={t('desk.company-requests')} back={{ href: '/console', label: <T k="desk.today" /> }} wide>
      <Loaded resource={queue}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing><T k="desk.nothing-waits" /></Nothing>
          ) : (
            <div className="mu-stack">
              {items.map((request) => (
                <EmployeeRequest key={request.id} request={request} onDone={done} />
              ))}
            </div>
          )
        }
      </Loaded>
      {toast}
    </Page>
  );
}
