// [data-once] on a form: a second submission while the first is under way does nothing. The button is disabled a tick later,
// so that its own name and value are still sent; coming back by the back button enables it again. Where the answer is not there
// in a moment, the button that was pressed says so.
{
  const PATIENCE = 400;
  const labels = new Map();
  const buttons = (form) => form.querySelectorAll('button[type="submit"]');
  const wait = (button) => {
    labels.set(button, [...button.childNodes]);
    button.style.minInlineSize = `${button.offsetWidth}px`;
    button.replaceChildren("Sending…");
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]") || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    setTimeout(() => buttons(form).forEach((button) => { button.disabled = true; }));
    if (event.submitter) setTimeout(() => { if (form.dataset.sent) wait(event.submitter); }, PATIENCE);
  });
  addEventListener("pageshow", () => {
    document.querySelectorAll("[data-once][data-sent]").forEach((form) => {
      delete form.dataset.sent;
      buttons(form).forEach((button) => { button.disabled = false; });
    });
    labels.forEach((label, button) => button.replaceChildren(...label));
    labels.clear();
  });
}
