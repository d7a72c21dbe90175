import './banner.css';
import type { ReactNode } from 'react';
import { Icon, type IconName } from '@/icons/icons';

export interface BannerProps {
  kind: 'info' | 'ok' | 'soon' | 'danger';
  title: ReactNode;
  children?: ReactNode;
  /** Set when the banner appears because of something the person just did. */
  announced?: boolean;
}

const icons: Record<BannerProps['kind'], IconName> = { info: 'info', ok: 'checkCircle', soon: 'warning', danger: 'stop' };

export function Banner({ kind, title, children, announced }: BannerProps): ReactNode {
  return (
    <div className={`mu-banner mu-banner--${kind}`} role={announced ? (kind === 'danger' ? 'alert' : 'status') : undefined}>
      <Icon name={icons[kind]} />
      <div className="mu-banner__words">
        <p className="mu-banner__title">{title}</p>
        {children ? <div>{children}</div> : null}
      </div>
    </div>
  );
}
