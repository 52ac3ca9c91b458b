// Keeps the library's page up to date during work: loads it again and replaces what has changed.
import { call, page } from "./api.js";

const QUICK = 1000, SLOW = 5000;
const told = document.getElementById("told");
let timer = 0;
let stale = false; // whether the last reload failed

export const tell = (sentence) => { told.textContent = sentence; };

// Replaces changed children by their keys, so that focus and scroll position stay.
function update(now, next) {
  for (const name of ["hidden", "class"]) {
    if (next.hasAttribute(name)) now.setAttribute(name, next.getAttribute(name));
    else now.removeAttribute(name);
  }
  const children = [...now.children, ...next.children];
  if (!children.length || !children.every((child) => child.dataset.key)) {
    if (now.innerHTML !== next.innerHTML) now.innerHTML = next.innerHTML;
    return;
  }
  const known = new Map([...now.children].map((child) => [child.dataset.key, child]));
  let place = now.firstElementChild;
  for (const child of [...next.children]) {
    const old = known.get(child.dataset.key);
    known.delete(child.dataset.key);
    if (old && old.outerHTML === child.outerHTML) {
      if (old === place) place = place.nextElementSibling;
      else now.insertBefore(old, place);
      continue;
    }
    if (old) {
      const call = old.contains(document.activeElement) ? document.activeElement.dataset.call : null;
      if (old === place) place = place.nextElementSibling;
      old.replaceWith(child);
      if (child.nextElementSibling !== place) now.insertBefore(child, place);
      if (call) (child.querySelector(`[data-call="${call}"]`) || child.querySelector("[data-call]"))?.focus();
    } else now.insertBefore(child, place);
  }
  for (const gone of known.values()) {
    const held = gone.contains(document.activeElement);
    gone.remove();
    if (held) now.closest("details")?.querySelector("summary")?.focus();
  }
}

function updateAll(shown) {
  for (const now of document.querySelectorAll("[data-live]")) {
    const next = shown.querySelector(`[data-live="${now.dataset.live}"]`);
    if (!next) continue;
    if (now.querySelector("[data-live]")) {  // its parts are updated one by one
      now.hidden = next.hidden;
      const heading = now.querySelector("h2"), text = next.querySelector("h2")?.textContent;
      if (heading && heading.textContent !== text) heading.textContent = text;
    } else update(now, next);
  }
}

export async function refresh() {
  clearTimeout(timer);
  try {
    if (!document.hidden) updateAll(await page(location.href));
    document.dispatchEvent(new Event("verbatim:refreshed"));
    if (stale) tell("");
    stale = false;
  } catch (error) {
    stale = true;
    tell(error.message);
  }
  const busy = document.querySelector(":is(.vb-is-running, .vb-is-queued, .vb-is-waiting, .vb-is-syncing)");
  clearTimeout(timer);
  timer = setTimeout(refresh, busy ? QUICK : SLOW);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-call]");
  if (!button || (button.dataset.ask && !confirm(button.dataset.ask))) return;
  tell("");
  try {
    await call(button.dataset.method, button.dataset.call);
  } catch (error) {
    tell(error.message);
  }
  await refresh();
});

document.getElementById("choose")?.addEventListener("change", (event) => {
  if (event.target.matches("select")) event.currentTarget.requestSubmit();
});
document.getElementById("choose")?.addEventListener("submit", (event) => {  // without empty parameters in the address
  for (const field of event.currentTarget.elements) {
    field.disabled = !field.value || (field.name === "sort" && field.value === "newest");
  }
});
addEventListener("pageshow", () => {
  for (const field of document.getElementById("choose")?.elements || []) field.disabled = false;
});

// The button that opens the section for adding.
const add = document.getElementById("add");
export const openAdding = (open) => {
  add.setAttribute("aria-expanded", String(open));
  document.getElementById("adding").hidden = !open;
};
add.addEventListener("click", () => openAdding(add.getAttribute("aria-expanded") !== "true"));

refresh();
