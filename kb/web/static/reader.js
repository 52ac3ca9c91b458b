// The text that follows the voice: the spoken word lights up, a click on a word plays from it.
import "./marking.js";
import { highlight, nodesOf, offsetIn, rangeIn, reader, spans, spokenAt, startAt } from "./timed.js";

if (reader) {
  const { audio, load, seek, playFrom, copy } = window.verbatim;

  // -- following

  const follow = document.getElementById("follow");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let lit = null;
  const setFollow = (on) => follow?.setAttribute("aria-pressed", String(on));
  const show = (p, always) => {
    const box = p.getBoundingClientRect();
    const comfortable = box.top > 130 && box.bottom < innerHeight - 150;
    if (always || !comfortable) p.scrollIntoView({ block: "center", behavior: calm || always ? "auto" : "smooth" });
  };
  const light = (seconds) => {
    const span = spokenAt(seconds);
    if (span === lit) return;
    if (span?.p !== lit?.p) {
      lit?.p.parentElement.classList.remove("vb-now");
      span?.p.parentElement.classList.add("vb-now");
      if (span && follow?.getAttribute("aria-pressed") === "true" && !audio.paused) show(span.p);
    }
    lit = span;
    highlight("vb-spoken", span ? [rangeIn(span.p, span.from, span.to)] : []);
  };
  const run = () => {
    light(audio.currentTime);
    if (!audio.paused) requestAnimationFrame(run);
  };
  reader.addEventListener("verbatim:renewed", () => light(audio.currentTime));
  audio.addEventListener("play", run);
  audio.addEventListener("seeked", () => light(audio.currentTime));
  follow?.addEventListener("click", () => {
    const on = follow.getAttribute("aria-pressed") !== "true";
    setFollow(on);
    if (on && lit) show(lit.p, true);
  });
  // Whoever scrolls is reading something else.
  for (const kind of ["wheel", "touchmove"]) addEventListener(kind, () => setFollow(false), { passive: true });
  addEventListener("keydown", (event) => {
    if (["PageUp", "PageDown", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) setFollow(false);
  });

  // -- moving

  const hear = (seconds) => {
    if (!reader.dataset.audio) return;
    setFollow(true);
    load(reader.dataset.audio, reader.dataset.title, reader.dataset.note);
    playFrom(seconds);
  };
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
    if (!reader.dataset.audio || event.target.closest("a, button, form, details") || String(getSelection())) return;
    const seconds = wordAt(event);
    if (seconds !== null) hear(seconds);
  });

  const goTo = () => {
    const told = new URLSearchParams(location.hash.slice(1)).get("t") ?? new URLSearchParams(location.search).get("t");
    const seconds = Number.parseFloat(told);
    if (!(seconds >= 0)) {
      const quoted = document.getElementById("quoted");
      if (quoted && !location.hash) quoted.scrollIntoView({ block: "center" });
      const p = quoted?.closest("p");
      const offset = quoted ? offsetIn(p, nodesOf(quoted)[0], 0) : 0;
      const first = quoted && spans.find((span) => span.p === p && span.to > offset);
      return first && reader.dataset.audio && seek(first.start);
    }
    if (reader.dataset.audio) seek(seconds);
    light(seconds);
    if (lit) show(lit.p, true);
  };
  if (reader.dataset.audio) load(reader.dataset.audio, reader.dataset.title, reader.dataset.note);
  goTo();
  addEventListener("hashchange", goTo);

  document.getElementById("moment")?.addEventListener("click", ({ currentTarget }) => {
    const url = new URL(location.pathname, location.origin);
    url.searchParams.set("t", Math.floor(audio.readyState ? audio.currentTime : 0));
    currentTarget.dataset.copy = url.href;
    copy(currentTarget);
  });
}
