// A small dialog that asks for a choice from a list, and for words where they are wanted.

import { h } from "./dom.js";

/** @typedef {{choice: string, note: string, number: number}} Asked */

/** @param {{title: string, choices?: Record<string, string>, label?: string, note?: string,
 *   number?: {label: string, value: number, min: number, max: number}, yes?: string}} question
 * @returns {Promise<Asked | null>} null when it was left */
export function ask({ title, choices, label, note, number, yes }) {
  const select = h("select", { id: "ask-choice", required: true }, ...Object.entries(choices ?? {}).map(([code, name]) => h("option", { value: code }, name)));
  const words = h("textarea", { id: "ask-note", rows: 3, maxlength: 1000 });
  const amount = h("input", { id: "ask-number", type: "number", ...number, label: null, required: true });
  const form = h(
    "form",
    { method: "dialog" },
    h("h2", { id: "ask-title" }, title),
    choices && h("div", { class: "field" }, h("label", { for: "ask-choice" }, label ?? gettext("Reason")), select),
    number && h("div", { class: "field" }, h("label", { for: "ask-number" }, number.label), amount),
    note && h("div", { class: "field" }, h("label", { for: "ask-note" }, note), words),
    h(
      "div",
      { class: "actions" },
      h("button", { class: "strong", value: "yes" }, yes ?? gettext("Save")),
      h("button", { value: "no", formnovalidate: true }, gettext("Back")),
    ),
  );
  const dialog = h("dialog", { "aria-labelledby": "ask-title" }, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes" ? { choice: select.value, note: words.value, number: Number(amount.value) } : null);
    });
  });
}
