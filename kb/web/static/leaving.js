// Typed text never goes unasked: a link, a closed tab and Escape ask first.
import { button, element } from "./elements.js";

const holders = new Set(); // functions that tell whether text would be lost
let released = false;

// `isDirty` tells whether text would be lost; the function that comes back ends that.
export const hold = (isDirty) => {
  holders.add(isDirty);
  return () => holders.delete(isDirty);
};
const dirty = () => !released && [...holders].some((isDirty) => isDirty());

// Resolves with whether the typed text may go.
export const mayGo = (sentence = "What you typed is not saved.") =>
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
      button("Keep writing", "vb-button", close(false)),
      button("Throw it away", "vb-button vb-quiet", close(true)),
    );
    dialog.append(element("p", "", sentence), row);
    dialog.addEventListener("cancel", close(false));
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    document.body.append(dialog);
    dialog.showModal();
  });

addEventListener("beforeunload", (event) => {
  if (dirty()) event.preventDefault();
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
    if (!(await mayGo())) return;
    released = true;
    location.assign(link.href);
  },
  true,
);
