// The live connection of a page: snapshot, stream, server time, and the band that says
// how long it has been cut off.

import { get, toast } from "./commands.js";
import { Feed } from "./feed.js";
import { hourMinute } from "./format.js";
import { Store } from "./store.js";

/** @import {FeedMessage} from "./feed.js" */

const CUT_AFTER_MS = 11_000; // two beats of 5 s missed
const OFFSETS = 12;

export class Live {
  /** @param {"console" | "wall" | "agency"} view */
  constructor(view) {
    this.view = view;
    this.store = new Store();
    this.latency = 0;
    this.isCut = false;
    /** The last messages, until the snapshot is there. @type {Batch[] | null} */
    this.waiting = [];
    /** Moves that came while the board was loaded. @type {Moves} */
    this.moves = [];
    this.loading = 0;
    this.lastBeat = performance.now();
    /** @type {number[]} */
    this.offsets = [];
    this.promised = 0;
    /** @type {((live: Live) => void)[]} */
    this.ticks = [];
    /** @type {((rows: JournalRow[]) => void)[]} */
    this.journal = [];
    /** Resolves when the page can show rows. */
    this.prepared = new Promise((resolve) => {
      this.show = resolve;
    });
    this.connect();
  }

  /** Show what comes, once the panels are there (the connection is made before, so that
   * nothing waits in line). Resolves when the first snapshot is shown. */
  start() {
    setInterval(() => this.second(), 1000);
    document.body.classList.add("loading"); // an empty list says nothing yet
    this.show?.(this);
    return new Promise((resolve) => {
      this.ready = resolve;
    });
  }

  /** Server time in ms. */
  now() {
    return Date.now() + (this.offsets.length ? Math.max(...this.offsets) : 0);
  }

  /** Seconds since a moment, by the server's clock. @param {string | null} iso */
  since(iso) {
    return iso ? (this.now() - Date.parse(iso)) / 1000 : 0;
  }

  /** Be called each second. @param {(live: Live) => void} tick */
  onSecond(tick) {
    this.ticks.push(tick);
  }

  /** Be told of each journal row as it comes. @param {(rows: JournalRow[]) => void} listener */
  onJournal(listener) {
    this.journal.push(listener);
  }

  connect() {
    const person = document.querySelector('meta[name="user-id"]')?.getAttribute("content") ?? "";
    if (typeof SharedWorker === "undefined") {
      const feed = new Feed(this.view, (message) => this.receive(message));
      addEventListener("pagehide", () => feed.close());
      return;
    }
    const worker = new SharedWorker(new URL("./stream-worker.js", import.meta.url), { type: "module", name: "sigap-stream" });
    const hello = () => worker.port.postMessage({ kind: "hello", view: this.view, person });
    worker.port.onmessage = ({ data }) => this.receive(data);
    hello();
    setInterval(hello, 20_000);
    addEventListener("pagehide", () => worker.port.postMessage({ kind: "bye" }));
    addEventListener("pageshow", hello);
  }

  /** @param {FeedMessage} message */
  receive(message) {
    switch (message.kind) {
      case "open":
        this.beat();
        if (message.fresh || !this.store.seq) void this.load();
        break;
      case "reset":
        void this.load();
        break;
      case "batch":
        this.beat();
        if (this.waiting) this.waiting.push(message.data);
        else this.apply(message.data);
        break;
      case "beat":
        this.tune(message.data.now);
        this.beat();
        this.compare(message.data.seq);
        break;
      case "positions":
        if (this.waiting) this.moves.push(...message.data.units);
        else this.store.move(message.data.units);
        break;
      case "cut":
        this.isCut = true;
    }
  }

  /** Load the snapshot and replace everything; what came meanwhile is applied on top. */
  async load() {
    const turn = ++this.loading;
    this.waiting ??= [];
    try {
      const snapshot = /** @type {Snapshot} */ (await get(`/console/state?view=${this.view}`));
      await this.prepared;
      if (turn !== this.loading) return;
      this.tune(snapshot.now);
      this.store.replace(snapshot);
      for (const batch of this.waiting ?? []) this.apply(batch);
      this.store.move(this.moves.splice(0));
      void surgeBand(this.store);
      this.waiting = null;
      this.isCut = false;
      document.body.classList.remove("loading");
      this.ready?.(this);
    } catch {
      if (turn === this.loading) setTimeout(() => this.load(), 2000);
    }
  }

  /** @param {Batch} batch */
  apply(batch) {
    const rows = batch.rows ?? [];
    const last = rows.at(-1);
    if (last) this.latency = Math.max(0, this.now() - Date.parse(last.at));
    this.store.apply(batch);
    if (batch.surge !== undefined) void surgeBand(this.store);
    for (const listener of this.journal) listener(rows);
  }

  beat() {
    this.lastBeat = performance.now();
    if (!this.waiting) this.isCut = false;
  }

  /** The way takes time, never negative: the largest of the last offsets is the best.
   * @param {string} iso */
  tune(iso) {
    const offset = Date.parse(iso) - Date.now();
    this.latency = Math.max(0, this.now() - Date.parse(iso));
    this.offsets.push(offset);
    if (this.offsets.length > OFFSETS) this.offsets.shift();
  }

  /** What one beat promised must be here at the next; else something was missed.
   * @param {number} seq */
  compare(seq) {
    if (this.store.seq < this.promised && !this.waiting) void this.load();
    this.promised = seq;
  }

  second() {
    const silent = performance.now() - this.lastBeat;
    if (silent > CUT_AFTER_MS) this.isCut = true;
    this.band(this.isCut && silent > 2000 ? Math.round(silent / 1000) : 0);
    for (const tick of this.ticks) tick(this);
  }

  /** @param {number} seconds */
  band(seconds) {
    const place = document.getElementById("bands");
    document.body.classList.toggle("cut-off", seconds > 0);
    let band = document.getElementById("cut-band");
    if (!seconds) {
      band?.remove();
      return;
    }
    if (!band) {
      band = document.createElement("div");
      band.id = "cut-band";
      band.className = "band bad";
      band.setAttribute("role", "timer");
      place?.append(band);
    }
    band.textContent = interpolate(gettext("Cut off for %s s. What you see may be old."), [seconds]);
  }
}

/** What each surge is called, once there was one. @type {Record<string, string> | null} */
let surges = null;

/** Every screen says for as long as it lasts that a surge is declared. @param {Store} store */
async function surgeBand(store) {
  if (store.surge && !surges) surges = (await catalogue()).reasons.surge ?? {};
  const { surge } = store;
  document.getElementById("surge-band")?.remove();
  document.body.classList.toggle("in-surge", surge !== null);
  if (!surge) return;
  const band = document.createElement("div");
  band.id = "surge-band";
  band.className = "band";
  band.setAttribute("role", "note");
  band.title = interpolate(gettext("since %s"), [hourMinute(surge.since)]);
  band.textContent = `${gettext("Surge")}: ${surges?.[surge.reason] ?? surge.reason}`;
  document.getElementById("bands")?.append(band);
}

/** The names that belong to the codes in the rows, in the user's language.
 * @returns {Promise<Catalogue>} */
export const catalogue = () => getPatiently("/console/catalogue");

/** GET what a screen cannot do without: waits for the server where it cannot be reached.
 * @param {string} url @returns {Promise<any>} */
export async function getPatiently(url) {
  for (;;) {
    try {
      return await get(url);
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error), { bad: true });
      await new Promise((done) => setTimeout(done, 3000));
    }
  }
}
