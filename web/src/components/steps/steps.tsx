import './steps.css';
import type { ReactNode } from 'react';
import { T } from '@/language/text';

/** Where one is on a way of several pages: "3 / 6" in words and as marks. */
export function Steps({ names, current }: { names: readonly ReactNode[]; current: number }): ReactNode {
  return (
    <div className="mu-steps">
      <p className="mu-steps__words">
        <span className="mu-steps__count">
          <T k="common.step-of" step={current + 1} total={names.length} />
        </span>
        <span>{names[current]}</span>
      </p>
      <ol className="mu-steps__marks" aria-hidden="true">
        {names.map((_, index) => (
          <li key={index} className={index < current ? 'is-done' : index === current ? 'is-now' : ''} />
        ))}
      </ol>
    </div>
  );
}
