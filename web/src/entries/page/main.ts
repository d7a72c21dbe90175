// The prerendered pages work without this script; it adds the switches for text size and colours, and offline use.
import '@/styles/index.css';
import './page.css';
import '@/components/button/button.css';
import '@/components/card/card.css';
import '@/components/link/link.css';
import '@/components/list/list.css';
import { setPreferences, startPreferences, type Language, type TextSize, type Theme } from '@/language/preferences';
import { startServiceWorker } from '@/app/trusted';

const language = document.documentElement.dataset.language as Language;
startPreferences();
setPreferences({ language });
startServiceWorker();

for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-size],button[data-theme]')) {
  const mark = () => {
    const root = document.documentElement.dataset;
    const chosen = button.dataset.size !== undefined ? root.size === button.dataset.size : root.theme === button.dataset.theme;
    button.setAttribute('aria-pressed', String(chosen));
  };
  button.addEventListener('click', () => {
    if (button.dataset.size) setPreferences({ size: button.dataset.size as TextSize });
    if (button.dataset.theme) setPreferences({ theme: button.dataset.theme as Theme });
    document.dispatchEvent(new Event('musubi-display'));
  });
  document.addEventListener('musubi-display', mark);
  mark();
}
document.querySelector('.mu-public-display')?.removeAttribute('hidden');
