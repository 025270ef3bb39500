// [data-password]: a button that shows what was typed; hidden again before the form is sent, so that no browser remembers it as text.
{
  document.querySelectorAll("[data-password]").forEach((box) => {
    const input = box.querySelector("input");
    const toggle = box.querySelector("button");
    const set = (shown) => {
      input.type = shown ? "text" : "password";
      toggle.firstChild.data = shown ? "Hide" : "Show";
    };
    toggle.hidden = false;
    toggle.addEventListener("click", () => { set(input.type === "password"); });
    input.form?.addEventListener("submit", () => { set(false); });
  });
}
