// The citizen's way in a real browser against the real server, card agent, card tray and mail: from the e-mail address
// to the record, back again with a passkey and with the card, entries, upload, settings, and the bad paths.
//
//     python3 tests/system/harness.py --card-reader -- node web/tests/flow.mjs [folder for pictures]
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { chromium } from 'playwright-core';

const server = process.env.MUSUBI_SERVER.replace('127.0.0.1', 'localhost');
const { MUSUBI_TRAY: tray, MUSUBI_MAIL: mail } = process.env;
const pictures = process.argv[2];
if (pictures) mkdirSync(pictures, { recursive: true });
const people = JSON.parse(readFileSync(process.env.MUSUBI_PEOPLE, 'utf8')).people;
const personOf = (situation) => people.find((one) => one.situation === situation);

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

async function trayCall(path, body) {
  const answer = await fetch(tray + path, { method: 'POST', headers: { 'Content-Type': 'application/json', Origin: tray }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
}
const insert = (person) => trayCall('/api/insert', { card: person.card, slot: 1 });
const pull = () => trayCall('/api/pull', { slot: 1 });

async function mailTo(address, pattern, after = 0) {
  for (let turn = 0; turn < 600; turn += 1) {
    const mails = (await (await fetch(`${mail}/api/email`)).json()).filter((one) => one.to.some((to) => to.address.toLowerCase() === address.toLowerCase())).sort((one, other) => one.time - other.time);
    for (const one of mails.slice(after).reverse()) {
      const found = pattern.exec(one.text ?? '');
      if (found) return found[1];
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no mail to ${address} with ${pattern}`);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--font-render-hinting=none', `--host-resolver-rules=MAP 127.0.0.1:27180 127.0.0.1:${standIn.address().port}`, '--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets'],
});

let pictureNumber = 0;
async function look(page, name) {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
  assert.deepEqual(violations.map((violation) => `${violation.id} ${violation.nodes[0]?.target}`), [], `${name} is accessible`);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth), false, `${name} does not scroll sideways`);
  pictureNumber += 1;
  if (pictures) await page.screenshot({ path: join(pictures, `${String(pictureNumber).padStart(2, '0')}-${name}.png`) });
}

async function visitor({ language = 'ja', viewport = { width: 390, height: 844 } } = {}) {
  const context = await browser.newContext({ viewport, locale: language === 'en' ? 'en-GB' : 'ja-JP', timezoneId: 'Asia/Tokyo', serviceWorkers: 'block' });
  await context.addInitScript((chosen) => localStorage.setItem('musubi.display', JSON.stringify({ language: chosen, size: 'normal', theme: 'light', calendar: 'era' })), language);
  const page = await context.newPage();
  const told = [];
  page.on('console', (message) => {
    if (!/Failed to load resource|Service Worker registration blocked/.test(message.text())) told.push(message.text());
  });
  page.on('pageerror', (error) => told.push(String(error)));
  const session = await context.newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  return { context, page, told, session, authenticatorId };
}

const button = (page, name) => page.getByRole('button', { name });
const heading = (page, words) => page.getByRole('heading', { level: 1, name: words }).waitFor({ timeout: 15000 });

async function readCard(page, { pin, password }) {
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

async function openLink(page, email, after = 0) {
  await page.goto(`${server}/start`);
  await page.fill('#field-email', email);
  await page.locator('form button[type=submit]').click();
  await page.locator('.mu-banner--ok').waitFor();
  await page.goto(await mailTo(email, /(https?:\/\/\S+\/start\/r\/[\w-]+)/, after));
}

async function upToCard(page, email) {
  await openLink(page, email);
  await page.waitForURL('**/start/terms');
  await page.locator('#field-terms').check({ force: true });
  await page.locator('.mu-button--main').click();
  await page.waitForURL('**/start/way');
  await page.locator('input[value=card-reader]').check({ force: true });
  await page.locator('.mu-button--main').click();
  await page.waitForURL('**/start/card');
}

const secrets = { pin: '1234', password: 'MUSUBI2026' };

const tests = {
  async 'from the e-mail address to the record on a phone-sized page, and back with one touch'() {
    const citizen = personOf('ordinary');
    const email = 'flow-hanako@example.jp';
    const { context, page, told } = await visitor();
    await page.goto(server);
    await look(page, 'landing');
    await page.goto(`${server}/start`);
    await look(page, 'start');
    await page.fill('#field-email', 'no-at-sign');
    await page.locator('form button[type=submit]').click();
    await page.locator('.mu-error-summary').waitFor();
    assert.equal(await page.inputValue('#field-email'), 'no-at-sign', 'what was typed stays');
    await pull().catch(() => undefined);
    await upToCard(page, email);
    await page.getByText('リーダーに置いてください').waitFor();
    await look(page, 'card-awaited');
    await insert(citizen);
    await page.getByText('署名用パスワード：あと5回').waitFor({ timeout: 15000 });
    await look(page, 'tries-before-typing');
    await readCard(page, secrets);
    await page.waitForURL('**/start/check', { timeout: 30000 });
    await page.getByText(citizen.name).first().waitFor();
    await look(page, 'attributes');
    await page.locator('.mu-button--main').click();
    await page.waitForURL('**/start/contact');
    await page.fill('#field-telephone', '090-0000-1234');
    await page.fill('#field-password', 'tsuki to umi to kaze');
    await page.locator('form button[type=submit]').click();
    await page.waitForURL('**/start/passcode');
    await page.fill('#field-passcode', '000000');
    await page.locator('form button[type=submit]').click();
    await page.locator('[data-code="registration.passcode-wrong"]').waitFor();
    await look(page, 'passcode-wrong');
    await page.fill('#field-passcode', await mailTo(email, /(?<!\d)(\d{6})(?!\d)/));
    await page.locator('form button[type=submit]').click();
    await page.waitForURL('**/start/passkey');
    await look(page, 'passkey-offered');
    await page.locator('.mu-button--main').click();
    await page.waitForURL('**/start/done', { timeout: 15000 });
    await page.goto(`${server}/home`);
    await page.locator('.mu-record-tiles').waitFor();
    await look(page, 'home');
    await button(page, '記録をつける').or(page.getByRole('link', { name: '記録をつける' })).first().click();
    await page.fill('#field-systolic', '128');
    await page.fill('#field-diastolic', '79');
    await page.locator('form button[type=submit]').click();
    await page.waitForURL('**/vitals/blood-pressure');
    await page.locator('.mu-toast').waitFor();
    await page.locator('.mu-chart__svg').waitFor();
    await look(page, 'blood-pressure');
    await page.locator('.mu-toast__undo').first().click();
    await page.locator('.mu-toast').waitFor({ state: 'detached' });
    const record = page.url().replace(/\/vitals.*/, '');
    await page.goto(`${record}/checkups`);
    await page.getByText('市の記録').first().waitFor();
    await look(page, 'checkups');
    await page.goto(`${record}/vaccinations`);
    await page.locator('main h1').waitFor();
    await page.goto(`${record}/import`);
    await page.setInputFiles('#field-csv', { name: 'kiroku.csv', mimeType: 'text/csv', buffer: Buffer.from('date,time,kind,value,systolic,diastolic,pulse\n2026-11-20,07:30,weight,58.2,,,\n2026-13-40,07:30,weight,58.2,,,\n') });
    await page.locator('.mu-table tbody').waitFor();
    await look(page, 'import-with-errors');
    await page.goto(`${server}/settings/devices`);
    await page.locator('.mu-list').waitFor();
    await page.goto(`${server}/settings/export`);
    const saving = page.waitForEvent('download');
    await page.locator('.mu-button--secondary:has-text("JSON")').click();
    const saved = await saving;
    assert.ok(JSON.parse(readFileSync(await saved.path(), 'utf8')), 'the export is JSON');
    await page.goto(`${server}/mine/seen`);
    await page.locator('main .mu-list, main .mu-banner').first().waitFor();
    await page.goto(`${server}/settings`);
    await button(page, 'ログアウト').click();
    await page.waitForURL(`${server}/`);
    await page.goto(`${server}/home`);
    await page.waitForURL('**/login?back=**');
    await look(page, 'login');
    await page.locator('.mu-button--main').first().click();
    await page.waitForURL('**/home', { timeout: 15000 });
    await page.locator('.mu-record-tiles').waitFor();
    assert.deepEqual(told, [], 'nothing in the console');
    await context.close();

    const again = await visitor({ viewport: { width: 1280, height: 800 } });
    await again.page.goto(`${server}/login/card`);
    await again.page.getByText('4けたの暗証番号：あと').waitFor({ timeout: 15000 });
    await readCard(again.page, { pin: secrets.pin });
    await again.page.waitForURL('**/home', { timeout: 30000 });
    await again.page.locator('.mu-record-tiles').waitFor();
    await look(again.page, 'home-desktop');
    await again.context.close();
    const { context: other, page: late } = await visitor();
    await late.goto(await mailTo(email, /(https?:\/\/\S+\/start\/r\/[\w-]+)/));
    await late.locator('[data-code="registration.already-completed"]').waitFor();
    await look(late, 'already-completed');
    await other.close();
  },
  async 'each bad card has its own page, in English, and the registration goes on afterwards'() {
    const { context, page } = await visitor({ language: 'en' });
    await pull().catch(() => undefined);
    await upToCard(page, 'flow-bad-cards@example.jp');
    for (const [situation, code] of [
      ['locked', 'card.pin-blocked'],
      ['expired', 'certificate.expired'],
      ['not-resident', 'registration.not-a-resident'],
    ]) {
      await insert(personOf(situation));
      if (situation === 'locked') await page.locator(`[data-code="${code}"]`).waitFor({ timeout: 15000 });
      else {
        await page.getByText('Signature password:').waitFor({ timeout: 15000 });
        await readCard(page, secrets);
        await page.locator(`[data-code="${code}"]`).waitFor({ timeout: 30000 });
      }
      await look(page, `bad-${situation}`);
      await pull();
      await page.goto(`${server}/start/card`);
    }
    await page.getByText('Put your My Number Card on the reader').waitFor({ timeout: 15000 });
    await context.close();
  },
  async 'a wrong link is told apart from an expired one, in plain Japanese'() {
    const { context, page } = await visitor({ language: 'ja-easy' });
    await page.goto(`${server}/start/r/${'A'.repeat(43)}`);
    await page.locator('[data-code="registration.link-unknown"]').waitFor();
    await look(page, 'link-unknown');
    await context.close();
  },
};

let failed = 0;
const only = process.env.ONLY;
for (const [name, test] of Object.entries(tests)) {
  if (only && !name.includes(only)) continue;
  try {
    await test();
    console.log(`ok   ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}\n${error.stack}`);
    for (const context of browser.contexts()) for (const page of context.pages()) {
      console.log(`     at ${page.url()}: ${(await page.locator('body').innerText().catch(() => '')).slice(0, 400).replaceAll('\n', ' / ')}`);
      if (pictures) await page.screenshot({ path: join(pictures, `failed-${failed}.png`) }).catch(() => undefined);
      await context.close().catch(() => undefined);
    }
  }
}
await browser.close();
standIn.close();
console.log(`${Object.keys(tests).length - failed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
