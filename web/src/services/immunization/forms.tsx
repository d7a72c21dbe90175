// Setting a day for vaccines, and entering a dose the record lacks.
import { useState, type ReactNode } from 'react';
import { call, post, type Problem } from '@/api/client';
import type { ImmunizationAppointment, ImmunizationVaccine } from '@/api/types';
import { ProblemNotice } from '@/app/problem';
import { Button } from '@/components/button/button';
import { Checkbox } from '@/components/checkbox/checkbox';
import { Dialog } from '@/components/dialog/dialog';
import { EraDate } from '@/components/era_date/era_date';
import { Field } from '@/components/field/field';
import { Select } from '@/components/select/select';
import { optionalText } from '@/language/catalogue';
import { T, useText } from '@/language/text';
import { Name, plainName } from './parts';

export interface Wish {
  /** The appointment that is changed; absent for a new one. */
  id?: string;
  date: string;
  time: string;
  place: string;
  vaccines: readonly string[];
}

interface FormProps {
  base: string;
  vaccines: readonly ImmunizationVaccine[];
  onClose: () => void;
}

function fieldOf(problem: Problem | null, path: string): ReactNode {
  const found = problem?.fields.find((field) => field.path.startsWith(path));
  return found ? (optionalText(`row:${found.code}`) ?? found.code) : null;
}

export function AppointmentForm({ base, vaccines, wish, onClose, onSaved }: FormProps & { wish: Wish; onSaved: (saved: ImmunizationAppointment) => void }): ReactNode {
  const t = useText();
  const [form, setForm] = useState(wish);
  const [wrong, setWrong] = useState<{ day?: boolean; vaccines?: boolean }>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const change = (part: Partial<Wish>) => setForm((old) => ({ ...old, ...part }));
  const send = async () => {
    const found = { day: form.date === '', vaccines: form.vaccines.length === 0 };
    setWrong(found);
    if (found.day || found.vaccines) return;
    setBusy(true);
    const body = { date: form.date, vaccines: form.vaccines, ...(form.time ? { time: form.time } : {}), ...(form.place.trim() ? { place: form.place.trim() } : {}) };
    const answer = await call<ImmunizationAppointment>(form.id ? 'PUT' : 'POST', `${base}/appointments${form.id ? `/${form.id}` : ''}`, { body });
    setBusy(false);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) onSaved(answer.data);
  };
  return (
    <Dialog
      title={<T k="immunization.plan-day" />}
      open
      onClose={onClose}
      actions={
        <Button busy={busy} onClick={() => void send()}>
          <T k="immunization.save" />
        </Button>
      }
    >
      {problem && problem.fields.length === 0 ? <ProblemNotice problem={problem} /> : null}
      <EraDate name="day" legend={<T k="immunization.day" />} value={form.date} onChange={(date) => change({ date })} error={wrong.day ? <T k="immunization.need-day" /> : fieldOf(problem, '/date')} />
      <Field name="time" label={<T k="immunization.time" />} type="time" need="optional" width="short" value={form.time} onChange={(time) => change({ time })} error={fieldOf(problem, '/time')} />
      <Field name="place" label={<T k="immunization.place" />} need="optional" maxLength={100} value={form.place} onChange={(place) => change({ place })} />
      <fieldset className="mu-immunization-choice">
        <legend>{t('immunization.choose')}</legend>
        {wrong.vaccines ? (
          <p className="mu-immunization-wrong" role="alert">
            <T k="immunization.need-vaccine" />
          </p>
        ) : null}
        {vaccines.map((vaccine) => (
          <Checkbox
            key={vaccine.id}
            name={`vaccine-${vaccine.id}`}
            label={<Name of={vaccine.name} />}
            checked={form.vaccines.includes(vaccine.id)}
            onChange={(checked) => change({ vaccines: checked ? [...form.vaccines, vaccine.id] : form.vaccines.filter((one) => one !== vaccine.id) })}
          />
        ))}
      </fieldset>
    </Dialog>
  );
}

export function DoseForm({ base, vaccines, onClose, onSaved }: FormProps & { onSaved: () => void }): ReactNode {
  const t = useText();
  const [form, setForm] = useState({ vaccine: vaccines[0]?.id ?? '', date: '', place: '' });
  const [problem, setProblem] = useState<Problem | null>(null);
  const [noDay, setNoDay] = useState(false);
  const [busy, setBusy] = useState(false);
  const send = async () => {
    setNoDay(form.date === '');
    if (form.date === '') return;
    setBusy(true);
    const answer = await post(`${base}/doses`, { vaccine: form.vaccine, date: form.date, ...(form.place.trim() ? { place: form.place.trim() } : {}) });
    setBusy(false);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) onSaved();
  };
  return (
    <Dialog
      title={<T k="immunization.add-dose" />}
      open
      onClose={onClose}
      actions={
        <Button busy={busy} onClick={() => void send()}>
          <T k="immunization.save" />
        </Button>
      }
    >
      {problem && problem.fields.length === 0 ? <ProblemNotice problem={problem} /> : null}
      <Select name="vaccine" label={t('immunization.vaccine')} value={form.vaccine} options={vaccines.map((one) => ({ value: one.id, label: plainName(one.name) }))} onChange={(vaccine) => setForm({ ...form, vaccine })} />
      <EraDate name="given" legend={<T k="immunization.day-given" />} value={form.date} onChange={(date) => setForm({ ...form, date })} error={noDay ? <T k="immunization.need-day" /> : fieldOf(problem, '/date')} />
      <Field name="place" label={<T k="immunization.place" />} need="optional" maxLength={100} value={form.place} onChange={(place) => setForm({ ...form, place })} />
    </Dialog>
  );
}
