import { expect, it } from 'vitest';
import { render } from '@/testing/render';
import { Table } from './table';

it('keeps the table roles when the rows turn into blocks', async () => {
  const view = await render(<Table caption="結果" columns={[{ key: 'a', label: '項目' }]} rows={[{ key: '1', cells: { a: '血圧' } }]} />);
  expect(view.all('[role=row]').length).toBe(2);
  expect(view.find('[role=cell] .mu-table__value').textContent).toBe('血圧');
});
