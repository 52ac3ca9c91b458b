// Fields that save automatically: each sends its change with the value that it replaces, so that two tabs never
// overwrite each other's changes.
import { Refused } from "./api.js";
import { button, element } from "./elements.js";
import { hold } from "./leaving.js";
import { phrase } from "./phrases.js";

const clock = () => new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
const PAUSE = 700; // milliseconds without a key
const fields = new Map(); // each field's { saved, replaced, timer, sending, other }

export const isUnsaved = (field) => {
  const state = fields.get(field);
  return Boolean(state) && field.isConnected && field.value !== state.saved;
};
const anyUnsaved = () => [...fields.keys()].some(isUnsaved);

// `send(value, replaced)` saves; `now()` returns the server's value.
export const keep = (field, send, now, saved = field.defaultValue) => {
  const state = { saved, send, now, timer: 0, sending: Promise.resolve(), other: null };
  const told = field.closest("label").nextElementSibling; // already in the page, so that the layout does not shift
  const say = (...content) => told.replaceChildren(...content);
  fields.set(field, state);

  const choose = (theirs) => {
    const answer = (value) => () => {
      state.other = null;
      field.value = value;
      say();
      if (isUnsaved(field)) state.save();
      field.focus();
    };
    state.other = theirs;
    say(
      element("span", "", phrase("Saved elsewhere meanwhile: “%(words)s”.", { words: theirs })),
      " ",
      button(phrase("Save mine"), "vb-tiny", () => answer(field.value)()),
      button(phrase("Use that"), "vb-tiny", answer(theirs)),
    );
  };
  const attempt = async () => {
    if (!isUnsaved(field) || state.other !== null) return;
    const { value } = field;
    try {
      say(phrase("Saving…"));
      await state.send(value, state.saved);
      state.saved = value;
      say(phrase("Saved %(time)s", { time: clock() }));
      field.dispatchEvent(new Event("verbatim:kept", { bubbles: true }));
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 409) {
        return say(phrase("Not saved: %(problem)s", { problem: error.message }));
      }
      state.replaced = state.saved;
      state.saved = await state.now();
      choose(state.saved);
    }
    if (isUnsaved(field) && state.other === null) await attempt();
  };
  state.save = () => {
    clearTimeout(state.timer);
    state.sending = state.sending.then(attempt);
    return state.sending;
  };
  field.addEventListener("input", () => {
    clearTimeout(state.timer);
    if (state.other === null) say();
    state.timer = setTimeout(state.save, PAUSE);
  });
  field.addEventListener("change", state.save);
  return state;
};

// Saves typed text now; resolves with whether all of it is saved.
export const flush = async () => {
  for (const field of fields.keys()) if (!field.isConnected) fields.delete(field);
  await Promise.all([...fields].filter(([field]) => isUnsaved(field)).map(([, state]) => state.save()));
  return !anyUnsaved();
};
// The value that the field's text replaces; while one is to be chosen of two, that before either.
export const savedOf = (field) => {
  const state = fields.get(field);
  if (!state) return undefined;
  return state.other === null ? state.saved : state.replaced;
};

hold(anyUnsaved, flush);
