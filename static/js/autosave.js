// [data-autosave] on a form: what is changed in a field is sent at once, that field alone, together with what the page showed in it.
// Beside the field stands what came of it; what could not be saved stays, and is not left without a question. The button goes.
{
  const PATIENCE = 400;
  const LONGEST = 20_000;
  const REASONS = {
    403: "Not saved: you are not signed in any more. Reload the page to sign in.",
    429: "Not saved: that was too often. Wait a few minutes.",
  };
  const UNREACHABLE = "Not saved: the portal did not answer.";

  document.querySelectorAll("[data-autosave]").forEach((form) => {
    const note = form.querySelector(".autosave-note");
    const status = note.querySelector("[role=status]");
    const button = form.querySelector("[data-autosave-button]");
    const fields = new Map();
    button.hidden = true;
    note.hidden = false;

    const fieldOf = (control) => {
      const group = control.closest("fieldset[id]");
      const name = group ? group.id : control.name;
      if (!fields.has(name)) {
        const box = group ?? control.closest(".field");
        const label = box.querySelector(".label");
        const seen = form.elements[`seen_${name}`];
        const controls = [...box.querySelectorAll("input, select, textarea")];
        fields.set(name, { name, box, label, seen, controls, target: group ?? control, title: label.firstChild.data.trim() });
      }
      return fields.get(name);
    };
    const isBox = (control) => control.type === "checkbox";
    const sent = (field) => field.controls.filter((control) => !isBox(control) || control.checked).map((control) => [control.name, control.value]);
    const typed = (field) => JSON.stringify(sent(field));

    const mark = (field, text) => {
      field.mark?.remove();
      if (!text) return;
      field.mark = Object.assign(document.createElement("span"), { className: "saved-mark", textContent: text, ariaHidden: "true" });
      field.label.append(field.mark);
    };
    const clear = (field) => {
      field.unsaved = false;
      field.box.querySelector(".field-error")?.remove();
      field.target.removeAttribute("aria-invalid");
      field.target.removeAttribute("aria-describedby");
    };
    const fail = (field, problem, choices) => {
      clear(field);
      field.unsaved = true;
      mark(field, "");
      const error = document.createElement("div");
      error.className = "field-error";
      error.id = `${field.name}-error`;
      error.append(Object.assign(document.createElement("span"), { textContent: problem }));
      choices.forEach(([label, act]) => {
        const choice = Object.assign(document.createElement("button"), { type: "button", className: "button button-secondary", textContent: label });
        choice.addEventListener("click", () => { act(); field.controls[0].focus(); });
        error.append(choice);
      });
      field.box.append(error);
      field.target.setAttribute("aria-invalid", "true");
      field.target.setAttribute("aria-describedby", error.id);
      status.textContent = `${field.title}: ${problem}`;
    };
    const put = (field, value) => {
      const ticked = value.split(",").map((key) => `industry_${key}`);
      field.controls.forEach((control) => {
        if (isBox(control)) control.checked = ticked.includes(control.name);
        else control.value = value;
      });
    };

    const answered = (field, before, code, answer) => {
      if (code === 200) {
        clear(field);
        field.seen.value = answer.value;
        if (typed(field) === before) put(field, answer.value);
        mark(field, "Saved");
        status.textContent = `${field.title} saved.`;
      } else if (code === 409) {
        fail(field, answer.problem, [
          ["Save mine", () => { field.seen.value = answer.stored; save(field); }],
          ["Take the other", () => { field.seen.value = answer.stored; put(field, answer.stored); clear(field); status.textContent = ""; }],
        ]);
      } else if (answer) {
        fail(field, answer.problem, []);
      } else {
        fail(field, REASONS[code] ?? UNREACHABLE, [["Try again", () => save(field)]]);
      }
    };
    const save = async (field) => {
      if (field.saving) { field.again = true; return; }
      field.saving = true;
      field.unsaved = true;
      const before = typed(field);
      const wait = setTimeout(() => mark(field, "Saving…"), PATIENCE);
      let code = 0;
      let answer = null;
      try {
        const body = new URLSearchParams([["field", field.name], [field.seen.name, field.seen.value], ...sent(field)]);
        const response = await fetch(form.action, { method: "POST", body, keepalive: true, signal: AbortSignal.timeout(LONGEST) });
        code = response.status;
        if (response.headers.get("content-type")?.startsWith("application/json")) answer = await response.json();
        if (code === 200 && !answer) code = 403;
      } catch { code = 0; }
      clearTimeout(wait);
      field.saving = false;
      answered(field, before, code, answer);
      const again = field.again && code === 200 && typed(field) !== before;
      field.again = false;
      if (again) save(field);
    };

    form.addEventListener("change", (event) => save(fieldOf(event.target)));
    form.addEventListener("input", (event) => mark(fieldOf(event.target), ""));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (document.activeElement?.form === form && document.activeElement.type !== "button") save(fieldOf(document.activeElement));
    });
    addEventListener("beforeunload", (event) => { if ([...fields.values()].some((field) => field.unsaved)) event.preventDefault(); });
  });
}
