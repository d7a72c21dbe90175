import { expect, it, vi } from 'vitest';
import { render } from '@/testing/render';
import { dateOfParts, EraDate } from './era_date';

it('understands full-width figures and the word 元', () => {
  expect(dateOfParts({ era: 'reiwa', year: '元', month: '５', day: '１' })).toBe('2019-05-01');
});

it('gives nothing for a day that is not in that era', () => {
  expect(dateOfParts({ era: 'heisei', year: '31', month: '5', day: '1' })).toBe('');
  expect(dateOfParts({ era: 'western', year: '2026', month: '2', day: '29' })).toBe('');
});

it('shows a given date in its era and reports changes as YYYY-MM-DD', async () => {
  const changed = vi.fn();
  const view = await render(<EraDate name="birth" legend="生年月日" value="1970-03-08" onChange={changed} />);
  expect((view.find('#field-birth') as HTMLInputElement).value).toBe('45');
  await view.type('.mu-era-date__input--day', '9');
  expect(changed).toHaveBeenLastCalledWith('1970-03-09');
});
