import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';

type Handler = (event: Record<string, unknown>) => void;

function start() {
  const source = readFileSync(join(import.meta.dirname, 'service_worker.js'), 'utf8').replace("['__SHELL__']", '["/home","/assets/citizen-1.js"]');
  const handlers: Record<string, Handler> = {};
  const put = vi.fn();
  const caches = {
    match: async (path: string) => ({ kept: path }),
    open: async () => ({ addAll: async (requests: Request[]) => requests.forEach((request) => put(new URL(request.url).pathname)), put }),
    keys: async () => [],
    delete: async () => true,
  };
  const self = { addEventListener: (name: string, handler: Handler) => (handlers[name] = handler), location: { origin: 'https://city.example' }, skipWaiting: () => undefined };
  const network = vi.fn(async () => Promise.reject(new TypeError('offline')));
  class PathRequest {
    url: string;
    constructor(path: string) {
      this.url = new URL(path, 'https://city.example').href;
    }
  }
  new Function('self', 'caches', 'fetch', 'Request', 'Response', source)(self, caches, network, PathRequest, { error: () => ({ error: true }) });
  const ask = async (path: string, options: { mode?: string; method?: string } = {}) => {
    let answer: Promise<unknown> | null = null;
    handlers.fetch!({
      request: { url: `https://city.example${path}`, method: options.method ?? 'GET', mode: options.mode ?? 'cors' },
      respondWith: (given: Promise<unknown>) => (answer = given),
    });
    return answer === null ? 'not touched' : await (answer as Promise<unknown>);
  };
  return { handlers, put, ask };
}

it('never touches the interface that carries health data', async () => {
  const { ask } = start();
  expect(await ask('/api/v1/people/1/checkups')).toBe('not touched');
  expect(await ask('/api/v1/people/1/vitals/weight', { method: 'POST' })).toBe('not touched');
});

it('stores the listed shell and nothing else', async () => {
  const { handlers, put, ask } = start();
  let done: Promise<unknown> = Promise.resolve();
  handlers.install!({ waitUntil: (given: Promise<unknown>) => (done = given) });
  await done;
  await ask('/p/1/checkups', { mode: 'navigate' });
  expect(put.mock.calls.map(([path]) => path)).toEqual(['/home', '/assets/citizen-1.js']);
});

it('opens the kept page when the network is gone', async () => {
  const { ask } = start();
  expect(await ask('/p/1', { mode: 'navigate' })).toEqual({ kept: '/home' });
  expect(await ask('/assets/citizen-1.js')).toEqual({ kept: '/assets/citizen-1.js' });
});
