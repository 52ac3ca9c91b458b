// A transcript's words and their times. Words are not elements: their places are offsets into a paragraph's text, and
// highlights are ranges (CSS Custom Highlight API), so that three hours of transcript stay as light as a plain page.
export const reader = document.querySelector(".vb-reader");

export const paragraphs = [];
export const spans = []; // every timed span: { p, from, to, start, end }, in the order of the text
let inTime = []; // in the order of time, which differs where speakers interrupt

// Reads the transcript from the page.
export const take = () => {
  paragraphs.splice(0, Infinity, ...reader.querySelectorAll("p[data-c]"));
  spans.length = 0;
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
  inTime = [...spans].sort((a, b) => a.start - b.start);
};

export const nodesOf = (p) => {
  const walker = document.createTreeWalker(p, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  return nodes;
};
export const rangeIn = (p, from, to) => {
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
export const offsetIn = (p, node, offset) => {
  let before = 0;
  for (const each of nodesOf(p)) {
    if (each === node) return before + offset;
    before += each.length;
  }
  return before;
};
export const highlight = (name, ranges) => {
  if (CSS.highlights) CSS.highlights.set(name, new Highlight(...ranges));
};

export const spokenAt = (seconds) => {
  let low = 0;
  let high = inTime.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (inTime[middle].start <= seconds + 0.005) low = middle + 1;
    else high = middle;
  }
  return inTime[low - 1] ?? null;
};

// When the character at an offset is said; inside a caption, interpolated by characters.
const momentIn = (span, offset) => {
  const share = Math.min(1, Math.max(0, (offset - span.from) / (span.to - span.from)));
  return span.start + share * (span.end - span.start);
};
const isSeveral = (span) => span.p.textContent.slice(span.from, span.to).includes(" ");

// The start time of the word at an offset.
export const startAt = (p, offset) => {
  const span = spans.findLast((each) => each.p === p && each.from <= offset) ?? spans.find((each) => each.p === p);
  if (!span) return null;
  return isSeveral(span) ? momentIn(span, offset) : span.start;
};
// The end time of the words before an offset.
const endAt = (p, offset) => {
  const span = spans.findLast((each) => each.p === p && each.from < offset);
  if (!span) return null;
  return isSeveral(span) && offset < span.to ? momentIn(span, offset) : span.end;
};

// Plays the sound between two places of the text.
export const hearBetween = (from, to) => {
  const { load, playFrom } = window.verbatim;
  const begin = startAt(...from);
  if (begin === null || !reader.dataset.audio) return;
  load(reader.dataset.audio, reader.dataset.title, reader.dataset.note);
  playFrom(begin, endAt(...to));
};

if (reader) take();
