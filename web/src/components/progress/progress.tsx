import './progress.css';
import type { ReactNode } from 'react';
import { Icon } from '@/icons/icons';

export interface ProgressStep {
  key: string;
  label: ReactNode;
  state: 'waiting' | 'now' | 'done' | 'failed';
}

/** What is being done now, for anything that takes more than a second. */
export function ProgressList({ label, steps }: { label: string; steps: readonly ProgressStep[] }): ReactNode {
  return (
    <ol className="mu-progress-list" aria-label={label} aria-live="polite">
      {steps.map((step) => (
        <li key={step.key} className={`is-${step.state}`} aria-current={step.state === 'now' ? 'step' : undefined}>
          {step.state === 'done' ? <Icon name="checkCircle" /> : null}
          {step.state === 'failed' ? <Icon name="stop" /> : null}
          {step.state === 'now' ? <span className="mu-progress-list__turning" aria-hidden="true" /> : null}
          {step.state === 'waiting' ? <span className="mu-progress-list__wait" aria-hidden="true" /> : null}
          <span>{step.label}</span>
        </li>
      ))}
    </ol>
  );
}

/** A bar for work whose amount is known; without a value it only says that work goes on. */
export function ProgressBar({ label, value }: { label: string; value?: number }): ReactNode {
  return (
    <div className="mu-progress">
      <span className="mu-progress__label">{label}</span>
      <progress aria-label={label} max={1} value={value} />
    </div>
  );
}
