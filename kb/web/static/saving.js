// "Save" is one click into the collection that was last saved into; "Change" picks another one.
import { call, part, Refused } from "./api.js";
import { button, element, labelled } from "./elements.js";
import { author } from "./names.js";
import { phrase } from "./phrases.js";
import { inBrowser } from "./storage.js";
import { attempt, tell } from "./told.js";

const LAST = "vb-collection";
const dialog = element("dialog", "vb-dialog");
dialog.setAttribute("aria-label", phrase("Choose a collection"));
const form = element("form", "vb-form");
const input = document.createElement("input");
input.name = "name";
input.required = true;
input.maxLength = 80;
input.setAttribute("list", "vb-collections");
const list = document.createElement("datalist");
list.id = "vb-collections";
const told = element("p", "vb-problem");
told.setAttribute("role", "alert");
form.append(
  told,
  labelled(phrase("Save in"), input),
  list,
  button(phrase("Save"), "vb-button"),
  button(phrase("Cancel"), "vb-button vb-quiet", () => dialog.close()),
);
dialog.append(form);
document.body.append(dialog);
// The name becomes a part of an address, which the server could not tell from another one.
const check = () => {
  const isOne = /\/|^\s*\.+\s*$/.test(input.value);
  input.setCustomValidity(isOne ? phrase("A collection’s name has no slash in it and is more than dots.") : "");
};
input.addEventListener("input", check);
let picked = null; // called with the name picked in the dialog

const pick = async (problem = "") => {
  const names = (await call("GET", "/api/collections")).map((each) => each.name);
  list.replaceChildren(...names.map((name) => Object.assign(document.createElement("option"), { value: name })));
  const last = inBrowser.get(LAST);
  input.value = problem ? "" : names.includes(last) ? last : (names[0] ?? "");
  check();
  told.textContent = problem;
  told.hidden = !problem;
  dialog.showModal();
  input.select();
  return new Promise((resolve) => {
    picked = resolve;
  });
};
form.addEventListener("submit", (event) => {
  event.preventDefault();
  dialog.close();
  picked(input.value.trim());
});

const save = async (id, name) => {
  const { saved } = await call("POST", `/api/collections/${part(name)}/quotes`, { id });
  inBrowser.set(LAST, name);
  return saved;
};
// Resolves with the collection, and whether it is new there; it may differ if the first belongs to somebody else.
const saveAt = async (id, name) => {
  try {
    return [name, await save(id, name)];
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 403) throw error;
    return saveAt(id, await pick(error.message));
  }
};
// A collection's own page shows the new row.
const announce = (id, ...names) => document.dispatchEvent(new CustomEvent("verbatim:saved", { detail: { id, names } }));
// Shows where it is saved, with buttons for another collection and to open this one.
const mark = (pressed, name, isNew) => {
  pressed.textContent = pressed.title = phrase("✓ Saved in %(name)s", { name });
  pressed.parentElement.querySelectorAll(".vb-after-saving").forEach((each) => each.remove());
  const open = element("a", "vb-tiny vb-after-saving", phrase("Open"));
  open.href = `/collections/${part(name)}`;
  const choose = () => attempt(() => another(pressed, name, isNew));
  const change = button(phrase("Change"), "vb-tiny vb-after-saving", choose);
  pressed.after(change, open);
  pressed.dataset.in = name;
};
// A quote that was in a collection before stays there.
const another = async (pressed, from, wasNew) => {
  const wanted = await pick();
  if (wanted === from) return;
  const [name, isNew] = await saveAt(pressed.dataset.save, wanted);
  if (name === from) return;
  if (wasNew) await call("DELETE", `/api/collections/${part(from)}/quotes/${part(pressed.dataset.save)}`);
  mark(pressed, name, isNew);
  tell(phrase("Saved in “%(name)s” instead.", { name }));
  announce(pressed.dataset.save, from, name);
};

// Saves what a button names in data-save.
export const savePressed = (pressed) =>
  attempt(async () => {
    const last = inBrowser.get(LAST);
    const known = last && (await call("GET", "/api/collections")).some((each) => each.name === last);
    const [name, isNew] = await saveAt(pressed.dataset.save, known ? last : await pick());
    mark(pressed, name, isNew);
    tell(isNew ? phrase("Saved in “%(name)s”.", { name }) : phrase("It is in “%(name)s” already.", { name }));
    if (isNew) announce(pressed.dataset.save, name);
  });
document.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-save]");
  if (pressed && !pressed.dataset.in) savePressed(pressed);
});

// -- "Heard": one click records that the quote was compared with the sound; the name is asked for once

const showHeard = (pressed, status) => {
  const heard = status === "heard";
  pressed.setAttribute("aria-pressed", String(heard));
  pressed.textContent = heard ? phrase("Heard ✓") : phrase("Heard");
};
document.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-heard]");
  if (!pressed || pressed.getAttribute("aria-pressed") === "true") return;
  const by = author(phrase("Your name, for the record of who has heard this quote"));
  if (!by) return;
  attempt(async () => {
    const found = await call("POST", `/api/ledger/${part(pressed.dataset.heard)}`, { status: "heard", by }, { once: true });
    showHeard(pressed, found.status);
    pressed.dispatchEvent(new Event("verbatim:judged", { bubbles: true }));
    const name = found.history.at(-1).by.replace(/\.$/, ""); // the phrase has the dot of "Eva R."
    tell(phrase("Heard by %(name)s.", { name }));
  });
});

// -- saved and heard quotes are marked on every card

const AT_ONCE = 50;
let asked = false;
const markAll = async () => {
  asked = false;
  const cards = [...document.querySelectorAll("[data-save]:not([data-seen])")].slice(0, AT_ONCE);
  if (!cards.length) return;
  for (const card of cards) card.dataset.seen = "";
  const query = new URLSearchParams(cards.map((card) => ["id", card.dataset.save]));
  const found = await call("GET", `/saved?${query}`).catch(() => ({}));
  for (const card of cards) {
    if (!card.isConnected) continue; // another answer has arrived meanwhile
    const { collections = [], status } = found[card.dataset.save] ?? {};
    if (collections.length && !card.dataset.in && !card.closest("[data-collection]")) mark(card, collections[0], false);
    const heard = card.parentElement.querySelector("[data-heard]");
    if (heard && status) showHeard(heard, status);
  }
  markAll();
};
const look = () => {
  if (asked || !document.querySelector("[data-save]:not([data-seen])")) return;
  asked = true;
  queueMicrotask(markAll);
};
new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
look();
