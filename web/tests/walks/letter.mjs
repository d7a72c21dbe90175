// Without a card: the posted letter, from the request to the record, with staff in between.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { button, choose, fill, fillDate, fourParts, linkTo, look, mailTo, personOf, server, sql, staff, submit, toTheEnd, upToWay, visitor } from '../walking.mjs';

const person = personOf('letter');
const email = 'walk-kiyo@example.jp';

async function ask(page, changes = {}) {
  const values = { name: person.name, kana: person.kana, postalCode: person.postalCode, address: person.address, telephone: '00-0000-1234', ...changes };
  await fill(page, values);
  await fillDate(page, person.birthDate);
  await choose(page, person.sex);
}

/** The codes of a printed PDF, one for each letter. */
async function codesOf(download) {
  const text = execFileSync('pdftotext', ['-layout', await download.path(), '-'], { encoding: 'utf8' });
  return { text, codes: [...text.matchAll(/^\s*(\d{4} \d{4})\s*$/gm)].map((found) => found[1]) };
}

async function openList(page, status) {
  await page.goto(`${server}/console/letters`);
  await page.locator('main input[type=radio]').first().waitFor();
  await choose(page, status);
}

export const letter = {
  async 'by letter: request, match, print, wrong code, returned, printed again, and in'() {
    const { page, leave } = await visitor({ language: 'ja-easy' });
    await upToWay(page, email, 'letter');
    await submit(page);
    await page.locator('.mu-error-summary').waitFor();
    await look(page, 'letter-form-errors');
    await ask(page, { name: `${person.name}　` });
    await look(page, 'letter-form');
    await submit(page);
    await page.waitForURL('**/start/letter-code');
    await look(page, 'letter-waiting');
    await page.fill('#field-code', '1234 5678');
    await submit(page);
    await fourParts(page, 'registration.letter-not-sent');
    await look(page, 'letter-not-sent');

    const { page: desk } = await staff('juki');
    await look(desk, 'console-today');
    await openList(desk, 'new');
    await desk.getByText('台帳と一致').waitFor();
    await look(desk, 'console-letters-new');
    await button(desk, 'この人に手紙を送る').click();
    await desk.locator('.mu-toast').waitFor();
    await choose(desk, 'approved');
    await desk.getByText('発送ずみになります').or(button(desk, /通を印刷/)).first().waitFor();
    await look(desk, 'console-letters-print');
    const first = desk.waitForEvent('download');
    await button(desk, /印刷/).click();
    const printed = await codesOf(await first);
    assert.equal(printed.codes.length, 1);
    assert.match(printed.text, new RegExp(person.name.replace('　', '\\s+')));
    await choose(desk, 'printed');
    await button(desk, '手紙が戻ってきた').waitFor();
    await look(desk, 'console-letters-sent');

    // The mail that says the letter is on its way leads to the same page.
    await page.goto(await linkTo(email, 1));
    await page.waitForURL('**/start/letter-code');
    await page.fill('#field-code', printed.codes[0] === '0000 0000' ? '1111 1111' : '0000 0000');
    await submit(page);
    await fourParts(page, 'registration.letter-code-wrong');
    await look(page, 'letter-code-wrong');

    // The post brings it back: its code is dead. Printed again, the new one works.
    await button(desk, '手紙が戻ってきた').click();
    await desk.locator('.mu-toast').waitFor();
    await choose(desk, 'returned');
    await button(desk, 'もう一度印刷する').waitFor();
    await look(desk, 'console-letters-returned');
    await mailTo(email, /(もどって)/);
    await page.fill('#field-code', printed.codes[0]);
    await submit(page);
    await fourParts(page, 'registration.letter-not-sent');
    const second = desk.waitForEvent('download');
    await button(desk, 'もう一度印刷する').click();
    const again = await codesOf(await second);
    assert.notEqual(again.codes[0], printed.codes[0]);
    await page.fill('#field-code', again.codes[0].replace(' ', '－').replaceAll(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)));
    await submit(page);
    await page.waitForURL('**/start/passkey', { timeout: 15000 });
    await toTheEnd(page, { passkey: false });
    await page.goto(`${server}/home`);
    await page.locator('.mu-record-tiles').waitFor();
    await page.goto(`${server}/settings/details`);
    await page.getByText(person.address).waitFor();
    await leave();
    await choose(desk, 'done');
    await desk.getByText(person.name).first().waitFor();
  },
  async 'by letter: what does not agree is refused with the reason, corrected, and five wrong codes end a letter'() {
    const { page, leave } = await visitor({ language: 'en', viewport: { width: 1280, height: 800 } });
    const other = 'walk-letter-refused@example.jp';
    const [resident] = sql("SELECT name, kana, birth_date, sex, postal_code, address FROM residents_resident WHERE relation = '妻' AND standing = 'resident' ORDER BY id LIMIT 1");
    const [name, kana, birthDate, sex, postalCode, address] = resident;
    await upToWay(page, other, 'letter');
    await fill(page, { name, kana, postalCode, address: '見本県見本市どこか９９番', telephone: '00-0000-4321' });
    await fillDate(page, birthDate);
    await choose(page, sex);
    await look(page, 'letter-form-english');
    await submit(page);
    await page.waitForURL('**/start/letter-code');

    const { page: desk } = await staff('juki');
    await openList(desk, 'doubtful');
    await button(desk, 'この人に手紙を送る').or(button(desk, 'お断りする')).first().waitFor();
    await look(desk, 'console-letters-doubtful');
    if (await button(desk, 'この人に手紙を送る').count()) {
      await button(desk, 'この人に手紙を送る').click();
      await desk.getByText('どの人かを選んでください').waitFor();
      await look(desk, 'console-letters-choose');
    }
    await button(desk, 'お断りする').click();
    await button(desk, '理由を伝えて断る').click();
    await desk.getByText('理由を選んでください').waitFor();
    await look(desk, 'console-letters-refuse');
    await choose(desk, 'details-differ');
    await button(desk, '理由を伝えて断る').click();
    await desk.locator('.mu-toast').waitFor();

    await page.goto(await linkTo(other, 1));
    await page.waitForURL('**/start/letter');
    await fill(page, { name, kana, postalCode, address, telephone: '00-0000-4321' });
    await fillDate(page, birthDate);
    await choose(page, sex);
    await submit(page);
    await page.waitForURL('**/start/letter-code');
    await openList(desk, 'new');
    await button(desk, 'この人に手紙を送る').click();
    await desk.locator('.mu-toast').waitFor();
    await choose(desk, 'approved');
    const printing = desk.waitForEvent('download');
    await button(desk, /印刷/).click();
    const { codes } = await codesOf(await printing);
    await mailTo(other, /(letter)/, 2);
    for (let turn = 0; turn < 5; turn += 1) {
      await page.fill('#field-code', codes[0].startsWith('1') ? `2000 000${turn}` : `1000 000${turn}`);
      await submit(page);
      await page.locator(turn < 4 ? `[data-code="registration.letter-code-wrong"]:has-text("${4 - turn}")` : '[data-code="registration.letter-code-locked"]').waitFor();
    }
    await fourParts(page, 'registration.letter-code-locked');
    await look(page, 'letter-code-locked');
    await page.fill('#field-code', codes[0]);
    await submit(page);
    await fourParts(page, 'registration.letter-not-sent');
    await leave();
  },
};
