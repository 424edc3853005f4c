// The queue: who rings, whom I hold or talk to, what the others do.

import { Rows, arrange, aside, byId, h } from "../dom.js";
import { dayAndTime, number } from "../format.js";
import { numberOf, phone } from "../names.js";
import { Steady } from "../steady.js";
import { timer } from "../timers.js";
import { gate, history, returned, said, where } from "./known.js";

/** @import {Live} from "../stream.js"
 *  @import {Names} from "../names.js" */

export const RINGING = ["presented", "screening", "queued"];
export const TALKING = ["answered", "held", "wrap_up"];
const LATER_MS = 60_000;

export class Queue {
  /** @param {Live} live @param {Names} names @param {number} me @param {boolean} supervises
   * @param {{take: (call: Call) => void, open: (call: Call) => void, takeOver: (call: Call) => void}} does */
  constructor(live, names, me, supervises, does) {
    this.live = live;
    this.names = names;
    this.me = me;
    this.supervises = supervises;
    this.does = does;
    /** Which of my calls the form shows. @type {number | null} */
    this.current = null;
    this.rows = new Rows();
    this.steady = new Steady({ place: byId("queue-panel"), note: byId("queue-new"), wanted: () => this.wanted(), put: () => this.put() });
  }

  /** The ones that ring, in the server's order; of equals the longest waiting first. Whom a gate
   * is asking for a sign does not ring, unless that takes too long. */
  ringing() {
    return this.live.store
      .all("calls")
      .filter((c) => RINGING.includes(c.state) && (!c.at_gate || this.isLate(c)))
      .sort((a, b) => a.rank - b.rank || began(a) - began(b) || a.id - b.id);
  }

  /** Whether it has raised the alarm of ringing too long. @param {Call} call */
  isLate(call) {
    return this.live.store.all("alarms").some((alarm) => alarm.code === "ringing" && alarm.subject === `call:${call.id}`);
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

  /** My callers on hold whom the form does not show, the longest waiting first. */
  waiting() {
    return this.mine()
      .filter((c) => c.state === "held" && c.id !== this.current)
      .sort((a, b) => Date.parse(a.held_at ?? "") - Date.parse(b.held_at ?? ""));
  }

  /** The key that acts on each call now. @returns {Map<number, string>} */
  keys() {
    const [first, second] = this.ringing();
    const present = this.mine().find((c) => c.id === this.current && c.state === "held");
    const pairs = /** @type {[Call | undefined, string][]} */ ([[first, "F2"], [second, "⇧F2"], [present, "F3"], [this.waiting()[0], "⇧F3"]]);
    return new Map(pairs.flatMap(([call, key]) => (call ? [[call.id, key]] : [])));
  }

  /** Each open call, and the list that it belongs to. @returns {Map<number, string>} */
  wanted() {
    const lists = Object.entries({ ringing: this.ringing(), mine: this.mine(), others: this.others() });
    return new Map(lists.flatMap(([list, calls]) => calls.map((call) => [call.id, list])));
  }

  /** @param {number | null} current */
  paint(current) {
    this.current = current;
    this.steady.settle();
    this.put();
    const held = this.mine().filter((c) => c.state === "held").length;
    this.countGate();
    byId("queue-count").textContent = interpolate(gettext("%(ringing)s ringing · %(held)s held"), { ringing: this.ringing().length, held }, true);
  }

  /** Those at the gate disturb nobody: how many they are is all that is said of them here. */
  countGate() {
    const calls = this.live.store.all("calls");
    const aside = calls.filter((c) => c.state === "set_aside").length;
    const asked = calls.filter((c) => RINGING.includes(c.state) && c.at_gate).length;
    const words = [asked && interpolate(gettext("%s being asked"), [number(asked)]), aside && interpolate(gettext("%s set aside"), [number(aside)])].filter(Boolean);
    const text = words.length ? `${gettext("Gate")}: ${words.join(" · ")}` : "";
    const line = byId("gate-line");
    if (line.textContent !== text) line.textContent = text;
  }

  /** The lists as they stand, and below them what has come while somebody is at them: it must
   * be seen at once, and must move nothing. */
  put() {
    const { order, fresh } = this.steady;
    const [open, keys] = [this.wanted(), this.keys()];
    /** @param {number} id */
    const row = (id) => {
      const call = open.has(id) ? this.live.store.get("calls", id) : undefined;
      return call ? this.row(call, keys.get(id)) : this.rows.over(id);
    };
    /** @param {string} list */
    const of = (list) => [...order].filter(([, its]) => its === list).map(([id]) => id);
    for (const list of ["ringing", "mine", "others"]) arrange(byId(list), of(list).map(row));
    arrange(byId("arrived"), fresh.map(row));
    this.rows.keep([...order.keys(), ...fresh]);
    byId("no-ringing").hidden = of("ringing").length > 0;
    byId("no-ringing").classList.toggle("blank", this.ringing().length > 0);
    byId("others-panel").hidden = of("others").length === 0;
  }

  /** @param {Call} call @param {string} [key] */
  row(call, key) {
    const [stale, isCurrent] = [this.isStale(call), this.current === call.id];
    const facts = [call.v, key, isCurrent, stale, this.isForgotten(call), call.history, call.operator, call.parties];
    return this.rows.of(call.id, facts, () => this.make(call, isCurrent, stale, key));
  }

  /** @param {Call} call @param {boolean} isCurrent @param {boolean} stale @param {string} [key] */
  make(call, isCurrent, stale, key) {
    const isRinging = RINGING.includes(call.state);
    const isMine = call.operator === this.me;
    const target = this.live.store.targets.answer?.[""] ?? 0;
    const since = { held: call.held_at, wrap_up: call.ended_at }[call.state] ?? call.answered_at;
    const clock = isRinging ? timer(call.presented_at ?? call.began_at, target) : isLater(call) ? h("time", null, dayAndTime(call.began_at ?? "")) : timer(since);
    const does = isRinging ? this.does.take : isMine ? this.does.open : call.operator === null || this.supervises ? this.does.takeOver : null;
    const label = isRinging ? gettext("Take") : isMine ? gettext("Open") : gettext("Take over");
    return h(
      "li",
      { class: `row call ${isRinging ? "rings" : ""} ${stale ? "stale" : ""}`, "aria-current": isCurrent ? "true" : null },
      h("div", { class: "call-line" }, key && h("kbd", null, key), clock, h("strong", { class: "mono" }, phone(call)), does && h("button", { type: "button", class: "small", onclick: () => does(call) }, label)),
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
    if (call.parties.some((party) => party.user === this.me && party.how === "take")) parts.push(h("span", { class: "chip warn" }, gettext("for you: lift the telephone")));
    parts.push(...returned(call));
    if (isRinging && !call.returns) parts.push(gate(call, this.names));
    parts.push(...history(call, this.names), where(call, this.names, this.live.store), ...said(call));
    if (call.incident) parts.push(aside(`/incidents/${call.incident}`, numberOf(call.incident)));
    return parts.filter((part) => part !== "").map((part) => (typeof part === "string" ? h("span", null, part) : part));
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

/** Whether a call was entered by hand some time after it happened. @param {Call} call */
export const isLater = (call) => call.manual && Date.parse(call.claimed_at ?? "") - Date.parse(call.began_at ?? "") > LATER_MS;

/** @param {Call} call */
const began = (call) => Date.parse(call.presented_at ?? call.began_at ?? "") || 0;
