// One way to speak with the server. Every answer is either data or a problem document (RFC 9457); nothing throws.
import { preferences } from '@/language/preferences';

export interface FieldProblem {
  path: string;
  code: string;
}

export interface Problem {
  status: number;
  code: string;
  params: Readonly<Record<string, string | number>>;
  fields: readonly FieldProblem[];
  requestId?: string;
  /** Seconds to wait before trying again, if the server said so. */
  retryAfter?: number;
}

export type Answer<T> = { ok: true; data: T; status: number } | { ok: false; problem: Problem };

export interface CallOptions {
  body?: unknown;
  /** A body that is not JSON: CSV text or a file, sent byte by byte as it is. */
  raw?: { type: string; bytes: Blob | string };
  accept?: 'json' | 'blob';
  signal?: AbortSignal;
  timeout?: number;
}

const kTimeout = 30_000;

// What is under way, so that the page can show that it works once a second has passed.
let pending = 0;
const listeners = new Set<() => void>();

export function pendingCalls(): number {
  return pending;
}

export function onPending(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function count(change: 1 | -1): void {
  pending += change;
  for (const listener of listeners) listener();
}

export function localProblem(code: string, params: Problem['params'] = {}): Problem {
  return { status: 0, code, params, fields: [] };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function readProblem(status: number, body: unknown, retryAfter: string | null = null): Problem {
  const record = isRecord(body) ? body : {};
  const params = isRecord(record.params) ? record.params : {};
  const waiting = Number(retryAfter);
  return {
    status,
    code: typeof record.code === 'string' ? record.code : status >= 500 ? 'server.failed' : 'server.refused',
    params: Object.fromEntries(
      Object.entries(params).filter((entry): entry is [string, string | number] => ['string', 'number'].includes(typeof entry[1])),
    ),
    fields: Array.isArray(record.fields)
      ? record.fields.filter(isRecord).map((field) => ({ path: String(field.path ?? ''), code: String(field.code ?? '') }))
      : [],
    ...(typeof record.requestId === 'string' ? { requestId: record.requestId } : {}),
    ...(waiting > 0 ? { retryAfter: waiting } : {}),
  };
}

async function once<T>(method: string, path: string, options: CallOptions): Promise<Answer<T>> {
  const timer = new AbortController();
  const stop = setTimeout(() => timer.abort(), options.timeout ?? kTimeout);
  options.signal?.addEventListener('abort', () => timer.abort());
  const headers: Record<string, string> = { 'X-Musubi-Language': preferences().language };
  let body: BodyInit | undefined;
  if (options.raw) {
    headers['Content-Type'] = options.raw.type;
    body = options.raw.bytes;
  } else if (options.body !== undefined) {
    headers['Content-Type'] = 'application/json';
    body = JSON.stringify(options.body);
  }
  try {
    const response = await fetch(path, { method, headers, body, credentials: 'same-origin', cache: 'no-store', signal: timer.signal });
    if (!response.ok) {
      const problem: unknown = await response.json().catch(() => null);
      return { ok: false, problem: readProblem(response.status, problem, response.headers.get('Retry-After')) };
    }
    if (options.accept === 'blob') return { ok: true, data: (await response.blob()) as T, status: response.status };
    const text = await response.text();
    return { ok: true, data: (text === '' ? undefined : JSON.parse(text)) as T, status: response.status };
  } catch (failure) {
    if (options.signal?.aborted) return { ok: false, problem: localProblem('network.cancelled') };
    if (timer.signal.aborted) return { ok: false, problem: localProblem('network.timeout') };
    return { ok: false, problem: localProblem(failure instanceof SyntaxError ? 'server.failed' : 'network.offline') };
  } finally {
    clearTimeout(stop);
  }
}

/** Reading is repeated twice when the network or the server stumbles; writing never is, the person decides. */
export async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<Answer<T>> {
  count(1);
  try {
    let answer = await once<T>(method, path, options);
    for (const wait of method === 'GET' ? [400, 1500] : []) {
      if (answer.ok || !['network.offline', 'server.failed'].includes(answer.problem.code)) break;
      if (answer.problem.status !== 0 && answer.problem.status < 502) break;
      await new Promise((resolve) => setTimeout(resolve, wait));
      answer = await once<T>(method, path, options);
    }
    return answer;
  } finally {
    count(-1);
  }
}

export const get = <T>(path: string, options?: CallOptions) => call<T>('GET', path, options);
export const post = <T>(path: string, body: unknown = {}, options?: CallOptions) => call<T>('POST', path, { ...options, body });
export const patch = <T>(path: string, body: unknown) => call<T>('PATCH', path, { body });
export const remove = <T>(path: string) => call<T>('DELETE', path);
