// "Copy" puts a text on the clipboard and says so for a moment.
import { phrase } from "./phrases.js";
export const copy = async (button) => {
  const text = button.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea"); // without https, browsers have no clipboard
    area.value = text;
    document.body.appendChild(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  const before = button.textContent;
  button.textContent = phrase("Copied");
  setTimeout(() => (button.textContent = before), 1500);
};

document.addEventListener("click", (event) => {
  const button = event.target.closest?.(".vb-copy");
  if (button) copy(button);
});
