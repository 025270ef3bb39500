// [data-passkey] on a form: its button has the browser make a passkey ("create") or use one ("get"), and the form carries the answer. What
// the browser is asked comes from [data-passkey-question]. Where there are no passkeys, [data-passkey-none] says so. With
// [data-passkey-offer] the browser offers them among the addresses, too.
{
  const FRESH = 5 * 60_000;
  const CANCELLED = "No passkey was used. It was cancelled, or it took too long.";
  const REASONS = {
    NotAllowedError: CANCELLED,
    AbortError: CANCELLED,
    InvalidStateError: "This device has a passkey of your account already.",
    NotSupportedError: "This device cannot keep passkeys. Choose another one.",
  };
  const UNREACHABLE = "That did not work. Reload the page and try again.";
  const PARTS = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];

  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  const text = (buffer) => {
    const plain = Array.from(new Uint8Array(buffer), (one) => String.fromCharCode(one)).join("");
    return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  };
  const written = ({ id, rawId, type, response }) => {
    const parts = PARTS.filter((part) => response[part]).map((part) => [part, text(response[part])]);
    return JSON.stringify({ id, rawId: text(rawId), type, response: Object.fromEntries(parts) });
  };
  const ask = async (form) => {
    const answer = await fetch(form.dataset.passkeyQuestion);
    const { question, options: { publicKey } } = await answer.json();
    publicKey.challenge = bytes(publicKey.challenge);
    if (publicKey.user) publicKey.user.id = bytes(publicKey.user.id);
    for (const known of publicKey.excludeCredentials ?? publicKey.allowCredentials ?? []) known.id = bytes(known.id);
    return { question, publicKey };
  };
  const none = (title, sentence) => {
    const notice = document.querySelector("[data-passkey-none]");
    if (!notice) return;
    notice.querySelector(".notice-title").textContent = title;
    notice.querySelector(".notice-title + p").textContent = sentence;
  };

  document.querySelectorAll("[data-passkey]").forEach((form) => {
    const { passkey: act, passkeyOrigin: origin } = form.dataset;
    if (location.origin !== origin) { none("Passkeys work elsewhere", `Open ${origin} to use passkeys.`); return; }
    if (!window.PublicKeyCredential) { none("This browser has no passkeys", "Use a newer one, or another device."); return; }
    const status = form.querySelector("[role=status]");
    const { question, answer } = form.elements;
    let isBusy = false, offered = null;
    form.hidden = false;
    document.querySelector("[data-passkey-none]")?.remove();

    const send = (asked, credential) => {
      question.value = asked.question;
      answer.value = written(credential);
      form.requestSubmit();
    };
    form.addEventListener("submit", async (event) => {
      // What is missing is for the server to say, before a device is asked.
      if (answer.value || [...form.elements].some((one) => one.required && !one.value)) return;
      event.preventDefault();
      if (isBusy) return;
      isBusy = true;
      offered?.abort();
      status.textContent = "";
      try {
        const asked = await ask(form);
        send(asked, await navigator.credentials[act]({ publicKey: asked.publicKey }));
      } catch (error) { status.textContent = REASONS[error.name] ?? UNREACHABLE; }
      isBusy = false;
    });
    addEventListener("pageshow", () => { answer.value = ""; });

    const offer = async () => {
      if (isBusy) return;
      offered?.abort();
      const stop = offered = new AbortController();
      try {
        const asked = await ask(form);
        if (stop.signal.aborted) return;
        send(asked, await navigator.credentials.get({ publicKey: asked.publicKey, mediation: "conditional", signal: stop.signal }));
      } catch { /* It is only offered. */ }
    };
    if ("passkeyOffer" in form.dataset) {
      PublicKeyCredential.isConditionalMediationAvailable?.().then((isAvailable) => {
        if (!isAvailable) return;
        offer();
        setInterval(offer, FRESH);
      });
    }
  });
}
