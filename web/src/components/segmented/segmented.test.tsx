import { expect, it, vi } from 'vitest';
import { render } from '@/testing/render';
import { Segmented } from './segmented';

it('is a radio group under the skin', async () => {
  const chosen = vi.fn();
  const view = await render(
    <Segmented name="s" legend="大きさ" value="a" onChange={chosen} options={[{ value: 'a', label: '小' }, { value: 'b', label: '大' }]} />,
  );
  await view.click('input[value=b]');
  expect(chosen).toHaveBeenCalledWith('b');
});
