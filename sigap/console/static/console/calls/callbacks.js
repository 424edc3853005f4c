// Callers who hung up and are to be rung back; calls entered by hand; classes to correct.

import { ask, noteField, reasonField } from "../ask.js";
import { get, post, send } from "../commands.js";
import { arrange, byId, fill, h } from "../dom.js";
import { clock, hourMinute, zoneName } from "../format.js";
import { numberOf } from "../names.js";
import { timer } from "../timers.js";
import { phone } from "./queue.js";

/** @import {Field} from "../ask.js"
 *  @import {Live} from "../stream.js"
 *  @import {Names} from "../names.js"
 *  @typedef {{id: number, v: number, at: string, class: string, field_action: boolean,
 *    operator: number | null, incident: number | null}} Closed */

export const CALLBACK = ["callback_due", "no_answer"];

export class Callbacks {
  /** @param {Live} live @param {Names} names @param {(call: Call) => void} reached */
  constructor(live, names, reached) {
    this.live = live;
    this.names = names;
    this.reached = reached;
    /** @type {Map<number, {v: number, element: HTMLElement}>} */
    this.rows = new Map();
  }

  paint() {
    const due = this.live.store
      .all("calls")
      .filter((c) => CALLBACK.includes(c.state))
      .sort((a, b) => Date.parse(a.began_at ?? "") - Date.parse(b.began_at ?? ""));
    byId("callbacks-count").textContent = String(due.length);
    byId("no-callbacks").hidden = due.length > 0;
    arrange(byId("callbacks"), due.map((c) => this.row(c)));
  }

  /** @param {Call} call */
  row(call) {
    const known = this.rows.get(call.id);
    if (known?.v === call.v) return known.element;
    const limit = this.live.store.parameters.callback_due_s ?? 120;
    const tries = interpolate(ngettext("%s attempt", "%s attempts", call.attempts), [call.attempts]);
    const element = h(
      "li",
      { class: "row call" },
      h("div", { class: "call-line" }, timer(call.began_at, call.attempts ? 0 : limit), h("strong", { class: "mono" }, phone(call.number))),
      h(
        "div",
        { class: "call-line" },
        h("span", { class: "dim", title: tries }, h("time", null, hourMinute(call.began_at ?? "")), call.attempts ? ` · ${call.attempts}×` : ""),
        h("button", { type: "button", class: "small", onclick: () => this.report(call, true) }, gettext("Reached")),
        call.state === "callback_due" && h("button", { type: "button", class: "small", onclick: () => this.report(call, false) }, gettext("No answer")),
        h("button", { type: "button", class: "small", onclick: () => this.waive(call) }, gettext("Waive")),
      ),
    );
    this.rows.set(call.id, { v: call.v, element });
    return element;
  }

  /** @param {Call} call @param {boolean} reached */
  async report(call, reached) {
    if ((await post(`/calls/${call.id}/callback`, { reached })) && reached) this.reached({ ...call, state: "reached" });
  }

  /** @param {Call} call */
  waive(call) {
    return ask(gettext("Do not ring back"), [reasonField(this.names.reasons("waive"))], {
      send: ({ reason }) => send(`/calls/${call.id}/waive`, { reason }),
    });
  }
}

/** Enter a call that no exchange reported; returns its id.
 * @returns {Promise<number | null>} */
export async function enterCall() {
  /** @type {number | null} */
  let made = null;
  /** @type {Field[]} */
  const fields = [
    { name: "number", label: gettext("Number (empty: none)"), kind: "line", optional: true },
    { name: "occurred_at", label: interpolate(gettext("When, if not now (%s)"), [zoneName]), kind: "moment", optional: true },
    noteField(),
  ];
  await ask(gettext("Enter a call"), fields, {
    yes: gettext("Enter the call"),
    async send({ number, occurred_at, note }) {
      const answer = await send("/calls/enter", { number, note, occurred_at: occurred_at || null });
      made = answer.call;
    },
  });
  return made;
}

export class Recent {
  /** @param {Names} names */
  constructor(names) {
    this.names = names;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.panel = /** @type {HTMLDetailsElement} */ (byId("recent-panel"));
    this.panel.addEventListener("toggle", () => this.load(0));
  }

  /** Load again soon, if anybody looks. @param {number} [wait] */
  load(wait = 800) {
    clearTimeout(this.timer);
    if (!this.panel.open) return;
    this.timer = setTimeout(async () => {
      const answer = await get("/calls/recent").catch(() => null);
      if (answer) this.paint(answer.calls);
    }, wait);
  }

  /** @param {Closed[]} calls */
  paint(calls) {
    const { classes } = this.names.catalogue;
    fill(
      byId("recent"),
      calls.map((call) =>
        h("li", { class: "row call" }, h("div", { class: "call-line" }, h("time", { datetime: call.at }, clock(call.at)), h("span", null, classes[call.class] ?? call.class), call.incident ? h("a", { href: `/incidents/${call.incident}` }, numberOf(call.incident)) : null, h("button", { type: "button", class: "small", "data-key": `class${call.id}`, "aria-label": interpolate(gettext("Correct the class of call %s"), [call.id]), onclick: () => this.correct(call) }, gettext("Correct")))),
      ),
    );
  }

  /** @param {Closed} call */
  async correct(call) {
    const { classes } = this.names.catalogue;
    /** @type {Record<string, string>} */
    const choices = {};
    for (const [code, name] of Object.entries(classes)) {
      const needs = ["emergency", "repeat"].includes(code) && !call.incident;
      if (code !== "abandoned" && code !== call.class && !needs) Object.assign(choices, { [code]: name });
    }
    Object.assign(choices, { complaint_field: `${classes.complaint ?? ""} (${gettext("dealt with in the field")})` });
    await ask(interpolate(gettext("Correct the class of call %s"), [call.id]), [{ name: "class", label: gettext("Class"), choices }], {
      send: (given) => {
        const field = given.class === "complaint_field";
        return send(`/calls/${call.id}/reclassify`, { class: field ? "complaint" : given.class, field_action: field, version: call.v }, "confirm");
      },
    });
    this.load(0);
  }
}
