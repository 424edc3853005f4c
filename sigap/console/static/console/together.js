// Units for many incidents at once, as they were matched; a person sends what stays ticked.

import { get, post, toast } from "./commands.js";
import { byId, h, priority } from "./dom.js";
import { minutes } from "./format.js";
import { numberOf } from "./names.js";

/** @import {Live} from "./stream.js" */
/** @import {Names} from "./names.js" */
/** @typedef {{incident: number, v: number, agency: string, capability: string, unit: string, eta_s: number | null}} Match */

/** Offer it where several incidents wait for units. @param {Live} live @param {Names} names */
export function offerTogether(live, names) {
  const button = byId("together");
  const waits = () => live.store.all("incidents").filter((row) => ["open", "reopened"].includes(row.state)).length;
  live.store.subscribe("incidents", () => (button.hidden = waits() < 2));
  button.addEventListener("click", () => void open(live, names));
}

/** @param {Live} live @param {Names} names */
async function open(live, names) {
  const { matches } = /** @type {{matches: Match[]}} */ (await get("/dispatch/together"));
  const found = matches.filter((match) => match.unit);
  const lacking = matches.length - found.length;
  /** @param {Match} match */
  const row = (match) => {
    const incident = live.store.get("incidents", match.incident);
    const box = h("input", { type: "checkbox", checked: true, "data-unit": match.unit });
    return h("tr", null, h("td", null, h("label", null, box, " ", h("strong", { class: "mono" }, match.unit))), h("td", null, incident ? priority(incident.priority) : null, ` ${numberOf(match.incident)} ${incident ? names.type(incident.type) : ""}`), h("td", null, names.capability(match.capability)), h("td", { class: "mono" }, match.eta_s === null ? "–" : minutes(match.eta_s)));
  };
  const rows = found.map(row);
  const go = h("button", { class: "strong", disabled: !found.length }, gettext("Send what is ticked"));
  const form = h(
    "form",
    { class: "asking together" },
    h("h2", { id: "together-title" }, gettext("Units for all incidents at once")),
    h("p", { class: "dim" }, gettext("Matched so that the weighted minutes together are the fewest; a minute at P1 counts as eight at P4. Nothing is sent before you press.")),
    found.length ? h("div", { class: "scroll" }, h("table", null, h("thead", null, h("tr", null, ...[gettext("Unit"), gettext("Incident"), gettext("For"), gettext("Minutes")].map((name) => h("th", { scope: "col" }, name)))), h("tbody", null, ...rows))) : h("p", null, gettext("No free unit fits what is still needed.")),
    lacking ? h("p", { class: "notice" }, interpolate(ngettext("For %s need no free unit is left.", "For %s needs no free unit is left.", lacking), [lacking])) : null,
    h("div", { class: "actions" }, go, h("button", { type: "button", onclick: () => dialog.close() }, gettext("Back"), h("kbd", null, "Esc"))),
  );
  const dialog = h("dialog", { "aria-labelledby": "together-title" }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    go.disabled = true;
    const ticked = found.filter((_match, n) => rows[n].querySelector("input")?.checked);
    const answer = await post("/dispatch/together/send", { send: gathered(ticked) });
    dialog.close();
    if (answer) tell(answer);
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** One order for each incident. @param {Match[]} matches */
function gathered(matches) {
  /** @type {Map<number, {incident: number, version: number, units: string[]}>} */
  const orders = new Map();
  for (const { incident, v, unit } of matches) {
    const order = orders.get(incident) ?? { incident, version: v, units: [] };
    order.units.push(unit);
    orders.set(incident, order);
  }
  return [...orders.values()];
}

/** @param {Record<string, any>} answer */
function tell(answer) {
  if (answer.jobs.length) toast(interpolate(ngettext("%s unit sent.", "%s units sent.", answer.jobs.length), [answer.jobs.length]));
  for (const [incident, why] of Object.entries(answer.refused)) toast(`#${incident}: ${why}`, { bad: true });
}
