// The outbox: what was pressed is kept with its time, sent in order, and gone only when the server
// has answered for it. Used by the page and by the service worker: whoever holds the lock sends.

import * as store from "./store.js";

/** @typedef {import("./types").Act} Act */
/** @typedef {import("./types").Told} Told */
/** @typedef {import("./types").Outcome} Outcome */

const AT_ONCE = 20;
const PIECE = 128 * 1024;
const PATIENCE_MS = 30_000;
/** A measured offset is worth nothing when the answer took so long. */
const SLOW_MS = 5000;

/** The clock of this session that nobody can set, beside the offset measured last. */
let measured = { at: 0, wall: 0, offset: NaN };

const name = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** How far the phone's clock is off now; null where that is not known.
 * @returns {Promise<number | null>} */
export async function offset() {
  if (!Number.isNaN(measured.offset)) {
    // Set back since it was measured: the monotonic clock knows by how much. A clock that is ahead
    // of it proves nothing, since a sleeping phone's monotonic clock may stand still.
    const drift = Date.now() - measured.wall - (performance.now() - measured.at);
    return Math.round(drift < -2000 ? measured.offset - drift : measured.offset);
  }
  /** @type {import("./types").Clock | undefined} */
  const clock = await store.kept("clock");
  // Before what it was already: a battery went dead, and the clock with it.
  return clock && Date.now() >= clock.at_ms ? clock.offset_ms : null;
}

/** Keep what was pressed. It is on the disk when this returns.
 * @param {string} what @param {Record<string, any>} data @param {{ user: number, unit: string, photo?: Blob }} by */
export async function press(what, data, { user, unit, photo }) {
  const phone_ms = Date.now();
  await store.add({ id: name(), name: what, user, unit, phone_ms, offset_ms: await offset(), data, state: "waiting" }, photo);
}

/** One at a time, so that no answer is overtaken by an older one. @param {() => Promise<Outcome>} does */
const alone = async (does) => (navigator.locks ? navigator.locks.request("sigap-outbox", does) : does());

/** Ask how all stands. @returns {Promise<Outcome>} */
export const ask = () => alone(askNow);

/** Send what waits, in order; a call for help before all else. @returns {Promise<Outcome>} */
export const send = () => alone(sendNow);

/** @returns {Promise<Outcome>} */
async function askNow() {
  const state = await store.kept("state");
  const asked = await request(`/crew/state?seen=${state?.revision ?? ""}`);
  if (typeof asked === "string") return asked === "refused" ? "busy" : asked;
  await store.settle([], [], heard(asked.told, asked.began));
  return "sent";
}

/** @returns {Promise<Outcome>} */
async function sendNow() {
  /** @type {Outcome} */
  let outcome = "nothing";
  let many = AT_ONCE;
  for (;;) {
    const user = await store.kept("user");
    const waiting = (await store.acts()).filter((act) => act.user === user && act.state === "waiting");
    const first = [...waiting.filter((act) => act.name === "mayday"), ...waiting.filter((act) => act.name !== "mayday")];
    if (!first.length) break;
    const batch = first.slice(0, many);
    const body = JSON.stringify({ sent_ms: Date.now(), acts: batch.map(({ seq, state, why, percent, ...act }) => act) });
    const asked = await request("/crew/acts", { body, type: "application/json" });
    if (asked === "refused") {
      if (batch.length === 1) await store.put({ ...batch[0], state: "refused", why: refusal });
      many = 1; // one that cannot be understood must not hold up the others
      continue;
    }
    if (typeof asked === "string") return asked;
    const answers = new Map((asked.told.answers ?? []).map((answer) => [answer.id, answer]));
    const gone = [];
    const changed = [];
    let over = 0;
    for (const act of batch) {
      const answer = answers.get(act.id);
      if (answer?.outcome === "refused") changed.push({ ...act, state: /** @type {const} */ ("refused"), why: answer.message ?? "" });
      else if (answer?.outcome === "done" && act.name === "photo") changed.push({ ...act, state: /** @type {const} */ ("sending"), percent: 0 });
      else if (answer?.outcome === "done" || answer?.outcome === "already") gone.push(act);
      over += Number(Boolean(answer) && answer?.outcome !== "waiting");
    }
    await store.settle(gone, changed, heard(asked.told, asked.began));
    outcome = "sent";
    if (!over) return "sign-in"; // the server knows somebody else by now
  }
  return (await sendPhotos()) ?? outcome;
}

/** @returns {Promise<Outcome | null>} what stopped it */
async function sendPhotos() {
  const user = await store.kept("user");
  for (const act of await store.acts()) {
    if (act.state !== "sending" || act.user !== user) continue;
    const photo = await store.photo(act.id);
    let progress = photo ? await request(`/crew/photos/${act.id}`) : "refused";
    while (progress !== "refused" && typeof progress !== "string") {
      const { received, done, refused } = /** @type {any} */ (progress.told);
      if (done || refused) break;
      const piece = /** @type {Blob} */ (photo).slice(received, received + PIECE);
      await store.put({ ...act, percent: Math.floor((100 * received) / /** @type {Blob} */ (photo).size) });
      progress = await request(`/crew/photos/${act.id}?offset=${received}`, { body: piece, type: "application/octet-stream" });
    }
    if (progress === "refused") await store.put({ ...act, state: "refused", why: refusal });
    else if (typeof progress === "string") return progress;
    else if (/** @type {any} */ (progress.told).done) await store.drop(act);
    else await store.put({ ...act, state: "refused", why: refusal });
  }
  return null;
}

/** Why the last request was refused, in words. */
let refusal = "";

/** Ask or tell the server something. `refused`: it will never be taken as it is.
 * @param {string} address @param {{ body: string | Blob, type: string }} [sent]
 * @returns {Promise<{ told: Told, began: number } | Exclude<Outcome, "sent" | "nothing"> | "refused">} */
async function request(address, sent) {
  for (let tries = 0; ; tries += 1) {
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json" };
    if (sent) Object.assign(headers, { "Content-Type": sent.type, "X-CSRFToken": (await store.kept("csrf")) ?? "" });
    const began = performance.now();
    let answer;
    let told;
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      answer = await fetch(address, { method: sent ? "POST" : "GET", headers, body: sent?.body, redirect: "manual", cache: "no-store", signal });
      told = await answer.json();
    } catch {
      if (answer?.type === "opaqueredirect") return "sign-in"; // a password is owed, or the like
      return answer ? "busy" : "offline"; // not ours: a proxy, or the page of a Wi-Fi that wants a sign-in
    }
    if (answer.ok || (answer.status === 409 && "received" in told)) return { told, began };
    refusal = told?.error?.message ?? "";
    if (answer.status === 401) return "sign-in";
    if (answer.status === 403 && told?.error?.code === "csrf" && tries === 0) {
      if ((await askNow()) !== "sent") return "sign-in";
      continue;
    }
    if (answer.status >= 500 || answer.status === 408 || answer.status === 429) return "busy";
    return "refused";
  }
}

/** What is to be kept of an answer. @param {Told} told @param {number} began */
function heard(told, began) {
  const took = performance.now() - began;
  /** @type {Record<string, any>} */
  const values = { user: told.user, csrf: told.csrf, heard_ms: Date.now() };
  if (took < SLOW_MS) {
    const found = told.now_ms - (Date.now() - took / 2);
    measured = { at: performance.now(), wall: Date.now(), offset: found };
    values.clock = { offset_ms: Math.round(found), at_ms: Date.now() };
  }
  if ("unit" in told.state) values.state = told.state;
  return values;
}
