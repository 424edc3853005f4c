// A mass event in the detail panel: what is lacking, where units gather, what can wait.

import { ask } from "./ask.js";
import { CommandError, post, send } from "./commands.js";
import { byId, fill, h, priority } from "./dom.js";
import { clock } from "./format.js";
import { ACTIVE, numberOf } from "./names.js";
import { pointMap } from "./pointmap.js";

/** @import {Live} from "./stream.js" */
/** @import {Names} from "./names.js" */

const WAITING = ["open", "reopened"];
/** P3 and P4 can wait. */
const MAY_WAIT = 3;
const POINT = /^\s*(-?\d+(?:\.\d+)?)\s*[,;\s]\s*(-?\d+(?:\.\d+)?)\s*$/;

export class MassPanel {
  /** @param {Live} live @param {Names} names @param {(id: number) => void} choose */
  constructor(live, names, choose) {
    this.live = live;
    this.names = names;
    this.choose = choose;
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
      row.sum ? this.sum(row.sum) : null,
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

  /** All parts together. @param {Sum} sum */
  sum(sum) {
    const jobs = Object.entries(this.names.catalogue.states.assignment ?? {}).filter(([state]) => sum.jobs[state]);
    const patients = Object.entries(this.names.catalogue.states.patient ?? {}).filter(([code]) => sum.patients[code]);
    const unsaid = sum.unsaid ? ` (${interpolate(ngettext("not known of %s part", "not known of %s parts", sum.unsaid), [sum.unsaid])})` : "";
    /** @param {string} name @param {...(string | Node | null)} what */
    const line = (name, ...what) => h("div", null, h("dt", null, name), h("dd", null, ...what));
    return h(
      "dl",
      { class: "answers", "aria-label": gettext("All its parts together") },
      line(gettext("Parts"), interpolate(gettext("%(open)s of %(all)s go on"), { open: sum.open, all: sum.parts }, true)),
      line(gettext("Units at work"), [String(sum.units), ...jobs.map(([state, name]) => `${name} ${sum.jobs[state]}`)].join(" · ")),
      line(gettext("Victims"), (sum.victims === null ? "–" : String(sum.victims)) + unsaid),
      patients.length ? line(gettext("Patients, as crews told"), patients.map(([code, name]) => `${name} ${sum.patients[code]}`).join(" · ")) : null,
      line(gettext("Nobody sent yet"), String(sum.unserved), sum.oldest ? h("span", null, ", ", this.oldest(sum.oldest)) : null),
    );
  }

  /** The part that waits longest. @param {NonNullable<Sum["oldest"]>} part */
  oldest(part) {
    const words = interpolate(gettext("the oldest since %s"), [clock(part.opened_at)]);
    return h("span", null, `${words}: `, priority(part.priority), h("button", { type: "button", class: "link", "data-key": `oldest-${part.id}`, onclick: () => this.choose(part.id) }, numberOf(part.id)));
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

  /** By a press on the small map, by a landmark, or typed. @param {Incident} row */
  stage(row) {
    const at = row.staging ?? this.names.point(row);
    const marks = this.names.catalogue.landmarks.filter(({ lat }) => lat !== null);
    /** @type {ReturnType<typeof pointMap> | undefined} */
    let small;
    return ask(
      gettext("Where do units gather?"),
      [
        { name: "point", label: gettext("Press on the map, or type latitude, longitude"), kind: "point", value: at ? written(...at) : "" },
        { name: "landmark", label: gettext("Or at a landmark"), choices: marks.map(({ id, name }) => /** @type {[string, string]} */ ([String(id), name])), kind: "list", optional: true },
      ],
      {
        shown: (form) => {
          const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("point"));
          const show = () => {
            const point = read(field.value);
            if (point) small?.show(...point);
          };
          small = pointMap(/** @type {HTMLElement} */ (form.querySelector(".point-map")), (lat, lng) => {
            field.value = written(lat, lng);
            show();
          });
          field.addEventListener("input", show);
          show();
        },
        changed: (name, value, set) => {
          const mark = name === "landmark" && marks.find(({ id }) => String(id) === value);
          if (!mark || mark.lat === null || mark.lng === null) return;
          set("point", written(mark.lat, mark.lng));
          small?.show(mark.lat, mark.lng);
        },
        send: async ({ point }) => {
          const [lat, lng] = read(point) ?? [];
          if (lat === undefined) throw new CommandError("point", gettext("Write the point as latitude, longitude."));
          return send(`/incidents/${row.id}/staging`, { lat, lng, version: row.v });
        },
      },
    );
  }
}

/** @param {number} lat @param {number} lng */
const written = (lat, lng) => `${lat.toFixed(5)}, ${lng.toFixed(5)}`;

/** What was typed as a point; null where it is none. @param {string} words @returns {[number, number] | null} */
function read(words) {
  const found = POINT.exec(words);
  return found && [Number(found[1]), Number(found[2])];
}
