import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Growth as GrowthData } from '@/api/types';
import { render } from '@/testing/render';
import { lastMonth, upTo } from './chart';
import { Growth, parseMeasure } from './growth';

const curve = [0, 1, 3, 6, 9, 12, 18].map((months) => ({ months, values: [-6, -4, -2, 0, 2, 4, 6].map((spread) => 50 + months * 2 + spread) }));
const data = {
  birthDate: '2026-05-20',
  today: '2026-11-22',
  correctedBirthDate: '2026-07-12',
  gestation: { weeks: 32, days: 3 },
  measures: [
    { measure: 'height', unit: 'cm', survey: 'japan-2023', curve, entries: [{ date: '2026-09-20', months: 4, correctedMonths: 2.26, value: 56.5, position: '50-75', source: 'city' }] },
    { measure: 'weight', unit: 'kg', survey: 'japan-2023', curve: [], entries: [{ date: '2026-09-20', months: 4, value: 4.1, position: 'below-3', source: 'self' }] },
    { measure: 'head', unit: 'cm', survey: 'japan-2010', curve: [], entries: [] },
  ],
  kaup: [{ date: '2026-09-20', value: 17.1, band: 'inside' }],
} as unknown as GrowthData;
const sent: { method: string; path: string; body: string }[] = [];
let vitals = { status: 201, body: {} as unknown };

beforeEach(() => {
  sent.length = 0;
  vitals = { status: 201, body: {} };
  vi.stubGlobal('fetch', async (path: string, options: RequestInit) => {
    sent.push({ method: options.method ?? 'GET', path, body: String(options.body ?? '') });
    if (path === '/api/v1/people') return new Response(JSON.stringify({ items: [{ id: 'p1', name: '見本 みなと', birthDate: '2026-05-20', relation: 'child', mark: 2 }] }));
    if (path.endsWith('/growth')) return new Response(JSON.stringify(data));
    return new Response(JSON.stringify(vitals.body), { status: vitals.status });
  });
});
afterEach(() => vi.unstubAllGlobals());

it('says it in words first, kindly, and names the survey', async () => {
  const view = await render(<Growth person="p1" />);
  await view.settle();
  const words = view.find('.mu-card').textContent ?? '';
  expect(words).toContain('50番目から75番目');
  expect(words).toContain('個人差があります');
  expect(words).toContain('修正月齢');
  expect(words).not.toContain('異常');
  expect(view.text()).toContain('令和5年 乳幼児身体発育調査');
  expect(view.find('.mu-growth-chart svg').getAttribute('aria-label')).toContain('56.5 cm');
});

it('asks twice before an unlikely value is kept', async () => {
  const view = await render(<Growth person="p1" />);
  await view.settle();
  await view.click('.mu-actions button');
  await view.type('#field-height', '９８');
  vitals = { status: 400, body: { code: 'vitals.unlikely', params: {}, fields: [] } };
  await view.click('.mu-dialog__actions button');
  await view.settle();
  expect(view.find('.mu-dialog__actions button').textContent).toContain('このまま保存');
  vitals = { status: 201, body: {} };
  await view.click('.mu-dialog__actions button');
  await view.settle();
  expect(JSON.parse(sent.filter((one) => one.path.endsWith('/vitals/height')).at(-1)!.body)).toMatchObject({ value: 98, confirmed: true });
});

it('reads numbers as people type them', () => {
  expect(parseMeasure('６８．５')).toBe(68.5);
  expect(parseMeasure('68,5')).toBeNull();
});

it('shows the year to come', () => {
  expect(lastMonth({ measure: 'height', unit: 'cm', curve, entries: [] } as never)).toBe(12);
});

it('ends the curve where the picture ends, between two ages of the survey', () => {
  const cut = upTo(curve, 15);
  expect(cut.at(-1)?.months).toBe(15);
  expect(cut.at(-1)?.values[3]).toBe(80);
});
