// Typed text is never lost without a question: a link, a closed tab and Escape ask first.
import { button, element } from "./elements.js";
import { phrase } from "./phrases.js";

const holders = new Map(); // functions that return whether text would be lost, each with one that tries to save it
let released = false;

// `isDirty` returns whether text would be lost; `save` tries to save it first.
export const hold = (isDirty, save = null) => holders.set(isDirty, save);
const dirty = () => !released && [...holders.keys()].some((isDirty) => isDirty());
const saved = () => Promise.all([...holders.values()].map((save) => save?.()));

// Resolves with whether the typed text may be thrown away.
export const mayGo = (
  sentence = phrase("What you typed is not saved."),
  [stay, go] = [phrase("Keep writing"), phrase("Throw it away")],
) =>
  new Promise((resolve) => {
    const dialog = element("dialog", "vb-dialog");
    dialog.setAttribute("aria-label", sentence);
    const row = element("p", "vb-actions");
    const close = (gone) => () => {
      dialog.close();
      dialog.remove();
      resolve(gone);
    };
    row.append(
      button(stay, "vb-button", close(false)),
      button(go, "vb-button vb-quiet", close(true)),
    );
    dialog.append(element("p", "", sentence), row);
    dialog.addEventListener("cancel", close(false));
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    document.body.append(dialog);
    dialog.showModal();
  });

addEventListener("beforeunload", (event) => {
  if (!dirty()) return;
  event.preventDefault();
  saved();
});

const leads = (link) => {
  const here = location.href.split("#")[0];
  return link.href && !link.download && link.target !== "_blank" && (link.href.split("#")[0] !== here || !link.hash);
};
document.addEventListener(
  "click",
  async (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || !leads(link) || !dirty()) return;
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    await saved();
    if (dirty() && !(await mayGo())) return;
    released = true;
    location.assign(link.href);
  },
  true,
);
