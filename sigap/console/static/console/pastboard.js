// The whole board as it was: the live screens' list, map and units with another clock.

import { ask, reasonField } from "./ask.js";
import { UnitBoard } from "./board.js";
import { get, post, send, toast } from "./commands.js";
import { byId, fill, given, h } from "./dom.js";
import { clock, dateTime, fromLocal, toLocal } from "./format.js";
import { IncidentList } from "./incidents.js";
import * as keys from "./keys.js";
import { CityMap, mapControls } from "./map.js";
import { Names } from "./names.js";
import { Store } from "./store.js";
import { catalogue } from "./stream.js";
import { tick } from "./timers.js";

/** @import {Live} from "./stream.js" */
/** @typedef {{seq: number, at: string, incident: number | null, text: string, by: string}} Line
 *  @typedef {{id: number, at: string, incident: number | null, text: string, by: string, struck: boolean}} Note
 *  @typedef {{at: string, until: string, ended: boolean, snapshot: Snapshot, batches: (Batch & {at: string})[],
 *    moves: [string, string, number, number, number | null][], rows: Line[], notes: Note[]}} Part */

/** So long before a part ends the next one is asked for, in ms of the past. */
const AHEAD_MS = 240_000;
const FRAME_MS = 250;

const begin = /** @type {{at: string, reasons: Record<string, string>}} */ (given("start"));
const names = new Names(await catalogue());
const store = new Store();
/** @type {((live: Live) => void)[]} */
const ticks = [];
/** The moment shown, in ms. */
let at = Date.parse(begin.at);
/** What the panels take for the live connection; its clock is the moment shown. */
const live = /** @type {Live} */ (
  /** @type {unknown} */ ({
    view: "console",
    store,
    now: () => at,
    since: (/** @type {string | null} */ iso) => (iso ? (at - Date.parse(iso)) / 1000 : 0),
    onSecond: (/** @type {(live: Live) => void} */ run) => ticks.push(run),
    onJournal: () => {},
  })
);

/** @type {Part | null} */
let part = null;
/** @type {Promise<Part> | null} */
let coming = null;
let isPlaying = false;
let last = 0;
let second = 0;
let batch = 0;
let move = 0;
/** How often another moment was asked for: an answer to an earlier question is of no use. */
let asked = 0;
/** @type {number | null} */
let chosen = null;
const speed = /** @type {HTMLSelectElement} */ (byId("speed"));
const whenField = /** @type {HTMLInputElement} */ (byId("when"));

/** @param {number} moment @returns {Promise<Part>} */
const load = (moment) => get(`/replay/board?at=${encodeURIComponent(new Date(moment).toISOString())}`);

/** Show another moment. @param {number} moment */
async function go(moment) {
  const turn = ++asked;
  byId("loading").textContent = gettext("Loading…");
  try {
    const found = await load(moment);
    if (turn !== asked) return;
    start(found);
    whenField.value = toLocal(found.at);
    history.replaceState(null, "", `?at=${encodeURIComponent(found.at)}`);
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error), { bad: true });
  }
  if (turn === asked) byId("loading").textContent = "";
}

/** Begin with a part: the board whole, then its changes. @param {Part} found */
function start(found) {
  part = found;
  coming = null;
  at = Date.parse(found.at);
  [batch, move, second] = [0, 0, 0];
  store.replace(found.snapshot);
  story();
  paint();
}

/** Bring the board to the moment shown. */
function paint() {
  if (!part) return;
  for (let next = part.batches[batch]; next && Date.parse(next.at) <= at; next = part.batches[++batch]) {
    // A row of a unit says what it did; where it was, the moves say.
    const units = next.put.units?.map((unit) => ({ ...store.get("units", unit.id), ...unit }));
    store.apply({ ...next, put: { ...next.put, ...(units ? { units } : {}) } });
  }
  /** @type {Moves} */
  const moved = [];
  for (let next = part.moves[move]; next && Date.parse(next[0]) <= at; next = part.moves[++move]) moved.push([next[1], next[2], next[3], next[0], next[4], ""]);
  if (moved.length) store.move(moved);
  const now = Math.floor(at / 1000);
  if (now === second) return;
  second = now;
  byId("now").textContent = dateTime(at);
  byId("incidents-count").textContent = String(store.all("incidents").length);
  byId("incidents-empty").hidden = store.all("incidents").length > 0;
  tick(at);
  for (const run of ticks) run(live);
  unfold();
}

/** What happened and what was noted, in order; each line is seen from its moment on. */
function story() {
  if (!part) return;
  const lines = [
    ...part.rows.map((row) => ({ at: row.at, incident: row.incident, line: row, note: null })),
    ...part.notes.map((note) => ({ at: note.at, incident: note.incident, line: note, note })),
  ].sort((a, b) => a.at.localeCompare(b.at));
  fill(
    byId("story"),
    ...lines.map(({ at: moment, incident, line, note }) =>
      h(
        "li",
        { class: note ? `note ${note.struck ? "struck" : ""}` : "", "data-at": Date.parse(moment), "data-incident": incident ?? "" },
        h("time", { datetime: moment }, clock(moment)),
        h("span", null, incident ? `#${incident} ` : "", note && !note.text ? gettext("(erased)") : line.text, " ", h("span", { class: "dim" }, line.by)),
        note && !note.struck ? h("button", { type: "button", class: "small", "data-key": `strike-${note.id}`, onclick: () => strike(note.id) }, gettext("Strike")) : null,
      ),
    ),
  );
  unfold();
}

function unfold() {
  /** @type {Element | undefined} */
  let newest;
  for (const line of byId("story").children) {
    if (!(line instanceof HTMLElement)) continue;
    const isLater = Number(line.dataset.at) > at;
    line.classList.toggle("later", isLater);
    line.classList.toggle("other", chosen !== null && line.dataset.incident !== String(chosen));
    if (!isLater) newest = line;
  }
  if (isPlaying) newest?.scrollIntoView({ block: "nearest" });
}

/** @param {boolean} wanted */
function play(wanted) {
  isPlaying = wanted;
  byId("play-text").textContent = wanted ? gettext("Pause") : gettext("Play");
  last = performance.now();
}

/** Go on by the time that has passed. What is not here yet is waited for. */
function advance() {
  const now = performance.now();
  const passed = (now - last) * Number(speed.value);
  last = now;
  if (!isPlaying || !part) return;
  const until = Date.parse(part.until);
  at = Math.min(at + passed, until);
  if (part.ended && at >= until) second = 0; // of the last second all is told
  paint();
  if (part.ended) {
    if (at >= until) play(false);
    return;
  }
  if (until - at < AHEAD_MS) coming ??= follow(until);
}

/** Have the next part ready, and begin it where this one ends. @param {number} until */
function follow(until) {
  const turn = asked;
  const next = load(until);
  const isOver = () => turn !== asked || at >= until;
  next
    .then((found) => {
      const wait = setInterval(() => {
        if (!isOver()) return;
        clearInterval(wait);
        if (turn === asked) start(found);
      }, FRAME_MS / 5);
    })
    .catch((error) => {
      coming = null;
      play(false);
      toast(error instanceof Error ? error.message : String(error), { bad: true });
    });
  return next;
}

/** @param {"next" | "before"} way */
async function jump(way) {
  const found = await get(`/replay/jump?way=${way}&at=${encodeURIComponent(new Date(at).toISOString())}`);
  if (found.at) void go(Date.parse(found.at));
  else toast(way === "next" ? gettext("No incident began after this moment.") : gettext("No incident began before this moment."));
}

/** @param {number | null} id */
function choose(id) {
  chosen = chosen === id ? null : id;
  list.select(chosen);
  map.select(chosen);
  const row = store.get("incidents", chosen);
  board.mark(new Set(row?.jobs.map((job) => job.unit)));
  const link = /** @type {HTMLAnchorElement} */ (byId("chosen"));
  link.hidden = chosen === null;
  link.href = `/incidents/${chosen}`;
  link.textContent = `#${chosen}`;
  unfold();
}

/** @param {number} id */
function strike(id) {
  void ask(gettext("Strike this note through"), [reasonField(begin.reasons)], { send: ({ reason }) => send(`/replay/notes/${id}/strike`, { reason }) }).then(() => go(at));
}

const list = new IncidentList(live, names, choose);
const board = new UnitBoard(live, names, (unit) => unit.lat !== null && unit.lng !== null && map.locate(unit.lat, unit.lng));
const map = new CityMap(byId("map"), live, names, { settings: given("map-settings"), choose, open: (unit) => choose(unit.jobs[0]?.incident ?? null), locked: () => controls.update() });
const controls = mapControls(map, byId("map-frame"));

const MINUTE_MS = 60_000;
byId("play").addEventListener("click", () => play(!isPlaying));
byId("minute-before").addEventListener("click", () => go(at - MINUTE_MS));
byId("minute-next").addEventListener("click", () => go(at + MINUTE_MS));
byId("before").addEventListener("click", () => jump("before"));
byId("next").addEventListener("click", () => jump("next"));
byId("go").addEventListener("submit", (event) => {
  event.preventDefault();
  const local = fromLocal(whenField.value);
  if (local) void goLocal(local);
});
byId("note-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = /** @type {HTMLInputElement} */ (byId("note"));
  if (!field.value.trim()) return;
  const done = await post("/replay/notes", { text: field.value, at: new Date(at).toISOString(), incident: chosen });
  if (!done) return;
  field.value = "";
  void go(at);
});

/** The server knows the city's time zone. @param {string} local */
async function goLocal(local) {
  const turn = ++asked;
  try {
    const found = /** @type {Part} */ (await get(`/replay/board?at=${encodeURIComponent(local)}`));
    if (turn === asked) start(found);
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error), { bad: true });
  }
}

const showing = gettext("Map");
keys.add(
  { key: "p", label: gettext("Play, pause"), run: () => play(!isPlaying) },
  { key: ",", label: gettext("A minute back"), run: () => go(at - MINUTE_MS) },
  { key: ".", label: gettext("A minute on"), run: () => go(at + MINUTE_MS) },
  { key: "[", label: gettext("Incident before"), run: () => jump("before") },
  { key: "]", label: gettext("Next incident"), run: () => jump("next") },
  { key: "+", label: gettext("Closer"), group: showing, run: () => map.zoom(1) },
  { key: "-", label: gettext("Further"), group: showing, run: () => map.zoom(-1) },
  { key: "0", label: gettext("The whole city"), group: showing, run: () => map.whole() },
  { key: "*", label: gettext("Follow the selected incident again"), group: showing, run: () => map.lock(false) },
  { key: "?", label: gettext("This help"), run: () => keys.help() },
);
byId("keys").addEventListener("click", () => keys.help());
await go(at);
setInterval(advance, FRAME_MS);
await map.begin();
controls.update();
