// The wall: figures, map and ageing incidents. No names, numbers or addresses reach it.

import { arrange, byId, fill, given, h, priority } from "./dom.js";
import { number } from "./format.js";
import { CityMap, mapControls } from "./map.js";
import { ACTIVE, Names, clockOf, isFree, isUndispatched, numberOf, working } from "./names.js";
import { Live, catalogue } from "./stream.js";
import { tick, timer } from "./timers.js";
import { overTarget, status } from "./topbar.js";

const SHOWN = 12;
const RINGING = ["presented", "screening", "queued"];

/** @param {Live} live */
function figures(live) {
  const { store } = live;
  const active = store.all("incidents").filter((row) => ACTIVE.includes(row.state));
  const calls = store.all("calls");
  const units = store.all("units").filter((unit) => unit.on_duty);
  const over = overTarget(live);
  /** @param {string} label @param {string} value @param {string} [kind] */
  const figure = (label, value, kind = "") => h("div", { class: "figure" }, h("span", null, label), h("b", { class: kind }, value));
  fill(
    byId("figures"),
    figure(gettext("Open incidents"), number(active.length)),
    ...[1, 2, 3, 4].map((p) => h("div", { class: "figure" }, h("span", null, priority(p)), h("b", null, number(active.filter((row) => row.priority === p).length)))),
    figure(gettext("Not sent"), number(active.filter(isUndispatched).length)),
    figure(gettext("Over target"), number(over), over ? "breach" : ""),
    figure(gettext("Calls ringing"), number(calls.filter((call) => RINGING.includes(call.state)).length)),
    figure(gettext("Call-backs due"), number(calls.filter((call) => call.state === "callback_due").length)),
    figure(gettext("Units ready"), `${number(units.filter(isFree).length)}/${number(units.length)}`),
    figure(gettext("On shift"), number(store.all("operators").length)),
  );
}

/** @type {Map<number, {drawn: Incident, row: HTMLElement}>} */
const drawn = new Map();

/** @param {Live} live @param {Names} names */
function ageing(live, names) {
  const rows = live.store
    .all("incidents")
    .filter((row) => ACTIVE.includes(row.state))
    .sort((a, b) => a.priority - b.priority || a.opened_at.localeCompare(b.opened_at));
  const shown = rows.slice(0, SHOWN).map((row) => {
    const known = drawn.get(row.id);
    if (known?.drawn === row) return known.row;
    const { since, target } = clockOf(row, live.store.targets);
    const units = working(row).length;
    const made = h("tr", null, h("td", null, priority(row.priority)), h("th", { scope: "row", class: "mono" }, numberOf(row.id)), h("td", null, names.type(row.type)), h("td", null, names.area(row.area)), h("td", { class: "number" }, number(units)), h("td", { class: "number" }, timer(since, target)));
    drawn.set(row.id, { drawn: row, row: made });
    return made;
  });
  for (const id of drawn.keys()) if (!live.store.get("incidents", id)) drawn.delete(id);
  arrange(byId("ageing"), shown);
  byId("ageing-more").textContent = rows.length > SHOWN ? interpolate(gettext("and %s more"), [number(rows.length - SHOWN)]) : "";
}

async function begin() {
  const live = new Live("wall");
  const names = new Names(await catalogue());
  const map = new CityMap(byId("map"), live, names, { settings: given("map-settings"), still: true });
  const controls = mapControls(map, byId("map-frame"));
  live.store.subscribe("incidents", () => ageing(live, names));
  live.onSecond(() => {
    figures(live);
    status(live);
    tick(live.now());
  });
  await live.start();
  figures(live);
  await map.begin();
  controls.update();
}

void begin();
