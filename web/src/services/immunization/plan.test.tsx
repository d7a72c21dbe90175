import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Immunization } from '@/api/types';
import { render } from '@/testing/render';
import { VaccinationPlan } from './plan_page';
import { byUrgency } from './parts';
import { scaleFor } from './timeline';

const fixture = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../../tests/fixture_immunization.json'), 'utf8')) as Record<string, { immunization: Immunization; plan: unknown }>;
vi.setConfig({ testTimeout: 30_000 }); // the whole page, on a busy machine
const sent: { method: string; path: string; body: string | undefined }[] = [];

beforeEach(() => {
  sent.length = 0;
  vi.stubGlobal('fetch', async (path: string, options: RequestInit) => {
    sent.push({ method: options.method ?? 'GET', path, body: options.body as string | undefined });
    const answers: Record<string, unknown> = {
      '/api/v1/people': { items: [{ id: 'p1', name: '見本 みなと', birthDate: '2026-05-20', relation: 'child', mark: 2 }] },
      '/api/v1/people/p1/immunization': fixture.ja!.immunization,
      '/api/v1/people/p1/immunization/plan?perVisit=2': fixture.ja!.plan,
      '/api/v1/people/p1/immunization/appointments': { id: 'a-9', date: '2026-12-01', vaccines: [] },
    };
    const body = answers[path];
    return new Response(body === undefined ? '' : JSON.stringify(body), { status: options.method === 'DELETE' ? 204 : 200 });
  });
});
afterEach(() => vi.unstubAllGlobals());

async function opened() {
  const view = await render(<VaccinationPlan person="p1" />);
  await view.settle();
  await view.settle();
  return view;
}

it('says first what to do next, most pressing first', async () => {
  const view = await opened();
  const first = view.find('.mu-card');
  expect(first.textContent).toContain('つぎにすること');
  expect(first.textContent).toContain('標準的な時期を過ぎたものがあります');
  expect(view.find('.mu-immunization-next li').textContent).toContain('早めに');
});

it('opens the reasons with dates in the reader’s calendar and the law they rest on', async () => {
  const view = await opened();
  const details = view.find('.mu-immunization-vaccine') as HTMLDetailsElement;
  details.open = true;
  details.dispatchEvent(new Event('toggle'));
  await view.settle();
  const text = details.textContent ?? '';
  expect(text).toMatch(/令和8年/);
  expect(text).toContain('根拠：');
  expect(view.text()).not.toMatch(/\{(from|to|basis)\}/);
});

it('plans the proposed vaccines on a day, and takes it back', async () => {
  const view = await opened();
  await view.click('.mu-card .mu-actions button');
  const checked = view.all('dialog input[type=checkbox]:checked');
  expect(checked.length).toBeGreaterThan(0);
  await view.click('dialog .mu-dialog__actions button');
  expect(sent.some((one) => one.method === 'POST')).toBe(false);
  expect(view.find('dialog').textContent).toContain('日を入れてください');
});

it('cancels a planned day and offers to undo it', async () => {
  const view = await opened();
  await view.click('button[aria-label$="予定をやめる"]');
  await view.settle();
  expect(sent.some((one) => one.method === 'DELETE')).toBe(true);
  await view.click('.mu-toast__undo');
  await view.settle();
  expect(sent.some((one) => one.method === 'POST' && one.path.endsWith('/restore'))).toBe(true);
});

it('draws the timeline with its words for those who cannot see it', async () => {
  const view = await opened();
  expect(view.find('.mu-immunization-timeline svg').getAttribute('aria-label')).toContain('五種混合: 受けた日');
});

it('shows two years of a baby and the years around today of an older child', () => {
  expect(scaleFor('2026-05-20', '2026-11-22').step).toBe(6);
  expect(scaleFor('2019-05-20', '2026-11-22').step).toBe(12);
});

it('sorts overdue before due before later', () => {
  const of = (state: string) => ({ id: state, name: '', category: 'routine-a', state, done: 0, needed: 1, next: [], reasons: [] }) as unknown as Immunization['vaccines'][number];
  expect(['later', 'overdue', 'complete', 'due'].map(of).sort(byUrgency).map((one) => one.state)).toEqual(['overdue', 'due', 'later', 'complete']);
});
