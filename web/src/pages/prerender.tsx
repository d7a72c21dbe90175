// The public pages as plain HTML in three languages, made at build time. They need no script and no server data.
import type { ReactNode } from 'react';
import { renderToString } from 'react-dom/server';
import easy from 'virtual:catalogue/pages/ja-easy';
import en from 'virtual:catalogue/pages/en';
import ja from 'virtual:catalogue/pages/ja';
import { installMessages, text, type MessageKey } from '@/language/catalogue';
import { htmlLanguage, setPreferences, type Language } from '@/language/preferences';
import { PublicFrame } from './frame';
import { Article, Landing } from './pages';

export interface RenderedPage {
  route: string;
  file: string;
  language: Language;
  lang: string;
  title: string;
  description: string;
  alternates: string;
  body: string;
}

const catalogues = { ja, 'ja-easy': easy, en };
const folders: Readonly<Record<Language, string>> = { ja: '', 'ja-easy': 'easy', en: 'en' };
const names = ['', 'help', 'accessibility', 'privacy', 'lost-card'] as const;

export function routeOf(language: Language, name: string): string {
  return `/${[folders[language], name].filter(Boolean).join('/')}`;
}

function escape(plain: string): string {
  return plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

export async function renderPages(): Promise<RenderedPage[]> {
  const pages: RenderedPage[] = [];
  for (const language of ['ja', 'ja-easy', 'en'] as const) {
    installMessages(catalogues[language]);
    setPreferences({ language });
    for (const name of names) {
      const key = name === '' ? 'landing' : name;
      const title = text(`${key}.title` as MessageKey);
      const content: ReactNode = name === '' ? <Landing to={(other) => routeOf(language, other)} /> : <Article name={name} to={(other) => routeOf(language, other)} />;
      const route = routeOf(language, name);
      pages.push({
        route,
        file: route === '/' ? 'index.html' : name === '' ? `${route.slice(1)}/index.html` : `${route.slice(1)}.html`,
        language,
        lang: htmlLanguage(language),
        title: escape(name === '' ? title : `${title}｜${text('app.name')}`),
        description: escape(text(`${key}.lead` as MessageKey)),
        alternates: (['ja', 'en'] as const).map((other) => `<link rel="alternate" hreflang="${other}" href="${routeOf(other, name)}" />`).join('\n    '),
        body: renderToString(
          <PublicFrame language={language} name={name} to={(to, other) => routeOf(to, other)}>
            {content}
          </PublicFrame>,
        ),
      });
    }
  }
  return pages;
}
