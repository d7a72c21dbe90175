// The page runs under `require-trusted-types-for 'script'`; the only script address ever made from text is the
// service worker's, and only this policy may make it.
interface Policy {
  createScriptURL(text: string): unknown;
}

declare global {
  interface Window {
    trustedTypes?: { createPolicy(name: string, rules: { createScriptURL(text: string): string }): Policy };
  }
}

export function startServiceWorker(): void {
  if (!('serviceWorker' in navigator) || !import.meta.env.PROD) return;
  const allowed = '/sw.js';
  const policy = window.trustedTypes?.createPolicy('musubi', {
    createScriptURL(text) {
      if (text !== allowed) throw new TypeError('this script address is not ours');
      return text;
    },
  });
  const url = policy ? policy.createScriptURL(allowed) : allowed;
  window.addEventListener('load', () => void navigator.serviceWorker.register(url as string, { scope: '/' }).catch(() => undefined));
}
