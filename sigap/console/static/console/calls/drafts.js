// What is typed for a call, kept in this window until the call is closed.

/** @typedef {{label: string, precision: string, landmark: number | null, area: string,
 *   lat: number | null, lng: number | null, source?: string, accuracy?: number | null}} Place
 * @typedef {{address: string, place: Place | null, area: string, type: string, victims: string,
 *   reporter: string, chronology: string, answers: Record<string, string>, priority: number | null,
 *   siren: boolean | null, note: string, fieldAction: boolean}} Draft */

const PREFIX = "sigap.draft.";
const REACHED = "sigap.reached";

/** @returns {Draft} */
export const empty = () => ({
  address: "",
  place: null,
  area: "",
  type: "",
  victims: "",
  reporter: "",
  chronology: "",
  answers: {},
  priority: null,
  siren: null,
  note: "",
  fieldAction: false,
});

/** @typedef {{draft: Draft, saved: Draft | null, version: number | null, incident: number | null}} Kept
 *  The form, what of it the server has, and the incident and version that this was. */

/** @param {number} call @returns {Kept | null} */
export function load(call) {
  const text = sessionStorage.getItem(PREFIX + call);
  if (!text) return null;
  try {
    const kept = JSON.parse(text);
    return { ...kept, draft: { ...empty(), ...kept.draft } };
  } catch {
    return null;
  }
}

/** @param {number} call @param {Kept} kept */
export function save(call, kept) {
  try {
    sessionStorage.setItem(PREFIX + call, JSON.stringify(kept));
  } catch {
    // A full store must not stop the typing; the form itself still has it all.
  }
}

/** The calls that something is kept for. @returns {number[]} */
export const all = () => Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX)).map((key) => Number(key.slice(PREFIX.length)));

/** Whether anything was typed for a call that only this window has. @param {number} call */
export function isAtRisk(call) {
  const kept = load(call);
  if (!kept) return false;
  const known = kept.saved ?? empty();
  return kept.draft.note.trim() !== "" || JSON.stringify({ ...kept.draft, note: "" }) !== JSON.stringify({ ...known, note: "" });
}

/** @param {number} call */
export const drop = (call) => sessionStorage.removeItem(PREFIX + call);

/** The calls that are over and whose case is still being written. @returns {number[]} */
export const reached = () => JSON.parse(sessionStorage.getItem(REACHED) ?? "[]");

/** @param {number[]} calls */
export const keepReached = (calls) => sessionStorage.setItem(REACHED, JSON.stringify(calls));
