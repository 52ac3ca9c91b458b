// Updates the reader's page from the server without a reload: unchanged parts are not touched, so that the sound plays
// on, and open parts, typed text, selection and scroll position stay.
import { page } from "./api.js";
import { reader, take } from "./timed.js";

const numbered = / data-c="\d+"/g; // offsets that a correction further up changes
const keyOf = (turn) =>
  [
    turn.dataset.speaker,
    turn.querySelector(".vb-at")?.textContent,
    ...[...turn.querySelectorAll(".vb-par")].map((par) => par.innerHTML.replace(numbered, "")),
  ].join("\n");

const renumber = (turn, next) => {
  turn.id = next.id;
  turn.dataset.turn = next.dataset.turn;
  const places = next.querySelectorAll("p[data-c]");
  turn.querySelectorAll("p[data-c]").forEach((p, n) => (p.dataset.c = places[n].dataset.c));
};

// Returns, for each removed turn, the one in its place.
const renewTurns = (now, next) => {
  const old = [...now.children];
  const made = [...next.children];
  const [was, is] = [old.map(keyOf), made.map(keyOf)];
  const most = Math.min(old.length, made.length);
  let first = 0;
  while (first < most && was[first] === is[first]) first += 1;
  let rest = 0;
  while (rest < most - first && was.at(-1 - rest) === is.at(-1 - rest)) rest += 1;
  for (let n = 0; n < first; n += 1) renumber(old[n], made[n]);
  for (let n = 1; n <= rest; n += 1) renumber(old.at(-n), made.at(-n));
  const gone = old.slice(first, old.length - rest);
  const come = made.slice(first, made.length - rest);
  const before = old[old.length - rest] ?? null;
  for (const turn of come) now.insertBefore(turn, before);
  for (const turn of gone) turn.remove();
  return new Map(gone.map((turn, n) => [turn, come[Math.min(n, come.length - 1)] ?? before ?? old[first - 1]]));
};

const renewPanels = (next) => {
  const known = new Map([...reader.querySelectorAll(".vb-panel")].map((panel) => [panel.dataset.panel, panel]));
  const tools = reader.querySelector(".vb-tools");
  for (const panel of next.querySelectorAll(".vb-panel")) {
    const old = known.get(panel.dataset.panel);
    if (!old) tools.before(panel);
    else if (![...old.querySelectorAll("input")].some((input) => input.value !== input.defaultValue)) {
      panel.open = old.open;
      old.replaceWith(panel);
    }
  }
};

const withoutQuote = () => {
  const url = new URL(location.href);
  for (const name of ["quote", "revision"]) url.searchParams.delete(name); // they name an older revision
  return url;
};

// Loads the page again and keeps `anchor` at its place on the screen.
export const renew = async (anchor = null) => {
  const address = withoutQuote();
  const next = (await page(address)).querySelector(".vb-reader");
  const top = anchor?.getBoundingClientRect().top;
  history.replaceState(history.state, "", address);
  reader.dataset.revision = next.dataset.revision;
  const replaced = renewTurns(reader.querySelector(".vb-transcript"), next.querySelector(".vb-transcript"));
  renewPanels(next);
  take();
  reader.dispatchEvent(new CustomEvent("verbatim:renewed", { detail: replaced }));
  const kept = replaced.get(anchor) ?? anchor;
  if (kept) scrollBy({ top: kept.getBoundingClientRect().top - top, behavior: "instant" });
  return replaced;
};
