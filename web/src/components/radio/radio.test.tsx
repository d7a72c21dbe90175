import { expect, it, vi } from 'vitest';
import { render } from '@/testing/render';
import { RadioGroup } from './radio';

it('is a native group with a legend and reports the choice', async () => {
  const chosen = vi.fn();
  const view = await render(
    <RadioGroup
      name="way"
      legend="方法"
      value={null}
      onChange={chosen}
      options={[
        { value: 'a', label: 'カード' },
        { value: 'b', label: '郵便' },
      ]}
    />,
  );
  expect(view.find('fieldset legend').textContent).toBe('方法');
  await view.click('input[value=b]');
  expect(chosen).toHaveBeenCalledWith('b');
});
