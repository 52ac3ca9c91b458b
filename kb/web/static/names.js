// The person's own name, in this browser only: it is typed once, at the first correction or judgement.
import { inBrowser } from "./storage.js";

const KEPT = "verbatim-name";
export const ownName = () => inBrowser.get(KEPT);
export const keepName = (name) => inBrowser.set(KEPT, name);

// Returns who acts: whoever is signed in, or the name that was typed once; `question` asks for it.
export const author = (question) => {
  const { person } = document.documentElement.dataset;
  if (person) return person;
  const by = ownName() || prompt(question)?.trim();
  if (by) keepName(by);
  return by;
};

// Fills it in, unless the server knows who is signed in.
export const fillNames = (root) => {
  for (const by of root.querySelectorAll("[name=by]:not([readonly])")) by.value = by.defaultValue = ownName();
};
