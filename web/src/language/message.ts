// The message language: `{name}` a value, `{漢字|かんじ}` a reading, `{count?try:tries}` one or many.
// Readings are decided by the people who write the message, never guessed at run time.
export type Piece =
  | { kind: 'text'; text: string }
  | { kind: 'ruby'; base: string; reading: string }
  | { kind: 'value'; name: string }
  | { kind: 'plural'; name: string; one: string; many: string };

const kPattern = /\{([^{}]*)\}/g;

export function parseMessage(message: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of message.matchAll(kPattern)) {
    if (match.index > end) pieces.push({ kind: 'text', text: message.slice(end, match.index) });
    end = match.index + match[0].length;
    pieces.push(parseInner(match[1] ?? ''));
  }
  if (end < message.length) pieces.push({ kind: 'text', text: message.slice(end) });
  return pieces;
}

function parseInner(inner: string): Piece {
  const bar = inner.indexOf('|');
  if (bar >= 0) return { kind: 'ruby', base: inner.slice(0, bar), reading: inner.slice(bar + 1) };
  const plural = /^(\w+)\?([^:]*):(.*)$/.exec(inner);
  if (plural) return { kind: 'plural', name: plural[1]!, one: plural[2]!, many: plural[3]! };
  return { kind: 'value', name: inner };
}

/** The names of the values a message needs, in order and without repeats. */
export function messageValues(message: string): string[] {
  const names = parseMessage(message).flatMap((piece) =>
    piece.kind === 'value' || piece.kind === 'plural' ? [piece.name] : [],
  );
  return [...new Set(names)].sort();
}

export type Values = Readonly<Record<string, string | number>>;

export function pluralText(piece: Piece & { kind: 'plural' }, values: Values): string {
  return Number(values[piece.name]) === 1 ? piece.one : piece.many;
}

/** The message as plain characters (for attributes, titles, announcements): readings are left out. */
export function plainMessage(message: string, values: Values = {}): string {
  return parseMessage(message)
    .map((piece) => {
      switch (piece.kind) {
        case 'text':
          return piece.text;
        case 'ruby':
          return piece.base;
        case 'plural':
          return pluralText(piece, values);
        case 'value':
          return String(values[piece.name] ?? '');
      }
    })
    .join('');
}
