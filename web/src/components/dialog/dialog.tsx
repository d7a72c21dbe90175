import './dialog.css';
import { useEffect, useId, useRef, type ReactNode } from 'react';
import { Icon } from '@/icons/icons';
import { T } from '@/language/text';

export interface DialogProps {
  title: ReactNode;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
  actions?: ReactNode;
}

/** The browser's own modal dialog: it keeps the focus inside, closes on Escape and gives the focus back. */
export function Dialog(props: DialogProps): ReactNode {
  const element = useRef<HTMLDialogElement>(null);
  const title = useId();
  useEffect(() => {
    const dialog = element.current;
    if (!dialog) return;
    if (props.open && !dialog.open) dialog.showModal();
    if (!props.open && dialog.open) dialog.close();
  }, [props.open]);
  return (
    <dialog
      className="mu-dialog"
      ref={element}
      aria-labelledby={title}
      onClose={props.onClose}
      onCancel={props.onClose}
      onClick={(event) => {
        if (event.target === element.current) props.onClose();
      }}
    >
      {props.open ? (
        <div className="mu-dialog__in">
          <div className="mu-dialog__head">
            <h2 id={title}>{props.title}</h2>
            <button type="button" className="mu-dialog__close" onClick={props.onClose}>
              <Icon name="close" />
              <span>
                <T k="common.close" />
              </span>
            </button>
          </div>
          <div className="mu-dialog__body">{props.children}</div>
          {props.actions ? <div className="mu-dialog__actions">{props.actions}</div> : null}
        </div>
      ) : null}
    </dialog>
  );
}
