import { Icon } from '@/icons/icons';
import { Button } from './button';

export default {
  title: 'ボタン',
  states: {
    primary: <Button>受ける日を決める</Button>,
    main: <Button size="main">次へ進む</Button>,
    secondary: <Button look="secondary">あとで決める</Button>,
    quiet: <Button look="quiet">郵便の方法を見る</Button>,
    danger: <Button look="danger">アカウントを閉じる</Button>,
    icon: <Button icon={<Icon name="download" />}>記録を受け取る</Button>,
    busy: <Button busy>送信しています</Button>,
    link: <Button href="#top">ホームへ</Button>,
  },
};
