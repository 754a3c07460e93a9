// The end of a session that nobody uses: a warning, a way to go on, then the log-in page. Where something is typed that could not be
// saved, the page stays instead, hidden, until the same person is back. Working in any tab counts for all of them.
(() => {
  const praxispost = (window.praxispost = window.praxispost || {});
  const idleMs = Number(document.body.dataset.idleMinutes || 0) * 60000;
  if (!idleMs) return;
  const warnMs = Math.min(120000, idleMs / 2);
  const dialog = document.getElementById("idle-dialog");
  const KEY = "praxispost-active";
  let last = Date.now();
  let told = Date.now(); // when the server last heard of somebody working here
  let timer = 0;
  let hiddenTitle = null; // the title of the page, while the page is hidden
  let asking = false;

  function lastAnywhere() {
    try {
      return Math.max(last, Number(localStorage.getItem(KEY) || 0));
    } catch (_blocked) {
      return last;
    }
  }

  function worked() {
    if (dialog.open || hiddenTitle !== null || Date.now() - last < 1000) return;
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
    clearInterval(timer);
    if (praxispost.typedForms().length) return hide();
    praxispost.leaving = true;
    const here = location.pathname + location.search;
    try {
      await praxispost.post(document.body.dataset.logoutUrl, [["idle", "1"], ["next", here]]);
    } catch (_unreachable) {
      praxispost.serverGone(); // the server ends the session by its own clock
    }
    location.assign(`${document.body.dataset.loginUrl}?next=${encodeURIComponent(here)}`);
  }

  // An empty chair shows nothing of a patient, not even in the title.
  async function hide() {
    for (const open of document.querySelectorAll("dialog[open]")) open.close("elsewhere");
    hiddenTitle = document.title;
    document.title = "Abgemeldet · Praxispost";
    document.body.classList.add("nobody-here");
    praxispost.signedOut();
    try {
      await praxispost.post(document.body.dataset.logoutUrl, [["idle", "1"]], { stay: true });
    } catch (_unreachable) {
      praxispost.serverGone();
    }
  }

  // The server knows whether it is the same person: for anybody else the token of this page is no good.
  async function comeBack() {
    if (hiddenTitle === null || asking) return;
    asking = true;
    try {
      const answer = await praxispost.post("/session/keep-alive");
      if (answer.ok) show();
      else if (answer.status !== 401) praxispost.flash(answer.text);
    } catch (_unreachable) {
      praxispost.serverGone();
    } finally {
      asking = false;
    }
  }

  function show() {
    document.title = hiddenTitle;
    hiddenTitle = null;
    document.body.classList.remove("nobody-here");
    praxispost.flash("");
    told = Date.now();
    worked();
    watch();
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

  function watch() {
    timer = setInterval(look, Math.min(5000, warnMs / 4));
  }

  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "elsewhere" || praxispost.leaving) return;
    worked();
    tellServer();
  });
  for (const name of ["pointerdown", "keydown", "wheel", "touchstart"]) document.addEventListener(name, worked, { passive: true, capture: true });
  for (const name of ["pointerdown", "keydown", "visibilitychange"]) document.addEventListener(name, comeBack, { passive: true, capture: true });
  window.addEventListener("focus", comeBack);
  worked();
  watch();
})();
