// The transcript by keys: one stop for Tab, up and down go from turn to turn, left and right from word to word; with
// Shift they mark words, and Enter plays.
import { element } from "./elements.js";
import { areOn } from "./keys.js";
import { reveal, room } from "./room.js";
import { hearBetween, highlight, rangeIn, reader, spokenAt, startAt } from "./timed.js";

let stop = null; // the turn that Tab leads to
let pointed = false; // the focus came by mouse or touch, so that the arrow keys keep their usual function
let word = null; // the current word: { p, from, to }
let anchor = null; // where the selection of words began

const said = element("div", "vb-live");
said.setAttribute("aria-live", "polite");

const controls = (turn) => turn.querySelectorAll(".vb-who button");
const settle = (turn) => {
  if (stop) for (const each of [stop, ...controls(stop)]) each.tabIndex = -1;
  stop = turn;
  if (turn) for (const each of [turn, ...controls(turn)]) each.tabIndex = 0;
};
const beside = (turn, by) => {
  let next = turn;
  do next = by > 0 ? next.nextElementSibling : next.previousElementSibling;
  while (next?.hidden);
  return next;
};
const unmark = () => {
  if (anchor) getSelection().removeAllRanges();
  anchor = null;
};
const leave = () => {
  unmark();
  word = null;
  highlight("vb-word", []);
};
const go = (turn) => {
  leave();
  pointed = false;
  settle(turn);
  turn.focus({ preventScroll: true });
  reveal(turn.getBoundingClientRect());
};

// -- words

let segmenter = null;
try {
  segmenter = new Intl.Segmenter(reader?.querySelector(".vb-transcript").lang || undefined, { granularity: "word" });
} catch {
  // an unknown language, or an old browser: split at spaces
}
const known = new WeakMap();
const wordsIn = (p) => {
  if (!known.has(p)) {
    const text = p.textContent;
    const found = segmenter
      ? [...segmenter.segment(text)].filter((each) => each.isWordLike).map(({ index, segment }) => [index, segment])
      : [...text.matchAll(/\S+/g)].map(({ index, 0: segment }) => [index, segment]);
    known.set(p, found.map(([index, segment]) => ({ p, from: index, to: index + segment.length })));
  }
  return known.get(p);
};
const wordsOf = (turn) => [...turn.querySelectorAll(".vb-par p[data-c]")].flatMap(wordsIn);
// While sound plays, start at the spoken word.
const firstIn = (turn, by) => {
  const words = wordsOf(turn);
  const { at, isHeard } = window.verbatim;
  const spoken = isHeard(reader.dataset.audio) && at() > 0 ? spokenAt(at()) : null;
  const heard = spoken && words.find((each) => each.p === spoken.p && each.to > spoken.from);
  return heard ?? words.at(by > 0 ? 0 : -1);
};
const nextTo = (from, by) => {
  let turn = from.p.closest(".vb-turn");
  const words = wordsOf(turn);
  const place = words.findIndex((each) => each.p === from.p && each.from === from.from) + by;
  if (words[place]) return words[place];
  do turn = beside(turn, by);
  while (turn && !(turn.querySelector(".vb-par:not([hidden])") && wordsOf(turn).length));
  return turn && wordsOf(turn).at(by > 0 ? 0 : -1);
};
const rangeOf = ({ p, from, to }) => rangeIn(p, from, to);
const inOrder = () => {
  const isBefore = rangeOf(anchor).compareBoundaryPoints(Range.START_TO_START, rangeOf(word)) <= 0;
  return isBefore ? [anchor, word] : [word, anchor];
};
const step = (turn, by, marks) => {
  const next = word ? nextTo(word, by) : firstIn(turn, by);
  if (!next) return;
  if (marks) anchor ??= word ?? next;
  else unmark();
  word = next;
  const now = word.p.closest(".vb-turn");
  if (now !== turn) {
    settle(now);
    now.focus({ preventScroll: true });
  }
  highlight("vb-word", [rangeOf(word)]);
  if (marks) {
    const [first, last] = inOrder().map(rangeOf);
    getSelection().setBaseAndExtent(first.startContainer, first.startOffset, last.endContainer, last.endOffset);
  }
  said.textContent = word.p.textContent.slice(word.from, word.to);
  reveal(rangeOf(word).getBoundingClientRect());
};

// -- playing

const hear = (turn) => {
  if (anchor) {
    const [first, last] = inOrder();
    return hearBetween([first.p, first.from], [last.p, last.to]);
  }
  const seconds = word ? startAt(word.p, word.from) : Number.parseFloat(turn.querySelector("[data-at]")?.dataset.at);
  if (seconds >= 0) reader.dispatchEvent(new CustomEvent("verbatim:hear", { detail: seconds }));
};

const spokenTurn = () => {
  const { at, isHeard } = window.verbatim;
  return isHeard(reader.dataset.audio) && at() > 0 ? spokenAt(at())?.p.closest(".vb-turn") : null;
};
const seenTurn = () => {
  const { top, bottom } = room();
  const boxes = [...reader.querySelectorAll(".vb-turn:not([hidden])")];
  const isSeen = (box) => box.bottom > top && box.top < bottom;
  return boxes.find((turn) => isSeen(turn.getBoundingClientRect()));
};

const acts = {
  ArrowDown(turn) {
    const next = beside(turn, 1);
    // In a turn higher than the screen, scroll to its end first.
    if (!next || turn.getBoundingClientRect().bottom > room().bottom + 1) return false;
    go(next);
  },
  ArrowUp(turn) {
    const next = beside(turn, -1);
    if (!next || turn.getBoundingClientRect().top < room().top - 40) return false;
    go(next);
  },
  ArrowRight: (turn, marks) => step(turn, 1, marks),
  ArrowLeft: (turn, marks) => step(turn, -1, marks),
  Enter: hear,
  Escape: leave,
};
const LETTERS = {
  c: (turn) => turn.querySelector(".vb-correct")?.click(),
  // The first tool of the selection, or the button over the transcript.
  q: () => document.querySelector(".vb-marking:not([hidden]) button")?.click(),
};

if (reader) {
  reader.append(said);
  settle(reader.querySelector(".vb-turn"));
  reader.addEventListener("focusin", ({ target }) => {
    const turn = target.closest(".vb-turn");
    if (turn && turn !== stop) settle(turn);
  });
  reader.addEventListener("verbatim:renewed", () => {
    if (!stop?.isConnected) settle(reader.querySelector(".vb-turn"));
    leave();
  });
  document.addEventListener("pointerdown", () => (pointed = true), true);
  document.addEventListener("keydown", (event) => event.key === "Tab" && (pointed = false), true);
  document.addEventListener("click", (event) => {
    if (event.detail === 0) pointed = false; // activated by a key
    if (!event.target.closest?.('.vb-player-title[href="#now"]')) return;
    event.preventDefault();
    document.getElementById("follow")?.setAttribute("aria-pressed", "true");
    go(spokenTurn() ?? stop);
  });
  reader.addEventListener("keydown", (event) => {
    const turn = event.target.closest(".vb-turn");
    if (!turn || pointed || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("form")) return;
    const act = acts[event.key] ?? (areOn() && LETTERS[event.key]);
    const isTurns = event.target === turn || event.key === "ArrowUp" || event.key === "ArrowDown";
    if (!act || !isTurns || act(turn, event.shiftKey) === false) return;
    document.getElementById("follow")?.setAttribute("aria-pressed", String(event.key === "Enter" && !anchor));
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    const free = !event.target.closest?.("input, textarea, select, dialog") && !event.defaultPrevented;
    if (event.key !== "t" || !free || !areOn() || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    go(spokenTurn() ?? seenTurn() ?? stop);
  });
}
