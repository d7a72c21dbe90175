import { Ring } from './ring';

export default {
  title: '輪',
  states: {
    part: <Ring value={3} of={4} label="4回のうち3回すみました" />,
    none: <Ring value={0} of={4} label="4回のうち0回すみました" />,
    full: <Ring value={4} of={4} label="4回すべてすみました">済</Ring>,
  },
};
