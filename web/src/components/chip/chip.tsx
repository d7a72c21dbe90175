import './chip.css';
import type { ReactNode } from 'react';
import { Icon, type IconName } from '@/icons/icons';

export function Chip({ kind, icon, children }: { kind?: 'plain' | 'primary' | 'ok' | 'soon' | 'danger'; icon?: IconName; children: ReactNode }): ReactNode {
  return (
    <span className={`mu-chip mu-chip--${kind ?? 'plain'}`}>
      {icon ? <Icon name={icon} /> : null}
      <span>{children}</span>
    </span>
  );
}

/** The round seal of a finished thing (済). */
export function Stamp({ children, label }: { children: ReactNode; label: string }): ReactNode {
  return (
    <span className="mu-stamp" role="img" aria-label={label}>
      <span aria-hidden="true">{children}</span>
    </span>
  );
}
