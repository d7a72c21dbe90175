import { Select } from './select';

const options = [
  { value: '', label: '選んでください' },
  { value: 'care', label: '本人からの相談' },
  { value: 'checkup', label: '健診のご案内' },
];

export default {
  title: 'セレクト',
  states: {
    empty: <Select name="a" label="見る目的" value="" options={options} onChange={() => undefined} />,
    chosen: <Select name="b" label="見る目的" hint="記録に残ります" value="care" options={options} onChange={() => undefined} />,
    error: <Select name="c" label="見る目的" value="" error="目的を選んでください" options={options} onChange={() => undefined} />,
  },
};
