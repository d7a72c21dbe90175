import './field.css';
import { useId, useState, type HTMLInputTypeAttribute, type ReactNode } from 'react';
import { T } from '@/language/text';

export interface FieldProps {
  name: string;
  label: ReactNode;
  value: string;
  onChange: (value: string) => void;
  type?: HTMLInputTypeAttribute;
  hint?: ReactNode;
  error?: ReactNode;
  need?: 'required' | 'optional';
  /** The unit behind the number: kg, mmHg. */
  unit?: ReactNode;
  width?: 'full' | 'short' | 'code';
  lines?: number;
  autoComplete?: string;
  inputMode?: 'text' | 'numeric' | 'decimal' | 'tel' | 'email' | 'search';
  maxLength?: number;
  spellCheck?: boolean;
  lang?: string;
}

/** One line or several lines of text. The id is `field-<name>` so that an error summary can point at it. */
export function Field(props: FieldProps): ReactNode {
  const about = useId();
  const [shown, setShown] = useState(false);
  const id = `field-${props.name}`;
  const described = [props.hint ? `${about}-hint` : '', props.error ? `${about}-error` : ''].join(' ').trim();
  const common = {
    id,
    name: props.name,
    className: 'mu-field__input',
    value: props.value,
    autoComplete: props.autoComplete,
    inputMode: props.inputMode,
    maxLength: props.maxLength,
    lang: props.lang,
    spellCheck: props.spellCheck,
    required: props.need === 'required' ? true : undefined,
    'aria-invalid': props.error ? true : undefined,
    'aria-describedby': described === '' ? undefined : described,
  };
  return (
    <div className={`mu-field mu-field--${props.width ?? 'full'}${props.error ? ' mu-field--error' : ''}`}>
      <label className="mu-field__label" htmlFor={id}>
        <span>{props.label}</span>
        {props.need === 'required' ? (
          <span className="mu-field__need mu-field__need--required">
            <T k="common.required" />
          </span>
        ) : null}
        {props.need === 'optional' ? (
          <span className="mu-field__need">
            <T k="common.optional" />
          </span>
        ) : null}
      </label>
      {props.hint ? (
        <div className="mu-field__hint" id={`${about}-hint`}>
          {props.hint}
        </div>
      ) : null}
      {props.error ? (
        <div className="mu-field__error" id={`${about}-error`}>
          {props.error}
        </div>
      ) : null}
      <div className="mu-field__line">
        {props.lines ? (
          <textarea {...common} rows={props.lines} onInput={(event) => props.onChange(event.currentTarget.value)} />
        ) : (
          <input
            {...common}
            type={props.type === 'password' && shown ? 'text' : (props.type ?? 'text')}
            onInput={(event) => props.onChange(event.currentTarget.value)}
          />
        )}
        {props.unit ? <span className="mu-field__unit">{props.unit}</span> : null}
        {props.type === 'password' ? (
          <button type="button" className="mu-field__reveal" aria-pressed={shown} onClick={() => setShown(!shown)}>
            <T k={shown ? 'common.hide-password' : 'common.show-password'} />
          </button>
        ) : null}
      </div>
    </div>
  );
}
