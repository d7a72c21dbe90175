import './tabs.css';
import { useId, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { Icon, type IconName } from '@/icons/icons';

export interface TabsProps {
  label: string;
  items: readonly { id: string; label: ReactNode; panel: ReactNode }[];
  value: string;
  onChange: (id: string) => void;
}

/** Tabs as the ARIA practices describe them: arrows move, Home and End jump. */
export function Tabs({ label, items, value, onChange }: TabsProps): ReactNode {
  const base = useId();
  const bar = useRef<HTMLDivElement>(null);
  const index = Math.max(0, items.findIndex((item) => item.id === value));
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? items.length - 1 : step ? (index + step + items.length) % items.length : -1;
    if (to < 0) return;
    event.preventDefault();
    onChange(items[to]!.id);
    (bar.current?.children[to] as HTMLElement | undefined)?.focus();
  };
  return (
    <div className="mu-tabs">
      <div className="mu-tabs__bar" role="tablist" aria-label={label} ref={bar} onKeyDown={move}>
        {items.map((item, at) => (
          <button
            key={item.id}
            type="button"
            role="tab"
            id={`${base}-tab-${item.id}`}
            aria-selected={at === index}
            aria-controls={`${base}-panel`}
            tabIndex={at === index ? 0 : -1}
            onClick={() => onChange(item.id)}
          >
            {item.label}
          </button>
        ))}
      </div>
      <div className="mu-tabs__panel" role="tabpanel" id={`${base}-panel`} aria-labelledby={`${base}-tab-${items[index]?.id}`} tabIndex={0}>
        {items[index]?.panel}
      </div>
    </div>
  );
}

export interface TabBarProps {
  label: string;
  items: readonly { href: string; label: ReactNode; icon: IconName; current: boolean; badge?: number }[];
}

/** The bar at the foot of the citizen's app; each entry is a plain link. */
export function TabBar({ label, items }: TabBarProps): ReactNode {
  return (
    <nav className="mu-tab-bar" aria-label={label}>
      <ul>
        {items.map((item) => (
          <li key={item.href}>
            <a href={item.href} aria-current={item.current ? 'page' : undefined}>
              <Icon name={item.icon} />
              <span>{item.label}</span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
