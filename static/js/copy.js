// [data-copy]: a field whose content a button copies. Where the clipboard is not to be had (plain http), the content is selected for
// the keys that copy; so it is when the page arrives.
{
  document.querySelectorAll("[data-copy]").forEach((box) => {
    const input = box.querySelector("input");
    const button = box.querySelector("button");
    const status = box.parentElement.querySelector("[role=status]");
    button.hidden = false;
    input.select();
    button.addEventListener("click", async () => {
      input.select();
      const done = await navigator.clipboard?.writeText(input.value).then(() => true, () => false) ?? document.execCommand("copy");
      button.textContent = done ? "Copied" : "Copy";
      status.textContent = done ? "Copied." : "Selected. Copy it with the keys of your browser.";
    });
  });
}
