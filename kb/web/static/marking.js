// Selecting words of a card or a transcript opens a small toolbar: Quote, Save, Copy, Play. An element with data-c
// holds a part of a transcript's text, letter for letter, from that offset on.
import { call, part } from "./api.js";
import { element } from "./elements.js";
import { phrase } from "./phrases.js";
import { savePressed } from "./saving.js";
import { hearBetween, reader, startAt } from "./timed.js";
import { tell } from "./told.js";

const bar = element("div", "vb-marking");
bar.setAttribute("role", "toolbar");
bar.setAttribute("aria-label", phrase("Marked words"));
bar.hidden = true;
const live = element("div", "vb-live");
live.setAttribute("role", "status");
document.body.append(bar, live);
let marked = null; // { address, from, to, home }

// -- the selection

// The text of an element before a place in it.
const before = (holder, node, offset) => {
  const range = new Range();
  range.selectNodeContents(holder);
  range.setEnd(node, offset);
  return range.toString();
};
const homeOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest(".vb-card, .vb-reader");
const revisionOf = (home) => {
  const { episode, revision } = home.dataset;
  return episode ? `${episode}@${revision}` : home.querySelector("[data-save]")?.dataset.save.replace(/:[^:]*$/, "");
};
const letters = (text) => [...text].length; // code points, as addresses count

const find = () => {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  const home = homeOf(range.startContainer);
  if (!home || home !== homeOf(range.endContainer)) return null;
  const holders = [...home.querySelectorAll("[data-c]")].filter((each) => range.intersectsNode(each));
  const [first, last] = [holders[0], holders.at(-1)];
  const revision = revisionOf(home);
  if (!first || !revision) return null;
  const head = first.contains(range.startContainer) ? before(first, range.startContainer, range.startOffset) : "";
  const tail = last.contains(range.endContainer)
    ? before(last, range.endContainer, range.endOffset)
    : last.textContent;
  const start = Number(first.dataset.c) + letters(head);
  const end = Number(last.dataset.c) + letters(tail);
  if (end <= start) return null;
  return { address: `${revision}:${start}-${end}`, from: [first, head.length], to: [last, tail.length], home, range };
};

// -- actions

// The quotes for the selection: whole words, one for each speaker.
const quotes = () => call("GET", `/words/${part(marked.address)}`);

const quote = () => location.assign(`/marked/${part(marked.address)}`);
const save = async (pressed) => {
  const found = await quotes();
  if (found.length > 1) {
    return tell(phrase("These words are of several speakers. “Quote” shows a quote for each; save them there."));
  }
  pressed.dataset.save = found[0].id;
  return savePressed(pressed);
};
const copy = async (pressed) => {
  pressed.dataset.copy = (await quotes()).map((each) => each.copied).join("\n");
  return window.verbatim.copy(pressed);
};
const play = async () => {
  const { from, to, home } = marked;
  document.getElementById("follow")?.setAttribute("aria-pressed", "false");
  if (home === reader) return hearBetween(from, to);
  const { audio, title, note } = home.querySelector(".vb-play").dataset;
  const found = await quotes();
  window.verbatim.load(audio, title, note);
  window.verbatim.playFrom(found[0].start, found.at(-1).end);
};
const plays = ({ home, from }) =>
  home === reader ? Boolean(reader.dataset.audio) && startAt(...from) !== null : home.querySelector(".vb-play");

const ACTIONS = [[phrase("Quote"), quote], [phrase("Save"), save], [phrase("Copy"), copy], [phrase("Play"), play]];

// -- position

const tool = ([name, act]) => {
  const made = element("button", "vb-tiny", name);
  made.type = "button";
  made.addEventListener("click", (event) => {
    event.stopPropagation(); // its quote's address is not known yet
    if (made.dataset.in) return;
    Promise.resolve(act(made)).catch((error) => tell(error.message));
  });
  return made;
};
const place = (range) => {
  bar.style.left = "0"; // where nothing presses it together
  const boxes = range.getClientRects();
  const [top, end] = [boxes[0] ?? range.getBoundingClientRect(), boxes[boxes.length - 1] ?? range.getBoundingClientRect()];
  const foot = innerHeight - (Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--vb-player-height")) || 0);
  const gap = matchMedia("(pointer: coarse)").matches ? 30 : 8; // a phone shows its selection handles there
  const isBelow = end.bottom + gap + bar.offsetHeight < foot || top.top < bar.offsetHeight + gap;
  bar.style.top = `${scrollY + (isBelow ? end.bottom + gap : top.top - gap - bar.offsetHeight)}px`;
  const furthest = document.documentElement.clientWidth - bar.offsetWidth - 8;
  bar.style.left = `${scrollX + Math.max(8, Math.min(isBelow ? end.left : top.left, furthest))}px`;
};
const hide = () => {
  bar.hidden = true;
  live.textContent = "";
};
const show = () => {
  const found = find();
  if (!found) return bar.contains(document.activeElement) ? null : hide();
  if (!bar.hidden && found.address === marked?.address) return place(found.range);
  marked = found;
  bar.replaceChildren(...ACTIONS.filter(([, act]) => act !== play || plays(found)).map(tool));
  bar.hidden = false;
  live.textContent = phrase("Words are marked. Press Tab to quote, save or copy them.");
  place(found.range);
};

let isDown = false; // while the mouse is dragged, the selection is not finished
addEventListener("pointerdown", (event) => (isDown = event.pointerType === "mouse" && !bar.contains(event.target)));
addEventListener("pointerup", () => {
  isDown = false;
  requestAnimationFrame(show);
});
document.addEventListener("selectionchange", () => {
  if (getSelection().isCollapsed && !bar.contains(document.activeElement)) hide();
  else if (!isDown) requestAnimationFrame(show);
});
new ResizeObserver(() => bar.hidden || place(marked.range)).observe(bar); // "Saved in" is longer than "Save"
// Words that go with an answer or a row unmark nothing, as far as the browser tells.
new MutationObserver(() => bar.hidden || marked.home.isConnected || hide()).observe(document.body, { childList: true, subtree: true });
bar.addEventListener("mousedown", (event) => event.preventDefault()); // which would clear the selection
addEventListener("keydown", (event) => {
  if (bar.hidden || event.defaultPrevented) return;
  const tools = [...bar.children];
  const at = tools.indexOf(document.activeElement);
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (event.key === "Escape") hide();
  else if (event.key === "Tab" && at < 0 && !event.shiftKey) tools[0].focus();
  else if (step && at >= 0) tools.at((at + step) % tools.length).focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);
