// Where a caller's phone says that it is: in words, and as an offer to the triage form. It is
// never taken by itself.

import { byId } from "./dom.js";
import { age, distance } from "./format.js";

/** @import {Live} from "./stream.js"
 *  @import {Names} from "./names.js"
 *  @import {Triage} from "./calls/triage.js" */

/** The place, how exactly, and measured how. @param {Located} told @param {Names} names */
export function phoneWords(told, names) {
  if (told.lat === null) return gettext("told, but not usable");
  /** @type {Record<string, string>} */
  const sources = { gps: "GPS", wifi: "Wi-Fi", cell: gettext("cell"), fused: gettext("several sources") };
  const radius = told.radius_m === null ? gettext("accuracy unknown") : `±${distance(Math.round(told.radius_m))}`;
  return [radius, sources[told.source], placeName(told, names), told.damaged && gettext("message damaged")].filter(Boolean).join(" · ");
}

/** @param {Located} told @param {Names} names */
const placeName = (told, names) => (told.area ? names.area(told.area) : gettext("outside the city"));

/** The line of the form, where locations of phones are taken at all. */
export class PhoneLine {
  /** @param {Live} live @param {Names} names @param {Triage} triage */
  constructor(live, names, triage) {
    this.live = live;
    this.names = names;
    this.triage = triage;
    /** What the shown call's phone told. @type {Located | null} */
    this.told = null;
    this.is = document.getElementById("phone") !== null;
    if (this.is) byId("use-phone").addEventListener("click", () => this.use());
  }

  /** @param {Call | null} call */
  show(call) {
    this.told = call?.located ?? null;
    if (!this.is) return;
    const { told } = this;
    const words = told ? phoneWords(told, this.names) : gettext("not told");
    // Said aloud only when it is another: the age beside it changes each second.
    if (byId("phone").textContent !== words) byId("phone").textContent = words;
    byId("phone").className = !told ? "dim" : told.lat === null || told.area === null || told.damaged ? "warn" : "";
    byId("use-phone").hidden = !told || told.lat === null || this.isUsed();
    byId("phone-used").hidden = !this.isUsed();
    this.tick();
  }

  tick() {
    if (!this.is) return;
    const at = this.told?.at;
    byId("phone-age").textContent = at ? interpolate(gettext("%s ago"), [age((this.live.now() - Date.parse(at)) / 1000)]) : "";
  }

  isUsed() {
    const { place } = this.triage.draft;
    return this.told !== null && place?.source === "handset" && place.lat === this.told.lat && place.lng === this.told.lng;
  }

  /** Put it into the form: only when a person says so. */
  use() {
    const { told } = this;
    if (!told || told.lat === null || !this.is) return;
    const area = told.area ?? "";
    const label = `${gettext("Phone's location")}, ${placeName(told, this.names)}`;
    const accuracy = told.radius_m === null ? null : Math.round(told.radius_m);
    this.triage.put({ label, precision: "exact", landmark: null, area, lat: told.lat, lng: told.lng, source: "handset", accuracy }, area);
  }
}
