// What the page shows: the last snapshot, with what was pressed since laid over it. Pure functions.

/** @typedef {import("./types").Act} Act */
/** @typedef {import("./types").State} State */
/** @typedef {import("./types").Job} Job */

const MOVING_OR_THERE = ["en_route", "on_scene", "to_destination", "at_destination"];

/** The state as if everything that waits had arrived. @param {State} state @param {Act[]} acts @returns {State} */
export function withOutbox(state, acts) {
  /** @type {State} */
  const shown = structuredClone(state);
  for (const act of acts) {
    if (act.state !== "refused" && act.unit === shown.unit.call_sign) lay(shown, act);
  }
  shown.jobs = shown.jobs.filter((job) => shown.ways[job.state]?.next);
  shown.jobs.sort((a, b) => Number(MOVING_OR_THERE.includes(b.state)) - Number(MOVING_OR_THERE.includes(a.state)) || a.priority - b.priority || a.id - b.id);
  return shown;
}

/** @param {State} shown @param {Act} act */
function lay(shown, { name, data, phone_ms, offset_ms }) {
  const job = shown.jobs.find((one) => one.id === data.assignment);
  const at = phone_ms + (offset_ms ?? 0);
  const asked = { at, heard_at: null, queued: true };
  if (name === "step" && job) {
    const way = shown.ways[job.state];
    const leads = way && (way.next === data.command || way.further.includes(data.command) || (data.command === "decline" && way.may_decline));
    if (!leads) return; // somebody else was faster
    job.state = shown.targets[data.command];
    job.state_name = shown.ways[job.state].name;
    job.at = at;
    job.pending = true;
    if (data.destination) headTo(job, data.destination);
  } else if (name === "destination" && job) headTo(job, data.destination);
  else if (name === "photo" && job) job.photos += 1;
  else if (name === "form" && job) job.reports += 1;
  else if (name === "caller" && job) job.caller ??= asked;
  else if (name === "mayday") shown.mayday ??= asked;
  else if (name === "mayday_over") shown.mayday = null;
  else if (name === "aboard") shown.aboard = data.count ? { people: data.people, count: data.count } : null;
  else if (name === "duty") shown.unit.on_duty = data.on_duty;
  else if (name === "readiness") shown.unit.readiness = data.readiness;
  else if (name === "availability") shown.unit.state = data.command === "withdraw" ? "unavailable" : "available";
}

/** It drives there, as far as this phone knows the place. @param {Job} job @param {string} code */
function headTo(job, code) {
  const known = job.destinations.find(([one]) => one === code);
  job.destination = known ? { code, name: known[1], warns: false } : null;
}

/** What an act is called in the list of what waits. @param {Act} act @param {State | null} state */
export function title(act, state) {
  const names = {
    note: gettext("Note"),
    destination: gettext("Hospital"),
    check: gettext("Check of vehicle and equipment"),
    photo: gettext("Photo"),
    duty: act.data.on_duty ? gettext("Begin duty") : gettext("End duty"),
    readiness: gettext("Readiness"),
    availability: act.data.command === "withdraw" ? gettext("Out of service") : gettext("Back in service"),
    mayday: gettext("Call for help"),
    mayday_over: gettext("Call for help called off"),
    caller: gettext("Speak with the caller"),
    aboard: gettext("On board"),
  };
  if (act.name === "step") return state?.commands[act.data.command] ?? act.data.command;
  if (act.name === "form") return state?.forms.find(([form]) => form === act.data.form)?.[1] ?? act.data.form;
  return names[/** @type {keyof typeof names} */ (act.name)] ?? act.name;
}
