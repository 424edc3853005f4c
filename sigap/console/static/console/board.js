// The units by agency: what each does and since when.

import { arrange, byId, fill, h } from "./dom.js";
import { age, clock, distance } from "./format.js";
import { unitSince, unitState, unitStateName } from "./names.js";
import { timer } from "./timers.js";

/** @import {Live} from "./stream.js" */
/** @import {Names} from "./names.js" */

/** Seconds since a unit's position was known, or null when it stands at its station.
 * @param {Live} live @param {Unit} unit */
export const positionAge = (live, unit) => (unit.position_at ? live.since(unit.position_at) : null);

/** Whether a unit's position is too old to trust. @param {Live} live @param {Unit} unit */
export function isStale(live, unit) {
  const seconds = positionAge(live, unit);
  return seconds !== null && seconds > (live.store.parameters.position_age_s ?? 300);
}

/** How much a unit's position is worth by its age. @param {Live} live @param {Unit} unit
 * @returns {"" | "ageing" | "old"} */
export function freshness(live, unit) {
  if (isStale(live, unit)) return "old";
  return (positionAge(live, unit) ?? 0) > (live.store.parameters.fresh_s ?? 60) ? "ageing" : "";
}

/** Whether a unit may be some way from where it is shown. @param {Live} live @param {Unit} unit */
export const isCoarse = (live, unit) => (unit.accuracy_m ?? 0) > (live.store.parameters.accuracy_m ?? 50);

/** What else is to be known of a position, in words. @param {Unit} unit @returns {string} */
export const markName = (unit) => ({ two_places: gettext("two places"), doubtful: gettext("newest doubtful") })[unit.mark] ?? "";

export class UnitBoard {
  /** @param {Live} live @param {Names} names @param {(unit: Unit) => void} open */
  constructor(live, names, open) {
    this.live = live;
    this.store = live.store;
    this.names = names;
    this.open = open;
    this.board = byId("units");
    /** @type {Map<number, {drawn: string, item: HTMLElement}>} */
    this.items = new Map();
    /** @type {Map<string, HTMLElement>} */
    this.groups = new Map();
    /** @type {Set<string>} */
    this.marked = new Set();
    this.store.subscribe("units", ({ put, gone, reset }) => {
      const fresh = reset || gone.length > 0 || put.some((unit) => !this.items.has(unit.id));
      for (const unit of put) this.draw(unit);
      if (fresh) this.arrange();
      byId("units-example").hidden = !this.store.all("units").some((unit) => unit.example);
    });
  }

  arrange() {
    const { agencies } = this.names.catalogue;
    const codes = [...new Set(this.store.all("units").map((u) => u.agency))];
    codes.sort((a, b) => (agencies[a]?.rank ?? 999) - (agencies[b]?.rank ?? 999));
    const groups = codes.map((code) => {
      const group = this.groups.get(code) ?? this.group(code);
      const units = this.store.all("units").filter((u) => u.agency === code);
      units.sort((a, b) => a.call_sign.localeCompare(b.call_sign));
      arrange(/** @type {HTMLElement} */ (group.lastElementChild), units.map((u) => this.draw(u)));
      return group;
    });
    arrange(this.board, groups);
  }

  /** @param {string} code */
  group(code) {
    const made = h("section", { class: "agency" }, h("h3", null, this.names.agency(code)), h("ul", null));
    this.groups.set(code, made);
    return made;
  }

  /** @param {Unit} unit */
  draw(unit) {
    const known = this.items.get(unit.id);
    const drawn = JSON.stringify([unit.state, unit.on_duty, unit.readiness, unit.blocked, unit.jobs, unit.since, unit.lent]);
    if (known?.drawn === drawn) return known.item;
    const item = known?.item ?? h("li", null, this.button(unit.id));
    const button = /** @type {HTMLElement} */ (item.firstElementChild);
    button.className = `unit s-${unitState(unit)}`;
    button.classList.toggle("marked", this.marked.has(unit.call_sign));
    fill(
      button,
      h("span", { class: "mono sign" }, unit.call_sign),
      timer(unitSince(unit)),
      h(
        "span",
        { class: "second" },
        h("span", { class: "does" }, unitStateName(this.names, unit), unit.readiness === "limited" ? ` · ${gettext("limited")}` : ""),
        unit.lent ? h("span", { class: "dim" }, lentWords(unit.lent)) : null,
        unit.jobs.length ? h("span", { class: "mono" }, unit.jobs.map((job) => `#${job.incident}`).join(" ")) : null,
      ),
    );
    this.items.set(unit.id, { drawn, item });
    return item;
  }

  /** @param {number} id */
  button(id) {
    const made = h("button", { type: "button" });
    made.addEventListener("click", () => {
      const unit = this.store.get("units", id);
      if (unit) this.open(unit);
    });
    return made;
  }

  /** Mark the units of the selected incident. @param {Set<string>} signs */
  mark(signs) {
    this.marked = signs;
    for (const [id, { item }] of this.items) {
      const sign = this.store.get("units", id)?.call_sign ?? "";
      item.firstElementChild?.classList.toggle("marked", signs.has(sign));
    }
  }

  /** Put the keyboard onto the board. */
  focus() {
    this.board.querySelector("button")?.focus();
  }
}

/** How a lent unit is told, where no alert reaches its crew. @param {NonNullable<Unit["lent"]>} lent */
export function tellLent(lent) {
  if (lent.alerted) return "";
  const words = lent.guest ? gettext("No alert reaches its crew from here: tell it by radio, or by its own centre.") : gettext("No alert goes to it while it is lent: tell its crew by radio.");
  return lent.guest && lent.phone ? `${words} ${lent.phone}` : words;
}

/** For whom a unit works that is not at its own centre. @param {NonNullable<Unit["lent"]>} lent */
export function lentWords(lent) {
  const words = lent.guest ? gettext("guest of %(centre)s until %(time)s") : gettext("lent to %(centre)s until %(time)s");
  return interpolate(words, { centre: lent.centre, time: clock(lent.until).slice(0, 5) }, true);
}

/** Where a unit is, in words. @param {Live} live @param {Unit} unit */
export function whereabouts(live, unit) {
  const seconds = positionAge(live, unit);
  const waits = unit.waits ? interpolate(gettext("waits at %s for now"), [unit.waits]) : "";
  if (seconds === null) return waits || interpolate(gettext("at its station %s"), [unit.station]);
  const exact = isCoarse(live, unit) ? `±${distance(unit.accuracy_m ?? 0)}` : "";
  return [waits, interpolate(gettext("position %s old"), [age(seconds)]), exact, markName(unit)].filter(Boolean).join(" · ");
}
