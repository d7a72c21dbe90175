import { expect, it } from 'vitest';
import { render } from '@/testing/render';
import { Link } from './link';

it('a link to another window says so and hands nothing over', async () => {
  const view = await render(
    <Link href="https://example.jp/" opens="new-window">
      市のページ
    </Link>,
  );
  expect(view.find('a').getAttribute('rel')).toContain('noopener');
  expect(view.text()).toContain('新しい画面');
});
