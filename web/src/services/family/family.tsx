import { useState, type ReactNode } from 'react';
import { post, type Problem } from '@/api/client';
import type { Candidate, FamilyRequest, Items, Person } from '@/api/types';
import { Page } from '@/app/page';
import { fieldErrors, fieldText, ProblemNotice } from '@/app/problem';
import { Loaded, useResource } from '@/app/resource';
import { Banner } from '@/components/banner/banner';
import { Button } from '@/components/button/button';
import { Card } from '@/components/card/card';
import { EraDate } from '@/components/era_date/era_date';
import { ErrorSummary } from '@/components/error_summary/error_summary';
import { Field } from '@/components/field/field';
import { List } from '@/components/list/list';
import { RadioGroup } from '@/components/radio/radio';
import { Icon } from '@/icons/icons';
import { optionalText } from '@/language/catalogue';
import { formatDate, formatInstant } from '@/language/dates';
import { T, usePreferences, useText } from '@/language/text';

export function Family(): ReactNode {
  const t = useText();
  const reader = usePreferences();
  const people = useResource<Items<Person>>('/api/v1/people');
  const candidates = useResource<Items<Candidate>>('/api/v1/family/candidates');
  const requests = useResource<Items<FamilyRequest>>('/api/v1/family/requests');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [added, setAdded] = useState<string | null>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const add = async (child: Candidate) => {
    setBusy(child.residentId);
    const answer = await post<Person>('/api/v1/family/children', { residentId: child.residentId });
    setBusy(null);
    setProblem(answer.ok ? null : answer.problem);
    if (!answer.ok) return;
    setAdded(child.name);
    await Promise.all([people.reload(), candidates.reload()]);
  };
  return (
    <Page title={t('family.title')} heading={<T k="family.title" />}>
      {added ? <Banner kind="ok" title={<T k="family.added" name={added} />} announced /> : null}
      {problem ? <ProblemNotice problem={problem} reading /> : null}
      <Loaded resource={people}>
        {({ items }) => (
          <Card title={<T k="family.registered" />}>
            <List
              rows={items.map((person) => ({
                key: person.id,
                icon: <Icon name={person.relation === 'child' ? 'child' : 'person'} />,
                title: person.name,
                about: person.relation === 'self' ? <T k="family.you" /> : formatDate(person.birthDate, reader),
                href: `/p/${person.id}`,
              }))}
            />
          </Card>
        )}
      </Loaded>
      <Card title={<T k="family.candidates" />}>
        <p>
          <T k="family.candidates.lead" />
        </p>
        <Loaded resource={candidates}>
          {({ items }) =>
            items.length === 0 ? (
              <p className="mu-sub">
                <T k="family.candidates.none" />
              </p>
            ) : (
              <List
                rows={items.map((child) => ({
                  key: child.residentId,
                  icon: <Icon name="child" />,
                  title: child.name,
                  about: (
                    <>
                      {child.kana}
                      <br />
                      {formatDate(child.birthDate, reader)}
                    </>
                  ),
                  action: (
                    <Button busy={busy === child.residentId} onClick={() => void add(child)} attributes={{ 'aria-label': t('family.add-this', { name: child.name }) }}>
                      <T k="family.add" />
                    </Button>
                  ),
                }))}
              />
            )
          }
        </Loaded>
      </Card>
      <Card title={<T k="family.ask" />}>
        <p>
          <T k="family.ask.lead" />
        </p>
        <div className="mu-actions">
          <Button look="secondary" href="/family/request">
            <T k="family.ask.do" />
          </Button>
        </div>
        {requests.data && requests.data.items.length > 0 ? (
          <List
            rows={requests.data.items.map((request) => ({
              key: request.id,
              icon: <Icon name="clock" />,
              title: request.name,
              about: formatInstant(request.at, reader),
              value: optionalText(`family.status:${request.status}`) ?? request.status,
            }))}
          />
        ) : null}
      </Card>
    </Page>
  );
}

export function FamilyRequestPage(): ReactNode {
  const t = useText();
  const [form, setForm] = useState({ name: '', kana: '', birthDate: '', sex: '', address: '', note: '' });
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [sent, setSent] = useState(false);
  const change = (part: Partial<typeof form>) => setForm((old) => ({ ...old, ...part }));
  const send = async () => {
    const found = Object.fromEntries((['name', 'kana', 'birthDate', 'sex', 'address'] as const).filter((name) => form[name].trim() === '').map((name) => [name, fieldText('required')]));
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    const answer = await post('/api/v1/family/requests', form);
    setBusy(false);
    setProblem(answer.ok ? null : answer.problem);
    setErrors(answer.ok ? {} : fieldErrors(answer.problem));
    setSent(answer.ok);
  };
  return (
    <Page title={t('family.ask')} heading={<T k="family.ask" />} back={{ href: '/family', label: <T k="family.title" /> }}>
      {sent ? (
        <Banner kind="ok" title={<T k="family.ask.sent" />} announced>
          <T k="family.ask.sent.how" />
        </Banner>
      ) : (
        <form
          className="mu-stack mu-stack--wide"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void send();
          }}
        >
          <p>
            <T k="family.ask.form" />
          </p>
          <ErrorSummary items={Object.entries(errors).map(([field, text]) => ({ field, text }))} />
          {problem && Object.keys(errors).length === 0 ? <ProblemNotice problem={problem} onRetry={() => void send()} /> : null}
          <Field name="name" label={<T k="family.child.name" />} need="required" maxLength={80} value={form.name} error={errors.name} onChange={(name) => change({ name })} />
          <Field name="kana" label={<T k="common.kana" />} need="required" maxLength={80} value={form.kana} error={errors.kana} onChange={(kana) => change({ kana })} />
          <EraDate name="birthDate" legend={<T k="common.birth-date" />} begin="reiwa" value={form.birthDate} error={errors.birthDate} onChange={(birthDate) => change({ birthDate })} />
          <RadioGroup
            name="sex"
            legend={<T k="common.sex" />}
            value={form.sex === '' ? null : form.sex}
            error={errors.sex}
            onChange={(sex) => change({ sex })}
            options={(['female', 'male', 'unknown'] as const).map((value) => ({ value, label: <T k={`common.sex.${value}`} /> }))}
          />
          <Field name="address" label={<T k="common.address" />} need="required" maxLength={200} value={form.address} error={errors.address} onChange={(address) => change({ address })} />
          <Field name="note" label={<T k="family.note" />} hint={<T k="family.note.hint" />} need="optional" lines={3} maxLength={500} value={form.note} error={errors.note} onChange={(note) => change({ note })} />
          <div className="mu-actions">
            <Button type="submit" size="main" busy={busy}>
              <T k="family.ask.do" />
            </Button>
          </div>
        </form>
      )}
    </Page>
  );
}
