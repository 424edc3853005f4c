// What was recorded wrongly or is missing: a time of a unit's job, a note, a link.
// The record keeps what was there before.

import { ask, reasonField } from "./ask.js";
import { get, send, toast } from "./commands.js";
import { clock, zoneName } from "./format.js";
import { numberOf } from "./names.js";

/** The times that are known, and the states that were passed without one.
 * @typedef {{job: number, unit: string, times: {state: string, at: string, source: string}[], missing: string[]}} JobTimes */
/** A note that still counts, and the incident that it was written in.
 * @typedef {{id: number, incident: number, at: string, text: string}} Note */

const LONGEST = 60;

/** Say when a job really reached a state. @param {number} job
 * @param {Record<string, string>} states @param {Record<string, string>} reasons @param {string} [state] the last one if not given */
export async function correctTime(job, states, reasons, state) {
  /** @type {JobTimes | null} */
  const known = await get(`/dispatch/jobs/${job}/times`).catch(say);
  if (!known) return null;
  const now = known.times.find((t) => t.state === state) ?? known.times.at(-1);
  if (!now) return null;
  /** @type {Map<string, string>} */
  const at = new Map([...known.times.map((t) => /** @type {const} */ ([t.state, clock(t.at)])), ...known.missing.map((missing) => /** @type {const} */ ([missing, "–"]))]);
  // In the order in which they are gone through.
  const inOrder = Object.keys(states).filter((code) => at.has(code));
  const choices = Object.fromEntries(inOrder.map((code) => [code, `${states[code]} ${at.get(code)}`]));
  return ask(
    interpolate(gettext("Correct a time of %s"), [known.unit]),
    [{ name: "state", label: gettext("Which time"), choices, value: now.state }, { name: "at", label: interpolate(gettext("When it really was (%s)"), [zoneName]), kind: "moment", value: now.at }, reasonField(reasons)],
    {
      text: gettext("The time that was recorded stays in the record."),
      changed: (name, value, set) => {
        const time = known.times.find((t) => t.state === value);
        if (name === "state" && time) set("at", time.at);
      },
      send: (given) => send(`/dispatch/jobs/${job}/time`, { state: given.state, occurred_at: given.at, reason: given.reason }),
    },
  );
}

/** The notes of an incident that still count. @param {number} incident @returns {Promise<Note[]>} */
export async function notesOf(incident) {
  const told = await get(`/incidents/${incident}/timeline.json`).catch(say);
  return (told?.rows ?? []).filter(isNote).map(noteOf);
}

/** @param {StoryRow} row */
export const isNote = (row) => row.kind === "incident.note" && row.note !== null && !row.struck;

/** @param {StoryRow} row @returns {Note} */
export const noteOf = (row) => ({ id: row.note_id ?? 0, incident: Number(row.subject.split(":")[1]), at: clock(row.at), text: row.note ?? "" });

/** Strike a note through. Several to choose from may be given. @param {Note[]} notes
 * @param {Record<string, string>} reasons */
export async function strikeNote(notes, reasons) {
  const [first] = notes;
  if (!first) return say(new Error(gettext("There is no note to strike.")));
  const choices = /** @type {[string, string][]} */ ([...notes].reverse().map((note) => [String(note.id), `${note.at} ${short(note.text)}`]));
  const which = notes.length > 1 ? [{ name: "note", label: gettext("Note"), choices }] : [];
  const text = gettext("It stays readable.");
  return ask(gettext("Strike a note through"), [...which, reasonField(reasons)], {
    text: which.length ? text : `“${short(first.text)}” ${text}`,
    yes: gettext("Strike"),
    send: ({ note, reason }) => {
      const chosen = notes.find((n) => String(n.id) === note) ?? first;
      return send(`/incidents/${chosen.incident}/note/${chosen.id}/strike`, { reason });
    },
  });
}

/** Say that an incident belongs with another one. @param {number} incident
 * @param {[number, string][]} [others] open incidents to offer */
export function linkIncident(incident, others = []) {
  const kinds = { related: gettext("they are related"), parent: interpolate(gettext("%s is a part of it"), [numberOf(incident)]) };
  return ask(
    interpolate(gettext("Link %s with another incident"), [numberOf(incident)]),
    [
      { name: "other", label: gettext("Incident number"), kind: "incident", offers: others.filter(([id]) => id !== incident) },
      { name: "kind", label: gettext("How they belong together"), choices: kinds, value: "related" },
    ],
    { yes: gettext("Link"), send: ({ other, kind }) => send(`/incidents/${incident}/link`, { other: Number(other), kind }) },
  );
}

/** @param {unknown} problem */
function say(problem) {
  toast(problem instanceof Error ? problem.message : String(problem), { bad: true });
  return null;
}

/** @param {string} text */
const short = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
