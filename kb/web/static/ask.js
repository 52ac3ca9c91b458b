// The address of the Ask page is its state: questions, filters and examples change it, back and forward show it again.
import { waiting as patience } from "./away.js";
import "./filters.js";
import { phrase } from "./phrases.js";
import { cameBack, remember, restore } from "./place.js";
import "./stream.js";

const box = () => document.querySelector("#question textarea, #question input");

// Questions that were sent and are not answered yet.
let waiting = 0;
let firstNew = 0; // the number of the first quote that "Show more quotes" brings
let isBack = cameBack(); // whether the next answer was seen before, so that its scroll position is restored

// -- an answer to an earlier question is dimmed at once; the address has the present question

const answer = () => document.querySelector("#answer [data-for]");
const fresh = () => answer()?.dataset.for === location.search;
// The server says first what it searches.
const answered = () => fresh() && !answer().querySelector(".vb-searching");
const searching = document.createElement("p");
searching.className = "vb-searching";
searching.setAttribute("role", "status");
searching.textContent = phrase("Searching…");
let over = null;
const begin = () => {
  document.body.classList.add("vb-asking");
  const block = document.getElementById("answer");
  if (block && searching.parentElement !== block.parentElement) block.before(searching);
  const summary = document.getElementById("summary");
  if (summary) summary.hidden = true;
  over ??= patience();
};
const look = () => {
  if (!fresh()) return begin();
  document.body.classList.remove("vb-asking");
  searching.remove();
  if (!answered()) return;
  over?.();
  over = null;
};
new MutationObserver((changes) => {
  const within = (id) => changes.some(({ target }) => target.closest?.(id));
  if (answer() && within("#answer")) look();
  if (within("#summary")) document.getElementById("summary").hidden = false;
}).observe(document.body, { childList: true, subtree: true, attributeFilter: ["data-for"] });
addEventListener("verbatim:lost", () => {
  if (!document.querySelector("#welcome section")) dispatchEvent(new Event("verbatim:fill"));
  if (answered()) return;
  waiting = 0;
  press();
});

// An event of the answer's gr.HTML, which makes Gradio ask the question of the address.
const press = () => dispatchEvent(new Event("verbatim:ask"));
const go = (address) => {
  remember();
  isBack = false;
  history.pushState(null, "", address);
  press();
};
// Only a clicked question, or one reached by "back", is written into the box, so that typing is not disturbed.
const write = () => {
  const input = box();
  if (!input) return;
  input.value = new URLSearchParams(location.search).get("q") ?? "";
  input.dispatchEvent(new Event("input", { bubbles: true }));
};
// The typed question, as a follow-up of the answered one, with the filters of the address.
export const submit = () => {
  const told = new URLSearchParams(location.search);
  // Before the answer arrives, only the address has the question.
  const read = fresh() ? document.querySelector(".vb-result")?.dataset.read : null;
  const before = read ?? told.get("q") ?? "";
  const question = box().value.trim();
  if (told.get("q") !== question) {
    told.delete("after");
    if (before && question) told.set("after", before);
  }
  told.delete("q");
  told.delete("quotes");
  const parts = new URLSearchParams(question ? { q: question } : {});
  for (const [name, value] of told) parts.append(name, value);
  const address = String(parts) ? `/?${parts}` : "/";
  if (address !== location.pathname + location.search) {
    remember();
    isBack = false;
    history.pushState(null, "", address);
  }
  return ask();
};
// The question of the address.
export const ask = () => {
  waiting += 1;
  if (!fresh() && (answer() || new URLSearchParams(location.search).has("q"))) begin();
  return [location.search];
};
// The question of the address after loading, unless the user types already.
export const arrive = () => {
  if (box() && !box().value) write();
  return ask();
};
// Answers to quick questions may arrive in another order: then ask the question of the address again.
// A question that followed nothing needs no predecessor in its address.
export const settle = () => {
  waiting = Math.max(0, waiting - 1);
  if (waiting > 0) return []; // another answer is on its way
  const shown = answer();
  if (shown && shown.dataset.for !== location.search) {
    press();
    return [];
  }
  // Keyboard users continue where the link was.
  const quote = firstNew && document.getElementById(`quote-${firstNew}`);
  firstNew = 0;
  if (quote) {
    quote.tabIndex = -1;
    quote.focus({ preventScroll: true });
  }
  if (isBack && shown) restore();
  isBack = false;
  const told = new URLSearchParams(location.search);
  if (!told.has("after") || !document.querySelector(".vb-result") || document.querySelector(".vb-read-as")) return [];
  told.delete("after");
  history.replaceState(null, "", `/?${told}`);
  shown.dataset.for = location.search;
  return [];
};
// Examples are in English on every page. Gradio cannot say so, and makes their element when there are some.
new MutationObserver(() => {
  const examples = document.getElementById("examples");
  if (examples && !examples.lang) examples.lang = "en";
}).observe(document.documentElement, { childList: true, subtree: true });
// A clicked example is asked without the question before.
export const example = (index) => {
  const text = document.querySelectorAll("#examples button")[index]?.textContent.trim();
  if (text) go(`/?${new URLSearchParams({ q: text })}`);
  write();
  return [];
};
// For Gradio, which calls these by name.
export const loaded = () => [];
window.verbatimAsk = { submit, ask, arrive, settle, example, loaded };

addEventListener("popstate", () => {
  isBack = true;
  write();
  press();
});
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-ask]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if ("more" in link.dataset) firstNew = document.querySelectorAll("#answer article").length + 1;
  go(link.getAttribute("href"));
  write();
});
addEventListener("verbatim:go", ({ detail }) => go(detail));
