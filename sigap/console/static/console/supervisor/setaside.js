// Calls that the gate has set aside: the line is open, and nobody was heard. One key lets the
// marked one ring; nothing moves while somebody is at the list.

import { post, toast } from "../commands.js";
import { Rows, arrange, byId, h } from "../dom.js";
import { phone } from "../names.js";
import { Steady } from "../steady.js";
import { timer } from "../timers.js";
import { history, said, where } from "../calls/known.js";

/** @import {Live} from "../stream.js"
 *  @import {Names} from "../names.js" */

/** A mark that moved by itself is not acted on at once: the key was meant for the call before. */
const SETTLING_MS = 1000;

export class SetAside {
  /** @param {Live} live @param {Names} names */
  constructor(live, names) {
    this.live = live;
    this.names = names;
    /** The call that the keys act on. @type {number | null} */
    this.marked = null;
    this.movedAt = 0;
    this.rows = new Rows();
    this.list = byId("set-aside");
    this.steady = new Steady({
      place: byId("panel-aside"),
      note: byId("aside-new"),
      wanted: () => new Map(this.calls().map((call) => [call.id, ""])),
      put: () => this.put(),
    });
    this.list.addEventListener("focusin", ({ target }) => {
      const row = target instanceof Element && target.closest("[data-call]");
      if (row instanceof HTMLElement) this.mark(Number(row.dataset.call));
    });
  }

  /** The longest waiting first. */
  calls() {
    return this.live.store
      .all("calls")
      .filter((call) => call.state === "set_aside")
      .sort((a, b) => Date.parse(a.set_aside_at ?? "") - Date.parse(b.set_aside_at ?? "") || a.id - b.id);
  }

  paint() {
    this.steady.settle();
    this.put();
  }

  put() {
    const calls = new Map(this.calls().map((call) => [call.id, call]));
    const ids = [...this.steady.order.keys()];
    if (this.marked === null || !calls.has(this.marked)) {
      this.marked = ids.find((id) => calls.has(id)) ?? null;
      this.movedAt = performance.now();
    }
    arrange(
      this.list,
      ids.map((id) => {
        const call = calls.get(id);
        return call ? this.rows.of(id, [call.v, call.history, id === this.marked], () => this.make(call)) : this.rows.over(id);
      }),
    );
    this.rows.keep(ids);
    byId("aside-count").textContent = String(calls.size);
    byId("no-aside").hidden = ids.length > 0;
  }

  /** @param {Call} call */
  make(call) {
    const isMarked = call.id === this.marked;
    const place = where(call, this.names, this.live.store);
    const key = (/** @type {string} */ letter) => isMarked && h("kbd", null, letter);
    return h(
      "li",
      { class: "row call", "data-call": call.id, "aria-current": isMarked ? "true" : null },
      h(
        "div",
        { class: "call-line" },
        timer(call.set_aside_at, this.live.store.parameters.silent_alarm_s ?? 0),
        h("strong", { class: "mono" }, phone(call)),
        h("button", { type: "button", class: "small strong", onclick: () => void this.release(call.id) }, gettext("Let ring"), key("L")),
        h("button", { type: "button", class: "small", onclick: () => void this.take(call.id) }, gettext("Take"), key("A")),
      ),
      h("div", { class: "call-line dim" }, h("span", null, interpolate(gettext("call %s"), [call.id])), ...history(call, this.names), place && h("span", null, place), ...said(call)),
    );
  }

  /** @param {number} id */
  mark(id) {
    if (this.marked === id) return;
    this.marked = id;
    this.movedAt = 0;
    this.put();
  }

  /** The next one, or the one before. @param {number} by */
  move(by) {
    const open = new Set(this.calls().map((call) => call.id));
    const ids = [...this.steady.order.keys()].filter((id) => open.has(id));
    const at = this.marked === null ? -1 : ids.indexOf(this.marked);
    const next = ids[Math.min(ids.length - 1, Math.max(0, at + by))];
    if (next === undefined) return;
    this.mark(next);
    this.list.querySelector(`[data-call="${next}"]`)?.scrollIntoView({ block: "nearest" });
  }

  /** Do something with the marked call. @param {(id: number) => unknown} act */
  withMarked(act) {
    if (this.marked === null) return toast(gettext("No call is set aside."));
    if (performance.now() - this.movedAt < SETTLING_MS) return toast(gettext("The marked call has just gone. Look again."), { bad: true });
    act(this.marked);
  }

  /** @param {number} id */
  async release(id) {
    if (await post(`/supervisor/calls/${id}/release`)) toast(interpolate(gettext("Call %s rings for the call takers."), [id]));
  }

  /** @param {number} id */
  async take(id) {
    if (await post(`/calls/${id}/take`)) location.assign("/calls");
  }
}
