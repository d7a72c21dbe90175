import { expect, it } from 'vitest';
import { render } from '@/testing/render';
import { PersonSwitcher } from './person_switcher';

it('marks whose page it is and keeps names whole', async () => {
  const view = await render(
    <PersonSwitcher label="だれ" current="2" people={[{ id: '1', name: '花子', mark: 1, href: '/p/1' }, { id: '2', name: '𠮷野 太郎', mark: 2, href: '/p/2' }]} />,
  );
  expect(view.find('[aria-current=page]').textContent).toBe('𠮷野 太郎');
});
