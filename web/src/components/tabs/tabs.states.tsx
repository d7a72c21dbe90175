import { useState } from 'react';
import { TabBar, Tabs } from './tabs';

function Example() {
  const [value, setValue] = useState('a');
  return (
    <Tabs
      label="記録の種類"
      value={value}
      onChange={setValue}
      items={[
        { id: 'a', label: '血圧', panel: <p>血圧の記録</p> },
        { id: 'b', label: '体重', panel: <p>体重の記録</p> },
      ]}
    />
  );
}

export default {
  title: 'タブ',
  states: {
    tabs: <Example />,
    bar: (
      <TabBar
        label="おもな画面"
        items={[
          { href: '#home', label: 'ホーム', icon: 'home', current: true },
          { href: '#record', label: '記録', icon: 'record', current: false },
          { href: '#settings', label: '設定', icon: 'settings', current: false },
        ]}
      />
    ),
  },
};
