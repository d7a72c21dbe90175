// Keeps the shell (pages without anybody's data, scripts, style sheets) so that the app opens without a network.
// Health data never enters the Cache API: nothing under /api is touched, and only the files listed at build time
// are ever stored.
const version = '__VERSION__';
const shell = ['__SHELL__'];
const cacheName = `musubi-shell-${version}`;
const appPages = /^\/(home|p|mine|notices|settings|family|login)(\/|$)/;

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(cacheName)
      .then((cache) => cache.addAll(shell.map((path) => new Request(path, { cache: 'reload', credentials: 'omit' }))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith('musubi-shell-') && name !== cacheName).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener('fetch', (event) => {
  const request = event.request;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (shell.includes(url.pathname) && url.pathname !== '/home') {
    event.respondWith(caches.match(url.pathname).then((kept) => kept ?? fetch(request)));
    return;
  }
  if (request.mode === 'navigate' && appPages.test(url.pathname)) {
    // The page comes from the network while there is one; offline the kept shell opens and says so.
    event.respondWith(fetch(request).catch(() => caches.match('/home').then((kept) => kept ?? Response.error())));
  }
});
