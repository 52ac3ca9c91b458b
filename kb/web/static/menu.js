// A menu is a <details> that closes after use.
const shut = (menu) => {
  menu.open = false;
  return menu.querySelector("summary");
};
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".vb-menu[open]")) {
    if (!menu.contains(event.target) || event.target.closest("a")) shut(menu);
  }
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest?.(".vb-menu[open]");
  if (menu) shut(menu).focus();
});
document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.(".vb-menu[open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) shut(menu);
});
