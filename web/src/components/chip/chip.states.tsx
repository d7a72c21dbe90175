import { Chip, Stamp } from './chip';

export default {
  title: 'チップと印',
  states: {
    chips: (
      <div className="mu-row">
        <Chip kind="primary" icon="shield">市の記録</Chip>
        <Chip icon="pencil">自分で入力</Chip>
        <Chip kind="ok" icon="check">接種ずみ</Chip>
        <Chip kind="soon" icon="clock">もうすぐ</Chip>
        <Chip kind="danger" icon="warning">帯の外</Chip>
      </div>
    ),
    stamp: <Stamp label="済">済</Stamp>,
  },
};
