// Public warnings on the live screens: a band, their ground on the map, a note beside an address.

import { h } from "./dom.js";
import { hourMinute } from "./format.js";

/** @import {Store} from "./store.js" */

/** By shape and word, never by colour alone. @type {Record<string, string>} */
const SIGNS = { Extreme: "⬢", Severe: "▲", Moderate: "◆", Minor: "●", Unknown: "?" };
const RANK = ["Extreme", "Severe", "Moderate", "Unknown", "Minor"];

/** What the severity is called. @param {string} severity */
export const severityName = (severity) =>
  ({ Extreme: gettext("extreme"), Severe: gettext("severe"), Moderate: gettext("moderate"), Minor: gettext("minor") })[severity] ?? gettext("severity unknown");

/** The worst first, and of these what ends last. @param {PublicWarning[]} rows */
const sorted = (rows) => [...rows].sort((a, b) => RANK.indexOf(a.severity) - RANK.indexOf(b.severity) || b.expires.localeCompare(a.expires));

/** A warning in one line. @param {PublicWarning} row */
function line(row) {
  const practice = row.practice ? `${gettext("LATIHAN")} · ` : "";
  return `${practice}${row.event} (${severityName(row.severity)}) ${interpolate(gettext("until %s"), [hourMinute(row.expires)])}`;
}

/** Every screen says what is in force. The wall has nobody who could press.
 * @param {Store} store @param {boolean} canOpen */
export function warningBand(store, canOpen) {
  document.getElementById("warning-band")?.remove();
  const [worst, ...others] = sorted(store.all("warnings"));
  if (!worst) return;
  const more = others.length ? h("b", null, `+${others.length}`) : null;
  const parts = [h("span", { class: `warning-sign ${worst.severity.toLowerCase()}`, "aria-hidden": "true" }, SIGNS[worst.severity] ?? "?"), h("span", null, line(worst)), more];
  const shared = { id: "warning-band", class: `band warning-band ${worst.severity.toLowerCase()}`, title: [worst, ...others].map(line).join("\n") };
  const band = canOpen ? h("a", { ...shared, href: others.length ? "/warnings" : worst.href, target: "_blank", rel: "noopener" }, ...parts) : h("div", { ...shared, role: "note" }, ...parts);
  document.getElementById("bands")?.append(band);
}

/** Their ground on a map. @param {L.Map} map @param {Store} store @param {L.LayerGroup | undefined} before */
export function drawWarnings(map, store, before) {
  before?.remove();
  const layer = L.layerGroup().addTo(map);
  for (const row of sorted(store.all("warnings")).reverse()) {
    if (!row.shape) continue;
    const words = new Option(`${SIGNS[row.severity] ?? "?"} ${row.practice ? `${gettext("LATIHAN")} ` : ""}${row.event}`).innerHTML;
    L.geoJSON(/** @type {any} */ (row.shape), { interactive: false, style: { className: `warning-area ${row.severity.toLowerCase()}` } })
      .bindTooltip(words, { permanent: true, direction: "center", className: "warning-name", pane: "names" })
      .addTo(layer);
  }
  return layer;
}

/** What a call taker must know of an area. @param {Store} store @param {string} area */
export function warningsIn(store, area) {
  const there = area ? sorted(store.all("warnings").filter((row) => row.areas.includes(area))) : [];
  return there.length ? `⚠ ${gettext("A warning is in force in this kelurahan:")} ${there.map(line).join("; ")}` : "";
}
