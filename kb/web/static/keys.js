// Keyboard shortcuts of every page, and "?", which lists them. Single letters can be switched off, for speech input.
import { button, element, labelled } from "./elements.js";
import { inBrowser } from "./storage.js";

const KEPT = "verbatim-keys";
const EVERYWHERE = [
  ["Space or k", "Play or pause"],
  ["← →", "5 seconds back or forward"],
  ["j, l", "10 seconds back or forward"],
  ["p", "Go to the player"],
  ["/", "Go to the question, or search this transcript"],
  ["?", "Show these keys"],
];
const TRANSCRIPT = [
  ["t", "Go to the transcript"],
  ["↑ ↓", "One turn up or down"],
  ["← →", "One word back or forward"],
  ["Shift ← →", "Mark words"],
  ["Enter", "Play from the turn or the word, or the marked words"],
  ["q", "Quote the marked words"],
  ["c", "Correct the turn"],
  ["Ctrl+Enter", "Save the correction"],
  ["Escape", "Unmark the words, or leave a form"],
];

export const areOn = () => inBrowser.get(KEPT) !== "off";

const listed = (heading, keys) => {
  const list = element("dl");
  for (const [key, does] of keys) {
    const name = element("dt");
    name.append(element("kbd", "", key));
    list.append(name, element("dd", "", does));
  }
  return [element("h3", "", heading), list];
};
const show = () => {
  const dialog = element("dialog", "vb-dialog vb-keys");
  dialog.setAttribute("aria-label", "Keys");
  const on = element("input");
  on.type = "checkbox";
  on.checked = areOn();
  on.addEventListener("change", () => inBrowser.set(KEPT, on.checked ? "on" : "off"));
  dialog.append(element("h2", "", "Keys"), ...listed("On every page", EVERYWHERE));
  if (document.querySelector(".vb-transcript")) dialog.append(...listed("In the transcript", TRANSCRIPT));
  dialog.append(labelled("Use these single keys ", on), button("Close", "vb-button", () => dialog.close()));
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
};

const by = (seconds) => () => window.verbatim.seek(window.verbatim.at() + seconds);
const toggle = () => {
  window.verbatim.listenOn();
  window.verbatim.toggle();
};
const SOUND = {
  " ": toggle,
  k: toggle,
  j: by(-10),
  l: by(10),
  ArrowLeft: by(-5),
  ArrowRight: by(5),
  p: () => document.querySelector(".vb-player-toggle").focus(),
};
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-keys]")) show();
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest?.("input:not(.vb-player-place), textarea, select, [contenteditable]")) return;
  if (!areOn() && event.key.length === 1) return;
  if (event.key === "?") show();
  else if (event.key === "/") document.querySelector("[data-slash], #question textarea, #question input")?.focus();
  else if (SOUND[event.key] && document.querySelector(".vb-player:not([hidden])")) {
    // The space bar presses what has the focus.
    if (event.key === " " && event.target.closest?.("button, a, summary")) return;
    SOUND[event.key]();
  } else return;
  event.preventDefault();
});
