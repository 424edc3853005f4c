// The commands of an incident's page. After each the page is loaded anew.

import { ask } from "./ask.js";
import { CommandError, post, send } from "./commands.js";
import { byId, given, h } from "./dom.js";

/** @typedef {{code: string, name: string}} Command
 *  @typedef {{id: number, v: number, manages: boolean, commands: Command[],
 *    facts: Record<string, string>, areas: [string, string][],
 *    reasons: Record<string, Record<string, string>>, outcomes: Record<string, string>}} File */

/** @type {File} */
const file = given("incident");
const url = `/incidents/${file.id}`;

/** Send a command; when units are still at work there, ask once more.
 * @param {string} command @param {Record<string, unknown>} data @returns {Promise<boolean>} whether it was done */
async function run(command, data) {
  try {
    await send(`${url}/${command}`, { ...data, version: file.v });
    location.reload();
    return true;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    if (error.code === "confirm" && !data.confirm) {
      const isSure = await ask({ title: error.message, yes: gettext("Go on") });
      return isSure !== null && run(command, { ...data, confirm: true });
    }
    byId("incident-error").textContent = error.message;
    if (error.code === "conflict") {
      byId("incident-error").append(" ", h("button", { type: "button", class: "small", onclick: () => location.reload() }, gettext("Load again")));
    }
    return false;
  }
}

/** @type {Record<string, () => Promise<unknown>>} */
const commands = {
  facts,
  priority: () => choose("priority", gettext("Priority"), { 1: "P1", 2: "P2", 3: "P3", 4: "P4" }, (asked) => ({ priority: Number(asked.choice) })),
  resolve: () => choose("resolve", gettext("Nothing more is expected of the field"), file.outcomes, (asked) => ({ disposition: asked.choice })),
  close: () => choose("close", gettext("How did it end?"), file.outcomes, (asked) => ({ disposition: asked.choice })),
  cancel: () => choose("cancel", gettext("Cancel the incident"), file.reasons.cancel ?? {}, (asked) => ({ reason: asked.choice, note: asked.note }), true),
  reopen: () => choose("reopen", gettext("Open it again"), file.reasons.reopen ?? {}, (asked) => ({ reason: asked.choice, note: asked.note }), true),
  unmerge: () => run("unmerge", {}),
  async merge() {
    const other = await number(gettext("Merge into incident number"));
    if (other) await run("merge", { into: other });
  },
  async link() {
    const other = await number(gettext("Belongs with incident number"));
    if (other) await run("link", { other, kind: "related" });
  },
};

/** @param {string} command @param {string} title @param {Record<string, string>} choices
 * @param {(asked: import("./ask.js").Asked) => Record<string, unknown>} data @param {boolean} [note] */
async function choose(command, title, choices, data, note) {
  const asked = await ask({ title, choices, label: gettext("Choice"), ...(note ? { note: gettext("Note") } : {}) });
  if (asked) await run(command, data(asked));
}

/** @param {string} title */
async function number(title) {
  const asked = await ask({ title, number: { label: gettext("Number"), value: 1, min: 1, max: 2 ** 31 } });
  return asked?.number;
}

/** Correct the facts; what was typed stays in the dialog until it is saved. */
async function facts() {
  /** @type {Record<string, HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>} */
  const fields = {
    address: h("input", { id: "fact-address", value: file.facts.address, maxlength: 4000 }),
    chronology: h("textarea", { id: "fact-chronology", rows: 4 }, file.facts.chronology),
    reporter: h("input", { id: "fact-reporter", value: file.facts.reporter, maxlength: 4000 }),
    victims: h("input", { id: "fact-victims", type: "number", min: 0, value: file.facts.victims }),
    area: h("select", { id: "fact-area" }, h("option", { value: "" }, "-"), ...file.areas.map(([code, name]) => h("option", { value: code, selected: code === file.facts.area }, name))),
  };
  const labels = { address: gettext("Address"), chronology: gettext("What happened"), reporter: gettext("Reporter"), victims: gettext("Victims"), area: gettext("Kelurahan") };
  const form = h("form", { method: "dialog" }, h("h2", { id: "facts-dialog" }, gettext("Correct the facts")), ...Object.entries(labels).map(([name, label]) => h("div", { class: "field" }, h("label", { for: `fact-${name}` }, label), fields[name])), h("div", { class: "actions" }, h("button", { class: "strong", value: "yes" }, gettext("Save")), h("button", { value: "no", formnovalidate: true }, gettext("Back"))));
  const dialog = h("dialog", { "aria-labelledby": "facts-dialog" }, form);
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "yes") return dialog.remove();
    /** @type {Record<string, unknown>} */
    const changed = {};
    for (const [name, field] of Object.entries(fields)) {
      if (field.value !== file.facts[name]) changed[name] = name === "victims" ? (field.value === "" ? null : Number(field.value)) : field.value;
    }
    dialog.returnValue = "";
    void run("facts", changed).then((isDone) => !isDone && dialog.showModal());
  });
  dialog.showModal();
}

document.getElementById("commands")?.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  const command = button?.dataset.command;
  if (command) void commands[command]?.();
});
for (const button of document.querySelectorAll("button[data-strike]")) {
  button.addEventListener("click", async () => {
    const done = button instanceof HTMLElement && (await post(button.dataset.strike ?? ""));
    if (done) location.reload();
  });
}
document.getElementById("note-form")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = /** @type {HTMLTextAreaElement} */ (byId("note")).value;
  if (await post(`${url}/note`, { text })) location.reload();
});
