// Without a card and from another town: the company's contract and roster.
import { button, choose, city, fill, fillDate, fourParts, givePasscode, linkTo, look, mailsTo, next, personOf, server, staff, submit, toTheEnd, upToWay, visitor } from '../walking.mjs';

const employee = personOf('employee');
const email = 'walk-akira@example.jp';
const csv = (text) => ({ name: 'roster.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
const roster = (rows) => csv(['社員番号,氏名,カナ,生年月日', ...rows].join('\n') + '\n');

async function ask(page, changes = {}) {
  await fill(page, { companyCode: 'AOI-77', employeeNumber: 'A-001', name: employee.name, kana: employee.kana, telephone: '090-0000-7777', ...changes });
  await fillDate(page, employee.birthDate);
}

export const company = {
  async 'through the company: contract, roster with wrong rows, request, confirmation, and in'() {
    const { page: desk } = await staff('keiyaku');
    await desk.goto(`${server}/console/companies`);
    await desk.getByText(city.companyName).waitFor();
    await look(desk, 'console-companies');
    await fill(desk, { name: '株式会社あおい運輸', code: 'AOI-77', contractFrom: '2026-04-01', contractTo: '2026-03-31' });
    await submit(desk);
    await desk.locator('.mu-problem, .mu-field__error').first().waitFor();
    await look(desk, 'console-company-wrong-period');
    await fill(desk, { contractTo: '2027-03-31' });
    await submit(desk);
    await desk.waitForURL(/console\/companies\/[0-9a-f-]+$/);
    await desk.locator('#field-roster').waitFor({ state: 'attached' });
    await look(desk, 'console-company');
    await desk.setInputFiles('#field-roster', roster([`A-001,${employee.name},${employee.kana},${employee.birthDate}`, 'A-002,田中 あお,タナカ アオ,1990-02-30', 'A-001,中島 みお,ナカジマ ミオ,1991-04-05', ',名無し,ナナシ,1988-01-01']));
    await desk.locator('.mu-banner--danger').waitFor();
    await look(desk, 'console-roster-errors');
    await desk.setInputFiles('#field-roster', roster([`A-001,${employee.name},${employee.kana},${employee.birthDate}`, 'A-002,田中 あお,タナカ アオ,1990-02-28']));
    await desk.locator('.mu-banner--ok').waitFor();
    await desk.getByText('田中 あお').waitFor();
    await look(desk, 'console-roster');

    const { page, leave } = await visitor({ language: 'en' });
    await upToWay(page, email, 'company');
    await ask(page, { companyCode: 'NO-SUCH' });
    await look(page, 'company-form');
    await submit(page);
    await fourParts(page, 'company.unknown');
    await look(page, 'company-unknown');
    await ask(page, { employeeNumber: 'A-999' });
    await submit(page);
    await page.locator('.mu-problem').or(page.getByRole('heading', { level: 1, name: 'Waiting' })).first().waitFor();
    await page.waitForFunction(() => location.pathname === '/start/company-waiting' || document.querySelector('.mu-problem[data-code="company.not-on-roster"]'));
    if (await page.locator('.mu-problem').count()) {
      await fourParts(page, 'company.not-on-roster');
      await look(page, 'company-not-on-roster');
      await ask(page);
      await submit(page);
    }
    await page.waitForURL('**/start/company-waiting');
    await look(page, 'company-waiting');

    // Struck off the roster meanwhile: staff see it. Back on it: confirmed.
    const companyPage = desk.url();
    await desk.setInputFiles('#field-roster', roster(['A-002,田中 あお,タナカ アオ,1990-02-28']));
    await desk.locator('.mu-banner--ok').waitFor();
    await desk.goto(`${server}/console/company-requests`);
    await desk.getByText('名簿にいません').waitFor();
    await look(desk, 'console-employee-not-on-roster');
    await button(desk, '確認した').click();
    await fourParts(desk, 'company.not-on-roster');
    await desk.goto(companyPage);
    await desk.locator('#field-roster').waitFor({ state: 'attached' });
    await desk.setInputFiles('#field-roster', roster([`A-001,${employee.name},${employee.kana},${employee.birthDate}`]));
    await desk.locator('.mu-banner--ok').waitFor();
    await desk.goto(`${server}/console/company-requests`);
    await desk.getByText('名簿と一致').waitFor();
    await look(desk, 'console-employee-on-roster');
    const mails = await mailsTo(email);
    await button(desk, '確認した').click();
    await desk.locator('.mu-toast').waitFor();

    await page.goto(await linkTo(email, mails));
    await page.waitForURL('**/start/contact');
    await fill(page, { telephone: '090-0000-7777' });
    await submit(page);
    await givePasscode(page, email, mails);
    await toTheEnd(page);
    await page.goto(`${server}/home`);
    await page.locator('main h1').waitFor();
    await page.waitForFunction(() => !document.querySelector('[aria-busy=true]'));
    await look(page, 'home-of-an-employee');
    await leave();
  },
  async 'through the company: a refusal says why and lets another way be chosen'() {
    const { page, leave } = await visitor({ language: 'ja-easy' });
    const other = 'walk-refused@example.jp';
    await upToWay(page, other, 'company');
    const row = 'B-001,佐々木　のぞみ,ササキ　ノゾミ,1990-05-06';
    const { page: desk } = await staff('keiyaku');
    await desk.goto(`${server}/console/companies`);
    await desk.getByText('株式会社あおい運輸').click();
    await desk.locator('#field-roster').waitFor({ state: 'attached' });
    await desk.setInputFiles('#field-roster', roster([row]));
    await desk.locator('.mu-banner--ok').waitFor();
    await fill(page, { companyCode: 'AOI-77', employeeNumber: 'B-001', name: '佐々木　のぞみ', kana: 'ささき　のぞみ', telephone: '090-0000-7778' });
    await fillDate(page, '1990-05-06');
    await submit(page);
    await page.waitForURL('**/start/company-waiting');
    const mails = await mailsTo(other);
    await desk.goto(`${server}/console/company-requests`);
    await button(desk, 'お断りする').click();
    await choose(desk, 'details-differ');
    await button(desk, '理由を伝えて断る').click();
    await desk.locator('.mu-toast').waitFor();
    await page.goto(await linkTo(other, mails));
    await page.waitForURL('**/start/company');
    await page.locator('.mu-page-back').click();
    await page.waitForURL('**/start/way');
    await page.locator('input[type=radio]').first().waitFor({ state: 'attached' });
    await look(page, 'way');
    await choose(page, 'letter');
    await next(page);
    await page.waitForURL('**/start/letter');
    await leave();
  },
};
