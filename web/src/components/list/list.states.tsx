import { Icon } from '@/icons/icons';
import { List } from './list';

export default {
  title: '一覧',
  states: {
    links: (
      <List
        rows={[
          { key: '1', title: '健診の結果', about: '市の記録 5件', href: '#a', icon: <Icon name="clipboard" /> },
          { key: '2', title: '予防接種', about: '市の記録 3件', href: '#b', icon: <Icon name="syringe" /> },
        ]}
      />
    ),
    values: <List rows={[{ key: '1', title: '体重', about: '11月21日 自分で入力', value: '58.2 kg' }]} />,
  },
};
