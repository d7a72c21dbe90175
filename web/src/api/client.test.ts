import { afterEach, expect, it, vi } from 'vitest';
import { call, readProblem } from './client';

afterEach(() => vi.unstubAllGlobals());

it('reads a problem document and drops what is not of its shape', () => {
  expect(
    readProblem(422, { code: 'registration.passcode-wrong', params: { triesLeft: 2, odd: {} }, fields: [{ path: '/passcode', code: 'wrong' }], requestId: 'r-1' }),
  ).toEqual({
    status: 422,
    code: 'registration.passcode-wrong',
    params: { triesLeft: 2 },
    fields: [{ path: '/passcode', code: 'wrong' }],
    requestId: 'r-1',
  });
  expect(readProblem(502, '<html>').code).toBe('server.failed');
});

it('a lost network is a problem, not an exception, and writing is not repeated', async () => {
  const network = vi.fn(async () => Promise.reject(new TypeError('Failed to fetch')));
  vi.stubGlobal('fetch', network);
  const answer = await call('POST', '/api/v1/registrations', { body: {} });
  expect(answer).toMatchObject({ ok: false, problem: { code: 'network.offline' } });
  expect(network).toHaveBeenCalledTimes(1);
});

it('reading is tried again after a stumble', async () => {
  const network = vi.fn().mockRejectedValueOnce(new TypeError('reset')).mockResolvedValueOnce(new Response('{"a":1}'));
  vi.stubGlobal('fetch', network);
  expect(await call('GET', '/api/v1/session')).toMatchObject({ ok: true, data: { a: 1 } });
});
