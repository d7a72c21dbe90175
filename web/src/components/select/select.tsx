import './select.css';
import { useId, type ReactNode } from 'react';

export interface SelectProps {
  name: string;
  label: ReactNode;
  value: string;
  options: readonly { value: string; label: string }[];
  onChange: (value: string) => void;
  hint?: ReactNode;
  error?: ReactNode;
}

export function Select(props: SelectProps): ReactNode {
  const about = useId();
  const id = `field-${props.name}`;
  const described = [props.hint ? `${about}-hint` : '', props.error ? `${about}-error` : ''].join(' ').trim();
  return (
    <div className="mu-select">
      <label className="mu-select__label" htmlFor={id}>
        {props.label}
      </label>
      {props.hint ? (
        <div className="mu-select__hint" id={`${about}-hint`}>
          {props.hint}
        </div>
      ) : null}
      {props.error ? (
        <div className="mu-select__error" id={`${about}-error`}>
          {props.error}
        </div>
      ) : null}
      <div className="mu-select__box">
        <select
          id={id}
          name={props.name}
          value={props.value}
          aria-invalid={props.error ? true : undefined}
          aria-describedby={described === '' ? undefined : described}
          onChange={(event) => props.onChange(event.currentTarget.value)}
        >
          {props.options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
        <svg className="mu-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
          <path d="M5 9l7 7 7-7" />
        </svg>
      </div>
    </div>
  );
}
