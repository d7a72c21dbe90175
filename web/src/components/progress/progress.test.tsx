import { expect, it } from 'vitest';
import { render } from '@/testing/render';
import { ProgressBar, ProgressList } from './progress';

it('tells which step is going on', async () => {
  const view = await render(
    <ProgressList label="読み取り" steps={[{ key: 'a', label: '済んだ', state: 'done' }, { key: 'b', label: 'いま', state: 'now' }]} />,
  );
  expect(view.find('[aria-current=step]').textContent).toBe('いま');
});

it('a bar without a known amount has no value', async () => {
  const view = await render(<ProgressBar label="送っています" />);
  expect(view.find('progress').hasAttribute('value')).toBe(false);
});
