// The notes and tags of a collection's quotes.
import { call, page, part } from "./api.js";
import { keep } from "./fields.js";

export const addressOf = (element) => {
  const { collection } = element.closest("[data-collection]").dataset;
  return `/api/collections/${part(collection)}/quotes/${part(element.closest("[data-quote]").dataset.quote)}`;
};
const valueOf = (field, text) => {
  if (field.name === "note") return text;
  return text.split(",").map((tag) => tag.trim()).filter(Boolean);
};

// `saved` is the value that the field's text replaces, if it was typed into an earlier field.
export const keepNote = (field, saved) => {
  const { name } = field;
  const { quote } = field.closest("[data-quote]").dataset;
  const send = (text, replaced) =>
    call("PUT", addressOf(field), { [name]: valueOf(field, text), replaces: { [name]: valueOf(field, replaced) } });
  const now = async () => {
    const found = await page(location.href);
    return found.querySelector(`[data-quote="${CSS.escape(quote)}"] [name="${name}"]`)?.defaultValue ?? "";
  };
  return keep(field, send, now, saved);
};

for (const field of document.querySelectorAll("[data-notes] [name]")) keepNote(field);
document.addEventListener("input", ({ target }) => {
  const printed = target.closest("[data-notes]")?.parentElement.querySelector(`[data-printed="${target.name}"]`);
  if (printed) printed.textContent = target.value;
});
document.addEventListener("submit", (event) => {
  if ("notes" in event.target.dataset) event.preventDefault(); // each field saves itself
});
