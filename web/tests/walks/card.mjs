// With the card: from the e-mail address to the record, back again with a passkey and with the card; bad cards, bad links.
import assert from 'node:assert/strict';
import { button, digitsTo, givePasscode, insert, linkTo, look, next, personOf, problem, pull, readCard, secrets, server, submit, toTheEnd, upToWay, visitor } from '../walking.mjs';

export const card = {
  async 'from the e-mail address to the record on a phone-sized page, and back with one touch'() {
    const citizen = personOf('ordinary');
    const email = 'flow-hanako@example.jp';
    const { page, leave } = await visitor();
    await page.goto(server);
    await look(page, 'landing');
    await page.goto(`${server}/start`);
    await look(page, 'start');
    await page.fill('#field-email', 'no-at-sign');
    await submit(page);
    await page.locator('.mu-error-summary').waitFor();
    assert.equal(await page.inputValue('#field-email'), 'no-at-sign', 'what was typed stays');
    await pull();
    await upToWay(page, email, 'card-reader');
    await page.getByText('リーダーに置いてください').waitFor();
    await look(page, 'card-awaited');
    await insert(citizen);
    await page.getByText('署名用パスワード：あと5回').waitFor({ timeout: 15000 });
    await look(page, 'tries-before-typing');
    await readCard(page, secrets);
    await page.waitForURL('**/start/check', { timeout: 30000 });
    await page.getByText(citizen.name).first().waitFor();
    await look(page, 'attributes');
    await next(page);
    await page.waitForURL('**/start/contact');
    await look(page, 'contact');
    await page.fill('#field-telephone', '090-0000-1234');
    await page.fill('#field-password', 'tsuki to umi to kaze');
    await submit(page);
    await page.waitForURL('**/start/passcode');
    const right = await digitsTo(email);
    await page.fill('#field-passcode', right === '000000' ? '000001' : '000000');
    await submit(page);
    await problem(page, 'registration.passcode-wrong');
    await look(page, 'passcode-wrong');
    await givePasscode(page, email);
    await page.waitForURL('**/start/passkey');
    await look(page, 'passkey-offered');
    await toTheEnd(page);
    await look(page, 'registered');
    await page.goto(`${server}/home`);
    await page.locator('.mu-record-tiles').waitFor();
    await look(page, 'home');
    await button(page, '記録をつける').or(page.getByRole('link', { name: '記録をつける' })).first().click();
    await page.fill('#field-systolic', '128');
    await page.fill('#field-diastolic', '79');
    await look(page, 'add-entry');
    await submit(page);
    await page.waitForURL('**/vitals/blood-pressure');
    await page.locator('.mu-toast').waitFor();
    await page.locator('.mu-chart__svg').waitFor();
    await page.locator('.mu-toast__undo').first().click();
    await page.locator('.mu-toast').waitFor({ state: 'detached' });
    await look(page, 'blood-pressure');
    const record = page.url().replace(/\/vitals.*/, '');
    await page.goto(`${record}/checkups`);
    await page.getByText('市の記録').first().waitFor();
    await look(page, 'checkups');
    await page.goto(`${record}/vaccinations`);
    await page.locator('main h1').waitFor();
    await look(page, 'vaccinations');
    await page.goto(`${record}/import`);
    await page.setInputFiles('#field-csv', { name: 'kiroku.csv', mimeType: 'text/csv', buffer: Buffer.from('date,time,kind,value,systolic,diastolic,pulse\n2026-11-20,07:30,weight,58.2,,,\n2026-13-40,07:30,weight,58.2,,,\n') });
    await page.locator('.mu-table tbody').waitFor();
    await look(page, 'import-with-errors');
    await page.goto(`${server}/mine/seen`);
    await page.locator('main .mu-list, main .mu-banner').first().waitFor();
    await page.goto(`${server}/settings`);
    await look(page, 'settings');
    await button(page, 'ログアウト').click();
    await page.waitForURL(`${server}/`);
    await page.goto(`${server}/home`);
    await page.waitForURL('**/login?back=**');
    await look(page, 'login');
    await page.locator('.mu-button--main').first().click();
    await page.waitForURL('**/home', { timeout: 15000 });
    await page.locator('.mu-record-tiles').waitFor();
    await leave();

    const again = await visitor({ viewport: { width: 1280, height: 800 } });
    await again.page.goto(`${server}/login/card`);
    await again.page.getByText('4けたの暗証番号：あと').waitFor({ timeout: 15000 });
    await look(again.page, 'login-card');
    await readCard(again.page, { pin: secrets.pin });
    await again.page.waitForURL('**/home', { timeout: 30000 });
    await again.page.locator('.mu-record-tiles').waitFor();
    await again.leave();
    const late = await visitor();
    await late.page.goto(await linkTo(email));
    await problem(late.page, 'registration.already-completed');
    await look(late.page, 'already-completed');
    await late.leave();
  },
  async 'each bad card has its own page, in English, and the registration goes on afterwards'() {
    const { page, leave } = await visitor({ language: 'en' });
    await pull();
    await upToWay(page, 'flow-bad-cards@example.jp', 'card-reader');
    for (const [situation, code] of [
      ['locked', 'card.pin-blocked'],
      ['child', 'card.signature-certificate-missing'],
      ['expired', 'certificate.expired'],
      ['moved', 'certificate.revoked'],
      ['not-resident', 'registration.not-a-resident'],
    ]) {
      await insert(personOf(situation));
      if (situation === 'locked' || situation === 'child') await problem(page, code);
      else {
        await page.getByText('Signature password:').waitFor({ timeout: 15000 });
        await readCard(page, secrets);
        await problem(page, code);
      }
      await look(page, `bad-${situation}`);
      await pull();
      await page.goto(`${server}/start/card`);
    }
    await page.getByText('Put your My Number Card on the reader').waitFor({ timeout: 15000 });
    await leave();
  },
};
