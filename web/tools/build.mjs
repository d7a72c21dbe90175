// Builds everything the server hands out: entries, prerendered public pages, service worker, precompressed
// twins and dist/assets.json. Ends with an error when a size budget is broken.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'vite';
import { checkBudgets } from './budgets.mjs';

const web = resolve(import.meta.dirname, '..');
const dist = join(web, 'dist');
const scratch = join(web, 'node_modules/.cache/musubi');

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
};

const hashOf = (bytes) => createHash('sha256').update(bytes).digest('hex');
const readText = (file) => readFileSync(join(dist, file), 'utf8');
const write = (file, content) => {
  mkdirSync(dirname(join(dist, file)), { recursive: true });
  writeFileSync(join(dist, file), content);
};

function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path) : [relative(dist, path)];
  });
}

await build({ configFile: join(web, 'vite.config.ts'), logLevel: 'warn' });
await build({
  configFile: join(web, 'vite.config.ts'),
  logLevel: 'warn',
  publicDir: false,
  ssr: { noExternal: true },
  build: {
    ssr: join(web, 'src/pages/prerender.tsx'),
    outDir: scratch,
    emptyOutDir: true,
    manifest: false,
    rollupOptions: { input: undefined, output: { entryFileNames: 'prerender.mjs' } },
  },
});

// The script that runs before the first paint is small and blocking, so it gets a hashed, immutable name as well.
const displayName = `assets/display-${hashOf(readText('display.js')).slice(0, 8)}.js`;
renameSync(join(dist, 'display.js'), join(dist, displayName));

const template = readText('page.html');
const { renderPages } = await import(pathToFileURL(join(scratch, 'prerender.mjs')).href);
const pages = await renderPages();
for (const page of pages) {
  write(
    page.file,
    template
      .replace(/<html[^>]*>/, `<html lang="${page.lang}" data-language="${page.language}">`)
      .replace(/<title>[^<]*<\/title>/, () => `<title>${page.title}</title>\n    <meta name="description" content="${page.description}" />`)
      .replace('<!--alternates-->', () => page.alternates)
      .replace('<!--page-->', () => page.body),
  );
}
rmSync(join(dist, 'page.html'));
for (const file of filesUnder(dist).filter((name) => name.endsWith('.html'))) {
  write(file, readText(file).replace('src="/display.js"', `src="/${displayName}"`));
}

const manifest = JSON.parse(readText('.vite/manifest.json'));
checkBudgets(dist, manifest, displayName);

// The shell that opens without a network: what the citizen's entry needs, nothing of anybody's data.
function shellOf(entry) {
  const seen = new Set();
  const visit = (key) => {
    const chunk = manifest[key];
    if (!chunk || seen.has(key)) return;
    seen.add(key);
    for (const next of [...(chunk.imports ?? []), ...(chunk.dynamicImports ?? [])]) visit(next);
  };
  visit(entry);
  const files = new Set();
  for (const key of seen) {
    files.add(`/${manifest[key].file}`);
    for (const css of manifest[key].css ?? []) files.add(`/${css}`);
  }
  files.delete('/citizen.html');
  return [...files].filter((file) => !file.endsWith('.html')).sort();
}
const shell = ['/home', '/icon.svg', '/manifest.webmanifest', `/${displayName}`, ...shellOf('citizen.html')];
const worker = readFileSync(join(web, 'src/service_worker/service_worker.js'), 'utf8')
  .replace("'__VERSION__'", () => JSON.stringify(hashOf(shell.join('\n') + readText('citizen.html')).slice(0, 16)))
  .replace("['__SHELL__']", () => JSON.stringify(shell));
write('sw.js', worker);

rmSync(join(dist, '.vite'), { recursive: true });

const routes = new Map(pages.map((page) => [page.file, page.route]));
const assets = filesUnder(dist)
  .sort()
  .map((file) => {
    const bytes = readFileSync(join(dist, file));
    const encodings = [];
    if (!['.png', '.woff2'].includes(extname(file)) && bytes.length > 256) {
      const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } };
      for (const [name, ending, packed] of [
        ['br', '.br', brotliCompressSync(bytes, options)],
        ['gzip', '.gz', gzipSync(bytes, { level: 9 })],
      ]) {
        if (packed.length >= bytes.length) continue;
        writeFileSync(join(dist, file + ending), packed);
        encodings.push({ encoding: name, file: file + ending, size: packed.length });
      }
    }
    return {
      path: routes.get(file) ?? `/${file}`,
      file,
      type: types[extname(file)] ?? 'application/octet-stream',
      size: bytes.length,
      sha256: hashOf(bytes),
      cache: file.startsWith('assets/') ? 'immutable' : 'revalidate',
      encodings,
    };
  });

const agent = 'ws://127.0.0.1:27180 ws://localhost:27180';
const policy = (connect) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    `connect-src 'self'${connect}`,
    "manifest-src 'self'",
    "worker-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types musubi',
  ].join('; ');

// One entry per application: which addresses answer with its HTML, under which Content-Security-Policy.
const applications = [
  { entry: 'citizen.html', paths: ['/start', '/login', '/home', '/p', '/mine', '/notices', '/settings', '/family'], csp: policy(` ${agent}`) },
  { entry: 'console.html', paths: ['/console'], csp: policy('') },
  { entry: 'kiosk.html', paths: ['/kiosk'], csp: policy(` ${agent}`) },
  { entry: 'venue.html', paths: ['/venue'], csp: policy(` ${agent}`) },
  { entry: 'developer.html', paths: ['/developer'], csp: policy('') },
  ...(process.env.MUSUBI_GALLERY === '1' ? [{ entry: 'gallery.html', paths: ['/dev/ui'], csp: policy('') }] : []),
];
write('assets.json', `${JSON.stringify({ applications, pageCsp: policy(''), assets }, null, 2)}\n`);
console.log(`${assets.length} files, ${pages.length} prerendered pages`);
