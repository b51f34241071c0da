/* Questions asked in a modal window, errors beside the button, and short notices. */

import { el, fill } from "./dom.js";

/**
 * Ask with a form. fields: [{ name, label, type, value, options: [[value, label]], required, hint,
 * minlength, maxlength, max, step, rows, autocomplete }]; type: text, password, number, textarea,
 * select, checkbox, checks. `onSubmit(values)` may throw an error: its message is shown and the
 * window stays. Resolves to what onSubmit returned, or to null if it was cancelled.
 */
export function ask({ title, text, fields = [], submit = "确定", danger = false, onSubmit, extra }) {
  return new Promise((resolve) => {
    const error = el("p.error", { role: "alert", hidden: true });
    const go = el(`button.btn.${danger ? "danger" : "primary"}`, { type: "submit" }, submit);
    const inputs = fields.map((field) => [field, control(field)]);
    let result = null;
    const form = el(
      "form",
      {
        onsubmit: async (event) => {
          event.preventDefault();
          if (go.disabled) return;
          go.disabled = true;
          error.hidden = true;
          try {
            const values = Object.fromEntries(inputs.map(([field, input]) => [field.name, read(field, input)]));
            result = (await onSubmit(values)) ?? true;
            dialog.close();
          } catch (failure) {
            error.textContent = failure.message;
            error.hidden = false;
          } finally {
            go.disabled = false;
          }
        },
      },
      el("h2", {}, title),
      text && el("p.dialog-text", {}, text),
      extra,
      ...inputs.map(([field, input]) => row(field, input)),
      error,
      el(
        "div.dialog-foot",
        {},
        el("button.btn", { type: "button", onclick: () => dialog.close() }, "取消"),
        go,
      ),
    );
    const dialog = el("dialog.dialog", { "aria-label": title }, form);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(result);
    });
    document.body.append(dialog);
    dialog.showModal();
    form.querySelector("input, select, textarea")?.focus();
  });
}

/** Show something that needs no answer. */
export function show(title, ...content) {
  const close = el("button.btn.primary", { type: "button", onclick: () => dialog.close() }, "关闭");
  const dialog = el("dialog.dialog", { "aria-label": title }, el("h2", {}, title), ...content, el("div.dialog-foot", {}, close));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  close.focus();
}

function control(field) {
  const common = {
    name: field.name,
    required: field.required,
    minlength: field.minlength,
    maxlength: field.maxlength,
    autocomplete: field.autocomplete ?? "off",
    placeholder: field.placeholder,
  };
  if (field.type === "textarea") {
    const area = el("textarea", { ...common, rows: field.rows ?? 3 });
    area.value = field.value ?? "";
    return area;
  }
  if (field.type === "select") {
    const select = el("select", { name: field.name, required: field.required });
    for (const [value, label] of field.options) select.append(el("option", { value }, label));
    if (field.value !== undefined) select.value = field.value;
    return select;
  }
  if (field.type === "checkbox") return el("input", { type: "checkbox", name: field.name, checked: field.value });
  if (field.type === "checks") {
    const chosen = new Set(field.value ?? []);
    return el(
      "span.checks",
      { role: "group", "aria-label": field.label },
      field.options.map(([value, label]) =>
        el("label.check", {}, el("input", { type: "checkbox", value, checked: chosen.has(value) }), label),
      ),
    );
  }
  const input = el("input", { ...common, type: field.type ?? "text", min: field.min, max: field.max, step: field.step });
  input.value = field.value ?? "";
  return input;
}

function row(field, input) {
  const hint = field.hint && el("span.hint", {}, field.hint);
  if (field.type === "checkbox") return el("label.check", {}, input, field.label, hint);
  if (field.type === "checks") return el("div.field", {}, el("span", {}, field.label), input, hint);
  return el("label.field", {}, el("span", {}, field.label), input, hint);
}

function read(field, input) {
  if (field.type === "checkbox") return input.checked;
  if (field.type === "checks") return [...input.querySelectorAll("input:checked")].map((box) => box.value);
  if (field.type === "number") return input.value === "" ? null : Number(input.value);
  return field.type === "password" ? input.value : input.value.trim();
}

/** Run a button's action: busy while it runs, its error right beside it. */
export async function act(button, action) {
  if (button.disabled) return null;
  button.disabled = true;
  const old = button.parentElement?.querySelector(":scope > .inline-error");
  old?.remove();
  try {
    return await action();
  } catch (failure) {
    if (button.isConnected) button.after(el("span.inline-error", { role: "alert" }, failure.message));
    else toast(failure.message, "bad");
    return null;
  } finally {
    button.disabled = false;
  }
}

const TOAST_MS = 5000;

/** A short notice in the corner; `action` = [label, function]. */
export function toast(text, kind = "good", action = null) {
  const corner = document.querySelector(".toasts") ?? document.body.appendChild(el("div.toasts", { role: "status", "aria-live": "polite" }));
  const note = el(`div.toast.${kind}`, {}, el("span", {}, text));
  if (action) {
    const [label, run] = action;
    note.append(el("button", { type: "button", onclick: () => (note.remove(), run()) }, label));
  }
  corner.append(note);
  setTimeout(() => note.remove(), TOAST_MS + text.length * 60);
  return note;
}

/** Notices of one kind. Many at once (back from a break) are one: it must not cover the list they stand in. */
export class Notices {
  #note = null;
  #told = new Map(); // what the notice on screen tells of, the newest last

  /** Tell of one thing more; `say(all)` → [text, action], `all` being every thing that is told of. */
  tell(key, thing, kind, say) {
    if (!this.#note?.isConnected) this.#told.clear();
    this.#note?.remove();
    this.#told.delete(key);
    this.#told.set(key, thing);
    const [text, action] = say([...this.#told.values()]);
    this.#note = toast(text, kind, action);
  }
}

/** Fill `place` with what `load` brings; says that it loads, or why it could not and offers to retry. */
export async function loading(place, load) {
  if (!place.childElementCount) fill(place, el("p.loading", { role: "status" }, "加载中…"));
  try {
    await load();
  } catch (failure) {
    const again = el("button.btn", { type: "button", onclick: () => (place.replaceChildren(), loading(place, load)) }, "重试");
    fill(place, el("div.failed-load", { role: "alert" }, el("p", {}, failure.message), again));
  }
}
