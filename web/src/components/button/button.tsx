import './button.css';
import type { ButtonHTMLAttributes, MouseEventHandler, ReactNode } from 'react';
import { T } from '@/language/text';

export interface ButtonProps {
  children: ReactNode;
  look?: 'primary' | 'secondary' | 'quiet' | 'danger';
  size?: 'main' | 'normal';
  type?: 'button' | 'submit';
  /** While busy the button keeps its place and its name, refuses further presses and says so. */
  busy?: boolean;
  icon?: ReactNode;
  href?: string;
  download?: boolean;
  onClick?: MouseEventHandler<HTMLElement>;
  attributes?: ButtonHTMLAttributes<HTMLButtonElement>;
}

export function Button(props: ButtonProps): ReactNode {
  const look = props.look ?? 'primary';
  const className = `mu-button mu-button--${look}${props.size === 'main' ? ' mu-button--main' : ''}`;
  const inner = (
    <>
      {props.icon}
      <span>{props.children}</span>
    </>
  );
  if (props.href !== undefined) {
    return (
      <a className={className} href={props.href} download={props.download} onClick={props.onClick}>
        {inner}
      </a>
    );
  }
  return (
    <button
      {...props.attributes}
      type={props.type ?? 'button'}
      className={className}
      aria-disabled={props.busy ? true : undefined}
      onClick={(event) => {
        if (props.busy) event.preventDefault();
        else props.onClick?.(event);
      }}
    >
      {inner}
      {props.busy ? (
        <span className="mu-button__busy" role="status">
          <span className="mu-button__dots" aria-hidden="true" />
          <span className="mu-hidden">
            <T k="common.working" />
          </span>
        </span>
      ) : null}
    </button>
  );
}
