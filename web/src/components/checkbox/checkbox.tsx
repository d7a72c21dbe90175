import './checkbox.css';
import { useId, type ReactNode } from 'react';

export interface CheckboxProps {
  name: string;
  label: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  hint?: ReactNode;
  error?: ReactNode;
}

export function Checkbox(props: CheckboxProps): ReactNode {
  const about = useId();
  return (
    <div className="mu-checkbox">
      {props.error ? (
        <div className="mu-checkbox__error" id={`${about}-error`}>
          {props.error}
        </div>
      ) : null}
      <label className="mu-checkbox__option">
        <input
          id={`field-${props.name}`}
          type="checkbox"
          name={props.name}
          checked={props.checked}
          aria-invalid={props.error ? true : undefined}
          aria-describedby={props.error ? `${about}-error` : undefined}
          onChange={(event) => props.onChange(event.currentTarget.checked)}
        />
        <span className="mu-checkbox__box" aria-hidden="true">
          <svg viewBox="0 0 24 24" className="mu-icon" focusable="false">
            <path d="M4 12l6 6L20 6" />
          </svg>
        </span>
        <span>
          <span className="mu-checkbox__label">{props.label}</span>
          {props.hint ? <span className="mu-checkbox__hint">{props.hint}</span> : null}
        </span>
      </label>
    </div>
  );
}
