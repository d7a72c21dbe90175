// Reading the card through the agent on this computer: which reader, which card, how many tries are left, and only
// then the question for the password, which is typed in the agent's own window.
import { useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import { post, type Answer, type Problem } from '@/api/client';
import type { Challenge } from '@/api/types';
import { CardAgent, type AgentState, type Reader } from '@/app/agent';
import { ProblemNotice } from '@/app/problem';
import { Banner } from '@/components/banner/banner';
import { Button } from '@/components/button/button';
import { Link } from '@/components/link/link';
import { ProgressList, type ProgressStep } from '@/components/progress/progress';
import { Icon } from '@/icons/icons';
import { T, usePreferences, useText } from '@/language/text';
import { CardPicture } from './card_picture';

export interface Signed {
  challengeId: string;
  signatureCertificate?: string;
  signatureSignature?: string;
  userCertificate: string;
  userSignature: string;
}

type Phase = 'ready' | 'asking' | 'pin' | 'sending';

export interface CardReadingProps {
  method: 'register' | 'authenticate';
  challengePath: string;
  /** Sends what the card signed; a problem is shown here with a way to read again. */
  onSigned: (signed: Signed) => Promise<Problem | null>;
  otherWays?: ReactNode;
}

export function useCardAgent(): { state: AgentState; agent: CardAgent | null; reconnect: () => void } {
  const [state, setState] = useState<AgentState>({ kind: 'connecting' });
  const agent = useRef<CardAgent | null>(null);
  useEffect(() => {
    const made = new CardAgent(setState);
    agent.current = made;
    made.connect();
    return () => {
      agent.current = null;
      made.close();
    };
  }, []);
  return { state, agent: agent.current, reconnect: () => agent.current?.connect() };
}

export function chooseReader(readers: readonly Reader[]): Reader | null {
  return readers.find((reader) => reader.card === 'my-number') ?? readers.find((reader) => reader.card === 'unknown') ?? readers[0] ?? null;
}

export function CardReading({ method, challengePath, onSigned, otherWays }: CardReadingProps): ReactNode {
  const t = useText();
  const { language } = usePreferences();
  const { state, agent, reconnect } = useCardAgent();
  const [phase, setPhase] = useState<Phase>('ready');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [consent, setConsent] = useState<string | null>(null);
  const mounted = useRef(true);
  useEffect(() => {
    mounted.current = true;
    return () => {
      mounted.current = false;
    };
  }, []);

  const read = useCallback(async () => {
    if (!agent) return;
    setProblem(null);
    setConsent(null);
    setPhase('asking');
    let window_: Window | null = null;
    const finish = (failed: Problem | null) => {
      window_?.close();
      if (!mounted.current) return;
      setConsent(null);
      setPhase('ready');
      setProblem(failed);
    };
    const challenge = await post<Challenge>(challengePath);
    if (!challenge.ok) return finish(challenge.problem);
    const signed: Answer<Omit<Signed, 'challengeId'>> = await agent.ask(
      method,
      { nonce: challenge.data.nonce, purposeText: t(`card.purpose.${method}`), locale: language },
      (url) => {
        setConsent(url);
        setPhase('pin');
        window_ = window.open(url, 'musubi-card', 'popup,width=520,height=720');
      },
    );
    if (!signed.ok) return finish(['network.cancelled', 'consent.cancelled'].includes(signed.problem.code) ? null : signed.problem);
    if (mounted.current) {
      setConsent(null);
      setPhase('sending');
    }
    finish(await onSigned({ challengeId: challenge.data.challengeId, ...signed.data }));
  }, [agent, challengePath, language, method, onSigned, t]);

  if (state.kind === 'connecting') {
    return <ProgressList label={t('card.progress')} steps={[{ key: 'agent', label: <T k="card.looking-for-agent" />, state: 'now' }]} />;
  }
  if (state.kind === 'missing') return <AgentMissing onRetry={reconnect} otherWays={otherWays} />;

  const reader = chooseReader(state.status.readers);
  const card = reader?.card === 'my-number' ? reader : null;
  const tries = card?.triesLeft;
  const withoutSignature = method === 'register' && card !== null && card.hasSignatureCertificate === false;
  const locked = tries?.user === 0 || (method === 'register' && !withoutSignature && tries?.signature === 0);
  const steps: ProgressStep[] = [
    { key: 'agent', label: <T k="card.agent-ready" />, state: 'done' },
    { key: 'reader', label: reader ? <T k="card.reader-ready" name={reader.name} /> : <T k="card.connect-reader" />, state: reader ? 'done' : 'now' },
    {
      key: 'card',
      label: card ? <T k="card.card-ready" /> : reader?.card === 'unknown' ? <T k="card.other-card" /> : <T k="card.put-card" />,
      state: card ? 'done' : reader?.card === 'unknown' ? 'failed' : reader ? 'now' : 'waiting',
    },
    { key: 'pin', label: <T k={`card.type-pin.${method}`} />, state: phase === 'sending' ? 'done' : phase === 'ready' ? 'waiting' : 'now' },
    { key: 'city', label: <T k="card.city-checks" />, state: phase === 'sending' ? 'now' : 'waiting' },
  ];
  return (
    <div className="mu-stack mu-stack--wide">
      <div className="mu-hero">
        <CardPicture here={card !== null} />
      </div>
      <ProgressList label={t('card.progress')} steps={steps} />
      {card && !locked && !withoutSignature ? <TriesLeft method={method} tries={tries} /> : null}
      {withoutSignature ? (
        <ProblemNotice problem={{ status: 0, code: 'card.signature-certificate-missing', params: {}, fields: [] }} />
      ) : locked ? (
        <ProblemNotice problem={{ status: 0, code: 'card.pin-blocked', params: {}, fields: [] }} />
      ) : null}
      {consent ? (
        <Banner kind="info" title={<T k="card.window-open" />} announced>
          <p>
            <T k="card.window-missing" />
          </p>
          <Link href={consent} opens="new-window" standing>
            <T k="card.open-window" />
          </Link>
        </Banner>
      ) : null}
      {problem ? <ProblemNotice problem={problem} onRetry={() => void read()} retryLabel={<T k="card.read-again" />} /> : null}
      {card && !locked && !withoutSignature && !problem ? (
        <div className="mu-actions">
          <Button size="main" icon={<Icon name="card" />} busy={phase !== 'ready'} onClick={() => void read()}>
            <T k={phase === 'ready' ? `card.read.${method}` : phase === 'sending' ? 'card.city-checks' : 'card.reading'} />
          </Button>
          {phase === 'pin' ? (
            <Button look="secondary" onClick={() => void agent?.ask('cancel', {})}>
              <T k="common.cancel" />
            </Button>
          ) : null}
        </div>
      ) : null}
      {otherWays}
    </div>
  );
}

function TriesLeft({ method, tries }: { method: CardReadingProps['method']; tries: Reader['triesLeft'] }): ReactNode {
  if (!tries) return null;
  const shown: { key: 'signature' | 'user'; left: number }[] = [];
  if (method === 'register' && tries.signature !== undefined && tries.signature >= 0) shown.push({ key: 'signature', left: tries.signature });
  if (tries.user !== undefined && tries.user >= 0) shown.push({ key: 'user', left: tries.user });
  if (shown.length === 0) return null;
  const last = shown.some(({ left }) => left === 1);
  return (
    <Banner kind={last ? 'soon' : 'info'} title={<T k={last ? 'card.last-try' : 'card.before-typing'} />}>
      <ul>
        {shown.map(({ key, left }) => (
          <li key={key}>
            <T k={`card.tries.${key}`} count={left} />
          </li>
        ))}
      </ul>
    </Banner>
  );
}

function AgentMissing({ onRetry, otherWays }: { onRetry: () => void; otherWays?: ReactNode }): ReactNode {
  const { language } = usePreferences();
  return (
    <div className="mu-stack mu-stack--wide">
      <Banner kind="soon" title={<T k="card.agent-missing" />} announced>
        <p>
          <T k="card.agent-missing-why" />
        </p>
      </Banner>
      <ol className="mu-stack mu-stack--tight">
        <li>
          <T k="card.agent-step-1" />
        </li>
        <li>
          <T k="card.agent-step-2" />
        </li>
        <li>
          <T k="card.agent-step-3" />
        </li>
      </ol>
      <div className="mu-actions">
        <Button size="main" onClick={onRetry}>
          <T k="app.try-again" />
        </Button>
        <Link href={`${language === 'en' ? '/en' : language === 'ja-easy' ? '/easy' : ''}/help#card-app`} opens="new-window" standing>
          <T k="card.agent-how" />
        </Link>
      </div>
      {otherWays}
    </div>
  );
}
