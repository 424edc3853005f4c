// The figures above the live screens.

import { isFor } from "./alarms.js";
import { byId, fill, h, priority } from "./dom.js";
import { number, zonedClock } from "./format.js";
import { clockOf, isFree, isUndispatched, ACTIVE } from "./names.js";
import { stage } from "./timers.js";

/** @import {Live} from "./stream.js" */

/** How many open incidents wait for a unit, per priority.
 * @param {Incident[]} incidents */
export function undispatched(incidents) {
  const counts = [0, 0, 0, 0];
  for (const row of incidents) if (isUndispatched(row)) counts[row.priority - 1] += 1;
  return counts;
}

/** How many open incidents are over their target now. @param {Live} live */
export function overTarget(live) {
  const now = live.now();
  return live.store.all("incidents").filter((row) => {
    const { since, target } = clockOf(row, live.store.targets);
    return ACTIVE.includes(row.state) && stage((now - Date.parse(since)) / 1000, target) === "breach";
  }).length;
}

/** The dispatcher's alarms that nobody has answered, and those put aside.
 * @param {import("./store.js").Store} store */
export function alarmCounts(store) {
  const alarms = store.all("alarms").filter((alarm) => isFor(alarm, "dispatcher", store));
  return { fresh: alarms.filter((a) => a.state === "new").length, shelved: alarms.filter((a) => a.state === "shelved").length };
}

/** Keep the figures of the top bar current.
 * @param {Live} live */
export function topBar(live) {
  const { store } = live;
  /** @type {Map<string, string>} */
  const shown = new Map();
  /** Fill a figure when it changes, so that screen readers hear only news.
   * @param {string} id @param {unknown[]} facts @param {...import("./dom.js").Child | import("./dom.js").Child[]} children */
  const put = (id, facts, ...children) => {
    const key = JSON.stringify(facts);
    if (shown.get(id) === key) return;
    shown.set(id, key);
    fill(byId(id), ...children);
  };
  const show = () => {
    const waiting = undispatched(store.all("incidents"));
    const { fresh, shelved } = alarmCounts(store);
    const units = store.all("units").filter((u) => u.on_duty);
    const ready = units.filter(isFree).length;
    const over = overTarget(live);
    const chips = waiting.map((count, i) => count > 0 && h("span", { class: "kpi" }, priority(i + 1), h("b", null, number(count))));
    const any = waiting.some(Boolean);
    put("kpi-waiting", waiting, h("span", null, gettext("Not sent")), any ? chips : h("b", null, "0"));
    put("kpi-alarms", [fresh, shelved], gettext("Alarms"), h("b", { class: fresh ? "warn" : "" }, number(fresh)), shelved ? h("span", null, ngettext("+ %s shelved", "+ %s shelved", shelved).replace("%s", number(shelved))) : null, h("kbd", null, "F9"));
    put("kpi-over", [over], gettext("Over target"), h("b", { class: over ? "breach" : "" }, number(over)));
    put("kpi-units", [ready, units.length], gettext("Units ready"), h("b", null, `${number(ready)}/${number(units.length)}`));
  };
  for (const table of /** @type {TableName[]} */ (["incidents", "alarms", "units"])) store.subscribe(table, () => requestAnimationFrame(show));
  live.onSecond(() => {
    show();
    status(live);
  });
}

/** Whether the screen is live, how late it is, and the time. @param {Live} live */
export function status(live) {
  const place = byId("live");
  place.classList.toggle("cut", live.isCut);
  const isLoading = document.body.classList.contains("loading");
  const text = live.isCut ? gettext("Cut off") : isLoading ? gettext("Loading…") : interpolate(gettext("Live · %s ms"), [number(Math.round(live.latency))]);
  if (place.textContent !== text) place.textContent = text;
  byId("clock").textContent = zonedClock(live.now());
}
