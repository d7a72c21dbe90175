// One catalogue per entry and language, loaded on its own so that nobody downloads three languages.
import type { SharedMessages } from './keys';
import { preferences, setPreferences, type Language } from './preferences';
import { plainMessage, type Values } from './message';

export interface Messages extends SharedMessages {}
export type MessageKey = keyof Messages & string;
export type Catalogue = Readonly<Record<string, string>>;
export type CatalogueLoader = Readonly<Record<Language, () => Promise<{ default: Catalogue }>>>;

let messages: Catalogue = {};
let loader: CatalogueLoader | null = null;
let version = 0;
const listeners = new Set<() => void>();

export function installMessages(catalogue: Catalogue): void {
  messages = catalogue;
  version += 1;
  for (const listener of listeners) listener();
}

export function messagesVersion(): number {
  return version;
}

export function onMessages(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export async function startCatalogue(entryLoader: CatalogueLoader): Promise<void> {
  loader = entryLoader;
  installMessages((await loader[preferences().language]()).default);
}

/** Loads first and switches afterwards, so that a lost network leaves a readable page behind. */
export async function chooseLanguage(language: Language): Promise<void> {
  if (!loader) return;
  const catalogue = (await loader[language]()).default;
  setPreferences({ language });
  installMessages(catalogue);
}

export function rawMessage(key: string): string | undefined {
  return messages[key];
}

export function text(key: MessageKey, values: Values = {}): string {
  return plainMessage(messages[key] ?? key, values);
}

/** For keys that are made from data (an error code, a resource kind): undefined when nobody wrote a text. */
export function optionalText(key: string, values: Values = {}): string | undefined {
  const message = messages[key];
  return message === undefined ? undefined : plainMessage(message, values);
}
