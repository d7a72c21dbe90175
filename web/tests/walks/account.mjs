// The account after the registration: password and mailed passcode, passkeys, devices, a new address, everything taken
// along, closing, changing one's mind, and gone after thirty days.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { button, digitsTo, fill, fourParts, look, mailsTo, mailTo, personOf, problem, registerWithCard, server, sql, submit, visitor } from '../walking.mjs';

const person = personOf('substitute-name');
const first = 'walk-sakura@example.jp';
const later = 'walk-sakura-new@example.jp';
const password = 'tsuki to umi to kaze';
const newPassword = 'yama to kawa to sora';

async function byPassword(page, email, word) {
  await page.goto(`${server}/login/password`);
  await fill(page, { email, password: word });
  await submit(page);
}

async function download(page, name) {
  const saving = page.waitForEvent('download');
  await button(page, name).click();
  return (await saving).path();
}

export const account = {
  async 'the account: password and passcode, passkeys, devices, address, export'() {
    const home = await visitor();
    await registerWithCard(home.page, person, first, password);
    await home.page.goto(`${server}/home`);
    await home.page.locator('.mu-record-tiles').waitFor();

    const { page, leave } = await visitor({ language: 'en', viewport: { width: 1280, height: 800 } });
    await page.goto(`${server}/login/password`);
    await submit(page);
    await page.locator('.mu-field__error').first().waitFor();
    await look(page, 'login-password-empty');
    await byPassword(page, first, 'not this one');
    await fourParts(page, 'login.password-wrong');
    assert.equal(await page.inputValue('#field-email'), first, 'what was typed stays');
    await look(page, 'login-password-wrong');
    const mails = await mailsTo(first);
    await byPassword(page, first, password);
    await page.locator('#field-passcode').waitFor();
    const digits = await digitsTo(first, mails);
    await page.fill('#field-passcode', digits === '000000' ? '000001' : '000000');
    await submit(page);
    await fourParts(page, 'login.passcode-wrong');
    await look(page, 'login-passcode-wrong');
    await page.fill('#field-passcode', digits);
    await submit(page);
    await page.waitForURL('**/home');

    await page.goto(`${server}/settings/passkeys`);
    await page.locator('main .mu-list').waitFor();
    await button(page, 'Create a passkey').click();
    await page.waitForFunction(() => document.querySelectorAll('main .mu-list > li').length === 2);
    await look(page, 'passkeys');
    await button(page, /^Remove the passkey/).first().click();
    await page.locator('dialog[open]').waitFor();
    await look(page, 'passkey-remove');
    await page.locator('dialog[open] .mu-button--danger').click();
    await page.waitForFunction(() => document.querySelectorAll('main .mu-list > li').length === 1);

    await page.goto(`${server}/settings/devices`);
    await button(page, 'Sign out all other devices').or(page.locator('main .mu-button--danger')).first().waitFor();
    await look(page, 'devices');
    await page.locator('main .mu-button--danger').click();
    await page.locator('.mu-banner--ok').waitFor();
    await home.page.goto(`${server}/home`);
    await home.page.waitForURL('**/login?back=**');
    await home.leave();

    await page.goto(`${server}/settings/details`);
    await page.locator('#field-telephone').waitFor();
    await look(page, 'details');
    await page.fill('#field-telephone', 'not a number');
    await page.locator('form', { has: page.locator('#field-telephone') }).locator('button[type=submit]').click();
    await page.locator('.mu-field__error').waitFor();
    await look(page, 'details-telephone-wrong');
    await page.fill('#field-telephone', '03-0000-9999');
    await page.locator('form', { has: page.locator('#field-telephone') }).locator('button[type=submit]').click();
    await page.locator('.mu-banner--ok').waitFor();
    const mailForm = page.locator('form', { has: page.locator('#field-email, #field-code') });
    // A mistyped address is corrected at once: the mail goes to the right one.
    await page.fill('#field-email', 'walk-sakura-mew@example.jp');
    await mailForm.locator('button[type=submit]').click();
    await page.locator('#field-code').waitFor();
    await mailForm.locator('button[type=button]').click();
    await page.fill('#field-email', later);
    await mailForm.locator('button[type=submit]').click();
    await page.locator('#field-code').waitFor();
    const code = await digitsTo(later);
    await page.fill('#field-code', code === '111111' ? '222222' : '111111');
    await mailForm.locator('button[type=submit]').click();
    await fourParts(page, 'account.code-wrong');
    await look(page, 'details-code-wrong');
    await page.fill('#field-code', code);
    await mailForm.locator('button[type=submit]').click();
    await page.getByText(later).first().waitFor();
    await mailTo(first, /(メールアドレス)/, mails);
    const passwordForm = page.locator('form', { has: page.locator('#field-current') });
    await fill(page, { current: 'wrong one here', new: newPassword });
    await passwordForm.locator('button[type=submit]').click();
    await fourParts(page, 'account.password-wrong');
    await page.fill('#field-current', password);
    await passwordForm.locator('button[type=submit]').click();
    await page.locator('.mu-banner--ok').first().waitFor();

    await page.goto(`${server}/settings/export`);
    await look(page, 'export');
    const json = JSON.parse(readFileSync(await download(page, /JSON/), 'utf8'));
    assert.ok(JSON.stringify(json).includes(later) && JSON.stringify(json).includes('"resourceType"'), 'the export has the details and the records');
    const text = execFileSync('pdftotext', ['-layout', await download(page, /PDF/), '-'], { encoding: 'utf8' });
    assert.match(text, /サクラ|さくら/);
    await page.goto(`${server}/mine/seen`);
    await page.locator('main .mu-list').waitFor();
    await look(page, 'who-looked-english');
    await page.goto(`${server}/settings/display`);
    await page.locator('main input[type=radio]').first().waitFor();
    await look(page, 'display');
    await leave();
  },
  async 'the account: closed, opened again, closed, and gone after thirty days'() {
    const { page, leave } = await visitor();
    const signIn = async () => {
      const mails = await mailsTo(later);
      await byPassword(page, later, newPassword);
      await page.locator('#field-passcode').waitFor();
      await page.fill('#field-passcode', await digitsTo(later, mails));
      await submit(page);
    };
    const close = async () => {
      await page.goto(`${server}/settings/close`);
      await page.locator('#field-sure').check({ force: true });
      await button(page, 'アカウントを閉じる').click();
      await page.locator('.mu-banner--ok').waitFor();
    };
    await signIn();
    await page.waitForURL('**/home');
    await page.goto(`${server}/settings/close`);
    await button(page, 'アカウントを閉じる').click();
    await page.getByText('印を付けてください').waitFor();
    await look(page, 'close');
    // It is a grave step: the password alone does not do, a passkey or the card does.
    await page.locator('#field-sure').check({ force: true });
    await button(page, 'アカウントを閉じる').click();
    await fourParts(page, 'auth.step-up-required');
    await look(page, 'step-up');
    await page.goto(`${server}/settings/passkeys`);
    await button(page, /パスキーを作る/).click();
    await page.waitForFunction(() => document.querySelectorAll('main .mu-list > li').length === 2);
    await page.goto(`${server}/settings/close`);
    await page.locator('#field-sure').check({ force: true });
    await button(page, 'アカウントを閉じる').click();
    await page.locator('.mu-problem a.mu-button').click();
    await page.waitForURL('**/login?back=**');
    await page.locator('.mu-button--main').first().click();
    await page.waitForURL('**/settings/close');
    await close();
    await look(page, 'closed');
    await page.goto(`${server}/home`);
    await page.locator('main h1').waitFor();
    await page.waitForTimeout(300);
    await look(page, 'home-while-closed');
    await page.goto(`${server}/settings/close`);
    await page.locator('main h1').waitFor();
    await look(page, 'close-page-while-closed');
    await button(page, '元に戻す').click();
    await page.waitForURL('**/home');
    await page.locator('.mu-record-tiles').waitFor();

    await close();
    await button(page, 'ログアウト').click();
    await page.waitForURL(`${server}/`);
    await signIn();
    await fourParts(page, 'login.account-closed');
    await look(page, 'login-account-closed');
    await button(page, 'アカウントを元に戻してログインする').click();
    await page.waitForURL('**/home');
    await page.locator('.mu-record-tiles').waitFor();

    await page.goto(`${server}/login?back=/settings/close`);
    await page.locator('.mu-button--main').first().click();
    await page.waitForURL('**/settings/close');
    await close();
    const [[id]] = sql(`SELECT id FROM identity_person WHERE resident_id = '${person.holderId}'`);
    assert.notEqual(sql(`SELECT COUNT(*) FROM records_current WHERE person_id = '${id}'`)[0][0], '0');
    sql(`UPDATE identity_person SET erase_at = 1 WHERE id = '${id}'`);
    sql("UPDATE jobs_lease SET due_at = 0 WHERE name = 'account.erase'");
    for (let turn = 0; turn < 300 && sql(`SELECT COUNT(*) FROM records_current WHERE person_id = '${id}'`)[0][0] !== '0'; turn += 1) await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(sql(`SELECT COUNT(*) FROM records_current WHERE person_id = '${id}'`)[0][0], '0', 'the records are gone');
    assert.equal(sql(`SELECT COUNT(*) FROM identity_certificate WHERE person_id = '${id}'`)[0][0], '0', 'the certificates are gone');
    await page.goto(`${server}/home`);
    await page.waitForURL('**/login**');
    await byPassword(page, later, newPassword);
    await problem(page, 'login.password-wrong');
    await leave();
  },
};
