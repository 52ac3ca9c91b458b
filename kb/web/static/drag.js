// Drag and drop to order rows, with a mouse, a pen or a finger: a line shows the new place.
const EDGE = 80; // pixels from the window's edge, within which the page scrolls
const STEP = 14;
let dragged = null; // { row, rows, target, frame, y }

const clear = () => {
  for (const row of dragged.rows) row.classList.remove("vb-drop-before", "vb-drop-after");
};
const look = () => {
  const others = dragged.rows.filter((row) => row !== dragged.row);
  const before = others.find((row) => {
    const box = row.getBoundingClientRect();
    return dragged.y < box.top + box.height / 2;
  });
  clear();
  dragged.target = before ?? null;
  if (before) before.classList.add("vb-drop-before");
  else others.at(-1)?.classList.add("vb-drop-after");
};
const scroll = () => {
  const step = dragged.y < EDGE ? -STEP : dragged.y > innerHeight - EDGE ? STEP : 0;
  if (step) {
    scrollBy({ top: step, behavior: "instant" });
    look();
  }
  dragged.frame = requestAnimationFrame(scroll);
};
const end = () => {
  cancelAnimationFrame(dragged.frame);
  clear();
  dragged.row.classList.remove("vb-dragged");
  dragged = null;
};

// The new place among all rows, also hidden ones: just before `target`, or just after the last one.
const placeOf = ({ row, rows, target }) => {
  const own = Number(row.dataset.place);
  const beside = target ?? rows.filter((each) => each !== row).at(-1);
  if (!beside) return own;
  const place = Number(beside.dataset.place) + (target ? 0 : 1);
  return place > own ? place - 1 : place; // its old place is removed
};

// `drop(row, place)` moves a row to a place, from 1; rows are the elements with a place.
export const draggable = (drop) => {
  document.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest?.("[data-drag]");
    if (!handle || event.button || dragged) return;
    event.preventDefault();
    handle.focus({ preventScroll: true });
    handle.setPointerCapture(event.pointerId);
    const row = handle.closest("[data-place]");
    const rows = [...row.parentElement.querySelectorAll(":scope > [data-place]")];
    dragged = { row, rows, target: null, moved: false, y: event.clientY };
    row.classList.add("vb-dragged");
    dragged.frame = requestAnimationFrame(scroll);
  });
  document.addEventListener("pointermove", (event) => {
    if (!dragged) return;
    dragged.y = event.clientY;
    dragged.moved = true;
    look();
  });
  document.addEventListener("pointerup", () => {
    if (!dragged) return;
    const { row, moved } = dragged;
    const place = placeOf(dragged);
    end();
    if (moved && place !== Number(row.dataset.place)) drop(row, place);
  });
  document.addEventListener("pointercancel", () => dragged && end());
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && dragged) end();
  });
};
