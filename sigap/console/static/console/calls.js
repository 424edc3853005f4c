// The call taker's screen: answer, ask, decide, close, with the keyboard.

import { ask, reasonField } from "./ask.js";
import { Callbacks, Recent, enterCall } from "./calls/callbacks.js";
import { chooseClass } from "./calls/closing.js";
import * as drafts from "./calls/drafts.js";
import { registerKeys } from "./calls/shortcuts.js";
import { Queue, TALKING, phone, said } from "./calls/queue.js";
import { Candidates, paintEarlier, paintLog } from "./calls/side.js";
import { Triage } from "./calls/triage.js";
import { CommandError, get, post, send, toast } from "./commands.js";
import { byId, fill, given, h } from "./dom.js";
import * as keys from "./keys.js";
import { ACTIVE, Names, numberOf } from "./names.js";
import { callBack, present } from "./presence.js";
import * as sounds from "./sounds.js";
import { Live, catalogue } from "./stream.js";
import { tick, timer } from "./timers.js";
import { status } from "./topbar.js";

/** @import {Candidate} from "./calls/side.js" */

/** @type {{me: number, supervises: boolean}} */
const me = given("me");
const live = new Live("console");
const { store } = live;
const names = new Names(await catalogue());

/** Which of my calls the form shows. @type {number | null} */
let current = null;
/** Calls that are not live any more and whose case is still being written: reached
 * callers, and what somebody else closed under my hands. @type {Map<number, Call>} */
const reached = new Map();

const triage = new Triage(names, changed);
const queue = new Queue(live, names, me.me, me.supervises, { take, open: (call) => show(call.id), takeOver });
const callbacks = new Callbacks(live, names, isReached);
const recent = new Recent(names);
const candidates = new Candidates(names, (candidate) => void same(candidate));

/** @returns {Call | null} */
const call = () => (current === null ? null : (store.get("calls", current) ?? reached.get(current) ?? null));
/** The call's incident, or the one that it was merged into. */
const incident = () => {
  const id = call()?.incident ?? null;
  return store.get("incidents", id) ?? (id === null ? undefined : store.all("incidents").find((i) => i.merged.includes(id)));
};
const caseId = () => incident()?.id ?? call()?.incident ?? null;

/** @param {number | null} id */
function show(id) {
  if (id === current && id !== null) return;
  current = id;
  const now = call();
  triage.show(now, incident());
  paintEarlier([], names);
  paintLog([]);
  if (now) void pop(now);
  paint();
}

/** The screen pop: who calls, and what happened so far. @param {Call} about */
async function pop(about) {
  const answer = await get(`/calls/${about.id}`).catch(() => null);
  if (!answer || about.id !== current) return;
  paintEarlier(answer.earlier, names);
  if (!about.incident) paintLog(answer.story);
  else await log();
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let logTimer;
function logSoon() {
  clearTimeout(logTimer);
  logTimer = setTimeout(() => void log(), 300);
}

async function log() {
  const now = call();
  if (!now) return;
  const url = now.incident ? `/incidents/${now.incident}/timeline.json` : `/calls/${now.id}`;
  const answer = await get(url).catch(() => null);
  if (answer && now.id === current) paintLog(answer.rows ?? answer.story);
}

/** Choose what to show when the shown call has gone, or none was shown. */
function settle() {
  if (current !== null && !call()) current = null;
  if (current === null) {
    const next = queue.mine()[0];
    if (next) return show(next.id);
    triage.show(null, undefined);
    paintEarlier([], names);
    paintLog([]);
  }
  paint();
}

function paint() {
  const now = call();
  const here = incident();
  queue.paint(current);
  callbacks.paint();
  byId("triage").hidden = !now;
  byId("no-call").hidden = now !== null;
  if (here) triage.news(here);
  if (now) paintHead(now);
  changed();
  sound();
}

/** @param {Call} now */
function paintHead(now) {
  const isMine = TALKING.includes(now.state) && [me.me, null].includes(now.operator);
  fill(
    byId("call-head"),
    h("strong", { class: "mono call-number" }, phone(now.number)),
    h("span", { class: "state" }, names.state("call", now.state)),
    now.ended_at ? null : timer(now.answered_at),
    h("span", { class: "dim" }, interpolate(gettext("call %s"), [now.id])),
    ...queue.history(now),
    ...said(now),
    now.incident ? h("a", { href: `/incidents/${caseId()}`, target: "_blank" }, interpolate(gettext("Incident %s"), [numberOf(caseId() ?? 0)])) : null,
  );
  byId("hold").hidden = !isMine || now.state === "wrap_up";
  byId("hold-text").textContent = now.state === "held" ? gettext("Resume") : gettext("Hold");
  byId("end").hidden = !isMine || now.state === "wrap_up";
  byId("close").hidden = !isMine && now.state !== "reached";
  byId("done").hidden = isMine;
  byId("open-text").textContent = now.incident ? gettext("Save corrections") : gettext("Open incident");
  byId("note-label").textContent = now.incident ? gettext("Note into the incident") : gettext("Note, kept when the call is closed");
}

/** After each change of the form: what else may be the same, and whether all is saved. */
function changed() {
  const now = call();
  const { draft } = triage;
  const { place, area, type } = draft;
  const point = place && place.lat !== null && place.precision !== "area" ? { lat: place.lat, lng: place.lng } : {};
  candidates.look(now ? { type, area, exclude: now.incident, ...point } : {});
  const unsaved = now?.incident && triage.saved && !triage.isSaved();
  byId("unsaved").textContent = unsaved ? gettext("not saved yet") : "";
}

/** @param {Call} about */
async function take(about) {
  if (await post(`/calls/${about.id}/take`)) whenMine(about.id);
}

/** Show a call as soon as the stream says that it is mine. @param {number} id */
function whenMine(id) {
  wanted = id;
  const known = store.get("calls", id);
  if (known?.operator === me.me) {
    wanted = null;
    show(id);
    byId("address").focus();
  }
}
/** @type {number | null} */
let wanted = null;

/** Take over what somebody else holds: a supervisor, with a reason. @param {Call} about */
async function takeOver(about) {
  const who = about.operator === null ? gettext("nobody") : names.user(about.operator);
  if (about.operator === null) return take(about);
  const asked = await ask(interpolate(gettext("Take over the call of %s"), [who]), [reasonField(names.reasons("takeover"))], {
    yes: gettext("Take over"),
    send: ({ reason }) => send(`/calls/${about.id}/take`, { reason }),
  });
  if (asked) whenMine(about.id);
}

/** @param {number} place */
function takeRinging(place) {
  const next = queue.ringing()[place];
  if (next) void take(next);
  else toast(gettext("Nobody is waiting."));
}

async function hold() {
  const now = call();
  const waiting = queue.mine().find((c) => c.state === "held");
  if (now?.state === "answered") await post(`/calls/${now.id}/hold`);
  else if (now?.state === "held") await post(`/calls/${now.id}/resume`);
  else if (waiting && (await post(`/calls/${waiting.id}/resume`))) show(waiting.id);
}

/** Open the incident, or save what was corrected since. Nothing is cleared when it fails. */
async function save() {
  const now = call();
  if (!now) return;
  const known = caseId();
  if (known) return saveCorrections(known);
  if (!triage.draft.type) return refuse(gettext("Choose the type first."), "type");
  if (!triage.isCountable()) return refuse(gettext("Write the number of victims as a number."), "victims");
  if (triage.draft.priority === null) return refuse(gettext("Accept the proposed priority with F8, or choose one."), "accept");
  const form = triage.whole();
  const sent = triage.draft;
  triage.isOpening = true;
  try {
    const answer = await send(`/calls/${now.id}/incident`, form);
    if (current !== now.id) return;
    triage.stored(sent, answer.version);
    const note = triage.draft.note.trim();
    if (note) void sendNote(answer.incident, note);
    toast(interpolate(gettext("Incident %s is open."), [numberOf(answer.incident)]));
    if (answer.suggested !== triage.proposal?.priority) toast(gettext("The server's rules propose another priority. Load the page again."), { bad: true });
  } catch (error) {
    failed(error);
  } finally {
    triage.isOpening = false;
  }
}

/** @param {number} id */
async function saveCorrections(id) {
  if (!triage.isCountable()) return refuse(gettext("Write the number of victims as a number."), "victims");
  const sent = triage.draft;
  const parts = triage.corrections();
  try {
    for (const [command, data] of Object.entries(parts)) {
      if (!data) continue;
      const answer = await send(`/incidents/${id}/${command}`, { .../** @type {object} */ (data), version: triage.version });
      triage.version = answer.version;
    }
    triage.stored(sent, triage.version ?? 0);
    toast(gettext("Saved."));
  } catch (error) {
    failed(error, id);
  }
  changed();
}

/** @param {unknown} error @param {number} [id] */
async function failed(error, id) {
  if (!(error instanceof CommandError)) throw error;
  if (error.code === "conflict" && id) {
    // The row is looked at anew; the form keeps what was typed.
    triage.version = error.details.version ?? triage.version;
    const row = store.get("incidents", id);
    if (row) triage.rebase(row);
    triage.say(`${gettext("Somebody else changed this incident.")} ${differences(id)} ${gettext("Your text is kept; F4 saves it over theirs.")}`);
  } else triage.say(`${error.message} ${gettext("What you typed is still here.")}`);
  byId("form-error").scrollIntoView({ block: "nearest" });
}

/** What the incident has now where the form says otherwise. @param {number} id */
function differences(id) {
  const row = store.get("incidents", id);
  if (!row) return "";
  const theirs = triage.ofIncident(row);
  const parts = [];
  if (theirs.type !== triage.draft.type) parts.push(`${gettext("type")}: ${names.type(theirs.type)}`);
  if (theirs.address !== triage.draft.address) parts.push(`${gettext("address")}: ${theirs.address}`);
  if (theirs.area !== triage.draft.area) parts.push(`${gettext("kelurahan")}: ${names.area(theirs.area)}`);
  if (theirs.priority !== triage.draft.priority) parts.push(`P${theirs.priority}`);
  return parts.length ? `${gettext("It now says")}: ${parts.join("; ")}.` : "";
}

/** @param {string} text @param {string} id */
function refuse(text, id) {
  triage.say(text);
  byId(id).focus();
}

/** The call is about an incident that is known: link it, or merge its own into it.
 * @param {Candidate} candidate */
async function same(candidate) {
  const now = call();
  if (!now) return;
  const into = candidate.incident;
  const own = caseId();
  const done = own ? await post(`/incidents/${own}/merge`, { into, version: triage.version }) : await post(`/calls/${now.id}/link`, { incident: into });
  if (!done) return;
  toast(interpolate(own ? gettext("Merged into %s.") : gettext("The call belongs to %s. F10 closes it as a repeat."), [numberOf(into)]));
  candidates.look({}, true);
}

/** F7 without a candidate: choose among the open incidents. */
async function chooseSame() {
  const now = call();
  if (!now) return;
  const first = candidates.found[0];
  if (first) return same(first);
  const open = openIncidents().filter((i) => i.id !== caseId());
  if (!open.length) return toast(gettext("There is no other open incident."));
  const choices = /** @type {[string, string][]} */ (open.map((i) => [String(i.id), describe(i)]));
  const asked = await ask(gettext("The call is about"), [{ name: "incident", label: gettext("Incident"), choices }], { yes: gettext("Same") });
  if (asked) await same(candidateOf(Number(asked.incident)));
}

/** @param {number} id @returns {Candidate} */
const candidateOf = (id) => ({ incident: id, type: "", priority: 4, state: "", address: "", area: null, metres: null, minutes: 0, same_type: false, same_area: false });

const openIncidents = () => store.all("incidents").filter((i) => ACTIVE.includes(i.state)).sort((a, b) => b.id - a.id);

/** @param {Incident} row */
const describe = (row) => `${numberOf(row.id)} P${row.priority} ${names.type(row.type)}, ${names.place(row)}`;

async function close() {
  const now = call();
  if (!now || ![...TALKING, "reached"].includes(now.state)) return;
  const known = caseId();
  const likely = known === null ? "silent" : store.get("incidents", known)?.calls === 1 ? "emergency" : "repeat";
  const chosen = await chooseClass({ classes: names.catalogue.classes, incident: now.incident, open: openIncidents(), likely, unopened: now.unopened, describe });
  if (!chosen || current !== now.id) return;
  const text = triage.draft.note.trim();
  if (known && !triage.isSaved()) await saveCorrections(known);
  if (known && text) await sendNote(known, text);
  if (known && triage.isAtRisk()) return; // what could not be saved is said in the form
  closed.add(now.id);
  const answer = await post(`/calls/${now.id}/close`, { ...chosen, note: known ? "" : text }, { confirm: "confirm" });
  if (!answer) closed.delete(now.id);
  if (!answer) triage.say(gettext("The call is not closed. What you typed is still here."));
  else {
    drafts.drop(now.id);
    if (now.state === "reached") done();
    toast(interpolate(gettext("Call %s closed: %s"), [now.id, names.catalogue.classes[chosen.class] ?? chosen.class]));
  }
}

/** The calls that this window closed. @type {Set<number>} */
const closed = new Set();

/** A caller was rung back: the form serves to write the case. @param {Call} row */
function isReached(row) {
  reached.set(row.id, row);
  drafts.keepReached([...reached.keys()]);
  show(row.id);
}

function done() {
  if (current === null) return;
  reached.delete(current);
  drafts.keepReached([...reached.keys()]);
  drafts.drop(current);
  current = null;
  settle();
}

/** @param {number} id @param {string} text */
async function sendNote(id, text) {
  if (!(await post(`/incidents/${id}/note`, { text }))) return;
  triage.set({ note: "" });
  note.value = "";
}

const note = /** @type {HTMLInputElement} */ (byId("note"));
note.addEventListener("input", () => triage.set({ note: note.value }));
byId("note-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const id = caseId();
  const text = note.value.trim();
  if (id && text) void sendNote(id, text);
  else if (text) toast(gettext("Kept until the call is closed."));
});

async function enter() {
  const id = await enterCall();
  if (id) whenMine(id);
}

/** Rings sound until somebody answers; softly while I am talking. */
function sound() {
  const talking = queue.mine().some((c) => c.state === "answered");
  const late = new Set(store.all("alarms").filter((a) => a.code === "ringing" && a.state === "new").map((a) => a.subject));
  /** @type {Map<string, number>} */
  const causes = new Map();
  for (const c of queue.ringing()) causes.set(`ring:${c.id}`, talking ? 3 : late.has(`call:${c.id}`) ? 1 : 2);
  sounds.keep("ring:", causes);
  sounds.keep("alone:", new Map(queue.forgotten().map((c) => [`alone:${c.id}`, talking ? 3 : 2])));
}

registerKeys({ take: takeRinging, hold, close, save, same: chooseSame, enter }, triage, () => call() !== null);
for (const [id, run] of Object.entries({ hold, end: () => post(`/calls/${current}/end`), close, done, open: save, same: chooseSame, enter, help: () => keys.help() })) {
  byId(id).addEventListener("click", () => void run());
}

store.subscribe("calls", ({ put, gone, reset }) => {
  if (!reset && put.some((c) => c.state === "queued")) callBack(gettext("A call is waiting."), "call");
  const taken = put.find((c) => c.id === current && TALKING.includes(c.state) && c.operator !== null && c.operator !== me.me);
  if (taken) triage.say(interpolate(gettext("%s has taken over this call. What you typed is still here."), [names.user(taken.operator ?? 0)]));
  for (const row of gone) {
    const isMine = closed.has(row.id);
    if (isMine) drafts.drop(row.id);
    else if (row.id === current && triage.isAtRisk()) {
      reached.set(row.id, row);
      drafts.keepReached([...reached.keys()]);
      triage.say(gettext("Somebody else ended this call. What you typed is still here."));
    }
  }
  if (wanted !== null && store.get("calls", wanted)?.operator === me.me) whenMine(wanted);
  else settle();
});
store.subscribe("incidents", () => paint());
store.subscribe("operators", () => queue.paint(current));
store.subscribe("alarms", () => paint());
live.onJournal((rows) => {
  const now = call();
  const mine = rows.some((r) => r.kind !== "person.opened" && (r.subject === `call:${now?.id}` || (now?.incident && r.case === `incident:${now.incident}`)));
  if (mine) logSoon();
  if (rows.some((r) => r.kind === "call.close" || r.kind === "call.reclassify")) recent.load();
});
let seconds = 0;
live.onSecond(() => {
  tick(live.now());
  status(live);
  seconds += 1;
  if (seconds % 5 === 0) queue.paint(current); // stale claims show without news
  if (seconds % 30 === 0) candidates.look(candidates.known, true);
});

present(live);
await live.start();
for (const id of drafts.reached()) {
  const answer = await get(`/calls/${id}`).catch(() => null);
  if (answer) reached.set(id, answer.call);
}
const [first] = reached.keys();
if (current === null && first !== undefined) show(first);
settle();
