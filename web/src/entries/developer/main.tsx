import '@/styles/index.css';
import './developer.css';
import { startLinks } from '@/app/routing';
import { loadSession } from '@/app/session';
import { startEntry } from '@/app/start_entry';
import { Developer } from './developer';

startLinks(['/developer']);
void loadSession();
void startEntry(
  {
    ja: () => import('virtual:catalogue/developer/ja'),
    'ja-easy': () => import('virtual:catalogue/developer/ja-easy'),
    en: () => import('virtual:catalogue/developer/en'),
  },
  <Developer />,
);
