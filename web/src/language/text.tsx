import { Fragment, useSyncExternalStore, type ReactNode } from 'react';
import { messagesVersion, onMessages, rawMessage, text, type MessageKey } from './catalogue';
import { parseMessage, pluralText, type Values } from './message';
import { onPreferences, preferences, type Preferences } from './preferences';

type NodeValues = Readonly<Record<string, ReactNode>>;

export function usePreferences(): Preferences {
  return useSyncExternalStore(onPreferences, preferences, preferences);
}

/** Returns the function for plain texts and renders the component again when the language changes. */
export function useText(): typeof text {
  useSyncExternalStore(onMessages, messagesVersion, messagesVersion);
  return text;
}

export function renderMessage(message: string, values: NodeValues = {}): ReactNode {
  return parseMessage(message).map((piece, index) => {
    switch (piece.kind) {
      case 'text':
        return <Fragment key={index}>{piece.text}</Fragment>;
      case 'ruby':
        return (
          <ruby key={index}>
            {piece.base}
            <rp>（</rp>
            <rt>{piece.reading}</rt>
            <rp>）</rp>
          </ruby>
        );
      case 'plural':
        return <Fragment key={index}>{pluralText(piece, values as Values)}</Fragment>;
      case 'value':
        return <Fragment key={index}>{values[piece.name] ?? null}</Fragment>;
    }
  });
}

/** A message with its readings: `<T k="…" />`. */
export function T({ k, ...values }: { k: MessageKey } & Record<string, ReactNode>): ReactNode {
  useText();
  return <>{renderMessage(rawMessage(k) ?? k, values)}</>;
}

/** The same for keys made from data; shows the fallback when nobody wrote a text. */
export function DataText({
  name,
  values,
  fallback,
}: {
  name: string;
  values?: NodeValues;
  fallback?: ReactNode;
}): ReactNode {
  useText();
  const message = rawMessage(name);
  return message === undefined ? <>{fallback ?? null}</> : <>{renderMessage(message, values)}</>;
}
