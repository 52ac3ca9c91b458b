// A place on the screen for a message, where it covers nothing that is in use: the player, the toolbar of marked words,
// what is being corrected, the field with the focus, and lines that stay at the top.
const GAP = 16;
const IN_USE = ".vb-player, .vb-marking, .vb-correcting, .vb-naming-here, .vb-tools, .vb-away";
const IN_HAND = ".vb-marking, :focus"; // what is covered last, if there is no free place

const boxOf = (element) => {
  const { top, bottom, left, right } = element.getBoundingClientRect();
  return { top, bottom, left, right, weight: element.matches(IN_HAND) ? 100 : 1 };
};
const inUse = () => {
  const focused = document.activeElement?.closest("input, textarea, select");
  const elements = new Set([...document.querySelectorAll(IN_USE), ...(focused ? [focused] : [])]);
  return [...elements].filter((each) => each.checkVisibility()).map(boxOf);
};
const covered = (top, size, boxes) =>
  boxes.reduce((sum, box) => {
    const height = Math.min(top + size.height, box.bottom) - Math.max(top, box.top);
    const width = Math.min(size.right, box.right) - Math.max(size.left, box.left);
    return sum + (height > 0 && width > 0 ? height * width * box.weight : 0);
  }, 0);

// Returns the top of a free place for `line`, the lowest first; the one that covers least if there is none.
export const freeTop = (line) => {
  const size = line.getBoundingClientRect();
  const seen = window.visualViewport; // without a phone's keyboard
  const [first, last] = [seen.offsetTop + GAP / 2, seen.offsetTop + seen.height - size.height - GAP / 2];
  const boxes = inUse();
  const beside = boxes.flatMap((box) => [box.top - size.height - GAP / 2, box.bottom + GAP / 2]);
  const tops = [last - GAP / 2, ...beside.sort((a, b) => b - a), first].filter((top) => top >= first && top <= last);
  const costs = tops.map((top) => covered(top, size, boxes));
  return tops[costs.indexOf(Math.min(...costs))] ?? last;
};
