import '@/styles/index.css';
import './kiosk.css';
import { loadSession } from '@/app/session';
import { startEntry } from '@/app/start_entry';
import { Kiosk } from './kiosk';

void loadSession();
void startEntry(
  {
    ja: () => import('virtual:catalogue/kiosk/ja'),
    'ja-easy': () => import('virtual:catalogue/kiosk/ja-easy'),
    en: () => import('virtual:catalogue/kiosk/en'),
  },
  <Kiosk />,
);
