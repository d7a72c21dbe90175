// The terminal in the hall: one question a screen, large targets, nothing kept. What works on it today is checking a
// card: whether it reads, which certificates it holds and how many tries are left, before somebody locks it.
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { CardAgent, type AgentState, type Reader } from '@/app/agent';
import { languageNames } from '@/app/display_settings';
import { useSession } from '@/app/session';
import { Icon, Knot } from '@/icons/icons';
import { chooseLanguage } from '@/language/catalogue';
import { T, usePreferences } from '@/language/text';

type Screen = 'attract' | 'card' | 'help';

const kIdle = 60_000;
const kWarning = 15_000;

/** Calls `onAsk` after a minute without a touch, `onGone` fifteen seconds later. */
function useIdle(active: boolean, onAsk: () => void, onGone: () => void): void {
  useEffect(() => {
    if (!active) return undefined;
    let ask = 0;
    let gone = 0;
    const restart = () => {
      clearTimeout(ask);
      clearTimeout(gone);
      ask = window.setTimeout(onAsk, kIdle);
      gone = window.setTimeout(onGone, kIdle + kWarning);
    };
    restart();
    const events = ['pointerdown', 'keydown'] as const;
    for (const event of events) document.addEventListener(event, restart);
    return () => {
      clearTimeout(ask);
      clearTimeout(gone);
      for (const event of events) document.removeEventListener(event, restart);
    };
  }, [active]);
}

function Tries({ label, left }: { label: ReactNode; left: number | undefined }): ReactNode {
  return (
    <div className="mu-kiosk__tries">
      <span>{label}</span>
      <strong>
        {left === undefined ? '–' : left === 0 ? <T k="kiosk.locked" /> : <T k="kiosk.tries" count={left} />}
      </strong>
    </div>
  );
}

function CardFound({ reader }: { reader: Reader }): ReactNode {
  const locked = reader.triesLeft?.user === 0 || (reader.hasSignatureCertificate && reader.triesLeft?.signature === 0);
  return (
    <div className="mu-stack" role="status">
      <h1>
        <Icon name={locked ? 'lock' : 'checkCircle'} /> <T k={locked ? 'kiosk.card-locked' : 'kiosk.card-works'} />
      </h1>
      <Tries label={<T k="kiosk.user-pin" />} left={reader.triesLeft?.user} />
      {reader.hasSignatureCertificate ? <Tries label={<T k="kiosk.signature-password" />} left={reader.triesLeft?.signature} /> : <p><T k="kiosk.no-signature" /></p>}
      <p>
        <T k={locked ? 'kiosk.unlock' : 'kiosk.take-card'} />
      </p>
    </div>
  );
}

function CardScreen(): ReactNode {
  const [state, setState] = useState<AgentState>({ kind: 'connecting' });
  const agent = useRef<CardAgent | null>(null);
  useEffect(() => {
    agent.current = new CardAgent(setState);
    agent.current.connect();
    return () => agent.current?.close();
  }, []);
  if (state.kind === 'connecting') return <p role="status"><T k="kiosk.connecting" /></p>;
  if (state.kind === 'missing' || state.status.readers.length === 0) {
    return (
      <div className="mu-stack" role="alert">
        <h1><T k="kiosk.no-reader" /></h1>
        <p><T k="kiosk.no-reader-do" /></p>
        <button type="button" className="mu-kiosk__button" onClick={() => agent.current?.connect()}><T k="kiosk.again" /></button>
      </div>
    );
  }
  const withCard = state.status.readers.find((reader) => reader.card !== 'none');
  if (!withCard) {
    return (
      <div className="mu-stack" role="status">
        <h1><T k="kiosk.touch" /></h1>
        <span className="mu-kiosk__picture"><Icon name="card" /></span>
      </div>
    );
  }
  if (withCard.card === 'unknown') {
    return (
      <div className="mu-stack" role="alert">
        <h1><T k="kiosk.other-card" /></h1>
        <p><T k="kiosk.other-card-do" /></p>
      </div>
    );
  }
  return <CardFound reader={withCard} />;
}

export function Kiosk(): ReactNode {
  const [screen, setScreen] = useState<Screen>('attract');
  const [asking, setAsking] = useState(false);
  const { session } = useSession();
  const { language } = usePreferences();
  const city = session?.municipality;
  const start = () => {
    setAsking(false);
    setScreen('attract');
    void chooseLanguage('ja');
  };
  useIdle(screen !== 'attract', () => setAsking(true), start);
  return (
    <div className="mu-kiosk" onPointerDown={() => setAsking(false)}>
      <header className="mu-kiosk__head">
        <Knot />
        <span>{(language === 'en' ? city?.nameEn : city?.name) ?? <T k="app.name" />}</span>
      </header>
      <main className="mu-kiosk__main" id="main">
        {screen === 'attract' ? (
          <div className="mu-stack">
            <h1><T k="kiosk.welcome" /></h1>
            <div className="mu-kiosk__choices">
              {languageNames.map((item) => (
                <button key={item.value} type="button" className="mu-kiosk__button" lang={item.value === 'en' ? 'en' : 'ja'} aria-pressed={language === item.value} onClick={() => void chooseLanguage(item.value)}>
                  {item.label}
                </button>
              ))}
            </div>
            <button type="button" className="mu-kiosk__button mu-kiosk__button--main" onClick={() => setScreen('card')}>
              <Icon name="card" /> <T k="kiosk.check-card" />
            </button>
          </div>
        ) : screen === 'card' ? (
          <CardScreen />
        ) : (
          <div className="mu-stack">
            <h1><T k="kiosk.help" /></h1>
            <p><T k="kiosk.help-do" telephone={city?.telephone ?? ''} hours={city?.hours ?? ''} /></p>
          </div>
        )}
      </main>
      {asking ? (
        <div className="mu-kiosk__asking" role="alert">
          <p><T k="kiosk.still-there" /></p>
          <button type="button" className="mu-kiosk__button" onClick={() => setAsking(false)}><T k="kiosk.yes" /></button>
        </div>
      ) : null}
      <footer className="mu-kiosk__foot">
        <button type="button" className="mu-kiosk__button" onClick={start}><T k="kiosk.from-start" /></button>
        <button type="button" className="mu-kiosk__button" onClick={() => setScreen('help')}><T k="kiosk.call" /></button>
      </footer>
    </div>
  );
}
