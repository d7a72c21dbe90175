// Steps, weight and blood pressure: the chart over the years, the list, entries by hand with undo, and CSV.
import { useState, type ReactNode } from 'react';
import { call, post, remove, type Problem } from '@/api/client';
import type { ImportReport, Items, Vital, VitalKind } from '@/api/types';
import { fieldErrors, fieldText, ProblemNotice } from '@/app/problem';
import { Loaded, useResource } from '@/app/resource';
import { go } from '@/app/routing';
import { BloodPressureChart, StepsChart, WeightChart } from '@/charts/health';
import { Banner } from '@/components/banner/banner';
import { Button } from '@/components/button/button';
import { Card } from '@/components/card/card';
import { EraDate } from '@/components/era_date/era_date';
import { ErrorSummary } from '@/components/error_summary/error_summary';
import { Field } from '@/components/field/field';
import { FilePicker } from '@/components/file_picker/file_picker';
import { List } from '@/components/list/list';
import { Segmented } from '@/components/segmented/segmented';
import { Table } from '@/components/table/table';
import { Toast } from '@/components/toast/toast';
import { Icon } from '@/icons/icons';
import { optionalText, type MessageKey } from '@/language/catalogue';
import { formatDate, todayInJapan } from '@/language/dates';
import { T, usePreferences, useText } from '@/language/text';
import './record.css';
import { PersonPage, SourceChip, vitalText } from './parts';

const nameOf: Readonly<Record<string, MessageKey>> = { 'blood-pressure': 'record.blood-pressure', weight: 'record.weight', steps: 'record.steps', height: 'record.height' };

function byDate(one: Vital, other: Vital): number {
  return (one.at ?? one.date).localeCompare(other.at ?? other.date);
}

let savedBefore: { person: string; kind: VitalKind; id: string } | null = null;

export function Vitals({ person, kind }: { person: string; kind: VitalKind }): ReactNode {
  const reader = usePreferences();
  const t = useText();
  const vitals = useResource<Items<Vital>>(`/api/v1/people/${person}/vitals/${kind}`);
  const [deleted, setDeleted] = useState<Vital | null>(null);
  const [saved, setSaved] = useState(() => {
    const just = savedBefore?.person === person && savedBefore.kind === kind ? savedBefore : null;
    savedBefore = null;
    return just;
  });
  const [problem, setProblem] = useState<Problem | null>(null);
  const [shown, setShown] = useState(20);
  const base = `/api/v1/people/${person}/vitals/${kind}`;
  const take = async (vital: Vital) => {
    const answer = await remove(`${base}/${vital.id}`);
    setProblem(answer.ok ? null : answer.problem);
    if (!answer.ok) return;
    setSaved(null);
    setDeleted(vital);
    vitals.change((data) => ({ ...data, items: data.items.filter((one) => one.id !== vital.id) }));
  };
  const undo = async () => {
    const answer = deleted ? await post(`${base}/${deleted.id}/restore`) : saved ? await remove(`${base}/${saved.id}`) : null;
    if (answer && !answer.ok) setProblem(answer.problem);
    setDeleted(null);
    setSaved(null);
    await vitals.reload();
  };
  return (
    <PersonPage person={person} section={`/vitals/${kind}`} title="record.of" what={nameOf[kind] ?? 'record.title'} back={`/p/${person}`}>
      {() => (
        <>
          <div className="mu-actions">
            <Button icon={<Icon name="plus" />} href={`/p/${person}/add?kind=${kind}`}>
              <T k="record.add" />
            </Button>
            <Button look="secondary" icon={<Icon name="upload" />} href={`/p/${person}/import`}>
              <T k="record.import" />
            </Button>
          </div>
          {problem ? <ProblemNotice problem={problem} reading /> : null}
          <Loaded resource={vitals}>
            {({ items }) => {
              const sorted = [...items].sort(byDate);
              const records = sorted.map((vital) => ({
                key: vital.id,
                date: vital.date,
                values: { ...vital.values },
                source: vital.source === 'city' ? `${t('record.source.city')} ${vital.sourceName}` : t('record.source.self'),
              }));
              if (items.length === 0) {
                return (
                  <Banner kind="info" title={<T k="vitals.none" />}>
                    <T k="vitals.none.how" />
                  </Banner>
                );
              }
              return (
                <>
                  <Card>
                    {kind === 'blood-pressure' ? <BloodPressureChart records={records} /> : kind === 'steps' ? <StepsChart records={records.slice(-31)} /> : <WeightChart records={records} />}
                  </Card>
                  <Card title={<T k="vitals.all" />} aside={<T k="record.entries" count={items.length} />}>
                    <List
                      rows={[...sorted]
                        .reverse()
                        .slice(0, shown)
                        .map((vital) => ({
                          key: vital.id,
                          title: vitalText(vital, reader.language),
                          about: (
                            <>
                              {formatDate(vital.date, reader)} {vital.note}
                            </>
                          ),
                          value: <SourceChip source={vital.source} name={vital.source === 'self' ? '' : vital.sourceName} />,
                          action:
                            vital.source === 'self' ? (
                              <Button look="quiet" onClick={() => void take(vital)} attributes={{ 'aria-label': t('vitals.delete-this', { what: vitalText(vital, reader.language) }) }}>
                                <T k="vitals.delete" />
                              </Button>
                            ) : null,
                        }))}
                    />
                    {items.length > shown ? (
                      <Button look="quiet" onClick={() => setShown(shown + 50)}>
                        <T k="common.more" />
                      </Button>
                    ) : null}
                  </Card>
                </>
              );
            }}
          </Loaded>
          {deleted || saved ? (
            <Toast
              onUndo={() => void undo()}
              onGone={() => {
                setDeleted(null);
                setSaved(null);
              }}
            >
              <T k={deleted ? 'vitals.deleted' : 'vitals.saved'} />
            </Toast>
          ) : null}
        </>
      )}
    </PersonPage>
  );
}

interface Form {
  date: string;
  time: string;
  systolic: string;
  diastolic: string;
  pulse: string;
  value: string;
  note: string;
}

export function parseNumber(text: string): number | null {
  const half = text.normalize('NFKC').trim();
  return /^\d{1,6}(\.\d{1,2})?$/.test(half) ? Number(half) : null;
}

/** The instant of a civil date and time in Japan, which has had one offset since 1951. */
export function instantInJapan(date: string, time: string): string {
  return new Date(`${date}T${time}:00+09:00`).toISOString().replace('.000Z', 'Z');
}

export function AddVital({ person }: { person: string }): ReactNode {
  const wanted = new URLSearchParams(location.search).get('kind');
  const [kind, setKind] = useState<VitalKind>(wanted === 'weight' || wanted === 'steps' ? wanted : 'blood-pressure');
  const [form, setForm] = useState<Form>(() => ({
    date: todayInJapan(new Date()),
    time: new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Tokyo', hour: '2-digit', minute: '2-digit' }).format(new Date()),
    systolic: '',
    diastolic: '',
    pulse: '',
    value: '',
    note: '',
  }));
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const change = (part: Partial<Form>) => setForm((old) => ({ ...old, ...part }));
  const send = async (confirmed: boolean) => {
    const found: Record<string, string> = {};
    const number = (name: 'systolic' | 'diastolic' | 'pulse' | 'value', need: boolean) => {
      if (form[name].trim() === '') {
        if (need) found[name] = fieldText('required');
        return undefined;
      }
      const value = parseNumber(form[name]);
      if (value === null) found[name] = fieldText('number-malformed');
      return value ?? undefined;
    };
    const values = kind === 'blood-pressure' ? { systolic: number('systolic', true), diastolic: number('diastolic', true), pulse: number('pulse', false) } : { value: number('value', true) };
    if (form.date === '') found.date = fieldText('date-malformed');
    if (!/^\d{2}:\d{2}$/.test(form.time)) found.time = fieldText('wrong');
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    const answer = await post<Vital>(`/api/v1/people/${person}/vitals/${kind}`, {
      at: instantInJapan(form.date, form.time),
      ...Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)),
      ...(form.note.trim() === '' ? {} : { note: form.note.trim() }),
      ...(confirmed ? { confirmed: true } : {}),
    });
    setBusy(false);
    if (answer.ok) {
      savedBefore = { person, kind, id: answer.data.id };
      go(`/p/${person}/vitals/${kind}`);
      return;
    }
    setProblem(answer.problem);
    setErrors(fieldErrors(answer.problem, { at: 'date' }));
  };
  return (
    <PersonPage person={person} section="/add" title="vitals.add.title" back={`/p/${person}`}>
      {() => (
        <form
          className="mu-stack mu-stack--wide"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void send(false);
          }}
        >
          <Segmented
            name="kind"
            legend={<T k="vitals.kind" />}
            value={kind}
            onChange={(value) => {
              setKind(value as VitalKind);
              setErrors({});
              setProblem(null);
            }}
            options={(['blood-pressure', 'weight', 'steps'] as const).map((value) => ({ value, label: <T k={nameOf[value]!} /> }))}
          />
          <ErrorSummary items={Object.entries(errors).map(([field, text]) => ({ field, text }))} />
          {problem && Object.keys(errors).length === 0 ? (
            <ProblemNotice problem={problem}>
              {problem.code === 'vitals.unlikely' ? (
                <Button look="secondary" busy={busy} onClick={() => void send(true)}>
                  <T k="vitals.save-anyway" />
                </Button>
              ) : null}
            </ProblemNotice>
          ) : null}
          {kind === 'blood-pressure' ? (
            <>
              <Field name="systolic" label={<T k="vitals.systolic" />} unit="mmHg" width="short" inputMode="numeric" maxLength={6} value={form.systolic} error={errors.systolic} onChange={(systolic) => change({ systolic })} />
              <Field name="diastolic" label={<T k="vitals.diastolic" />} unit="mmHg" width="short" inputMode="numeric" maxLength={6} value={form.diastolic} error={errors.diastolic} onChange={(diastolic) => change({ diastolic })} />
              <Field name="pulse" label={<T k="vitals.pulse" />} unit={<T k="vitals.per-minute" />} need="optional" width="short" inputMode="numeric" maxLength={6} value={form.pulse} error={errors.pulse} onChange={(pulse) => change({ pulse })} />
            </>
          ) : (
            <Field
              name="value"
              label={<T k={nameOf[kind]!} />}
              unit={kind === 'weight' ? 'kg' : <T k="chart.steps-unit" />}
              width="short"
              inputMode={kind === 'weight' ? 'decimal' : 'numeric'}
              maxLength={8}
              value={form.value}
              error={errors.value}
              onChange={(value) => change({ value })}
            />
          )}
          <EraDate name="date" legend={<T k="vitals.date" />} value={form.date} error={errors.date} onChange={(date) => change({ date })} />
          <Field name="time" type="time" label={<T k="common.time" />} width="short" value={form.time} error={errors.time} onChange={(time) => change({ time })} />
          <Field name="note" label={<T k="vitals.note" />} need="optional" maxLength={200} value={form.note} error={errors.note} onChange={(note) => change({ note })} />
          <div className="mu-actions">
            <Button type="submit" size="main" busy={busy}>
              <T k="common.save" />
            </Button>
          </div>
        </form>
      )}
    </PersonPage>
  );
}

export function ImportVitals({ person }: { person: string }): ReactNode {
  const t = useText();
  const [file, setFile] = useState<File | null>(null);
  const [report, setReport] = useState<ImportReport | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const send = async (chosen: File, partial: boolean) => {
    setBusy(true);
    setReport(null);
    setProblem(null);
    const answer = await call<ImportReport>('POST', `/api/v1/people/${person}/vitals/import${partial ? '?partial=true' : ''}`, {
      raw: { type: 'text/csv', bytes: chosen },
      timeout: 120_000,
    });
    setBusy(false);
    if (answer.ok) setReport(answer.data);
    else setProblem(answer.problem);
  };
  return (
    <PersonPage person={person} section="/import" title="import.title" back={`/p/${person}`}>
      {() => (
        <>
          <p>
            <T k="import.lead" />
          </p>
          <Card title={<T k="import.form" />}>
            <pre className="mu-code mu-record-sample" tabIndex={0}>
              {'date,time,kind,value,systolic,diastolic,pulse\n2026-11-20,07:30,blood-pressure,,128,79,66\n2026-11-20,07:35,weight,58.2,,,\n2026-11-20,,steps,7421,,,'}
            </pre>
          </Card>
          <FilePicker
            name="csv"
            label={<T k="import.file" />}
            hint={<T k="import.hint" />}
            button={<T k={file ? 'import.choose-other' : 'import.choose'} />}
            accept=".csv,text/csv"
            {...(file ? { chosen: file.name } : {})}
            onChoose={(chosen) => {
              setFile(chosen);
              void send(chosen, false);
            }}
          />
          {busy ? (
            <p role="status">
              <T k="import.sending" />
            </p>
          ) : null}
          {problem ? <ProblemNotice problem={problem} {...(file ? { onRetry: () => void send(file, false) } : {})} /> : null}
          {report && report.errors.length === 0 ? (
            <Banner kind="ok" announced title={<T k="import.done" count={report.accepted} />}>
              {report.skipped ? <T k="import.skipped" count={report.skipped} /> : null}
            </Banner>
          ) : null}
          {report && report.errors.length > 0 ? (
            <>
              <Banner kind="soon" announced title={<T k="import.rows-wrong" count={report.errors.length} />}>
                {report.accepted > 0 ? <T k="import.partly" count={report.accepted} /> : <T k="import.nothing-saved" />}
              </Banner>
              <Table
                caption={<T k="import.report" />}
                columns={[
                  { key: 'row', label: <T k="import.row" />, number: true },
                  { key: 'column', label: <T k="import.column" /> },
                  { key: 'what', label: <T k="import.what" /> },
                ]}
                rows={report.errors.map((error, index) => ({
                  key: String(index),
                  cells: { row: error.row, column: error.column ?? '–', what: optionalText(`row:${error.code}`) ?? t('import.cannot-read', { code: error.code }) },
                }))}
              />
              <div className="mu-actions">
                {file && report.accepted === 0 ? (
                  <Button look="secondary" busy={busy} onClick={() => void send(file, true)}>
                    <T k="import.save-good" />
                  </Button>
                ) : null}
              </div>
            </>
          ) : null}
        </>
      )}
    </PersonPage>
  );
}
