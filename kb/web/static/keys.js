// Keyboard shortcuts of every page, and "?", which lists them. Single letters can be switched off, for speech input.
import { button, element, labelled } from "./elements.js";
import { phrase } from "./phrases.js";
import { inBrowser } from "./storage.js";

const KEPT = "verbatim-keys";
const EVERYWHERE = [
  [phrase("Space or k"), phrase("Play or pause")],
  ["← →", phrase("5 seconds back or forward")],
  ["j, l", phrase("10 seconds back or forward")],
  ["p", phrase("Go to the player")],
  ["/", phrase("Go to the question, or search this transcript")],
  ["?", phrase("Show these keys")],
];
const TRANSCRIPT = [
  ["t", phrase("Go to the transcript")],
  ["↑ ↓", phrase("One turn up or down")],
  ["← →", phrase("One word back or forward")],
  [phrase("Shift ← →"), phrase("Mark words")],
  [phrase("Enter"), phrase("Play from the turn or the word, or the marked words")],
  ["q", phrase("Quote the marked words")],
  ["c", phrase("Correct the turn")],
  [phrase("Ctrl+Enter"), phrase("Save the correction")],
  [phrase("Escape"), phrase("Unmark the words, or leave a form")],
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
  dialog.setAttribute("aria-label", phrase("Keys"));
  const on = element("input");
  on.type = "checkbox";
  on.checked = areOn();
  on.addEventListener("change", () => inBrowser.set(KEPT, on.checked ? "on" : "off"));
  dialog.append(element("h2", "", phrase("Keys")), ...listed(phrase("On every page"), EVERYWHERE));
  if (document.querySelector(".vb-transcript")) dialog.append(...listed(phrase("In the transcript"), TRANSCRIPT));
  dialog.append(
    labelled(phrase("Use these single keys"), on),
    button(phrase("Close"), "vb-button", () => dialog.close()),
  );
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
