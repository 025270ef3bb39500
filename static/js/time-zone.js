// [data-time-zone] around a field: the zone of this browser is offered where another one stands in the field.
{
  // What browsers call places whose names are others by now.
  const NAMES = {
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "Europe/Kiev": "Europe/Kyiv",
  };

  document.querySelectorAll("[data-time-zone]").forEach((box) => {
    const input = box.querySelector("input");
    const offer = box.querySelector(".own-zone");
    const button = offer.querySelector("button");
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const own = NAMES[timeZone] ?? timeZone;
    const isKnown = [...input.list.options].some((option) => option.value === own);
    const look = () => { offer.hidden = !isKnown || input.value.trim() === own; };
    button.querySelector("bdi").textContent = own;
    button.addEventListener("click", () => { input.value = own; look(); input.focus(); });
    input.addEventListener("input", look);
    look();
  });
}
