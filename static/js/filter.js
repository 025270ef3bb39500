// [data-apply] on a form that narrows a list: it applies when a choice is made. [data-shortcut] on a field: the key that leads to it.
{
  document.querySelectorAll("[data-apply]").forEach((form) => {
    form.addEventListener("change", (event) => { if (event.target.matches("select")) form.requestSubmit(); });
  });
  document.querySelectorAll("[data-shortcut]").forEach((field) => {
    document.addEventListener("keydown", (event) => {
      const isTyping = event.target.closest("input:not([type=checkbox]), textarea, select");
      if (event.key !== field.dataset.shortcut || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      field.focus();
      field.select();
    });
  });
}
