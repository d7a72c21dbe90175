import { expect, it } from 'vitest';
import { render } from '@/testing/render';
import { List } from './list';

it('a row with an address holds one link', async () => {
  const view = await render(<List rows={[{ key: 'a', title: '健診', href: '/p/1/checkups' }, { key: 'b', title: '体重' }]} />);
  expect(view.all('li').length).toBe(2);
  expect(view.all('a').length).toBe(1);
});
