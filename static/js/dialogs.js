// Native dialogs: the question before a step, and closing by a click beside them. The browser keeps and returns the focus.
(() => {
  const praxispost = (window.praxispost = window.praxispost || {});

  // Resolves with true only if the person chose the button that names the step.
  praxispost.confirm = (question, step) =>
    new Promise((resolve) => {
      const dialog = document.getElementById("confirm-dialog");
      dialog.querySelector(".dialog-text").textContent = question;
      dialog.querySelector("[data-confirm-yes]").textContent = step || "Ja";
      dialog.returnValue = "no";
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
      dialog.showModal();
    });

  document.addEventListener("click", (event) => {
    if (event.target.matches("dialog.dialog[open]")) event.target.close("no");
    if (event.target.closest("[data-show-keys]")) document.getElementById("keys-dialog").showModal();
  });
})();
