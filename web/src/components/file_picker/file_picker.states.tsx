import { FilePicker } from './file_picker';

const nothing = () => undefined;
export default {
  title: 'ファイルを選ぶ',
  states: {
    empty: <FilePicker name="csv" label="記録のファイル（CSV）" button="ファイルを選ぶ" accept=".csv" hint="UTF-8 でも Shift_JIS でも読めます" onChoose={nothing} />,
    chosen: <FilePicker name="csv2" label="名簿（CSV）" button="ファイルを選びなおす" accept=".csv" chosen="meibo-2026.csv" error="3行が読めませんでした" onChoose={nothing} />,
  },
};
