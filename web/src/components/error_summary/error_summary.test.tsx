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

it('names the field, since several may lack the same', async () => {
  const view = await render(
    <>
      <label htmlFor="field-kana">
        ふりがな<span className="mu-field__need">必須</span>
      </label>
      <input id="field-kana" />
      <fieldset id="field-sex">
        <legend>性別</legend>
      </fieldset>
      <ErrorSummary
        items={[
          { field: 'kana', text: '入れてください' },
          { field: 'sex', text: '選んでください' },
        ]}
      />
    </>,
  );
  await view.settle();
  expect(view.text()).toContain('ふりがな　入れてください');
  expect(view.text()).toContain('性別　選んでください');
});

it('is not there without mistakes', async () => {
  const view = await render(<ErrorSummary items={[]} />);
  expect(view.text()).toBe('');
});
