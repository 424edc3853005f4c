// One unit in a dialog: what it is, where it is, and what may be done to it.

import { ask, reasonField } from "./ask.js";
import { post, send, toast } from "./commands.js";
import { aside, h } from "./dom.js";
import { isStale, lentWords, tellLent, whereabouts } from "./board.js";
import { unitStateName } from "./names.js";

/** @import {Live} from "./stream.js" */
/** @import {Names} from "./names.js" */

/** Show a unit. @param {Live} live @param {Names} names @param {Unit} unit
 * @param {{locate: (unit: Unit) => void, choose: (incident: number) => void}} to */
export function showUnit(live, names, unit, to) {
  const dialog = h("dialog", { class: "unit-panel", "aria-labelledby": "unit-title" });
  const leave = (/** @type {() => void} */ then) => () => {
    dialog.close();
    then();
  };
  /** @param {string} text @param {() => void} then */
  const button = (text, then) => h("button", { type: "button", onclick: leave(then) }, text);
  dialog.append(
    h("h2", { id: "unit-title" }, `${unit.call_sign} · ${names.agency(unit.agency)}`),
    h("p", null, h("span", { class: "state" }, unitStateName(names, unit)), ` ${unit.reason ? names.reason(unit.reason) : ""}`),
    h("p", null, names.kind(unit.kind), " · ", unit.capabilities.map((code) => names.capability(code)).join(", ")),
    h("p", { class: isStale(live, unit) ? "stale" : "" }, whereabouts(live, unit)),
    unit.lent ? h("p", null, aside("/neighbours#loans", lentWords(unit.lent))) : "",
    unit.lent && tellLent(unit.lent) ? h("p", { class: "warn" }, tellLent(unit.lent)) : "",
    unit.blocked?.length ? h("p", { class: "warn" }, interpolate(gettext("Kept back, for want of: %s"), [unit.blocked.map((code) => names.catalogue.items[code] ?? code).join(", ")])) : "",
    unit.example ? h("p", { class: "dim" }, gettext("Example unit: made up by the city pack.")) : "",
    h("div", { class: "actions" }, ...unit.jobs.map((job) => button(interpolate(gettext("Show #%s"), [job.incident]), () => to.choose(job.incident))), button(gettext("Show on the map"), () => to.locate(unit))),
    h("div", { class: "actions" }, ...changes(names, unit).map(([text, then]) => button(text, then))),
    h("div", { class: "actions" }, button(gettext("Close"), () => {})),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** @param {Unit} unit */
async function home(unit) {
  const done = await post(`/dispatch/units/${encodeURIComponent(unit.call_sign)}/home`);
  if (done) toast(interpolate(gettext("%s is to wait at its own place. Its phone is told; say it by radio too."), [unit.call_sign]));
}

/** What a dispatcher may change about a unit now. @param {Names} names @param {Unit} unit
 * @returns {[string, () => void][]} */
function changes(names, unit) {
  const base = `/dispatch/units/${encodeURIComponent(unit.call_sign)}`;
  /** @param {string} command */
  const move = (command) => post(`${base}/availability`, { command, version: unit.v });
  /** @param {Record<string, unknown>} what */
  const duty = (what) => post(`${base}/duty`, { ...what, version: unit.v });
  /** @param {string} title @param {string} command @param {Record<string, unknown>} what */
  const because = (title, command, what) =>
    ask(`${unit.call_sign}: ${title}`, [reasonField(names.reasons("unavailable"))], { send: ({ reason }) => send(`${base}/${command}`, { ...what, reason, version: unit.v }) });
  /** @type {[string, () => void][]} */
  const list = [];
  if (unit.state === "available") list.push([gettext("Reserve"), () => move("reserve")]);
  if (unit.state === "reserved") list.push([gettext("Release"), () => move("release")]);
  if (unit.state === "unavailable") list.push([gettext("Available again"), () => move("return")]);
  else list.push([gettext("Take out of service"), () => because(gettext("Take out of service"), "availability", { command: "withdraw" })]);
  if (unit.waits) list.push([gettext("Back to its station"), () => home(unit)]);
  list.push(unit.on_duty ? [gettext("Off duty"), () => duty({ on_duty: false })] : [gettext("On duty"), () => duty({ on_duty: true })]);
  if (unit.readiness === "ready") list.push([gettext("Limited readiness"), () => because(gettext("Limited readiness"), "duty", { readiness: "limited" })]);
  else list.push([gettext("Fully ready"), () => duty({ readiness: "ready" })]);
  return list;
}
