// A collection's page: order, quotes, status. Typed text stays during all of these actions.
import { call, page, part } from "./api.js";
import { draggable } from "./drag.js";
import { flush, isUnsaved, savedOf } from "./fields.js";
import { hold, mayGo } from "./leaving.js";
import "./menu.js";
import { fillNames, keepName } from "./names.js";
import { addressOf, keepNote } from "./notes.js";
import { phrase } from "./phrases.js";
import { cameBack, restore } from "./place.js";
import { tell } from "./told.js";

const shown = () => document.querySelector("[data-collection]");
const cards = () => [...shown().querySelectorAll("[data-quote]")];
const cardOf = (id) => cards().find((card) => card.dataset.quote === id);
const controls = (root) => [...root.querySelectorAll("[data-quote] :is(input, textarea, select)")];
const keyOf = (control) => `${control.closest("[data-quote]").dataset.quote} ${control.name}`;
const isNote = (control) => Boolean(control.closest("[data-notes]"));
const isTyped = (control) =>
  control.tagName === "SELECT"
    ? !control.selectedOptions[0]?.defaultSelected && [...control.options].some((option) => option.defaultSelected)
    : control.value !== control.defaultValue;
// The element in the new card that corresponds to the focused one in the old card.
const alike = (card, focused) =>
  [...card.querySelectorAll(focused.localName)].filter((each) => each.className === focused.className && each.name === focused.name);

// Load the collection again; open parts, typed text, focus and scroll position stay.
const renew = async () => {
  await flush();
  const before = new Map(controls(shown()).map((c) => [keyOf(c), savedOf(c)]));
  const next = document.adoptNode((await page(location.href)).querySelector("[data-collection]"));
  const now = shown();
  // A note may be typed, and even saved, while the page comes, which then has the older one.
  const isNewer = (c) => (isNote(c) ? isUnsaved(c) || savedOf(c) !== before.get(keyOf(c)) : isTyped(c));
  const typed = new Map(controls(now).filter(isNewer).map((c) => [keyOf(c), { value: c.value, saved: savedOf(c) }]));
  const focused = document.activeElement;
  const around = focused.closest("[data-quote]");
  const place = around && alike(around, focused).indexOf(focused);
  const row = cards().indexOf(around);
  const open = new Set([...now.querySelectorAll("[data-quote] details[open]")].map((d) => detailKey(d)));
  now.replaceWith(next);
  fillNames(next);
  for (const details of next.querySelectorAll("[data-quote] details")) details.open = open.has(detailKey(details));
  for (const control of controls(next)) {
    const kept = typed.get(keyOf(control));
    if (kept) control.value = kept.value;
    if (!isNote(control)) continue;
    keepNote(control, kept?.saved);
    if (isUnsaved(control)) control.dispatchEvent(new Event("input"));
  }
  if (!around) return;
  // If the focused quote is gone, focus the one now in its place, or the name if none is left.
  const card = cardOf(around.dataset.quote) ?? cards().at(Math.min(row, cards().length - 1));
  const again = card ? alike(card, focused)[place] : next.querySelector("h1");
  again?.focus({ preventScroll: true });
  if (again?.localName === "textarea") again.setSelectionRange(focused.selectionStart, focused.selectionEnd);
};
const detailKey = (details) => `${details.closest("[data-quote]").dataset.quote} ${details.className}`;

// Runs an action on the quotes, after typed text was saved.
const act = async (work, done = () => {}) => {
  try {
    await flush();
    await work();
    await renew();
    done();
  } catch (error) {
    tell(error.message);
  }
};

const move = (button) => {
  const { quote } = button.closest("[data-quote]").dataset;
  const { way } = button.dataset;
  act(
    () => call("PUT", addressOf(button), { place: Number(button.dataset.move) }),
    () => {
      const found = [...cardOf(quote).querySelectorAll("[data-move]")];
      const next = found.find((each) => each.dataset.way === way && !each.disabled) ?? found.find((each) => !each.disabled);
      next?.focus();
      cardOf(quote).scrollIntoView({ block: "nearest" });
    },
  );
};
const put = (row, place, undone = false) => {
  const [address, before] = [addressOf(row), Number(row.dataset.place)];
  const { quote } = row.dataset;
  const undo = { name: phrase("Undo"), press: () => put(cardOf(quote), before, true) };
  act(
    () => call("PUT", address, { place }),
    () => {
      cardOf(quote)?.scrollIntoView({ block: "nearest" });
      tell(phrase("Moved to place %(place)s.", { place }), undone ? null : undo);
    },
  );
};
draggable(put);
document.addEventListener("keydown", (event) => {
  const handle = event.target.closest?.("[data-drag]");
  const way = { ArrowUp: "up", ArrowDown: "down" }[event.key];
  if (!handle || !way) return;
  event.preventDefault();
  const mover = handle.parentElement.querySelector(`[data-way=${way}]`);
  if (!mover.disabled) put(handle.closest("[data-quote]"), Number(mover.dataset.move));
});
const remove = (button) => {
  const address = addressOf(button);
  const { quote } = button.closest("[data-quote]").dataset;
  const restore = {
    name: phrase("Undo"),
    press: () =>
      act(
        () => call("POST", `${address}/restore`),
        () => cardOf(quote)?.querySelector("[data-remove]").focus(),
      ),
  };
  act(
    () => call("DELETE", address),
    () => tell(phrase("Removed"), restore),
  );
};
// Replace a quote by other words of the same place; note and tags stay.
const exchange = (row, wanted, done) => {
  const address = addressOf(row);
  act(
    () => call("POST", `${address}/exchange`, { id: wanted }),
    () => {
      cardOf(wanted)?.querySelector("[name=note]").focus();
      done(wanted);
    },
  );
};
const correct = (button) => {
  const row = button.closest("[data-quote]");
  const { quote } = row.dataset;
  const back = () => tell(phrase("The earlier words are back."));
  const undo = (now) => ({ name: phrase("Undo"), press: () => exchange(cardOf(now), quote, back) });
  exchange(row, button.dataset.exchange, (now) =>
    tell(phrase("The corrected words are here now; nobody has heard them yet."), undo(now)),
  );
};
const judge = (form) => {
  const given = Object.fromEntries(new FormData(form));
  keepName(given.by);
  const status = form.elements.namedItem("status").selectedOptions[0].text;
  const { quote } = form.closest("[data-quote]").dataset;
  act(
    async () => {
      await call("POST", `/api/ledger/${part(quote)}`, given, { once: true });
      form.reset();
    },
    () => tell(phrase("Status: %(status)s", { status })),
  );
};
const removeAll = async (name) => {
  const question = phrase("Delete “%(name)s” with its notes?", { name });
  if (!(await mayGo(question, [phrase("Keep it"), phrase("Delete it")]))) return;
  act(async () => {
    await call("DELETE", `/api/collections/${part(name)}`);
    location.replace("/collections"); // for "back" would lead to where nothing is
    await new Promise(() => {}); // the page is left
  });
};
const rename = (name) => {
  const wanted = prompt(phrase("Its new name"), name);
  if (!wanted) return;
  act(async () => {
    const found = await call("PUT", `/api/collections/${part(name)}`, { name: wanted });
    location.replace(`/collections/${part(found.name)}`);
    await new Promise(() => {});
  });
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-collection] button");
  if (!button) return;
  const { collection } = button.closest("[data-collection]").dataset;
  if (button.dataset.move) move(button);
  else if ("remove" in button.dataset) remove(button);
  else if ("exchange" in button.dataset) correct(button);
  else if ("delete" in button.dataset) removeAll(collection);
  else if ("rename" in button.dataset) rename(collection);
});
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!("new" in form.dataset || "status" in form.dataset)) return;
  event.preventDefault();
  if ("status" in form.dataset) return judge(form);
  try {
    const found = await call("POST", "/api/collections", { name: form.elements.namedItem("name").value });
    location.assign(`/collections/${part(found.name)}`);
  } catch (error) {
    tell(error.message);
  }
});
document.addEventListener("change", async (event) => {
  const { form, name } = event.target;
  if (!form || !("choose" in form.dataset)) return;
  const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  await flush();
  history.replaceState(history.state, "", `?${query}`);
  await renew().catch((error) => tell(error.message));
  shown().querySelector(`[data-choose] [name=${name}]`)?.focus();
});
// Add a new tag to the choices.
document.addEventListener("verbatim:kept", async (event) => {
  if (event.target.name !== "tags" || !shown()?.contains(event.target)) return;
  const next = (await page(location.href).catch(() => null))?.querySelector("[data-choose] [name=tag]");
  const now = shown().querySelector("[data-choose] [name=tag]");
  if (next && now && now !== document.activeElement) now.replaceWith(document.adoptNode(next));
});
// Words that were marked on this page and saved in this very collection are a new row.
document.addEventListener("verbatim:saved", async ({ detail: { id, names } }) => {
  if (!names.includes(shown()?.dataset.collection)) return;
  try {
    await renew();
    // The toolbar has gone with its words, and the focus with it.
    if (document.activeElement === document.body) cardOf(id)?.querySelector("[name=note]").focus();
  } catch (error) {
    tell(error.message);
  }
});
document.addEventListener("verbatim:judged", () => shown() && renew().catch((error) => tell(error.message)));
if (shown()) fillNames(shown());
hold(() => Boolean(shown()) && controls(shown()).some((control) => control.closest("[data-status]") && isTyped(control)));
if (shown() && cameBack()) restore();
