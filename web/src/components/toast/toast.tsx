import './toast.css';
import { useEffect, type ReactNode } from 'react';
import { Icon } from '@/icons/icons';
import { T } from '@/language/text';

export interface ToastProps {
  children: ReactNode;
  onUndo?: () => void;
  onGone: () => void;
  /** Milliseconds; ten seconds when there is something to undo. */
  lasts?: number;
}

/** Says what was saved and offers to take it back. Stays while a pointer or the focus is on it. */
export function Toast({ children, onUndo, onGone, lasts }: ToastProps): ReactNode {
  const time = lasts ?? (onUndo ? 10_000 : 5_000);
  useEffect(() => {
    let timer = setTimeout(check, time);
    function check() {
      if (document.querySelector('.mu-toast:hover, .mu-toast:focus-within')) timer = setTimeout(check, 1_000);
      else onGone();
    }
    return () => clearTimeout(timer);
  }, [children, time]);
  return (
    <div className="mu-toast-stack">
      <div className="mu-toast" role="status">
        <Icon name="checkCircle" />
        <span className="mu-toast__words">{children}</span>
        {onUndo ? (
          <button type="button" className="mu-toast__undo" onClick={onUndo}>
            <Icon name="undo" />
            <T k="common.undo" />
          </button>
        ) : null}
        <button type="button" className="mu-toast__undo" onClick={onGone}>
          <T k="common.close" />
        </button>
      </div>
    </div>
  );
}
