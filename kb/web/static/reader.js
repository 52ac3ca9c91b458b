// The text that follows the voice: the spoken word lights up, a click on a word plays from it.
// Words are no elements: their places are offsets into a paragraph's text, and highlights are ranges (CSS Custom
// Highlight API), so that three hours of transcript stay as light as a plain page.
(() => {
  const reader = document.querySelector(".vb-reader");
  if (!reader) return;
  const { audio, load, seek, playFrom, copy } = window.verbatim;
  const paragraphs = [...reader.querySelectorAll("p[data-c]")];
  const spans = []; // every timed span: { p, from, to, start, end }, in the order of the text
  for (const p of paragraphs) {
    let offset = 0;
    let moment = 0;
    for (const each of p.dataset.t ? p.dataset.t.split(" ") : []) {
      const [gap, length, wait, duration] = each.split(",").map(Number);
      const span = { p, from: offset + gap, to: offset + gap + length, start: (moment + wait) / 100, end: 0 };
      span.end = span.start + duration / 100;
      spans.push(span);
      offset = span.to;
      moment += wait + duration;
    }
  }
  const inTime = [...spans].sort((a, b) => a.start - b.start); // text and time differ where people interrupt

  // -- places in a paragraph's text

  const nodesOf = (p) => {
    const walker = document.createTreeWalker(p, NodeFilter.SHOW_TEXT);
    const nodes = [];
    while (walker.nextNode()) nodes.push(walker.currentNode);
    return nodes;
  };
  const rangeIn = (p, from, to) => {
    const range = new Range();
    let offset = 0;
    let begun = false;
    for (const node of nodesOf(p)) {
      const end = offset + node.length;
      if (!begun && from < end) {
        range.setStart(node, from - offset);
        begun = true;
      }
      if (begun && to <= end) {
        range.setEnd(node, to - offset);
        break;
      }
      offset = end;
    }
    return range;
  };
  const offsetIn = (p, node, offset) => {
    let before = 0;
    for (const each of nodesOf(p)) {
      if (each === node) return before + offset;
      before += each.length;
    }
    return before;
  };
  const highlight = (name, ranges) => {
    if (CSS.highlights) CSS.highlights.set(name, new Highlight(...ranges));
  };
  window.verbatimText = { paragraphs, rangeIn, highlight };

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
  const spokenAt = (seconds) => {
    let low = 0;
    let high = inTime.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (inTime[middle].start <= seconds + 0.005) low = middle + 1;
      else high = middle;
    }
    return inTime[low - 1] ?? null;
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
    const offset = offsetIn(p, node, caret?.offset ?? old.startOffset);
    const span = spans.findLast((each) => each.p === p && each.from <= offset) ?? spans.find((each) => each.p === p);
    // Within a caption, by the share of its letters.
    const share = Math.min(1, Math.max(0, (offset - span.from) / (span.to - span.from)));
    const several = p.textContent.slice(span.from, span.to).includes(" ");
    return several ? span.start + share * (span.end - span.start) : span.start;
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

  // -- marked words have an address of their own

  const quoteThis = document.getElementById("quote-this");
  const placeOf = (node, offset) => {
    const p = (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest?.("p[data-c]");
    if (!p) return null;
    const units = node.nodeType === Node.TEXT_NODE ? offsetIn(p, node, offset) : 0;
    return Number(p.dataset.c) + [...p.textContent.slice(0, units)].length; // code points, as addresses count
  };
  document.addEventListener("selectionchange", () => {
    const selection = getSelection();
    const range = selection.rangeCount && !selection.isCollapsed ? selection.getRangeAt(0) : null;
    const from = range && placeOf(range.startContainer, range.startOffset);
    const to = range && placeOf(range.endContainer, range.endOffset);
    quoteThis.hidden = !(from !== null && to > from);
    quoteThis.dataset.quote = `${reader.dataset.episode}@${reader.dataset.revision}:${from}-${to}`;
  });
  quoteThis.addEventListener("mousedown", (event) => event.preventDefault()); // which would unmark the words
  quoteThis.addEventListener("click", () => location.assign(`/marked/${encodeURIComponent(quoteThis.dataset.quote)}`));
})();
