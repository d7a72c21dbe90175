import { useEffect, useRef, type ReactNode } from 'react';
import { useText } from '@/language/text';
import './page.css';

let opened = false;

/** One page: its title in the window, its heading focused after a change of page, its way back. */
export function Page(props: { title: string; heading?: ReactNode; back?: { href: string; label: ReactNode }; wide?: boolean; children: ReactNode }): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  const t = useText();
  useEffect(() => {
    document.title = `${props.title}｜${t('app.name')}`;
  }, [props.title]);
  useEffect(() => {
    if (opened) {
      window.scrollTo(0, 0);
      heading.current?.focus({ preventScroll: true });
    }
    opened = true;
  }, []);
  return (
    <main className={props.wide ? 'mu-main mu-main--wide' : 'mu-main'} id="main">
      <div className="mu-stack mu-stack--wide">
        {props.back ? (
          <a className="mu-plain-target mu-page-back mu-no-print" href={props.back.href}>
            {props.back.label}
          </a>
        ) : null}
        <h1 ref={heading} tabIndex={-1}>
          {props.heading ?? props.title}
        </h1>
        {props.children}
      </div>
    </main>
  );
}
