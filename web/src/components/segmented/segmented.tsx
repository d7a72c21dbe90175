import './segmented.css';
import type { ReactNode } from 'react';

export interface SegmentedProps {
  name: string;
  legend: ReactNode;
  options: readonly { value: string; label: ReactNode; className?: string }[];
  value: string;
  onChange: (value: string) => void;
  hideLegend?: boolean;
}

export function Segmented(props: SegmentedProps): ReactNode {
  return (
    <fieldset className="mu-segmented">
      <legend className={props.hideLegend ? 'mu-hidden' : 'mu-segmented__legend'}>{props.legend}</legend>
      <div className="mu-segmented__row">
        {props.options.map((option) => (
          <label key={option.value} className={`mu-segmented__option ${option.className ?? ''}`}>
            <input
              type="radio"
              name={props.name}
              value={option.value}
              checked={option.value === props.value}
              onChange={() => props.onChange(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
