// Ticks in lists of people. The server keeps the selection; this sends every tick at once, in order, and shows the bar that comes back.
// Listens on the document, so that swapped lists work at once. Without this file the form does the same with buttons.
(() => {
  const praxispost = (window.praxispost = window.praxispost || {});
  let anchor = null; // value of the row where a range begins
  let queue = Promise.resolve();
  let waiting = 0;
  let refused = 0; // ticks that did not reach the server
  const SEARCH_TAKES = 3000; // ms; an answer that comes later ticks nobody: by then people have moved on

  const theList = () => document.querySelector("[data-people-list]");
  const boxes = (list) => [...list.querySelectorAll("[data-tick]:not(:disabled)")];
  const rows = (list) => [...list.querySelectorAll("tr[data-row]")];
  const boxOf = (row) => row.querySelector("[data-tick]:not(:disabled)");

  function paint(box, on) {
    box.checked = on;
    box.closest("tr").classList.toggle("row-ticked", on);
  }

  // Head box and "alle Treffer" button follow from what is ticked.
  function refresh() {
    const list = theList();
    if (!list) return;
    const all = boxes(list);
    const ticked = all.filter((box) => box.checked).length;
    const head = list.querySelector("[data-tick-page]");
    if (head) {
      head.checked = all.length > 0 && ticked === all.length;
      head.indeterminate = ticked > 0 && ticked < all.length;
      head.disabled = all.length === 0;
    }
    const hits = document.querySelector("[data-select-hits]");
    if (hits) hits.disabled = allHitsTicked(list);
  }

  // Tab reaches one row, the arrow keys the others.
  function prepareRows() {
    const list = theList();
    if (!list) return;
    const reachable = rows(list).find((row) => row === document.activeElement) || rows(list)[0];
    for (const row of rows(list)) row.tabIndex = row === reachable ? 0 : -1;
    refresh();
  }

  const allHitsTicked = (list) =>
    Number(list.dataset.hits) > 0 && Number(document.getElementById("action-bar")?.dataset.hitsSelected || 0) >= Number(list.dataset.hits);

  function send(list, operation, changed = []) {
    const fields = [["op", operation], ["scope", list.dataset.scope], ...changed.map((box) => ["row", box.value])];
    waiting += 1;
    queue = queue.then(() => tell(list.dataset.selectionUrl, fields, changed, operation)).finally(() => {
      waiting -= 1;
    });
  }

  async function tell(url, fields, changed, operation) {
    let answer = null;
    try {
      answer = await praxispost.post(url, fields);
    } catch (_unreachable) {
      praxispost.serverGone();
    }
    if (answer?.ok) return showAnswer(answer.text);
    if (answer) praxispost.flash(answer.text);
    refused += 1;
    // What the server does not know must not look ticked.
    for (const box of changed) paint(box, operation === "remove");
    refresh();
  }

  function showAnswer(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    for (const fresh of [...holder.content.children]) {
      const old = fresh.id && document.getElementById(fresh.id);
      if (!old) continue;
      const heldFocus = old.contains(document.activeElement);
      old.replaceWith(fresh);
      if (window.htmx) htmx.process(fresh);
      if (heldFocus) (fresh.querySelector("summary") || theList()?.querySelector('tr[tabindex="0"]'))?.focus();
    }
    refresh();
  }

  function set(list, wanted, on) {
    const changed = wanted.filter((box) => box.checked !== on);
    for (const box of changed) paint(box, on);
    if (changed.length) send(list, on ? "add" : "remove", changed);
    refresh();
  }

  function between(list, from, to) {
    const all = boxes(list);
    const ends = [from, to].map((value) => all.findIndex((box) => box.value === value));
    if (ends.includes(-1)) return [];
    return all.slice(Math.min(...ends), Math.max(...ends) + 1);
  }

  function tick(list, box, ranged) {
    const on = box.checked;
    box.checked = !on; // the click has already turned it; `set` compares
    const range = ranged && anchor !== null ? between(list, anchor, box.value) : [];
    set(list, range.length ? range : [box], on);
    anchor = box.value;
  }

  // First all on the page, then all hits.
  function selectAll(list) {
    const open = boxes(list).filter((box) => !box.checked);
    if (open.length) set(list, open, true);
    else selectHits(list);
  }

  // What was typed counts, also before its search has answered: "Groß", Alt+A means the people called Groß, not the list from before.
  function typedAhead(list) {
    const field = document.querySelector("#search-form [name=q][hx-get]");
    const shown = new URL(list.dataset.selectionUrl, location.href).searchParams.get("q") || "";
    return Boolean(field) && field.value.trim() !== shown.trim();
  }

  function selectAllFound(until = Date.now() + SEARCH_TAKES) {
    const list = theList();
    if (!list || Date.now() > until) return;
    if (!typedAhead(list)) selectAll(list);
    else document.addEventListener("htmx:afterSettle", () => selectAllFound(until), { once: true });
  }

  function selectHits(list) {
    // Without hits there is nothing to have: a list that shows nobody must not tick anybody.
    if (Number(list.dataset.hits) === 0 || allHitsTicked(list)) return;
    for (const box of boxes(list)) paint(box, true);
    send(list, "add_hits");
    refresh();
  }

  function clear(list) {
    for (const box of boxes(list)) paint(box, false);
    anchor = null;
    send(list, "clear");
    refresh();
  }

  function focusRow(row) {
    if (!row) return;
    row.focus(); // the focus makes it the row that Tab reaches
  }

  // Going on from the anchor ticks the next row; coming back unticks the one that is left.
  function extend(list, row, step) {
    const all = rows(list);
    const at = all.indexOf(row);
    const next = all[at + step];
    if (!next) return;
    if (anchor === null || !all.some((each) => each.dataset.row === anchor)) anchor = row.dataset.row;
    const start = all.findIndex((each) => each.dataset.row === anchor);
    const goingOn = step > 0 ? at >= start : at <= start;
    const wanted = goingOn ? [boxOf(row), boxOf(next)] : [boxOf(row)];
    set(list, wanted.filter(Boolean), goingOn);
    focusRow(next);
  }

  function open(row) {
    const link = row.querySelector("[data-side-panel]");
    if (!link) return location.assign(row.dataset.url);
    link.dataset.fromRow = "yes";
    link.click();
  }

  // Returns true if the key was meant for the row.
  function rowKey(list, row, event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const all = rows(list);
    if (step && event.shiftKey) extend(list, row, step);
    else if (step) focusRow(all[all.indexOf(row) + step]);
    else if (event.key === "Home") focusRow(all[0]);
    else if (event.key === "End") focusRow(all.at(-1));
    else if (event.target !== row) return false;
    else if (event.key === " " && boxOf(row)) {
      set(list, [boxOf(row)], !boxOf(row).checked);
      anchor = row.dataset.row;
    } else if (event.key === "Enter" && row.dataset.url) open(row);
    else return false;
    return true;
  }

  const isAll = (event, list) => {
    if (event.code !== "KeyA" && event.key.toLowerCase() !== "a") return false;
    const typing = praxispost.isTyping(event.target);
    if (event.altKey) return !event.ctrlKey && !event.metaKey && !(typing && event.key !== "a");
    return (event.ctrlKey || event.metaKey) && !typing && list.contains(event.target);
  };

  // The browser would press the first button of the form; a tick has nothing to open or to send.
  const isEnterOnTick = (event) =>
    event.key === "Enter" && !event.ctrlKey && !event.metaKey && Boolean(event.target.closest?.("[data-tick], [data-tick-page]"));

  document.addEventListener("keydown", (event) => {
    const list = theList();
    if (!list || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const row = event.target.closest?.("tr[data-row]");
    let done = false;
    if (isAll(event, list)) {
      selectAllFound();
      done = true;
    } else if (isEnterOnTick(event)) done = true;
    else if (row && list.contains(row) && !event.ctrlKey && !event.altKey && !event.metaKey && !praxispost.isTyping(event.target)) done = rowKey(list, row, event);
    if (done) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const list = theList();
    if (!list) return;
    const on = (selector) => event.target.closest(selector);
    if (on("[data-tick]")) tick(list, on("[data-tick]"), event.shiftKey);
    else if (on("[data-tick-page]")) set(list, boxes(list), on("[data-tick-page]").checked);
    else if (on("[data-select-hits]")) selectHits(list);
    else if (on("[data-clear-selection]")) clear(list);
    else return;
    if (on("[data-select-hits], [data-clear-selection]")) event.preventDefault();
  });
  // Shift and click means a range here, not marked text.
  document.addEventListener("mousedown", (event) => {
    if (event.shiftKey && event.target.closest("[data-tick]")) event.preventDefault();
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.("tr[data-row]");
    if (!row || event.target !== row) return;
    for (const other of row.parentElement.querySelectorAll('tr[tabindex="0"]')) other.tabIndex = -1;
    row.tabIndex = 0;
  });

  // An action waits until the server knows every tick; then it need not be told again. The answer to a tick draws the bar anew:
  // what was pressed is looked up there, and may be gone or switched off.
  document.addEventListener(
    "submit",
    async (event) => {
      const { target: form, submitter } = event;
      if (!form.matches("[data-people-list]") || submitter?.name !== "action") return;
      if (!waiting) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const { name, value } = submitter;
      const before = refused;
      await queue;
      if (refused !== before) return; // it would go on with others than those on the screen; the notice says why
      const button = [...form.elements].find((element) => element.name === name && element.value === value && !element.disabled);
      if (button) form.requestSubmit(button);
    },
    true,
  );
  document.addEventListener("formdata", (event) => {
    if (!event.target.matches("[data-people-list]")) return;
    event.formData.delete("row");
    event.formData.delete("shown");
    event.formData.append("synced", "1");
  });

  document.addEventListener("htmx:afterSettle", prepareRows);
  prepareRows();
})();
