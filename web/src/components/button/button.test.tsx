import { expect, it, vi } from 'vitest';
import { render } from '@/testing/render';
import { Button } from './button';

it('a busy button refuses presses and says that it works', async () => {
  const pressed = vi.fn();
  const view = await render(
    <Button busy onClick={pressed}>
      送る
    </Button>,
  );
  await view.click('button');
  expect(pressed).not.toHaveBeenCalled();
  expect(view.find('[role=status]').textContent).toContain('進めています');
});

it('a button with an address is a link', async () => {
  const view = await render(<Button href="/home">ホーム</Button>);
  expect(view.find('a').getAttribute('href')).toBe('/home');
});
