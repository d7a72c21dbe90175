import './table.css';
import type { ReactNode } from 'react';

export interface TableProps {
  caption: ReactNode;
  hideCaption?: boolean;
  columns: readonly { key: string; label: ReactNode; number?: boolean }[];
  rows: readonly { key: string; cells: Readonly<Record<string, ReactNode>> }[];
}

/** On a narrow screen each row becomes a small block with the column's name before each value. */
export function Table({ caption, hideCaption, columns, rows }: TableProps): ReactNode {
  return (
    <div className="mu-table">
      <table role="table">
        <caption className={hideCaption ? 'mu-hidden' : undefined}>{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <th key={column.key} scope="col" role="columnheader" className={column.number ? 'mu-table__number' : undefined}>
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr key={row.key} role="row">
              {columns.map((column) => (
                <td key={column.key} role="cell" className={[column.number ? 'mu-table__number' : '', row.cells[column.key] === '–' ? 'is-empty' : ''].join(' ').trim()}>
                  <span className="mu-table__name" aria-hidden="true">
                    {column.label}
                  </span>
                  <span className="mu-table__value">{row.cells[column.key]}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
