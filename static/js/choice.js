// [data-choice] on a form with one <select>: a choice by mouse or touch is sent at once. By keyboard, where every arrow key is a
// choice, a button to send it appears instead, and Enter sends it.
{
  document.querySelectorAll("[data-choice]").forEach((form) => {
    const select = form.querySelector("select");
    const before = select.value;
    let byKey = false;
    select.addEventListener("keydown", (event) => {
      byKey = true;
      if (event.key === "Enter" && select.value !== before) form.requestSubmit();
    });
    select.addEventListener("pointerdown", () => { byKey = false; });
    select.addEventListener("change", () => {
      if (!byKey && select.value !== before) form.requestSubmit();
      form.toggleAttribute("data-changed", select.value !== before);
    });
    // Coming back, a browser restores what was chosen; the page says what is.
    addEventListener("pageshow", () => { select.value = before; form.removeAttribute("data-changed"); });
  });
}
