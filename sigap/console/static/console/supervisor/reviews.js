// Calls that the gate kept off the operators: somebody listens, and says whether anybody was there.

import { get, post } from "../commands.js";
import { Rows, arrange, byId, h } from "../dom.js";
import { clock } from "../format.js";
import { phone } from "../names.js";
import { player } from "../player.js";
import { Steady } from "../steady.js";
import { history } from "../calls/known.js";

/** @import {Live} from "../stream.js"
 *  @import {Names} from "../names.js"
 *  @import {Recording} from "../player.js"
 *  @typedef {Call & {reviewed_at: string | null, somebody: boolean | null, recordings: Recording[]}} Reviewed */

/** What may bring a call to the list, or take one off it. */
const KINDS = ["call.close", "call.end_silent", "call.reviewed", "call.recorded", "call.reach", "call.give_up", "call.waive", "call.call_back"];

export class Reviews {
  /** @param {Live} live @param {Names} names */
  constructor(live, names) {
    this.names = names;
    /** The newest first. @type {Map<number, Reviewed>} */
    this.calls = new Map();
    this.rows = new Rows();
    this.wanted = true;
    this.steady = new Steady({
      place: byId("panel-reviews"),
      note: byId("reviews-new"),
      wanted: () => new Map([...this.calls.keys()].map((id) => [id, ""])),
      put: () => this.put(),
    });
    live.onJournal((rows) => {
      if (rows.some((row) => KINDS.includes(row.kind))) this.wanted = true;
      if (rows.some((row) => row.kind === "call.reviewed")) byId("gate").dispatchEvent(new Event("reviewed"));
    });
    live.onSecond(() => {
      if (this.wanted) void this.load();
    });
    live.store.subscribe("calls", ({ reset }) => {
      if (reset) this.wanted = true; // what came while this screen was cut off
    });
  }

  async load() {
    this.wanted = false;
    const answer = await get("/supervisor/reviews").catch(() => null);
    if (!answer) {
      this.wanted = true;
      return;
    }
    this.calls = new Map(answer.calls.map((/** @type {Reviewed} */ call) => [call.id, call]));
    byId("reviews-count").textContent = String(answer.waiting);
    this.steady.settle();
    this.put();
  }

  put() {
    const ids = [...this.steady.order.keys()];
    arrange(
      byId("reviews"),
      ids.map((id) => {
        const call = this.calls.get(id);
        return call ? this.rows.of(id, [call.v, call.reviewed_at, call.recordings], () => this.make(call)) : this.rows.over(id);
      }),
    );
    this.rows.keep(ids);
    byId("no-reviews").hidden = ids.length > 0;
  }

  /** @param {Reviewed} call */
  make(call) {
    const isOpen = call.reviewed_at === null;
    const somebody = call.number ? gettext("Somebody: ring back") : gettext("Somebody");
    return h(
      "li",
      { class: `row call ${isOpen ? "" : "dim"}`, "data-call": call.id },
      h(
        "div",
        { class: "call-line" },
        h("time", null, clock(call.set_aside_at ?? "")),
        h("strong", { class: "mono" }, phone(call)),
        h("span", { class: "dim" }, interpolate(gettext("call %s"), [call.id])),
        ...history(call, this.names),
      ),
      h(
        "div",
        { class: "call-line" },
        h("span", { class: "players" }, ...call.recordings.map(player), call.recordings.length ? null : h("span", { class: "dim" }, gettext("no recording"))),
        isOpen ? null : h("span", null, call.somebody ? gettext("Reviewed: somebody was there") : gettext("Reviewed: nobody")),
        isOpen && h("button", { type: "button", class: "small", onclick: () => post(`/supervisor/calls/${call.id}/review`, { somebody: false }) }, gettext("Nobody")),
        !call.somebody && h("button", { type: "button", class: "small strong", onclick: () => post(`/supervisor/calls/${call.id}/review`, { somebody: true }) }, somebody),
      ),
    );
  }
}
