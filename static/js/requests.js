// Every request that a script or htmx makes: the CSRF token, an expired session, a server that does not answer.
// Offers `praxispost.post(url, fields)`; what to do with the answer is up to the caller. And `praxispost.typedForms()`: forms with
// something typed in that nobody has saved yet.
(() => {
  const praxispost = (window.praxispost = window.praxispost || {});
  const token = (praxispost.csrfToken = () => document.querySelector('meta[name="csrf-token"]').content);

  praxispost.typedForms = () => [...document.querySelectorAll("form[data-unsaved][data-dirty]")];

  // fields: a list of [name, value]. Resolves with {ok, status, headers, text}. When the session is over the page leaves, and this
  // never resolves; unless something is typed here that nobody has saved yet, or the caller stays.
  praxispost.post = async (url, fields = [], { stay = false } = {}) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "X-CSRFToken": token(), "HX-Request": "true", "Content-Type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(fields),
      credentials: "same-origin",
    });
    const elsewhere = response.headers.get("HX-Redirect");
    if (elsewhere && (stay || staysForTyped(response.status))) return { ok: false, status: 401, headers: response.headers, text: flash.innerHTML };
    if (elsewhere) {
      praxispost.leaving = true;
      location.assign(elsewhere);
      return new Promise(() => {});
    }
    if (response.ok) serverIsBack();
    return { ok: response.ok, status: response.status, headers: response.headers, text: await response.text() };
  };

  praxispost.flash = (html) => {
    flash.innerHTML = html;
    if (window.htmx) htmx.process(flash);
  };

  praxispost.serverGone = () => {
    if (document.getElementById("server-gone-notice")) return;
    flash.append(document.getElementById("server-gone").content.cloneNode(true));
  };

  function serverIsBack() {
    document.getElementById("server-gone-notice")?.remove();
    if (!document.body.matches(".nobody-here")) document.getElementById("signed-out-notice")?.remove();
  }

  // Signed out meanwhile, with text that is not saved: it stays until the person has signed in again in another tab.
  function staysForTyped(status) {
    if (status !== 401 || !praxispost.typedForms().length) return false;
    praxispost.signedOut();
    return true;
  }

  praxispost.signedOut = () => {
    if (!document.getElementById("signed-out-notice")) flash.append(document.getElementById("signed-out").content.cloneNode(true));
  };

  // What comes while somebody works must not move the row under the mouse: it floats above the bottom bar instead.
  const flash = document.getElementById("flash");
  const late = new MutationObserver((changes) => {
    if (changes.some((change) => change.addedNodes.length)) flash.classList.add("flash-late");
  });
  if (flash) late.observe(flash, { childList: true });

  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = token();
  });
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (staysForTyped(event.detail.xhr.status)) event.preventDefault();
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, praxispost.serverGone);
  document.addEventListener("htmx:afterOnLoad", (event) => {
    if (event.detail.xhr.status !== 401) serverIsBack();
  });

  // What was pressed keeps the focus, though it is switched off during its request or swapped by the answer.
  let pressed = null;
  document.addEventListener("htmx:beforeRequest", () => {
    pressed = document.activeElement === document.body ? null : document.activeElement;
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!pressed || document.activeElement !== document.body) return;
    const link = pressed.getAttribute("href");
    const same = pressed.isConnected ? pressed : document.getElementById(pressed.id) || (link && document.querySelector(`#main a[href="${CSS.escape(link)}"]`));
    same?.focus();
  });

  // Ctrl or the middle button on a link means "in a new tab"; htmx would load it here.
  document.addEventListener(
    "click",
    (event) => {
      if (!(event.ctrlKey || event.metaKey || event.shiftKey)) return;
      if (event.target.closest("a[hx-get]")) event.stopImmediatePropagation();
    },
    true,
  );

  // A page from the back/forward memory may be older than the truth, and belongs to whoever was signed in then.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
})();
