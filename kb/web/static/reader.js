// The text follows the sound: the spoken word is highlighted, a click on a word plays from it.
import "./marking.js";
import { room } from "./room.js";
import { highlight, nodesOf, offsetIn, rangeIn, reader, spans, spokenAt, startAt } from "./timed.js";

if (reader) {
  const { at, audio, copy, goesOn, isHeard, load, playFrom, seek } = window.verbatim;
  const source = reader.dataset.audio;
  // Another episode may be playing on, from the page before.
  const isOurs = () => Boolean(source) && isHeard(source);

  // -- following

  const follow = document.getElementById("follow");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let lit = null;
  const setFollow = (on) => follow?.setAttribute("aria-pressed", String(on));
  // Scrolls to a word, unless it is visible; not to a paragraph, which may be higher than a phone's screen.
  const show = (span, always) => {
    const box = rangeIn(span.p, span.from, span.to).getBoundingClientRect();
    const { top, bottom, height } = room();
    if (!always && box.top > top && box.bottom < bottom - height / 6) return;
    scrollBy({ top: box.top - top - height / 3, behavior: calm || always ? "instant" : "smooth" });
  };
  const light = (seconds) => {
    const span = spokenAt(seconds);
    if (span === lit) return;
    if (span?.p !== lit?.p) {
      lit?.p.parentElement.classList.remove("vb-now");
      span?.p.parentElement.classList.add("vb-now");
    }
    if (span && follow?.getAttribute("aria-pressed") === "true" && isOurs() && !audio.paused) show(span);
    lit = span;
    highlight("vb-spoken", span ? [rangeIn(span.p, span.from, span.to)] : []);
  };
  const run = () => {
    if (!isOurs()) return;
    light(at());
    if (!audio.paused) requestAnimationFrame(run);
  };
  reader.addEventListener("verbatim:renewed", () => isOurs() && light(at()));
  audio.addEventListener("play", run);
  audio.addEventListener("seeked", () => isOurs() && light(at()));
  follow?.addEventListener("click", () => {
    const on = follow.getAttribute("aria-pressed") !== "true";
    setFollow(on);
    if (on && lit) show(lit, true);
  });
  // Scrolling stops following, because the user reads something else.
  for (const kind of ["wheel", "touchmove"]) addEventListener(kind, () => setFollow(false), { passive: true });
  addEventListener("keydown", (event) => {
    if (["PageUp", "PageDown", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) setFollow(false);
  });

  // -- moving

  const prepare = () => load(source, reader.dataset.title, reader.dataset.note);
  const hear = (seconds) => {
    if (!source) return;
    setFollow(true);
    prepare();
    playFrom(seconds);
  };
  reader.addEventListener("verbatim:hear", ({ detail }) => hear(detail));
  const wordAt = (event) => {
    const caret = document.caretPositionFromPoint?.(event.clientX, event.clientY);
    const old = caret ? null : document.caretRangeFromPoint?.(event.clientX, event.clientY);
    const node = caret?.offsetNode ?? old?.startContainer;
    const p = node?.parentElement?.closest("p[data-t]");
    if (!p) return null;
    return startAt(p, offsetIn(p, node, caret?.offset ?? old.startOffset));
  };
  reader.addEventListener("click", (event) => {
    const button = event.target.closest("[data-at]");
    if (button) return hear(Number(button.dataset.at));
    if (!source || event.target.closest("a, button, form, details") || String(getSelection())) return;
    const seconds = wordAt(event);
    if (seconds !== null) hear(seconds);
  });

  // The place in the address: a moment, or a quote.
  const named = () => {
    const told = new URLSearchParams(location.hash.slice(1)).get("t") ?? new URLSearchParams(location.search).get("t");
    const seconds = Number.parseFloat(told);
    if (seconds >= 0) return { seconds, span: spokenAt(seconds) };
    const quoted = document.getElementById("quoted");
    if (!quoted) return null;
    const p = quoted.closest("p");
    const offset = offsetIn(p, nodesOf(quoted)[0], 0);
    return { quoted, seconds: spans.find((span) => span.p === p && span.to > offset)?.start };
  };
  const goTo = (place, moves) => {
    if (moves && source && place.seconds !== undefined) {
      prepare();
      seek(place.seconds);
    }
    if (place.quoted && !location.hash) place.quoted.scrollIntoView({ block: "center" });
    if (!place.span) return;
    if (audio.paused || !isOurs()) light(place.seconds);
    show(place.span, true);
  };
  // A new page does not interrupt the sound: it plays on, and the text is at the place in the address.
  const arrive = () => {
    const isNew = performance.getEntriesByType("navigation")[0]?.type === "navigate";
    const place = isNew ? named() : null;
    const plays = goesOn();
    const stood = isOurs(); // in the player, before this page came
    if (source && !plays) prepare();
    if (place) {
      if (plays) setFollow(false);
      return goTo(place, !plays);
    }
    if (isOurs() && at() > 0) light(at());
    else if (!isNew && named()) goTo(named(), !plays);
    if (stood && isNew && lit && !location.hash) show(lit, true);
  };
  arrive();
  if (!audio.paused) run(); // it began to play before this script ran
  addEventListener("hashchange", () => {
    if (location.hash.includes("t=")) goTo(named(), true);
  });

  document.getElementById("moment")?.addEventListener("click", ({ currentTarget }) => {
    const url = new URL(location.pathname, location.origin);
    url.searchParams.set("t", Math.floor(isOurs() ? at() : 0));
    currentTarget.dataset.copy = url.href;
    copy(currentTarget);
  });
}
