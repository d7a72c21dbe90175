import '@/styles/index.css';
import { startEntry } from '@/app/start_entry';
import { loadSession } from '@/app/session';
import { startLinks } from '@/app/routing';
import { startServiceWorker } from '@/app/trusted';
import { App } from './app';

startServiceWorker();
startLinks(['/start', '/login', '/home', '/p', '/mine', '/settings', '/family']);
void loadSession();
void startEntry(
  {
    ja: () => import('virtual:catalogue/citizen/ja'),
    'ja-easy': () => import('virtual:catalogue/citizen/ja-easy'),
    en: () => import('virtual:catalogue/citizen/en'),
  },
  <App />,
);
