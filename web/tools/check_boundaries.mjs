// Who may import whom. Components know no other component, services know no other service, and nothing below knows
// anything above; so a folder can be read, changed or taken out alone.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const src = resolve(import.meta.dirname, '../src');
const allowed = {
  types: [],
  icons: [],
  language: ['icons'],
  api: ['language'],
  errors: [],
  components: ['language', 'icons'],
  charts: ['components', 'language', 'icons'],
  app: ['api', 'charts', 'components', 'errors', 'icons', 'language'],
  services: ['app', 'api', 'charts', 'components', 'icons', 'language'],
  pages: ['components', 'icons', 'language'],
  entries: ['app', 'api', 'charts', 'components', 'icons', 'language', 'services', 'styles'],
  testing: ['language'],
  service_worker: [],
};
const forbidden = [
  [/\b(useActionState|useFormStatus|useOptimistic)\b/, 'is not in the compatibility module'],
  [/dangerouslySetInnerHTML|\.innerHTML\s*=|insertAdjacentHTML|document\.write/, 'would need a Trusted Types policy'],
  [/from '(preact|preact\/[^']*)'/, 'import from react instead; the alias decides'],
  [/\bstyle=\{?"/, 'style attributes are refused by the Content-Security-Policy'],
];

function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return files(path);
    return /\.(ts|tsx)$/.test(entry.name) ? [path] : [];
  });
}

const faults = [];
for (const file of files(src)) {
  const here = relative(src, file).split('/');
  const test = /\.test\.tsx?$/.test(file);
  const text = readFileSync(file, 'utf8');
  for (const [pattern, why] of forbidden) if (pattern.test(text)) faults.push(`${relative(src, file)}: ${pattern.exec(text)[0]} ${why}`);
  for (const match of text.matchAll(/^\s*(import|export)\s+(type\s+)?[^;'"]*?from\s+'([^']+)'|import\('([^']+)'\)|^import '([^']+)'/gm)) {
    const wanted = match[3] ?? match[4] ?? match[5];
    const target = wanted.startsWith('@/') ? join(src, wanted.slice(2)) : wanted.startsWith('.') ? resolve(dirname(file), wanted) : null;
    if (!target) {
      if (!/^(react|react-dom|react-dom\/client|react-dom\/server|react\/jsx-runtime|wouter|wouter\/.*|virtual:.*|vitest|node:.*|@digital-go-jp\/.*)$/.test(wanted)) faults.push(`${relative(src, file)}: ${wanted} is not among the libraries we use`);
      continue;
    }
    const there = relative(src, target).split('/');
    if (match[2] && relative(src, file) === 'language/keys.ts') continue; // types of the message files only
    if (there[0] === 'testing' && test) continue;
    if (there[0] === here[0]) {
      if (['components', 'services'].includes(here[0]) && there[1] !== here[1]) faults.push(`${relative(src, file)}: a ${here[0].slice(0, -1)} does not import another one (${there[1]})`);
      continue;
    }
    if (!(allowed[here[0]] ?? []).includes(there[0])) faults.push(`${relative(src, file)}: ${here[0]} may not import ${there[0]}`);
  }
}
for (const fault of faults) console.error(fault);
console.log(faults.length === 0 ? 'imports: in order' : `imports: ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
