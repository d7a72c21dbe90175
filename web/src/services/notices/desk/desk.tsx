// Staff write notices, choose whom they are for, have a colleague approve, and see what came of it.
import './messages';
import { useState, type ReactNode } from 'react';
import { call, get, post, type Problem } from '@/api/client';
import type { Items } from '@/api/types';
import type { components } from '@/api/schema';
import { download } from '@/app/download';
import { Page } from '@/app/page';
import { ProblemNotice } from '@/app/problem';
import { Loaded, useResource } from '@/app/resource';
import { useSession } from '@/app/session';
import { Banner } from '@/components/banner/banner';
import { Button } from '@/components/button/button';
import { Card } from '@/components/card/card';
import { Chip } from '@/components/chip/chip';
import { Field } from '@/components/field/field';
import { FilePicker } from '@/components/file_picker/file_picker';
import { Select } from '@/components/select/select';
import { Table } from '@/components/table/table';
import { Tabs } from '@/components/tabs/tabs';
import { T, useText } from '@/language/text';
import { TemplateEditor, type Template } from './template_editor';

type Schemas = components['schemas'];
type Sending = Schemas['SendingView'];
type Figures = Schemas['FiguresView'];
type ListPage = Schemas['ListView'];

const steps: Readonly<Record<Sending['state'], readonly ('submit' | 'withdraw' | 'approve' | 'pause' | 'resume' | 'cancel')[]>> = {
  draft: ['submit', 'cancel'],
  submitted: ['approve', 'withdraw', 'cancel'],
  approved: ['pause', 'cancel'],
  sending: ['pause', 'cancel'],
  paused: ['resume', 'cancel'],
  done: [],
  cancelled: [],
};

function Results({ path }: { path: string }): ReactNode {
  const t = useText();
  const figures = useResource<Figures>(`${path}/figures`);
  const few = t('sendings.suppressed');
  return (
    <Loaded resource={figures}>
      {(view) => (
        <>
          <p className="mu-row">
            <Chip><T k="sendings.targeted" />: {view.targeted}</Chip>
            <Chip kind="ok"><T k="sendings.opened" />: {view.opened ?? few}</Chip>
          </p>
          <Table
            caption={<T k="sendings.by-age" />}
            columns={[{ key: 'age', label: t('sendings.by-age') }, { key: 'targeted', label: t('sendings.targeted') }, { key: 'opened', label: t('sendings.opened') }]}
            rows={view.groups.map((group) => ({ key: String(group.fromAge), cells: { age: t('sendings.age', { from: group.fromAge }), targeted: String(group.targeted ?? few), opened: String(group.opened ?? few) } }))}
          />
          <Button look="secondary" href={`${path}/figures.csv`} download><T k="sendings.figures.csv" /></Button>
        </>
      )}
    </Loaded>
  );
}

/** The uploaded list: whom it surely names, and the rows somebody has to decide. */
function UploadedList({ path, open }: { path: string; open: boolean }): ReactNode {
  const list = useResource<ListPage>(`${path}/list`);
  const [problem, setProblem] = useState<Problem | null>(null);
  const upload = async (file: File) => {
    const answer = await call<ListPage>('POST', `${path}/list`, { raw: { type: 'text/csv', bytes: file } });
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) list.change(() => answer.data);
  };
  const decide = async (row: number, person: string | null) => {
    const answer = await post<ListPage>(`${path}/list/${row}`, person ? { person } : {});
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) list.change(() => answer.data);
  };
  return (
    <div className="mu-stack">
      {problem ? <ProblemNotice problem={problem} /> : null}
      {open ? <FilePicker name="list" label={<T k="sendings.upload" />} button={<T k="sendings.upload" />} hint={<T k="sendings.upload.about" />} accept=".csv,text/csv" onChoose={(file) => void upload(file)} /> : null}
      <Loaded resource={list}>
        {({ report, doubtful }) => (
          <>
            <p>
              <T k="sendings.report" rows={report.rows} sure={report.sure} doubtful={report.doubtful} none={report.none} unregistered={report.unregistered} />
            </p>
            {doubtful.map((row) => (
              <Card key={row.row} level={3} title={<T k="sendings.doubtful" row={row.row} name={row.claim.name} />}>
                <p>{row.claim.birthDate} {row.claim.address}</p>
                <div className="mu-row">
                  {row.candidates.filter((one) => one.person !== '').map((one) => (
                    <Button key={one.person} look="secondary" onClick={() => void decide(row.row, one.person)}>
                      <T k="sendings.is-this" name={one.name} address={one.address} />
                    </Button>
                  ))}
                  <Button look="quiet" onClick={() => void decide(row.row, null)}><T k="sendings.nobody" /></Button>
                </div>
              </Card>
            ))}
          </>
        )}
      </Loaded>
    </div>
  );
}

function SendingCard({ sending, onDone }: { sending: Sending; onDone: () => void }): ReactNode {
  const path = `/api/v1/staff/notice-sendings/${sending.id}`;
  const held = useSession().session?.staff?.permissions ?? [];
  const [problem, setProblem] = useState<Problem | null>(null);
  const [people, setPeople] = useState<number | null>(null);
  const [figures, setFigures] = useState(false);
  const [busy, setBusy] = useState(false);
  const act = async (step: string) => {
    setBusy(true);
    const answer = await post(`${path}/${step}`);
    setBusy(false);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) onDone();
  };
  const count = async () => {
    const answer = await get<{ people: number }>(`${path}/audience`);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) setPeople(answer.data.people);
  };
  const letters = async () => setProblem(await download(`${path}/letters?days=7`, 'letters.pdf', {}));
  const may = (step: string) => step !== 'approve' || (!sending.own && held.includes('notices.approve'));
  const sent = sending.state === 'done' || sending.state === 'sending' || sending.state === 'paused';
  return (
    <Card level={3} title={sending.body.name} aside={<Chip kind={sending.state === 'done' ? 'ok' : 'plain'}><T k={`sendings.state.${sending.state}`} /></Chip>}>
      <div className="mu-stack">
        {problem ? <ProblemNotice problem={problem} /> : null}
        <p>
          <T k="sendings.template" />: {sending.templateName}
          <br />
          <T k="sendings.made-by" />: {sending.createdBy}
          {sending.approvedBy ? (
            <>
              <br />
              <T k="sendings.approved-by" />: {sending.approvedBy}
            </>
          ) : null}
        </p>
        {sending.body.audience.kind === 'list' ? <UploadedList path={path} open={sending.state === 'draft'} /> : null}
        {people === null ? null : <p role="status"><T k="sendings.people" count={people} /></p>}
        {sending.state === 'submitted' && sending.own ? <Banner kind="info" title={<T k="sendings.own" />} /> : null}
        <div className="mu-row">
          {sent ? null : <Button look="quiet" onClick={() => void count()}><T k="sendings.count" /></Button>}
          {steps[sending.state].filter(may).map((step) => (
            <Button key={step} busy={busy} look={step === 'submit' || step === 'approve' ? 'primary' : step === 'cancel' ? 'danger' : 'secondary'} onClick={() => void act(step)}>
              <T k={`sendings.${step}`} />
            </Button>
          ))}
          {sent ? <Button look="secondary" onClick={() => setFigures(!figures)}><T k="sendings.figures" /></Button> : null}
          {sent ? <Button look="secondary" onClick={() => void letters()}><T k="sendings.letters" /></Button> : null}
        </div>
        {figures ? <Results path={path} /> : null}
      </div>
    </Card>
  );
}

function NewSending({ templates, onDone }: { templates: readonly Template[]; onDone: () => void }): ReactNode {
  const t = useText();
  const [form, setForm] = useState({ name: '', template: templates[0]?.id ?? '', kind: 'rules', fromAge: '', toAge: '', district: '', deadline: '' });
  const [values, setValues] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const change = (part: Partial<typeof form>) => setForm((old) => ({ ...old, ...part }));
  const chosen = templates.find((one) => one.id === form.template);
  const age = (text: string) => (/^\d{1,3}$/.test(text) ? Number(text) : undefined);
  const send = async () => {
    if (!chosen) return;
    setBusy(true);
    const rules = form.kind === 'rules';
    const answer = await post('/api/v1/staff/notice-sendings', {
      name: form.name,
      templateId: chosen.id,
      version: chosen.version,
      values: Object.fromEntries(chosen.body.placeholders.map(({ name }) => [name, values[name] ?? ''])),
      audience: { kind: form.kind, fromAge: rules ? age(form.fromAge) : undefined, toAge: rules ? age(form.toAge) : undefined, district: rules && form.district !== '' ? form.district : undefined },
      deadline: form.deadline || undefined,
    });
    setBusy(false);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) onDone();
  };
  return (
    <Card title={<T k="sendings.new" />}>
      <form
        className="mu-stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        {problem ? <ProblemNotice problem={problem} /> : null}
        <Field name="sending-name" label={<T k="sendings.name" />} value={form.name} onChange={(name) => change({ name })} need="required" maxLength={100} />
        <Select name="template" label={<T k="sendings.template" />} value={form.template} onChange={(template) => change({ template })} options={templates.map((one) => ({ value: one.id, label: t('sendings.template.version', { name: one.body.name, version: one.version }) }))} />
        {chosen?.body.placeholders.map(({ name, type }) => (
          <Field key={name} name={`value-${name}`} label={<T k="sendings.value" name={name} />} type={type === 'date' ? 'date' : 'text'} value={values[name] ?? ''} onChange={(value) => setValues((old) => ({ ...old, [name]: value }))} need="required" />
        ))}
        <Select name="audience" label={<T k="sendings.audience" />} value={form.kind} onChange={(kind) => change({ kind })} options={[{ value: 'rules', label: t('sendings.audience.rules') }, { value: 'list', label: t('sendings.audience.list') }]} />
        {form.kind === 'rules' ? (
          <>
            <Field name="from-age" label={<T k="sendings.from-age" />} value={form.fromAge} onChange={(fromAge) => change({ fromAge })} inputMode="numeric" width="short" need="optional" />
            <Field name="to-age" label={<T k="sendings.to-age" />} value={form.toAge} onChange={(toAge) => change({ toAge })} inputMode="numeric" width="short" need="optional" />
            <Field name="district" label={<T k="sendings.district" />} value={form.district} onChange={(district) => change({ district })} need="optional" />
          </>
        ) : null}
        <Field name="deadline" label={<T k="sendings.deadline" />} type="date" value={form.deadline} onChange={(deadline) => change({ deadline })} need="optional" />
        <Button type="submit" busy={busy}><T k="sendings.create" /></Button>
      </form>
    </Card>
  );
}

export function NoticesDesk(): ReactNode {
  const t = useText();
  const [tab, setTab] = useState('sendings');
  const sendings = useResource<Items<Sending>>('/api/v1/staff/notice-sendings');
  const templates = useResource<Items<Template>>('/api/v1/staff/notice-templates');
  const reload = () => void Promise.all([sendings.reload(), templates.reload()]);
  return (
    <Page title={t('sendings.title')} back={{ href: '/console', label: <T k="sendings.today" /> }} wide>
      <Tabs
        label={t('sendings.title')}
        value={tab}
        onChange={setTab}
        items={[
          {
            id: 'sendings',
            label: <T k="sendings.list" />,
            panel: (
              <div className="mu-stack">
                <Loaded resource={sendings}>
                  {({ items }) => (items.length === 0 ? <p><T k="sendings.none" /></p> : <>{items.map((one) => <SendingCard key={one.id} sending={one} onDone={reload} />)}</>)}
                </Loaded>
                <Loaded resource={templates}>{({ items }) => (items.length === 0 ? null : <NewSending key={items.length} templates={items} onDone={reload} />)}</Loaded>
              </div>
            ),
          },
          { id: 'templates', label: <T k="sendings.templates" />, panel: <Loaded resource={templates}>{({ items }) => <TemplateEditor templates={items} onDone={reload} />}</Loaded> },
        ]}
      />
    </Page>
  );
}
