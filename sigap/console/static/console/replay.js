// One incident once more, second by second, from its journal rows.

import { get } from "./commands.js";
import { byId, fill, given, h, priority } from "./dom.js";
import { clock, dateTime, duration } from "./format.js";

/** @typedef {{at: string, subject: string, after: string, priority: number | null, text: string, by: string}} Moment
 *  @typedef {{id: number, incident: number, unit: string, lat: number | null, lng: number | null}} ReplayJob
 *  @typedef {{incident: number, moments: Moment[], calls: {id: number}[], jobs: ReplayJob[],
 *    incidents: {id: number, type: string, lat: number | null, lng: number | null}[],
 *    states: Record<string, Record<string, string>>}} Replay */

/** @type {Replay} */
const replay = given("replay");
const times = replay.moments.map((m) => Date.parse(m.at));
const start = times[0] ?? 0;
const length = Math.ceil(((times.at(-1) ?? start) - start) / 1000) + 1;
const slider = /** @type {HTMLInputElement} */ (byId("moment"));
const speed = /** @type {HTMLSelectElement} */ (byId("speed"));
slider.max = String(length);

const THERE = ["on_scene"];
const GONE = ["to_destination", "at_destination", "completed", "cancelled", "declined"];

/** Seconds since the start, with a fraction while it plays. */
let at = 0;
let isPlaying = false;
let last = 0;

/** Everything's state at a moment: the last row of each subject until then.
 * @param {number} seconds */
function stateAt(seconds) {
  /** @type {Map<string, string>} */
  const states = new Map();
  /** @type {Map<string, number>} */
  const priorities = new Map();
  let now = -1;
  replay.moments.forEach((moment, i) => {
    if ((times[i] ?? 0) > start + seconds * 1000) return;
    now = i;
    if (moment.after) states.set(moment.subject, moment.after);
    if (moment.priority && moment.subject.startsWith("incident:")) priorities.set(moment.subject, moment.priority);
  });
  return { states, priorities, now };
}

const lines = replay.moments.map((moment) => h("li", null, h("time", { datetime: moment.at }, clock(moment.at)), h("span", null, moment.text, " ", h("span", { class: "dim" }, moment.by))));
byId("story").append(...lines);

const map = L.map("map", { zoomControl: true, attributionControl: false, center: [-7.82, 112.01], zoom: 13 });
const drawn = L.layerGroup().addTo(map);
get("/console/ground")
  .then((ground) => L.geoJSON(ground, { interactive: false, style: { color: "#3b4957", weight: 1, fillColor: "#1b2530", fillOpacity: 1 } }).addTo(map).bringToBack())
  .catch(() => null);
const points = [...replay.incidents, ...replay.jobs].flatMap(({ lat, lng }) => (lat === null || lng === null ? [] : [/** @type {[number, number]} */ ([lat, lng])]));
if (points.length) map.fitBounds(L.latLngBounds(points).pad(0.2), { maxZoom: 15, animate: false });

/** @param {Map<string, string>} states @param {Map<string, number>} priorities */
function draw(states, priorities) {
  drawn.clearLayers();
  for (const incident of replay.incidents) {
    const state = states.get(`incident:${incident.id}`);
    if (!state || incident.lat === null || incident.lng === null) continue;
    const html = priority(priorities.get(`incident:${incident.id}`) ?? 4).outerHTML;
    marker(incident.lat, incident.lng, html, `#${incident.id} ${incident.type}`);
  }
  for (const job of replay.jobs) {
    const state = states.get(`assignment:${job.id}`);
    if (!state || GONE.includes(state)) continue;
    const there = replay.incidents.find((i) => i.id === job.incident);
    const [lat, lng] = THERE.includes(state) && there ? [there.lat, there.lng] : [job.lat, job.lng];
    if (lat === null || lng === null) continue;
    const label = h("span", { class: "replay-unit" }, job.unit);
    marker(THERE.includes(state) ? lat - 0.0006 : lat, lng, label.outerHTML, `${job.unit}: ${name("assignment", state)}`);
  }
}

/** @param {number} lat @param {number} lng @param {string} html @param {string} title */
function marker(lat, lng, html, title) {
  const icon = L.divIcon({ html, className: "", iconSize: undefined });
  L.marker([lat, lng], { icon, keyboard: false, interactive: false, title, alt: title }).addTo(drawn);
}

/** @param {string} machine @param {string} state */
const name = (machine, state) => replay.states[machine]?.[state] ?? state;

let shown = -2;
function paint() {
  const { states, priorities, now } = stateAt(at);
  const moment = start + at * 1000;
  byId("now").textContent = `${dateTime(moment)} · +${duration(at)}`;
  slider.value = String(Math.floor(at));
  slider.setAttribute("aria-valuetext", clock(moment));
  if (now === shown) return;
  shown = now;
  lines.forEach((line, i) => {
    line.classList.toggle("now", i === now);
    line.classList.toggle("later", i > now);
  });
  lines[now]?.scrollIntoView({ block: "nearest" });
  fill(byId("states"), list(states, priorities));
  draw(states, priorities);
}

/** @param {Map<string, string>} states @param {Map<string, number>} priorities */
function list(states, priorities) {
  /** @param {string} machine @param {string} subject @param {(Node | string)[]} label */
  const item = (machine, subject, ...label) => {
    const state = states.get(subject);
    return state ? h("li", null, ...label, " ", h("span", { class: "state" }, name(machine, state))) : null;
  };
  return [
    ...replay.incidents.map((i) => item("incident", `incident:${i.id}`, priority(priorities.get(`incident:${i.id}`) ?? 4), ` #${i.id} ${i.type}`)),
    ...replay.calls.map((c) => item("call", `call:${c.id}`, interpolate(gettext("Call %s"), [c.id]))),
    ...replay.jobs.map((j) => item("assignment", `assignment:${j.id}`, h("strong", { class: "mono" }, j.unit))),
  ];
}

/** @param {number} seconds */
function go(seconds) {
  at = Math.min(length, Math.max(0, seconds));
  paint();
}

/** @param {boolean} wanted */
function play(wanted) {
  isPlaying = wanted;
  byId("play").textContent = wanted ? gettext("Pause") : gettext("Play");
  if (!wanted) return;
  if (at >= length) at = 0;
  last = performance.now();
  requestAnimationFrame(step);
}

/** @param {number} now */
function step(now) {
  if (!isPlaying) return;
  go(at + ((now - last) / 1000) * Number(speed.value));
  last = now;
  if (at >= length) play(false);
  else requestAnimationFrame(step);
}

/** To the moment before or after this one. @param {number} way */
function jump(way) {
  const seconds = times.map((t) => (t - start) / 1000);
  const goal = way > 0 ? seconds.find((s) => s > at + 0.01) : seconds.filter((s) => s < at - 0.01).at(-1);
  go(goal ?? (way > 0 ? length : 0));
}

byId("play").addEventListener("click", () => play(!isPlaying));
byId("next").addEventListener("click", () => jump(1));
byId("before").addEventListener("click", () => jump(-1));
slider.addEventListener("input", () => go(Number(slider.value)));
paint();
