import { expect, it, vi } from 'vitest';
import { render } from '@/testing/render';
import { Dialog } from './dialog';

it('opens as a modal with a name and can be closed', async () => {
  const closed = vi.fn();
  const view = await render(
    <Dialog title="表示" open onClose={closed}>
      <p>中身</p>
    </Dialog>,
  );
  await view.settle();
  const dialog = view.find('dialog') as HTMLDialogElement;
  expect(dialog.open).toBe(true);
  expect(document.getElementById(dialog.getAttribute('aria-labelledby') ?? '')?.textContent).toBe('表示');
  await view.click('.mu-dialog__close');
  expect(closed).toHaveBeenCalled();
});
