import './error_summary.css';
import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { Icon } from '@/icons/icons';
import { T } from '@/language/text';

export interface ErrorSummaryProps {
  items: readonly { field: string; text: ReactNode }[];
}

/** What the field is called on this page, without readings and marks: "Please fill this in" alone says nothing. */
function nameOf(field: string): string {
  const target = document.getElementById(`field-${field}`);
  const label = target?.closest('fieldset')?.querySelector('legend') ?? document.querySelector(`label[for="field-${field}"]`);
  if (!label) return '';
  const copy = label.cloneNode(true) as Element;
  for (const extra of copy.querySelectorAll('rt, rp, .mu-field__need')) extra.remove();
  return (copy.textContent ?? '').trim();
}

/** Stands above the form, takes the focus when it appears, each line leads to its field. */
export function ErrorSummary({ items }: ErrorSummaryProps): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const names = items.map((item) => item.field).join(' ');
  const [called, setCalled] = useState<Readonly<Record<string, string>>>({});
  useLayoutEffect(() => setCalled(Object.fromEntries(items.map((item) => [item.field, nameOf(item.field)]))), [names]);
  useEffect(() => {
    if (names !== '') box.current?.focus();
  }, [names]);
  if (items.length === 0) return null;
  return (
    <div className="mu-error-summary" role="alert" tabIndex={-1} ref={box}>
      <h2 className="mu-error-summary__title">
        <Icon name="stop" />
        <span>
          <T k="common.check-these" count={items.length} />
        </span>
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
              {called[item.field] ? `${called[item.field]}${'\u3000'}` : null}
              {item.text}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}
