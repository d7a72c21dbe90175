import { expect, it } from 'vitest';
import { render } from '@/testing/render';
import { Card } from './card';

it('a titled card is a region named by its heading', async () => {
  const view = await render(<Card title="健診">中身</Card>);
  const section = view.find('section');
  expect(document.getElementById(section.getAttribute('aria-labelledby') ?? '')?.tagName).toBe('H2');
});
