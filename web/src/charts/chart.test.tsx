import { beforeAll, expect, it, vi } from 'vitest';
import { render } from '@/testing/render';
import { BloodPressureChart, WeightChart } from './health';

beforeAll(() => {
  vi.stubGlobal('ResizeObserver', class { observe() {} disconnect() {} });
});

const years = [
  { key: '1', date: '2022-06-10', values: { systolic: 121, diastolic: 74 }, source: '市の記録' },
  { key: '2', date: '2023-06-09', values: { systolic: 126, diastolic: 78 }, source: '市の記録' },
  { key: '3', date: '2024-06-14', values: { systolic: 133 }, source: '市の記録' },
];

it('says every record in the name of the picture, for those who do not see it', async () => {
  const view = await render(<BloodPressureChart records={years} />);
  const label = view.find('svg[role=img]').getAttribute('aria-label') ?? '';
  for (const value of ['121', '74', '126', '133']) expect(label).toContain(value);
});

it('walks through the records and announces where it stands', async () => {
  const view = await render(<BloodPressureChart records={years} />);
  expect(view.find('[aria-live]').textContent).toContain('133');
  await view.click('[aria-label="前の記録"]');
  expect(view.find('[aria-live]').textContent).toContain('126 / 78');
});

it('turns into a table with the newest record first', async () => {
  const view = await render(<WeightChart records={[{ key: 'a', date: '2025-01-02', values: { value: 58.2 } }, { key: 'b', date: '2026-01-02', values: { value: 57.94 } }]} />);
  await view.click('figure > div:last-child button');
  expect(view.all('tbody tr')[0]?.textContent).toContain('57.9');
});
