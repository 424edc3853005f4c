// The verbs of the command line: one registry, from which the help is made as well.

import { STEPS, isFree, numberOf, stepNames, unitStateName } from "./names.js";

/** @import {Store} from "./store.js" */
/** @import {Names} from "./names.js" */

/** What the verbs may do to the screen and the city.
 * @typedef {{store: Store, names: Names, selected: () => number | null,
 *   choose: (id: number) => void, locate: (lat: number, lng: number) => void, openUnit: (unit: Unit) => void,
 *   filter: (agency: string) => void, correct: (job: {id: number}) => Promise<any>, strike: (incident: number) => Promise<any>, send: (incident: number, units: string[], version: number, sure?: boolean) => Promise<any>, post: (url: string, data?: Record<string, unknown>, confirm?: string) => Promise<any>}} Screen */
/** What a line means: `text` is shown before Enter; without `run` it cannot be done yet.
 * @typedef {{text: string, warn?: boolean, run?: () => Promise<any> | void}} Meaning */
/** @typedef {{verb: string, form: string, label: string, read: (words: string[], screen: Screen, rest: string) => Meaning}} Verb */

/** "amb3" and "AMB-03" are the same. @param {string} text */
const plain = (text) => text.toLowerCase().replace(/[^a-z0-9]/g, "").replace(/(\D)0+(?=\d)/g, "$1");

/** @param {Store} store @param {string} word */
export function findUnit(store, word) {
  const wanted = plain(word);
  return store.all("units").find((unit) => plain(unit.call_sign) === wanted);
}

/** @param {string} word */
const isNumber = (word) => /^#?\d+$/.test(word);

/** @param {Store} store @param {string | undefined} word */
const findIncident = (store, word) => (isNumber(word ?? "") ? store.get("incidents", Number(word?.replace("#", ""))) : undefined);

/** @param {Screen} screen @param {Incident} row */
const titleOf = (screen, row) => `${numberOf(row.id)} P${row.priority} ${screen.names.type(row.type)}`;

/** @param {string} text @returns {Meaning} */
const no = (text) => ({ text, warn: true });
const noIncident = (/** @type {string | undefined} */ word) => no(word ? interpolate(gettext("No open incident %s"), [word]) : gettext("Which incident?"));
/** Neither an incident nor a unit: a number was meant as an incident's. @param {string} word */
const nothing = (word) => (isNumber(word) ? noIncident(word) : no(interpolate(gettext("No unit %s"), [word])));

/** @param {Screen} screen @param {Unit} unit */
const stateOf = (screen, unit) => `${unit.call_sign} (${unitStateName(screen.names, unit)})`;

/** The same with where it is at work. @param {Screen} screen @param {Unit} unit */
const workOf = (screen, unit) => [stateOf(screen, unit), ...unit.jobs.map((job) => numberOf(job.incident))].join(" ");

/** @type {Verb["read"]} */
function send(words, screen) {
  const row = findIncident(screen.store, words[0]);
  if (!row) return noIncident(words[0]);
  const title = titleOf(screen, row);
  if (words.length < 2) return { text: `${title} ← ${gettext("which units?")}` };
  const units = words.slice(1).map((word) => findUnit(screen.store, word));
  const missing = units.indexOf(undefined);
  if (missing >= 0) return no(interpolate(gettext("No unit %s"), [words[missing + 1]]));
  const found = /** @type {Unit[]} */ (units);
  const text = `${title} ← ${found.map((unit) => workOf(screen, unit)).join(", ")}`;
  const signs = found.map((unit) => unit.call_sign);
  return { text, warn: found.some((unit) => !isFree(unit)), run: () => screen.send(row.id, signs, row.v) };
}

/** @type {Verb["read"]} */
function locate(words, screen) {
  if (!words[0]) return { text: gettext("Which unit or incident?") };
  const row = findIncident(screen.store, words[0]);
  const unit = findUnit(screen.store, words[0]);
  const at = row ? screen.names.point(row) : unit && unit.lat !== null && unit.lng !== null ? /** @type {const} */ ([unit.lat, unit.lng]) : null;
  if (!row && !unit) return nothing(words[0]);
  if (!at) return no(gettext("Its position is not known."));
  return { text: row ? `${titleOf(screen, row)} · ${screen.names.place(row)}` : stateOf(screen, /** @type {Unit} */ (unit)), run: () => screen.locate(at[0], at[1]) };
}

/** @type {Verb["read"]} */
function setPriority(words, screen) {
  const row = findIncident(screen.store, words[0]);
  if (!row) return noIncident(words[0]);
  const wanted = Number((words[1] ?? "").replace(/^p/i, ""));
  if (![1, 2, 3, 4].includes(wanted)) return { text: `${titleOf(screen, row)} → ${gettext("priority 1 to 4?")}` };
  // What was critical and no longer is needs a second thought.
  return { text: `${titleOf(screen, row)} → P${wanted}`, warn: row.priority === 1 && wanted > 1, run: () => screen.post(`/incidents/${row.id}/priority`, { priority: wanted, version: row.v }) };
}

/** @type {Verb["read"]} */
function setLevel(words, screen) {
  const row = findIncident(screen.store, words[0]);
  if (!row) return noIncident(words[0]);
  const wanted = Number(words[1]);
  if (![1, 2, 3, 4].includes(wanted)) return { text: `${titleOf(screen, row)} → ${gettext("alarm level 1 to 4?")}` };
  return { text: interpolate(gettext("%s → alarm level %s"), [titleOf(screen, row), wanted]), warn: wanted < row.level, run: () => screen.post(`/incidents/${row.id}/level`, { level: wanted, version: row.v }) };
}

/** @type {Verb["read"]} */
function note(words, screen, rest) {
  const row = findIncident(screen.store, words[0]);
  if (!row) return noIncident(words[0]);
  const text = rest.replace(/^\S+\s*/, "");
  if (!text) return { text: `${titleOf(screen, row)}: ${gettext("which note?")}` };
  return { text: `${titleOf(screen, row)}: “${text}”`, run: () => screen.post(`/incidents/${row.id}/note`, { text }) };
}

/** @type {Verb["read"]} */
function show(words, screen) {
  if (!words[0]) return { text: gettext("Which unit or incident?") };
  const row = findIncident(screen.store, words[0]);
  if (row) return { text: `${titleOf(screen, row)} · ${screen.names.state("incident", row.state)}`, run: () => screen.choose(row.id) };
  const unit = findUnit(screen.store, words[0]);
  if (!unit) return nothing(words[0]);
  return { text: workOf(screen, unit), run: () => screen.openUnit(unit) };
}

/** @type {Verb["read"]} */
function next(words, screen) {
  const meant = jobMeant(words, screen);
  if ("missing" in meant) return meant.missing;
  const { unit, job } = meant;
  const step = STEPS[job.state]?.[0];
  if (!step) return no(gettext("There is no next step."));
  return { text: `${stateOf(screen, unit)} ${numberOf(job.incident)} → ${stepNames()[step]}`, run: () => screen.post(`/dispatch/jobs/${job.id}/step`, { command: step }) };
}

/** @type {Verb["read"]} */
function merge(words, screen) {
  const [row, into] = [findIncident(screen.store, words[0]), findIncident(screen.store, words[1])];
  if (!row) return noIncident(words[0]);
  if (!into) return words[1] ? noIncident(words[1]) : { text: `${titleOf(screen, row)} → ${gettext("into which incident?")}` };
  return { text: `${titleOf(screen, row)} → ${titleOf(screen, into)}`, warn: true, run: () => screen.post(`/incidents/${row.id}/merge`, { into: into.id, version: row.v }) };
}

/** The one job that a unit and perhaps an incident mean, or why there is none.
 * @param {string[]} words @param {Screen} screen @returns {{unit: Unit, job: Unit["jobs"][number]} | {missing: Meaning}} */
function jobMeant(words, screen) {
  const unit = words[0] ? findUnit(screen.store, words[0]) : undefined;
  if (!unit) return { missing: words[0] ? no(interpolate(gettext("No unit %s"), [words[0]])) : { text: gettext("Which unit?") } };
  const wanted = findIncident(screen.store, words[1])?.id;
  const jobs = unit.jobs.filter((job) => wanted === undefined || job.incident === wanted);
  if (!jobs.length) return { missing: no(interpolate(gettext("%s has no job."), [unit.call_sign])) };
  if (jobs.length > 1) return { missing: no(interpolate(gettext("%s has several jobs: name the incident."), [unit.call_sign])) };
  return { unit, job: jobs[0] };
}

/** @type {Verb["read"]} */
function correct(words, screen) {
  const meant = jobMeant(words, screen);
  if ("missing" in meant) return meant.missing;
  const { unit, job } = meant;
  return { text: `${stateOf(screen, unit)} ${numberOf(job.incident)}`, run: () => screen.correct(job) };
}

/** @type {Verb["read"]} */
function link(words, screen) {
  const row = findIncident(screen.store, words[0]);
  if (!row) return noIncident(words[0]);
  if (!words[1]) return { text: `${titleOf(screen, row)} ↔ ${gettext("with which incident?")}` };
  // It need not be open any more.
  const other = Number(words[1].replace("#", ""));
  if (!isNumber(words[1])) return noIncident(words[1]);
  if (other === row.id) return no(interpolate(gettext("%s is the same incident."), [numberOf(other)]));
  const known = screen.store.get("incidents", other);
  return { text: `${titleOf(screen, row)} ↔ ${known ? titleOf(screen, known) : numberOf(other)}`, run: () => screen.post(`/incidents/${row.id}/link`, { other, kind: "related" }) };
}

/** @type {Verb["read"]} */
function strike(words, screen) {
  const row = findIncident(screen.store, words[0]);
  if (!row) return noIncident(words[0]);
  return { text: `${titleOf(screen, row)}: ${gettext("choose the note")}`, run: () => screen.strike(row.id) };
}

/** @type {Verb["read"]} */
function filter(words, screen) {
  if (!words[0]) return { text: gettext("All agencies"), run: () => screen.filter("") };
  const wanted = plain(words[0]);
  const found = Object.entries(screen.names.catalogue.agencies).find(([code, { short }]) => plain(code).startsWith(wanted) || plain(short).startsWith(wanted));
  return found ? { text: found[1].name, run: () => screen.filter(found[0]) } : no(interpolate(gettext("No agency %s"), [words[0]]));
}

/** All verbs. A function, since their names are in the user's language. @returns {Verb[]} */
export const verbs = () => [
  { verb: "k", form: "k 1044 amb3 pol2", label: gettext("Send units to an incident"), read: send },
  { verb: "n", form: "n amb3 [1044]", label: gettext("Next step of a unit's job"), read: next },
  { verb: "l", form: "l amb3", label: gettext("Show a unit or an incident on the map"), read: locate },
  { verb: "p", form: "p 1044 1", label: gettext("Set the priority"), read: setPriority },
  { verb: "a", form: "a 1044 2", label: gettext("Set the alarm level: the plan asks for more units"), read: setLevel },
  { verb: "c", form: `c 1044 ${gettext("text")}`, label: gettext("Write a note"), read: note },
  { verb: "s", form: "s amb3", label: gettext("Status of a unit or an incident"), read: show },
  { verb: "g", form: "g 1045 1044", label: gettext("Merge the first incident into the second"), read: merge },
  { verb: "h", form: "h 1045 1044", label: gettext("Link two incidents that belong together"), read: link },
  { verb: "w", form: "w amb3 [1044]", label: gettext("Correct a time of a unit's job"), read: correct },
  { verb: "x", form: "x 1044", label: gettext("Strike a note through"), read: strike },
  { verb: "f", form: "f psc", label: gettext("Show one agency's incidents only; without a name, all"), read: filter },
];

/** What a line means, before it is done. A number alone chooses an incident; `.` stands for
 * the chosen one. @param {string} line @param {Screen} screen @returns {Meaning | null} */
export function read(line, screen) {
  const trimmed = line.trim();
  if (!trimmed) return null;
  if (trimmed === "?") return { text: gettext("Keys and commands") };
  const chosen = screen.selected();
  const words = trimmed.split(/\s+/).map((word) => (word === "." && chosen !== null ? String(chosen) : word));
  if (isNumber(words[0])) return show(words, screen, trimmed);
  const verb = verbs().find((v) => v.verb === words[0].toLowerCase());
  if (!verb) return no(gettext("Unknown command. ? shows all."));
  const meaning = verb.read(words.slice(1), screen, trimmed.replace(/^\S+\s*/, ""));
  return { ...meaning, text: `${verb.label}: ${meaning.text}` };
}
