// Correcting a turn in place: its words become a text field, the sound plays on, saving makes a new revision.
// An empty line splits the turn; each part has a field for its speaker.
import { call, part, Refused } from "./api.js";
import { element } from "./elements.js";
import { hold, mayGo } from "./leaving.js";
import { keepName } from "./names.js";
import { phrase } from "./phrases.js";
import { renew } from "./renew.js";
import { reveal, room } from "./room.js";
import { reader } from "./timed.js";
import { tell } from "./told.js";
import { build, wordsOf } from "./turnform.js";

const forms = new Map(); // each open form by its turn
const address = (what) => `/episode/${part(reader.dataset.episode)}/${what}`;

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
  if (isDirty(form) && !(await mayGo(phrase("Your correction is not saved.")))) return form.parts.text.focus();
  const [turn] = form.parts.turns;
  close(form);
  turn.querySelector(".vb-correct")?.focus();
};

// Loads the page again; forms of replaced turns move into the new turns.
export const renewed = async (anchor = null) => {
  const replaced = await renew(anchor);
  for (const [turn, next] of replaced) {
    const form = forms.get(turn);
    forms.delete(turn);
    if (form && next) attach(form, next);
  }
};

const problem = (form, sentence) => {
  form.parts.problem.textContent = sentence;
  form.parts.problem.hidden = !sentence;
};

// Both versions side by side; saving again replaces the other version by the typed one.
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
  box.setAttribute("aria-label", phrase("The other version"));
  const names = [...new Set(turns.map((each) => each.dataset.speaker || phrase("Unknown speaker")))].join(", ");
  const words = element("p", "", said);
  words.dir = "auto";
  const whose = phrase("Saved by somebody else as revision %(revision)s (%(names)s)", { revision, names });
  box.append(element("p", "vb-note", whose), words);
  theirs.replaceChildren(box);
  form.parts.said = said;
  form.parts.words = said;
  text.focus();
  reveal(turns[0].getBoundingClientRect());
};

const save = async (form) => {
  const { by, people, saving, text, turns } = form.parts;
  if (form.busy) return;
  if (!isDirty(form)) {
    close(form);
    turns[0].querySelector(".vb-correct").focus({ preventScroll: true });
    return tell(phrase("Nothing was changed."));
  }
  form.busy = saving.disabled = true;
  problem(form, "");
  const given = new FormData();
  const speakers = [...people.querySelectorAll("input")].map((input) => input.value);
  for (const [name, value] of Object.entries({ ...form.base, text: text.value, by: by.value })) given.append(name, value);
  for (const name of speakers) given.append("speaker", name);
  keepName(by.value);
  try {
    const { revision, changed } = await call("POST", address("words"), given);
    const [turn] = turns;
    const place = turn.dataset.turn;
    close(form);
    await renewed(turn);
    const saved = reader.querySelector(`.vb-turn[data-turn="${place}"]`);
    saved?.querySelector(".vb-correct")?.focus({ preventScroll: true });
    if (saved) reveal(saved.getBoundingClientRect());
    const back = { name: phrase("Undo"), press: () => undo(revision, by.value) };
    if (changed) tell(phrase("Saved as revision %(revision)s", { revision }), back);
    else tell(phrase("Nothing was changed."));
  } catch (error) {
    problem(form, error.message);
    if (error instanceof Refused && error.found.count) await compare(form, error.found);
    text.focus();
  } finally {
    form.busy = saving.disabled = false;
  }
};

export const undo = async (revision, by) => {
  const given = new FormData();
  given.append("revision", revision);
  given.append("by", by);
  try {
    const made = await call("POST", address("undo"), given);
    await renewed();
    const redo = { name: phrase("Redo"), press: () => undo(made.revision, by) };
    tell(phrase("Undone; this is revision %(revision)s", { revision: made.revision }), redo);
  } catch (error) {
    tell(error.message);
  }
};

// Adds the next turn's words, so that both are one turn when saved.
const join = (form) => {
  const { text, turns } = form.parts;
  const next = turns.at(-1).nextElementSibling;
  if (!next || forms.has(next)) {
    return problem(form, phrase("There is no next turn that could be joined to this one."));
  }
  if (form.base.revision !== Number(reader.dataset.revision)) {
    return problem(form, phrase("The transcript has changed meanwhile. Save this first, then join the turns."));
  }
  turns.push(next);
  next.hidden = true;
  form.base.count += 1;
  text.value = `${text.value.trimEnd()} ${wordsOf(next)}`;
  text.dispatchEvent(new Event("input"));
  text.focus();
};

const open = (turn) => {
  const form = build(turn, { cancel, join, save });
  const { text } = form.parts;
  const height = [...turn.querySelectorAll(".vb-par")].reduce((sum, par) => sum + par.offsetHeight, 0);
  attach(form, turn);
  text.style.height = `${Math.max(96, Math.min(height + 40, room().height - 60))}px`;
  document.getElementById("follow")?.setAttribute("aria-pressed", "false"); // no scrolling while the user writes
  text.focus({ preventScroll: true });
  reveal(form.getBoundingClientRect());
};

if (reader) {
  reader.addEventListener("click", (event) => {
    const pressed = event.target.closest(".vb-correct");
    if (pressed) open(pressed.closest(".vb-turn"));
  });
}
