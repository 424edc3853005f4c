// Times of the city, durations in tabular digits, numbers as people here write them.

/** The city's time zone, and how people call it: WIB, WITA, WIT. */
const { zone: ZONE = "UTC", zoneName = "" } = document.documentElement.dataset;
export { zoneName };
export const locale = document.documentElement.lang.startsWith("en") ? "en-GB" : "id-ID";

const clockForm = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const shortForm = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const dateForm = new Intl.DateTimeFormat(locale, { timeZone: ZONE, day: "numeric", month: "short", year: "numeric" });
const wholeForm = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const percentForm = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });

/** Anything that names a moment. @typedef {string | number | Date} Moment */

/** 22:41:07. @param {Moment} moment */
export const clock = (moment) => clockForm.format(new Date(moment));

/** 22:41:07 WIB: once on each screen, at its clock. @param {Moment} moment */
export const zonedClock = (moment) => `${clock(moment)} ${zoneName}`;

/** 22:41. @param {Moment} moment */
export const hourMinute = (moment) => shortForm.format(new Date(moment));

const fieldForm = new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE, dateStyle: "short", timeStyle: "medium" });

/** A moment as a date-and-time field shows it, in the city's time. @param {string} iso */
export const toLocal = (iso) => (iso ? fieldForm.format(new Date(iso)).replace(" ", "T") : "");

/** What a date-and-time field says; without a zone, which means the city's to the server. @param {string} value */
export const fromLocal = (value) => value || null;

/** 3 Okt 2025. @param {Moment} moment */
export const date = (moment) => dateForm.format(new Date(moment));

/** 3 Okt 2025 22:41. @param {Moment} moment */
export const dayAndTime = (moment) => `${date(moment)} ${hourMinute(moment)}`;

/** 3 Okt 2025 22:41:07 WIB. @param {Moment} moment */
export const dateTime = (moment) => `${date(moment)} ${clock(moment)} ${zoneName}`;

/** 00:14, 57:25, 1:26:15. @param {number} seconds */
export function duration(seconds) {
  const all = Math.max(0, Math.floor(seconds));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const hours = Math.floor(all / 3600);
  const rest = `${two(Math.floor((all % 3600) / 60))}:${two(all % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

/** "4 min": a travel time as people say it. @param {number | null} seconds */
export function minutes(seconds) {
  if (seconds === null) return gettext("time unknown");
  return interpolate(gettext("%s min"), [number(Math.max(1, Math.round(seconds / 60)))]);
}

/** "850 m" or "1,2 km". @param {number | null} metres */
export function distance(metres) {
  if (metres === null) return "";
  return metres < 1000 ? `${number(metres)} m` : `${percentForm.format(metres / 1000)} km`;
}

/** 86.161. @param {number} value */
export const number = (value) => wholeForm.format(value);

/** 84,5 %, from 0.845. @param {number} share */
export const percent = (share) => `${percentForm.format(share * 100)} %`;

/** A coarse age for positions: "12 s", "3 min", "2 h". @param {number} seconds */
export function age(seconds) {
  if (seconds < 60) return interpolate(gettext("%s s"), [Math.max(0, Math.round(seconds))]);
  if (seconds < 3600) return interpolate(gettext("%s min"), [Math.round(seconds / 60)]);
  return interpolate(gettext("%s h"), [Math.round(seconds / 3600)]);
}
