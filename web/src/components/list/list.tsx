import './list.css';
import type { ReactNode } from 'react';
import { Icon } from '@/icons/icons';

export interface ListRow {
  key: string;
  title: ReactNode;
  about?: ReactNode;
  value?: ReactNode;
  icon?: ReactNode;
  href?: string;
  action?: ReactNode;
}

export function List({ rows }: { rows: readonly ListRow[] }): ReactNode {
  return (
    <ul className="mu-list">
      {rows.map((row) => (
        <li className="mu-list__row" key={row.key}>
          {row.icon ? <span className="mu-list__icon">{row.icon}</span> : null}
          <div className="mu-list__words">
            {row.href ? (
              <a className="mu-list__link" href={row.href}>
                {row.title}
              </a>
            ) : (
              <span className="mu-list__title">{row.title}</span>
            )}
            {row.about ? <span className="mu-list__about">{row.about}</span> : null}
          </div>
          {row.value && !row.href ? <span className="mu-list__value">{row.value}</span> : null}
          {row.action}
          {row.href ? (
            <span className="mu-list__end">
              {row.value ? <span className="mu-list__value">{row.value}</span> : null}
              <Icon name="right" />
            </span>
          ) : null}
        </li>
      ))}
    </ul>
  );
}
