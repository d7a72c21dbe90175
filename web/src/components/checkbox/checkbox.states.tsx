import { Checkbox } from './checkbox';

const nothing = () => undefined;

export default {
  title: 'チェックボックス',
  states: {
    off: <Checkbox name="a" label="利用規約に同意します" checked={false} onChange={nothing} />,
    on: <Checkbox name="b" label="利用規約に同意します" hint="あとからいつでも読み直せます" checked onChange={nothing} />,
    error: <Checkbox name="c" label="利用規約に同意します" checked={false} error="同意すると先へ進めます" onChange={nothing} />,
  },
};
