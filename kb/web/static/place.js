// "Back" from a transcript restores the page: scroll position and open panels.
import { inTab } from "./storage.js";

const key = () => `verbatim-place ${location.pathname}${location.search}`;
const keyOf = (details) => {
  const card = details.closest("article, [data-quote], [id]");
  return [card?.dataset.quote ?? card?.getAttribute("aria-label") ?? card?.id ?? "", details.className].join(" ");
};
const panels = () => [...document.querySelectorAll("details")];
const cited = () => [...document.querySelectorAll(".vb-cite")];

export const remember = () => {
  const open = panels().filter((details) => details.open).map(keyOf);
  const cites = cited().filter((link) => link.getAttribute("aria-expanded") === "true").map((link) => link.pathname);
  inTab.set(key(), JSON.stringify({ open, cites, top: scrollY }));
};

const kept = () => {
  try {
    return JSON.parse(inTab.get(key()) || "null");
  } catch {
    return null;
  }
};

// Restores the position; called when the content is there again.
export const restore = () => {
  const found = kept();
  if (!found) return;
  for (const details of panels()) if (found.open.includes(keyOf(details))) details.open = true;
  for (const link of cited()) {
    if (found.cites.includes(link.pathname) && link.getAttribute("aria-expanded") !== "true") link.click();
  }
  if (!found.cites.length) return scrollTo({ top: found.top, behavior: "instant" });
  const go = () => scrollTo({ top: found.top, behavior: "instant" });
  go();
  // Citations come a moment later and move what is below them.
  new MutationObserver((_, observer) => {
    if (document.querySelectorAll(".vb-citing").length < found.cites.length) return;
    observer.disconnect();
    go();
  }).observe(document.body, { childList: true, subtree: true });
};

export const cameBack = () => performance.getEntriesByType("navigation")[0]?.type !== "navigate";

addEventListener("pagehide", remember);
