import { expect, it } from 'vitest';
import { render } from '@/testing/render';
import { Ring } from './ring';

it('never draws more than the whole nor less than nothing', async () => {
  const view = await render(<Ring value={9} of={4} label="多い" />);
  const [part, around] = (view.find('.mu-ring__part').getAttribute('stroke-dasharray') ?? '').split(' ');
  expect(part).toBe(around);
});
