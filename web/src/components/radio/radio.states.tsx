import { Icon } from '@/icons/icons';
import { RadioGroup } from './radio';

const nothing = () => undefined;
const ways = [
  { value: 'card-reader', label: 'パソコンとカードリーダー', hint: '5分ほどで使えるようになります', picture: <Icon name="reader" /> },
  { value: 'letter', label: '郵便で', hint: '2週間ほどかかります', picture: <Icon name="letter" /> },
];

export default {
  title: 'ラジオボタン',
  states: {
    lines: (
      <RadioGroup
        name="sex"
        legend="性別"
        value="female"
        onChange={nothing}
        options={[
          { value: 'female', label: '女性' },
          { value: 'male', label: '男性' },
        ]}
      />
    ),
    cards: <RadioGroup name="way" legend="登録の方法" look="cards" value="card-reader" onChange={nothing} options={ways} />,
    error: <RadioGroup name="way2" legend="登録の方法" look="cards" value={null} error="方法を1つ選んでください" onChange={nothing} options={ways} />,
  },
};
