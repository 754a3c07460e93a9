// The keys of every page: / search, Ctrl+Enter the button that is meant, ? the list of keys. Keys of lists live in selection.js.
(() => {
  const praxispost = (window.praxispost = window.praxispost || {});
  const WITHOUT_TEXT = ["checkbox", "radio", "button", "submit", "reset", "file", "range", "color"];

  // True while a key would write something: then single-character keys belong to the field.
  praxispost.isTyping = (element) =>
    element.isContentEditable ||
    ["TEXTAREA", "SELECT", "TRIX-EDITOR"].includes(element.tagName) ||
    (element.tagName === "INPUT" && !WITHOUT_TEXT.includes(element.type));

  const shown = (selector, root = document) => [...root.querySelectorAll(selector)].find((element) => element.checkVisibility() && !element.disabled);

  // A focused button is what somebody means, unless its answer came into this page: then it was pressed already and kept the focus.
  function focusedButton(from) {
    const button = from.closest?.("button");
    return button && !button.matches("[hx-post]") && !button.form?.matches("[hx-post]") ? button : null;
  }

  function primaryFor(from) {
    // Who types in such a box means its button, never the one of the page that does something else.
    const box = from.closest?.("[data-own-primary]");
    if (box) return shown("[type=submit]", box) || shown("summary", box);
    const form = from.closest?.("form");
    return (form && shown("[data-primary]", form)) || shown("[data-primary]");
  }

  function pressPrimary(from) {
    const button = focusedButton(from) || primaryFor(from);
    button?.click();
    return Boolean(button);
  }

  function focusSearch() {
    const field = shown("[data-search]");
    field?.focus();
    field?.select();
    return Boolean(field);
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const plain = !(event.ctrlKey || event.altKey || event.metaKey) && !praxispost.isTyping(event.target);
    let done = false;
    // Held down, the key would go on pressing on the next page, and the one after that.
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") done = event.repeat || pressPrimary(event.target);
    else if (plain && event.key === "/") done = focusSearch();
    else if (plain && event.key === "?") {
      document.getElementById("keys-dialog")?.showModal();
      done = true;
    }
    if (done) event.preventDefault();
  });
})();
