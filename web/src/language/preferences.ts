// How this person likes to read: kept on the device only, applied to <html> as attributes so that
// style sheets and prerendered pages follow it without any script of the application.
export type Language = 'ja' | 'ja-easy' | 'en';
export type TextSize = 'normal' | 'large' | 'largest';
export type Theme = 'auto' | 'light' | 'dark';
export type Calendar = 'era' | 'western';

export interface Preferences {
  language: Language;
  size: TextSize;
  theme: Theme;
  calendar: Calendar;
}

export const languages: readonly Language[] = ['ja', 'ja-easy', 'en'];
export const textSizes: readonly TextSize[] = ['normal', 'large', 'largest'];
export const themes: readonly Theme[] = ['auto', 'light', 'dark'];

const kStorageKey = 'musubi.display';
const kDefaults: Preferences = { language: 'ja', size: 'normal', theme: 'auto', calendar: 'era' };

let current: Preferences = kDefaults;
const listeners = new Set<() => void>();

function isOneOf<T extends string>(value: unknown, allowed: readonly T[]): value is T {
  return typeof value === 'string' && (allowed as readonly string[]).includes(value);
}

/** Anything stored by an older version or by hand is read field by field; what is not known is the default. */
export function readPreferences(stored: string | null, browserLanguage = 'ja'): Preferences {
  let raw: Record<string, unknown> = {};
  try {
    const parsed: unknown = stored === null ? null : JSON.parse(stored);
    if (typeof parsed === 'object' && parsed !== null) raw = parsed as Record<string, unknown>;
  } catch {
    raw = {};
  }
  const fallback: Language = browserLanguage.startsWith('ja') ? 'ja' : 'en';
  return {
    language: isOneOf(raw.language, languages) ? raw.language : fallback,
    size: isOneOf(raw.size, textSizes) ? raw.size : kDefaults.size,
    theme: isOneOf(raw.theme, themes) ? raw.theme : kDefaults.theme,
    calendar: isOneOf(raw.calendar, ['era', 'western'] as const) ? raw.calendar : kDefaults.calendar,
  };
}

export function htmlLanguage(language: Language): string {
  return language === 'en' ? 'en' : 'ja';
}

export function applyPreferences(preferences: Preferences, root: HTMLElement): void {
  root.lang = htmlLanguage(preferences.language);
  root.dataset.language = preferences.language;
  root.dataset.size = preferences.size;
  root.dataset.theme = preferences.theme;
}

function storage(): Storage | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null; // private windows of some browsers forbid it
  }
}

export function startPreferences(): Preferences {
  current = readPreferences(storage()?.getItem(kStorageKey) ?? null, globalThis.navigator?.language ?? 'ja');
  if (typeof document !== 'undefined') applyPreferences(current, document.documentElement);
  return current;
}

export function preferences(): Preferences {
  return current;
}

export function setPreferences(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  try {
    storage()?.setItem(kStorageKey, JSON.stringify(current));
  } catch {
    // a full or forbidden storage only means that the choice lasts for this visit
  }
  if (typeof document !== 'undefined') applyPreferences(current, document.documentElement);
  for (const listener of listeners) listener();
}

export function onPreferences(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
