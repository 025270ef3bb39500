// [data-select] on a form with checkboxes named "selected": "Select all", a count, and a button that waits for a selection.
{
  document.querySelectorAll("[data-select]").forEach((form) => {
    const boxes = [...form.querySelectorAll('input[name="selected"]')];
    const submit = form.querySelector("[data-select-submit]");
    const count = form.querySelector("[data-select-count]");
    const all = form.querySelector("[data-select-all] input");
    const show = () => {
      const chosen = boxes.filter((box) => box.checked).length;
      all.checked = chosen > 0 && chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
      submit.disabled = chosen === 0;
      count.textContent = `${chosen} selected`;
    };
    all.disabled = boxes.length === 0;
    form.addEventListener("change", (event) => {
      if (event.target === all) boxes.forEach((box) => { box.checked = all.checked; });
      show();
    });
    addEventListener("pageshow", show);
    show();
  });
}
