// A mass event in the detail panel: what is lacking, where units gather, what can wait.

import { ask } from "./ask.js";
import { post, send, toast } from "./commands.js";
import { byId, fill, h } from "./dom.js";
import { ACTIVE } from "./names.js";

/** @import {Live} from "./stream.js" */
/** @import {Names} from "./names.js" */

const WAITING = ["open", "reopened"];
/** P3 and P4 can wait. */
const MAY_WAIT = 3;

export class MassPanel {
  /** @param {Live} live @param {Names} names */
  constructor(live, names) {
    this.live = live;
    this.names = names;
    /** @type {number | null} */
    this.id = null;
    const button = byId("park-all");
    button.addEventListener("click", () => void this.parkAll());
    live.store.subscribe("incidents", ({ put, gone, reset }) => {
      if (reset || [...put, ...gone].some((row) => row.id === this.id)) this.draw();
    });
    live.onSecond(() => (button.hidden = !live.store.surge || !this.canWait().length));
  }

  /** @param {number | null} id */
  select(id) {
    this.id = id;
    this.draw();
  }

  /** What nobody works on and is not urgent. */
  canWait() {
    return this.live.store.all("incidents").filter((row) => row.priority >= MAY_WAIT && WAITING.includes(row.state) && !row.parked);
  }

  /** In a surge, by one press. */
  async parkAll() {
    const rows = this.canWait();
    const done = await ask(gettext("Put what can wait behind the others"), [], {
      text: interpolate(ngettext("%s incident of P3 or P4 on which nobody works is put behind. It stays open.", "%s incidents of P3 or P4 on which nobody works are put behind. They stay open.", rows.length), [rows.length]),
      yes: gettext("Put behind"),
      send: () => Promise.resolve(),
    });
    if (!done) return;
    for (const row of rows) await post(`/incidents/${row.id}/park`, { version: row.v });
  }

  draw() {
    const row = this.live.store.get("incidents", this.id);
    const place = byId("mass");
    if (!row) return fill(place);
    const open = ACTIVE.includes(row.state);
    const waits = open && row.priority >= MAY_WAIT && WAITING.includes(row.state);
    const tell = (/** @type {string} */ command, data = {}) => void post(`/incidents/${row.id}/${command}`, { ...data, version: row.v });
    fill(
      place,
      row.needs.length ? h("ul", { class: "needs" }, ...row.needs.map((need) => this.need(need))) : null,
      row.staging ? h("p", null, gettext("Units gather at"), " ", h("span", { class: "mono" }, row.staging.join(", ")), " ", h("button", { type: "button", class: "link", "data-key": "unstage", onclick: () => tell("staging") }, gettext("no longer"))) : null,
      h(
        "div",
        { class: "actions" },
        open && h("button", { type: "button", class: "small", "data-key": "need", onclick: () => this.ask(row) }, gettext("Something is lacking…")),
        open && h("button", { type: "button", class: "small", "data-key": "stage", onclick: () => this.stage(row) }, gettext("Staging area…")),
        waits && !row.parked && h("button", { type: "button", class: "small", "data-key": "park", onclick: () => tell("park") }, gettext("Can wait")),
        row.parked && h("button", { type: "button", class: "small strong", "data-key": "unpark", onclick: () => tell("unpark") }, gettext("Take up again")),
      ),
    );
  }

  /** @param {Incident["needs"][number]} need */
  need(need) {
    const name = this.names.reasons("need")[need.what] ?? need.what;
    const arrived = () =>
      ask(interpolate(gettext("%s: how much has come?"), [name]), [
        { name: "met", label: interpolate(gettext("Arrived, of %s"), [need.count]), kind: "number", min: 0, max: 10_000, value: need.met },
        { name: "ended", label: gettext("Is more needed?"), choices: [["no", gettext("Yes, it stays on the list")], ["yes", gettext("No")]], value: "no" },
      ], { send: ({ met, ended }) => send(`/needs/${need.id}/met`, { met: Number(met), ended: ended === "yes", version: need.v }) });
    return h("li", null, h("strong", null, name), " ", h("span", { class: "mono" }, `${need.met}/${need.count}`), " ", h("button", { type: "button", class: "link", "data-key": `need-${need.id}`, "aria-label": interpolate(gettext("%s: how much has come?"), [name]), onclick: arrived }, gettext("Arrived…")));
  }

  /** @param {Incident} row */
  ask(row) {
    return ask(gettext("Something is lacking"), [
      { name: "what", label: gettext("What"), choices: Object.entries(this.names.reasons("need")) },
      { name: "count", label: gettext("How much"), kind: "number", min: 1, max: 10_000 },
    ], {
      send: ({ what, count }) => {
        const known = row.needs.find((need) => need.what === what);
        return send(`/incidents/${row.id}/needs`, { what, count: Number(count), version: known?.v });
      },
    });
  }

  /** @param {Incident} row */
  stage(row) {
    const at = row.staging ?? this.names.point(row);
    return ask(gettext("Where do units gather?"), [{ name: "point", label: gettext("Latitude, longitude"), kind: "line", value: at ? at.map((n) => n.toFixed(5)).join(", ") : "" }], {
      send: ({ point }) => {
        const [lat, lng] = point.split(",").map(Number);
        if (!Number.isFinite(lat) || !Number.isFinite(lng)) toast(gettext("Write the point as latitude, longitude."), { bad: true });
        return send(`/incidents/${row.id}/staging`, { lat, lng, version: row.v });
      },
    });
  }
}
