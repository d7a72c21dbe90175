// The card agent on this computer (a WebSocket on the loopback). The PIN is typed in the agent's own window only;
// this page never sees it.
import { localProblem, type Answer, type Problem } from '@/api/client';

export interface Reader {
  name: string;
  card: 'none' | 'unknown' | 'my-number';
  kind?: 'card' | 'phone';
  hasSignatureCertificate?: boolean;
  triesLeft?: { signature?: number; user?: number };
}

export interface AgentStatus {
  version: string;
  readers: Reader[];
}

export type AgentState =
  | { kind: 'connecting' }
  | { kind: 'missing' }
  | { kind: 'ready'; status: AgentStatus };

const kAddress = 'ws://127.0.0.1:27180/v1';
const kConnectTime = 3_000;

type Waiting = { resolve: (answer: Answer<unknown>) => void; onConsent?: (url: string) => void };

function consentUrl(text: unknown): string | null {
  try {
    const url = new URL(String(text));
    // only the agent itself may be opened, whatever the message says
    return /^http:$/.test(url.protocol) && /^(127\.0\.0\.1|localhost)$/.test(url.hostname) ? url.href : null;
  } catch {
    return null;
  }
}

export class CardAgent {
  private socket: WebSocket | null = null;
  private next = 1;
  private waiting = new Map<number, Waiting>();

  constructor(
    private readonly onState: (state: AgentState) => void,
    private readonly address = kAddress,
  ) {}

  connect(): void {
    this.close();
    this.onState({ kind: 'connecting' });
    let socket: WebSocket;
    try {
      socket = new WebSocket(this.address);
    } catch {
      this.onState({ kind: 'missing' });
      return;
    }
    this.socket = socket;
    const timer = setTimeout(() => socket.close(), kConnectTime);
    socket.onopen = () => {
      clearTimeout(timer);
      void this.ask<AgentStatus>('status', {}).then((answer) => {
        if (answer.ok) this.onState({ kind: 'ready', status: answer.data });
      });
    };
    socket.onclose = () => {
      clearTimeout(timer);
      if (this.socket !== socket) return;
      this.socket = null;
      this.failAll('agent.lost');
      this.onState({ kind: 'missing' });
    };
    socket.onmessage = (event) => this.receive(String(event.data));
  }

  close(): void {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
    this.failAll('network.cancelled');
  }

  ask<T>(method: string, params: Record<string, unknown>, onConsent?: (url: string) => void): Promise<Answer<T>> {
    const socket = this.socket;
    if (!socket || socket.readyState !== WebSocket.OPEN) return Promise.resolve({ ok: false, problem: localProblem('agent.lost') });
    const id = this.next;
    this.next += 1;
    return new Promise((resolve) => {
      this.waiting.set(id, { resolve: resolve as Waiting['resolve'], ...(onConsent ? { onConsent } : {}) });
      socket.send(JSON.stringify({ id, method, params }));
    });
  }

  private receive(text: string): void {
    let message: Record<string, unknown>;
    try {
      message = JSON.parse(text) as Record<string, unknown>;
    } catch {
      return;
    }
    if (message.event === 'status') {
      const { event: _event, status, ...rest } = message;
      this.onState({ kind: 'ready', status: (status ?? rest) as AgentStatus });
      return;
    }
    if (message.event === 'consent') {
      const url = consentUrl(message.url);
      if (url) this.waiting.get(Number(message.for))?.onConsent?.(url);
      return;
    }
    const waiting = this.waiting.get(Number(message.id));
    if (!waiting) return;
    this.waiting.delete(Number(message.id));
    const error = message.error as { code?: string; parameters?: Problem['params'] } | undefined;
    waiting.resolve(
      error
        ? { ok: false, problem: localProblem(error.code ?? 'card.communication', error.parameters ?? {}) }
        : { ok: true, data: message.result, status: 200 },
    );
  }

  private failAll(code: string): void {
    for (const { resolve } of this.waiting.values()) resolve({ ok: false, problem: localProblem(code) });
    this.waiting.clear();
  }
}
