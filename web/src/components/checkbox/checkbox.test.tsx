import { expect, it, vi } from 'vitest';
import { render } from '@/testing/render';
import { Checkbox } from './checkbox';

it('reports its new state', async () => {
  const changed = vi.fn();
  const view = await render(<Checkbox name="terms" label="同意" checked={false} onChange={changed} />);
  await view.click('#field-terms');
  expect(changed).toHaveBeenCalledWith(true);
});
