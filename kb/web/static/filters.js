// "+ Show", "+ Speaker", "+ Date" and "+ Collection" open suggestions with numbers of episodes; a picked one goes into the address.
import { call } from "./api.js";
import { element } from "./elements.js";
import { number, phrase } from "./phrases.js";

const SEVERAL = ["show", "speaker", "collection"]; // filters that may have several values

// `change` gets the address's parameters, and changes them.
const go = (change) => {
  const told = new URLSearchParams(location.search);
  change(told);
  told.delete("quotes");
  dispatchEvent(new CustomEvent("verbatim:go", { detail: String(told) ? `/?${told}` : "/" }));
};
const add = (kind, value) =>
  go((told) => {
    if (kind === "year") {
      told.set("since", `${value}-01-01`);
      told.set("until", `${value}-12-31`);
    } else if (SEVERAL.includes(kind)) told.append(kind, value);
    else told.set(kind, value);
  });

const listOf = (popup) => popup.querySelector(".vb-suggestions");
const inputOf = (popup) => popup.querySelector("[role=combobox]");
const activeOf = (popup) => popup.querySelector("[aria-selected=true]");

// -- what is suggested

const activate = (popup, option) => {
  activeOf(popup)?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) inputOf(popup).setAttribute("aria-activedescendant", option.id);
  else inputOf(popup).removeAttribute("aria-activedescendant");
};
const named = (made, { value, count }) => {
  const name = element("span", "", value);
  name.dir = "auto";
  made.append(name, " ", element("span", "vb-bar-count", count));
  made.dataset.value = value;
  return made;
};
const option = (list, each, n) => {
  const made = named(element("li"), each);
  made.id = `${list.id}-${n}`;
  made.setAttribute("role", "option");
  made.setAttribute("aria-selected", "false");
  return made;
};
const yearButton = (each) => {
  const made = element("li");
  const pressed = named(element("button", "vb-tiny"), each);
  pressed.type = "button";
  made.append(pressed);
  return made;
};
const told = (shown, found, text) => {
  if (shown.length < found) {
    return phrase("%(shown)s of %(all)s; type a part of the name.", { shown: shown.length, all: number(found) });
  }
  if (shown.length) return "";
  return text ? phrase("Nothing in your library has this name.") : phrase("There is nothing more to add.");
};
const suggest = async (popup) => {
  const list = listOf(popup);
  const { kind } = list.dataset;
  const input = inputOf(popup);
  const text = input?.value.trim() ?? "";
  const { found, suggestions } = await call("GET", `/suggestions?${new URLSearchParams({ kind, text })}`);
  if (text !== (input?.value.trim() ?? "")) return; // the user has typed on
  const set = new URLSearchParams(location.search).getAll(kind);
  const shown = suggestions.filter(({ value }) => !set.includes(value));
  if (!input) return list.replaceChildren(...shown.map(yearButton));
  list.replaceChildren(...shown.map((each, n) => option(list, each, n)));
  input.setAttribute("aria-expanded", String(shown.length > 0));
  activate(popup, text ? list.firstElementChild : null); // so that Enter takes the first
  popup.querySelector("[role=status]").textContent = told(shown, found - suggestions.length + shown.length, text);
};

// -- opening, typing, picking

// Place it under its button, inside the window.
const place = (popup) => {
  const { left, bottom } = document.querySelector(`[popovertarget="${popup.id}"]`).getBoundingClientRect();
  const furthest = document.documentElement.clientWidth - popup.offsetWidth - 8;
  popup.style.top = `${bottom + scrollY + 6}px`;
  popup.style.left = `${Math.max(8, Math.min(left, furthest)) + scrollX}px`;
};
const clear = (popup) => {
  const input = inputOf(popup);
  if (input) input.value = "";
  const now = new URLSearchParams(location.search);
  for (const date of popup.querySelectorAll("[type=date]")) date.value = now.get(date.name) ?? "";
};
const open = (popup) => {
  place(popup);
  suggest(popup).catch((error) => {
    const line = popup.querySelector("[role=status]");
    if (line) line.textContent = error.message;
  });
};
const pick = (popup, value) => {
  popup.hidePopover();
  add(listOf(popup).dataset.kind, value);
};
const step = (popup, by) => {
  const options = [...listOf(popup).children];
  const at = options.indexOf(activeOf(popup));
  activate(popup, options.at((at < 0 && by < 0 ? 0 : at) + by) ?? options[0]);
};
const popupAt = (event) => event.target.closest?.(".vb-popup");

// Cleared before it opens: "toggle" comes a moment later, when somebody may have typed already.
for (const [name, act] of [["beforetoggle", clear], ["toggle", open]]) {
  document.addEventListener(
    name,
    (event) => {
      if (event.newState === "open" && event.target.matches?.(".vb-popup")) act(event.target);
    },
    true,
  );
}
document.addEventListener("input", (event) => {
  if (event.target.matches?.(".vb-popup [role=combobox]")) suggest(popupAt(event)).catch(() => {});
});
document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.(".vb-popup [role=combobox]")) return;
  const popup = popupAt(event);
  if (event.key === "ArrowDown") step(popup, 1);
  else if (event.key === "ArrowUp") step(popup, -1);
  else if (event.key !== "Enter") return;
  else if (activeOf(popup)) pick(popup, activeOf(popup).dataset.value);
  event.preventDefault();
});
document.addEventListener("click", (event) => {
  const toggle = event.target.closest?.(".vb-filters-toggle");
  if (toggle) toggle.setAttribute("aria-expanded", String(toggle.getAttribute("aria-expanded") !== "true"));
  const added = event.target.closest?.("[data-add]");
  if (added) add(added.dataset.add, "true");
  const picked = event.target.closest?.(".vb-popup [data-value]");
  if (picked) pick(popupAt(event), picked.dataset.value);
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches?.(".vb-dates")) return;
  event.preventDefault();
  const dates = new FormData(event.target);
  popupAt(event).hidePopover();
  go((now) => {
    for (const [name, value] of dates) {
      now.delete(name);
      if (value) now.set(name, value);
    }
  });
});
