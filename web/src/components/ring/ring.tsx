import './ring.css';
import type { ReactNode } from 'react';

const kAround = 2 * Math.PI * 42;

/** A part of a whole as a ring with the figure inside. The label says it in words. */
export function Ring({ value, of, label, children }: { value: number; of: number; label: string; children?: ReactNode }): ReactNode {
  const part = of > 0 ? Math.min(1, Math.max(0, value / of)) : 0;
  return (
    <span className="mu-ring" role="img" aria-label={label}>
      <svg viewBox="0 0 100 100" aria-hidden="true" focusable="false">
        <circle className="mu-ring__track" cx="50" cy="50" r="42" />
        <circle
          className="mu-ring__part"
          cx="50"
          cy="50"
          r="42"
          strokeDasharray={`${(part * kAround).toFixed(2)} ${kAround.toFixed(2)}`}
          transform="rotate(-90 50 50)"
        />
      </svg>
      <span className="mu-ring__words" aria-hidden="true">
        {children ?? `${value}/${of}`}
      </span>
    </span>
  );
}
