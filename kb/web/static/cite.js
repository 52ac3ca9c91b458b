// "Cite" opens the citation within the card; without this script it is a page of its own, with the same form.
(() => {
  if (window.verbatimCite) return; // the page may run this twice
  window.verbatimCite = true;
  const KEPT = "verbatim-style"; // the style picked last, in this browser only
  const kept = (style) => {
    try {
      if (style) localStorage.setItem(KEPT, style);
      return localStorage.getItem(KEPT) ?? "";
    } catch {
      return ""; // a browser may forbid it
    }
  };
  const fetched = async (address, style) => {
    const url = new URL(address, location.origin);
    url.search = style ? new URLSearchParams({ style }) : "";
    const reply = await fetch(url);
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    const box = document.createElement("div");
    box.className = "vb-citing";
    box.append(...page.querySelectorAll(".vb-style, .vb-cited-as, .vb-problem"));
    return box;
  };
  const show = async (link, style) => {
    const card = link.closest(".vb-card");
    const open = card.querySelector(".vb-citing");
    try {
      const box = await fetched(link.href, style);
      if (open) open.replaceWith(box);
      else card.querySelector(".vb-actions").after(box);
      link.setAttribute("aria-expanded", "true");
      box.querySelector("select")?.focus();
    } catch {
      location.assign(link.href);
    }
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".vb-card .vb-cite");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const open = link.closest(".vb-card").querySelector(".vb-citing");
    if (!open) return show(link, kept());
    open.remove();
    link.setAttribute("aria-expanded", "false");
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest?.(".vb-style");
    if (!form) return;
    const style = kept(event.target.value) || event.target.value;
    const card = form.closest(".vb-card");
    if (card) show(card.querySelector(".vb-cite"), style);
    else form.submit();
  });
  document.addEventListener("submit", (event) => {
    if (event.target.closest?.(".vb-card")) event.preventDefault();
  });
})();
