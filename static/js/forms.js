// Forms: sent once, asked before what cannot be undone, the first wrong field gets the focus, typed text is not lost by accident.
(() => {
  const praxispost = (window.praxispost = window.praxispost || {});
  const LOCK_MS = 5000; // long enough for a double click, short enough that a download form can be used again

  // The question comes before htmx or the browser sees the submit.
  document.addEventListener(
    "submit",
    (event) => {
      const question = event.submitter?.dataset.confirm || event.target.dataset.confirm;
      if (!question || event.target.dataset.confirmed) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      ask(event.target, event.submitter, question);
    },
    true,
  );

  async function ask(form, submitter, question) {
    if (!(await praxispost.confirm(question, submitter?.textContent.trim()))) return;
    form.dataset.confirmed = "yes";
    form.requestSubmit(submitter);
    delete form.dataset.confirmed;
  }

  // A form that is sent as a page would take what is typed along to the log-in page, and lose it there.
  document.addEventListener(
    "submit",
    (event) => {
      if (!event.target.matches("[data-unsaved][data-dirty]:not([hx-post])") || event.target.dataset.signedIn) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      sendSignedIn(event.target, event.submitter);
    },
    true,
  );

  async function sendSignedIn(form, submitter) {
    let answer;
    try {
      answer = await praxispost.post("/session/keep-alive");
    } catch (_unreachable) {
      return praxispost.serverGone();
    }
    if (answer.status === 401) return; // the notice is there
    // A form of an earlier session (400) is sent all the same: the server shows what was typed, and takes it when asked again.
    if (!answer.ok && answer.status !== 400) return praxispost.flash(answer.text);
    form.dataset.signedIn = "yes";
    form.requestSubmit(submitter);
    delete form.dataset.signedIn;
  }

  // What is loaded over a form takes along what is typed in it, unless it is the answer to that form.
  document.addEventListener("htmx:confirm", async (event) => {
    const { elt, target, issueRequest } = event.detail;
    const typed = praxispost.typedForms().find((form) => target.contains(form));
    if (!typed || typed.contains(elt) || elt.form === typed) return;
    event.preventDefault();
    const question = "Was Sie hier eingegeben haben, ist noch nicht gespeichert. Sollen Ihre Eingaben verworfen werden?";
    if (await praxispost.confirm(question, "Eingaben verwerfen")) issueRequest(true);
  });

  // htmx forms are locked by their own attribute; this is for the plain ones.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.locked) {
      event.preventDefault();
      return;
    }
    form.dataset.locked = "yes";
    delete form.dataset.dirty;
    setTimeout(() => delete form.dataset.locked, LOCK_MS);
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit();
  });

  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-unsaved]");
    if (form) form.dataset.dirty = "yes";
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    // A field that was only checked is not saved yet. (The element of the event may be its form, when the field was swapped.)
    if (!event.detail.successful || event.detail.requestConfig?.elt.matches("[data-check]")) return;
    delete event.detail.elt.closest?.("form")?.dataset.dirty;
  });
  window.addEventListener("beforeunload", (event) => {
    if (praxispost.typedForms().length && !praxispost.leaving) event.preventDefault();
  });

  const focusFirstProblem = (root) => root.querySelector(".is-invalid")?.focus();
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.xhr?.status === 422) focusFirstProblem(document.getElementById("main"));
  });
  focusFirstProblem(document);

  document.addEventListener("click", (event) => {
    const dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) dismiss.closest(".alert").remove();
    const copy = event.target.closest("[data-copy]");
    if (copy && navigator.clipboard) navigator.clipboard.writeText(copy.dataset.copy);
  });
})();
