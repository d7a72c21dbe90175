// Walks every page in a real browser: sizes, colours, text sizes, languages. Fails on an accessibility violation, on
// sideways scrolling, on targets under 44 px, on any message in the console. Pictures go to build/web-look/.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { chromium } from 'playwright-core';
import { babyId, personId } from './fixture_answers.mjs';
import { startFixture } from './fixture_server.mjs';

const pictures = process.env.MUSUBI_PICTURES ?? join(import.meta.dirname, '../../build/web-look');
mkdirSync(pictures, { recursive: true });

const readers = {
  none: [],
  empty: [{ name: 'ACR39U', card: 'none' }],
  card: [{ name: 'ACR39U', card: 'my-number', kind: 'card', hasSignatureCertificate: true, triesLeft: { signature: 5, user: 3 } }],
  last: [{ name: 'ACR39U', card: 'my-number', kind: 'card', hasSignatureCertificate: true, triesLeft: { signature: 1, user: 3 } }],
  locked: [{ name: 'ACR39U', card: 'my-number', kind: 'card', hasSignatureCertificate: true, triesLeft: { signature: 0, user: 3 } }],
  child: [{ name: 'ACR39U', card: 'my-number', kind: 'card', hasSignatureCertificate: false, triesLeft: { user: 3 } }],
  other: [{ name: 'ACR39U', card: 'unknown' }],
};

const p = `/p/${personId}`;
const pages = [
  ['landing', '/'], ['help', '/help'], ['accessibility', '/accessibility'], ['privacy', '/privacy'], ['lost-card', '/lost-card'],
  ['start', '/start', { session: 'anonymous' }],
  ['start-terms', '/start/terms', { registration: 'terms' }], ['start-way', '/start/way', { registration: 'way' }],
  ['start-card', '/start/card', { registration: 'card', agent: 'card' }], ['start-card-last', '/start/card', { registration: 'card', agent: 'last' }],
  ['start-card-locked', '/start/card', { registration: 'card', agent: 'locked' }], ['start-card-child', '/start/card', { registration: 'card', agent: 'child' }],
  ['start-card-none', '/start/card', { registration: 'card', agent: 'none' }], ['start-card-empty', '/start/card', { registration: 'card', agent: 'empty' }],
  ['start-card-missing', '/start/card', { registration: 'card' }], ['start-phone', '/start/card', { registration: 'card', way: 'phone' }],
  ['start-check', '/start/check', { registration: 'check' }], ['start-contact', '/start/contact', { registration: 'contact' }],
  ['start-passcode', '/start/passcode', { registration: 'passcode' }], ['start-passkey', '/start/passkey', { registration: 'done' }], ['start-done', '/start/done', { registration: 'done' }],
  ['start-letter', '/start/letter', { registration: 'letter' }], ['start-letter-code', '/start/letter-code', { registration: 'letter-waiting' }],
  ['start-company', '/start/company', { registration: 'company' }], ['start-company-waiting', '/start/company-waiting', { registration: 'company-waiting' }],
  ['start-link-expired', '/start/r/abc', { session: 'anonymous', overrides: { 'POST /api/v1/registrations/resume': [410, { code: 'registration.link-expired', requestId: '01J-7' }] } }],
  ['start-link-unknown', '/start/r/abc', { session: 'anonymous', overrides: { 'POST /api/v1/registrations/resume': [404, { code: 'registration.link-unknown', requestId: '01J-8' }] } }],
  ['login', '/login', { session: 'anonymous' }], ['login-card', '/login/card', { session: 'anonymous', agent: 'card' }], ['login-password', '/login/password', { session: 'anonymous' }],
  ['home', '/home'], ['record', p], ['checkups', `${p}/checkups`], ['vaccinations', `${p}/vaccinations`], ['vaccination-plan', `/p/${babyId}/vaccinations/plan`], ['growth', `/p/${babyId}/growth`],
  ['pressure', `${p}/vitals/blood-pressure`], ['weight', `${p}/vitals/weight`], ['steps', `${p}/vitals/steps`], ['add', `${p}/add`], ['import', `${p}/import`], ['seen', '/mine/seen'],
  ['settings', '/settings'], ['details', '/settings/details'], ['display', '/settings/display'], ['passkeys', '/settings/passkeys'], ['devices', '/settings/devices'], ['export', '/settings/export'], ['close', '/settings/close'],
  ['family', '/family'], ['family-request', '/family/request'], ['not-found', '/home/nowhere'],
  ['gallery', '/dev/ui'],
];

const looks = {
  phone: { viewport: { width: 390, height: 844 }, language: 'ja', size: 'normal', theme: 'light' },
  easy: { viewport: { width: 390, height: 844 }, language: 'ja-easy', size: 'normal', theme: 'dark' },
  small: { viewport: { width: 320, height: 640 }, language: 'en', size: 'normal', theme: 'light' },
  largest: { viewport: { width: 390, height: 844 }, language: 'ja', size: 'largest', theme: 'light' },
  desktop: { viewport: { width: 1280, height: 800 }, language: 'ja', size: 'normal', theme: 'dark' },
};

const onlyPages = process.env.PAGES?.split(',');
const onlyLooks = process.env.LOOKS?.split(',');
const fixture = await startFixture();
const browser = await chromium.launch({
  executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--font-render-hinting=none'],
});
const faults = [];
let checked = 0;

for (const [lookName, look] of Object.entries(looks)) {
  if (onlyLooks && !onlyLooks.includes(lookName)) continue;
  const context = await browser.newContext({ viewport: look.viewport, locale: 'ja-JP', timezoneId: 'Asia/Tokyo', serviceWorkers: 'block', reducedMotion: 'reduce' });
  await context.addInitScript((display) => localStorage.setItem('musubi.display', JSON.stringify(display)), { language: look.language, size: look.size, theme: look.theme, calendar: 'era' });
  for (const [name, address, options = {}] of pages) {
    if (onlyPages && !onlyPages.includes(name)) continue;
    Object.assign(fixture.state, { session: 'citizen', registration: 'card', way: 'card-reader', overrides: {} }, options);
    const page = await context.newPage();
    const told = [];
    const expected = options.overrides || name === 'start-card-missing' || name === 'start-phone';
    page.on('console', (message) => {
      if (/Service Worker registration blocked/.test(message.text()) || (name === 'gallery' && /Password field/.test(message.text()))) return;
      if (!(expected && /Failed to load resource|WebSocket/.test(message.text()))) told.push(message.text());
    });
    page.on('pageerror', (error) => told.push(String(error)));
    await page.routeWebSocket(/27180/, (socket) => {
      if (!options.agent) return socket.close();
      socket.onMessage((message) => {
        const { id, method } = JSON.parse(message);
        if (method === 'status') socket.send(JSON.stringify({ id, result: { version: '1', readers: readers[options.agent] } }));
      });
      return undefined;
    });
    const publicPrefix = { ja: '', 'ja-easy': '/easy', en: '/en' }[look.language];
    const isPublic = ['/', '/help', '/accessibility', '/privacy', '/lost-card'].includes(address);
    await page.goto(fixture.origin + (isPublic ? (publicPrefix + address).replace(/(.)\/$/, '$1') : address), { waitUntil: 'load' });
    await page.waitForSelector('h1');
    await page.waitForTimeout(250);
    await page.waitForFunction(() => !document.querySelector('[aria-busy=true], .mu-activity'));
    const label = `${lookName}/${name}`;
    await page.screenshot({ path: join(pictures, `${lookName}-${name}.png`), fullPage: false });
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
    for (const violation of violations) faults.push(`${label}: ${violation.id} ${violation.nodes.map((node) => node.target.join(' ')).slice(0, 3).join(' | ')}`);
    const found = await page.evaluate(() => {
      const sideways = document.documentElement.scrollWidth > document.documentElement.clientWidth;
      const small = [...document.querySelectorAll('a,button,input:not([type=radio],[type=checkbox],[type=file]),select,summary')].flatMap((element) => {
        const box = element.getBoundingClientRect();
        if (box.width === 0 || element.matches('.mu-hidden') || getComputedStyle(element).visibility === 'hidden' || element.closest('p,li,.mu-hidden,.mu-skip') === element.parentElement && element.matches('p a, .mu-link:not(.mu-link--standing)')) return [];
        if (element.matches('.mu-skip, .mu-list__link, .mu-link:not(.mu-link--standing)')) return [];
        return box.height < 43.5 || box.width < 43.5 ? [`${element.tagName}.${element.className} ${Math.round(box.width)}x${Math.round(box.height)} "${element.textContent?.slice(0, 20)}"`] : [];
      });
      const cut = [...document.querySelectorAll('h1,h2,h3,p,dd,button span,.mu-list__title,td')].filter((element) => element.scrollWidth > element.clientWidth + 2 && getComputedStyle(element).display !== 'inline' && !element.closest('.mu-hidden') && !element.matches('.mu-hidden')).map((element) => element.textContent?.slice(0, 30));
      const messageKeys = /\b(?:start|login|home|record|vitals|settings|details|card|common|app|error|checkup|vaccination|immunization|growth|family|import|seen)\.[a-z][a-z.-]+\b/.exec([...document.querySelectorAll('h1,h2,h3,p,li,dt,dd,button,a,label,legend,td,th')].filter((element) => !element.closest('.mu-problem__number')).map((element) => element.textContent).join('\n'))?.[0];
      return { sideways, small, cut, messageKeys };
    });
    if (found.sideways) faults.push(`${label}: scrolls sideways`);
    if (found.messageKeys && !/example|vitals\.unlikely|registration/.test(found.messageKeys)) faults.push(`${label}: bare message key ${found.messageKeys}`);
    for (const target of found.small) faults.push(`${label}: target under 44 px: ${target}`);
    for (const words of found.cut) faults.push(`${label}: cut off: ${words}`);
    for (const message of told) faults.push(`${label}: console: ${message}`);
    checked += 1;
    await page.close();
  }
  await context.close();
}
await browser.close();
fixture.close();
for (const fault of [...new Set(faults)]) console.log(fault);
console.log(`${checked} pages looked at, ${faults.length} faults`);
process.exitCode = faults.length > 0 ? 1 : 0;
