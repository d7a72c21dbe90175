// Serves dist/ as the real server does (addresses, encodings, security headers from assets.json) with example answers
// behind /api, so that every page can be looked at in every state. The whole-system tests use the real server.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { answers } from './fixture_answers.mjs';

const dist = join(import.meta.dirname, '../dist');

export async function startFixture() {
  const { applications, pageCsp, assets } = JSON.parse(readFileSync(join(dist, 'assets.json'), 'utf8'));
  const byPath = new Map(assets.map((asset) => [asset.path, asset]));
  const state = { session: 'citizen', registration: 'card', overrides: {} };
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    if (url.pathname.startsWith('/api/')) {
      const chunks = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const key = `${request.method} ${url.pathname}`;
        state.language = request.headers['x-musubi-language'] ?? 'ja';
        const [status, body] = state.overrides[key] ?? answers(state, request.method, url, Buffer.concat(chunks).toString()) ?? [404, { code: 'request.not-found', requestId: 'r-0' }];
        response.writeHead(status, { 'Content-Type': status >= 400 ? 'application/problem+json' : 'application/json', 'Cache-Control': 'no-store' });
        response.end(body === undefined ? '' : JSON.stringify(body));
      });
      return;
    }
    const asset = byPath.get(url.pathname);
    const application = applications.find((one) => one.paths.some((path) => url.pathname === path || url.pathname.startsWith(`${path}/`)));
    const file = asset?.file ?? application?.entry;
    if (!file) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      'Content-Type': asset?.type ?? 'text/html; charset=utf-8',
      'Content-Security-Policy': application && !asset ? application.csp : pageCsp,
      'Cache-Control': asset?.cache === 'immutable' ? 'public, max-age=31536000, immutable' : 'no-cache',
    });
    response.end(readFileSync(join(dist, file)));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://localhost:${server.address().port}`, state, close: () => server.close() };
}
