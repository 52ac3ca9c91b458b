// Search inside a transcript: every match is marked and counted, Enter and the arrows go from one to the next.
import { phrase } from "./phrases.js";
import { highlight, paragraphs, rangeIn, reader } from "./timed.js";

const form = document.getElementById("find");
if (form && reader) {
  const words = document.getElementById("find-words");
  const count = document.getElementById("find-count");
  const MOST = 2000;
  let found = [];
  let at = -1;

  // Ignores case and accents; folding maps one character to one, so that offsets stay valid.
  const fold = (text) =>
    [...text]
      .map((c) => {
        const plain = c.normalize("NFD")[0].toLowerCase();
        return plain.length === c.length ? plain : c;
      })
      .join("");
  const folded = new Map();
  const textOf = (p) => {
    if (!folded.has(p)) folded.set(p, fold(p.textContent));
    return folded.get(p);
  };

  const show = (quietly = false) => {
    const now = found[at];
    highlight("vb-found-now", now ? [now.range] : []);
    const told = now ? phrase("%(at)s of %(all)s", { at: at + 1, all: found.length }) : phrase("Nothing found");
    count.value = words.value.trim() ? told : "";
    if (!quietly) now?.p.scrollIntoView({ block: "center" });
  };
  const search = ({ quietly = false } = {}) => {
    const wanted = fold(words.value.trim().replace(/\s+/g, " "));
    found = [];
    for (const p of wanted ? paragraphs : []) {
      const text = textOf(p);
      for (let place = text.indexOf(wanted); place >= 0 && found.length < MOST; ) {
        found.push({ p, range: rangeIn(p, place, place + wanted.length) });
        place = text.indexOf(wanted, place + wanted.length);
      }
    }
    highlight("vb-found", found.map((each) => each.range));
    at = found.length ? 0 : -1;
    show(quietly);
  };
  const step = (by) => {
    if (!found.length) return;
    document.getElementById("follow")?.setAttribute("aria-pressed", "false");
    at = (at + by + found.length) % found.length;
    show();
  };

  let timer;
  words.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => search(), 120);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    step(1);
  });
  words.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.shiftKey) {
      event.preventDefault();
      step(-1);
    } else if (event.key === "Escape") {
      words.value = "";
      search();
      words.blur();
    }
  });
  document.getElementById("find-before").addEventListener("click", () => step(-1));
  reader.addEventListener("verbatim:renewed", () => {
    if (words.value.trim()) search({ quietly: true });
  });
}
