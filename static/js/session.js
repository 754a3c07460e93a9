// The end of a session that nobody uses: a warning, a way to go on, then the log-in page. Working in any tab counts for all of them.
(() => {
  const praxispost = (window.praxispost = window.praxispost || {});
  const idleMs = Number(document.body.dataset.idleMinutes || 0) * 60000;
  if (!idleMs) return;
  const warnMs = Math.min(120000, idleMs / 2);
  const dialog = document.getElementById("idle-dialog");
  const KEY = "praxispost-active";
  let last = Date.now();
  let told = Date.now(); // when the server last heard of somebody working here

  function lastAnywhere() {
    try {
      return Math.max(last, Number(localStorage.getItem(KEY) || 0));
    } catch (_blocked) {
      return last;
    }
  }

  function worked() {
    if (dialog.open || Date.now() - last < 1000) return;
    last = Date.now();
    try {
      localStorage.setItem(KEY, String(last));
    } catch (_blocked) {
      return; // then every tab counts for itself
    }
  }

  // Typing a long text sends nothing; the server must not take that for an empty chair.
  function tellServer() {
    told = Date.now();
    praxispost.post("/session/keep-alive").catch(praxispost.serverGone);
  }

  // The server answers with the way to the log-in page, and from there back to this one.
  async function leave() {
    praxispost.leaving = true;
    clearInterval(timer);
    const here = location.pathname + location.search;
    try {
      await praxispost.post(document.body.dataset.logoutUrl, [["idle", "1"], ["next", here]]);
    } catch (_unreachable) {
      praxispost.serverGone(); // the server ends the session by its own clock
    }
    location.assign(`${document.body.dataset.loginUrl}?next=${encodeURIComponent(here)}`);
  }

  function look() {
    const idle = Date.now() - lastAnywhere();
    if (idle >= idleMs) return leave();
    if (idle >= idleMs - warnMs) {
      if (!dialog.open) dialog.showModal();
      return;
    }
    if (dialog.open) dialog.close("elsewhere"); // somebody went on in another tab
    if (lastAnywhere() > told && Date.now() - told > idleMs / 4) tellServer(); // progress that a page polls does not count as work
  }

  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "elsewhere" || praxispost.leaving) return;
    worked();
    tellServer();
  });
  for (const name of ["pointerdown", "keydown", "wheel", "touchstart"]) document.addEventListener(name, worked, { passive: true, capture: true });
  worked();
  const timer = setInterval(look, Math.min(5000, warnMs / 4));
})();
