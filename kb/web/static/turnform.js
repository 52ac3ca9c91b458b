// The form that corrects a turn: its words, who says them, who corrects, and hearing them again meanwhile.
import { button, element, labelled } from "./elements.js";
import { ownName } from "./names.js";
import { phrase } from "./phrases.js";
import { hearBetween, reader } from "./timed.js";

export const wordsOf = (turn) => [...turn.querySelectorAll(".vb-par p[data-c]")].map((p) => p.textContent).join(" ");
const parts = (text) => text.split(/\n[^\S\n]*\n/).filter((part) => part.trim()).length || 1;

// Suggested names: speakers here, the episode's people, speakers in the library.
export const suggest = () => {
  const list = document.getElementById("vb-names") ?? document.createElement("datalist");
  list.id = "vb-names";
  const here = [...reader.querySelectorAll(".vb-turn")].map((turn) => turn.dataset.speaker);
  const known = new Set([...here, ...reader.dataset.names.split("\n")].filter(Boolean));
  list.replaceChildren(...[...known].map((name) => new Option(name, name)));
  reader.append(list);
};
// One field for each part of the text; a new one starts with the name before it.
const ask = (people, count) => {
  while (people.childElementCount > count) people.lastElementChild.remove();
  while (people.childElementCount < count) {
    const input = document.createElement("input");
    input.name = "speaker";
    input.maxLength = 200;
    input.setAttribute("list", "vb-names");
    input.placeholder = phrase("Unknown speaker");
    input.value = people.querySelector("label:last-child input")?.value ?? people.dataset.speaker;
    people.append(labelled("", input));
  }
  [...people.children].forEach((label, n) => {
    label.firstChild.data = count > 1 ? phrase("Who says part %(number)s", { number: n + 1 }) : phrase("Who says this");
  });
};

// Maps a place in the typed text to the old words: exact outside the changed part.
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
  const within = turns.length > 1 ? [0, wordsOf(turns[0]).length] : places; // for several turns, the first
  const [begin, finish] = within.map((place) => placeIn(turns[0], place));
  if (begin && finish) hearBetween(begin, finish);
};

// `on` has the handlers of its buttons and keys: save, cancel and join, called with the form.
export const build = (turn, on) => {
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
  const parting = phrase("Leave an empty line where somebody else begins to speak. Ctrl+Enter saves.");
  const hint = element("p", "vb-note", parting);
  hint.id = `vb-parting-${turn.dataset.turn}`;
  text.setAttribute("aria-describedby", hint.id);
  const by = document.createElement("input");
  by.name = "by";
  by.required = true;
  by.maxLength = 200;
  by.autocomplete = "name";
  by.value = ownName();
  const told = element("p", "vb-problem");
  told.setAttribute("role", "alert");
  told.hidden = true;
  const theirs = element("div");
  const versions = element("div", "vb-versions");
  versions.append(theirs, labelled(phrase("The words of this turn"), text));
  const row = element("div", "vb-actions");
  const saving = button(phrase("Save"), "vb-button");
  saving.setAttribute("aria-keyshortcuts", "Control+Enter");
  row.append(saving, button(phrase("Cancel"), "vb-button vb-quiet", () => on.cancel(form)));
  if (reader.dataset.audio) row.append(button(phrase("Hear it again"), "vb-button vb-quiet", () => hearAgain(form)));
  row.append(button(phrase("Join the next turn"), "vb-button vb-quiet", () => on.join(form)));
  form.append(told, versions, hint, people, labelled(phrase("Your name"), by), row);
  form.parts = { by, people, problem: told, said, saving, text, theirs, turns: [turn], words: said };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    on.save(form);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") on.cancel(form);
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    else return;
    event.preventDefault();
  });
  return form;
};
