// Makes chromium.json: what a real browser with a virtual authenticator answers, as vectors made by somebody else.
// Run by hand when vectors are to be renewed: node make.mjs > chromium.json   (needs chromium; Node 20 or later)
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { randomBytes } from "node:crypto";

const page = createServer((_, answer) => answer.setHeader("Content-Type", "text/html").end("<title>vectors</title>"));
await new Promise((done) => page.listen(18080, "127.0.0.1", done));
const profile = mkdtempSync("/tmp/vectors-");
const browser = spawn("chromium", ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=19222",
  `--user-data-dir=${profile}`, "http://localhost:18080/"], { stdio: "ignore" });

async function target() {
  for (let i = 0; i < 100; i++) {
    try {
      const list = await (await fetch("http://127.0.0.1:19222/json")).json();
      const found = list.find((t) => t.type === "page" && t.url.startsWith("http://localhost"));
      if (found) return new URL(found.webSocketDebuggerUrl);
    } catch {}
    await new Promise((done) => setTimeout(done, 200));
  }
  throw new Error("chromium does not answer");
}

// A WebSocket client of twenty lines (RFC 6455), so that nothing has to be installed.
async function open(url) {
  const socket = connect(Number(url.port), url.hostname);
  socket.write(`GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\nSec-WebSocket-Version: 13\r\n\r\n`);
  let buffer = Buffer.alloc(0), opened = false, next = 1;
  const waiting = new Map();
  const ready = new Promise((done) => socket.on("data", (data) => {
    buffer = Buffer.concat([buffer, data]);
    if (!opened) {
      const end = buffer.indexOf("\r\n\r\n");
      if (end < 0) return;
      buffer = buffer.subarray(end + 4); opened = true; done();
    }
    for (;;) {
      if (buffer.length < 2) return;
      let length = buffer[1] & 127, at = 2;
      if (length === 126) { if (buffer.length < 4) return; length = buffer.readUInt16BE(2); at = 4; }
      else if (length === 127) { if (buffer.length < 10) return; length = Number(buffer.readBigUInt64BE(2)); at = 10; }
      if (buffer.length < at + length) return;
      const message = JSON.parse(buffer.subarray(at, at + length).toString());
      buffer = buffer.subarray(at + length);
      if (message.id) { waiting.get(message.id)(message); waiting.delete(message.id); }
    }
  }));
  await ready;
  return (method, params = {}) => new Promise((done, fail) => {
    const id = next++;
    waiting.set(id, (m) => (m.error ? fail(new Error(m.error.message)) : done(m.result)));
    const body = Buffer.from(JSON.stringify({ id, method, params }));
    const head = body.length < 126 ? Buffer.from([0x81, 0x80 | body.length])
      : Buffer.from([0x81, 0x80 | 126, body.length >> 8, body.length & 255]);
    socket.write(Buffer.concat([head, Buffer.alloc(4), body]));
  });
}

const call = await open(await target());
const run = async (expression) => {
  const result = await call("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
  if (result.exceptionDetails) {
    browser.kill();
    throw new Error(JSON.stringify(result.exceptionDetails));
  }
  return result.result.value;
};
while (!(await run("document.title === 'vectors' && !!navigator.credentials")))
  await new Promise((done) => setTimeout(done, 100));
await call("WebAuthn.enable");
const { authenticatorId } = await call("WebAuthn.addVirtualAuthenticator", { options: { protocol: "ctap2",
  transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
  defaultBackupEligibility: true, defaultBackupState: true } });
const b64 = `const b64 = (b) => btoa(String.fromCharCode(...new Uint8Array(b)));
  const un = (s) => Uint8Array.from(atob(s), (c) => c.charCodeAt(0));`;
const cases = [];
for (const [name, algorithm, attestation] of [["es256 none", -7, "none"], ["es256 packed", -7, "direct"],
  ["rs256 none", -257, "none"]]) {
  const challenge = randomBytes(32).toString("base64");
  const challenge2 = randomBytes(32).toString("base64");
  const made = await run(`(async () => { ${b64}
    const c = await navigator.credentials.create({ publicKey: { challenge: un("${challenge}"),
      rp: { id: "localhost", name: "vectors" }, user: { id: un("AAECAw=="), name: "hanako", displayName: "花子" },
      pubKeyCredParams: [{ type: "public-key", alg: ${algorithm} }], attestation: "${attestation}",
      authenticatorSelection: { residentKey: "required", userVerification: "required" } } });
    const g = await navigator.credentials.get({ publicKey: { challenge: un("${challenge2}"), rpId: "localhost",
      userVerification: "required", allowCredentials: [{ type: "public-key", id: c.rawId }] } });
    return { name: "${name}", algorithm: ${algorithm}, challenge: "${challenge}", id: b64(c.rawId),
      clientDataJSON: b64(c.response.clientDataJSON), attestationObject: b64(c.response.attestationObject),
      publicKey: b64(c.response.getPublicKey()), assertion: { challenge: "${challenge2}",
      clientDataJSON: b64(g.response.clientDataJSON), authenticatorData: b64(g.response.authenticatorData),
      signature: b64(g.response.signature) } }; })()`);
  cases.push(made);
}
await call("WebAuthn.removeVirtualAuthenticator", { authenticatorId });
await call("WebAuthn.addVirtualAuthenticator", { options: { protocol: "ctap2", transport: "internal",
  hasResidentKey: false, hasUserVerification: false } });
const unverified = randomBytes(32).toString("base64");
cases.push(await run(`(async () => { ${b64}
  const c = await navigator.credentials.create({ publicKey: { challenge: un("${unverified}"),
    rp: { id: "localhost", name: "vectors" }, user: { id: un("AAECAw=="), name: "hanako", displayName: "花子" },
    pubKeyCredParams: [{ type: "public-key", alg: -7 }], attestation: "none",
    authenticatorSelection: { residentKey: "discouraged", userVerification: "discouraged" } } });
  return { name: "not verified", algorithm: -7, challenge: "${unverified}", id: b64(c.rawId),
    clientDataJSON: b64(c.response.clientDataJSON), attestationObject: b64(c.response.attestationObject),
    publicKey: b64(c.response.getPublicKey()) }; })()`));
console.log(JSON.stringify({ origin: "http://localhost:18080", cases }, null, 1));
browser.kill();
page.close();
setTimeout(() => { rmSync(profile, { recursive: true, force: true }); process.exit(0); }, 500);
