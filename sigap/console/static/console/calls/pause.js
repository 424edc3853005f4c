// Away from the desk, with a reason: no telephone of mine rings meanwhile, and my screen says so.

import { ask, reasonField } from "../ask.js";
import { post, send } from "../commands.js";
import { byId, fill, h } from "../dom.js";
import { timer } from "../timers.js";

/** @import {Live} from "../stream.js"
 *  @import {Names} from "../names.js" */

export class Pause {
  /** @param {Live} live @param {Names} names @param {number} me */
  constructor(live, names, me) {
    this.live = live;
    this.names = names;
    this.me = me;
    /** Since when I am away. @type {string | null} */
    this.since = null;
  }

  /** Say that I go, or that I am back. */
  toggle() {
    if (this.since) return post("/shift/resume");
    return ask(gettext("Pause"), [reasonField(this.names.reasons("pause"))], {
      yes: gettext("Pause"),
      text: gettext("Your telephone does not ring until you are back. Taking a call ends the pause."),
      send: ({ reason }) => send("/shift/pause", { reason }),
    });
  }

  /** Bring what says it up to date: the button, a band, and the panel while no call is open. */
  paint() {
    const mine = this.live.store.get("operators", this.me);
    const since = mine?.paused_at ?? null;
    if (since === this.since) return;
    this.since = since;
    byId("pause").setAttribute("aria-pressed", String(since !== null));
    byId("pause-text").textContent = since ? gettext("Back") : gettext("Pause");
    document.getElementById("pause-band")?.remove();
    fill(byId("paused"));
    if (!mine || !since) return;
    const why = this.names.reasons("pause")[mine.pause_reason] ?? mine.pause_reason;
    byId("bands").append(h("div", { id: "pause-band", class: "band", role: "note", title: why }, gettext("Paused")));
    fill(
      byId("paused"),
      h("p", { class: "call-line" }, h("strong", null, gettext("Paused")), h("span", null, why), timer(since)),
      h("p", null, gettext("Calls are not offered to you. F2 takes one all the same, and ends the pause.")),
      h("button", { type: "button", class: "strong", onclick: () => void this.toggle() }, gettext("Back at the desk"), h("kbd", null, "P")),
    );
  }
}
