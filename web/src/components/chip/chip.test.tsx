import { expect, it } from 'vitest';
import { render } from '@/testing/render';
import { Chip, Stamp } from './chip';

it('says its state in words, the picture is decoration', async () => {
  const view = await render(
    <>
      <Chip kind="ok" icon="check">接種ずみ</Chip>
      <Stamp label="すべて済みました">済</Stamp>
    </>,
  );
  expect(view.find('svg').getAttribute('aria-hidden')).toBe('true');
  expect(view.find('[role=img]').getAttribute('aria-label')).toBe('すべて済みました');
});
