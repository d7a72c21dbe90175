import { expect, it } from 'vitest';
import { render } from '@/testing/render';
import { Banner } from './banner';

it('is announced only when something just happened', async () => {
  const quiet = await render(<Banner kind="danger" title="ロック" />);
  expect(quiet.all('[role]').length).toBe(0);
  const loud = await render(<Banner kind="danger" title="ロック" announced />);
  expect(loud.find('[role=alert]').textContent).toContain('ロック');
});
