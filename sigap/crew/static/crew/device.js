// What the phone itself gives: its place while the page is looked at, a screen that stays on, and a
// button that no pocket presses.

import { keep, kept } from "./store.js";
import { offset } from "./outbox.js";

const POSITION_MS = 10_000;
const MOST_POINTS = 300;
const HOLD_MS = 1000;

/** @typedef {{ lat: number, lng: number, accuracy_m: number, at: string }} Point */

/** The last place that the phone knows. @type {{ lat: number, lng: number, accuracy_m: number, found: number } | null} */
let last = null;
/** @type {Point[]} */
let points = [];
let sentAt = -Infinity;
let failed = false;

/** Where it is, for a call for help. */
export const place = () => (last ? { lat: last.lat, lng: last.lng, accuracy_m: last.accuracy_m, age_s: Math.min(86_400, Math.max(0, Math.round((Date.now() - last.found) / 1000))) } : {});

/** How the phone's place stands, in words. */
export function placeInWords() {
  if (failed) return gettext("No GPS");
  if (!last) return "GPS –";
  const age = Math.round((Date.now() - last.found) / 1000);
  return age > 20 ? interpolate(gettext("GPS ±%(metres)s m, %(age)s s old"), { metres: last.accuracy_m, age }, true) : `GPS ±${last.accuracy_m} m`;
}

/** Follow the place, and send it in one go with those that could not be sent. */
export async function follow() {
  points = (await kept("points").catch(() => null)) ?? [];
  if (!("geolocation" in navigator)) return;
  navigator.geolocation.watchPosition(
    (found) => void note(found),
    () => (failed = true),
    { enableHighAccuracy: true, maximumAge: 5000 },
  );
}

/** @param {GeolocationPosition} found */
async function note(found) {
  const { latitude: lat, longitude: lng } = found.coords;
  const accuracy_m = Math.min(1_000_000, Math.round(found.coords.accuracy));
  last = { lat, lng, accuracy_m, found: Math.min(found.timestamp, Date.now()) };
  failed = false;
  if (document.hidden || performance.now() - sentAt < POSITION_MS) return;
  sentAt = performance.now();
  points = [...points, { lat, lng, accuracy_m, at: new Date(last.found + ((await offset()) ?? 0)).toISOString() }].slice(-MOST_POINTS);
  const going = points;
  const sent_at = new Date(Date.now() + ((await offset()) ?? 0)).toISOString();
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": (await kept("csrf")) ?? "" };
  const answer = await fetch("/crew/position", { method: "POST", headers, body: JSON.stringify({ points: going, sent_at }) }).catch(() => null);
  // What is wrong with them will not get better; what could not be sent is kept.
  const over = answer && answer.status < 500 && answer.status !== 401 && answer.status !== 403;
  if (over) points = points.filter((point) => !going.includes(point));
  await keep({ points }).catch(() => {});
}

/** @type {WakeLockSentinel | null} */
let awake = null;

/** Let the screen stay on while there is a job. @param {boolean} wanted */
export async function stayAwake(wanted) {
  if (!wanted) {
    await awake?.release().catch(() => {});
    awake = null;
  } else if ((!awake || awake.released) && !document.hidden) {
    awake = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
  }
}

/** A button that must be held; a short press or a key asks first.
 * @param {HTMLElement} button @param {() => void} held @param {() => void} ask */
export function onHold(button, held, ask) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let done = false;
  const stop = () => {
    clearTimeout(timer);
    button.classList.remove("held");
  };
  button.addEventListener("pointerdown", () => {
    done = false;
    button.classList.add("held");
    timer = setTimeout(() => {
      done = true;
      stop();
      held();
    }, HOLD_MS);
  });
  for (const end of ["pointerup", "pointercancel", "pointerleave"]) button.addEventListener(end, stop);
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  button.addEventListener("click", () => {
    if (!done) ask();
    done = false;
  });
}
