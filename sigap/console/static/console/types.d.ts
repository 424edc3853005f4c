// The shapes of the live data, and what Django's catalogue script defines.

declare function gettext(text: string): string;
declare function ngettext(one: string, many: string, count: number): string;
declare function pgettext(context: string, text: string): string;
declare const htmx: { process(element: Element): void };
declare const JsSIP: typeof import("jssip");
interface AudioContext {
  readonly sinkId?: string | object;
  setSinkId?(id: string): Promise<void>;
}
declare function interpolate(text: string, values: any, named?: boolean): string;

interface Job {
  id: number;
  v: number;
  unit: string;
  incident: number;
  state: string;
  at: string;
  eta_s: number | null;
  answer_s: number | null;
  reason: string;
  /** Since when its positions show it near the incident, or gone from where it was told. */
  seen_near: string | null;
  seen_leaving: string | null;
}
/** Units by call sign: where, since when, how exactly, and what is to be known of it. */
type Moves = [string, number, number, string, number | null, string][];
interface CallHistory {
  total: number;
  days: number;
  classes: Record<string, number>;
  incidents: number[];
}
/** Where a caller's phone says that it is; no point where nothing of it can be believed. */
interface Located {
  n: number;
  lat: number | null;
  lng: number | null;
  radius_m: number | null;
  source: string;
  at: string | null;
  /** None: outside the city. */
  area: string | null;
  damaged: boolean;
}
interface CallParty {
  id: number;
  /** Its code in the phone book; empty for a colleague. */
  entry: string;
  user: number | null;
  how: string;
  state: string;
}
interface Call {
  id: number;
  v: number;
  state: string;
  number: string | null;
  /** The number as people say it. */
  phone: string | null;
  /** Whether it was entered by hand. */
  manual: boolean;
  /** Whether a telephone exchange obeys for it. */
  connected: boolean;
  parties: CallParty[];
  /** How the gate let it through, and why. */
  gate: string;
  gate_reason: string;
  /** Whether a gate is asking the caller for a sign just now. */
  at_gate: boolean;
  /** By what those who ring are put in order: the smaller the earlier. */
  rank: number;
  set_aside_at: string | null;
  trunk: string | null;
  said: string;
  chat: number | null;
  began_at: string | null;
  presented_at: string | null;
  answered_at: string | null;
  unopened: boolean;
  held_at: string | null;
  ended_at: string | null;
  operator: number | null;
  claimed_at: string | null;
  class: string;
  incident: number | null;
  attempts: number;
  due: string | null;
  /** While the exchange rings the caller back. */
  dialled_at: string | null;
  /** How the last attempt to ring back failed. */
  result: string;
  /** The lost call that this one rings back about. */
  returns: number | null;
  history: CallHistory | null;
  located: Located | null;
}
interface Incident {
  id: number;
  v: number;
  state: string;
  type: string;
  group: string;
  priority: number;
  level: number;
  siren: boolean;
  suggested: number | null;
  rule: string;
  address: string;
  landmark: string;
  area: string;
  lat: number | null;
  lng: number | null;
  location_source: string;
  located: Located | null;
  received_at: string | null;
  opened_at: string;
  resolved_at: string | null;
  victims: number | null;
  answers: Record<string, string>;
  calls: number;
  merged: number[];
  links: { id: number; kind: "related" | "part_of" | "has_part" }[];
  /** What all its parts come to together; none has no parts. */
  sum: Sum | null;
  disposition: string;
  parked: string | null;
  staging: [number, number] | null;
  needs: { id: number; v: number; what: string; count: number; met: number }[];
  jobs: Job[];
}
interface Sum {
  parts: number;
  open: number;
  units: number;
  /** By state. */
  jobs: Record<string, number>;
  victims: number | null;
  unsaid: number;
  /** By condition. */
  patients: Record<string, number>;
  unserved: number;
  oldest: { id: number; opened_at: string; priority: number } | null;
}
interface Unit {
  id: number;
  v: number;
  call_sign: string;
  agency: string;
  kind: string;
  capabilities: string[];
  state: string;
  reason: string;
  since: string | null;
  on_duty: boolean;
  readiness: string;
  /** The must-have equipment for want of which it is not proposed. */
  blocked?: string[];
  crew: number;
  station: string;
  /** The place where it waits for now instead of its station; "" at its own. */
  waits?: string;
  example: boolean;
  /** Works for another centre than its own: for whom, or whose guest it is, until when. */
  lent: { centre: string; until: string; guest: boolean; phone: string; alerted: boolean } | null;
  lat: number | null;
  lng: number | null;
  position_at: string | null;
  accuracy_m: number | null;
  /** Its devices are in two places, or the newest position is doubted. */
  mark: string;
  jobs: { id: number; incident: number; state: string; at: string }[];
}
interface Alarm {
  id: number;
  v: number;
  code: string;
  subject: string;
  case: string;
  owner: string;
  urgency: number;
  state: string;
  raised_at: string;
  quiet_until: string | null;
  closable: boolean;
  details: Record<string, any>;
}
interface Operator {
  id: number;
  role: string;
  desk: string;
  since: string;
  heartbeat_at: string;
  call: number | null;
  does: "free" | "talking" | "held" | "wrap_up" | "joined" | "paused" | "silent";
  does_since: string | null;
  paused_at: string | null;
  pause_reason: string;
}
/** A time in which far more calls come than usual. */
interface Surge {
  reason: string;
  since: string;
}
/** A public warning that is in force for this city. */
interface PublicWarning {
  id: number;
  href: string;
  event: string;
  headline: string;
  by: string;
  severity: string;
  urgency: string;
  certainty: string;
  practice: boolean;
  areas: string[];
  shape: object | null;
  expires: string;
}
interface Tables {
  calls: Call;
  incidents: Incident;
  units: Unit;
  alarms: Alarm;
  operators: Operator;
  warnings: PublicWarning;
}
type TableName = keyof Tables;
interface Snapshot {
  seq: number;
  now: string;
  drill: boolean;
  calls: Call[];
  callbacks: Call[];
  incidents: Incident[];
  units: Unit[];
  alarms: Alarm[];
  operators: Operator[];
  warnings?: PublicWarning[];
  surge: Surge | null;
  parameters: Record<string, number>;
  targets: Record<string, Record<string, number>>;
}
interface JournalRow {
  seq: number;
  at: string;
  kind: string;
  subject: string;
  case: string;
  actor: string;
  before: string;
  after: string;
}
interface Batch {
  seq: number;
  rows: JournalRow[];
  put: { [T in TableName]?: Tables[T][] };
  /** Only where it has changed. */
  surge?: Surge | null;
}
/** What a subscriber is told: rows put, rows whose state is over, or all anew. */
interface Change<Row> {
  put: Row[];
  gone: Row[];
  reset: boolean;
}
interface TypeEntry {
  name: string;
  group: string;
  priority: number;
  siren: boolean;
  lead: string;
  questions: { code: string; text: string; kind: string; options: [string, string][] }[];
  rules: { code: string; when: Record<string, string[]>; priority: number; siren: boolean; text: string }[];
}
interface Catalogue {
  types: Record<string, TypeEntry>;
  agencies: Record<string, { name: string; short: string; rank: number }>;
  areas: Record<string, { name: string; district: string; lat: number; lng: number }>;
  phone_book: { code: string; name: string; number: string; kind: string; agency: string }[];
  capabilities: Record<string, string>;
  kinds: Record<string, string>;
  reasons: Record<string, Record<string, string>>;
  dispositions: Record<string, string>;
  classes: Record<string, string>;
  states: Record<string, Record<string, string>>;
  alarms: Record<string, string>;
  gates: Record<string, string>;
  causes: Record<string, string>;
  roles: Record<string, string>;
  landmarks: { id: number; name: string; area: string; lat: number | null; lng: number | null; precision: string }[];
  items: Record<string, string>;
  houses: { name: string; what: "post" | "hospital"; lat: number; lng: number }[];
  users: Record<string, string>;
}
/** A line of an incident's story, in words. */
interface StoryRow {
  seq: number;
  at: string;
  occurred_at: string | null;
  kind: string;
  subject: string;
  actor: string;
  by: string;
  text: string;
  note: string | null;
  note_id: number | null;
  struck: boolean;
}
