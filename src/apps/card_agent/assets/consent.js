// The window in which a person decides, and types the secret. It speaks to the agent on this computer only.
"use strict";

const app = document.getElementById("app");
const asked = app.dataset;
const registering = asked.purpose === "register";

// {漢字|かんじ} is shown with its reading above.
const catalogue = {
  ja: {
    name: "日本語",
    title: registering ? "カードで本人確認をします" : "カードでログインします",
    asks: "次のサイトが、あなたのカードを使おうとしています。",
    words: "サイトからの説明：",
    sends: "許可すると、このサイトに次のものが送られます。",
    sendsUser: "利用者証明用電子証明書と、その署名（氏名や住所は入っていません）",
    sendsSignature: "署名用電子証明書と、その署名（氏名・住所・生年月日・性別が入っています）",
    keeps: "暗証番号、パスワード、マイナンバーは送られません。",
    pin: "利用者証明用電子証明書の暗証番号",
    pinHint: "数字4けた",
    password: "署名用電子証明書のパスワード",
    passwordHint: "英数字6〜16文字。小文字で入力しても、大文字として扱います。",
    tries: "あと#回まで入力できます",
    lastTitle: "あと1回まちがえると、ロックされます",
    last: "ロックされると、市区町村の窓口で手続きをするまで使えません。番号に自信がないときは「やめる」を押してください。",
    lastCheck: "あと1回であることを分かったうえで続けます",
    show: "見せる", hide: "かくす",
    allow: "許可する", refuse: "やめる", close: "この画面を閉じる",
    working: "カードを読んでいます。カードを動かさないでください。",
    done: "できました", doneText: "この画面は自動で閉じます。閉じないときは、下のボタンを押してください。",
    gone: "この画面は使えません", goneText: "有効な時間が過ぎたか、一度使われています。元のページに戻って、やり直してください。",
    readerMissing: "カードリーダーが見つかりません", readerMissingText: "カードリーダーをパソコンにつないでください。つなぐと、この画面は自動で進みます。",
    notInserted: "カードを置いてください", notInsertedText: "マイナンバーカードをカードリーダーに置くか、差し込んでください。",
    unknown: "マイナンバーカードではありません", unknownText: "別のカードが置かれているようです。マイナンバーカードに取りかえてください。",
    removed: "カードが離れました", removedText: "読み取りの途中でカードが離れました。もう一度置いてから、「許可する」を押してください。入力した内容は残っています。",
    wrong: "番号が違います", wrongText: "もう一度たしかめて入力してください。あと#回まで入力できます。",
    wrongPassword: "パスワードが違います",
    pinMalformed: "暗証番号は数字4けたで入力してください。カードの回数は減っていません。",
    passwordMalformed: "パスワードは英数字6〜16文字で入力してください。カードの回数は減っていません。",
    blockedUser: "暗証番号がロックされています", blockedSignature: "署名用パスワードがロックされています",
    blockedUserText: "お住まいの市区町村の窓口で、カードと本人確認書類を見せて、暗証番号を決め直してください。スマートフォンのアプリとコンビニの端末でできる場合もあります。",
    blockedSignatureText: "お住まいの市区町村の窓口で、カードと本人確認書類を見せて、パスワードを決め直してください。スマートフォンのアプリとコンビニの端末でできる場合もあります。",
    missing: "署名用電子証明書が入っていません", missingText: "15歳未満の方のカードなどには、この証明書が入っていません。元のページに戻って、保護者の方の登録や、ほかの方法を選んでください。",
    communication: "カードと通信できませんでした", communicationText: "カードを置き直してから、もう一度「許可する」を押してください。",
    agent: "このパソコンのカード用プログラムが動いていません", agentText: "プログラムを起動してから、元のページに戻ってやり直してください。",
  },
  "ja-easy": {
    name: "やさしい日本語",
    title: registering ? "カードで あなたが {本人|ほんにん}か {調|しら}べます" : "カードで ログインします",
    asks: "この サイトが、あなたの カードを {使|つか}いたいと {言|い}っています。",
    words: "サイトの {説明|せつめい}：",
    sends: "「はい」を {押|お}すと、この サイトに {送|おく}ります。",
    sendsUser: "あなたの カードだと わかる データ（{名前|なまえ}と {住所|じゅうしょ}は {入|はい}っていません）",
    sendsSignature: "あなたの {名前|なまえ}、{住所|じゅうしょ}、{生|う}まれた {日|ひ}、{性別|せいべつ}の データ",
    keeps: "{番号|ばんごう}と パスワードと マイナンバーは {送|おく}りません。",
    pin: "4つの {数字|すうじ}の {暗証番号|あんしょうばんごう}",
    pinHint: "{数字|すうじ} 4つ",
    password: "{長|なが}い パスワード（{署名用|しょめいよう}）",
    passwordHint: "{英語|えいご}の {文字|もじ}と {数字|すうじ}、6{文字|もじ}から16{文字|もじ}。{小|ちい}さい {文字|もじ}でも {大丈夫|だいじょうぶ}です。",
    tries: "あと #{回|かい} {入|い}れることができます",
    lastTitle: "あと1{回|かい} まちがえると、カードが {使|つか}えなくなります",
    last: "{使|つか}えなくなったら、{市役所|しやくしょ}へ {行|い}きます。{番号|ばんごう}が わからない ときは、「やめる」を {押|お}してください。",
    lastCheck: "あと1{回|かい}だと わかりました",
    show: "{見|み}る", hide: "かくす",
    allow: "はい", refuse: "やめる", close: "この {画面|がめん}を {閉|と}じる",
    working: "カードを {読|よ}んでいます。カードを {動|うご}かさないでください。",
    done: "できました", doneText: "この {画面|がめん}は {自動|じどう}で {閉|し}まります。",
    gone: "この {画面|がめん}は {使|つか}えません", goneText: "{時間|じかん}が {過|す}ぎました。{前|まえ}の ページに {戻|もど}って、もう{一度|いちど} してください。",
    readerMissing: "カードリーダーが ありません", readerMissingText: "カードリーダー（カードを {読|よ}む {機械|きかい}）を パソコンに つないでください。",
    notInserted: "カードを {置|お}いてください", notInsertedText: "マイナンバーカードを カードリーダーに {置|お}いてください。",
    unknown: "マイナンバーカードでは ありません", unknownText: "マイナンバーカードに {替|か}えてください。",
    removed: "カードが {離|はな}れました", removedText: "カードを もう{一度|いちど} {置|お}いてください。それから「はい」を {押|お}してください。",
    wrong: "{番号|ばんごう}が ちがいます", wrongText: "もう{一度|いちど} {入|い}れてください。あと #{回|かい} できます。",
    wrongPassword: "パスワードが ちがいます",
    pinMalformed: "{数字|すうじ}を 4つ {入|い}れてください。{回数|かいすう}は {減|へ}っていません。",
    passwordMalformed: "6{文字|もじ}から16{文字|もじ}で {入|い}れてください。{回数|かいすう}は {減|へ}っていません。",
    blockedUser: "{暗証番号|あんしょうばんごう}が {使|つか}えなくなっています", blockedSignature: "パスワードが {使|つか}えなくなっています",
    blockedUserText: "{市役所|しやくしょ}（{区役所|くやくしょ}、{役場|やくば}）へ カードを {持|も}って {行|い}ってください。{新|あたら}しい {番号|ばんごう}を {決|き}めます。",
    blockedSignatureText: "{市役所|しやくしょ}（{区役所|くやくしょ}、{役場|やくば}）へ カードを {持|も}って {行|い}ってください。{新|あたら}しい パスワードを {決|き}めます。",
    missing: "この カードでは できません", missingText: "15{歳|さい}より {下|した}の {人|ひと}の カードかもしれません。{前|まえ}の ページに {戻|もど}って、{家族|かぞく}の {大人|おとな}と いっしょに してください。",
    communication: "カードを {読|よ}むことが できませんでした", communicationText: "カードを {置|お}きなおして、「はい」を {押|お}してください。",
    agent: "カードの プログラムが {動|うご}いていません", agentText: "プログラムを {始|はじ}めてから、{前|まえ}の ページに {戻|もど}ってください。",
  },
  en: {
    name: "English",
    title: registering ? "Prove who you are with your card" : "Sign in with your card",
    asks: "This website wants to use your card.",
    words: "What the website says:",
    sends: "If you allow it, this website receives:",
    sendsUser: "your user authentication certificate and a signature (no name, no address)",
    sendsSignature: "your signature certificate and a signature (with your name, address, date of birth and sex)",
    keeps: "Your PIN, your password and your My Number are not sent.",
    pin: "PIN of the user authentication certificate",
    pinHint: "4 digits",
    password: "Password of the signature certificate",
    passwordHint: "6 to 16 letters and digits. Small letters are taken as capital letters.",
    tries: "Tries left: #",
    lastTitle: "One more wrong try locks the card",
    last: "A locked card can only be unlocked at your city hall. If you are not sure, press “Cancel”.",
    lastCheck: "I know that only one try is left and want to go on",
    show: "Show", hide: "Hide",
    allow: "Allow", refuse: "Cancel", close: "Close this window",
    working: "Reading the card. Please do not move it.",
    done: "Done", doneText: "This window closes by itself. If it does not, press the button below.",
    gone: "This window cannot be used", goneText: "It is too old or was used before. Please go back to the page you came from and start again.",
    readerMissing: "No card reader found", readerMissingText: "Please connect a card reader to this computer. This window then goes on by itself.",
    notInserted: "Please put your card down", notInsertedText: "Put your My Number Card on or into the card reader.",
    unknown: "This is not a My Number Card", unknownText: "Another card seems to be in the reader. Please use your My Number Card.",
    removed: "The card was taken away", removedText: "The card left the reader too early. Put it back, then press “Allow” again. What you typed is still there.",
    wrong: "The PIN is wrong", wrongText: "Please check it and type it again. Tries left: #",
    wrongPassword: "The password is wrong",
    pinMalformed: "The PIN has 4 digits. No try was used up.",
    passwordMalformed: "The password has 6 to 16 letters and digits. No try was used up.",
    blockedUser: "The PIN is locked", blockedSignature: "The signature password is locked",
    blockedUserText: "Go to your city hall with the card and another proof of identity to choose a new PIN. A smartphone app and a convenience store terminal may also do it.",
    blockedSignatureText: "Go to your city hall with the card and another proof of identity to choose a new password. A smartphone app and a convenience store terminal may also do it.",
    missing: "The card has no signature certificate", missingText: "Cards of children under 15, for example, have none. Go back to the page you came from: a parent can register, or choose another way.",
    communication: "The card could not be read", communicationText: "Put the card down again, then press “Allow”.",
    agent: "The card program on this computer does not run", agentText: "Start the program, then go back to the page you came from and try again.",
  },
};

let locale = catalogue[asked.locale] ? asked.locale : "ja";
let state = null; // what the agent last said of readers and cards
let failure = null; // {code, parameters} of the last try
let finished = asked.gone === undefined ? null : "gone";
let busy = false;

const t = (key) => catalogue[locale][key];

// Text with readings as nodes.
function nodes(text) {
  return text.split(/(\{[^}]*\})/).filter(Boolean).map((part) => {
    if (!part.startsWith("{")) return document.createTextNode(part);
    const [base, reading] = part.slice(1, -1).split("|");
    const ruby = document.createElement("ruby");
    const rt = document.createElement("rt");
    rt.textContent = reading;
    ruby.append(base, rt);
    return ruby;
  });
}
const plain = (text) => text.replace(/\{([^|}]*)\|[^}]*\}/g, "$1");

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== undefined) made.setAttribute(key, value);
  }
  for (const child of children.flat()) {
    if (child === null || child === undefined) continue;
    made.append(...(typeof child === "string" ? nodes(child) : [child]));
  }
  return made;
}

function request(action, body, keepalive = false) {
  return fetch(`/consent/${asked.id}/${action}`, {
    method: "POST",
    keepalive,
    headers: { "Content-Type": "application/json", "X-Page-Token": asked.token },
    body: JSON.stringify(body),
  });
}

// The card that counts: a My Number Card if there is one.
function card() {
  return state?.readers.find((reader) => reader.card === "my-number");
}

// What keeps the person from typing: its code, or null.
function obstacle() {
  if (!state) return "working";
  const found = card();
  if (!found) {
    if (state.readers.length === 0) return "card.reader-missing";
    return state.readers.some((reader) => reader.card === "unknown") ? "card.not-a-my-number-card" : "card.not-inserted";
  }
  if (registering && !found.hasSignatureCertificate) return "card.signature-certificate-missing";
  if (found.triesLeft.user === 0) return "blocked-user";
  if (registering && found.triesLeft.signature === 0) return "blocked-signature";
  return null;
}

const obstacleTexts = {
  "card.reader-missing": ["readerMissing", "warn"],
  "card.not-inserted": ["notInserted", "warn"],
  "card.not-a-my-number-card": ["unknown", "alert"],
  "card.signature-certificate-missing": ["missing", "alert"],
  "blocked-user": ["blockedUser", "alert"],
  "blocked-signature": ["blockedSignature", "alert"],
};

function message(key, kind, values = "") {
  return element("div", { class: `message ${kind}`, role: kind === "alert" ? "alert" : "status" },
    element("h2", {}, t(key)), element("p", {}, t(`${key}Text`).replace("#", values)));
}

function picture() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 96 60");
  svg.setAttribute("class", "card-picture");
  svg.setAttribute("aria-hidden", "true");
  for (const path of ["M8 4h80a4 4 0 0 1 4 4v44a4 4 0 0 1-4 4H8a4 4 0 0 1-4-4V8a4 4 0 0 1 4-4z",
    "M14 42c0-8 5-12 12-12s12 4 12 12zM26 14a8 8 0 1 1 0 16 8 8 0 0 1 0-16z", "M50 18h32M50 28h32M50 38h20"]) {
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    line.setAttribute("d", path);
    svg.append(line);
  }
  return svg;
}

function failureMessage() {
  if (!failure) return null;
  const signature = failure.parameters?.pin === "signature";
  switch (failure.code) {
    case "card.pin-wrong":
      return element("div", { class: "message alert", role: "alert" },
        element("h2", {}, t(signature ? "wrongPassword" : "wrong")),
        element("p", {}, t("wrongText").replace("#", failure.parameters.triesLeft)));
    case "card.pin-malformed":
      return element("div", { class: "message alert", role: "alert" },
        element("p", {}, t(signature ? "passwordMalformed" : "pinMalformed")));
    case "card.removed":
    case "card.not-inserted": return message("removed", "alert");
    case "consent.last-try": return null;
    case "agent": return message("agent", "alert");
    default: return message("communication", "alert");
  }
}

function field(name, tries, attributes) {
  const input = element("input", { id: name, name, type: "password", autocomplete: "off", autocapitalize: "off",
    spellcheck: "false", required: true, "aria-describedby": `${name}-hint ${name}-tries`, ...attributes });
  const wrong = failure && (failure.code === "card.pin-wrong" || failure.code === "card.pin-malformed") &&
    (failure.parameters?.pin === "signature") === (name === "password");
  if (wrong) input.setAttribute("aria-invalid", "true");
  const toggle = element("button", { type: "button", "aria-controls": name, "aria-pressed": "false", onclick: () => {
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    toggle.replaceChildren(...nodes(t(shown ? "show" : "hide")));
    toggle.setAttribute("aria-pressed", String(!shown));
  } }, t("show"));
  return element("div", {},
    element("label", { for: name }, t(name)),
    element("p", { class: `tries${tries === 1 ? " low" : ""}`, id: `${name}-tries` }, t("tries").replace("#", tries)),
    element("p", { class: "hint", id: `${name}-hint` }, t(`${name}Hint`)),
    element("div", { class: "typing" }, input, toggle));
}

function form() {
  const { user, signature } = card().triesLeft;
  const last = user === 1 || (registering && signature === 1);
  const fields = [field("pin", user, { inputmode: "numeric", maxlength: 12 })];
  if (registering) fields.push(field("password", signature, { maxlength: 32 }));
  return element("form", { class: "box", novalidate: true, onsubmit: submit },
    fields,
    last ? element("div", { class: "message warn" }, element("h2", {}, t("lastTitle")), element("p", {}, t("last")),
      element("label", { class: "check" }, element("input", { type: "checkbox", id: "last", required: true }),
        element("span", {}, t("lastCheck")))) : null,
    element("div", { class: "buttons" },
      element("button", { class: "main", id: "allow" }, t("allow")),
      element("button", { type: "button", id: "refuse", onclick: () => leave("") }, t("refuse"))));
}

function head() {
  const items = [t("sendsUser")];
  if (registering) items.unshift(t("sendsSignature"));
  return [
    element("h1", {}, t("title")),
    element("section", { class: "box site" },
      element("p", {}, t("asks")),
      asked.site ? element("strong", { lang: "ja" }, document.createTextNode(asked.site)) : null,
      element("code", {}, document.createTextNode(asked.origin)),
      asked.words ? element("blockquote", {}, element("p", { class: "hint" }, t("words")),
        element("p", {}, document.createTextNode(asked.words))) : null),
    element("section", { class: "box" }, element("p", {}, t("sends")),
      element("ul", {}, items.map((item) => element("li", {}, item))), element("p", {}, t("keeps"))),
  ];
}

function closing(key, kind) {
  return [message(key, kind), element("button", { class: "main", onclick: () => window.close() }, t("close"))];
}

function languages() {
  return element("div", { class: "languages" }, Object.entries(catalogue).map(([code, texts]) =>
    element("button", { type: "button", lang: code === "en" ? "en" : "ja", "aria-pressed": String(code === locale), onclick: () => {
      locale = code;
      render();
    } }, texts.name)));
}

// What was typed survives every new drawing of the page.
let typed = { pin: "", password: "", last: false };
function keepTyped() {
  const pin = document.getElementById("pin");
  if (!pin) return;
  typed = { pin: pin.value, password: document.getElementById("password")?.value ?? "", last: document.getElementById("last")?.checked ?? false };
}

let drawn = "";
function render() {
  const key = JSON.stringify([locale, state, failure, finished, busy]);
  if (key === drawn) return;
  drawn = key;
  keepTyped();
  const focused = document.activeElement?.id;
  document.documentElement.lang = locale === "en" ? "en" : "ja";
  document.title = `${plain(t("title"))} – むすび`;
  const content = [languages()];
  if (finished === "done") content.push(...closing("done", "good"));
  else if (finished === "gone") content.push(...closing("gone", "alert"));
  else if (finished) content.push(element("h1", {}, t("title")), ...closing(obstacleTexts[finished][0], "alert"));
  else {
    content.push(...head());
    const hindrance = obstacle();
    const problem = failureMessage();
    if (problem) content.push(problem);
    if (hindrance === null) content.push(form());
    else if (hindrance === "working") content.push(element("p", { role: "status" }, t("working")));
    else {
      const [text, kind] = obstacleTexts[hindrance];
      if (!(problem && hindrance === "card.not-inserted")) content.push(picture(), message(text, kind));
      content.push(element("button", { id: "refuse", onclick: () => leave(hindrance) }, t("refuse")));
    }
  }
  app.replaceChildren(...content);
  const pin = document.getElementById("pin");
  if (pin) {
    pin.value = typed.pin;
    if (registering) document.getElementById("password").value = typed.password;
    const last = document.getElementById("last");
    if (last) last.checked = typed.last;
  }
  const invalid = app.querySelector("[aria-invalid]");
  (focused && document.getElementById(focused) || invalid || (pin && !focused ? pin : null))?.focus();
  if (busy) showBusy();
}

function showBusy() {
  const button = document.getElementById("allow");
  if (!button) return;
  button.setAttribute("aria-busy", "true");
  button.replaceChildren(...nodes(t("working")));
}

async function submit(event) {
  event.preventDefault();
  if (busy) return;
  keepTyped();
  const last = document.getElementById("last");
  if (last && !last.checked) {
    last.focus();
    return;
  }
  busy = true;
  showBusy();
  let answer;
  try {
    const response = await request("allow", { pin: typed.pin, password: typed.password, lastTry: Boolean(last?.checked) });
    answer = response.status === 204 ? null : await response.json();
  } catch {
    answer = { code: "agent", parameters: {} };
  }
  busy = false;
  failure = null;
  if (answer === null) finish("done");
  else if (answer.code === "consent.gone") finish("gone");
  else if (answer.code === "card.pin-blocked") finish(answer.parameters.pin === "signature" ? "blocked-signature" : "blocked-user");
  else if (answer.code === "card.signature-certificate-missing") finish(answer.code);
  else {
    failure = answer;
    // A wrong secret is typed afresh; after a pulled card what was typed is still good.
    if (answer.code === "card.pin-wrong") {
      const name = answer.parameters.pin === "signature" ? "password" : "pin";
      typed[name] = "";
      const input = document.getElementById(name);
      if (input) input.value = "";
      const box = document.getElementById("last");
      if (box) box.checked = false;
      typed.last = false;
    }
    await look();
  }
  render();
}

function finish(how) {
  finished = how;
  typed = { pin: "", password: "", last: false };
  app.replaceChildren();
  if (how === "done") setTimeout(() => window.close(), 700);
}

const blockedReason = { "blocked-user": "card.pin-blocked", "blocked-signature": "card.pin-blocked" };
async function leave(hindrance) {
  try {
    await request("refuse", { reason: blockedReason[hindrance] || (hindrance === "working" ? "" : hindrance) });
  } catch {
    // The agent is gone, and with it the question.
  }
  finish("gone");
  render();
  window.close();
}

let silent = 0;
async function look() {
  if (finished) return;
  try {
    const response = await fetch(`/consent/${asked.id}/state`, { headers: { "X-Page-Token": asked.token } });
    if (response.status === 410) finish("gone");
    else state = await response.json();
    silent = 0;
    if (failure?.code === "agent") failure = null;
  } catch {
    silent += 1;
    if (silent > 2) failure = { code: "agent", parameters: {} };
  }
}

async function watch() {
  if (!busy) {
    await look();
    if (!busy) render();
  }
  if (!finished) setTimeout(watch, 700);
}

// Closing the window is refusing.
window.addEventListener("pagehide", () => {
  if (!finished) request("refuse", { reason: "" }, true);
});

render();
if (!finished) watch();
