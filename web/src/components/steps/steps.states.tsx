import { Steps } from './steps';

export default {
  title: '進みぐあい（ページ）',
  states: { third: <Steps names={['メール', '規約', 'カード', '確認', '連絡先', '確認番号']} current={2} /> },
};
