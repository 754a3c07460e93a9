// The record beside a list: htmx loads it into #side-panel. It takes the focus, Esc closes it, and the focus goes back to the row.
(() => {
  let opener = null;
  const panel = () => document.getElementById("side-panel");

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-side-panel]");
    if (link) opener = link;
    if (event.target.closest("[data-close-panel]")) close();
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "side-panel") return;
    panel().hidden = false;
    panel().scrollTop = 0;
    mark(true);
    panel().querySelector(".side-panel-title")?.focus();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || !panel() || panel().hidden) return;
    if (document.querySelector("dialog[open]")) return;
    close();
  });

  function mark(open) {
    for (const row of document.querySelectorAll("tr.row-open")) row.classList.remove("row-open");
    if (open) opener?.closest("tr")?.classList.add("row-open");
  }

  function close() {
    panel().hidden = true;
    panel().replaceChildren();
    mark(false);
    focusOpener();
  }

  // The list may have been swapped meanwhile: then the same record's new link takes the focus.
  function focusOpener() {
    if (!opener) return;
    const same = opener.isConnected ? opener : document.querySelector(`[data-side-panel][href="${CSS.escape(opener.getAttribute("href"))}"]`);
    (opener.dataset.fromRow && same?.closest("tr") ? same.closest("tr") : same)?.focus();
    opener = null;
  }
})();
