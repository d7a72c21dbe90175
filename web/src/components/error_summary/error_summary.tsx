import './error_summary.css';
import { useEffect, useRef, type ReactNode } from 'react';
import { Icon } from '@/icons/icons';
import { T } from '@/language/text';

export interface ErrorSummaryProps {
  items: readonly { field: string; text: ReactNode }[];
}

/** Stands above the form, takes the focus when it appears, each line leads to its field. */
export function ErrorSummary({ items }: ErrorSummaryProps): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const names = items.map((item) => item.field).join(' ');
  useEffect(() => {
    if (names !== '') box.current?.focus();
  }, [names]);
  if (items.length === 0) return null;
  return (
    <div className="mu-error-summary" role="alert" tabIndex={-1} ref={box}>
      <h2 className="mu-error-summary__title">
        <Icon name="stop" />
        <T k="common.check-these" count={items.length} />
      </h2>
      <ul>
        {items.map((item) => (
          <li key={item.field}>
            <a
              href={`#field-${item.field}`}
              onClick={(event) => {
                const target = document.getElementById(`field-${item.field}`);
                if (!target) return;
                event.preventDefault();
                const focusable = target.matches('input,select,textarea,button') ? target : target.querySelector('input');
                (focusable as HTMLElement | null)?.focus();
              }}
            >
              {item.text}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}
