// The agent's consent window and the card tray in real Chromium: closing by itself, wrong PIN, last try, lock, three
// languages, narrow and wide, light and dark, axe. No reader is needed: the agent is given a card image.
//
// Usage: MUSUBI_BUILD=build/release node tests/card_window_test.mjs [folder for screenshots]
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "..");
const require = createRequire(path.join(root, "web", "package.json"));
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const build = path.resolve(process.env.MUSUBI_BUILD ?? path.join(root, "build", "release"));
const pictures = process.argv[2];
if (pictures) mkdirSync(pictures, { recursive: true });
const folder = mkdtempSync(path.join(tmpdir(), "musubi-card-window-"));
const processes = [];
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function assert(condition, what) {
  if (!condition) throw new Error(what);
}

async function listening(port) {
  for (let i = 0; i < 200; i += 1) {
    const open = await new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1", () => { socket.destroy(); resolve(true); });
      socket.on("error", () => resolve(false));
    });
    if (open) return;
    await wait(50);
  }
  throw new Error(`nobody listens on ${port}`);
}

function start(program, ...args) {
  const child = spawn(path.join(build, "bin", program), args, { stdio: ["ignore", "ignore", "inherit"] });
  processes.push(child);
  return child;
}

// A site of another origin, as the citizen's page is.
const site = createServer((_, response) => {
  response.setHeader("Content-Type", "text/html; charset=utf-8");
  response.end("<!doctype html><title>site</title><button>go</button>");
});
await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
const sitePort = site.address().port;
const origin = `http://localhost:${sitePort}`;

function makeCard(name, options) {
  execFileSync("python3", ["-c", `import sys; sys.path.insert(0, "tests"); from card_support import CardFolder
c = CardFolder.__new__(CardFolder)
import pathlib
if not pathlib.Path(${JSON.stringify(folder)}, "cards", "keys", "user.pem").exists():
    CardFolder(${JSON.stringify(path.join(folder, "cards"))})
k = pathlib.Path(${JSON.stringify(folder)}, "cards", "keys")
c.folder = k.parent
c.user_key, c.user_certificate, c.sign_key, c.sign_certificate = (k / n for n in ("user.key", "user.pem", "sign.key", "sign.pem"))
c.certificates = {"01": k / "user.pem", "02": k / "sign.pem", "03": k / "user-ca.pem", "04": k / "sign-ca.pem"}
c.write(${JSON.stringify(name)}, ${options})`], { cwd: root });
  return path.join(folder, "cards", name, "card.json");
}

let nextPort = 28000 + (process.pid % 1000);
async function agent(image) {
  const port = (nextPort += 1);
  start("musubi-card", "agent", "--port", String(port), "--origin", `${origin}=見本市 むすび`, "--image", image);
  await listening(port);
  return port;
}

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });

// Opens the site, asks the agent, and returns the site's page and the agent's window.
async function ask(port, method, locale, view = {}) {
  const context = await browser.newContext({ viewport: { width: 480, height: 760 }, ...view });
  const page = await context.newPage();
  await page.goto(origin);
  const opening = context.waitForEvent("page");
  await page.evaluate(([agentPort, name, language]) => {
    window.answers = [];
    const socket = new WebSocket(`ws://127.0.0.1:${agentPort}/v1`);
    socket.onopen = () => socket.send(JSON.stringify({ id: 1, method: name, params: { nonce: "A".repeat(43), locale: language, purposeText: "市民ページへの登録" } }));
    socket.onmessage = (event) => {
      const message = JSON.parse(event.data);
      if (message.event === "consent") window.popup = window.open(message.url, "card", "popup,width=480,height=760");
      if (message.id === 1) window.answers.push(message);
    };
  }, [port, method, locale]);
  const popup = await opening;
  if (view.viewport) await popup.setViewportSize(view.viewport);
  popup.on("pageerror", (error) => { popup.failure = error; });
  await popup.waitForLoadState("load");
  return { context, page, popup };
}

const answer = (page) => page.waitForFunction(() => window.answers[0], undefined, { timeout: 10000 }).then((handle) => handle.jsonValue());

async function shoot(page, name) {
  if (pictures) await page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true });
}

async function accessible(page, name) {
  // Evaluated through the debugger: the page's own policy would refuse a script put into it.
  const violations = await page.evaluate(`${axeSource}; axe.run().then((r) => r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.target + " " + n.failureSummary).join("; ")))`);
  assert(violations.length === 0, `${name}: ${violations.join("\n")}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert(wide <= 0, `${name}: ${wide} px too wide`);
  const small = await page.evaluate(() => [...document.querySelectorAll("body *:not(rt):not(script):not(template):not([type=checkbox])")]
    .filter((e) => e.checkVisibility() && parseFloat(getComputedStyle(e).fontSize) < 16).map((e) => e.outerHTML.slice(0, 80)));
  assert(small.length === 0, `${name}: small text ${small}`);
}

const tests = {
  async "signing in: the window takes the PIN, the site gets the proof, the window closes by itself"() {
    const port = await agent(makeCard("one", ""));
    const { context, page, popup } = await ask(port, "authenticate", "ja");
    await popup.waitForSelector("#pin");
    assert((await popup.textContent("#pin-tries")).includes("あと3回"), "tries are told before typing");
    assert(await popup.evaluate(() => document.activeElement.id) === "pin", "the field has the focus");
    await accessible(popup, "sign in");
    await shoot(popup, "consent-authenticate-ja");
    await popup.keyboard.type("1234");
    await popup.keyboard.press("Enter");
    const message = await answer(page);
    assert(message.result.userSignature.length === 344, JSON.stringify(message));
    if (!popup.isClosed()) await popup.waitForEvent("close", { timeout: 5000 });
    assert(!popup.failure, String(popup.failure));
    await context.close();
  },
  async "registering: wrong PIN, wrong password, then right, all in one window"() {
    const port = await agent(makeCard("two", ""));
    const { context, page, popup } = await ask(port, "register", "ja", { viewport: { width: 320, height: 700 } });
    await popup.waitForSelector("#password");
    await shoot(popup, "consent-register-ja-320");
    await accessible(popup, "register");
    await popup.fill("#pin", "0000");
    await popup.fill("#password", "musubi2026");
    await popup.click("#allow");
    await popup.waitForSelector(".message.alert");
    assert((await popup.textContent(".message.alert")).includes("あと2回"), "tries left after a wrong PIN");
    assert(await popup.inputValue("#pin") === "", "a wrong PIN is typed afresh");
    assert(await popup.inputValue("#password") === "musubi2026", "the password stays");
    await shoot(popup, "consent-wrong-ja-320");
    await popup.fill("#pin", "1234");
    await popup.fill("#password", "wrong1");
    await popup.click("#allow");
    await popup.waitForFunction(() => document.querySelector(".message.alert")?.textContent.includes("パスワードが違います"));
    assert((await popup.textContent(".message.alert")).includes("あと4回"), "tries left after a wrong password");
    await popup.fill("#password", "musubi2026");
    await popup.click("#allow");
    const message = await answer(page);
    assert(Object.keys(message.result).length === 4, JSON.stringify(message));
    await context.close();
  },
  async "the last try is asked about first, and a lock says how to unlock, in plain Japanese and in English"() {
    const port = await agent(makeCard("three", "user_tries=1"));
    const { context, page, popup } = await ask(port, "authenticate", "ja-easy", { colorScheme: "dark" });
    await popup.waitForSelector("#last");
    await accessible(popup, "last try");
    await shoot(popup, "consent-last-easy-dark");
    await popup.fill("#pin", "0000");
    await popup.click("#allow");
    await wait(300);
    assert(await popup.evaluate(() => document.activeElement.id) === "last", "the box must be ticked");
    await popup.check("#last");
    await popup.click("#allow");
    await popup.waitForSelector(".message.alert");
    await popup.getByRole("button", { name: "English" }).click();
    assert((await popup.textContent(".message.alert")).includes("city hall"), "how to unlock");
    await accessible(popup, "blocked");
    await shoot(popup, "consent-blocked-en-dark");
    assert((await answer(page)).error.code === "card.pin-blocked", "the site is told");
    await context.close();
  },
  async "refusing, closing the window, and a card of a child"() {
    const port = await agent(makeCard("four", "with_signature=False"));
    let asked = await ask(port, "authenticate", "en");
    await asked.popup.waitForSelector("#refuse");
    await accessible(asked.popup, "english");
    await shoot(asked.popup, "consent-authenticate-en");
    await asked.popup.click("#refuse");
    assert((await answer(asked.page)).error.code === "consent.refused", "refused");
    await asked.context.close();
    asked = await ask(port, "authenticate", "en");
    await asked.popup.waitForSelector("#pin");
    await asked.popup.close({ runBeforeUnload: false });
    assert((await answer(asked.page)).error.code === "consent.refused", "closed");
    await asked.context.close();
    asked = await ask(port, "register", "ja");
    await asked.popup.waitForSelector("text=署名用電子証明書が入っていません");
    await shoot(asked.popup, "consent-child-ja");
    await asked.popup.click("#refuse");
    assert((await answer(asked.page)).error.code === "card.signature-certificate-missing", "child");
    await asked.context.close();
  },
  async "the card tray in two languages, on a phone and a desktop, light and dark"() {
    const port = (nextPort += 1);
    start("musubi-vcard", "--folder", path.join(folder, "cards"), "--port", String(port), "--slots", "1,2");
    await listening(port);
    for (const [lang, width, colorScheme] of [["ja", 320, "light"], ["en", 1280, "dark"], ["ja", 1280, "light"]]) {
      const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
      const page = await context.newPage();
      await page.goto(`http://127.0.0.1:${port}/?lang=${lang}`);
      await page.locator('[data-card="one"] button[value="insert"]').first().click();
      await page.waitForSelector('[data-slot="0"][data-inside]');
      await accessible(page, `tray ${lang} ${width}`);
      await shoot(page, `tray-${lang}-${width}-${colorScheme}`);
      await page.locator('[data-slot="0"] button').click();
      await page.waitForSelector('[data-slot="0"]:not([data-inside])');
      await context.close();
    }
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.locator('[data-card="two"] button[value="insert"]').first().click();
    await page.waitForSelector('[data-slot="0"][data-inside]');
    assert((await page.textContent('[data-slot="0"] .who')).includes("見本"), "works without scripts");
    await context.close();
  },
};

let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  try {
    await test();
    console.log(`ok   ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}\n     ${error.stack}`);
  }
}
await browser.close();
site.close();
for (const child of processes) child.kill();
rmSync(folder, { recursive: true, force: true });
console.log(`${Object.keys(tests).length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
