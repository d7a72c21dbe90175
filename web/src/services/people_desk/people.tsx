import { useState, type FormEvent, type ReactNode } from 'react';
import { post, type Problem } from '@/api/client';
import type { Items } from '@/api/types';
import { Page } from '@/app/page';
import { fieldErrors, ProblemNotice } from '@/app/problem';
import { Banner } from '@/components/banner/banner';
import { Button } from '@/components/button/button';
import { Card } from '@/components/card/card';
import { Field } from '@/components/field/field';
import { List } from '@/components/list/list';
import { RadioGroup } from '@/components/radio/radio';
import { Table } from '@/components/table/table';
import { optionalText } from '@/language/catalogue';
import { formatDate } from '@/language/dates';
import { DataText, T, usePreferences, useText } from '@/language/text';
import { Day, Facts, Moment, Nothing } from './parts';
import type { AuditRow, FoundPerson, SeenPerson } from './types';

// The person concerned reads the purpose, so words are recorded and not their key.
const purposes = ['question-of-the-person', 'checkup', 'vaccination', 'correction', 'complaint'] as const;

const words = (purpose: string) => optionalText(`desk.purpose.${purpose}`) ?? purpose;

function Purpose({ value, onChange, error }: { value: string | null; onChange: (purpose: string) => void; error?: ReactNode }): ReactNode {
  return (
    <RadioGroup
      name="purpose"
      legend={<T k="desk.purpose" />}
      hint={<T k="desk.purpose-hint" />}
      value={value}
      onChange={onChange}
      error={error}
      options={purposes.map((purpose) => ({ value: purpose, label: <T k={`desk.purpose.${purpose}`} /> }))}
    />
  );
}

interface Seen {
  person: SeenPerson;
  looks: readonly AuditRow[];
}

/** One look: the purpose was given with the search and is recorded again with the person opened. */
function Opened({ person, purpose, onClose }: { person: FoundPerson; purpose: string; onClose: () => void }): ReactNode {
  const t = useText();
  const [seen, setSeen] = useState<Seen | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const open = async () => {
    setBusy(true);
    const view = await post<Seen['person']>(`/api/v1/staff/people/${person.id}/view`, { purpose });
    const looks = view.ok ? await post<Items<AuditRow>>(`/api/v1/staff/people/${person.id}/seen`, { purpose }) : view;
    setBusy(false);
    if (!view.ok || !looks.ok) {
      setProblem(!view.ok ? view.problem : looks.ok ? null : looks.problem);
      return;
    }
    setSeen({ person: view.data, looks: (looks.data as Items<AuditRow>).items });
  };
  return (
    <Card title={person.name} aside={<Button look="quiet" onClick={onClose}><T k="desk.back-to-results" /></Button>}>
      <div className="mu-stack">
        {problem ? <ProblemNotice problem={problem} reading /> : null}
        {seen ? (
          <>
            <Facts
              rows={[
                { name: <T k="desk.kana" />, value: seen.person.kana },
                { name: <T k="desk.birth" />, value: <Day value={seen.person.birthDate} /> },
                { name: <T k="desk.address" />, value: seen.person.address },
                { name: <T k="desk.email" />, value: seen.person.email },
                { name: <T k="desk.telephone" />, value: seen.person.telephone },
                { name: <T k="desk.guardians" />, value: seen.person.guardians.map((one) => one.name).join('、') },
                { name: <T k="desk.children" />, value: seen.person.children.map((one) => one.name).join('、') },
                { name: <T k="desk.registered-by" />, value: <DataText name={`desk.source.${seen.person.source}`} fallback={seen.person.source} /> },
                { name: <T k="desk.closed-at" />, value: seen.person.closedAt ? <Moment value={seen.person.closedAt} /> : undefined },
              ]}
            />
            <Table
              caption={<T k="desk.who-looked" />}
              columns={[{ key: 'at', label: t('desk.when') }, { key: 'who', label: t('desk.who') }, { key: 'what', label: t('desk.what') }, { key: 'purpose', label: t('desk.why') }]}
              rows={seen.looks.map((look) => ({
                key: look.id ?? look.at + look.operation,
                cells: { at: <Moment value={look.at} />, who: look.organization ? `${look.who}（${look.organization}）` : look.who, what: look.what ?? look.operation, purpose: look.purpose ?? '' },
              }))}
            />
          </>
        ) : (
          <>
            <Banner kind="soon" title={<T k="desk.look-is-recorded" />}><T k="desk.look-is-seen" /></Banner>
            <Button busy={busy} onClick={() => void open()}><T k="desk.open-person" /></Button>
          </>
        )}
      </div>
    </Card>
  );
}

export function People(): ReactNode {
  const t = useText();
  const reader = usePreferences();
  const [name, setName] = useState('');
  const [kana, setKana] = useState('');
  const [birthDate, setBirthDate] = useState('');
  const [address, setAddress] = useState('');
  const [purpose, setPurpose] = useState<string | null>(null);
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [found, setFound] = useState<readonly FoundPerson[] | null>(null);
  const [chosen, setChosen] = useState<FoundPerson | null>(null);
  const errors = fieldErrors(problem);
  const search = async (event: FormEvent) => {
    event.preventDefault();
    setMissing(purpose === null);
    if (purpose === null) return;
    setBusy(true);
    const given = Object.fromEntries(Object.entries({ name, kana, birthDate, address }).filter(([, value]) => value.trim() !== ''));
    const answer = await post<Items<FoundPerson>>('/api/v1/staff/people/search', { ...given, purpose: words(purpose) });
    setBusy(false);
    setProblem(answer.ok ? null : answer.problem);
    setFound(answer.ok ? answer.data.items : null);
    setChosen(null);
  };
  return (
    <Page title={t('desk.people')} back={{ href: '/console', label: <T k="desk.today" /> }} wide>
      <form className="mu-stack" onSubmit={(event) => void search(event)}>
        {problem ? <ProblemNotice problem={problem} reading /> : null}
        <Purpose value={purpose} onChange={setPurpose} error={missing ? <T k="desk.purpose-missing" /> : undefined} />
        <div className="mu-grid">
          <Field name="name" label={<T k="desk.name" />} value={name} onChange={setName} error={errors.name} />
          <Field name="kana" label={<T k="desk.kana" />} value={kana} onChange={setKana} error={errors.kana} />
          <Field name="birthDate" type="date" label={<T k="desk.birth" />} value={birthDate} onChange={setBirthDate} error={errors.birthDate} />
          <Field name="address" label={<T k="desk.address" />} value={address} onChange={setAddress} error={errors.address} />
        </div>
        <Button type="submit" busy={busy}><T k="desk.search" /></Button>
      </form>
      {chosen && purpose ? (
        <Opened key={chosen.id} person={chosen} purpose={words(purpose)} onClose={() => setChosen(null)} />
      ) : found === null ? null : found.length === 0 ? (
        <Nothing><T k="desk.nobody-found" /></Nothing>
      ) : (
        <Card title={<T k="desk.found" count={found.length} />}>
          <List
            rows={found.map((person) => ({
              key: person.id,
              title: person.kana ? `${person.name}（${person.kana}）` : person.name,
              about: `${formatDate(person.birthDate, reader)}　${person.address ?? ''}`,
              action: <Button look="secondary" onClick={() => setChosen(person)}><T k="desk.choose" /></Button>,
            }))}
          />
        </Card>
      )}
    </Page>
  );
}
