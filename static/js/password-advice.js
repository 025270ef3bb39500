// [data-advice] below a new password: what the server thinks of it, asked once typing pauses. It says the same again when the form is sent.
{
  const PAUSE = 500;
  const LOOKED_AT = ["first_name", "last_name", "company", "email"];
  document.querySelectorAll("[data-advice]").forEach((place) => {
    const input = document.getElementById(place.dataset.advice);
    let timer, asked = 0;
    const say = (sentence, isGood) => {
      place.textContent = sentence;
      place.classList.toggle("advice-good", isGood);
    };
    const ask = async () => {
      const body = new URLSearchParams({ password: input.value });
      LOOKED_AT.forEach((name) => { body.set(name, input.form.elements.namedItem(name)?.value ?? ""); });
      const turn = ++asked;
      try {
        const answer = await fetch("/password-advice", { method: "POST", body });
        if (!answer.ok || turn !== asked || !input.value) return;
        const { sentence, is_good } = await answer.json();
        say(sentence, is_good);
      } catch { /* The form says it when it is sent. */ }
    };
    input.addEventListener("input", () => {
      clearTimeout(timer);
      ++asked;
      if (input.value) timer = setTimeout(ask, PAUSE);
      else say("", false);
    });
  });
}
