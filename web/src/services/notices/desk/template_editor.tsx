import { useState, type ReactNode } from 'react';
import { call, post, type Problem } from '@/api/client';
import type { components } from '@/api/schema';
import { ProblemNotice } from '@/app/problem';
import { Banner } from '@/components/banner/banner';
import { Button } from '@/components/button/button';
import { Card } from '@/components/card/card';
import { Checkbox } from '@/components/checkbox/checkbox';
import { Field } from '@/components/field/field';
import { List } from '@/components/list/list';
import { Select } from '@/components/select/select';
import { optionalText } from '@/language/catalogue';
import { T, useText } from '@/language/text';

type Schemas = components['schemas'];
export type Template = Schemas['TemplateView'];
type Body = Schemas['TemplateBody'];

const languages = ['ja', 'jaEasy', 'en'] as const;
const categories = ['childcare', 'health', 'insurance', 'tax', 'welfare', 'safety', 'procedure', 'other'] as const;
const empty: Body = { name: '', category: 'childcare', duty: 'voluntary', ja: { title: '', text: '', action: '' }, jaEasy: { title: '', text: '', action: '' }, en: { title: '', text: '', action: '' }, placeholders: [], link: '' };

const written = (body: Body) => body.placeholders.map(({ name, type }) => `${name}:${type}`).join('\n');
function read(text: string): Body['placeholders'] {
  return text
    .split('\n')
    .map((line) => line.trim().split(':'))
    .filter(([name]) => name)
    .map(([name, type]) => ({ name: name!, type: type === 'date' || type === 'number' ? type : 'text' }));
}

/** A template in three languages; saving a known one makes its next version. */
export function TemplateEditor({ templates, onDone }: { templates: readonly Template[]; onDone: () => void }): ReactNode {
  const t = useText();
  const [id, setId] = useState<string | null>(null);
  const [body, setBody] = useState<Body>(empty);
  const [placeholders, setPlaceholders] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [advice, setAdvice] = useState<Template['advice']>([]);
  const [busy, setBusy] = useState(false);
  const change = (part: Partial<Body>) => setBody((old) => ({ ...old, ...part }));
  const choose = (template: Template | null) => {
    setId(template?.id ?? null);
    setBody(template?.body ?? empty);
    setPlaceholders(template ? written(template.body) : '');
    setAdvice(template?.advice ?? []);
    setProblem(null);
  };
  const save = async () => {
    setBusy(true);
    const sent = { ...body, placeholders: read(placeholders) };
    const answer = id ? await call<Template>('PUT', `/api/v1/staff/notice-templates/${id}`, { body: sent }) : await post<Template>('/api/v1/staff/notice-templates', sent);
    setBusy(false);
    setProblem(answer.ok ? null : answer.problem);
    if (!answer.ok) return;
    choose(answer.data);
    onDone();
  };
  return (
    <div className="mu-stack">
      {templates.length > 0 ? (
        <Card title={<T k="sendings.templates" />}>
          <List
            rows={templates.map((one) => ({
              key: one.id,
              title: <T k="sendings.template.version" name={one.body.name} version={one.version} />,
              about: one.body.ja.title,
              action: <Button look="quiet" onClick={() => choose(one)}>{one.body.name}</Button>,
            }))}
          />
          <Button look="secondary" onClick={() => choose(null)}><T k="sendings.template.new" /></Button>
        </Card>
      ) : null}
      <Card title={id ? body.name : <T k="sendings.template.new" />}>
        <form
          className="mu-stack"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void save();
          }}
        >
          {problem ? <ProblemNotice problem={problem} /> : null}
          {advice.length > 0 ? (
            <Banner kind="soon" title={<T k="sendings.advice" />}>
              <ul>
                {advice.map((one, at) => (
                  <li key={at}>{optionalText(`sendings.advice:${one.code}`, { where: one.where }) ?? one.code}</li>
                ))}
              </ul>
            </Banner>
          ) : null}
          <Field name="template-name" label={<T k="sendings.name" />} value={body.name} onChange={(name) => change({ name })} need="required" maxLength={100} />
          <Select name="category" label={<T k="sendings.category" />} value={body.category} onChange={(category) => change({ category: category as Body['category'] })} options={categories.map((value) => ({ value, label: optionalText(`sendings.category:${value}`) ?? value }))} />
          <Checkbox name="statutory" label={<T k="sendings.statutory" />} checked={body.duty === 'statutory'} onChange={(on) => change({ duty: on ? 'statutory' : 'voluntary' })} />
          {languages.map((language) => {
            const shown = t(`sendings.words.${language}`);
            const words = (part: Partial<Body['ja']>) => change({ [language]: { ...body[language], ...part } });
            return (
              <fieldset key={language} className="mu-stack">
                <legend>{shown}</legend>
                <Field name={`title-${language}`} label={<T k="sendings.words.title" language={shown} />} value={body[language].title} onChange={(title) => words({ title })} need="required" maxLength={100} />
                <Field name={`text-${language}`} label={<T k="sendings.words.text" language={shown} />} value={body[language].text} onChange={(text) => words({ text })} lines={6} need="required" />
                <Field name={`action-${language}`} label={<T k="sendings.words.action" language={shown} />} value={body[language].action} onChange={(action) => words({ action })} need="optional" maxLength={60} />
              </fieldset>
            );
          })}
          <Field name="link" label={<T k="sendings.link" />} value={body.link} onChange={(link) => change({ link })} need="optional" />
          <Field name="placeholders" label={<T k="sendings.placeholders" />} hint={<T k="sendings.placeholders.hint" />} value={placeholders} onChange={setPlaceholders} lines={3} need="optional" />
          <Button type="submit" busy={busy}><T k="sendings.save" /></Button>
        </form>
      </Card>
    </div>
  );
}
