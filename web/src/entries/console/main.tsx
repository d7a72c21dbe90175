import '@/styles/index.css';
import { startLinks } from '@/app/routing';
import { loadSession } from '@/app/session';
import { startEntry } from '@/app/start_entry';
import { Console } from '@/services/people_desk/console';

startLinks(['/console']);
void loadSession();
void startEntry(
  {
    ja: () => import('virtual:catalogue/console/ja'),
    'ja-easy': () => import('virtual:catalogue/console/ja-easy'),
    en: () => import('virtual:catalogue/console/en'),
  },
  <Console />,
);
