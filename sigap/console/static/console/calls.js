// The call taker's screen: answer, ask, decide, close, with the keyboard.

import { ask, reasonField } from "./ask.js";
import { Callbacks, enterCall } from "./calls/callbacks.js";
import { chooseClass } from "./calls/closing.js";
import * as drafts from "./calls/drafts.js";
import { asNote } from "./calls/facts.js";
import { showHanded } from "./calls/handed.js";
import { fillHandover, offerHandover } from "./calls/handover.js";
import { history, returned, said } from "./calls/known.js";
import { bringIn, isInCompany, paintParties } from "./calls/parties.js";
import { Pause } from "./calls/pause.js";
import { Queue, TALKING, isLater } from "./calls/queue.js";
import { Recent } from "./calls/recent.js";
import { Saving } from "./calls/saving.js";
import { registerKeys } from "./calls/shortcuts.js";
import { Candidates, paintEarlier, paintLog, paintRecordings } from "./calls/side.js";
import { Triage } from "./calls/triage.js";
import { get, post, send, toast } from "./commands.js";
import { byId, fill, given, h } from "./dom.js";
import { dateTime } from "./format.js";
import * as keys from "./keys.js";
import { ACTIVE, Names, numberOf, phone } from "./names.js";
import { PhoneLine } from "./phone.js";
import { callBack, present } from "./presence.js";
import * as sounds from "./sounds.js";
import { Live, catalogue } from "./stream.js";
import { tick, timer } from "./timers.js";
import { status } from "./topbar.js";
import { warningsIn } from "./warnings.js";

/** @import {Candidate} from "./calls/side.js" */

/** @type {{me: number, supervises: boolean, reached: number[]}} */
const me = given("me");
const live = new Live("console");
const { store } = live;
const names = new Names(await catalogue());

/** Which of my calls the form shows. @type {number | null} */
let current = null;
/** Calls that are not live any more and whose case is still being written: reached callers,
 * what somebody else closed under my hands, and a closed call that turned out to be about an
 * emergency. @type {Map<number, Call>} */
const over = new Map();

const triage = new Triage(names, changed, (area) => warningsIn(store, area));
const phoneLine = new PhoneLine(live, names, triage);
fillHandover(() => triage.draft);
showHanded(live, names);
const queue = new Queue(live, names, me.me, me.supervises, { take, open: (call) => show(call.id), takeOver });
const callbacks = new Callbacks(live, names, isReached);
const recent = new Recent(names, { open: openIncidents, describe, takeUp });
const saving = new Saving(live, names, triage, () => candidates.found.map((known) => known.incident));
byId("whole-form").addEventListener("click", ({ currentTarget }) => {
  const shown = document.body.classList.toggle("whole-form");
  /** @type {HTMLElement} */ (currentTarget).setAttribute("aria-pressed", String(shown));
});
const pause = new Pause(live, names, me.me);
const candidates = new Candidates(names, (candidate) => void same(candidate));

/** The telephone in this browser, where there is one. @type {import("./calls/telephone.js").Telephone | null} */
let telephone = null;
/** My calls when I lifted it: the one that comes to them is shown. @type {Set<number> | null} */
let lifted = null;

/** @returns {Call | null} */
const call = () => (current === null ? null : (store.get("calls", current) ?? over.get(current) ?? null));
/** The call's incident, or the one that it was merged into. */
const incident = () => {
  const id = call()?.incident ?? null;
  return id === null ? undefined : (store.all("incidents").find((i) => i.merged.includes(id)) ?? store.get("incidents", id));
};
const caseId = () => incident()?.id ?? call()?.incident ?? null;

/** @param {number | null} id */
function show(id) {
  if (id === current && id !== null) return;
  current = id;
  const now = call();
  triage.show(now, incident());
  clear();
  if (now) void pop(now);
  paint();
}

/** Nothing is known of the caller yet. */
function clear() {
  paintEarlier([], names);
  paintRecordings([]);
  paintLog([]);
  byId("kept").textContent = "";
}

/** The screen pop: who calls, and what happened so far. @param {Call} about */
async function pop(about) {
  const answer = await get(`/calls/${about.id}`).catch(() => null);
  if (!answer || about.id !== current) return;
  paintEarlier(answer.earlier, names);
  paintRecordings(answer.recordings);
  byId("kept").textContent = answer.notes.map((/** @type {{text: string}} */ { text }) => text).join("; ");
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
  const id = caseId();
  const answer = await get(id ? `/incidents/${id}/timeline.json` : `/calls/${now.id}`).catch(() => null);
  if (!answer || now.id !== current || id !== caseId()) return;
  paintLog(answer.rows ?? answer.story);
  if (id && id === triage.incident) triage.hear(answer.words);
}

/** Choose what to show when the shown call has gone, or none was shown. */
function settle() {
  if (current !== null && !call()) current = null;
  if (current === null) {
    // First whoever is on the line, then what is still to be written.
    const next = queue.mine()[0]?.id ?? [...over.keys()][0];
    if (next !== undefined) return show(next);
    triage.show(null, undefined);
    clear();
  }
  paint();
}

function paint() {
  const now = call();
  const here = incident();
  const before = triage.incident;
  queue.paint(current);
  callbacks.paint();
  byId("triage").hidden = !now;
  byId("no-call").hidden = now !== null || pause.since !== null;
  byId("paused").hidden = now !== null || pause.since === null;
  if (here) triage.news(here);
  if (before !== triage.incident) logSoon(); // the log of the one that the form shows now
  if (now) paintHead(now);
  changed();
  sound();
  telephone?.look();
}

/** Whether a call is mine to finish. @param {Call} row */
const isMine = (row) => row.state === "reached" || (TALKING.includes(row.state) && [me.me, null].includes(row.operator));

/** @param {Call} now */
function paintHead(now) {
  const isOn = isMine(now) && ["answered", "held"].includes(now.state);
  fill(
    byId("call-head"),
    h("strong", { class: "mono call-number" }, phone(now)),
    h("span", { class: "state" }, names.state("call", now.state)),
    isLater(now) ? h("span", null, interpolate(gettext("entered afterwards, of %s"), [dateTime(now.began_at ?? "")])) : now.state === "wrap_up" ? timer(now.ended_at) : now.ended_at ? null : timer(now.answered_at),
    h("span", { class: "dim" }, interpolate(gettext("call %s"), [now.id])),
    ...returned(now),
    ...history(now, names),
    ...said(now),
  );
  const link = /** @type {HTMLAnchorElement} */ (byId("case"));
  link.hidden = !now.incident;
  link.href = `/incidents/${caseId()}`;
  link.textContent = interpolate(gettext("Incident %s"), [numberOf(caseId() ?? 0)]);
  const report = /** @type {HTMLAnchorElement} */ (byId("as-complaint"));
  report.hidden = Boolean(now.incident);
  report.href = `/complaints/new?call=${now.id}`;
  offerHandover(now.id);
  byId("hold").hidden = !isOn;
  byId("hold-text").textContent = now.state === "held" ? gettext("Resume") : gettext("Hold");
  byId("end").hidden = !isOn;
  byId("bring").hidden = !isOn || !now.connected;
  byId("leave").hidden = !isOn || !isInCompany(now);
  paintParties(now, names, isMine(now));
  byId("close").hidden = !isMine(now);
  byId("done").hidden = isMine(now);
  byId("note-label").textContent = now.incident || now.state === "closed" ? gettext("Note into the incident") : gettext("Note, kept when the call is closed");
}

/** After each change of the form: what else may be the same, and whether all is saved. */
function changed() {
  const now = call();
  const { draft } = triage;
  phoneLine.show(now);
  const { place, area, type } = draft;
  const point = place && place.lat !== null && place.precision !== "area" ? { lat: place.lat, lng: place.lng } : {};
  candidates.look(now ? { type, area, exclude: caseId(), ...point } : {});
  const unsaved = now?.incident && triage.saved && !triage.isSaved();
  byId("unsaved").textContent = unsaved ? gettext("not saved yet") : "";
  const opens = saving.placeless === now?.id && !triage.isPlaced() ? gettext("Open without a location?") : gettext("Open incident");
  byId("open-text").textContent = now?.incident ? gettext("Save corrections") : opens;
}

/** @param {Call} about */
async function take(about) {
  // One caller at a time: whoever I talk to waits, where their waiting is seen.
  const talking = queue.mine().find((c) => c.state === "answered");
  if (talking) await post(`/calls/${talking.id}/hold`);
  answering = about.id;
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
/** The call that I took last. @type {number | null} */
let answering = null;

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
  if (place === 0 && telephone?.lift()) lifted = new Set(queue.mine().map((c) => c.id));
  else if (next) void take(next);
  else toast(gettext("Nobody is waiting."));
}

async function hold() {
  const now = call();
  if (now?.state === "answered") await post(`/calls/${now.id}/hold`);
  else if (now?.state === "held") await talkTo(now);
  else await swap();
}

/** Somebody else is to come to the line. */
function bring() {
  const now = call();
  if (!now || !isMine(now) || !["answered", "held"].includes(now.state)) return;
  if (now.connected) bringIn(now, live, names, me.me);
  else toast(gettext("No telephone exchange is connected for this call."), { bad: true });
}

/** Talk to the caller who is on hold longest. */
async function swap() {
  const next = queue.waiting()[0];
  if (next) await talkTo(next);
  else toast(gettext("Nobody else is on hold."));
}

/** Talk to a caller on hold; whoever I talk to waits meanwhile. @param {Call} next */
async function talkTo(next) {
  const talking = queue.mine().find((c) => c.state === "answered");
  if (talking && !(await post(`/calls/${talking.id}/hold`))) return;
  resumed = next.id;
  if (await post(`/calls/${next.id}/resume`)) showResumed();
  else resumed = null;
}

/** The caller on hold whom I go back to. @type {number | null} */
let resumed = null;

/** Show them once the stream says that they are not on hold any more: a key acts on what the
 * screen shows. */
function showResumed() {
  const row = resumed === null ? undefined : store.get("calls", resumed);
  if (!row || row.state === "held") return;
  resumed = null;
  show(row.id);
}

/** Open the incident, or save what was corrected since. */
async function save() {
  const now = call();
  if (!now) return;
  const known = caseId();
  if (known) return saving.corrections(known);
  const opened = await saving.open(now);
  const words = triage.draft.note.trim();
  if (opened && words && current === now.id) void sendNote(opened, words);
  changed();
}

/** The call is about an incident that is known: link it, or merge its own into it.
 * @param {Candidate} candidate */
async function same(candidate) {
  const now = call();
  if (!now) return;
  const into = candidate.incident;
  const own = caseId();
  const linked = now.state === "closed" ? "reclassify" : "link"; // a closed call is a repeat at once
  const done = own ? await post(`/incidents/${own}/merge`, { into, version: triage.version }) : await post(`/calls/${now.id}/${linked}`, { incident: into, class: "repeat" });
  if (!done) return;
  const words = own ? gettext("Merged into %s.") : now.state === "closed" ? gettext("The call is a repeat of %s now.") : gettext("The call belongs to %s. F10 closes it as a repeat.");
  toast(interpolate(words, [numberOf(into)]));
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

/** Incidents that more calls may be about. @returns {Incident[]} */
function openIncidents() {
  return store.all("incidents").filter((i) => ACTIVE.includes(i.state)).sort((a, b) => b.id - a.id);
}

/** @param {Incident} row */
function describe(row) {
  return `${numberOf(row.id)} P${row.priority} ${names.type(row.type)}, ${names.place(row)}`;
}

async function close() {
  const now = call();
  if (!now) return;
  if (!isMine(now)) return done();
  const known = caseId();
  const likely = known === null ? "silent" : store.get("incidents", known)?.calls === 1 ? "emergency" : "repeat";
  const text = known ? triage.draft.note.trim() : asNote(triage.draft, names);
  const title = interpolate(gettext("Close call %(id)s, %(phone)s, as"), { id: now.id, phone: phone(now) }, true);
  const chosen = await chooseClass({ title, classes: names.catalogue.classes, incident: known, open: openIncidents(), likely, unopened: now.unopened, kept: known ? "" : text, describe });
  await saving.opening;
  if (!chosen || current !== now.id) return;
  if (known && !triage.isSaved()) await saving.corrections(known);
  if (known && text) await sendNote(known, text);
  if (known && triage.isAtRisk()) {
    // Why it could not be saved stands in the form already.
    if (!byId("form-error").textContent) triage.say(gettext("The call is not closed. What you typed is still here."));
    return;
  }
  closed.add(now.id);
  const answer = await post(`/calls/${now.id}/close`, { ...chosen, note: known ? "" : text }, { confirm: "confirm" });
  if (!answer) closed.delete(now.id);
  if (!answer) triage.say(gettext("The call is not closed. What you typed is still here."));
  else {
    drafts.drop(now.id);
    if (now.state === "reached") leave();
    toast(interpolate(gettext("Call %s closed: %s"), [now.id, names.catalogue.classes[chosen.class] ?? chosen.class]));
  }
}

/** The calls that this window closed. @type {Set<number>} */
const closed = new Set();

/** A caller was rung back: the form serves to write the case. @param {Call} row */
function isReached(row) {
  over.set(row.id, row);
  drafts.keepReached([...over.keys()]);
  show(row.id);
}

/** A closed call turned out to be about an emergency: the form serves to open its incident.
 * @param {number} id */
async function takeUp(id) {
  const answer = await get(`/calls/${id}`).catch(() => null);
  if (!answer) return;
  isReached(answer.call);
  // What was noted then is what is known now.
  const noted = answer.notes.map((/** @type {{text: string}} */ { text }) => text).join("; ");
  if (noted && !triage.isAtRisk()) triage.write({ chronology: noted });
  byId("address").focus();
}

/** Leave a case that is not mine to close, or is closed; what was typed is not dropped unasked. */
async function done() {
  const lost = triage.isAtRisk() ? asNote(triage.draft, names) : "";
  if (!lost || (await ask(gettext("Leave what you typed?"), [], { text: lost, yes: gettext("Leave it") }))) leave();
}

function leave() {
  if (current === null) return;
  over.delete(current);
  drafts.keepReached([...over.keys()]);
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
  else if (text) toast(call()?.state === "closed" ? gettext("Kept until the incident is opened (F4).") : gettext("Kept until the call is closed."));
});

async function enter() {
  const id = await enterCall();
  if (id) whenMine(id);
}

/** A call is over. What was typed for it and is nowhere else stays, whoever ended it.
 * @param {Call} row */
function ended(row) {
  if (closed.has(row.id) || !(row.id === current ? triage.isAtRisk() : drafts.isAtRisk(row.id))) return drafts.drop(row.id);
  over.set(row.id, row);
  drafts.keepReached([...over.keys()]);
  const text = gettext("Somebody else ended this call. What you typed is still here.");
  if (row.id === current) triage.say(text);
  else toast(`${phone(row)}: ${text}`, { bad: true });
  settle();
}

/** Rings sound until somebody answers; softly while I am talking, and while I am away unless
 * nobody else comes. */
function sound() {
  const talking = queue.mine().some((c) => c.state === "answered");
  const late = new Set(store.all("alarms").filter((a) => a.code === "ringing" && a.state === "new").map((a) => a.subject));
  /** @type {Map<string, number>} */
  const causes = new Map();
  for (const c of queue.ringing()) causes.set(`ring:${c.id}`, talking ? 3 : late.has(`call:${c.id}`) ? 1 : pause.since ? 3 : 2);
  sounds.keep("ring:", causes);
  sounds.keep("alone:", new Map(queue.forgotten().map((c) => [`alone:${c.id}`, talking ? 3 : 2])));
}

registerKeys({ take: takeRinging, hold, swap, bring, close, save, same: chooseSame, enter, locate: () => phoneLine.use(), pause: () => pause.toggle() }, triage, () => call() !== null);
for (const [id, run] of Object.entries({ hold, end: () => post(`/calls/${current}/end`), bring, leave: () => post(`/calls/${current}/leave`), close, done, open: save, same: chooseSame, enter, pause: () => pause.toggle(), help: () => keys.help() })) {
  byId(id).addEventListener("click", () => void run());
}

store.subscribe("calls", ({ put, gone, reset }) => {
  if (!reset && put.some((c) => c.state === "queued")) callBack(gettext("A call is waiting."), "call");
  const taken = put.find((c) => c.id === current && TALKING.includes(c.state) && c.operator !== null && c.operator !== me.me);
  if (taken) triage.say(interpolate(gettext("%s has taken over this call. What you typed is still here."), [names.user(taken.operator ?? 0)]));
  for (const row of gone) {
    if (over.has(row.id)) over.set(row.id, row);
    else ended(row);
  }
  // What ended while this screen was cut off is in no news.
  if (reset) for (const id of drafts.all()) if (!store.get("calls", id) && !drafts.reached().includes(id)) void get(`/calls/${id}`).then((answer) => ended(answer.call), () => null);
  const arrived = queue.mine().find((c) => lifted && !lifted.has(c.id));
  if (arrived) [wanted, lifted] = [arrived.id, null];
  showResumed();
  if (wanted !== null && store.get("calls", wanted)?.operator === me.me) whenMine(wanted);
  else settle();
});
store.subscribe("incidents", () => paint());
store.subscribe("operators", () => {
  pause.paint();
  paint();
});
store.subscribe("alarms", () => paint());
store.subscribe("warnings", () => triage.paintParts());
live.onJournal((rows) => {
  const now = call();
  const mine = rows.some((r) => r.kind !== "person.opened" && (r.kind.startsWith("party.") || r.subject === `call:${now?.id}` || (now?.incident && [now.incident, caseId()].some((id) => r.case === `incident:${id}`))));
  if (mine) logSoon();
  if (rows.some((r) => r.kind === "call.refuse" && r.subject === `call:${answering}`)) toast(gettext("No telephone of yours took the call: it rings for everybody again."), { bad: true });
  if (now && rows.some((r) => r.kind === "call.recorded" && r.subject === `call:${now.id}`)) void pop(now);
  if (rows.some((r) => ["call.close", "call.reclassify", "call.recorded"].includes(r.kind))) recent.load();
});
let seconds = 0;
live.onSecond(() => {
  tick(live.now());
  phoneLine.tick();
  status(live);
  seconds += 1;
  if (seconds % 5 === 0) queue.paint(current); // stale claims show without news
  if (seconds % 30 === 0) candidates.look(candidates.known, true);
});

present(live);
await live.start();
if (document.getElementById("telephone-line")) {
  const { begin } = await import("./calls/telephonebar.js");
  telephone = begin({ wanted: () => wanted !== null || queue.mine().some((c) => c.state === "answered" && !c.manual), take: () => takeRinging(0) });
}
for (const id of new Set([...drafts.reached(), ...me.reached])) {
  const answer = await get(`/calls/${id}`).catch(() => null);
  if (answer) over.set(id, answer.call);
}
settle();
