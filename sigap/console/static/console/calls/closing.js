// F10: the class of a call with one key.

import { h } from "../dom.js";
import { lettersOn } from "../keys.js";

/** @typedef {{class: string, field_action?: boolean, incident?: number}} Chosen */

/** The keys: the three most frequent come first. */
const KEYS = ["silent", "prank", "information", "misdial", "noise", "test", "out_of_area", "complaint", "repeat", "emergency"];

/** @param {number} i */
const keyOf = (i) => (i < 10 ? String((i + 1) % 10) : "A");

/** Ask for the class, of a call in hand or of one that is closed; each class has one key in both.
 * A class that needs an incident asks for its number first; of a closed call emergency may be
 * chosen before there is one. `likely` is focused, so that Enter gives it. `was` is the class
 * that it has. A call that may have ended before its line opened (`unopened`) can be an
 * abandoned one too. `kept` is what was typed and becomes the note.
 * @param {{title: string, classes: Record<string, string>, incident: number | null, open: Incident[], likely: string,
 *   describe: (incident: Incident) => string, unopened?: boolean, isClosed?: boolean, was?: string, kept?: string}} about
 * @returns {Promise<Chosen | null>} */
export function chooseClass({ title, classes, incident, open, likely, describe, unopened = false, isClosed = false, was = "", kept = "" }) {
  /** @type {Chosen | null} */
  let chosen = null;
  const field = h("input", { type: "checkbox", id: "field-action" });
  const other = h(
    "select",
    { id: "repeat-of" },
    incident ? h("option", { value: incident }, `#${incident}`) : h("option", { value: "" }, gettext("choose")),
    open.filter((i) => i.id !== incident).map((i) => h("option", { value: i.id }, describe(i))),
  );
  /** @param {string} name */
  const usable = (name) => {
    if (name === was) return name === "complaint" || name === "repeat"; // which may still be said otherwise
    if (name === "emergency") return incident !== null || isClosed;
    return name !== "repeat" || incident !== null || open.length > 0;
  };
  const hint = isClosed ? gettext("Emergency: the call is shown in the form again, to open its incident.") : gettext("Emergency needs an incident: open it first (F4).");
  const names = unopened ? [...KEYS, "abandoned"] : KEYS;
  const buttons = names.map((name, i) =>
    h("button", { type: "button", class: "class-choice", "data-class": name, disabled: !usable(name), onclick: () => choose(name) }, h("kbd", null, keyOf(i)), name === "abandoned" ? gettext("Hung up before the line opened") : (classes[name] ?? name)),
  );
  const dialog = h(
    "dialog",
    { "aria-labelledby": "close-title", class: "closing" },
    h("h2", { id: "close-title" }, title),
    kept && h("p", { class: "notice" }, gettext("What you typed is kept as the note of the call:"), " ", h("q", null, kept)),
    h("div", { class: "class-choices" }, buttons),
    h("p", null, h("label", { class: "check", for: "field-action" }, field, gettext("Complaint: somebody in the field deals with it"), " ", h("kbd", null, "F"))),
    h("div", { class: "field" }, h("label", { for: "repeat-of" }, gettext("Repeat of incident")), other),
    incident === null && h("p", { class: "dim" }, hint),
    h("div", { class: "actions" }, h("button", { type: "button", onclick: () => dialog.close() }, gettext("Back"), " ", h("kbd", null, "Esc"))),
  );

  /** @param {string} name */
  function choose(name) {
    if (!usable(name)) return;
    if (name === "repeat" && !other.value) return other.focus(); // of which one is for a person to say
    chosen = { class: name };
    if (name === "complaint") chosen.field_action = field.checked;
    if (name === "repeat") chosen.incident = Number(other.value);
    dialog.close();
  }

  dialog.addEventListener("keydown", (event) => {
    if (event.target === other && event.key === "Enter") {
      event.preventDefault(); // or the same press would open the dialog again
      return choose("repeat");
    }
    if (event.target === other || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key.toLowerCase() === "f" && lettersOn()) field.checked = !field.checked;
    const name = names.find((_name, at) => keyOf(at) === event.key.toUpperCase());
    if (name === undefined || (event.key.toUpperCase() === "A" && !lettersOn())) return;
    event.preventDefault();
    choose(name);
  });
  document.body.append(dialog);
  dialog.showModal();
  const first = buttons[names.indexOf(likely)];
  (first?.disabled === false ? first : buttons.find((button) => !button.disabled))?.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(chosen);
    });
  });
}
