import { expect, it } from 'vitest';
import { render } from '@/testing/render';
import { Steps } from './steps';

it('says the place in words', async () => {
  const view = await render(<Steps names={['あ', 'い', 'う']} current={1} />);
  expect(view.text()).toContain('2 / 3');
  expect(view.text()).toContain('い');
});
