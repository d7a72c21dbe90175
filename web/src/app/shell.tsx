// The frame around every page: brand, text and language, activity, offline bar, footer or tabs.
import { useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import { onPending, pendingCalls } from '@/api/client';
import { Button } from '@/components/button/button';
import { Dialog } from '@/components/dialog/dialog';
import { Icon, Knot } from '@/icons/icons';
import { T, usePreferences, useText } from '@/language/text';
import { DisplaySettings } from './display_settings';
import { useSession } from './session';

function Activity(): ReactNode {
  const t = useText();
  const working = useSyncExternalStore(onPending, () => pendingCalls() > 0, () => false);
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!working) {
      setShown(false);
      return undefined;
    }
    const timer = setTimeout(() => setShown(true), 1_000);
    return () => clearTimeout(timer);
  }, [working]);
  return shown ? <div className="mu-activity" role="progressbar" aria-label={t('common.working')} /> : null;
}

function onNetwork(listener: () => void): () => void {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
}

export function Shell(props: { home: string; title?: ReactNode; tabs?: ReactNode; actions?: ReactNode; kind?: 'console'; children: ReactNode }): ReactNode {
  const t = useText();
  const [open, setOpen] = useState(false);
  const { session } = useSession();
  const { language } = usePreferences();
  const offline = useSyncExternalStore(onNetwork, () => !navigator.onLine, () => false);
  const city = session?.municipality;
  return (
    <div className={`mu-shell${props.tabs ? ' mu-shell--tabs' : ''}${props.kind ? ` mu-shell--${props.kind}` : ''}`}>
      <Activity />
      <a className="mu-skip" href="#main">
        <T k="app.skip" />
      </a>
      <header className="mu-header">
        <div className="mu-header__in">
          <a className="mu-brand" href={props.home}>
            <Knot />
            <span>
              <span className="mu-brand__name">{props.title ?? <T k="app.name" />}</span>
              {city?.name ? <span className="mu-brand__city">{language === 'en' ? city.nameEn : city.name}</span> : null}
            </span>
          </a>
          <div className="mu-row mu-no-print">
            {props.actions}
            <Button look="secondary" icon={<Icon name="text" />} onClick={() => setOpen(true)} attributes={{ 'aria-haspopup': 'dialog' }}>
              <T k="app.display" />
            </Button>
          </div>
        </div>
      </header>
      {offline ? (
        <p className="mu-offline" role="status">
          <T k="app.offline" />
        </p>
      ) : null}
      {props.children}
      <footer className="mu-footer">
        <div className="mu-footer__in">
          <nav aria-label={t('app.footer')}>
            <ul>
              {(['help', 'lost-card', 'accessibility', 'privacy'] as const).map((page) => (
                <li key={page}>
                  <a href={`${language === 'en' ? '/en' : language === 'ja-easy' ? '/easy' : ''}/${page}`}>
                    <T k={`app.footer.${page}`} />
                  </a>
                </li>
              ))}
            </ul>
          </nav>
          {city?.telephone ? (
            <p className="mu-sub">
              <T k="app.call-us" telephone={city.telephone} hours={city.hours} />
            </p>
          ) : null}
        </div>
      </footer>
      {props.tabs}
      <Dialog title={<T k="app.display" />} open={open} onClose={() => setOpen(false)}>
        <DisplaySettings />
      </Dialog>
    </div>
  );
}
