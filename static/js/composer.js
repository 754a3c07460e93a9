// The composer: saves by itself (another request than the preview), keeps typed text from being lost, and shows one side at a time on small screens.
(() => {
  const praxispost = window.praxispost;
  const room = document.querySelector("[data-composer]");
  const form = document.getElementById("composer");
  const SAVE_AFTER_MS = 3000;
  let timer = 0;
  let running = null;
  let stopped = false; // another tab saved: a person decides which text counts
  let held = null; // while the server is changing the text: a promise of its answer
  let sent = null; // the button or field whose answer that is
  const asked = new Set(); // buttons and fields, from the press to the answer
  let missed = false; // a preview was not shown

  const NOT_SAVED = ["csrf_token", "version", "shown", "recipient", "test_address", "template", "href"];
  const fields = () => [...new FormData(form)].filter(([, value]) => typeof value === "string");
  const contents = () => JSON.stringify(fields().filter(([name]) => !NOT_SAVED.includes(name)));
  let saved = contents(); // the fields as the server has them; null while the server is replacing them
  const isDirty = () => saved !== null && contents() !== saved;
  const say = (text) => (document.querySelector("[data-save-state]").textContent = text);
  const clock = () => new Date().toLocaleTimeString("de-DE", { hour: "numeric", minute: "2-digit", timeZone: "Europe/Berlin" });

  async function send() {
    const now = contents();
    say("Wird gespeichert …");
    let answer;
    try {
      answer = await praxispost.post(room.dataset.autosaveUrl, fields());
    } catch (_unreachable) {
      praxispost.serverGone();
      say("Noch nicht gespeichert");
      plan();
      return false;
    }
    if (!answer.ok) {
      stopped = answer.status === 409;
      say("Nicht gespeichert");
      praxispost.flash(answer.text);
      return false;
    }
    document.getElementById("draft-version").value = answer.headers.get("X-Draft-Version");
    saved = now;
    if (!isDirty()) delete form.dataset.dirty;
    say(`Gespeichert um ${clock()} Uhr`);
    return true;
  }

  // One save at a time: the next one needs the version that this one brings.
  async function save() {
    clearTimeout(timer);
    while (running) await running;
    if (!isDirty() || stopped || held) return !stopped;
    running = send();
    try {
      return await running;
    } finally {
      running = null;
    }
  }

  function plan() {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(save, SAVE_AFTER_MS);
  }

  function changed() {
    if (!isDirty()) return;
    form.dataset.dirty = "yes";
    if (!stopped) say("");
    plan();
  }

  for (const name of ["input", "change", "trix-change"]) form.addEventListener(name, changed);
  form.addEventListener("focusout", () => setTimeout(save, 0));

  // Whatever else sends the text waits for the save or the change that is under way, for it needs the version that this one brings.
  document.addEventListener("htmx:confirm", async (event) => {
    const { elt, path, issueRequest } = event.detail;
    if (elt.form !== form || path.endsWith("/preview")) return;
    event.preventDefault();
    if (asked.has(elt) && (elt !== sent || elt.type === "submit")) return; // a double click
    asked.add(elt);
    let ready;
    do {
      await held;
      ready = await save();
    } while (held || running);
    if (!ready || !elt.isConnected) return done(elt);
    sent = elt;
    held = answerTo(elt).then(() => done(elt));
    issueRequest(true);
  });

  // Heard at the element itself: whatever is swapped away meanwhile, the text must not be held for ever.
  const answerTo = (elt) => new Promise((answered) => elt.addEventListener("htmx:afterRequest", answered, { once: true }));

  function done(elt) {
    asked.delete(elt);
    if (elt === sent) held = sent = null;
    if (!missed) return;
    missed = false;
    htmx.trigger(form, "previewMissed");
  }

  // A preview of the text before the change would take the pressed button away, and with it whoever waits for its answer.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const preview = event.target;
    if (preview.id !== "composer-preview" || ![...asked].some((elt) => preview.contains(elt))) return;
    event.detail.shouldSwap = false;
    missed = true;
  });

  form.addEventListener("submit", async (event) => {
    if (!running) {
      stopped = true;
      return;
    }
    event.preventDefault();
    await running;
    form.requestSubmit(event.submitter);
  });

  // The editor tidies the HTML it loads; only what a person changes after that counts as changed. Other fields may have been
  // typed into before the editor was there.
  function editorReady() {
    const tidied = new FormData(form).get("body");
    const before = saved === null ? fields().filter(([name]) => !NOT_SAVED.includes(name)) : JSON.parse(saved);
    saved = JSON.stringify(before.map(([name, value]) => [name, name === "body" ? tidied : value]));
  }
  document.addEventListener("trix-initialize", editorReady);
  document.addEventListener("textReplaced", () => {
    saved = null;
    stopped = false;
    delete form.dataset.dirty;
    say(`Gespeichert um ${clock()} Uhr`);
    requestAnimationFrame(() => requestAnimationFrame(() => (saved ??= contents())));
  });

  // A link away from here first saves what is typed.
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[href]");
    if (event.defaultPrevented || !link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    if (link.closest("[data-mail-body], trix-editor")) return event.preventDefault();
    if ("discardTyped" in link.dataset) {
      delete form.dataset.dirty;
      return;
    }
    if (link.target || link.hasAttribute("hx-get") || link.hash || !isDirty()) return;
    event.preventDefault();
    if (await save()) location.assign(link.href);
  });

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save();
  });

  // Enter in the subject goes on to the text; it must not press the first button of the form.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.target.id !== "field-subject") return;
    event.preventDefault();
    document.getElementById("field-body-editor").focus();
  });

  // The address of the test mail: it has the focus when its box opens, and Enter sends. Its field is of the form, but stands outside it.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.target.id !== "field-test-address") return;
    event.preventDefault();
    document.getElementById("send-test-mail").click();
  });
  document.getElementById("test-mail-menu")?.addEventListener("toggle", (event) => {
    if (event.target.open) document.getElementById("field-test-address").focus();
  });

  document.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-composer-tab]");
    if (!tab) return;
    room.classList.toggle("composer-looking", tab.dataset.composerTab === "look");
    for (const other of document.querySelectorAll("[data-composer-tab]")) other.setAttribute("aria-pressed", String(other === tab));
  });
})();
