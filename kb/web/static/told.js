// One line at the foot of the page says what was done; with an "Undo" button, it stays.
import { button, element } from "./elements.js";
import { phrase } from "./phrases.js";

const line = element("p", "vb-message");
line.setAttribute("role", "status");
document.body.append(line);
let clearing = 0;

export const clear = () => {
  clearTimeout(clearing);
  line.replaceChildren();
};

// `action` is { name, press }.
export const tell = (text, action = null) => {
  clear();
  line.append(element("span", "", text));
  if (!action) {
    clearing = setTimeout(clear, 6000);
    return;
  }
  const press = () => {
    clear();
    action.press();
  };
  line.append(button(action.name, "vb-tiny", press), button("×", "vb-tiny", clear));
  line.lastElementChild.setAttribute("aria-label", phrase("Close this message"));
};
