// The staff console: every page of every role, in English, and once by keyboard alone.
import assert from 'node:assert/strict';
import { button, choose, fill, fourParts, look, server, staff, submit, visitor } from '../walking.mjs';

export const desk = {
  async 'the console: looking a person up with a purpose, which the person sees'() {
    const { page } = await staff('hoken', 'en');
    await page.goto(`${server}/console/people`);
    await page.locator('#field-name').waitFor();
    await submit(page);
    await page.locator('.mu-radio__error').waitFor();
    await look(page, 'console-people-no-purpose');
    await choose(page, 'checkup');
    await submit(page);
    await fourParts(page, 'people.nothing-to-search');
    await look(page, 'console-people-nothing');
    await fill(page, { name: '見本　花子' });
    await submit(page);
    await button(page, 'Choose').first().waitFor();
    await look(page, 'console-people-found');
    await button(page, 'Choose').first().click();
    await page.locator('.mu-banner--soon').waitFor();
    await look(page, 'console-person-before');
    await button(page, /Open/).click();
    await page.locator('main table').waitFor();
    await look(page, 'console-person');
    await fill(page, { name: '', kana: 'ダレモイナイ' });
    await submit(page);
    await page.locator('main p.mu-sub').waitFor();
    await look(page, 'console-people-nobody');
    await page.goto(`${server}/console/letters`);
    await page.locator('.mu-banner--info').waitFor();
    await look(page, 'console-not-your-role');
  },
  async 'the console: accounts and roles, a new colleague signs in for the first time, an account is stopped'() {
    const { page } = await staff('kanri', 'en');
    await page.goto(`${server}/console/users`);
    await page.locator('#field-account').waitFor();
    await look(page, 'console-accounts');
    await fill(page, { account: 'kanri', name: '二重　登録', department: '総務課' });
    await page.locator('form', { has: page.locator('#field-account') }).locator('button[type=submit]').click();
    await fourParts(page, 'staff.account-taken');
    await look(page, 'console-account-taken');
    await fill(page, { account: 'shinjin', name: '新人　すず' });
    await page.locator('#field-new-auditor').check({ force: true });
    await page.locator('form', { has: page.locator('#field-account') }).locator('button[type=submit]').click();
    const shown = page.locator('form .mu-banner .mu-code');
    await shown.waitFor();
    const password = (await shown.textContent()).trim();
    await look(page, 'console-account-made');

    const fresh = await visitor({ language: 'ja-easy', viewport: { width: 1280, height: 800 } });
    await fresh.page.goto(`${server}/console/audit`);
    await fresh.page.waitForURL('**/console/login**');
    await fill(fresh.page, { account: 'shinjin', password: 'wrong' });
    await submit(fresh.page);
    await fourParts(fresh.page, 'login.password-wrong');
    await look(fresh.page, 'console-password-wrong');
    await fill(fresh.page, { account: 'shinjin', password });
    await submit(fresh.page);
    await fresh.page.locator('main .mu-banner').waitFor();
    await fresh.page.locator('.mu-button--main').click();
    await fresh.page.waitForURL('**/console/audit');
    await fresh.page.locator('main table').waitFor();
    await look(fresh.page, 'console-audit-easy');
    await button(fresh.page, /サインアウト/).click();
    await fresh.page.waitForURL('**/console/login');
    await fill(fresh.page, { account: 'shinjin', password });
    await submit(fresh.page);
    await fresh.page.waitForURL((url) => url.pathname === '/console', { timeout: 15000 });

    const card = page.locator('section.mu-card', { has: page.locator('.mu-code', { hasText: 'shinjin' }) });
    await card.getByRole('button', { name: /Stop/ }).click();
    await page.waitForFunction(() => [...document.querySelectorAll('section.mu-card')].some((one) => one.textContent.includes('shinjin') && /Restore|Allow|Open|Start/.test(one.textContent)));
    await fresh.page.goto(`${server}/console/audit`);
    await fresh.page.waitForURL('**/console/login**');
    await fresh.leave();
  },
  async 'the console: the access record'() {
    const { page } = await staff('kansa');
    await page.goto(`${server}/console/audit`);
    await page.locator('main table').waitFor();
    await look(page, 'console-audit');
    await page.goto(`${server}/console/nowhere`);
    await page.locator('main h1').waitFor();
    await look(page, 'console-no-such-page');
  },
  async 'the console by keyboard alone: signed in, to the queue and into its filter'() {
    const { page, leave } = await visitor({ viewport: { width: 1280, height: 800 } });
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() || document.activeElement?.id || document.activeElement?.getAttribute('value') || '');
    const tabTo = async (wanted) => {
      for (let turn = 0; turn < 60; turn += 1) {
        await page.keyboard.press('Tab');
        const words = await focused();
        const ring = await page.evaluate(() => {
          const style = getComputedStyle(document.activeElement.matches('input[type=radio],input[type=checkbox]') ? document.activeElement.parentElement : document.activeElement);
          const own = getComputedStyle(document.activeElement);
          return style.outlineStyle !== 'none' || own.outlineStyle !== 'none' || own.boxShadow !== 'none' || document.activeElement.nextElementSibling && getComputedStyle(document.activeElement.nextElementSibling).outlineStyle !== 'none';
        });
        assert.ok(ring, `the focus is seen on ${words}`);
        if (wanted.test(words)) return;
      }
      throw new Error(`${wanted} is not reached by the keyboard`);
    };
    await page.goto(`${server}/console/login`);
    await page.locator('#field-account').waitFor();
    await page.keyboard.press('Tab');
    assert.match(await focused(), /本文へ/, 'the first stop leads to the content');
    await tabTo(/^field-account$/);
    await page.keyboard.type('keyboard');
    await tabTo(/^field-password$/);
    await page.keyboard.type('not the password');
    await page.keyboard.press('Enter');
    await fourParts(page, 'login.password-wrong');
    await leave();

    const { page: work } = await staff('juki');
    await work.goto(`${server}/console`);
    await work.locator('main .mu-list').first().waitFor();
    for (let turn = 0; turn < 40 && !/郵送の確認/.test(await work.evaluate(() => (document.activeElement.matches('a') ? document.activeElement.textContent : ''))); turn += 1) await work.keyboard.press('Tab');
    await work.keyboard.press('Enter');
    await work.waitForURL('**/console/letters');
    await work.locator('main input[type=radio]').first().waitFor();
    for (let turn = 0; turn < 40 && !(await work.evaluate(() => document.activeElement.matches('input[type=radio]'))); turn += 1) await work.keyboard.press('Tab');
    await work.keyboard.press('ArrowRight');
    assert.equal(await work.evaluate(() => document.activeElement.value), 'doubtful');
  },
};
