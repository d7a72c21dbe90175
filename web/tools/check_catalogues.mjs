// Every message in three languages with the same values; readings only where plain Japanese needs them well formed;
// every code the server can answer with has its texts; no message is asked for that an entry does not carry.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const web = resolve(import.meta.dirname, '..');
const src = join(web, 'src');
const lists = JSON.parse(readFileSync(join(web, 'catalogues.json'), 'utf8'));
const faults = [];

const valuesOf = (message) =>
  [...message.matchAll(/\{([^{}]*)\}/g)]
    .map((match) => match[1])
    .filter((inner) => !inner.includes('|'))
    .map((inner) => inner.split('?')[0]);
const setOf = (message) => [...new Set(valuesOf(message))].sort().join(',');

const catalogues = {};
const folders = new Map();
for (const folder of new Set(Object.values(lists).flat())) {
  const rows = JSON.parse(readFileSync(join(src, folder, 'messages.json'), 'utf8'));
  folders.set(folder, rows);
  for (const [key, texts] of Object.entries(rows)) {
    if (!Array.isArray(texts) || texts.length !== 3 || texts.some((text) => typeof text !== 'string' || text.trim() === '')) {
      faults.push(`${folder}: ${key} is not there in three languages`);
      continue;
    }
    if (setOf(texts[0]) !== setOf(texts[1]) || setOf(texts[0]) !== setOf(texts[2])) faults.push(`${folder}: ${key} does not use the same values in the three languages`);
    for (const text of texts) {
      if ((text.match(/\{/g) ?? []).length !== (text.match(/\}/g) ?? []).length) faults.push(`${folder}: ${key} has an open brace`);
      for (const [, base, reading] of text.matchAll(/\{([^{}|]*)\|([^{}|]*)\}/g)) {
        if (base === '' || !/^[ぁ-ゖァ-ヺー・]+$/.test(reading)) faults.push(`${folder}: ${key}: the reading of ${base} is not kana: ${reading}`);
      }
    }
    if (/[\u3400-\u9fff]/.test(texts[2])) {
      const outside = texts[2].replaceAll(/[「『].*?[」』]|見本 花子|みほん はなこ|社員番号,氏名,カナ,生年月日/g, '');
      if (/[\u3400-\u9fff]/.test(outside) && !/氏名|日本語|𠮷/.test(texts[2])) faults.push(`${folder}: ${key}: Japanese left in the English text`);
    }
  }
}
for (const [entry, list] of Object.entries(lists)) catalogues[entry] = new Set(list.flatMap((folder) => Object.keys(folders.get(folder))));

// Literal keys an entry asks for, found by walking its imports.
function resolveFile(from, wanted) {
  const base = wanted.startsWith('@/') ? join(src, wanted.slice(2)) : wanted.startsWith('.') ? resolve(dirname(from), wanted) : null;
  if (!base) return null;
  for (const ending of ['', '.tsx', '.ts']) if (existsSync(base + ending) && statSync(base + ending).isFile()) return base + ending;
  return null;
}
const known = new Set([...folders.values()].flatMap((rows) => Object.keys(rows)));
const starts = { citizen: ['entries/citizen/main.tsx'], console: ['entries/console/main.tsx'], kiosk: ['entries/kiosk/main.tsx'], venue: ['entries/venue/main.tsx'], developer: ['entries/developer/main.tsx'], pages: ['pages/prerender.tsx'] };
for (const [entry, files] of Object.entries(starts)) {
  const seen = new Set();
  const visit = (file) => {
    if (!file || seen.has(file) || !/\.tsx?$/.test(file)) return;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    for (const match of text.matchAll(/'([a-z][\w-]*(?:[.:][\w*.:-]+)+)'|"([a-z][\w-]*(?:[.:][\w*.:-]+)+)"/g)) {
      const key = match[1] ?? match[2];
      if (known.has(key) && !catalogues[entry].has(key)) faults.push(`${entry}: ${relative(src, file)} asks for ${key}, which its catalogue does not carry`);
    }
    for (const match of text.matchAll(/(?:from|import)\s*\(?'([^']+)'/g)) visit(resolveFile(file, match[1]));
  };
  for (const file of files) visit(join(src, file));
}

// Codes of the server.
const codesFile = join(web, '../doc/api/error-codes.json');
const groups = JSON.parse(readFileSync(join(src, 'errors/groups.json'), 'utf8'));
const errors = { ...folders.get('errors'), ...folders.get('errors/staff') };
if (existsSync(codesFile)) {
  const raw = JSON.parse(readFileSync(codesFile, 'utf8'));
  const codes = (Array.isArray(raw) ? raw : (raw.codes ?? Object.keys(raw))).map((one) => (typeof one === 'string' ? one : one.code));
  for (const code of codes) {
    const name = [code, groups[code], `${code.split('.')[0]}.*`].find((candidate) => candidate && errors[`error:${candidate}:what`]);
    if (!name) faults.push(`errors: the server's code ${code} has no text`);
  }
  console.log(`error codes: ${codes.length} known to the server`);
}
for (const key of Object.keys(errors)) {
  const match = /^error:(.+):what$/.exec(key);
  if (match && !errors[`error:${match[1]}:do`]) faults.push(`errors: ${match[1]} says what happened but not what to do`);
}
for (const [code, group] of Object.entries(groups)) if (!errors[`error:${group}:what`]) faults.push(`errors: ${code} is grouped under ${group}, which has no text`);

for (const fault of faults) console.error(fault);
console.log(faults.length === 0 ? `messages: ${known.size} in three languages, in order` : `messages: ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
