// The form as the server takes it, and an incident as the form shows it.

/** @import {Draft} from "./drafts.js"
 *  @import {Names} from "../names.js" */

/** The victims as a number; null when there is none. @param {string} text */
export const victims = (text) => (/^\d+$/.test(text.trim()) ? Number(text) : null);

/** Where it is. @param {Draft} draft */
function placeOf({ place, area }) {
  if (place?.landmark) return { landmark: place.landmark, area: area || place.area };
  if (place && place.lat !== null) return { lat: place.lat, lng: place.lng, location_source: place.source ?? "typed", accuracy_m: place.accuracy ?? null };
  return { area };
}

/** The whole form, to open an incident. @param {Draft} draft @param {Record<string, string>} given */
export const whole = (draft, given) => ({
  type: draft.type,
  address: draft.address,
  chronology: draft.chronology,
  reporter: draft.reporter,
  victims: victims(draft.victims),
  answers: Object.fromEntries(Object.entries(given).filter(([, answer]) => answer)),
  priority: draft.priority,
  siren: draft.siren,
  ...placeOf(draft),
});

/** What differs from the server, by command.
 * @param {Draft} draft @param {Draft} saved @param {Record<string, string>} given */
export function corrections(draft, saved, given) {
  /** @type {Record<string, unknown>} */
  const facts = {};
  for (const name of /** @type {const} */ (["address", "chronology", "reporter", "type"])) {
    if (draft[name] !== saved[name]) facts[name] = draft[name];
  }
  if (draft.victims !== saved.victims) facts.victims = victims(draft.victims);
  if (JSON.stringify([draft.place, draft.area]) !== JSON.stringify([saved.place, saved.area])) Object.assign(facts, placeOf(draft));
  const answers = Object.fromEntries(Object.entries(given).filter(([q, a]) => (saved.answers[q] ?? "") !== a));
  const changed = draft.priority !== saved.priority || draft.siren !== saved.siren;
  return {
    facts: Object.keys(facts).length ? facts : null,
    answers: Object.keys(answers).length ? { answers } : null,
    priority: changed && draft.priority ? { priority: draft.priority, siren: draft.siren } : null,
  };
}

/** An incident as the form shows it; what its row does not tell stays as it was typed.
 * @param {Incident} incident @param {Draft} draft @param {Names} names @returns {Draft} */
export function ofIncident(incident, draft, names) {
  const area = incident.area ?? "";
  const { lat, lng, landmark, location_source: source } = incident;
  const mark = names.catalogue.landmarks.find((m) => m.name === landmark);
  const label = mark?.name ?? (source === "handset" ? gettext("Phone's location") : incident.address);
  const hasPoint = lat !== null && lng !== null && source !== "area";
  return {
    ...draft,
    address: incident.address,
    area,
    place: hasPoint || mark ? { label, precision: "exact", landmark: mark?.id ?? null, area, lat: hasPoint ? lat : null, lng: hasPoint ? lng : null, source: source === "handset" ? source : undefined } : null,
    type: incident.type,
    victims: incident.victims === null ? "" : String(incident.victims),
    answers: { ...incident.answers },
    priority: incident.priority,
    siren: incident.siren,
  };
}

/** All that was typed, as one note: the words must not be lost where there is no incident.
 * @param {Draft} draft @param {Names} names */
export function asNote(draft, names) {
  const parts = /** @type {[string, string][]} */ ([
    ["", draft.note],
    [gettext("Address"), draft.address],
    [gettext("Kelurahan"), names.area(draft.area)],
    [gettext("Type"), draft.type && names.type(draft.type)],
    [gettext("Victims"), draft.victims],
    [gettext("Reporter"), draft.reporter],
    [gettext("What happened"), draft.chronology],
  ]);
  const typed = parts.map(([label, text]) => [label, text.trim()]).filter(([, text]) => text);
  return typed.map(([label, text]) => (label ? `${label}: ${text}` : text)).join("; ");
}
