import '@/styles/index.css';
import { startLinks } from '@/app/routing';
import { loadSession } from '@/app/session';
import { startEntry } from '@/app/start_entry';
import { NoticesDesk } from '@/services/notices/desk/desk';
import { Console } from '@/services/people_desk/console';

startLinks(['/console']);
void loadSession();
void startEntry(
  {
    ja: () => import('virtual:catalogue/console/ja'),
    'ja-easy': () => import('virtual:catalogue/console/ja-easy'),
    en: () => import('virtual:catalogue/console/en'),
  },
  <Console further={[{ path: '/console/notices', permission: 'notices.write', page: <NoticesDesk /> }]} />,
);
