// The library's page stays true while work goes on: it is asked for again, and what has changed is put in its place.
import { call } from "./api.js";
import { whenBack } from "./away.js";

const QUICK = 1000, SLOW = 5000;
const told = document.getElementById("told");
let timer = 0;

export const tell = (sentence) => { told.textContent = sentence; };

// Puts changed children in place by their keys, so that focus and what a reader is reading stay where they are.
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
    if (held) now.closest("section, details")?.querySelector("h2, summary")?.focus();
  }
}

function updateAll(page) {
  for (const now of document.querySelectorAll("[data-live]")) {
    const next = page.querySelector(`[data-live="${now.dataset.live}"]`);
    if (!next) continue;
    if (now.querySelector("[data-live]")) {  // its parts are seen to by themselves
      now.hidden = next.hidden;
      const heading = now.querySelector("h2"), text = next.querySelector("h2").textContent;
      if (heading.textContent !== text) heading.textContent = text;
    } else update(now, next);
  }
}

export async function refresh() {
  clearTimeout(timer);
  try {
    if (!document.hidden) {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (answer.ok) updateAll(new DOMParser().parseFromString(await answer.text(), "text/html"));
    }
  } catch {
  await whenBack();
}
  const busy = document.querySelector(".vb-is-running, .vb-is-queued, .vb-feeds .vb-state:not(:empty)");
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
document.getElementById("choose")?.addEventListener("submit", (event) => {  // a short address
  for (const field of event.currentTarget.elements) {
    field.disabled = !field.value || (field.name === "sort" && field.value === "newest");
  }
});
addEventListener("pageshow", () => {
  for (const field of document.getElementById("choose")?.elements || []) field.disabled = false;
});

// Feeds: first what the address holds, then following it.
const form = document.getElementById("feed"), found = document.getElementById("feed-found");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const url = form.elements.url.value.trim();
  found.textContent = "Reading the feed …";
  try {
    const feeds = await call("POST", "/api/feeds/find", { url });
    found.replaceChildren(...feeds.map(describe), follower(url, feeds.length));
    found.querySelector("button").focus();
  } catch (error) {
    found.textContent = error.message;
  }
});

function describe(feed) {
  const line = document.createElement("p");
  const counts = feed.episodes === null ? "" : `: ${feed.episodes} episodes, ${feed.transcripts} with a transcript`;
  line.textContent = (feed.title || feed.url) + counts;
  return line;
}

function follower(url, many) {
  const row = document.createElement("p"), label = document.createElement("label");
  const select = document.createElement("select"), button = document.createElement("button");
  row.className = "vb-choose";
  label.className = "vb-field";
  label.textContent = "Take in";
  for (const [value, name] of [["5", "the 5 newest"], ["20", "the 20 newest"], ["", "all episodes"]]) {
    select.add(new Option(name, value));
  }
  label.append(select);
  button.className = "vb-button";
  button.type = "button";
  button.textContent = many > 1 ? `Follow all ${many}` : "Follow";
  button.addEventListener("click", async () => {
    button.disabled = true;
    found.append(" Adding …");
    try {
      await call("POST", "/api/feeds", { url, limit: select.value ? Number(select.value) : null });
      form.reset();
      found.textContent = "It is followed; its episodes are being fetched.";
      form.elements.url.focus();
    } catch (error) {
      found.textContent = error.message;
    }
    await refresh();
  });
  row.append(label, button);
  return row;
}

refresh();
