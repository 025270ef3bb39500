// [data-focus]: the error summary takes the focus when the page arrives.
{
  document.querySelector("[data-focus]")?.focus();
}
