// [data-show-current]: a navigation that scrolls sideways on a phone begins where the current page is.
{
  document.querySelectorAll("[data-show-current]").forEach((nav) => {
    const link = nav.querySelector("[aria-current]");
    if (link) nav.scrollLeft = link.offsetLeft + link.offsetWidth / 2 - nav.clientWidth / 2;
  });
}
