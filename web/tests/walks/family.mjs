// A guardian and the children: from the household at once, from another household through staff.
import { button, choose, fill, fillDate, look, mailTo, personOf, registerWithCard, server, sql, staff, submit, visitor } from '../walking.mjs';

const guardian = personOf('parent');
const email = 'walk-taro@example.jp';

export const family = {
  async 'a guardian adds a child of the household, asks for another, and each look shows in the child’s list'() {
    const { page, leave } = await visitor();
    await registerWithCard(page, guardian, email);
    await page.goto(`${server}/family`);
    await button(page, /を登録する/).first().waitFor();
    await look(page, 'family-candidates');
    await button(page, /を登録する/).first().click();
    await page.locator('.mu-banner--ok').waitFor();
    await look(page, 'family-added');

    const [child] = sql(`SELECT c.name, c.kana, c.birth_date, c.sex, c.address FROM residents_resident c, residents_resident g WHERE c.relation = '子' AND c.birth_date > '2013' AND g.id = '${guardian.holderId}' AND c.household_id <> g.household_id AND c.standing = 'resident' ORDER BY c.id LIMIT 1`);
    const [name, kana, birthDate, sex, address] = child;
    await page.goto(`${server}/family/request`);
    await page.locator('#field-name').waitFor();
    await submit(page);
    await page.locator('.mu-error-summary').waitFor();
    await look(page, 'family-request-errors');
    await fill(page, { name, kana, address, note: '離れて暮らしています。' });
    await fillDate(page, birthDate);
    await choose(page, sex);
    await submit(page);
    await page.locator('.mu-banner--ok').waitFor();
    await look(page, 'family-request-sent');
    await page.goto(`${server}/family`);
    await page.getByText('確認を待っています').waitFor();
    await look(page, 'family-request-waits');

    const { page: desk } = await staff('juki');
    await desk.goto(`${server}/console/family-requests`);
    await button(desk, '確認した').waitFor();
    await look(desk, 'console-family');
    await button(desk, '確認した').click();
    await desk.getByText('どの人かを選んでください').waitFor();
    await desk.locator('main input[type=radio]').first().check({ force: true });
    await button(desk, '確認した').click();
    await desk.locator('.mu-toast').waitFor();
    await desk.getByText('待っている仕事はありません').or(desk.locator('main .mu-sub')).first().waitFor();
    await mailTo(email, /(お子さんの記録を、あなたの画面から)/);

    await page.goto(`${server}/family`);
    await page.locator(`.mu-list__link:has-text("${name}"), a:has-text("${name}")`).first().click();
    await page.waitForURL('**/p/**');
    await page.locator('main h1').waitFor();
    await page.locator('.mu-record-tiles').waitFor();
    await look(page, 'child-record');
    const record = page.url();
    await page.goto(`${record}/vaccinations`);
    await page.locator('main .mu-list, main .mu-card, main .mu-banner').first().waitFor();
    await page.goto(`${record}/seen`);
    await page.locator('main').getByText('住基').first().waitFor(); // staff who confirmed stand there too
    await look(page, 'child-who-looked');
    await page.goto(`${server}/mine/seen`);
    await page.locator('main .mu-list').waitFor();
    await look(page, 'who-looked');
    await leave();
  },
};
