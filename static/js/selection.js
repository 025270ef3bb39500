// [data-select] around a list with checkboxes named "selected": "Select all" of the page, all that match, a range with Shift, a count.
// The bar with what can be done appears by CSS alone.
{
  document.querySelectorAll("[data-select]").forEach((list) => {
    const boxes = [...list.querySelectorAll('input[name="selected"]')];
    const count = list.querySelector("[data-select-count]");
    const page = list.querySelector("[data-select-all] input");
    const matching = list.querySelector("[data-select-matching]");
    if (!count) return;
    let last = null;
    const show = () => {
      const chosen = boxes.filter((box) => box.checked).length;
      page.checked = chosen > 0 && chosen === boxes.length;
      page.indeterminate = chosen > 0 && chosen < boxes.length;
      const all = matching?.checked;
      count.textContent = all && !matching.dataset.total ? "All selected" : `${all ? matching.dataset.total : chosen} selected`;
    };
    const set = (some, checked) => some.forEach((box) => { box.checked = checked; });
    page.disabled = boxes.length === 0;
    list.addEventListener("click", (event) => {
      const at = boxes.indexOf(event.target);
      if (at < 0) return;
      if (event.shiftKey && last !== null) set(boxes.slice(Math.min(at, last), Math.max(at, last) + 1), event.target.checked);
      last = at;
    });
    list.addEventListener("change", (event) => {
      if (event.target === page || event.target === matching) set(boxes, event.target.checked);
      if (event.target !== matching && matching && !boxes.every((box) => box.checked)) matching.checked = false;
      show();
    });
    list.querySelector("[data-select-none]").addEventListener("click", (event) => {
      event.preventDefault();
      set(boxes, false);
      if (matching) matching.checked = false;
      show();
      page.focus();
    });
    addEventListener("pageshow", show);
    show();
  });
}
