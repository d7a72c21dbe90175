import { expect, it, vi } from 'vitest';
import { render } from '@/testing/render';
import { Field } from './field';

it('an error is tied to its field by description and by the invalid mark', async () => {
  const view = await render(<Field name="mail" label="メール" value="" error="入れてください" hint="例" onChange={() => undefined} />);
  const input = view.find('#field-mail');
  expect(input.getAttribute('aria-invalid')).toBe('true');
  const described = (input.getAttribute('aria-describedby') ?? '').split(' ');
  expect(described.map((id) => document.getElementById(id)?.textContent)).toEqual(['例', '入れてください']);
});

it('hands over every character as it is typed', async () => {
  const typed = vi.fn();
  const view = await render(<Field name="name" label="氏名" value="" onChange={typed} />);
  await view.type('#field-name', '𠮷野 葵');
  expect(typed).toHaveBeenLastCalledWith('𠮷野 葵');
});

it('shows a password on request and says whether it is shown', async () => {
  const view = await render(<Field name="secret" label="パスワード" type="password" value="abc" onChange={() => undefined} />);
  expect(view.find('#field-secret').getAttribute('type')).toBe('password');
  await view.click('.mu-field__reveal');
  expect(view.find('#field-secret').getAttribute('type')).toBe('text');
  expect(view.find('.mu-field__reveal').getAttribute('aria-pressed')).toBe('true');
});
