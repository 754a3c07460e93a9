// Runs before the first paint: the colours and the width of the side bar that this person chose on this machine.
// Nothing else belongs here, because the page waits for it. What is remembered is a choice of looks, never data.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const read = (key) => {
    try {
      return localStorage.getItem(key);
    } catch (_blocked) {
      return null; // a browser that keeps nothing still shows the page, in the system's colours
    }
  };
  const theme = read("praxispost-theme");
  if (theme === "light" || theme === "dark") root.dataset.bsTheme = theme;
  const sidebar = read("praxispost-sidebar");
  const cramped = window.innerWidth < 1200; // tables need the room more than the words beside the icons
  if (sidebar === "folded" || (sidebar === null && cramped)) root.dataset.sidebar = "folded";
})();
