// What every walk through the real programs needs: a browser, the card tray, the mail, members of staff, and the look
// at a page. tests/system/harness.py gives the addresses in the environment.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { chromium } from 'playwright-core';

const { MUSUBI_TRAY: tray, MUSUBI_MAIL: mail, MUSUBI_JLIS: jlis, MUSUBI_FOLDER: folder, MUSUBI_BIN: bin, MUSUBI_DATABASE: database } = process.env;
export const server = process.env.MUSUBI_SERVER.replace('127.0.0.1', 'localhost');
export const pictures = process.argv[2];
if (pictures) {
  rmSync(pictures, { recursive: true, force: true });
  mkdirSync(pictures, { recursive: true });
}
export const city = JSON.parse(readFileSync(process.env.MUSUBI_PEOPLE, 'utf8'));
export const personOf = (situation) => city.people.find((one) => one.situation === situation);
export const secrets = { pin: '1234', password: 'MUSUBI2026' };
const languageOf = { ja: 'ja-JP', 'ja-easy': 'ja-JP', en: 'en-GB' };

// Pages look for the card agent at its fixed port; a throw-away city has its agent elsewhere, so the browser is
// led to a stand-in that passes everything on to it.
const agent = new URL(process.env.MUSUBI_AGENT);
const standIn = createServer((page) => {
  const there = connect(Number(agent.port), '127.0.0.1');
  page.once('data', (first) => {
    there.write(first.toString('latin1').replace(/^Host: .*$/m, `Host: 127.0.0.1:${agent.port}`), 'latin1');
    page.pipe(there);
  });
  there.pipe(page);
  page.on('error', () => there.destroy());
  there.on('error', () => page.destroy());
});
await new Promise((resolve) => standIn.listen(0, '127.0.0.1', resolve));

export const browser = await chromium.launch({
  executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--font-render-hinting=none', `--host-resolver-rules=MAP 127.0.0.1:27180 127.0.0.1:${standIn.address().port}`, '--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets'],
});

export async function close() {
  await browser.close();
  standIn.close();
  restarted?.kill();
}

// The card tray, the certification side, the mail, the database, the server --------------------------------------------

async function trayCall(path, body) {
  const answer = await fetch(tray + path, { method: 'POST', headers: { 'Content-Type': 'application/json', Origin: tray }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
}
export const insert = (person) => trayCall('/api/insert', { card: person.card, slot: 1 });
export const pull = () => trayCall('/api/pull', { slot: 1 }).catch(() => undefined);

/** The first group of `pattern` in the newest mail to `address` that has it, once more than `after` have come. */
export async function mailTo(address, pattern, after = 0) {
  for (let turn = 0; turn < 400; turn += 1) {
    const mails = (await (await fetch(`${mail}/api/email`)).json()).filter((one) => one.to.some((to) => to.address.toLowerCase() === address.toLowerCase())).sort((one, other) => one.time - other.time);
    for (const one of mails.slice(after).reverse()) {
      const found = pattern.exec(one.text ?? '');
      if (found) return found[1];
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no mail to ${address} with ${pattern}`);
}

export async function mailsTo(address) {
  return (await (await fetch(`${mail}/api/email`)).json()).filter((one) => one.to.some((to) => to.address.toLowerCase() === address.toLowerCase())).length;
}

const link = /(https?:\/\/\S+\/start\/r\/[\w-]+)/;
export const linkTo = (address, after = 0) => mailTo(address, link, after);
export const digitsTo = (address, after = 0) => mailTo(address, /(?<!\d)(\d{6})(?!\d)/, after);

/** Straight into the server's database: only to let time pass, and to find people of the register. Answers rows of texts. */
export function sql(query) {
  const text = database.startsWith('/')
    ? execFileSync('sqlite3', ['-cmd', '.timeout 10000', database, query], { encoding: 'utf8' })
    : execFileSync('psql', [database, '-Atqc', query], { encoding: 'utf8' });
  return text.trim() === '' ? [] : text.trim().split('\n').map((line) => line.split('|'));
}

let restarted = null;

/** Ends the server at once, as a power cut would. */
export async function killServer() {
  const pid = restarted?.pid ?? JSON.parse(readFileSync(join(folder, 'run/programs.json'), 'utf8')).find((one) => one.name === 'server').pid;
  process.kill(pid, 'SIGKILL');
  for (let turn = 0; turn < 200 && (await ready()); turn += 1) await new Promise((resolve) => setTimeout(resolve, 20));
}

const ready = () => fetch(`${process.env.MUSUBI_SERVER}/readyz`).then((answer) => answer.ok, () => false);

export async function startServer() {
  const log = openSync(join(folder, 'log/server.log'), 'a');
  restarted = spawn(join(bin, 'musubi-server'), ['--config', join(folder, 'config/musubi-server.toml')], { cwd: folder, stdio: ['ignore', log, log] });
  for (let turn = 0; turn < 600; turn += 1) {
    if (await ready()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the server did not come back');
}

// Looking at a page ------------------------------------------------------------------------------------------------------

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const looks = [[{ width: 320, height: 640 }, 'light'], [{ width: 1280, height: 800 }, 'dark']];
const looking = process.env.MUSUBI_LOOK !== 'none';
const seen = new Set();
const allFaults = [];
let pictureNumber = 0;

/** What is wrong with how the page lies on the screen: too wide, words cut off, a text that has no words. */
const layout = () => {
  const faults = [];
  if (document.documentElement.scrollWidth > document.documentElement.clientWidth) faults.push('scrolls sideways');
  for (const element of document.querySelectorAll('h1,h2,h3,p,dt,dd,button span,label,.mu-list__title,td')) {
    if (element.scrollWidth > element.clientWidth + 2 && getComputedStyle(element).display !== 'inline' && !element.closest('.mu-hidden, pre')) faults.push(`cut off: ${element.textContent.slice(0, 30)}`);
  }
  const words = [...document.querySelectorAll('h1,h2,h3,p,li,dt,dd,button,a,label,legend,td,th')].filter((element) => !element.closest('.mu-problem__number, .mu-code, pre')).map((element) => element.textContent).join('\n');
  const bare = /\b(?:start|login|home|record|vitals|settings|details|card|common|app|error|checkup|vaccination|family|import|seen|desk|kiosk|venue|developer|devices|passkeys|export|close)[.:][a-z][a-z.-]+\b/.exec(words.split(/\s+/).filter((word) => !/[@/]/.test(word)).join('\n'))?.[0];
  if (bare) faults.push(`bare message name ${bare}`);
  return faults;
};

/**
 * The page small and light, then large and dark: axe finds nothing, nothing is cut off. A page already looked at under this
 * name is not looked at again. What is wrong is told at the end of the run. Leaves the page as it was.
 */
export async function look(page, name) {
  if (!looking || seen.has(name)) return;
  seen.add(name);
  pictureNumber += 1;
  const before = page.viewportSize();
  const faults = [];
  for (const [size, colorScheme] of process.env.MUSUBI_LOOK === 'quick' ? looks.slice(0, 1) : looks) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme });
    // The colours have changed when two frames have been painted; axe would otherwise measure the old ones.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 100)))));
    const { violations } = await new AxeBuilder({ page }).withTags(rules).analyze();
    const where = `${size.width} px ${colorScheme}`;
    for (const violation of violations) faults.push(`${where}: ${violation.id} ${violation.nodes.slice(0, 3).map((node) => node.target.join(' ')).join(' | ')}`);
    for (const fault of await page.evaluate(layout)) faults.push(`${where}: ${fault}`);
    if (pictures && process.env.MUSUBI_LOOK !== 'quick') await page.screenshot({ path: join(pictures, `${String(pictureNumber).padStart(3, '0')}-${name}-${size.width}.png`), fullPage: true });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  if (before) await page.setViewportSize(before);
  allFaults.push(...faults.map((fault) => `${name}: ${fault}`));
}

/** One picture as the page stands, for what only eyes can judge. */
export async function picture(page, name) {
  pictureNumber += 1;
  if (pictures) await page.screenshot({ path: join(pictures, `${String(pictureNumber).padStart(3, '0')}-${name}.png`), fullPage: true });
}

// Who looks --------------------------------------------------------------------------------------------------------------

const expected = /Failed to load resource|Service Worker registration blocked|WebSocket connection to/;

export async function visitor({ language = 'ja', viewport = { width: 390, height: 844 }, size = 'normal', ...options } = {}) {
  const context = await browser.newContext({ viewport, locale: languageOf[language], timezoneId: 'Asia/Tokyo', serviceWorkers: 'block', reducedMotion: 'reduce', ...options });
  await context.addInitScript((display) => localStorage.getItem('musubi.display') ?? localStorage.setItem('musubi.display', JSON.stringify(display)), { language, size, theme: 'auto', calendar: 'era' });
  const page = await context.newPage();
  const told = [];
  page.on('console', (message) => {
    if (!expected.test(message.text())) told.push(message.text());
  });
  page.on('pageerror', (error) => told.push(String(error)));
  const session = await context.newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  const leave = async () => {
    assert.deepEqual(told, [], 'nothing in the console');
    await context.close();
  };
  return { context, page, told, session, authenticatorId, leave };
}

export const button = (page, name) => page.getByRole('button', { name });
export const problem = (page, code) => page.locator(`[data-code="${code}"]`).waitFor({ timeout: 30000 });
export const submit = (page) => page.locator('form button[type=submit]').first().click();
export const next = (page) => page.locator('.mu-button--main').last().click();

/** The four parts of an error: what happened, is it safe, what to do, the number to tell. */
export async function fourParts(page, code) {
  await problem(page, code);
  const box = page.locator(`[data-code="${code}"]`);
  const parts = await box.evaluate((element) => [...element.querySelectorAll(':scope > h2, :scope > p')].map((part) => part.textContent.trim()));
  assert.equal(parts.length, 4, `${code} has four parts: ${parts.join(' / ')}`);
  for (const part of parts) assert.ok(part.length > 3, `${code}: an empty part in ${parts.join(' / ')}`);
  assert.ok(parts[3].includes(code), 'the last part names the code');
  assert.ok(await box.evaluate((element) => element.contains(document.activeElement)), `${code} has the focus`);
}

export async function fill(page, values) {
  for (const [name, value] of Object.entries(values)) await page.fill(`#field-${name}`, value);
}

/** A birth date as three numbers of the western calendar; `scope` is the form it lies in. */
export async function fillDate(page, date, scope = '.mu-era-date') {
  const box = page.locator(scope).first();
  await box.locator('select').selectOption('western');
  const [year, month, day] = date.split('-');
  const inputs = box.locator('input');
  await inputs.nth(0).fill(year);
  await inputs.nth(1).fill(String(Number(month)));
  await inputs.nth(2).fill(String(Number(day)));
}

export const choose = (page, value) => page.locator(`input[type=radio][value="${value}"]`).check({ force: true });

export async function openLink(page, email, after = 0) {
  await page.goto(`${server}/start`);
  await page.fill('#field-email', email);
  await submit(page);
  await page.locator('.mu-banner--ok').waitFor();
  await page.goto(await linkTo(email, after));
}

/** From the e-mail address to the page of the chosen way. */
export async function upToWay(page, email, way) {
  await openLink(page, email);
  await page.waitForURL('**/start/terms');
  await page.locator('#field-terms').check({ force: true });
  await next(page);
  await page.waitForURL('**/start/way');
  if (!way) return;
  await choose(page, way);
  await next(page);
  await page.waitForURL((url) => url.pathname === { 'card-reader': '/start/card', phone: '/start/card', letter: '/start/letter', company: '/start/company' }[way]);
}

/** Presses the page's button and types into the agent's own window. */
export async function readCard(page, { pin, password }) {
  const opened = page.waitForEvent('popup');
  await page.locator('.mu-actions .mu-button--main').last().click();
  const window = await opened;
  await window.waitForSelector('#pin, #password');
  if (pin) await window.fill('#pin', pin);
  if (password) await window.fill('#password', password);
  const last = window.locator('#last');
  if (await last.count()) await last.check();
  await window.click('#allow');
  return window;
}

/** The passkey page and the last one; the person is in afterwards. */
export async function toTheEnd(page, { passkey = true } = {}) {
  await page.waitForURL('**/start/passkey', { timeout: 15000 });
  if (passkey) await page.locator('.mu-button--main').click();
  else await page.locator('main .mu-button--secondary').click();
  await page.waitForURL('**/start/done', { timeout: 15000 });
}

export async function givePasscode(page, email, after = 0) {
  await page.waitForURL('**/start/passcode');
  await page.fill('#field-passcode', await digitsTo(email, after));
  await submit(page);
}

/** The whole way with the card, without looking. */
export async function registerWithCard(page, person, email, password = 'tsuki to umi to kaze') {
  await upToWay(page, email, 'card-reader');
  await insert(person);
  await page.locator('.mu-actions .mu-button--main').last().waitFor({ timeout: 15000 });
  await readCard(page, secrets);
  await page.waitForURL('**/start/check', { timeout: 30000 });
  await next(page);
  await page.waitForURL('**/start/contact');
  await fill(page, { telephone: '090-0000-1234', password });
  await submit(page);
  await givePasscode(page, email);
  await toTheEnd(page);
  await pull();
}

/** For walks that need a person with a record, whoever registered them. */
export async function signInOrRegister(page, person, email) {
  await insert(person);
  await page.goto(`${server}/login/card`);
  await page.locator('.mu-actions .mu-button--main:not([aria-disabled])').last().waitFor({ timeout: 15000 });
  await readCard(page, { pin: secrets.pin });
  await page.waitForFunction(() => location.pathname === '/home' || document.querySelector('[data-code="login.certificate-unknown"]'), null, { timeout: 30000 });
  if (new URL(page.url()).pathname !== '/home') await registerWithCard(page, person, email);
  await pull();
}

const members = new Map();

/** A member of staff at the console, signed in with password and passkey; the same page for every walk. */
export async function staff(account, language = 'ja') {
  const known = members.get(account);
  if (known) return known;
  const member = await visitor({ language, viewport: { width: 1280, height: 800 } });
  await member.page.goto(`${server}/console`);
  await member.page.waitForURL('**/console/login**');
  await look(member.page, 'console-sign-in');
  await fill(member.page, { account, password: city.staffPassword });
  await submit(member.page);
  await member.page.locator('main .mu-banner').waitFor();
  await look(member.page, 'console-first-passkey');
  await member.page.locator('.mu-button--main').click();
  await member.page.waitForURL((url) => url.pathname === '/console');
  await member.page.locator('main .mu-list__row').first().waitFor();
  members.set(account, member);
  return member;
}

export async function run(tests) {
  let passed = 0;
  let failed = 0;
  const only = process.env.ONLY?.split(',');
  for (const [name, test] of Object.entries(tests)) {
    if (only && !only.some((word) => name.includes(word))) continue;
    const began = Date.now();
    try {
      await Promise.race([test(), new Promise((_, reject) => setTimeout(() => reject(new Error('the walk stands still')), 300_000))]);
      passed += 1;
      console.log(`ok   ${name} (${Math.round((Date.now() - began) / 1000)} s)`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL ${name}\n${error.stack}`);
      for (const context of browser.contexts()) for (const page of context.pages()) {
        console.log(`     at ${page.url()}: ${(await page.locator('body').innerText({ timeout: 5000 }).catch(() => '')).slice(0, 600).replaceAll('\n', ' / ')}`);
        if (pictures) await page.screenshot({ path: join(pictures, `failed-${failed}-${Math.random().toString(36).slice(2, 6)}.png`), timeout: 5000 }).catch(() => undefined);
        if (![...members.values()].some((member) => member.context === context)) await context.close().catch(() => undefined);
      }
    }
  }
  await close();
  for (const fault of allFaults) console.log(`looks wrong: ${fault}`);
  failed += allFaults.length > 0 ? 1 : 0;
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed > 0 ? 1 : 0);
}

/** Tells the certification side something of the register office's, as a change of address or a lost card. */
export async function registerOffice(path, body) {
  const key = readFileSync(join(folder, 'config/register-office.key'), 'utf8').trim();
  const answer = await fetch(jlis + path, { method: 'POST', headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.text()}`);
}
