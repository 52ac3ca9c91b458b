// One line at the foot of the page says what was done; with an "Undo" button, it stays. It gives way to what is in use.
import { button, element } from "./elements.js";
import { freeTop } from "./freeplace.js";
import { phrase } from "./phrases.js";

const line = element("p", "vb-message");
line.setAttribute("role", "status");
document.body.append(line);
let clearing = 0;
let placing = 0;

const place = () => {
  placing = 0;
  if (!line.childElementCount) return;
  const top = `${freeTop(line)}px`;
  if (line.style.top !== top) line.style.top = top;
};
const placeSoon = () => (placing ||= requestAnimationFrame(place));
const moves = new MutationObserver(placeSoon); // toolbars, forms, the player
const WATCHED = { attributes: true, attributeFilter: ["hidden", "style"], childList: true, subtree: true };
for (const kind of ["scroll", "resize", "focusin", "focusout"]) addEventListener(kind, placeSoon, { passive: true });
for (const kind of ["scroll", "resize"]) visualViewport.addEventListener(kind, placeSoon);

export const clear = () => {
  clearTimeout(clearing);
  moves.disconnect();
  line.replaceChildren();
};

// `action` is { name, press }.
export const tell = (text, action = null) => {
  clear();
  line.append(element("span", "", text));
  if (action) {
    const press = () => {
      clear();
      action.press();
    };
    line.append(button(action.name, "vb-tiny", press), button("×", "vb-tiny", clear));
    line.lastElementChild.setAttribute("aria-label", phrase("Close this message"));
  } else clearing = setTimeout(clear, 6000);
  place();
  moves.observe(document.documentElement, WATCHED);
};

// Does `work`; what goes wrong is said.
export const attempt = async (work) => {
  try {
    await work();
  } catch (error) {
    tell(error.message);
  }
};
