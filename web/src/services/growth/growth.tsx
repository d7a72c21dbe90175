// How a child grows: a plain sentence first, the picture second, the table when asked for.
import './growth.css';
import { useState, type ReactNode } from 'react';
import { call, post, type Problem } from '@/api/client';
import type { Growth as GrowthData, GrowthEntry, GrowthMeasure } from '@/api/types';
import { PersonPage } from '@/app/person_page';
import { ProblemNotice } from '@/app/problem';
import { Loaded, useResource } from '@/app/resource';
import { Banner } from '@/components/banner/banner';
import { Button } from '@/components/button/button';
import { Card } from '@/components/card/card';
import { Dialog } from '@/components/dialog/dialog';
import { EraDate } from '@/components/era_date/era_date';
import { Field } from '@/components/field/field';
import { Segmented } from '@/components/segmented/segmented';
import { Table } from '@/components/table/table';
import { Toast } from '@/components/toast/toast';
import { Icon } from '@/icons/icons';
import { formatDate, formatNumber, todayInJapan } from '@/language/dates';
import { T, usePreferences, useText } from '@/language/text';
import { GrowthChart, monthsOf } from './chart';

type Kind = GrowthMeasure['measure'];
const kinds: readonly Kind[] = ['height', 'weight', 'head'];

function digitsOf(kind: Kind): number {
  return kind === 'weight' ? 2 : 1;
}

function PositionWords({ entry }: { entry: GrowthEntry }): ReactNode {
  if (entry.position === undefined) return <T k="growth.outside-ages" />;
  if (entry.position === 'below-3') return <T k="growth.below" />;
  if (entry.position === 'above-97') return <T k="growth.above" />;
  const [low, high] = entry.position.split('-');
  return <T k="growth.inside" low={low} high={high} />;
}

function Latest({ data }: { data: GrowthData }): ReactNode {
  const reader = usePreferences();
  const newest = data.measures.flatMap((measure) => (measure.entries.length > 0 ? [{ measure, entry: measure.entries.at(-1)! }] : []));
  const kaup = data.kaup.at(-1);
  return (
    <Card title={<T k="growth.now" />}>
      {newest.map(({ measure, entry }) => (
        <p key={measure.measure} className="mu-growth-sentence">
          <strong>
            <T k="growth.sentence" date={formatDate(entry.date, reader)} what={<T k={`growth.${measure.measure}`} />} value={`${formatNumber(entry.value, reader.language, digitsOf(measure.measure))}\u00a0${measure.unit}`} />
          </strong>
          <br />
          <PositionWords entry={entry} />
        </p>
      ))}
      {kaup?.band ? (
        <p>
          <T k="growth.kaup" value={formatNumber(kaup.value, reader.language, 1)} /> <T k={kaup.band === 'inside' ? 'growth.kaup.inside' : 'growth.kaup.outside'} />
        </p>
      ) : null}
      {data.correctedBirthDate ? (
        <p className="mu-sub">
          <T k="growth.corrected" />
        </p>
      ) : null}
    </Card>
  );
}

function Picture({ data }: { data: GrowthData }): ReactNode {
  const t = useText();
  const reader = usePreferences();
  const [kind, setKind] = useState<Kind>(() => data.measures.find((one) => one.entries.length > 0)?.measure ?? 'height');
  const measure = data.measures.find((one) => one.measure === kind)!;
  return (
    <Card title={<T k="growth.chart" what={<T k={`growth.${kind}`} />} />}>
      <Segmented name="measure" legend={<T k="growth.measure" />} hideLegend value={kind} onChange={(value) => setKind(value as Kind)} options={kinds.map((one) => ({ value: one, label: <T k={`growth.${one}`} /> }))} />
      {measure.curve.length > 0 || measure.entries.length > 0 ? <GrowthChart measure={measure} what={t(`growth.${kind}`)} /> : null}
      {measure.survey ? (
        <p className="mu-sub">
          <T k="growth.survey" survey={<T k={`growth.survey.${measure.survey}`} />} />
        </p>
      ) : null}
      <details className="mu-growth-table">
        <summary>
          <T k="growth.table" />
        </summary>
        <Table
          caption={`${t(`growth.${kind}`)}（${measure.unit}）`}
          columns={[
            { key: 'date', label: t('growth.date') },
            { key: 'age', label: t('growth.age'), number: true },
            { key: 'value', label: t('growth.value'), number: true },
            { key: 'source', label: t('growth.source') },
          ]}
          rows={[...measure.entries].reverse().map((entry, index) => ({
            key: `${entry.date}-${index}`,
            cells: {
              date: formatDate(entry.date, reader),
              age: formatNumber(monthsOf(entry), reader.language, 1),
              value: formatNumber(entry.value, reader.language, digitsOf(kind)),
              source: <T k={`growth.source.${entry.source}`} />,
            },
          }))}
        />
      </details>
    </Card>
  );
}

export function parseMeasure(text: string): number | null {
  const half = text.normalize('NFKC').trim();
  return /^\d{1,3}(\.\d{1,2})?$/.test(half) ? Number(half) : null;
}

function AddForm({ person, onClose, onSaved }: { person: string; onClose: () => void; onSaved: () => void }): ReactNode {
  const [date, setDate] = useState(() => todayInJapan(new Date()));
  const [form, setForm] = useState<Record<Kind, string>>({ height: '', weight: '', head: '' });
  const [wrong, setWrong] = useState<Partial<Record<Kind | 'date' | 'all', ReactNode>>>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [kept, setKept] = useState<readonly Kind[]>([]);
  const [busy, setBusy] = useState(false);
  const send = async (confirmed: boolean) => {
    const found: Partial<Record<Kind | 'date' | 'all', ReactNode>> = {};
    const filled = kinds.filter((kind) => form[kind].trim() !== '');
    if (date === '') found.date = <T k="growth.need-day" />;
    if (filled.length === 0) found.all = <T k="growth.need-value" />;
    for (const kind of filled) if (parseMeasure(form[kind]) === null) found[kind] = <T k="growth.not-a-number" />;
    setWrong(found);
    setProblem(null);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    const done = [...kept];
    for (const kind of filled.filter((one) => !done.includes(one))) {
      const answer = await post(`/api/v1/people/${person}/vitals/${kind}`, { at: date, value: parseMeasure(form[kind]), ...(confirmed ? { confirmed: true } : {}) });
      if (answer.ok) {
        done.push(kind);
        continue;
      }
      if (answer.problem.code === 'vitals.unlikely') setWrong({ [kind]: <T k="growth.unlikely" /> });
      setKept(done);
      setProblem(answer.problem);
      setBusy(false);
      return;
    }
    onSaved();
  };
  const unlikely = problem?.code === 'vitals.unlikely';
  return (
    <Dialog
      title={<T k="growth.add" />}
      open
      onClose={onClose}
      actions={
        <Button busy={busy} onClick={() => void send(unlikely)}>
          <T k={unlikely ? 'growth.save-anyway' : 'growth.save'} />
        </Button>
      }
    >
      {problem && !unlikely ? <ProblemNotice problem={problem} /> : null}
      {wrong.all ? <p role="alert">{wrong.all}</p> : null}
      <EraDate name="date" legend={<T k="growth.date" />} value={date} onChange={setDate} error={wrong.date} />
      {kinds.map((kind) => (
        <Field
          key={kind}
          name={kind}
          label={<T k={`growth.${kind}`} />}
          need="optional"
          inputMode="decimal"
          width="short"
          unit={kind === 'weight' ? 'kg' : 'cm'}
          value={form[kind]}
          onChange={(value) => setForm((old) => ({ ...old, [kind]: value }))}
          error={wrong[kind]}
        />
      ))}
    </Dialog>
  );
}

function Birth({ person, data, onSaved }: { person: string; data: GrowthData; onSaved: () => void }): ReactNode {
  const [weeks, setWeeks] = useState(data.gestation ? String(data.gestation.weeks) : '');
  const [days, setDays] = useState(data.gestation ? String(data.gestation.days) : '');
  const [problem, setProblem] = useState<Problem | null>(null);
  const save = async () => {
    const body = weeks.trim() === '' ? {} : { weeks: parseMeasure(weeks), days: parseMeasure(days) ?? 0 };
    const answer = await call('PUT', `/api/v1/people/${person}/growth/birth`, { body });
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) onSaved();
  };
  return (
    <Card title={<T k="growth.birth" />}>
      <p>
        <T k="growth.birth.lead" />
      </p>
      {problem ? <ProblemNotice problem={problem} /> : null}
      <div className="mu-growth-birth">
        <Field name="weeks" label={<T k="growth.weeks" />} inputMode="numeric" width="short" value={weeks} onChange={setWeeks} />
        <Field name="days" label={<T k="growth.days" />} inputMode="numeric" width="short" value={days} onChange={setDays} />
      </div>
      <div className="mu-actions">
        <Button look="secondary" onClick={() => void save()}>
          <T k="growth.save" />
        </Button>
      </div>
    </Card>
  );
}

export function Growth({ person }: { person: string }): ReactNode {
  const growth = useResource<GrowthData>(`/api/v1/people/${person}/growth`);
  const [adding, setAdding] = useState(false);
  const [saved, setSaved] = useState(false);
  return (
    <PersonPage person={person} section="/growth" title="growth.title" back={`/p/${person}`}>
      {() => (
        <>
          <Loaded resource={growth}>
            {(data) => {
              const any = data.measures.some((measure) => measure.entries.length > 0);
              return (
                <>
                  {any ? <Latest data={data} /> : <Banner kind="info" title={<T k="growth.none" />} />}
                  <div className="mu-actions">
                    <Button icon={<Icon name="plus" />} onClick={() => setAdding(true)}>
                      <T k="growth.add" />
                    </Button>
                    <Button look="secondary" icon={<Icon name="print" />} onClick={() => window.print()}>
                      <T k="record.print" />
                    </Button>
                  </div>
                  <Picture data={data} />
                  <Birth
                    person={person}
                    data={data}
                    onSaved={() => {
                      setSaved(true);
                      void growth.reload();
                    }}
                  />
                  <p className="mu-sub">
                    <T k="growth.note" />
                  </p>
                </>
              );
            }}
          </Loaded>
          {adding ? (
            <AddForm
              person={person}
              onClose={() => setAdding(false)}
              onSaved={() => {
                setAdding(false);
                setSaved(true);
                void growth.reload();
              }}
            />
          ) : null}
          {saved ? (
            <Toast onGone={() => setSaved(false)}>
              <T k="growth.saved" />
            </Toast>
          ) : null}
        </>
      )}
    </PersonPage>
  );
}
