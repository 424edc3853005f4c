// The list of open incidents. Nothing moves while somebody is at it.

import { arrange, byId, fill, h, priority } from "./dom.js";
import { AT_WORK, clockOf, isUndispatched, numberOf, working } from "./names.js";
import { Steady } from "./steady.js";
import { timer } from "./timers.js";

/** @import {Live} from "./stream.js" */
/** @import {Names} from "./names.js" */

export class IncidentList {
  /** @param {Live} live @param {Names} names @param {(id: number) => void} choose */
  constructor(live, names, choose) {
    this.live = live;
    this.store = live.store;
    this.names = names;
    this.choose = choose;
    this.list = byId("incidents");
    this.agency = "";
    /** @type {number | null} */
    this.selected = null;
    /** @type {Map<number, {row: Incident, item: HTMLElement}>} */
    this.items = new Map();
    this.steady = new Steady({ place: this.list, note: byId("incidents-new"), wanted: () => new Map(this.wanted().map((id) => [id, ""])), put: () => this.put() });
    this.store.subscribe("incidents", (change) => this.changed(change));
    this.list.addEventListener("keydown", (event) => this.walk(event));
    live.onSecond(() => this.steady.settle());
    this.filter();
  }

  /** The agencies to choose from. */
  filter() {
    const select = /** @type {HTMLSelectElement} */ (byId("incident-agency"));
    const agencies = Object.entries(this.names.catalogue.agencies).sort(([, a], [, b]) => a.rank - b.rank);
    fill(select, h("option", { value: "" }, gettext("All agencies")), ...agencies.map(([code, { short }]) => h("option", { value: code }, short)));
    select.addEventListener("change", () => this.show(select.value));
  }

  /** Show the incidents of one agency only, or all. @param {string} agency */
  show(agency) {
    this.agency = agency;
    /** @type {HTMLSelectElement} */ (byId("incident-agency")).value = agency;
    this.steady.sort();
  }

  /** @param {Change<Incident>} change */
  changed({ put, gone, reset }) {
    if (reset) return this.steady.sort();
    for (const row of put) this.draw(row);
    for (const row of gone) this.items.get(row.id)?.item.classList.add("over");
    this.steady.settle();
  }

  /** @param {Incident} row */
  draw(row) {
    const known = this.items.get(row.id);
    if (known?.row === row) return known.item;
    const item = known?.item ?? this.make(row.id);
    this.items.set(row.id, { row, item });
    fill(/** @type {HTMLElement} */ (item.firstElementChild), ...this.cells(row));
    return item;
  }

  /** @param {number} id */
  make(id) {
    const button = h("button", { type: "button", class: "row incident", tabindex: -1, "data-id": id });
    button.addEventListener("click", () => this.choose(id));
    return h("li", null, button);
  }

  /** @param {Incident} row */
  cells(row) {
    const { since, target } = clockOf(row, this.store.targets);
    const units = working(row).length;
    const waiting = isUndispatched(row) && !row.parked;
    return [
      priority(row.priority),
      h("span", { class: "mono id" }, numberOf(row.id)),
      h("strong", { class: "what" }, this.names.type(row.type)),
      timer(since, target),
      h(
        "span",
        { class: "second" },
        h("span", { class: "where" }, this.names.place(row)),
        row.sum && h("span", { class: "chip", title: gettext("All its parts together") }, sumOf(row.sum)),
        h("span", { class: `state ${waiting ? "new" : ""}` }, this.stage(row), units > 0 && h("span", { class: "units", title: ngettext("%s unit", "%s units", units).replace("%s", String(units)) }, `· ${units}`)),
      ),
    ];
  }

  /** How far it is: as its foremost unit, else as the incident itself. @param {Incident} row */
  stage(row) {
    if (row.parked) return gettext("Put behind");
    if (isUndispatched(row) && row.state === "open") return row.jobs.length ? gettext("No unit") : gettext("New");
    const first = working(row).sort((a, b) => AT_WORK.indexOf(b.state) - AT_WORK.indexOf(a.state))[0];
    return first ? this.names.state("assignment", first.state) : this.names.state("incident", row.state);
  }

  /** @param {Incident} row */
  fits(row) {
    if (!this.agency) return true;
    if (this.names.catalogue.types[row.type]?.lead === this.agency) return true;
    return row.jobs.some((job) => this.store.unit(job.unit)?.agency === this.agency);
  }

  /** By priority, then the longest waiting first; what can wait and what is resolved last. */
  wanted() {
    const rank = (/** @type {Incident} */ row) => (row.state === "resolved" ? 2 : row.parked ? 1 : 0);
    return this.store
      .all("incidents")
      .filter((row) => this.fits(row))
      .sort((a, b) => rank(a) - rank(b) || a.priority - b.priority || a.opened_at.localeCompare(b.opened_at) || a.id - b.id)
      .map((row) => row.id);
  }

  /** The most urgent one. @returns {number | null} */
  first() {
    return this.wanted()[0] ?? null;
  }

  put() {
    // What is over stays crossed out until the list is free.
    const items = [...this.steady.order.keys()].map((id) => {
      const row = this.store.get("incidents", id);
      return row ? this.draw(row) : this.items.get(id)?.item;
    });
    const shown = items.filter((item) => item !== undefined);
    for (const [id, { item }] of this.items) {
      const isKnown = this.store.get("incidents", id) !== undefined;
      item.classList.toggle("over", !isKnown);
      if (!isKnown && !shown.includes(item)) this.items.delete(id);
    }
    arrange(this.list, shown);
    byId("incidents-count").textContent = String(shown.length);
    byId("incidents-empty").hidden = shown.length > 0;
    this.rove();
  }

  /** One row takes the Tab key: the selected one, else the first. */
  rove() {
    const rows = [.../** @type {NodeListOf<HTMLElement>} */ (this.list.querySelectorAll("button.row"))];
    const current = rows.find((row) => Number(row.dataset.id) === this.selected) ?? rows[0];
    for (const row of rows) {
      const isSelected = String(Number(row.dataset.id) === this.selected);
      if ((row.tabIndex === 0) !== (row === current)) row.tabIndex = row === current ? 0 : -1;
      if (row.getAttribute("aria-current") !== isSelected) row.setAttribute("aria-current", isSelected);
    }
  }

  /** Mark the selected incident. @param {number | null} id */
  select(id) {
    this.selected = id;
    this.rove();
    this.items.get(id ?? 0)?.item.scrollIntoView({ block: "nearest" });
  }

  /** Put the keyboard into the list. */
  focus() {
    /** @type {HTMLElement | null} */ (this.list.querySelector('button[tabindex="0"]'))?.focus();
  }

  /** An arrow chooses the next row from the one that takes the Tab key. The focus alone never
   * chooses: scripts give it back as well. @param {KeyboardEvent} event */
  walk(event) {
    const rows = [.../** @type {NodeListOf<HTMLElement>} */ (this.list.querySelectorAll("button.row"))];
    const at = rows.findIndex((row) => row.tabIndex === 0);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    const row = rows[Math.max(0, Math.min(rows.length - 1, to))];
    row.focus();
    this.choose(Number(row.dataset.id));
  }
}

/** The parts in a few words. @param {Sum} sum */
const sumOf = (sum) =>
  [
    interpolate(gettext("%(open)s/%(all)s parts"), { open: sum.open, all: sum.parts }, true),
    interpolate(ngettext("%s unit", "%s units", sum.units), [sum.units]),
    sum.unserved ? interpolate(gettext("%s wait"), [sum.unserved]) : "",
  ]
    .filter(Boolean)
    .join(" · ");
