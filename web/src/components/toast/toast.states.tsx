import { Toast } from './toast';

const nothing = () => undefined;
export default {
  title: '保存のお知らせ',
  states: { undo: <Toast onUndo={nothing} onGone={nothing} lasts={1e8}>体重を保存しました</Toast> },
};
