import { Segmented } from './segmented';

export default {
  title: '切りかえ',
  states: {
    sizes: (
      <Segmented
        name="size"
        legend="文字の大きさ"
        value="large"
        onChange={() => undefined}
        options={[
          { value: 'normal', label: 'ふつう', className: 'mu-size-normal' },
          { value: 'large', label: '大きい', className: 'mu-size-large' },
          { value: 'largest', label: 'とても大きい', className: 'mu-size-largest' },
        ]}
      />
    ),
  },
};
