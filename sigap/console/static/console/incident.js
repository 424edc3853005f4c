// The commands of an incident's page. After each the page is loaded anew.

import { ask, noteField, reasonField } from "./ask.js";
import { CommandError, send } from "./commands.js";
import { correctTime, linkIncident, strikeNote } from "./corrections.js";
import { byId, given, h } from "./dom.js";
import { numberOf } from "./names.js";

/** @import {Field} from "./ask.js" */
/** @typedef {{code: string, name: string}} Command
 *  @typedef {{id: number, v: number, manages: boolean, commands: Command[], steps: Record<string, string>,
 *    facts: Record<string, string>, place: Record<string, unknown>, areas: [string, string][], priority: number,
 *    reasons: Record<string, Record<string, string>>, outcomes: Record<string, string>}} File */

/** @type {File} */
const file = given("incident");
const url = `/incidents/${file.id}`;

/** @param {string} command @param {Record<string, unknown>} data */
async function tell(command, data) {
  try {
    return await send(`${url}/${command}`, { ...data, version: file.v }, "confirm");
  } catch (problem) {
    if (!(problem instanceof CommandError) || problem.code !== "conflict") throw problem;
    // Whoever has read that somebody else was faster may say it once more.
    file.v = problem.details.version ?? file.v;
    throw new CommandError("conflict", `${problem.message} ${gettext("Press again to go on all the same.")}`);
  }
}

/** Ask, send, and show what the page says then.
 * @param {string} command @param {string} title @param {Field[]} fields
 * @param {(given: Record<string, string>) => Record<string, unknown>} [data] @param {string} [yes] */
async function put(command, title, fields, data = (asked) => asked, yes) {
  const done = await ask(title, fields, { yes, send: (asked) => tell(command, data(asked)) });
  if (done) location.reload();
}

/** @type {Field} */
const outcome = { name: "disposition", label: gettext("How it ended"), choices: file.outcomes };
/** @type {Field} */
const level = { name: "priority", label: gettext("Priority"), choices: { 1: "P1", 2: "P2", 3: "P3", 4: "P4" }, value: String(file.priority) };
/** @type {Field} */
const into = { name: "into", label: gettext("Incident number"), kind: "incident" };

/** @param {string} purpose */
const because = (purpose) => [reasonField(file.reasons[purpose] ?? {}), noteField()];
const here = numberOf(file.id);

/** @type {Record<string, () => Promise<unknown>>} */
const commands = {
  facts,
  priority: () => put("priority", gettext("Priority"), [level], (asked) => ({ priority: Number(asked.priority) })),
  resolve: () => put("resolve", gettext("Nothing more is expected of the field"), [{ ...outcome, optional: true }], undefined, gettext("Resolve")),
  close: () => put("close", interpolate(gettext("Close %s"), [here]), [outcome], undefined, gettext("Close")),
  cancel: () => put("cancel", interpolate(gettext("Cancel %s"), [here]), because("cancel"), undefined, gettext("Go on")),
  reopen: () => put("reopen", interpolate(gettext("Reopen %s"), [here]), because("reopen"), undefined, gettext("Go on")),
  unmerge: () => put("unmerge", interpolate(gettext("Take %s out of the merge?"), [here]), [], undefined, gettext("Separate")),
  merge: () => put("merge", interpolate(gettext("Merge %s into another incident"), [here]), [into], (asked) => ({ into: Number(asked.into) }), gettext("Merge")),
  link: () => linkIncident(file.id).then(reload),
};

/** @param {unknown} done */
const reload = (done) => {
  if (done) location.reload();
};

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
  const error = h("p", { class: "error", role: "alert" });
  const form = h(
    "form",
    { class: "asking" },
    h("h2", { id: "facts-dialog" }, gettext("Correct the facts")),
    ...Object.entries(labels).map(([name, label]) => h("div", { class: "field" }, h("label", { for: `fact-${name}` }, label), fields[name])),
    error,
    h("div", { class: "actions" }, h("button", { class: "strong" }, gettext("Save")), h("button", { type: "button", onclick: () => dialog.close() }, gettext("Back"), h("kbd", null, "Esc"))),
  );
  const dialog = h("dialog", { "aria-labelledby": "facts-dialog" }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    /** @type {Record<string, unknown>} */
    const changed = {};
    for (const [name, field] of Object.entries(fields)) {
      if (field.value !== file.facts[name]) changed[name] = name === "victims" ? (field.value === "" ? null : Number(field.value)) : field.value;
    }
    // Another kelurahan is not another point.
    if ("area" in changed) Object.assign(changed, file.place);
    try {
      await tell("facts", changed);
      location.reload();
    } catch (problem) {
      if (!(problem instanceof CommandError)) throw problem;
      error.textContent = problem.message;
    }
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** @param {string} selector @param {(button: HTMLElement) => unknown} run */
function press(selector, run) {
  for (const button of document.querySelectorAll(selector)) {
    if (button instanceof HTMLElement) button.addEventListener("click", () => void run(button));
  }
}
press("button[data-command]", ({ dataset }) => commands[dataset.command ?? ""]?.());
press("button[data-time]", ({ dataset }) => correctTime(Number(dataset.time), file.steps, file.reasons.correct ?? {}, dataset.state).then(reload));
press("button[data-strike]", ({ dataset }) => {
  const note = { id: Number(dataset.strike), incident: Number(dataset.incident), at: dataset.at ?? "", text: dataset.text ?? "" };
  return strikeNote([note], file.reasons.strike ?? {}).then(reload);
});

document.getElementById("note-form")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = /** @type {HTMLTextAreaElement} */ (byId("note")).value;
  try {
    await send(`${url}/note`, { text });
    location.reload();
  } catch (problem) {
    if (!(problem instanceof CommandError)) throw problem;
    byId("note-error").textContent = problem.message;
  }
});
