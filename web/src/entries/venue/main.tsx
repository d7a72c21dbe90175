import '@/styles/index.css';
import { loadSession } from '@/app/session';
import { startEntry } from '@/app/start_entry';
import { Venue } from './venue';

void loadSession();
void startEntry(
  {
    ja: () => import('virtual:catalogue/venue/ja'),
    'ja-easy': () => import('virtual:catalogue/venue/ja-easy'),
    en: () => import('virtual:catalogue/venue/en'),
  },
  <Venue />,
);
