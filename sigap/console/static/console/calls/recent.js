// What was just closed: whose call it was, and which class it should have had.

import { get, post } from "../commands.js";
import { Rows, arrange, aside, byId, h } from "../dom.js";
import { clock } from "../format.js";
import { numberOf, phone } from "../names.js";
import { player } from "../player.js";
import { Steady } from "../steady.js";
import { chooseClass } from "./closing.js";

/** @import {Names} from "../names.js"
 *  @import {Recording} from "../player.js"
 *  @typedef {{id: number, v: number, at: string, class: string, field_action: boolean, phone: string | null,
 *    operator: number | null, incident: number | null, recordings: Recording[]}} Closed
 *  @typedef {{open: () => Incident[], describe: (incident: Incident) => string, takeUp: (id: number) => void}} Does
 *  `takeUp` shows the call in the form again, for the incident that it turned out to need. */

export class Recent {
  /** @param {Names} names @param {Does} does */
  constructor(names, does) {
    this.names = names;
    this.does = does;
    /** @type {Map<number, Closed>} */
    this.calls = new Map();
    this.rows = new Rows();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.panel = /** @type {HTMLDetailsElement} */ (byId("recent-panel"));
    /** Whether somebody has just opened it, and wants to see what is new. */
    this.isOpened = false;
    this.panel.addEventListener("toggle", () => {
      this.isOpened = true;
      this.load(0);
    });
    this.steady = new Steady({
      place: byId("after-panel"),
      note: byId("recent-new"),
      wanted: () => new Map([...this.calls.keys()].map((id) => [id, ""])),
      put: () => this.put(),
    });
  }

  /** Load again soon, if anybody looks. @param {number} [wait] */
  load(wait = 800) {
    clearTimeout(this.timer);
    if (!this.panel.open) return;
    this.timer = setTimeout(async () => {
      const answer = await get("/calls/recent").catch(() => null);
      if (!answer) return;
      this.calls = new Map(answer.calls.map((/** @type {Closed} */ call) => [call.id, call]));
      if (this.isOpened) this.steady.sort();
      else this.steady.settle();
      this.isOpened = false;
      this.put();
    }, wait);
  }

  put() {
    const ids = [...this.steady.order.keys()];
    arrange(byId("recent"), ids.map((id) => this.row(id)));
    this.rows.keep(ids);
  }

  /** @param {number} id */
  row(id) {
    const call = this.calls.get(id);
    return call ? this.rows.of(id, call, () => this.make(call)) : this.rows.over(id);
  }

  /** @param {Closed} call */
  make(call) {
    const whose = call.operator === null ? gettext("nobody") : this.names.user(call.operator);
    return h(
      "li",
      { class: "row call" },
      h(
        "div",
        { class: "call-line" },
        h("time", { datetime: call.at }, clock(call.at)),
        h("strong", { class: "mono" }, phone(call)),
        h("button", { type: "button", class: "small", "aria-label": interpolate(gettext("Correct the class of call %s"), [call.id]), onclick: () => this.correct(call) }, gettext("Correct")),
      ),
      h("div", { class: "call-line dim" }, h("span", null, this.className(call)), call.incident && aside(`/incidents/${call.incident}`, numberOf(call.incident)), h("span", null, whose)),
      ...call.recordings.map(player),
    );
  }

  /** @param {Closed} call */
  className(call) {
    return this.names.catalogue.classes[call.class] ?? call.class;
  }

  /** @param {Closed} call */
  async correct(call) {
    const chosen = await chooseClass({
      title: interpolate(gettext("Correct the class of call %(id)s, %(phone)s"), { id: call.id, phone: phone(call) }, true),
      classes: this.names.catalogue.classes,
      incident: call.incident,
      open: this.does.open(),
      likely: call.class,
      was: call.class,
      isClosed: true,
      describe: this.does.describe,
    });
    if (!chosen) return;
    if (chosen.class === "emergency" && call.incident === null) return this.does.takeUp(call.id);
    const { class: name, field_action = false, incident = null } = chosen;
    const answer = await post(`/calls/${call.id}/reclassify`, { class: name, field_action, incident, version: call.v }, { confirm: "confirm" });
    if (!answer) return this.load(0); // somebody else may have been at it
    this.calls.set(call.id, { ...call, v: answer.version, class: name, field_action, incident: incident ?? call.incident });
    this.put();
  }
}
