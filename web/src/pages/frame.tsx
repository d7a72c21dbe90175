import type { ReactNode } from 'react';
import { Knot } from '@/icons/icons';
import type { Language } from '@/language/preferences';
import { T, useText } from '@/language/text';

const languages: readonly { id: Language; name: string; lang: string }[] = [
  { id: 'ja', name: '日本語', lang: 'ja' },
  { id: 'ja-easy', name: 'やさしい日本語', lang: 'ja' },
  { id: 'en', name: 'English', lang: 'en' },
];

export function PublicFrame(props: { language: Language; name: string; to: (language: Language, name: string) => string; children: ReactNode }): ReactNode {
  const t = useText();
  return (
    <div className="mu-shell">
      <a className="mu-skip" href="#main">
        <T k="app.skip" />
      </a>
      <header className="mu-header">
        <div className="mu-header__in">
          <a className="mu-brand" href={props.to(props.language, '')}>
            <Knot />
            <span>
              <span className="mu-brand__name">
                <T k="app.name" />
              </span>
              <span className="mu-brand__city">
                <T k="pages.brand" />
              </span>
            </span>
          </a>
          <nav aria-label={t('app.language')}>
            <ul className="mu-public-languages">
              {languages.map((language) => (
                <li key={language.id}>
                  <a href={props.to(language.id, props.name)} lang={language.lang} aria-current={language.id === props.language ? 'true' : undefined}>
                    {language.name}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
        </div>
      </header>
      {props.children}
      <footer className="mu-footer">
        <div className="mu-footer__in">
          <div className="mu-public-display" role="group" aria-label={t('app.display')} hidden>
            <span>
              <T k="app.text-size" />
            </span>
            {(['normal', 'large', 'largest'] as const).map((size) => (
              <button key={size} type="button" data-size={size} aria-pressed="false">
                <T k={`app.size.${size}`} />
              </button>
            ))}
            <span>
              <T k="app.theme" />
            </span>
            {(['auto', 'light', 'dark'] as const).map((theme) => (
              <button key={theme} type="button" data-theme={theme} aria-pressed="false">
                <T k={`app.theme.${theme}`} />
              </button>
            ))}
          </div>
          <nav aria-label={t('app.footer')}>
            <ul>
              {(['help', 'lost-card', 'accessibility', 'privacy'] as const).map((name) => (
                <li key={name}>
                  <a href={props.to(props.language, name)}>
                    <T k={`app.footer.${name}`} />
                  </a>
                </li>
              ))}
              <li>
                <a href="/developer">
                  <T k="pages.developers" />
                </a>
              </li>
            </ul>
          </nav>
        </div>
      </footer>
    </div>
  );
}
