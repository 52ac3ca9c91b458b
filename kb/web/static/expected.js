// Names to expect: the list, the places where transcripts spell them otherwise, and what was corrected by the list.
import { call, page, part } from "./api.js";
import { button, element } from "./elements.js";
import { author, fillNames, keepName } from "./names.js";
import { clockOf } from "./playerbar.js";
import { phrase, plural } from "./phrases.js";
import { attempt, tell } from "./told.js";

const [adding, otherwise, look, looked, form, places, apply, corrected, made] =
  ["add-name", "otherwise", "look", "looked", "correct", "places", "apply", "corrected", "made"].map((id) =>
    document.getElementById(id),
  );
const AT_ONCE = 5; // episodes that are looked through again in one request
const AT_MOST = 500; // places that are corrected in one request
const ENOUGH = 300; // places to decide about, before more are looked for
const placesOf = (count) => plural("%(count)s place", "%(count)s places", count);
const episodesOf = (count) => plural("%(count)s episode", "%(count)s episodes", count);

// -- the list

const listed = () => document.querySelector("[data-live=names]");
const renewNames = async () => {
  const next = await page(location.href);
  listed().replaceWith(document.adoptNode(next.querySelector("[data-live=names]")));
  otherwise.hidden = next.getElementById("otherwise").hidden;
  forgetPlaces(); // they were found with another list
};
const addNames = (names) => call("POST", "/api/names", { names });
const remove = async (pressed) => {
  const { remove: name } = pressed.dataset;
  const place = [...listed().querySelectorAll("[data-remove]")].indexOf(pressed);
  await call("POST", "/api/names/remove", { names: [name] });
  await renewNames();
  (listed().querySelectorAll("[data-remove]")[place] ?? document.getElementById("listed")).focus();
  const press = () => attempt(async () => {
    await addNames([name]);
    await renewNames();
  });
  tell(phrase("Removed “%(name)s”", { name }), { name: phrase("Undo"), press });
};
adding?.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    const { name } = adding.elements;
    const { value } = name;
    const { done } = await addNames([value]);
    tell(done ? phrase("Added “%(name)s”", { name: value.trim() }) : phrase("It is listed already."));
    if (name.value === value) adding.reset(); // otherwise the next one was typed meanwhile
    name.focus();
    await renewNames();
  });
});
document.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-remove]");
  if (pressed) attempt(() => remove(pressed));
});

// -- other spellings

let search = 0; // the number of the newest search
const boxes = () => [...places.querySelectorAll("input")];
const chosen = () => boxes().filter((box) => box.checked).map((box) => box.value);
const count = () => {
  form.hidden = !places.childElementCount;
  const { length } = chosen();
  apply.textContent = phrase("Correct %(places)s", { places: placesOf(length) });
  apply.disabled = !length;
};
const words = (text) => {
  const given = element("bdi", "", text);
  given.dir = "auto";
  return given;
};
const keyOf = (found) => JSON.stringify([found.episode, found.heard, found.name]);
const refused = new Set(); // spellings of an episode of which a place was not ticked; addresses and times change with a correction
const row = (found) => {
  const item = element("li");
  item.dataset.episode = found.episode;
  item.dataset.key = keyOf(found);
  const label = element("label", "vb-spelt");
  const box = element("input");
  Object.assign(box, { type: "checkbox", value: found.place, checked: found.sure && !refused.has(keyOf(found)) });
  const what = element("span");
  what.append("“", words(found.heard), "” → “", words(found.name), "”", found.sure ? "" : phrase(", perhaps"));
  label.append(box, what);
  const context = element("p", "vb-note");
  context.dir = "auto";
  context.append(found.before, element("mark", "", found.heard), found.after);
  const place = element("a", "vb-inline", found.start === null ? found.title : `${found.title}, ${clockOf(found.start)}`);
  place.href = `/episode/${part(found.episode)}${found.start === null ? "" : `?t=${Math.floor(found.start)}`}`;
  place.dir = "auto";
  item.append(label, context, place);
  return item;
};
const forgetPlaces = () => {
  places.replaceChildren();
  refused.clear();
  count();
  looked.textContent = "";
  return (search += 1);
};
const findAll = async () => {
  const mine = forgetPlaces();
  looked.textContent = phrase("Looking …");
  for (let offset = 0; ; ) {
    const found = await call("GET", `/api/names/places?offset=${offset}`);
    if (mine !== search) return;
    places.append(...found.places.map(row));
    count();
    const { length } = boxes();
    const isEnd = found.looked >= found.episodes || found.looked === offset;
    const told = { places: placesOf(places.childElementCount), episodes: episodesOf(found.looked) };
    const all = phrase("%(places)s in %(episodes)s.", told);
    if (isEnd) looked.textContent = places.childElementCount ? all : phrase("No other spelling was found.");
    else if (length < ENOUGH) looked.textContent = phrase("%(places)s in %(episodes)s so far …", told);
    else looked.textContent = phrase("%(places)s in %(episodes)s so far. Decide about these, then look again.", told);
    if (isEnd || length >= ENOUGH) return;
    offset = found.looked;
  }
};
look.addEventListener("click", () => attempt(findAll));
places.addEventListener("change", count);

// -- correcting and undoing

// After a correction, the other places of its episode have new addresses.
const renewPlaces = async (episodes) => {
  if (!looked.textContent) return;
  for (let n = 0; n < episodes.length; n += AT_ONCE) {
    const some = episodes.slice(n, n + AT_ONCE);
    const query = new URLSearchParams(some.map((id) => ["episode", id]));
    const found = await call("GET", `/api/names/places?${query}`);
    for (const old of [...places.children].filter((each) => some.includes(each.dataset.episode))) {
      if (!old.querySelector("input").checked) refused.add(old.dataset.key);
      old.remove();
    }
    places.append(...found.places.map(row));
  }
  const left = places.childElementCount;
  looked.textContent = left ? phrase("%(places)s left.", { places: placesOf(left) }) : phrase("Nothing is left.");
  count();
};
const undo = (revisions) =>
  attempt(async () => {
    const by = author(phrase("Your name, for the record of who undoes this"));
    if (!by) return;
    for (const { episode, revision } of revisions) await call("POST", "/api/names/undo", { episode, revision, by }, { once: true });
    await renewMade();
    await renewPlaces(revisions.map((each) => each.episode));
    document.getElementById(corrected.hidden ? "spelt" : "done").focus();
    tell(phrase("Undone; the earlier words are back."));
  });
// Only who may change the list has its form.
const madeRow = (each) => {
  const item = element("li", "vb-job");
  const left = element("div");
  const title = element("a", "vb-row-title", each.title);
  title.href = `/episode/${part(each.episode)}`;
  title.dir = "auto";
  const told = element("p", "vb-told");
  told.append(words(each.by), ", ", each.made_at.slice(0, 10));
  const list = element("ul", "vb-latest");
  list.append(...each.places.map((sentence) => Object.assign(element("li", "", sentence), { dir: "auto" })));
  left.append(title, told, list);
  item.append(left);
  if (adding) {
    const back = button(phrase("Undo"), "vb-button vb-quiet vb-small", () => undo([each]));
    back.setAttribute("aria-label", phrase("Undo: %(title)s", { title: each.title }));
    item.append(back);
  }
  return item;
};
const renewMade = async () => {
  const found = await call("GET", "/api/names/corrected");
  made.replaceChildren(...found.map(madeRow));
  corrected.hidden = !found.length;
};
form.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    const [wanted, by] = [chosen().slice(0, AT_MOST), form.elements.by.value];
    if (!form.elements.by.readOnly) keepName(by);
    apply.disabled = true;
    try {
      const revisions = await call("POST", "/api/names/apply", { places: wanted, by }, { once: true });
      await renewMade();
      await renewPlaces(revisions.map((each) => each.episode));
      document.getElementById("done").focus();
      const told = { places: placesOf(wanted.length), episodes: episodesOf(revisions.length) };
      tell(phrase("Corrected %(places)s in %(episodes)s", told), { name: phrase("Undo"), press: () => undo(revisions) });
    } finally {
      count();
    }
  });
});

fillNames(document);
attempt(renewMade);
