// On every page, one sentence says that the server is slow or away; then the page waits for it.
import { element } from "./elements.js";
import { phrase } from "./phrases.js";

const AWAY = phrase(
  "Verbatim does not answer. Is it still running? Your question and your text are safe; this page tries again.",
);
const SLOW = phrase("Verbatim is slow just now. Please wait.");
const EVERY = 1000;

const line = element("p", "vb-away");
line.setAttribute("role", "alert");
line.hidden = true;
document.body.prepend(line);
let back = null; // a promise while the server is away

const say = (text) => {
  line.hidden = !text;
  if (line.textContent !== text) line.textContent = text;
};

const answers = async () => {
  try {
    return (await fetch("/vb/style.css", { method: "HEAD", cache: "no-store" })).ok;
  } catch {
    return false;
  }
};

const waited = async () => {
  while (!(await answers())) {
    say(AWAY);
    await new Promise((done) => setTimeout(done, EVERY));
  }
  say("");
};

// Resolves when the server answers.
export const whenBack = () => (back ??= waited().finally(() => (back = null)));

// Shows that the server is slow or away, until the returned function is called.
export const waiting = (patience = 5000) => {
  let over = false;
  const timer = setTimeout(async () => {
    await whenBack();
    if (!over) say(SLOW);
  }, patience);
  return () => {
    over = true;
    clearTimeout(timer);
    if (!back) say("");
  };
};
