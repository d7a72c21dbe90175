// Addresses are plain links everywhere; this one listener turns those of our own entry into page changes without
// loading, so that components need to know nothing about a router.
import { navigate } from 'wouter/use-browser-location';

export function go(path: string, options: { replace?: boolean } = {}): void {
  navigate(path, options);
}

export function startLinks(ownPaths: readonly string[]): void {
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const anchor = (event.target as Element | null)?.closest?.('a');
    if (!anchor || anchor.target || anchor.hasAttribute('download')) return;
    const url = new URL(anchor.href, location.href);
    if (url.origin !== location.origin || (url.hash && url.pathname === location.pathname)) return;
    if (!ownPaths.some((path) => url.pathname === path || url.pathname.startsWith(`${path}/`))) return;
    event.preventDefault();
    go(url.pathname + url.search);
  });
}

/** Only addresses of this site may follow a sign-in. */
export function safeReturn(wanted: string | null, otherwise: string): string {
  return wanted && /^\/(?![/\\])[\w\-/?=&.]*$/.test(wanted) ? wanted : otherwise;
}
