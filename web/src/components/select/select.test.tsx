import { expect, it, vi } from 'vitest';
import { render } from '@/testing/render';
import { Select } from './select';

it('reports the chosen value', async () => {
  const chosen = vi.fn();
  const view = await render(
    <Select name="kind" label="種類" value="a" onChange={chosen} options={[{ value: 'a', label: 'あ' }, { value: 'b', label: 'い' }]} />,
  );
  await view.choose('#field-kind', 'b');
  expect(chosen).toHaveBeenCalledWith('b');
});
