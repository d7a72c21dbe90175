// The ways without a card: a posted letter, or the company's contract and roster.
import { useState, type ReactNode } from 'react';
import { post, type Problem } from '@/api/client';
import type { Registration } from '@/api/types';
import { fieldErrors, fieldText, ProblemNotice } from '@/app/problem';
import { loadSession } from '@/app/session';
import { Banner } from '@/components/banner/banner';
import { Button } from '@/components/button/button';
import { EraDate } from '@/components/era_date/era_date';
import { ErrorSummary } from '@/components/error_summary/error_summary';
import { Field } from '@/components/field/field';
import { Link } from '@/components/link/link';
import { RadioGroup } from '@/components/radio/radio';
import { T } from '@/language/text';
import { follow, loadRegistration } from './flow';
import { StepPage, useDraft } from './frame';
import { looksLikeTelephone } from './finish';

type Errors = Record<string, string>;

function missing<T extends Record<string, string>>(form: T, names: readonly (keyof T & string)[]): Errors {
  return Object.fromEntries(names.filter((name) => form[name]?.trim() === '').map((name) => [name, fieldText('required')]));
}

function useSending(path: string, done?: () => Promise<void>) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [errors, setErrors] = useState<Errors>({});
  const [busy, setBusy] = useState(false);
  const send = async (body: object, found: Errors) => {
    setErrors(found);
    setProblem(null);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    const answer = await post<Registration>(path, body);
    if (answer.ok) await done?.();
    setBusy(false);
    const failed = follow(answer);
    setProblem(failed);
    setErrors(fieldErrors(failed));
  };
  const head = (
    <>
      <ErrorSummary items={Object.entries(errors).map(([field, text]) => ({ field, text }))} />
      {problem && Object.keys(errors).length === 0 ? <ProblemNotice problem={problem} /> : null}
    </>
  );
  return { errors, busy, send, head };
}

export function LetterStep(): ReactNode {
  const [form, change] = useDraft('letter', { name: '', kana: '', birthDate: '', sex: '', postalCode: '', address: '', telephone: '' });
  const { errors, busy, send, head } = useSending('/api/v1/registration/letter');
  return (
    <StepPage path="/start/letter" step={3} title="start.letter.title" back="/start/way">
      {() => (
        <form
          className="mu-stack mu-stack--wide"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            const found = missing(form, ['name', 'kana', 'birthDate', 'sex', 'postalCode', 'address', 'telephone']);
            if (!found.birthDate && form.birthDate === '') found.birthDate = fieldText('date-malformed');
            const postalCode = form.postalCode.normalize('NFKC').replace(/\D/g, '');
            if (!found.postalCode && postalCode.length !== 7) found.postalCode = fieldText('malformed');
            if (!found.telephone && !looksLikeTelephone(form.telephone)) found.telephone = fieldText('telephone-malformed');
            void send({ ...form, postalCode, telephone: form.telephone.normalize('NFKC').trim() }, found);
          }}
        >
          <p>
            <T k="start.letter.lead" />
          </p>
          {head}
          <Field name="name" label={<T k="common.name" />} hint={<T k="start.letter.name.hint" />} need="required" autoComplete="name" maxLength={80} value={form.name} error={errors.name} onChange={(name) => change({ name })} />
          <Field name="kana" label={<T k="common.kana" />} hint={<T k="start.letter.kana.hint" />} need="required" maxLength={80} value={form.kana} error={errors.kana} onChange={(kana) => change({ kana })} />
          <EraDate name="birthDate" legend={<T k="common.birth-date" />} value={form.birthDate} error={errors.birthDate} onChange={(birthDate) => change({ birthDate })} />
          <RadioGroup
            name="sex"
            legend={<T k="common.sex" />}
            value={form.sex === '' ? null : form.sex}
            error={errors.sex}
            onChange={(sex) => change({ sex })}
            options={(['female', 'male', 'unknown'] as const).map((value) => ({ value, label: <T k={`common.sex.${value}`} /> }))}
          />
          <Field name="postalCode" label={<T k="common.postal-code" />} hint="670-0012" width="short" inputMode="numeric" autoComplete="postal-code" need="required" maxLength={10} value={form.postalCode} error={errors.postalCode} onChange={(postalCode) => change({ postalCode })} />
          <Field name="address" label={<T k="common.address" />} hint={<T k="start.letter.address.hint" />} need="required" autoComplete="street-address" maxLength={200} value={form.address} error={errors.address} onChange={(address) => change({ address })} />
          <Field name="telephone" type="tel" label={<T k="common.telephone" />} inputMode="tel" autoComplete="tel" need="required" maxLength={20} value={form.telephone} error={errors.telephone} onChange={(telephone) => change({ telephone })} />
          <div className="mu-actions">
            <Button type="submit" size="main" busy={busy}>
              <T k="start.letter.send" />
            </Button>
          </div>
        </form>
      )}
    </StepPage>
  );
}

export function LetterCodeStep(): ReactNode {
  const [form, change] = useDraft('letter-code', { code: '' });
  const { errors, busy, send, head } = useSending('/api/v1/registration/letter-code', loadSession);
  return (
    <StepPage path="/start/letter-code" step={3} title="start.letter-code.title">
      {() => (
        <>
          <Banner kind="ok" title={<T k="start.letter-code.waiting" />}>
            <T k="start.letter-code.waiting.how" />
          </Banner>
          <form
            className="mu-stack mu-stack--wide"
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              void send({ code: form.code.normalize('NFKC').replace(/\D/g, '') }, missing(form, ['code']));
            }}
          >
            {head}
            <Field name="code" label={<T k="start.letter-code.label" />} hint={<T k="start.letter-code.hint" />} need="required" width="code" inputMode="numeric" maxLength={20} autoComplete="one-time-code" spellCheck={false} value={form.code} error={errors.code} onChange={(code) => change({ code })} />
            <div className="mu-actions">
              <Button type="submit" size="main" busy={busy}>
                <T k="start.letter-code.send" />
              </Button>
            </div>
          </form>
          <p>
            <Link href="/start/way" standing>
              <T k="start.other-way" />
            </Link>
          </p>
        </>
      )}
    </StepPage>
  );
}

export function CompanyStep(): ReactNode {
  const [form, change] = useDraft('company', { companyCode: '', employeeNumber: '', name: '', kana: '', birthDate: '', telephone: '' });
  const { errors, busy, send, head } = useSending('/api/v1/registration/company');
  return (
    <StepPage path="/start/company" step={3} title="start.company.title" back="/start/way">
      {() => (
        <form
          className="mu-stack mu-stack--wide"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            const found = missing(form, ['companyCode', 'employeeNumber', 'name', 'kana', 'birthDate', 'telephone']);
            if (!found.telephone && !looksLikeTelephone(form.telephone)) found.telephone = fieldText('telephone-malformed');
            void send({ ...form, companyCode: form.companyCode.normalize('NFKC').trim(), employeeNumber: form.employeeNumber.normalize('NFKC').trim() }, found);
          }}
        >
          <p>
            <T k="start.company.lead" />
          </p>
          {head}
          <Field name="companyCode" label={<T k="start.company.code" />} hint={<T k="start.company.code.hint" />} need="required" maxLength={40} spellCheck={false} value={form.companyCode} error={errors.companyCode} onChange={(companyCode) => change({ companyCode })} />
          <Field name="employeeNumber" label={<T k="start.company.number" />} need="required" maxLength={40} spellCheck={false} value={form.employeeNumber} error={errors.employeeNumber} onChange={(employeeNumber) => change({ employeeNumber })} />
          <Field name="name" label={<T k="common.name" />} need="required" autoComplete="name" maxLength={80} value={form.name} error={errors.name} onChange={(name) => change({ name })} />
          <Field name="kana" label={<T k="common.kana" />} need="required" maxLength={80} value={form.kana} error={errors.kana} onChange={(kana) => change({ kana })} />
          <EraDate name="birthDate" legend={<T k="common.birth-date" />} value={form.birthDate} error={errors.birthDate} onChange={(birthDate) => change({ birthDate })} />
          <Field name="telephone" type="tel" label={<T k="common.telephone" />} inputMode="tel" autoComplete="tel" need="required" maxLength={20} value={form.telephone} error={errors.telephone} onChange={(telephone) => change({ telephone })} />
          <div className="mu-actions">
            <Button type="submit" size="main" busy={busy}>
              <T k="start.company.send" />
            </Button>
          </div>
        </form>
      )}
    </StepPage>
  );
}

export function CompanyWaitingStep(): ReactNode {
  return (
    <StepPage path="/start/company-waiting" step={3} title="start.company-waiting.title">
      {(registration) => (
        <>
          <Banner kind="ok" title={<T k="start.company-waiting.received" />}>
            <T k="start.company-waiting.how" email={registration.email} />
          </Banner>
          <div className="mu-actions">
            <Button look="secondary" onClick={() => void loadRegistration()}>
              <T k="start.company-waiting.check" />
            </Button>
          </div>
          <p>
            <Link href="/start/way" standing>
              <T k="start.other-way" />
            </Link>
          </p>
        </>
      )}
    </StepPage>
  );
}
