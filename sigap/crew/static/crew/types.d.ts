// The shapes of what the phone keeps, and of what the server tells it.

export interface Act {
  /** The order of pressing; given by the phone's database. */
  seq: number;
  id: string;
  name: string;
  user: number;
  unit: string;
  phone_ms: number;
  offset_ms: number | null;
  data: Record<string, any>;
  /** `sending`: a photo that is announced and goes over in pieces. */
  state: "waiting" | "sending" | "refused";
  /** Why it was refused. */
  why?: string;
  /** How much of a photo is over, in percent. */
  percent?: number;
}
export interface Way {
  name: string;
  next: string | null;
  further: string[];
  may_decline: boolean;
}
export interface Asked {
  at: number | null;
  heard_at: number | null;
  /** Pressed here and not sent yet. */
  queued?: boolean;
}
export interface Job {
  id: number;
  state: string;
  state_name: string;
  at: number;
  incident: number;
  priority: number;
  siren: boolean;
  type: string;
  address: string;
  landmark: string;
  area: string;
  lat: number | null;
  lng: number | null;
  rough: boolean;
  victims: number | null;
  hazards: string[];
  answers: [string, string][];
  /** Since when positions show it there, while it is on the way. */
  seen_near: string | null;
  /** To which hospital it drives, and those to choose from. */
  destination: { code: string; name: string; warns: boolean } | null;
  destinations: [string, string][];
  has_story: boolean;
  photos: number;
  reports: number;
  caller: Asked | null;
  /** Its state was pressed here and is not sent yet. */
  pending?: boolean;
}
export interface State {
  revision: string;
  unit: { call_sign: string; kind: string; state: string; on_duty: boolean; readiness: string };
  jobs: Job[];
  ways: Record<string, Way>;
  targets: Record<string, string>;
  commands: Record<string, string>;
  /** Where it is to wait, when not at its own place. */
  waits: { name: string; lat: number; lng: number } | null;
  mayday: Asked | null;
  room: { name: string; number: string } | null;
  aboard: { people: number[]; count: number } | null;
  colleagues: [number, string][];
  reasons: Record<string, [string, string][]>;
  forms: [string, string, [string, string][]][];
}
/** By how much this phone's clock is off the server's, as it was measured at `at_ms` of its own. */
export interface Clock {
  offset_ms: number;
  at_ms: number;
}
export interface Told {
  now_ms: number;
  user: number;
  csrf: string;
  state: State | { revision: string };
  answers?: { id: string; outcome: string; message?: string }[];
}
/** How the last try to send went. */
export type Outcome = "sent" | "nothing" | "offline" | "sign-in" | "busy";
