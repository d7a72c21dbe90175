import './radio.css';
import { useId, type ReactNode } from 'react';

export interface RadioOption {
  value: string;
  label: ReactNode;
  hint?: ReactNode;
  picture?: ReactNode;
}

export interface RadioGroupProps {
  name: string;
  legend: ReactNode;
  options: readonly RadioOption[];
  value: string | null;
  onChange: (value: string) => void;
  error?: ReactNode;
  hint?: ReactNode;
  look?: 'lines' | 'cards';
}

export function RadioGroup(props: RadioGroupProps): ReactNode {
  const about = useId();
  const id = `field-${props.name}`;
  return (
    <fieldset
      className={`mu-radio mu-radio--${props.look ?? 'lines'}`}
      id={id}
      aria-describedby={props.error ? `${about}-error` : undefined}
    >
      <legend className="mu-radio__legend">{props.legend}</legend>
      {props.hint ? <div className="mu-radio__hint">{props.hint}</div> : null}
      {props.error ? (
        <div className="mu-radio__error" id={`${about}-error`}>
          {props.error}
        </div>
      ) : null}
      {props.options.map((option) => (
        <label className="mu-radio__option" key={option.value}>
          <input
            type="radio"
            name={props.name}
            value={option.value}
            checked={props.value === option.value}
            onChange={() => props.onChange(option.value)}
          />
          <span className="mu-radio__dot" aria-hidden="true" />
          <span className="mu-radio__words">
            <span className="mu-radio__label">{option.label}</span>
            {option.hint ? <span className="mu-radio__about">{option.hint}</span> : null}
          </span>
          {option.picture ? <span className="mu-radio__picture">{option.picture}</span> : null}
        </label>
      ))}
    </fieldset>
  );
}
