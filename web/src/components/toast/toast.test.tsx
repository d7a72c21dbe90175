import { expect, it, vi } from 'vitest';
import { render } from '@/testing/render';
import { Toast } from './toast';

it('offers to take the change back', async () => {
  const undone = vi.fn();
  const view = await render(<Toast onUndo={undone} onGone={() => undefined}>保存しました</Toast>);
  await view.click('.mu-toast__undo');
  expect(undone).toHaveBeenCalledOnce();
});

it('leaves by itself after its time', async () => {
  vi.useFakeTimers();
  const gone = vi.fn();
  await render(<Toast onGone={gone} lasts={50}>保存しました</Toast>);
  await vi.advanceTimersByTimeAsync(500);
  expect(gone).toHaveBeenCalled();
  vi.useRealTimers();
});
