// What people call the things that the rows name by code.

/** Job states in which a unit is at work. */
export const AT_WORK = ["notified", "acknowledged", "en_route", "on_scene", "to_destination", "at_destination"];
export const ACTIVE = ["open", "in_progress", "reopened"];

/** Steps that a crew reports, by the state they start from: the usual one first.
 * @type {Record<string, string[]>} */
export const STEPS = {
  notified: ["acknowledge", "depart", "arrive", "decline"],
  acknowledged: ["depart", "arrive", "decline"],
  en_route: ["arrive", "complete"],
  on_scene: ["complete", "transport"],
  to_destination: ["reach", "complete"],
  at_destination: ["complete"],
};

/** @returns {Record<string, string>} */
export const stepNames = () => ({
  acknowledge: gettext("Accept"),
  depart: gettext("En route"),
  arrive: gettext("On scene"),
  transport: gettext("Transport"),
  reach: gettext("At destination"),
  complete: gettext("Complete"),
  decline: gettext("Decline"),
});

/** Names of codes, from the server's catalogue. */
export class Names {
  /** @param {Catalogue} catalogue */
  constructor(catalogue) {
    this.catalogue = catalogue;
  }

  /** @param {string} code */
  type(code) {
    return this.catalogue.types[code]?.name ?? code;
  }

  /** @param {string} code */
  agency(code) {
    return this.catalogue.agencies[code]?.short ?? code;
  }

  /** @param {string} code of the phone book */
  entry(code) {
    return this.catalogue.phone_book.find((entry) => entry.code === code)?.name ?? code;
  }

  /** @param {string | null} code */
  area(code) {
    return code ? (this.catalogue.areas[code]?.name ?? code) : "";
  }

  /** @param {string} machine @param {string} state */
  state(machine, state) {
    return this.catalogue.states[machine]?.[state] ?? state;
  }

  /** What kind of vehicle, which the rows say in Indonesian. @param {string} kind */
  kind(kind) {
    return this.catalogue.kinds[kind] ?? kind;
  }

  /** @param {string} code */
  capability(code) {
    return this.catalogue.capabilities[code] ?? code;
  }

  /** @param {string} purpose @returns {Record<string, string>} */
  reasons(purpose) {
    return this.catalogue.reasons[purpose] ?? {};
  }

  /** @param {string} code a reason of whatever purpose */
  reason(code) {
    for (const list of Object.values(this.catalogue.reasons)) if (list[code]) return list[code];
    return code;
  }

  /** How the gate let a call through. @param {string} code */
  gate(code) {
    return this.catalogue.gates[code] ?? code;
  }

  /** Why a machine did something. @param {string} code */
  cause(code) {
    return this.catalogue.causes[code] ?? code;
  }

  /** @param {string} code */
  alarm(code) {
    return this.catalogue.alarms[code] ?? code;
  }

  /** @param {string} code */
  role(code) {
    return this.catalogue.roles[code] ?? code;
  }

  /** @param {number | string} id */
  user(id) {
    return this.catalogue.users[String(id)] ?? gettext("unknown person");
  }

  /** Whoever acted, as the journal names them. @param {string} actor */
  actor(actor) {
    const [kind, key] = actor.split(":");
    return kind === "user" ? this.user(key) : gettext("System");
  }

  /** Where an incident is, in words. @param {Incident} incident */
  place(incident) {
    const area = this.area(incident.area);
    const where = incident.address || incident.landmark;
    if (where && area && !where.toLowerCase().includes(area.toLowerCase())) return `${where}, ${area}`;
    return where || area || gettext("Place not known");
  }

  /** Where to draw an incident: its point, else the middle of its area.
   * @param {Incident} incident @returns {[number, number] | null} */
  point(incident) {
    if (incident.lat !== null && incident.lng !== null && incident.lat !== undefined) return [incident.lat, incident.lng];
    const area = incident.area ? this.catalogue.areas[incident.area] : undefined;
    return area ? [area.lat, area.lng] : null;
  }
}

/** The jobs of an incident that are under way. @param {Incident} incident */
export const working = (incident) => incident.jobs.filter((job) => AT_WORK.includes(job.state));

/** Whether nobody has been sent yet. @param {Incident} incident */
export const isUndispatched = (incident) =>
  ["open", "reopened"].includes(incident.state) && !incident.jobs.some((job) => AT_WORK.includes(job.state));

/** Since when an incident waits, and the target that runs now (0: none).
 * @param {Incident} incident @param {Record<string, Record<string, number>>} targets
 * @returns {{since: string, target: number}} */
export function clockOf(incident, targets) {
  const targetOf = (/** @type {string} */ clock) => targets[clock]?.[incident.group] ?? targets[clock]?.[""] ?? 0;
  const since = incident.received_at ?? incident.opened_at;
  if (!ACTIVE.includes(incident.state)) return { since, target: 0 };
  if (isUndispatched(incident)) return { since: incident.opened_at, target: targetOf("processing") };
  const there = incident.jobs.some((job) => ["on_scene", "to_destination", "at_destination", "completed"].includes(job.state));
  return { since, target: there ? 0 : targetOf("total") };
}

/** What a unit does, as one state: that of its most advanced job, or its own.
 * @param {Unit} unit @returns {string} */
export function unitState(unit) {
  const order = AT_WORK;
  const last = [...unit.jobs].sort((a, b) => order.indexOf(b.state) - order.indexOf(a.state))[0];
  if (last) return last.state;
  if (!unit.on_duty) return "off_duty";
  if (unit.state === "available" && unit.readiness === "not_ready") return "not_ready";
  if (unit.state === "available" && unit.blocked?.length) return "blocked";
  return unit.state;
}

/** Since when. @param {Unit} unit */
export function unitSince(unit) {
  const state = unitState(unit);
  return unit.jobs.find((job) => job.state === state)?.at ?? unit.since;
}

/** @param {Names} names @param {Unit} unit */
export function unitStateName(names, unit) {
  const state = unitState(unit);
  if (state === "off_duty") return gettext("Off duty");
  if (state === "not_ready") return gettext("Not ready");
  if (state === "blocked") return gettext("Kept back");
  return names.state(AT_WORK.includes(state) ? "assignment" : "unit", state);
}

/** @param {Unit} unit */
export const isFree = (unit) => unit.state === "available" && unit.on_duty && unit.readiness !== "not_ready" && !unit.blocked?.length && !unit.jobs.length;

/** One incident number among open ones, e.g. "#1044". @param {number} id */
export const numberOf = (id) => `#${id}`;

/** A caller's number as people here say it; the server puts it so. @param {{phone: string | null}} call */
export const phone = (call) => call.phone || gettext("no number");
