// Keeps the page in step with the readers; without it the forms work too.
"use strict";

const texts = document.getElementById("texts").dataset;
const errors = document.getElementById("errors").content;
const message = document.getElementById("message");

function say(code) {
  message.textContent = "";
  if (!code) return;
  const found = errors.querySelector(`[data-code="${CSS.escape(code)}"]`);
  const paragraph = document.createElement("p");
  paragraph.textContent = found ? found.textContent : texts.otherError;
  message.append(paragraph);
}

async function ask(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (response.status === 204) return null;
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.code || "");
  return answer;
}

async function act(button, path, body) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  const label = button.textContent;
  const later = setTimeout(() => { button.textContent = texts.working; }, 400);
  say("");
  try {
    await ask(path, body);
  } catch (error) {
    say(error.message || "unknown");
  }
  clearTimeout(later);
  button.textContent = label;
  button.removeAttribute("aria-busy");
  await refresh();
}

function show(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

function showTries(article, name, tries) {
  const element = article.querySelector(`[data-tries="${name}"]`);
  if (!element) return;
  show(element, tries === undefined ? texts.fresh : tries === 0 ? texts.locked : texts.tries.replace("#", tries));
  element.toggleAttribute("data-low", tries !== undefined && tries < 2);
}

async function refresh() {
  let state;
  try {
    state = await (await fetch("/api/state")).json();
  } catch {
    return;
  }
  const names = new Map(state.cards.map((card) => [card.id, card.name]));
  const inside = new Set();
  for (const slot of state.slots) {
    const section = document.querySelector(`[data-slot="${slot.slot}"]`);
    section.toggleAttribute("data-inside", Boolean(slot.card));
    show(section.querySelector(".who"), slot.card ? names.get(slot.card) || "" : "");
    show(section.querySelector(".what"), slot.card ? (slot.connected ? texts.ready : texts.waiting) : texts.empty);
    if (slot.card) inside.add(slot.card);
  }
  let unknown = false;
  for (const card of state.cards) {
    const article = document.getElementById(`card-${card.id}`);
    if (!article) {
      unknown = true;
      continue;
    }
    article.toggleAttribute("data-inside", inside.has(card.id));
    show(article.querySelector(".state"), inside.has(card.id) ? texts.ready : "");
    showTries(article, "user", card.tries?.user);
    showTries(article, "signature", card.tries?.signature);
  }
  // A card was issued since the page was made: its picture comes from the server.
  if (unknown && !document.activeElement?.matches("input")) location.reload();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.id === "search") return;
  event.preventDefault();
  const button = event.submitter || form.querySelector("button");
  const card = form.elements.card.value;
  const slot = Number(form.elements.slot.value);
  if (button.value === "insert") act(button, "/api/insert", { card, slot });
  if (button.value === "pull") act(button, "/api/pull", { slot });
  if (button.value === "restore") act(button, "/api/restore", { card });
});

const search = document.getElementById("search");
if (search) {
  search.addEventListener("submit", async (event) => {
    event.preventDefault();
    const list = document.getElementById("found");
    const state = document.getElementById("found-state");
    list.textContent = "";
    say("");
    let found;
    try {
      found = await ask("/api/search", { text: search.elements.text.value });
    } catch (error) {
      say(error.message || "unknown");
      return;
    }
    state.textContent = found.items.length === 0 ? texts.notFound : "";
    for (const person of found.items) {
      const item = document.createElement("li");
      const name = document.createElement("span");
      name.lang = "ja";
      name.textContent = `${person.name}（${person.kana}） ${person.birthDate} ${person.address}`;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "quiet";
      button.textContent = texts.insert;
      button.addEventListener("click", () => act(button, "/api/insert-holder", { holderId: person.holderId, slot: 0 }));
      item.append(name, button);
      list.append(item);
    }
  });
}

setInterval(refresh, 1000);
refresh();
