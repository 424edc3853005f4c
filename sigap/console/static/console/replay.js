// One incident once more, second by second, from its journal rows, on the same map.

import { byId, fill, given, h, priority } from "./dom.js";
import { clock, dateTime, distance, duration } from "./format.js";
import * as keys from "./keys.js";
import { CityMap, mapControls } from "./map.js";
import { AT_WORK, Names } from "./names.js";
import { Store } from "./store.js";
import { catalogue } from "./stream.js";
import { Tracks } from "./tracks.js";

/** @import {Live} from "./stream.js" */
/** @typedef {{at: string, subject: string, after: string, priority: number | null, text: string, by: string}} Moment
 *  @typedef {{id: number, incident: number, unit: string, agency: string, lat: number | null, lng: number | null}} ReplayJob
 *  @typedef {{id: number, type: string, priority: number, area: string | null, lat: number | null, lng: number | null}} ReplayIncident
 *  @typedef {{incident: number, moments: Moment[], calls: {id: number}[], jobs: ReplayJob[],
 *    incidents: ReplayIncident[], states: Record<string, Record<string, string>>,
 *    tracks: Record<string, import("./tracks.js").TrackPoint[]>}} Replay */

/** @type {Replay} */
const replay = given("replay");
const times = replay.moments.map((m) => Date.parse(m.at));
const start = times[0] ?? 0;
const tracks = new Tracks(replay.tracks);
const length = Math.ceil((Math.max(times.at(-1) ?? start, tracks.end) - start) / 1000) + 1;
const slider = /** @type {HTMLInputElement} */ (byId("moment"));
const speed = /** @type {HTMLSelectElement} */ (byId("speed"));
slider.max = String(length);

const names = new Names(await catalogue());
const store = new Store();
/** The live screens' map with another clock: its rows are those of the moment shown. */
const live = /** @type {Live} */ (/** @type {unknown} */ ({ view: "console", store, onSecond: () => {}, onJournal: () => {}, since: () => 0, now: () => start + at * 1000 }));
/** A unit on scene stands beside the incident, so that both are seen. */
const BESIDE = 0.0006;

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

const points = [...replay.incidents, ...replay.jobs].flatMap(({ lat, lng }) => (lat === null || lng === null ? [] : [/** @type {[number, number]} */ ([lat, lng])]));
const map = new CityMap(byId("map"), live, names, {
  settings: given("map-settings"),
  frame: points.length > 1 ? L.latLngBounds([...points, ...tracks.all]) : undefined,
  locked: () => controls.update(),
});
const controls = mapControls(map, byId("map-frame"));

/** The board as it was. @param {Map<string, string>} states @param {Map<string, number>} priorities */
function draw(states, priorities) {
  const incidents = replay.incidents.filter((i) => states.has(`incident:${i.id}`));
  /** @type {Map<string, {job: ReplayJob, state: string}>} */
  const units = new Map();
  for (const job of replay.jobs) units.set(job.unit, { job, state: states.get(`assignment:${job.id}`) ?? units.get(job.unit)?.state ?? "" });
  store.replace(/** @type {Snapshot} */ (/** @type {unknown} */ ({
    incidents: incidents.map((i) => ({ ...i, state: "in_progress", priority: priorities.get(`incident:${i.id}`) ?? i.priority, jobs: jobsOf(i.id, states) })),
    units: [...units.values()].map(({ job, state }) => unit(job, state)),
  })));
}

/** @param {number} incident @param {Map<string, string>} states */
const jobsOf = (incident, states) => replay.jobs.filter((j) => j.incident === incident).map((j) => ({ id: j.id, unit: j.unit, state: states.get(`assignment:${j.id}`) ?? "" }));

/** @param {ReplayJob} job @param {string} state */
function unit(job, state) {
  const told = tracks.placeAt(job.unit, start + at * 1000);
  const there = state === "on_scene" ? replay.incidents.find((i) => i.id === job.incident) : undefined;
  const [lat, lng] = told ? [told.lat, told.lng] : there && there.lat !== null ? [there.lat - BESIDE, there.lng] : [job.lat, job.lng];
  const jobs = AT_WORK.includes(state) ? [{ id: job.id, incident: job.incident, state }] : [];
  return { id: job.id, call_sign: job.unit, agency: job.agency, state: "available", on_duty: true, readiness: "ready", lat, lng, position_at: null, accuracy_m: told?.accuracy ?? null, mark: "", jobs };
}

/** @param {string} machine @param {string} state */
const name = (machine, state) => replay.states[machine]?.[state] ?? state;

let shown = -2;
let placed = "";
function paint() {
  const { states, priorities, now } = stateAt(at);
  const moment = start + at * 1000;
  byId("now").textContent = `${dateTime(moment)} · +${duration(at)}`;
  slider.value = String(Math.floor(at));
  slider.setAttribute("aria-valuetext", clock(moment));
  const places = replay.jobs.map((job) => tracks.placeAt(job.unit, moment));
  const key = JSON.stringify(places);
  if (now === shown && key === placed) return;
  placed = key;
  tracks.draw(map.map, moment);
  fill(byId("states"), list(states, priorities));
  draw(states, priorities);
  if (now === shown) return;
  shown = now;
  lines.forEach((line, i) => {
    line.classList.toggle("now", i === now);
    line.classList.toggle("later", i > now);
  });
  lines[now]?.scrollIntoView({ block: "nearest" });
}

/** @param {Map<string, string>} states @param {Map<string, number>} priorities */
function list(states, priorities) {
  /** @param {string} machine @param {string} subject @param {(Node | string)[]} label */
  const item = (machine, subject, ...label) => {
    const state = states.get(subject);
    return state ? h("li", null, ...label, " ", h("span", { class: "state" }, name(machine, state)), machine === "assignment" ? whereWords(subject) : "") : null;
  };
  return [
    ...replay.incidents.map((i) => item("incident", `incident:${i.id}`, priority(priorities.get(`incident:${i.id}`) ?? 4), ` #${i.id} ${names.type(i.type)}`)),
    ...replay.calls.map((c) => item("call", `call:${c.id}`, interpolate(gettext("Call %s"), [c.id]))),
    ...replay.jobs.map((j) => item("assignment", `assignment:${j.id}`, h("strong", { class: "mono" }, j.unit))),
  ];
}

/** When a unit's device last told where it was, and how exactly. @param {string} subject */
function whereWords(subject) {
  const unit = replay.jobs.find((job) => subject === `assignment:${job.id}`)?.unit ?? "";
  const told = tracks.placeAt(unit, start + at * 1000);
  if (!told) return "";
  const exact = told.accuracy === null ? "" : ` ±${distance(told.accuracy)}`;
  return h("span", { class: "dim" }, ` ${interpolate(gettext("position of %s"), [clock(told.at)])}${exact}`);
}

/** @param {number} seconds */
function go(seconds) {
  at = Math.min(length, Math.max(0, seconds));
  paint();
}

/** @param {boolean} wanted */
function play(wanted) {
  isPlaying = wanted;
  byId("play-text").textContent = wanted ? gettext("Pause") : gettext("Play");
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
const showing = gettext("Map");
keys.add(
  { key: "p", label: gettext("Play, pause"), run: () => play(!isPlaying) },
  { key: "]", label: gettext("Next"), run: () => jump(1) },
  { key: "[", label: gettext("Previous"), run: () => jump(-1) },
  { key: "+", label: gettext("Closer"), group: showing, run: () => map.zoom(1) },
  { key: "-", label: gettext("Further"), group: showing, run: () => map.zoom(-1) },
  { key: "0", label: gettext("The whole city"), group: showing, run: () => map.whole() },
  { key: "*", label: gettext("The whole incident"), group: showing, run: () => map.lock(false) },
  { key: "?", label: gettext("This help"), run: () => keys.help() },
);
byId("keys").addEventListener("click", () => keys.help());
paint();
map.select(replay.incident, replay.jobs.map((job) => job.unit));
await map.begin();
controls.update();
