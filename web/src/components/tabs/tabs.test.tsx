import { expect, it, vi } from 'vitest';
import { render } from '@/testing/render';
import { TabBar, Tabs } from './tabs';

const items = [
  { id: 'a', label: '血圧', panel: 'あ' },
  { id: 'b', label: '体重', panel: 'い' },
];

it('moves by arrow keys and goes round', async () => {
  const chosen = vi.fn();
  const view = await render(<Tabs label="種類" items={items} value="b" onChange={chosen} />);
  await view.key('[role=tablist]', 'ArrowRight');
  expect(chosen).toHaveBeenCalledWith('a');
  expect(view.find('[role=tabpanel]').textContent).toBe('い');
});

it('the bar marks the page one is on', async () => {
  const view = await render(<TabBar label="画面" items={[{ href: '/home', label: 'ホーム', icon: 'home', current: true }]} />);
  expect(view.find('a').getAttribute('aria-current')).toBe('page');
});
