import { EraDate } from './era_date';

const nothing = () => undefined;

export default {
  title: '和暦の日付',
  states: {
    empty: <EraDate name="a" legend="生年月日" value="" onChange={nothing} hint="例：昭和45年3月8日" />,
    filled: <EraDate name="b" legend="生年月日" value="1970-03-08" onChange={nothing} />,
    error: <EraDate name="c" legend="生年月日" value="" error="その日はありません。年・月・日を確かめてください" onChange={nothing} />,
  },
};
