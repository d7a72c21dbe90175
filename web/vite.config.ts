import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

const root = import.meta.dirname;
const useReact = process.env.MUSUBI_REACT === '1';
const withGallery = process.env.MUSUBI_GALLERY === '1' || process.env.NODE_ENV === 'test';
const languages = ['ja', 'ja-easy', 'en'];

/** `virtual:catalogue/<entry>/<language>`: the messages of one entry in one language as one small module. */
function catalogues(): Plugin {
  const prefix = '\0virtual:catalogue/';
  return {
    name: 'musubi-catalogues',
    resolveId: (id) => (id.startsWith('virtual:catalogue/') ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith(prefix)) return undefined;
      const [entry, language] = id.slice(prefix.length).split('/') as [string, string];
      const lists = JSON.parse(readFileSync(resolve(root, 'catalogues.json'), 'utf8')) as Record<string, string[]>;
      const folders = lists[entry];
      const column = languages.indexOf(language);
      if (!folders || column < 0) throw new Error(`no catalogue ${entry}/${language}`);
      const messages: Record<string, string> = {};
      for (const folder of folders) {
        const file = resolve(root, 'src', folder, 'messages.json');
        this.addWatchFile(file);
        const rows = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string[]>;
        for (const [key, texts] of Object.entries(rows)) messages[key] = texts[column] ?? '';
      }
      return `export default ${JSON.stringify(messages)}`;
    },
  };
}

const appPrefixes: Record<string, string> = {
  '/console': 'console.html',
  '/kiosk': 'kiosk.html',
  '/venue': 'venue.html',
  '/developer': 'developer.html',
  '/dev/ui': 'gallery.html',
};

/** While developing: the address of an app screen answers with its entry, everything under /api goes to the server. */
function appRoutes(): Plugin {
  return {
    name: 'musubi-app-routes',
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const path = (request.url ?? '/').split('?')[0]!;
        const isFile = path.includes('.') || path.startsWith('/@') || path.startsWith('/src') || path.startsWith('/api');
        if (!isFile && !existsSync(resolve(root, `.${path}.html`))) {
          const prefix = Object.keys(appPrefixes).find((known) => path === known || path.startsWith(`${known}/`));
          request.url = `/${prefix ? appPrefixes[prefix] : 'citizen.html'}`;
        }
        next();
      });
    },
  };
}

const entries = ['citizen', 'kiosk', 'venue', 'console', 'developer', 'page', ...(withGallery ? ['gallery'] : [])];

export default defineConfig({
  root,
  appType: 'mpa',
  plugins: [catalogues(), appRoutes()],
  resolve: {
    alias: [
      { find: /^@\//, replacement: `${resolve(root, 'src')}/` },
      { find: /^use-sync-external-store\/shim(\/index\.js)?$/, replacement: useReact ? 'react' : 'preact/compat' },
      ...(useReact
        ? []
        : [
            { find: /^react\/jsx-runtime$/, replacement: 'preact/jsx-runtime' },
            { find: /^react\/jsx-dev-runtime$/, replacement: 'preact/jsx-runtime' },
            { find: /^react-dom\/client$/, replacement: 'preact/compat/client' },
            { find: /^react-dom\/server$/, replacement: 'preact-render-to-string' },
            { find: /^react-dom$/, replacement: 'preact/compat' },
            { find: /^react$/, replacement: 'preact/compat' },
          ]),
    ],
  },
  build: {
    target: ['safari15', 'chrome100'],
    outDir: 'dist',
    emptyOutDir: true,
    manifest: '.vite/manifest.json',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rollupOptions: { input: Object.fromEntries(entries.map((name) => [name, resolve(root, `${name}.html`)])) },
  },
  server: { proxy: { '/api': 'http://localhost:8080', '/healthz': 'http://localhost:8080' } },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}', 'tools/**/*.test.{ts,mjs}'],
    server: { deps: { inline: true } },
  },
} as import('vitest/config').ViteUserConfig);
