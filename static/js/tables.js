// Wide tables: when the columns do not fit, the table gets its own scrolling box, so that the page never scrolls sideways.
(() => {
  const fit = (wrap) => {
    wrap.classList.remove("table-wrap-scrolls");
    const table = wrap.querySelector("table");
    wrap.classList.toggle("table-wrap-scrolls", Boolean(table) && table.scrollWidth > wrap.clientWidth + 1);
  };
  const watched = new ResizeObserver((entries) => entries.forEach((entry) => fit(entry.target)));
  const watchAll = () => {
    watched.disconnect();
    for (const wrap of document.querySelectorAll(".table-wrap")) watched.observe(wrap);
  };
  document.addEventListener("htmx:afterSettle", watchAll);
  watchAll();
})();
