// Callers who hung up and are to be rung back; calls entered by hand.

import { ask, noteField, reasonField } from "../ask.js";
import { post, send } from "../commands.js";
import { Rows, arrange, byId, h } from "../dom.js";
import { hourMinute, zoneName } from "../format.js";
import { phone } from "../names.js";
import { Steady } from "../steady.js";
import { timer } from "../timers.js";

/** @import {Field} from "../ask.js"
 *  @import {Live} from "../stream.js"
 *  @import {Names} from "../names.js" */

export const CALLBACK = ["callback_due", "no_answer"];

export class Callbacks {
  /** @param {Live} live @param {Names} names @param {(call: Call) => void} reached */
  constructor(live, names, reached) {
    this.live = live;
    this.names = names;
    this.reached = reached;
    this.rows = new Rows();
    this.steady = new Steady({
      place: byId("after-panel"),
      note: byId("callbacks-new"),
      wanted: () => new Map(this.due().map((call) => [call.id, ""])),
      put: () => this.put(),
    });
  }

  /** Who is to be rung back, the longest waiting first. */
  due() {
    return this.live.store
      .all("calls")
      .filter((c) => CALLBACK.includes(c.state))
      .sort((a, b) => Date.parse(a.began_at ?? "") - Date.parse(b.began_at ?? ""));
  }

  paint() {
    this.steady.settle();
    this.put();
  }

  put() {
    const due = new Map(this.due().map((call) => [call.id, call]));
    const ids = [...this.steady.order.keys()];
    arrange(
      byId("callbacks"),
      ids.map((id) => {
        const call = due.get(id);
        return call ? this.rows.of(id, [call.v, this.returning(id)?.id], () => this.make(call)) : this.rows.over(id);
      }),
    );
    this.rows.keep(ids);
    byId("callbacks-count").textContent = String(due.size);
    byId("no-callbacks").hidden = ids.length > 0;
  }

  /** The call by which this one is rung back just now. @param {number} id */
  returning(id) {
    return this.live.store.all("calls").find((call) => call.returns === id);
  }

  /** Whether somebody is ringing the caller, else how the last attempt ended. @param {Call} call */
  progress(call) {
    const returning = this.returning(call.id);
    if (returning) return h("span", { class: "chip strong" }, interpolate(gettext("picked up: call %s"), [returning.id]));
    if (call.dialled_at) return h("span", { class: "chip warn" }, gettext("is being rung"), timer(call.dialled_at));
    return call.result ? h("span", { class: "dim" }, this.names.cause(call.result)) : null;
  }

  /** @param {Call} call */
  make(call) {
    const isRung = call.dialled_at !== null || this.returning(call.id) !== undefined;
    const limit = this.live.store.parameters.callback_due_s ?? 120;
    const tries = interpolate(ngettext("%s attempt", "%s attempts", call.attempts), [call.attempts]);
    return h(
      "li",
      { class: "row call" },
      h("div", { class: "call-line" }, timer(call.began_at, call.attempts ? 0 : limit), h("strong", { class: "mono" }, phone(call)), this.progress(call)),
      h(
        "div",
        { class: "call-line" },
        h("span", { class: "dim", title: tries }, h("time", null, hourMinute(call.began_at ?? "")), call.attempts ? ` · ${call.attempts}×` : ""),
        h("button", { type: "button", class: "small", disabled: isRung, onclick: () => this.report(call, true) }, gettext("Reached")),
        h("button", { type: "button", class: "small", disabled: isRung || call.state !== "callback_due", onclick: () => this.report(call, false) }, gettext("No answer")),
        h("button", { type: "button", class: "small", onclick: () => this.waive(call) }, gettext("Waive")),
      ),
    );
  }

  /** @param {Call} call @param {boolean} reached */
  async report(call, reached) {
    if ((await post(`/calls/${call.id}/callback`, { reached, version: call.v })) && reached) this.reached({ ...call, state: "reached" });
  }

  /** @param {Call} call */
  waive(call) {
    return ask(gettext("Do not ring back"), [reasonField(this.names.reasons("waive"))], {
      send: ({ reason }) => send(`/calls/${call.id}/waive`, { reason, version: call.v }),
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
