import type { ReactNode } from 'react';
import { Segmented } from '@/components/segmented/segmented';
import { chooseLanguage } from '@/language/catalogue';
import { setPreferences, type Calendar, type Language, type TextSize, type Theme } from '@/language/preferences';
import { T, usePreferences } from '@/language/text';

/** Language names are written in themselves, so that whoever needs them can read them. */
export const languageNames: readonly { value: Language; label: string }[] = [
  { value: 'ja', label: '日本語' },
  { value: 'ja-easy', label: 'やさしい日本語' },
  { value: 'en', label: 'English' },
];

export function DisplaySettings({ onLanguage }: { onLanguage?: (language: Language) => void }): ReactNode {
  const now = usePreferences();
  return (
    <div className="mu-stack mu-stack--wide">
      <Segmented
        name="language"
        legend={<T k="app.language" />}
        value={now.language}
        options={languageNames}
        onChange={(value) => {
          void chooseLanguage(value as Language);
          onLanguage?.(value as Language);
        }}
      />
      <Segmented
        name="size"
        legend={<T k="app.text-size" />}
        value={now.size}
        options={[
          { value: 'normal', label: <T k="app.size.normal" />, className: 'mu-size-normal' },
          { value: 'large', label: <T k="app.size.large" />, className: 'mu-size-large' },
          { value: 'largest', label: <T k="app.size.largest" />, className: 'mu-size-largest' },
        ]}
        onChange={(value) => setPreferences({ size: value as TextSize })}
      />
      <Segmented
        name="theme"
        legend={<T k="app.theme" />}
        value={now.theme}
        options={[
          { value: 'auto', label: <T k="app.theme.auto" /> },
          { value: 'light', label: <T k="app.theme.light" /> },
          { value: 'dark', label: <T k="app.theme.dark" /> },
        ]}
        onChange={(value) => setPreferences({ theme: value as Theme })}
      />
      {now.language === 'ja' ? (
        <Segmented
          name="calendar"
          legend={<T k="app.calendar" />}
          value={now.calendar}
          options={[
            { value: 'era', label: <T k="app.calendar.era" /> },
            { value: 'western', label: <T k="app.calendar.western" /> },
          ]}
          onChange={(value) => setPreferences({ calendar: value as Calendar })}
        />
      ) : null}
    </div>
  );
}
