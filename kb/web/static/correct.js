// Correcting a turn in place: its words become a text field, the sound plays on, saving makes a new revision.
// An empty line parts the turn; whose each part is has a field of its own.
import { call, part, Refused } from "./api.js";
import { button, element, labelled } from "./elements.js";
import { hold, mayGo } from "./leaving.js";
import { renew } from "./renew.js";
import { inBrowser } from "./storage.js";
import { hearBetween, reader } from "./timed.js";
import { tell } from "./told.js";

const KEPT = "verbatim-name"; // the person's own name, in this browser only
const forms = new Map(); // each open form by its turn
const address = (what) => `/episode/${part(reader.dataset.episode)}/${what}`;

const wordsOf = (turn) => [...turn.querySelectorAll(".vb-par p[data-c]")].map((p) => p.textContent).join(" ");
const parts = (text) => text.split(/\n[^\S\n]*\n/).filter((part) => part.trim()).length || 1;

const suggest = () => {
  const list = document.getElementById("vb-names") ?? document.createElement("datalist");
  list.id = "vb-names";
  const known = [...reader.querySelectorAll(".vb-turn")].map((turn) => turn.dataset.speaker);
  list.replaceChildren(...[...new Set(known.filter(Boolean))].map((name) => new Option(name, name)));
  reader.append(list);
};
// As many fields as the text has parts; a new one begins with the name before it.
const ask = (people, count) => {
  while (people.childElementCount > count) people.lastElementChild.remove();
  while (people.childElementCount < count) {
    const input = document.createElement("input");
    input.name = "speaker";
    input.maxLength = 200;
    input.setAttribute("list", "vb-names");
    input.placeholder = "Unknown speaker";
    input.value = people.querySelector("label:last-child input")?.value ?? people.dataset.speaker;
    people.append(labelled("", input));
  }
  [...people.children].forEach((label, n) => {
    label.firstChild.data = count > 1 ? `Who says part ${n + 1}` : "Who says this";
  });
};

// Where a place of the typed text was in the words before: exact outside of what was changed.
const placeBefore = (words, typed, place) => {
  let same = 0;
  while (same < place && words[same] === typed[same]) same += 1;
  if (same === place) return place;
  const after = typed.slice(place);
  return words.endsWith(after) ? words.length - after.length : same;
};
const placeIn = (turn, offset) => {
  for (const p of turn.querySelectorAll(".vb-par p[data-c]")) {
    if (offset <= p.textContent.length) return [p, offset];
    offset -= p.textContent.length + 1;
  }
  return null;
};
const hearAgain = (form) => {
  const { text, turns, words } = form.parts;
  let [from, to] = [text.selectionStart, text.selectionEnd];
  if (from === to) [from, to] = [0, text.value.length];
  const places = [from, to].map((place) => placeBefore(words, text.value, place));
  const within = turns.length > 1 ? [0, wordsOf(turns[0]).length] : places; // of several turns, the first
  const [begin, finish] = within.map((place) => placeIn(turns[0], place));
  if (begin && finish) hearBetween(begin, finish);
};

const isDirty = (form) => {
  const { people, said, text } = form.parts;
  return text.value !== said || [...people.querySelectorAll("input")].some((input) => input.value !== input.defaultValue);
};
hold(() => [...forms.values()].some(isDirty));

// Shows the form in its turn, in place of the words there.
const attach = (form, turn) => {
  const { turns } = form.parts;
  turns[0] = turn;
  forms.set(turn, form);
  for (const each of turns.slice(1)) each.hidden = true;
  for (const each of turn.querySelectorAll(".vb-par, .vb-correct")) each.hidden = true;
  turn.append(form);
};
const close = (form) => {
  const { turns } = form.parts;
  forms.delete(turns[0]);
  form.remove();
  for (const each of turns.slice(1)) each.hidden = false;
  for (const each of turns[0].querySelectorAll(".vb-par, .vb-correct")) each.hidden = false;
};
const cancel = async (form) => {
  if (isDirty(form) && !(await mayGo("Your correction is not saved."))) return form.parts.text.focus();
  const [turn] = form.parts.turns;
  close(form);
  turn.querySelector(".vb-correct")?.focus();
};

// Asks for the page again; forms whose turn was replaced meanwhile go on in the one that stands there now.
const renewed = async (anchor = null) => {
  const replaced = await renew(anchor);
  for (const [turn, next] of replaced) {
    const form = forms.get(turn);
    forms.delete(turn);
    if (form && next) attach(form, next);
  }
  fillNames();
};

// The bar over the transcript covers nothing of what was just changed.
const reveal = (turn) => {
  if (turn && turn.getBoundingClientRect().top < 70) turn.scrollIntoView({ behavior: "instant", block: "start" });
};
const problem = (form, sentence) => {
  form.parts.problem.textContent = sentence;
  form.parts.problem.hidden = !sentence;
};

// Both versions side by side; saving again puts the typed one in place of the other.
const compare = async (form, { revision, turn, count }) => {
  await renewed(form.parts.turns[0]);
  const turns = [...reader.querySelectorAll(".vb-turn")].slice(turn, turn + count);
  const { text, theirs } = form.parts;
  close(form);
  form.parts.turns.splice(0, Infinity, ...turns);
  Object.assign(form.base, { revision, turn, count });
  attach(form, turns[0]);
  const said = turns.map(wordsOf).join("\n\n");
  const box = element("div", "vb-theirs");
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "The other version");
  const names = [...new Set(turns.map((each) => each.dataset.speaker || "Unknown speaker"))].join(", ");
  const words = element("p", "", said);
  words.dir = "auto";
  box.append(element("p", "vb-note", `Saved by somebody else as revision ${revision} (${names})`), words);
  theirs.replaceChildren(box);
  form.parts.said = said;
  form.parts.words = said;
  text.focus();
  reveal(turns[0]);
};

const save = async (form) => {
  const { by, people, saving, text, turns } = form.parts;
  if (form.busy) return;
  form.busy = saving.disabled = true;
  problem(form, "");
  const given = new FormData();
  const speakers = [...people.querySelectorAll("input")].map((input) => input.value);
  for (const [name, value] of Object.entries({ ...form.base, text: text.value, by: by.value })) given.append(name, value);
  for (const name of speakers) given.append("speaker", name);
  inBrowser.set(KEPT, by.value);
  try {
    const { revision, changed } = await call("POST", address("words"), given);
    const [turn] = turns;
    const place = turn.dataset.turn;
    close(form);
    await renewed(turn);
    const saved = reader.querySelector(`.vb-turn[data-turn="${place}"]`);
    saved?.querySelector(".vb-correct")?.focus({ preventScroll: true });
    reveal(saved);
    if (changed) tell(`Saved as revision ${revision}`, { name: "Undo", press: () => undo(revision, by.value) });
    else tell("Nothing was changed.");
  } catch (error) {
    problem(form, error.message);
    if (error instanceof Refused && error.found.count) await compare(form, error.found);
    text.focus();
  } finally {
    form.busy = saving.disabled = false;
  }
};

const undo = async (revision, by) => {
  const given = new FormData();
  given.append("revision", revision);
  given.append("by", by);
  try {
    const made = await call("POST", address("undo"), given);
    await renewed();
    tell(`Undone; this is revision ${made.revision}`, { name: "Redo", press: () => undo(made.revision, by) });
  } catch (error) {
    tell(error.message);
  }
};

// Takes the next turn's words in, so that both are one turn when saved.
const join = (form) => {
  const { text, turns } = form.parts;
  const next = turns.at(-1).nextElementSibling;
  if (!next || forms.has(next)) return problem(form, "There is no next turn that could be joined to this one.");
  if (form.base.revision !== Number(reader.dataset.revision)) {
    return problem(form, "The transcript has changed meanwhile. Save this first, then join the turns.");
  }
  turns.push(next);
  next.hidden = true;
  form.base.count += 1;
  text.value = `${text.value.trimEnd()} ${wordsOf(next)}`;
  text.dispatchEvent(new Event("input"));
  text.focus();
};

const open = (turn) => {
  const form = element("form", "vb-correcting");
  form.base = { revision: Number(reader.dataset.revision), turn: Number(turn.dataset.turn), count: 1 };
  const said = wordsOf(turn);
  const text = document.createElement("textarea");
  text.value = said;
  text.dir = "auto";
  const people = element("div", "vb-people");
  people.dataset.speaker = turn.dataset.speaker;
  suggest();
  ask(people, 1);
  people.querySelector("input").defaultValue = turn.dataset.speaker;
  text.addEventListener("input", () => ask(people, parts(text.value)));
  const hint = element("p", "vb-note", "An empty line parts the turn where somebody else begins. Ctrl+Enter saves.");
  hint.id = `vb-parting-${turn.dataset.turn}`;
  text.setAttribute("aria-describedby", hint.id);
  const by = document.createElement("input");
  by.className = "vb-by";
  by.required = true;
  by.maxLength = 100;
  by.autocomplete = "name";
  by.value = inBrowser.get(KEPT);
  const told = element("p", "vb-problem");
  told.setAttribute("role", "alert");
  told.hidden = true;
  const theirs = element("div");
  const versions = element("div", "vb-versions");
  versions.append(theirs, labelled("The words of this turn", text));
  const row = element("div", "vb-actions");
  const saving = button("Save", "vb-button");
  saving.setAttribute("aria-keyshortcuts", "Control+Enter");
  row.append(saving, button("Cancel", "vb-button vb-quiet", () => cancel(form)));
  if (reader.dataset.audio) row.append(button("Hear it again", "vb-button vb-quiet", () => hearAgain(form)));
  row.append(button("Join the next turn", "vb-button vb-quiet", () => join(form)));
  form.append(told, versions, hint, people, labelled("Your name", by), row);
  form.parts = { by, people, problem: told, said, saving, text, theirs, turns: [turn], words: said };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save(form);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") cancel(form);
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    else return;
    event.preventDefault();
  });
  const height = [...turn.querySelectorAll(".vb-par")].reduce((sum, par) => sum + par.offsetHeight, 0);
  attach(form, turn);
  text.style.height = `${Math.max(96, height + 40)}px`;
  document.getElementById("follow")?.setAttribute("aria-pressed", "false"); // whoever writes is not carried away
  text.focus();
};

const fillNames = () => {
  for (const by of reader.querySelectorAll(".vb-rename .vb-by")) by.value = by.defaultValue = inBrowser.get(KEPT);
};

// Renaming a speaker everywhere here.
const rename = async (form) => {
  inBrowser.set(KEPT, form.querySelector(".vb-by").value);
  try {
    const { revision } = await call("POST", form.action, new FormData(form));
    form.reset();
    await renewed();
    tell(`Saved as revision ${revision}`);
  } catch (error) {
    tell(error.message);
  }
};

if (reader) {
  fillNames();
  reader.addEventListener("click", (event) => {
    const pressed = event.target.closest(".vb-correct");
    if (pressed) open(pressed.closest(".vb-turn"));
  });
  reader.addEventListener("submit", (event) => {
    if (!event.target.matches(".vb-rename")) return;
    event.preventDefault();
    rename(event.target);
  });
  hold(() =>
    [...reader.querySelectorAll(".vb-rename input")].some((input) => input.value !== input.defaultValue),
  );
}
