// A small dialog that asks and sends. It stays, with all that was typed and what went wrong,
// until the command is done or it is left.

import { CommandError } from "./commands.js";
import { h } from "./dom.js";
import { fromLocal, toLocal } from "./format.js";
import { isTyping, lettersOn } from "./keys.js";

/** What is asked for: one of `choices`, a line or more of words, a number, a moment or an incident's number.
 * @typedef {{name: string, label: string, kind?: "line" | "words" | "number" | "moment" | "incident" | "point" | "list",
 *   choices?: Record<string, string> | [string, string][], value?: string | number, min?: number, max?: number,
 *   optional?: boolean, offers?: [number, string][]}} Field */
/** What was given, by the names of the fields; moments in ISO. @typedef {Record<string, string>} Given */
/** `send` sends it; `changed` is told of each choice and may set other fields.
 * `shown` is told of the form as soon as it stands there.
 * @typedef {{yes?: string, text?: string, send?: (given: Given) => Promise<unknown>, shown?: (form: HTMLFormElement) => void,
 *   changed?: (name: string, value: string, set: (name: string, value: string) => void) => void}} Options */

/** As many choices as there are keys from 1 to 9 stand open; more are a list. */
const MOST_KEYS = 9;

/** The field for the reason of something. @param {Record<string, string>} choices @returns {Field} */
export const reasonField = (choices) => ({ name: "reason", label: gettext("Reason"), choices });

/** The field for more words. @returns {Field} */
export const noteField = () => ({ name: "note", label: gettext("Note"), kind: "words", optional: true });

/** Ask. @param {string} title @param {Field[]} [fields] @param {Options} [options]
 * @returns {Promise<Given | null>} null when it was left */
export function ask(title, fields = [], { yes, text, send, changed, shown } = {}) {
  const error = h("p", { class: "error", role: "alert" });
  const go = h("button", { class: "strong" }, yes ?? gettext("Save"));
  const form = h(
    "form",
    { class: "asking" },
    h("h2", { id: "ask-title" }, title),
    text && h("p", null, text),
    ...fields.map(shape),
    error,
    h("div", { class: "actions" }, go, h("button", { type: "button", onclick: () => dialog.close() }, gettext("Back"), h("kbd", null, "Esc"))),
  );
  const dialog = h("dialog", { "aria-labelledby": "ask-title" }, form);
  /** @type {Given | null} */
  let done = null;

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    const given = read(form, fields);
    error.textContent = "";
    go.disabled = true;
    try {
      await send?.(given);
      done = given;
      dialog.close();
    } catch (problem) {
      if (!(problem instanceof CommandError)) throw problem;
      const again = problem.code === "confirm" ? ` ${gettext("Press again to confirm.")}` : "";
      error.textContent = problem.message + again;
    } finally {
      go.disabled = false;
      if (dialog.open && document.activeElement === document.body) go.focus();
    }
  }

  form.addEventListener("submit", (event) => void submit(event));
  form.addEventListener("keydown", (event) => pressed(event, form));
  form.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) {
      changed?.(target.name, target.value, (name, value) => put(form, fields, name, value));
    }
  });
  document.body.append(dialog);
  dialog.showModal();
  shown?.(form);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(done);
    });
  });
}

/** Digits choose, Ctrl+Enter sends from where Enter begins a line.
 * @param {KeyboardEvent} event @param {HTMLFormElement} form */
function pressed(event, form) {
  if (event.key === "Enter" && (event.ctrlKey || event.target instanceof HTMLSelectElement)) {
    event.preventDefault();
    return form.requestSubmit();
  }
  if (!/^[1-9]$/.test(event.key) || event.ctrlKey || event.altKey || isTyping(event.target) || !lettersOn()) return;
  const here = event.target instanceof Element ? event.target.closest("fieldset") : null;
  const open = [...form.querySelectorAll("fieldset")].find((group) => !group.querySelector(":checked"));
  const box = (here ?? open)?.querySelectorAll("input")[Number(event.key) - 1];
  if (!box) return;
  event.preventDefault();
  box.click();
  box.focus();
}

/** The choices in their order; an object would sort numbers. @param {Field} field */
const pairs = ({ choices }) => (Array.isArray(choices) ? choices : choices && Object.entries(choices));

/** @param {Field} field */
function shape(field) {
  const { name, label } = field;
  const id = `ask-${name}`;
  const choices = pairs(field);
  if (choices && choices.length <= MOST_KEYS && field.kind !== "list") {
    return h(
      "fieldset",
      { class: "choices" },
      h("legend", null, label),
      ...choices.map(([code, text], i) =>
        h("label", null, h("input", { type: "radio", name, value: code, required: !field.optional, checked: field.value === code }), h("kbd", { "aria-hidden": "true" }, i + 1), h("span", null, text)),
      ),
    );
  }
  const offers = field.offers && h("datalist", { id: `${id}-offers` }, ...field.offers.map(([value, text]) => h("option", { value }, text)));
  const map = field.kind === "point" && h("div", { class: "point-map", role: "application", "aria-label": gettext("Map") });
  return h("div", { class: "field" }, h("label", { for: id }, label), map, input(field, id), offers);
}

/** @param {Field} field @param {string} id */
function input(field, id) {
  const common = { id, name: field.name, required: !field.optional };
  const { value = "", min, max, kind } = field;
  const choices = pairs(field);
  if (choices) return h("select", common, h("option", { value: "" }, gettext("choose")), ...choices.map(([code, text]) => h("option", { value: code, selected: code === value }, text)));
  if (kind === "words") return h("textarea", { ...common, rows: 3, maxlength: 1000 }, String(value));
  if (kind === "line" || kind === "point") return h("input", { ...common, value, maxlength: 40, autocomplete: "off" });
  if (kind === "moment") return h("input", { ...common, type: "datetime-local", step: 1, value: toLocal(String(value)) });
  if (kind === "incident") return h("input", { ...common, value, inputmode: "numeric", pattern: "#?[0-9]{1,12}", title: gettext("An incident's number"), autocomplete: "off", list: field.offers ? `${id}-offers` : null });
  return h("input", { ...common, type: "number", value, min, max });
}

/** @param {HTMLFormElement} form @param {Field[]} fields @returns {Given} */
function read(form, fields) {
  const data = new FormData(form);
  /** @param {Field} field */
  const given = ({ name, kind }) => {
    const value = String(data.get(name) ?? "").trim();
    if (kind === "moment") return fromLocal(value) ?? "";
    return kind === "incident" ? value.replace("#", "") : value;
  };
  return Object.fromEntries(fields.map((field) => [field.name, given(field)]));
}

/** @param {HTMLFormElement} form @param {Field[]} fields @param {string} name @param {string} value */
function put(form, fields, name, value) {
  const field = form.elements.namedItem(name);
  const isMoment = fields.find((f) => f.name === name)?.kind === "moment";
  if (field instanceof RadioNodeList || field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.value = isMoment ? toLocal(value) : value;
}
