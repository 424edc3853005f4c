// The queue: who rings, whom I hold or talk to, what the others do.

import { arrange, byId, h } from "../dom.js";
import { numberOf } from "../names.js";
import { timer } from "../timers.js";

/** @import {Live} from "../stream.js"
 *  @import {Names} from "../names.js" */

export const RINGING = ["presented", "screening", "queued"];
export const TALKING = ["answered", "held", "wrap_up"];
/** Classes that say: nobody needed help. */
const IDLE_CLASSES = ["silent", "prank", "misdial", "noise"];

export class Queue {
  /** @param {Live} live @param {Names} names @param {number} me @param {boolean} supervises
   * @param {{take: (call: Call) => void, open: (call: Call) => void, takeOver: (call: Call) => void}} does */
  constructor(live, names, me, supervises, does) {
    this.live = live;
    this.names = names;
    this.me = me;
    this.supervises = supervises;
    this.does = does;
    /** @type {Map<number, {v: string, element: HTMLElement}>} */
    this.rows = new Map();
  }

  /** The ones that ring, the longest waiting first. */
  ringing() {
    return this.live.store
      .all("calls")
      .filter((c) => RINGING.includes(c.state))
      .sort((a, b) => began(a) - began(b) || a.id - b.id);
  }

  /** My open calls: the one I talk to, then hung up, then held. */
  mine() {
    const order = ["answered", "wrap_up", "held"];
    return this.live.store
      .all("calls")
      .filter((c) => TALKING.includes(c.state) && c.operator === this.me)
      .sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.id - b.id);
  }

  others() {
    return this.live.store.all("calls").filter((c) => TALKING.includes(c.state) && c.operator !== this.me);
  }

  /** @param {number | null} current */
  paint(current) {
    const ringing = this.ringing();
    const [mine, others] = [this.mine(), this.others()];
    arrange(byId("ringing"), ringing.map((c, i) => this.row(c, i, current)));
    arrange(byId("mine"), mine.map((c) => this.row(c, -1, current)));
    arrange(byId("others"), others.map((c) => this.row(c, -1, current)));
    byId("no-ringing").hidden = ringing.length > 0;
    byId("others-panel").hidden = others.length === 0;
    const held = mine.filter((c) => c.state === "held").length;
    byId("queue-count").textContent = interpolate(gettext("%(ringing)s ringing · %(held)s held"), { ringing: ringing.length, held }, true);
  }

  /** @param {Call} call @param {number} place @param {number | null} current */
  row(call, place, current) {
    const stale = this.isStale(call);
    const v = JSON.stringify([call.v, place < 2 ? place : 2, current === call.id, stale, this.isForgotten(call), call.history, call.operator]);
    const known = this.rows.get(call.id);
    if (known?.v === v) return known.element;
    const element = this.make(call, place, current, stale);
    const focused = known?.element.contains(document.activeElement);
    this.rows.set(call.id, { v, element });
    if (focused) queueMicrotask(() => element.querySelector("button")?.focus());
    return element;
  }

  /** @param {Call} call @param {number} place @param {number | null} current @param {boolean} stale */
  make(call, place, current, stale) {
    const isRinging = RINGING.includes(call.state);
    const isMine = call.operator === this.me;
    const target = this.live.store.targets.answer?.[""] ?? 0;
    const clock = isRinging ? timer(call.presented_at ?? call.began_at, target) : timer(call.state === "held" ? call.held_at : call.answered_at);
    const key = isRinging ? ["F2", "⇧F2"][place] : call.state === "held" && isMine ? "F3" : null;
    const does = isRinging ? this.does.take : isMine ? this.does.open : call.operator === null || this.supervises ? this.does.takeOver : null;
    const label = isRinging ? gettext("Take") : isMine ? gettext("Open") : gettext("Take over");
    return h(
      "li",
      { class: `row call ${isRinging ? "rings" : ""} ${stale ? "stale" : ""}`, "aria-current": current === call.id ? "true" : null },
      h("div", { class: "call-line" }, key && h("kbd", null, key), clock, h("strong", { class: "mono" }, phone(call.number)), does && h("button", { type: "button", class: "small", onclick: () => does(call) }, label)),
      h("div", { class: "call-line dim" }, ...this.words(call, stale)),
    );
  }

  /** @param {Call} call @param {boolean} stale @returns {(Node | string)[]} */
  words(call, stale) {
    const isRinging = RINGING.includes(call.state);
    const parts = [];
    if (!isRinging) {
      const who = call.operator === null ? gettext("nobody") : call.operator === this.me ? "" : this.names.user(call.operator);
      parts.push(h("span", { class: "state" }, this.names.state("call", call.state)), who);
      if (stale) parts.push(h("span", { class: "chip warn" }, gettext("console silent")));
      if (this.isForgotten(call)) parts.push(h("span", { class: "chip warn" }, gettext("nobody looks after it")));
    }
    if (isRinging) parts.push(this.gate(call));
    parts.push(...this.history(call), this.where(call), ...said(call));
    if (call.incident) parts.push(h("a", { href: `/incidents/${call.incident}` }, numberOf(call.incident)));
    return parts.filter((part) => part !== "").map((part) => (typeof part === "string" ? h("span", null, part) : part));
  }

  /** @param {Call} call */
  gate(call) {
    if (call.gate === "speech") return gettext("spoke at the gate");
    if (call.gate === "key") return gettext("pressed a key at the gate");
    return call.state === "screening" || call.state === "presented" ? gettext("gate: no answer yet") : "";
  }

  /** "18× silent/30 d", and whether there were real reports. @param {Call} call */
  history(call) {
    const { history } = call;
    if (!call.number) return [];
    const reports = this.reports(call);
    if (!history?.total) return reports.length ? reports : [h("span", null, gettext("first call"))];
    const most = Object.entries(history.classes).sort((a, b) => b[1] - a[1]);
    const chips = most.slice(0, 2).map(([name, n]) => {
      const text = interpolate(gettext("%(n)s× %(class)s/%(days)s d"), { n, class: (this.names.catalogue.classes[name] ?? name).toLowerCase(), days: history.days }, true);
      return h("span", { class: `chip ${IDLE_CLASSES.includes(name) ? "warn" : ""}` }, text);
    });
    return [...chips, ...reports];
  }

  /** @param {Call} call */
  reports(call) {
    const before = (call.history?.incidents ?? []).filter((id) => id !== call.incident);
    return before.length ? [h("span", { class: "chip" }, interpolate(gettext("reported before: %s"), [before.map(numberOf).join(", ")]))] : [];
  }

  /** Where the caller may be: at the incident of an earlier call that is still open.
   * @param {Call} call */
  where(call) {
    const known = (call.history?.incidents ?? []).map((id) => this.live.store.get("incidents", id)).find(Boolean);
    if (known) return this.names.place(known);
    return call.trunk ? interpolate(gettext("line %s"), [call.trunk]) : "";
  }

  /** Whether the caller is on hold for long, or the call has nobody. @param {Call} call */
  isForgotten(call) {
    return this.live.store.all("alarms").some((alarm) => alarm.code === "unattended" && alarm.subject === `call:${call.id}`);
  }

  /** The forgotten calls that nobody has answered the alarm of. */
  forgotten() {
    const fresh = new Set(this.live.store.all("alarms").filter((a) => a.code === "unattended" && a.state === "new").map((a) => a.subject));
    return this.live.store.all("calls").filter((c) => fresh.has(`call:${c.id}`));
  }

  /** Whether the operator's console has missed its signs of life. @param {Call} call */
  isStale(call) {
    if (!TALKING.includes(call.state) || call.operator === null || call.operator === this.me) return false;
    const operator = this.live.store.get("operators", call.operator);
    const parameters = this.live.store.parameters;
    const limit = (parameters.heartbeat_s ?? 15) * (parameters.missed_heartbeats ?? 3);
    return !operator || this.live.since(operator.heartbeat_at) > limit;
  }
}

/** 0812-3345-1190, as people here say a number. @param {string | null} number */
export function phone(number) {
  if (!number) return gettext("no number");
  const local = number.startsWith("+62") ? `0${number.slice(3)}` : number;
  return /^08\d{7,}$/.test(local) ? `${local.slice(0, 4)}-${local.slice(4, 8)}-${local.slice(8)}` : local;
}

/** What the caller of a drill says, since nobody can be heard. @param {Call} call @returns {Node[]} */
export const said = (call) => (call.said ? [h("q", { class: "said", title: gettext("Drill: what the caller says") }, call.said)] : []);

/** @param {Call} call */
const began = (call) => Date.parse(call.presented_at ?? call.began_at ?? "") || 0;
