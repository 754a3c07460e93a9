// The editor for formatted text (Trix) and the macros beside it: what the pages of the composer, of templates and of signatures share.
// The toolbar is ours and in German; files never enter the text.
(() => {
  let target = null; // the field that had the focus last: macros go there

  const isTarget = (element) => element?.closest?.("[data-macro-target]");

  document.addEventListener("focusin", (event) => {
    target = isTarget(event.target) || target;
  });

  // A file alone is stopped before the editor hears of it: it would take the place of the selected text and then be refused.
  for (const name of ["paste", "drop"])
    document.addEventListener(
      name,
      (event) => {
        const data = event.clipboardData || event.dataTransfer;
        if (!event.target.closest?.("trix-editor") || !data.files.length || data.types.includes("text/html")) return;
        event.preventDefault();
        event.stopImmediatePropagation();
      },
      true,
    );

  for (const name of ["trix-file-accept", "trix-attachment-add"])
    document.addEventListener(name, (event) => {
      event.preventDefault();
      event.attachment?.remove();
    });

  // Looks and pictures of a word processor are dropped before the editor reads them: the page may not load them, and would say so each time.
  document.addEventListener("trix-before-paste", (event) => {
    const paste = event.paste;
    if (paste?.html) paste.html = paste.html.replace(/<style[\s\S]*?<\/style>|<(img|link|meta)\b[^>]*>|\sstyle\s*=\s*("[^"]*"|'[^']*')/gi, "");
  });

  function insertInto(field, written) {
    if (field.tagName === "TRIX-EDITOR") {
      field.focus();
      field.editor.insertString(written);
      return;
    }
    const start = field.selectionStart ?? field.value.length;
    field.setRangeText(written, start, field.selectionEnd ?? start, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-macro]");
    if (!chip || chip.getAttribute("aria-disabled") === "true") return;
    const field = (target?.isConnected && target) || document.querySelector("trix-editor[data-macro-target], [data-macro-target]");
    if (field) insertInto(field, chip.dataset.macro);
  });

  // Trix listens to the mouse only; the keyboard presses the same buttons.
  document.addEventListener("click", (event) => {
    const tool = event.target.closest("trix-toolbar .editor-tool");
    if (tool && event.detail === 0) tool.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true }));
  });
})();
