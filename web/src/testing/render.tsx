// A small hand for component tests: renders into the document, speaks in selectors, waits for effects.
import { createRoot, type Root } from 'react-dom/client';
import { flushSync } from 'react-dom';
import type { ReactNode } from 'react';
import { afterEach } from 'vitest';
import { installMessages } from '@/language/catalogue';
import citizen from 'virtual:catalogue/citizen/ja';

installMessages(citizen);
let roots: { root: Root; host: HTMLElement }[] = [];

afterEach(() => {
  for (const { root, host } of roots) {
    flushSync(() => root.unmount());
    host.remove();
  }
  roots = [];
});

async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise<void>((resolve) => queueMicrotask(resolve));
  flushSync(() => undefined);
}

export async function render(node: ReactNode) {
  const host = document.createElement('div');
  document.body.append(host);
  const root = createRoot(host);
  roots.push({ root, host });
  flushSync(() => root.render(node));
  await settle();
  const find = (selector: string): HTMLElement => {
    const found = host.querySelector<HTMLElement>(selector);
    if (!found) throw new Error(`nothing matches ${selector} in ${host.innerHTML}`);
    return found;
  };
  const after = async (action: () => void) => {
    flushSync(action);
    await settle();
  };
  return {
    host,
    find,
    all: (selector: string) => [...host.querySelectorAll<HTMLElement>(selector)],
    text: () => host.textContent ?? '',
    again: (next: ReactNode) => after(() => root.render(next)),
    click: (selector: string) => after(() => find(selector).click()),
    type: (selector: string, value: string) =>
      after(() => {
        const input = find(selector) as HTMLInputElement;
        const setter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(input), 'value')?.set;
        setter?.call(input, value);
        input.dispatchEvent(new Event('input', { bubbles: true }));
      }),
    choose: (selector: string, value: string) =>
      after(() => {
        (find(selector) as HTMLSelectElement).value = value;
        find(selector).dispatchEvent(new Event('change', { bubbles: true }));
      }),
    key: (selector: string, key: string) =>
      after(() => void find(selector).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))),
    /** Waits for effects that run after painting. */
    settle: async () => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      await settle();
    },
  };
}
