// A unit that could wait elsewhere for now, because an area is no longer reached in time: proposed
// with its reason, and left to a person.

import { get, post, toast } from "./commands.js";
import { byId, h } from "./dom.js";

/** @import {Live} from "./stream.js" */
/** @typedef {{unit: string, place: string, place_name: string, kind: string, areas: string[], gain: string, left: string, busy: string[], incidents: number[], minutes: number, within: number, straight: boolean, stale: boolean}} Suggestion */

// Units that leave together ask one question; and time alone may change the answer.
const SETTLE_MS = 3_000;
const AGAIN_MS = 60_000;
const MOST_AREAS = 3;

export class MoveUp {
  /** @param {Live} live */
  constructor(live) {
    this.box = byId("move-up");
    /** @type {Suggestion | null} */
    this.shown = null;
    let work = "";
    let waiting = 0;
    const ask = () => void this.ask();
    live.store.subscribe("units", () => {
      const now = live.store.all("units").map((unit) => `${unit.call_sign} ${unit.state} ${unit.on_duty} ${unit.jobs.length}`).join("|");
      if (now === work) return;
      work = now;
      clearTimeout(waiting);
      waiting = setTimeout(ask, SETTLE_MS);
    });
    setInterval(ask, AGAIN_MS);
  }

  /** What is proposed now. A question that fails is asked again in a minute. */
  async ask() {
    const answer = await get("/dispatch/move-up").catch(() => null);
    if (answer) this.show(answer.suggestions[0] ?? null);
  }

  /** @param {Suggestion | null} one */
  show(one) {
    if (JSON.stringify(one) === JSON.stringify(this.shown)) return;
    // What somebody is about to press is not changed under their hand.
    if (this.box.contains(document.activeElement) || this.box.matches(":hover")) return;
    this.shown = one;
    this.box.hidden = !one;
    if (!one) return this.box.replaceChildren();
    const areas = one.areas.slice(0, MOST_AREAS).join(", ") + (one.areas.length > MOST_AREAS ? "…" : "");
    const why = interpolate(gettext("%(kind)s: %(busy)s at work on %(incidents)s. Within %(within)s min nobody reaches %(areas)s; that brings back %(gain)s of the demand. %(minutes)s min to drive."), { ...one, busy: one.busy.join(", "), incidents: one.incidents.map((id) => `#${id}`).join(", "), areas }, true);
    const marks = [one.straight ? gettext("(straight line)") : "", one.stale ? gettext("(its position is old)") : ""];
    this.box.replaceChildren(
      h("p", null, h("strong", null, interpolate(gettext("Proposed: %(unit)s waits at %(place_name)s"), one, true)), " ", h("span", { class: "dim" }, [why, ...marks].filter(Boolean).join(" "))),
      h("div", { class: "actions" }, h("button", { type: "button", class: "small strong", onclick: () => void this.answer(true) }, gettext("Accept"), h("kbd", null, "F6")), h("button", { type: "button", class: "small", onclick: () => void this.answer(false) }, gettext("No"))),
    );
  }

  /** @param {boolean} accepted */
  async answer(accepted) {
    const one = this.shown;
    if (!one) return;
    const done = await post("/dispatch/move-up/answer", { unit: one.unit, place: one.place, accepted });
    if (done && accepted) toast(interpolate(gettext("%(unit)s is to wait at %(place_name)s. Its phone is told; say it by radio too."), one, true));
    const focused = document.activeElement;
    if (focused instanceof HTMLElement && this.box.contains(focused)) focused.blur();
    this.shown = null;
    this.box.hidden = true;
    await this.ask();
  }
}
