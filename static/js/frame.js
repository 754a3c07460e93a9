// The side bar (folded on wide screens, a drawer on narrow ones) and the choice of colours. Both are remembered on this machine.
(() => {
  const root = document.documentElement;
  const remember = (key, value) => {
    try {
      localStorage.setItem(key, value);
    } catch (_blocked) {
      return; // the choice holds for this page only
    }
  };

  function showTheme(choice) {
    if (choice === "auto") delete root.dataset.bsTheme;
    else root.dataset.bsTheme = choice;
    for (const button of document.querySelectorAll("[data-theme-choice]"))
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
  }

  function showFold() {
    const folded = root.dataset.sidebar === "folded";
    for (const button of document.querySelectorAll("[data-fold-sidebar]")) {
      button.setAttribute("aria-expanded", String(!folded));
      button.querySelector(".sidebar-word").textContent = folded ? "Ausklappen" : "Einklappen";
    }
  }

  function fold() {
    if (root.dataset.sidebar === "folded") delete root.dataset.sidebar;
    else root.dataset.sidebar = "folded";
    remember("praxispost-sidebar", root.dataset.sidebar || "wide");
    showFold();
  }

  function drawer(open) {
    const button = document.querySelector("[data-drawer-open]");
    if (!button || open === document.body.classList.contains("drawer-shown")) return;
    document.body.classList.toggle("drawer-shown", open);
    button.setAttribute("aria-expanded", String(open));
    document.querySelector(".stage").inert = open;
    (open ? document.querySelector(".sidebar .drawer-close") : button).focus();
  }

  document.addEventListener("click", (event) => {
    const theme = event.target.closest("[data-theme-choice]");
    if (theme) {
      remember("praxispost-theme", theme.dataset.themeChoice);
      showTheme(theme.dataset.themeChoice);
    }
    if (event.target.closest("[data-fold-sidebar]")) fold();
    if (event.target.closest("[data-drawer-open]")) drawer(true);
    if (event.target.closest("[data-drawer-close]")) drawer(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") drawer(false);
  });

  showTheme(root.dataset.bsTheme || "auto");
  showFold();
})();
