// Menus are <details>: they open by themselves. This adds closing (Esc, a click elsewhere, leaving by Tab) and the arrow keys.
(() => {
  const items = (menu) => [...menu.querySelectorAll(".menu-list a, .menu-list button:not(:disabled)")];
  const openMenus = () => document.querySelectorAll("details[data-menu][open]");

  function close(menu, giveFocusBack) {
    menu.open = false;
    if (giveFocusBack) menu.querySelector("summary").focus();
  }

  function move(menu, step) {
    const all = items(menu);
    const at = all.indexOf(document.activeElement);
    const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : (at + step + all.length) % all.length;
    all[next]?.focus();
  }

  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) close(menu, false);
  });
  document.addEventListener("focusin", (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) close(menu, false);
  });

  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("details[data-menu]");
    if (!menu || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape" && menu.open) close(menu, true);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      menu.open = true;
      move(menu, event.key === "ArrowDown" ? 1 : -1);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
})();
