import { expect, it } from 'vitest';
import { render } from '@/testing/render';
import { ErrorSummary } from './error_summary';

it('takes the focus and leads to the field', async () => {
  const view = await render(
    <>
      <ErrorSummary items={[{ field: 'mail', text: '入れてください' }]} />
      <input id="field-mail" />
    </>,
  );
  await view.settle();
  expect(document.activeElement?.getAttribute('role')).toBe('alert');
  await view.click('a');
  expect(document.activeElement?.id).toBe('field-mail');
});

it('is not there without mistakes', async () => {
  const view = await render(<ErrorSummary items={[]} />);
  expect(view.text()).toBe('');
});
