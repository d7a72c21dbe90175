import { Card } from './card';

export default {
  title: 'カード',
  states: {
    plain: <Card><p>見出しのないカードです。</p></Card>,
    titled: <Card title="いちばん新しい健診" aside="令和8年6月12日"><p>血圧 128 / 79 mmHg</p></Card>,
  },
};
