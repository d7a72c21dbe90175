// The other pages: kiosk, venue tablet, developer portal, public pages; and what only eyes can judge: forced colours,
// paper, the largest letters, no motion.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { button, insert, look, personOf, picture, pictures, pull, server, signInOrRegister, visitor } from '../walking.mjs';

export const halls = {
  async 'the kiosk: languages, a good card, a locked card, help, and back to the start by itself'() {
    const { page, leave } = await visitor({ viewport: { width: 1080, height: 1920 } });
    await pull();
    await page.clock.install();
    await page.goto(`${server}/kiosk`);
    await page.locator('h1').waitFor();
    await look(page, 'kiosk');
    await button(page, 'English').click();
    await button(page, 'Check').click();
    await page.locator('.mu-kiosk__picture').waitFor();
    await look(page, 'kiosk-card-awaited');
    await insert(personOf('ordinary'));
    await page.locator('.mu-kiosk__tries').first().waitFor({ timeout: 15000 });
    await look(page, 'kiosk-card-works');
    await pull();
    await page.locator('.mu-kiosk__picture').waitFor({ timeout: 15000 });
    await insert(personOf('locked'));
    await page.locator('.mu-kiosk__tries').first().waitFor({ timeout: 15000 });
    await look(page, 'kiosk-card-locked');
    await pull();
    await page.locator('.mu-kiosk__foot button').last().click();
    await page.locator('h1').waitFor();
    await look(page, 'kiosk-help');
    await page.clock.fastForward(61_000);
    await page.locator('.mu-kiosk__asking').waitFor();
    await look(page, 'kiosk-still-there');
    await page.clock.fastForward(16_000);
    await page.getByText('日本語', { exact: true }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'ja');
    await leave();
  },
  async 'the venue tablet and the developer portal'() {
    const { page, context, leave } = await visitor({ language: 'ja-easy', viewport: { width: 1024, height: 768 } });
    await page.goto(`${server}/venue`);
    await page.locator('main .mu-chip').first().waitFor();
    await look(page, 'venue');
    await context.setOffline(true);
    await page.locator('main .mu-button').click();
    await page.locator('.mu-chip--danger').first().waitFor({ timeout: 15000 });
    await look(page, 'venue-offline');
    await context.setOffline(false);
    await leave();
    const developer = await visitor({ language: 'en', viewport: { width: 1280, height: 800 } });
    await developer.page.goto(`${server}/developer`);
    await developer.page.locator('main .mu-list').waitFor();
    await look(developer.page, 'developer');
    await developer.page.goto(`${server}/developer/api`);
    await developer.page.locator('details').first().waitFor();
    await developer.page.fill('#field-filter', 'letters');
    await developer.page.locator('details').first().locator('summary').click();
    await look(developer.page, 'developer-api');
    await developer.page.goto(`${server}/developer/card-library`);
    await developer.page.locator('main h1').waitFor();
    await look(developer.page, 'developer-card-library');
    await developer.leave();
  },
  async 'what only eyes can judge: forced colours, paper, the largest letters, no motion'() {
    const { page, leave } = await visitor();
    await signInOrRegister(page, personOf('ordinary'), 'walk-eyes@example.jp');
    const person = (await (await page.request.get(`${server}/api/v1/people`)).json()).items[0].id;
    const addresses = [['home', '/home'], ['checkups', `/p/${person}/checkups`], ['pressure', `/p/${person}/vitals/blood-pressure`], ['settings', '/settings/details'], ['start', '/start']];
    const open = async (address) => {
      await page.goto(server + address);
      await page.locator('main h1').waitFor();
      await page.waitForFunction(() => !document.querySelector('[aria-busy=true], .mu-activity'));
      await page.waitForTimeout(200);
    };
    for (const [name, address] of addresses) {
      await page.emulateMedia({ forcedColors: 'active', colorScheme: 'dark' });
      await open(address);
      await picture(page, `forced-${name}`);
      await page.emulateMedia({ forcedColors: 'none', colorScheme: 'light' });
      if (pictures) await page.pdf({ path: join(pictures, `paper-${name}.pdf`), format: 'A4', preferCSSPageSize: true });
      // The reader's own 200 %: every size of the page is relative, so nothing may be cut off or lie side by side.
      await page.setViewportSize({ width: 640, height: 800 });
      await page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'));
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth), false, `${name} at 200 % does not scroll sideways`);
      await picture(page, `double-${name}`);
      await page.setViewportSize({ width: 390, height: 844 });
    }
    // Whoever asked for no motion gets none.
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await open('/home');
    const moving = await page.evaluate(() => document.getAnimations().filter((animation) => (animation.effect?.getComputedTiming().duration ?? 0) > 20).length);
    assert.equal(moving, 0, 'nothing moves');
    await leave();
  },
};
