// What goes wrong half way: the card is pulled out, the network or the server is gone, a link is too old, the card is
// somebody else's. Each time the page says what happened, and nothing is lost.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { digitsTo, fill, fourParts, insert, killServer, linkTo, look, next, personOf, pull, readCard, secrets, server, sql, startServer, submit, toTheEnd, upToWay, visitor } from '../walking.mjs';

const person = personOf('before-renewal');
const email = 'walk-keiko@example.jp';
const read = '.mu-actions .mu-button--main';

/** What another card would have answered to the same challenge: its memory lies in a file of the tray. */
function otherCardsAnswer(card, { nonce, origin, purpose }) {
  const image = join(process.env.MUSUBI_FOLDER, 'data/cards', card, 'card.json');
  const command = (...words) => execFileSync(join(process.env.MUSUBI_BIN, 'musubi-card'), ['--image', image, '--secrets-stdin', ...words], { input: `${secrets.pin}\n`, encoding: 'utf8' });
  const signed = Buffer.concat([Buffer.from(`musubi-card-v1\0${origin}\0${purpose}\0`), Buffer.from(nonce, 'base64url')]);
  return {
    userCertificate: command('read', 'user').replaceAll(/-----[^-]+-----|\s/g, ''),
    userSignature: command('sign', 'user', createHash('sha256').update(signed).digest('hex')).trim(),
  };
}

export const trouble = {
  async 'trouble: pulled card, other people’s certificate, lost network and dead server lose nothing'() {
    const { page, context, leave } = await visitor({ language: 'ja-easy' });
    await pull();
    await upToWay(page, email, 'card-reader');

    // Pulled out while the agent's window waits: put back, what was typed is still there. Left without it: the page knows.
    await insert(person);
    await page.locator(read).last().waitFor({ timeout: 15000 });
    const opens = async () => {
      const opened = page.waitForEvent('popup');
      await page.locator(read).last().click();
      const window = await opened;
      await window.waitForSelector('#pin');
      return window;
    };
    let window = await opens();
    await look(window, 'agent-window');
    await window.fill('#pin', secrets.pin);
    await pull();
    await window.locator('.message').waitFor();
    await look(window, 'agent-window-card-pulled');
    await insert(person);
    await window.waitForFunction((pin) => document.getElementById('pin')?.value === pin, secrets.pin);
    await pull();
    await window.locator('.message').waitFor();
    await window.click('#refuse');
    await fourParts(page, 'card.not-inserted');
    await look(page, 'card-pulled-out');

    // The person says no: back to the page, nothing is wrong.
    await page.goto(`${server}/start/card`);
    await insert(person);
    await page.locator(read).last().waitFor({ timeout: 15000 });
    window = await opens();
    await page.locator('.mu-actions .mu-button--secondary').first().click();
    await page.locator(`${read}:not([aria-disabled])`).last().waitFor();
    assert.equal(await page.locator('.mu-problem').count(), 0);

    // A wrong password costs a try, and the window says how many are left.
    window = await opens();
    await window.fill('#pin', secrets.pin);
    await window.fill('#password', 'WRONG2026');
    await window.click('#allow');
    await window.locator('.message.alert').waitFor();
    assert.match(await window.locator('.message.alert').innerText(), /4/);
    await look(window, 'agent-window-wrong');
    await window.click('#refuse').catch(() => undefined);
    await page.goto(`${server}/start/card`);
    await page.getByText(/あと\s?4/).first().waitFor({ timeout: 15000 });

    // The user certificate of somebody else, over the same challenge.
    let challenge;
    await page.route('**/api/v1/registration/challenge', async (route) => {
      const answer = await route.fetch();
      challenge = await answer.json();
      await route.fulfill({ response: answer });
    });
    await page.route('**/api/v1/registration/card', (route) => route.continue({ postData: JSON.stringify({ ...route.request().postDataJSON(), ...otherCardsAnswer(personOf('last-try').card, challenge) }) }));
    await readCard(page, secrets);
    await fourParts(page, 'registration.certificates-differ');
    await look(page, 'certificates-differ');
    await page.unrouteAll();
    await page.goto(`${server}/start/card`);
    await page.locator(read).last().waitFor({ timeout: 15000 });
    await readCard(page, secrets);
    await page.waitForURL('**/start/check', { timeout: 30000 });
    await next(page);
    await page.waitForURL('**/start/contact');

    // The network goes while the form is filled in.
    await fill(page, { telephone: '090-0000-5555', password: 'nagai himitsu no kotoba' });
    await context.setOffline(true);
    await submit(page);
    await fourParts(page, 'network.offline');
    await page.locator('.mu-offline').waitFor();
    await look(page, 'offline');
    assert.equal(await page.inputValue('#field-telephone'), '090-0000-5555', 'what was typed stays');
    await context.setOffline(false);
    await page.locator('.mu-offline').waitFor({ state: 'detached' });
    await submit(page);
    await page.waitForURL('**/start/passcode');

    // The server dies before the passcode is sent; the person presses again.
    const sent = await digitsTo(email);
    await page.fill('#field-passcode', sent);
    await killServer();
    await submit(page);
    await fourParts(page, 'network.offline');
    await look(page, 'server-gone');
    assert.equal(await page.inputValue('#field-passcode'), sent, 'what was typed stays');
    await startServer();
    await submit(page);
    await toTheEnd(page);

    // And while the record is opened: the page waits, tells, and goes on with one press.
    await page.goto(`${server}/home`);
    await page.locator('.mu-record-tiles').waitFor();
    await page.route('**/api/v1/people/**', (route) => route.abort());
    await page.goto(`${server}/home`);
    await page.locator('[data-code="network.offline"]').first().waitFor({ timeout: 20000 });
    await look(page, 'home-offline');
    await page.unrouteAll();
    await page.locator('[data-code="network.offline"] .mu-button--secondary').first().click();
    await page.locator('.mu-record-tiles').waitFor();
    await leave();
  },
  async 'trouble: old links, a renewed card, a card nobody registered, no card program'() {
    const { page, leave } = await visitor();
    const other = 'walk-late@example.jp';
    await page.goto(`${server}/start`);
    await page.fill('#field-email', other);
    await submit(page);
    await page.locator('.mu-banner--ok').waitFor();
    await look(page, 'link-sent');
    const link = await linkTo(other);
    sql("UPDATE enrolment_token SET expires_at = 1 WHERE registration_id = (SELECT id FROM enrolment_registration ORDER BY created_at DESC LIMIT 1)");
    await page.goto(link);
    await fourParts(page, 'registration.link-expired');
    await look(page, 'link-expired');
    await page.goto(`${server}/start/r/${'A'.repeat(43)}`);
    await fourParts(page, 'registration.link-unknown');
    await look(page, 'link-unknown');
    await page.goto(`${server}/start/terms`);
    await fourParts(page, 'registration.not-started');
    await look(page, 'not-started');
    await page.goto(`${server}/start/nowhere`);
    await page.locator('main h1').waitFor();
    await look(page, 'not-found');

    const signIn = async (holder) => {
      await pull();
      await insert(holder);
      await page.goto(`${server}/login/card`);
      await page.locator(`${read}:not([aria-disabled])`).last().waitFor({ timeout: 15000 });
      await readCard(page, { pin: secrets.pin });
    };
    // The last try is pointed out; whoever never registered is led to the registration.
    await pull();
    await insert(personOf('last-try'));
    await page.goto(`${server}/login/card`);
    await page.locator(`${read}:not([aria-disabled])`).last().waitFor({ timeout: 15000 });
    await look(page, 'login-card-last-try');
    await signIn(personOf('last-try'));
    await fourParts(page, 'login.certificate-unknown');
    await look(page, 'login-card-unknown');
    await signIn(personOf('after-renewal'));
    await page.waitForURL('**/home', { timeout: 30000 });
    await page.getByText('恵子').first().waitFor(); // the same person: 辻 is written with a variation selector on the card
    await pull();

    await page.routeWebSocket(/27180/, (socket) => socket.close());
    await page.goto(`${server}/login/card`);
    await page.locator('.mu-banner--soon').waitFor();
    await look(page, 'card-program-missing');
    await leave();
  },
};
