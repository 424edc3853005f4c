// What is known of a caller before anybody has spoken: history, place, how the gate let them in.

import { h } from "../dom.js";
import { numberOf } from "../names.js";

/** @import {Names} from "../names.js"
 *  @import {Store} from "../store.js" */

/** Classes that say: nobody needed help. */
const IDLE_CLASSES = ["silent", "prank", "misdial", "noise"];

/** "18× silent/30 d", and whether there were real reports. @param {Call} call @param {Names} names
 * @returns {Node[]} */
export function history(call, names) {
  const known = call.history;
  if (!call.number) return [];
  const reports = reportsOf(call);
  if (!known?.total) return reports.length ? reports : [h("span", null, gettext("first call"))];
  const most = Object.entries(known.classes).sort((a, b) => b[1] - a[1]);
  const chips = most.slice(0, 2).map(([name, n]) => {
    const text = interpolate(gettext("%(n)s× %(class)s/%(days)s d"), { n, class: (names.catalogue.classes[name] ?? name).toLowerCase(), days: known.days }, true);
    return h("span", { class: `chip ${IDLE_CLASSES.includes(name) ? "warn" : ""}` }, text);
  });
  return [...chips, ...reports];
}

/** @param {Call} call */
function reportsOf(call) {
  const before = (call.history?.incidents ?? []).filter((id) => id !== call.incident);
  return before.length ? [h("span", { class: "chip" }, interpolate(gettext("reported before: %s"), [before.map(numberOf).join(", ")]))] : [];
}

/** Where the caller may be: at the incident of an earlier call that is still open.
 * @param {Call} call @param {Names} names @param {Store} store */
export function where(call, names, store) {
  const known = (call.history?.incidents ?? []).map((id) => store.get("incidents", id)).find(Boolean);
  if (known) return names.place(known);
  return call.trunk ? interpolate(gettext("line %s"), [call.trunk]) : "";
}

/** Why the gate let the call through, in words. @param {Call} call @param {Names} names */
export function gate(call, names) {
  if (call.at_gate) return gettext("at the gate: no sign yet");
  const why = names.cause(call.gate_reason);
  if (call.gate === "skipped") return why || names.gate(call.gate);
  return [names.gate(call.gate), why].filter(Boolean).join(": ");
}

/** That the call rings a lost one back, and which. @param {Call} call @returns {Node[]} */
export const returned = (call) => (call.returns ? [h("span", { class: "chip strong" }, interpolate(gettext("call-back for call %s"), [call.returns]))] : []);

/** What the caller of a drill says, since nobody can be heard. @param {Call} call @returns {Node[]} */
export const said = (call) => [
  call.said ? h("q", { class: "said", title: call.chat ? gettext("Written on WhatsApp") : gettext("Drill: what the caller says") }, call.said) : null,
  call.chat ? h("a", { class: "button small", href: `/chats/${call.chat}`, target: "chat" }, gettext("Read and answer the chat")) : null,
].filter((part) => part !== null);
