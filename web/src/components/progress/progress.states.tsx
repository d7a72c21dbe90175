import { ProgressBar, ProgressList } from './progress';

export default {
  title: '進みぐあい',
  states: {
    list: (
      <ProgressList
        label="カードの読み取り"
        steps={[
          { key: '1', label: 'カードを見つけました', state: 'done' },
          { key: '2', label: '暗証番号を待っています', state: 'now' },
          { key: '3', label: '市役所で確かめます', state: 'waiting' },
        ]}
      />
    ),
    failed: <ProgressList label="カードの読み取り" steps={[{ key: '1', label: 'カードが離れました', state: 'failed' }]} />,
    bar: <ProgressBar label="ファイルを送っています" value={0.4} />,
  },
};
