// Naming speakers: an unknown speaker in one turn or in all, or all speakers in a list.
import { call, part } from "./api.js";
import { button, element, labelled } from "./elements.js";
import { hold, mayGo } from "./leaving.js";
import { fillNames, keepName, ownName } from "./names.js";
import { renewed, undo } from "./correct.js";
import { phrase } from "./phrases.js";
import { reveal } from "./room.js";
import { reader } from "./timed.js";
import { tell } from "./told.js";
import { suggest, wordsOf } from "./turnform.js";

const address = (what) => `/episode/${part(reader.dataset.episode)}/${what}`;
const send = async (what, fields) => {
  const given = new FormData();
  for (const [name, value] of fields) given.append(name, value);
  return call("POST", address(what), given);
};
const mayMend = () => document.documentElement.dataset.role !== "reader";

// -- in a turn

let open = null; // the form, in its turn
const nameIn = (form) => form.elements.namedItem("name");
const close = () => {
  open?.turn.querySelector(".vb-unnamed")?.setAttribute("aria-expanded", "false");
  open?.form.remove();
  open = null;
};
const cancel = async () => {
  const { form, turn } = open;
  if (nameIn(form).value && !(await mayGo(phrase("The name is not saved.")))) return nameIn(form).focus();
  close();
  turn.querySelector(".vb-unnamed")?.focus({ preventScroll: true });
};
// A form of a replaced turn moves into the new turn.
const move = (turn) => {
  if (!turn?.querySelector(".vb-unnamed")) return close(); // somebody else has named it
  turn.querySelector(".vb-who").after(open.form);
  turn.querySelector(".vb-unnamed").setAttribute("aria-expanded", "true");
  open.turn = turn;
};
const choice = (value, text, checked) => {
  const input = element("input");
  Object.assign(input, { type: "radio", name: "where", value, checked });
  const label = element("label");
  label.append(input, ` ${text}`);
  return label;
};

const save = async ({ form, turn }) => {
  const { name, by, where } = Object.fromEntries(new FormData(form));
  keepName(by);
  const { revision: base } = reader.dataset;
  const here = [["revision", base], ["turn", turn.dataset.turn], ["count", 1], ["text", wordsOf(turn)], ["speaker", name], ["by", by]];
  try {
    const { revision } = await (where === "all"
      ? send("speaker", [["speaker", ""], ["name", name], ["by", by]])
      : send("words", here));
    const { turn: place } = turn.dataset;
    close();
    await renewed(turn);
    reader.querySelector(`.vb-turn[data-turn="${place}"]`)?.focus({ preventScroll: true });
    const back = { name: phrase("Undo"), press: () => undo(revision, by) };
    tell(phrase("Saved as revision %(revision)s", { revision }), back);
  } catch (error) {
    const told = form.querySelector("[role=alert]");
    told.textContent = error.message;
    told.hidden = false;
  }
};

const ask = async (turn) => {
  if (open) {
    const { turn: before } = open;
    await cancel();
    if (open || before === turn) return;
  }
  suggest();
  const form = element("form", "vb-naming-here");
  const name = element("input");
  Object.assign(name, { name: "name", required: true, maxLength: 200, dir: "auto" });
  name.setAttribute("list", "vb-names");
  const by = element("input");
  Object.assign(by, { name: "by", required: true, maxLength: 200, autocomplete: "name", value: ownName() });
  const told = element("p", "vb-problem");
  told.setAttribute("role", "alert");
  told.hidden = true;
  const row = element("div", "vb-actions");
  row.append(button(phrase("Save"), "vb-button"), button(phrase("Cancel"), "vb-button vb-quiet", cancel));
  form.append(told, labelled(phrase("Who says this"), name));
  const others = reader.querySelectorAll('.vb-turn[data-speaker=""]').length;
  if (others > 1) {
    const where = element("fieldset");
    where.append(
      element("legend", "vb-live", phrase("Where")),
      choice("here", phrase("In this turn"), true),
      choice("all", phrase("In all %(count)s turns of an unknown speaker", { count: others }), false),
    );
    form.append(where);
  }
  form.append(labelled(phrase("Your name"), by), row);
  open = { form, turn };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save(open);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    cancel();
  });
  turn.querySelector(".vb-who").after(form);
  turn.querySelector(".vb-unnamed").setAttribute("aria-expanded", "true");
  document.getElementById("follow")?.setAttribute("aria-pressed", "false");
  name.focus({ preventScroll: true });
  reveal(form.getBoundingClientRect());
};

// -- in the list

const rows = (form) => {
  const names = [...form.querySelectorAll("[name=name]")];
  return [...form.querySelectorAll("[name=speaker]")].map((speaker, n) => [speaker.value, names[n]]);
};
const saveAll = async (form) => {
  const changed = rows(form).filter(([speaker, input]) => input.value.trim() !== speaker);
  if (!changed.length) return tell(phrase("Nothing was changed."));
  const by = form.elements.namedItem("by").value;
  keepName(by);
  try {
    const pairs = changed.flatMap(([speaker, input]) => [["speaker", speaker], ["name", input.value]]);
    const { revision } = await send("speaker", [...pairs, ["by", by]]);
    form.reset();
    await renewed();
    reader.querySelector(".vb-naming button:not([type])")?.focus({ preventScroll: true });
    tell(phrase("Saved as revision %(revision)s", { revision }));
  } catch (error) {
    tell(error.message);
  }
};

if (reader) {
  reader.querySelectorAll(".vb-naming, .vb-translating").forEach(fillNames);
  suggest();
  reader.addEventListener("verbatim:renewed", ({ detail: replaced }) => {
    reader.querySelectorAll(".vb-naming").forEach(fillNames);
    if (open && !open.form.isConnected) move(replaced.get(open.turn));
  });
  reader.addEventListener("click", (event) => {
    const pressed = event.target.closest(".vb-unnamed");
    if (pressed && mayMend()) ask(pressed.closest(".vb-turn"));
  });
  reader.addEventListener("submit", (event) => {
    if (!event.target.matches(".vb-naming")) return;
    event.preventDefault();
    saveAll(event.target);
  });
  hold(() => Boolean(open && nameIn(open.form).value));
  hold(() => [...reader.querySelectorAll(".vb-naming input:not([type=hidden])")].some((input) => input.value !== input.defaultValue));
}
