import './era_date.css';
import { useEffect, useId, useState, type ReactNode } from 'react';
import { dateFromEra, eraOf, eras, type EraId } from '@/language/dates';
import { T, usePreferences, useText } from '@/language/text';

export interface EraDateProps {
  name: string;
  legend: ReactNode;
  /** YYYY-MM-DD or empty while it is incomplete or not a day that exists. */
  value: string;
  onChange: (date: string) => void;
  hint?: ReactNode;
  error?: ReactNode;
  /** The era that stands there first: Shōwa for grown-ups, Reiwa for children. */
  begin?: EraId;
}

type EraChoice = EraId | 'western';
interface Parts {
  era: EraChoice;
  year: string;
  month: string;
  day: string;
}

function partsOf(date: string, western: boolean, begin: EraId = 'showa'): Parts {
  const era = date === '' ? null : eraOf(date);
  if (!era || western) {
    return { era: western ? 'western' : begin, year: date.slice(0, 4), month: trim(date.slice(5, 7)), day: trim(date.slice(8, 10)) };
  }
  return { era: era.era, year: String(era.year), month: trim(date.slice(5, 7)), day: trim(date.slice(8, 10)) };
}

function trim(number: string): string {
  return number.replace(/^0/, '');
}

function toNumber(typed: string): number {
  const half = typed.normalize('NFKC').trim();
  if (half === '元') return 1;
  return /^\d{1,4}$/.test(half) ? Number(half) : Number.NaN;
}

export function dateOfParts(parts: Parts): string {
  const year = toNumber(parts.year);
  const month = toNumber(parts.month);
  const day = toNumber(parts.day);
  if ([year, month, day].some(Number.isNaN)) return '';
  if (parts.era !== 'western') return dateFromEra(parts.era, year, month, day) ?? '';
  const date = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
  const check = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(check.getTime()) && check.toISOString().startsWith(date) ? date : '';
}

export function EraDate(props: EraDateProps): ReactNode {
  const t = useText();
  const { language, calendar } = usePreferences();
  const about = useId();
  const western = language !== 'ja' || calendar === 'western';
  const [parts, setParts] = useState(() => partsOf(props.value, western, props.begin));
  useEffect(() => {
    if (props.value !== '' && props.value !== dateOfParts(parts)) setParts(partsOf(props.value, western));
  }, [props.value]);
  const change = (next: Partial<Parts>) => {
    const merged = { ...parts, ...next };
    setParts(merged);
    props.onChange(dateOfParts(merged));
  };
  const number = (part: 'year' | 'month' | 'day', unit: ReactNode) => (
    <label className="mu-era-date__part">
      <input
        id={part === 'year' ? `field-${props.name}` : undefined}
        className={`mu-era-date__input mu-era-date__input--${part}`}
        inputMode="numeric"
        autoComplete={part === 'year' ? 'bday-year' : part === 'month' ? 'bday-month' : 'bday-day'}
        maxLength={4}
        value={parts[part]}
        aria-invalid={props.error ? true : undefined}
        onInput={(event) => change({ [part]: event.currentTarget.value })}
      />
      <span>{unit}</span>
    </label>
  );
  return (
    <fieldset className="mu-era-date" aria-describedby={props.error ? `${about}-error` : undefined}>
      <legend className="mu-era-date__legend">{props.legend}</legend>
      {props.hint ? <div className="mu-era-date__hint">{props.hint}</div> : null}
      {props.error ? (
        <div className="mu-era-date__error" id={`${about}-error`}>
          {props.error}
        </div>
      ) : null}
      <div className="mu-era-date__row">
        <select
          className="mu-era-date__era"
          aria-label={t('common.era')}
          value={parts.era}
          onChange={(event) => change({ era: event.currentTarget.value as EraChoice })}
        >
          {[...eras].map((era) => (
            <option key={era.id} value={era.id}>
              {language === 'en' ? `${era.name} (${era.id})` : era.name}
            </option>
          ))}
          <option value="western">{t('common.western-year')}</option>
        </select>
        {number('year', <T k="common.year" />)}
        {number('month', <T k="common.month" />)}
        {number('day', <T k="common.day" />)}
      </div>
    </fieldset>
  );
}
