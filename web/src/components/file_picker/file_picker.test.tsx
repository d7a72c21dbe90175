import { expect, it } from 'vitest';
import { render } from '@/testing/render';
import { FilePicker } from './file_picker';

it('the button is the label of a native file input', async () => {
  const view = await render(<FilePicker name="csv" label="名簿" button="選ぶ" accept=".csv" onChoose={() => undefined} />);
  expect(view.find('label input[type=file]').getAttribute('accept')).toBe('.csv');
});
