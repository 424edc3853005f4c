// Suggested units for the selected incident: why, how soon, and what the plan lacks.

import { ask, reasonField } from "./ask.js";
import { CommandError, get, send, tell, toast } from "./commands.js";
import { byId, fill, h } from "./dom.js";
import { distance, minutes } from "./format.js";
import { numberOf } from "./names.js";

/** @import {Live} from "./stream.js" */
/** @import {Names} from "./names.js" */
/** @typedef {{unit: string, agency: string, capability: string, eta_s: number | null, metres: number | null,
 *   reasons: string[], busy: boolean, job: number | null, by_road: boolean, costs: number,
 *   leaves: {incident: number, priority: number}[]}} Pick */
/** @typedef {{incident: number, metres: number | null, minutes: number, same_type: boolean, same_area: boolean}} Duplicate */
/** @typedef {{incident: number, v: number, picks: Pick[], others: Pick[], diversions: Pick[],
 *   planned: boolean, shortfalls: {agency: string, capability: string, count: number, why: Record<string, number>}[], duplicates: Duplicate[]}} Advice */

const AGAIN_MS = 3000;
const SHOWN = 9;

/** @returns {Record<string, string>} */
const reasonNames = () => ({
  no_position: gettext("position not known"),
  at_station: gettext("at its station"),
  stale_position: gettext("old position"),
  limited: gettext("limited"),
  no_way: gettext("no open road leads there"),
  unrested: gettext("crew has just worked"),
  leaves_gap: gettext("leaves its surroundings without one"),
  busy: gettext("busy"),
  proposed: gettext("proposed"),
  declined: gettext("has declined"),
});

/** What stands against units that could serve otherwise. @returns {Record<string, string>} */
const hindranceNames = () => ({
  off_duty: gettext("off duty"),
  unavailable: gettext("out of service or reserved"),
  not_ready: gettext("not ready"),
  blocked: gettext("equipment failed its check"),
  crew_short: gettext("too few people"),
  equipment_missing: gettext("equipment missing"),
  busy: gettext("busy"),
  declined: gettext("has declined"),
});

/** Send units; where another than the recommended one is chosen, ask why. Resolves to what was
 * answered, or null where nothing was sent.
 * @param {Names} names @param {number} incident @param {string[]} units @param {number} version
 * @param {boolean} [sure] what the server would ask to confirm has been confirmed
 * @returns {Promise<import("./commands.js").Answer | null>} */
export async function sendUnits(names, incident, units, version, sure = false) {
  const url = `/dispatch/incidents/${incident}/send`;
  const data = sure ? { units, version, confirm: true } : { units, version };
  try {
    return await send(url, data, "confirm");
  } catch (problem) {
    if (!(problem instanceof CommandError)) throw problem;
    if (problem.code !== "choice") return tell(problem, true);
    /** @type {import("./commands.js").Answer | null} */
    let answer = null;
    await ask(problem.message, [reasonField(names.catalogue.reasons.other_unit ?? {})], {
      yes: interpolate(gettext("Send %s"), [units.join(" + ")]),
      send: async ({ reason }) => (answer = await send(url, { ...data, choice: reason }, "confirm")),
    });
    return answer;
  }
}

export class AdvicePanel {
  /** @param {Live} live @param {Names} names @param {(advice: Advice) => void} told */
  constructor(live, names, told) {
    this.live = live;
    this.names = names;
    this.told = told;
    /** @type {number | null} */
    this.incident = null;
    /** @type {Advice | null} */
    this.advice = null;
    /** Call signs in the order that the number keys mean. @type {string[]} */
    this.order = [];
    /** @type {Set<string>} */
    this.chosen = new Set();
    /** The version of the incident that was on screen when the choice began: if somebody has
     * sent units since, the first press only says so. @type {number | null} */
    this.seen = null;
    this.askedAt = 0;
    this.isStale = false;
    this.isSending = false;
    live.store.subscribe("units", () => (this.isStale = true));
    live.store.subscribe("incidents", ({ put, gone, reset }) => {
      if (reset || [...put, ...gone].some((row) => row.id === this.incident)) void this.ask();
    });
    live.onSecond(() => {
      if (this.isStale && performance.now() - this.askedAt > AGAIN_MS) void this.ask();
    });
  }

  /** @param {number | null} id */
  select(id) {
    if (id === this.incident) return;
    this.incident = id;
    this.advice = null;
    this.chosen.clear();
    this.order = [];
    this.draw();
    void this.ask();
  }

  async ask() {
    this.turn?.abort();
    if (this.incident === null) return;
    this.turn = new AbortController();
    this.askedAt = performance.now();
    this.isStale = false;
    try {
      const advice = /** @type {Advice} */ (await get(`/dispatch/incidents/${this.incident}/advice`, this.turn.signal));
      if (advice.incident !== this.incident) return;
      this.settle(advice);
      this.draw();
      this.told(advice);
    } catch {
      this.isStale = true; // cut off or gone: the next second asks again
    }
  }

  /** What a number key means does not change while the incident stays selected: new units come
   * last, and one that is gone keeps its line. The plan's are shown even beyond the keys.
   * @param {Advice} advice */
  settle(advice) {
    const there = [...this.chosen].filter((sign) => this.pick(sign));
    this.advice = advice;
    const plan = advice.picks.map((pick) => pick.unit);
    const turned = advice.diversions.map((pick) => pick.unit);
    const order = [...new Set([...this.order, ...plan, ...turned, ...advice.others.map((pick) => pick.unit)])];
    this.order = order.filter((sign, i) => i < SHOWN || plan.includes(sign) || turned.includes(sign) || this.order.includes(sign));
    const lost = there.filter((sign) => !this.pick(sign));
    if (lost.length) this.tellLost(lost);
  }

  /** @param {string[]} signs */
  tellLost(signs) {
    toast(interpolate(gettext("%s is no longer free: choose again."), [signs.join(" + ")]), { bad: true });
  }

  /** The units that F4 sends: those chosen, else the plan's. Where all that were chosen are
   * gone it is nothing, never the plan: that was not what the dispatcher wanted. */
  toSend() {
    if (this.chosen.size) return this.order.filter((sign) => this.chosen.has(sign) && this.pick(sign));
    return (this.advice?.picks ?? []).map((pick) => pick.unit);
  }

  /** @param {number} number from 1 */
  toggle(number) {
    const sign = this.order[number - 1];
    if (!sign || !(this.pick(sign) || this.chosen.has(sign))) return;
    if (!this.chosen.size) this.seen = this.advice?.v ?? null;
    if (!this.chosen.delete(sign)) this.chosen.add(sign);
    this.draw();
  }

  async send() {
    const units = this.toSend();
    const row = this.live.store.get("incidents", this.incident);
    if (!units.length && this.chosen.size) return this.tellLost([...this.chosen]);
    if (!units.length || !row || this.isSending) return;
    this.isSending = true;
    const version = (this.chosen.size ? this.seen : this.advice?.v) ?? row.v;
    const answer = await sendUnits(this.names, row.id, units, version);
    this.isSending = false;
    if (answer) {
      toast(interpolate(gettext("%s: sent %s"), [numberOf(row.id), units.join(" + ")]));
      this.chosen.clear();
      this.order = [];
    } else this.seen = row.v;
    if (answer || version !== row.v) await this.ask();
  }

  /** @param {string} sign */
  pick(sign) {
    const { picks = [], others = [], diversions = [] } = this.advice ?? {};
    return [...picks, ...diversions, ...others].find((pick) => pick.unit === sign);
  }

  draw() {
    const place = byId("advice");
    if (!this.advice) return fill(place, h("p", { class: "empty" }, this.incident === null ? "" : gettext("Looking for units…")));
    const planned = this.advice.picks.map((pick) => pick.unit);
    const rows = this.order.map((sign, i) => this.line(sign, i + 1, planned.includes(sign)));
    const lacks = this.advice.shortfalls.map((need) =>
      h("li", { class: "warn" }, interpolate(gettext("Missing: %s × %s (%s)"), [need.count, this.names.capability(need.capability), this.names.agency(need.agency)]), this.hindered(need.why)),
    );
    const none = !this.advice.planned ? gettext("This type has no response plan: choose the units yourself.") : lacks.length ? gettext("No free unit fits what the plan still lacks.") : gettext("The plan asks for no more units.");
    const units = this.toSend();
    const label = this.chosen.size ? gettext("Send %s") : gettext("Send plan: %s");
    const button = h("button", { class: "strong send", type: "button", "data-key": "send", disabled: !units.length, onclick: () => this.send() }, units.length ? interpolate(label, [units.join(" + ")]) : gettext("Nothing to send"), h("kbd", null, "F4"));
    const row = this.live.store.get("incidents", this.incident);
    const nowhere = row && !this.names.point(row) && h("p", { class: "notice" }, gettext("The place of the incident is not known yet: no travel times."));
    fill(place, nowhere, planned.length ? null : h("p", { class: "empty" }, none), rows.length ? h("ol", { class: "picks" }, ...rows) : null, lacks.length ? h("ul", { class: "lacks" }, ...lacks) : null, button);
  }

  /** Why nobody else can go. @param {Record<string, number>} why */
  hindered(why) {
    const said = Object.entries(why).map(([code, count]) => `${count} ${hindranceNames()[code] ?? code}`);
    return `: ${said.join(", ") || gettext("there is no other such unit")}`;
  }

  /** @param {string} sign @param {number} number @param {boolean} planned */
  line(sign, number, planned) {
    const pick = this.pick(sign);
    const key = number <= SHOWN && h("kbd", null, number);
    if (!pick && !this.chosen.has(sign)) return h("li", { class: "pick dim" }, `${sign}: ${gettext("no longer free")}`);
    const text = pick ? this.why(pick, planned) : gettext("no longer free");
    return h(
      "li",
      null,
      h(
        "button",
        { type: "button", class: "pick", "aria-pressed": this.chosen.has(sign), "data-key": `pick-${sign}`, onclick: () => this.toggle(number) },
        key,
        h("strong", { class: "mono" }, sign),
        h("span", { class: "why", title: text }, text),
        h("span", { class: "eta mono" }, pick && pick.metres !== null ? `${pick.by_road ? "" : "~"}${minutes(pick.eta_s)}` : ""),
      ),
    );
  }

  /** @param {Pick} pick @param {boolean} planned */
  why(pick, planned) {
    const reasons = pick.reasons.map((code) => reasonNames()[code] ?? code);
    const job = pick.leaves.length ? interpolate(gettext("would leave %s"), [pick.leaves.map((left) => `#${left.incident} P${left.priority}`).join(", ")]) : pick.job ? `#${pick.job}` : "";
    const cost = pick.costs ? interpolate(gettext("counted %s later"), [minutes(pick.costs)]) : "";
    const measured = pick.metres === null || pick.by_road ? "" : gettext("straight line");
    return [planned ? gettext("in the plan") : "", job, ...reasons, cost, measured, distance(pick.metres), this.names.capability(pick.capability)].filter(Boolean).join(" · ");
  }
}
