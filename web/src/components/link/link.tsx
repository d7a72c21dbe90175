import './link.css';
import type { MouseEventHandler, ReactNode } from 'react';
import { Icon } from '@/icons/icons';
import { T } from '@/language/text';

export interface LinkProps {
  href: string;
  children: ReactNode;
  /** Opens another window and says so. */
  opens?: 'here' | 'new-window';
  /** A link on a line of its own gets a full target and an arrow. */
  standing?: boolean;
  onClick?: MouseEventHandler<HTMLAnchorElement>;
}

export function Link(props: LinkProps): ReactNode {
  const outside = props.opens === 'new-window';
  return (
    <a
      className={props.standing ? 'mu-link mu-link--standing' : 'mu-link'}
      href={props.href}
      target={outside ? '_blank' : undefined}
      rel={outside ? 'noopener noreferrer' : undefined}
      onClick={props.onClick}
    >
      {props.standing && !outside ? <Icon name="right" /> : null}
      <span>{props.children}</span>
      {outside ? (
        <>
          <Icon name="external" />
          <span className="mu-hidden">
            <T k="common.new-window" />
          </span>
        </>
      ) : null}
    </a>
  );
}
