import { expect, it } from 'vitest';
import { dateOfDay, dayNumber, linear, niceTicks, timeTicks } from './scale';

it('ticks are round and hold the values', () => {
  expect(niceTicks(98, 143, 5)).toEqual([90, 100, 110, 120, 130, 140, 150]);
  expect(niceTicks(57.8, 59.1, 4)).toEqual([57.5, 58, 58.5, 59, 59.5]);
  expect(niceTicks(60, 60, 4).length).toBeGreaterThan(0);
});

it('a day goes to a number and back through a leap year', () => {
  expect(dateOfDay(dayNumber('2024-02-29'))).toBe('2024-02-29');
  expect(dayNumber('2024-03-01') - dayNumber('2024-02-28')).toBe(2);
});

it('years are written at the first of January, never more than there is room for', () => {
  const ticks = timeTicks(dayNumber('2021-06-12'), dayNumber('2026-06-14'), 3);
  expect(ticks.map(dateOfDay)).toEqual(['2022-01-01', '2023-01-01', '2024-01-01', '2025-01-01', '2026-01-01'].filter((_, index) => index % 2 === 1));
  expect(timeTicks(dayNumber('2026-11-03'), dayNumber('2026-11-20'), 4).length).toBe(1);
});

it('a scale with one value does not divide by nothing', () => {
  expect(Number.isFinite(linear([5, 5], [0, 100])(5))).toBe(true);
});
