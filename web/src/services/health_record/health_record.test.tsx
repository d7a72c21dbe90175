import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { render } from '@/testing/render';
import { AddVital, ImportVitals, instantInJapan, parseNumber } from './vitals';

const sent: { method: string; path: string; body: unknown }[] = [];
let answers: Record<string, { status: number; body: unknown }> = {};

beforeEach(() => {
  sent.length = 0;
  answers = { '/api/v1/people': { status: 200, body: { items: [{ id: 'p1', name: '見本 花子', birthDate: '1970-03-08', relation: 'self', mark: 1 }] } } };
  vi.stubGlobal('fetch', async (path: string, options: RequestInit) => {
    sent.push({ method: options.method ?? 'GET', path, body: options.body });
    const answer = answers[path] ?? { status: 404, body: { code: 'request.not-found' } };
    return new Response(JSON.stringify(answer.body), { status: answer.status });
  });
});
afterEach(() => vi.unstubAllGlobals());

it('reads numbers as people type them and nothing else', () => {
  expect(parseNumber('５８．２')).toBe(58.2);
  expect(parseNumber('58.2.1')).toBeNull();
  expect(parseNumber('-3')).toBeNull();
});

it('a time in Japan becomes one instant', () => {
  expect(instantInJapan('2026-11-22', '07:30')).toBe('2026-11-21T22:30:00Z');
});

it('asks again before an unlikely value is kept, and keeps what was typed', async () => {
  const path = '/api/v1/people/p1/vitals/blood-pressure';
  answers[path] = { status: 422, body: { code: 'vitals.unlikely', params: {}, fields: [] } };
  const view = await render(<AddVital person="p1" />);
  await view.settle();
  await view.type('#field-systolic', '280');
  await view.type('#field-diastolic', '79');
  await view.click('button[type=submit]');
  await view.settle();
  expect(view.find('[data-code="vitals.unlikely"]').textContent).toContain('離れています');
  expect((view.find('#field-systolic') as HTMLInputElement).value).toBe('280');
  answers[path] = { status: 201, body: { id: 'v1' } };
  await view.click('.mu-problem button');
  await view.settle();
  expect(JSON.parse(String(sent.at(-1)?.body))).toMatchObject({ systolic: 280, diastolic: 79, confirmed: true });
});

it('shows each wrong row of a file and that nothing was saved', async () => {
  answers['/api/v1/people/p1/vitals/import'] = { status: 200, body: { accepted: 0, skipped: 0, errors: [{ row: 3, column: 'date', code: 'date-malformed' }] } };
  const view = await render(<ImportVitals person="p1" />);
  await view.settle();
  const input = view.find('input[type=file]') as HTMLInputElement;
  Object.defineProperty(input, 'files', { value: [new File(['date\n'], 'kiroku.csv', { type: 'text/csv' })] });
  input.dispatchEvent(new Event('change', { bubbles: true }));
  await view.settle();
  expect(view.text()).toContain('まだ何も保存していません');
  expect(view.find('tbody').textContent).toContain('日付の形がちがいます');
});
