// Beside the form: who calls, what may be the same incident, what happened so far.

import { read } from "../commands.js";
import { aside, byId, fill, h, priority } from "../dom.js";
import { clock, dateTime, distance } from "../format.js";
import { numberOf } from "../names.js";
import { player } from "../player.js";

/** @import {Names} from "../names.js"
 *  @import {Recording} from "../player.js"
 *  @typedef {{incident: number, type: string, priority: number, state: string, address: string,
 *    area: string | null, metres: number | null, minutes: number, same_type: boolean, same_area: boolean}} Candidate
 *  @typedef {{seq: number, at: string, occurred_at: string | null, kind: string, by: string, text: string, note: string | null, struck: boolean}} Line
 *  @typedef {{id: number, at: string, state: string, class: string, incident: number | null}} Earlier */

const WAIT_MS = 250;
const LATE_MS = 60_000; // what was noted later than this happened at another time

export class Candidates {
  /** @param {Names} names @param {(candidate: Candidate) => void} merge */
  constructor(names, merge) {
    this.names = names;
    this.merge = merge;
    /** @type {Candidate[]} */
    this.found = [];
    /** @type {Record<string, string | number | null | undefined>} What was asked last. */
    this.known = {};
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** Look again when what is known has changed. @param {Record<string, string | number | null | undefined>} known
   * @param {boolean} [again] */
  look(known, again = false) {
    if (JSON.stringify(known) === JSON.stringify(this.known) && !again) return;
    this.known = known;
    clearTimeout(this.timer);
    if (!known.area && !known.lat) {
      this.found = [];
      this.paint();
      return;
    }
    this.timer = setTimeout(async () => {
      const answer = await read("/incidents/candidates", known).catch(() => null);
      if (!answer || known !== this.known) return;
      this.found = answer.candidates;
      this.paint();
    }, WAIT_MS);
  }

  paint() {
    byId("candidates-panel").hidden = this.found.length === 0;
    byId("candidates-count").textContent = this.found.length ? String(this.found.length) : "";
    fill(
      byId("candidates"),
      this.found.map((c, i) =>
        h(
          "li",
          { class: "row candidate" },
          h("div", { class: "call-line" }, priority(c.priority), aside(`/incidents/${c.incident}`, numberOf(c.incident)), h("strong", null, this.names.type(c.type)), h("button", { type: "button", class: "small", "data-key": `merge${c.incident}`, onclick: () => this.merge(c) }, gettext("Same"), i === 0 ? h("kbd", null, "F7") : null)),
          h("div", { class: "dim" }, [c.address, this.names.area(c.area)].filter(Boolean).join(", ")),
          h("div", { class: "dim" }, reason(c)),
        ),
      ),
    );
  }
}

/** Why it may be the same. @param {Candidate} c */
function reason(c) {
  const where = c.metres !== null ? distance(c.metres) : gettext("same kelurahan");
  const when = interpolate(gettext("%s min ago"), [c.minutes]);
  return `${where} · ${when}${c.same_type ? ` · ${gettext("same type")}` : ""}`;
}

/** The screen pop: what is known of the caller. @param {Earlier[]} earlier @param {Names} names */
export function paintEarlier(earlier, names) {
  byId("earlier-panel").hidden = earlier.length === 0;
  fill(
    byId("earlier"),
    earlier.map((call) =>
      h("li", null, h("time", { datetime: call.at }, dateTime(call.at)), " ", names.catalogue.classes[call.class] ?? names.state("call", call.state), call.incident ? [" ", aside(`/incidents/${call.incident}`, numberOf(call.incident))] : null),
    ),
  );
}

/** What may be listened to; a player that is open stays so. @param {Recording[]} recordings */
export function paintRecordings(recordings) {
  const shown = recordings.map(({ id }) => id).join(" ");
  const list = byId("recordings");
  byId("recordings-panel").hidden = recordings.length === 0;
  if (list.dataset.shown === shown) return;
  list.dataset.shown = shown;
  fill(list, recordings.map(player));
}

/** The log, the newest first. @param {Line[]} lines */
export function paintLog(lines) {
  fill(
    byId("log"),
    [...lines]
      .filter((line) => !["person.opened", "recording.played"].includes(line.kind))
      .reverse()
      .map((line) => {
        const words = line.struck ? h("s", null, line.note) : line.note;
        const isLate = line.occurred_at && Date.parse(line.at) - Date.parse(line.occurred_at) > LATE_MS;
        const earlier = isLate && h("span", { class: "dim" }, ` (${interpolate(gettext("of %s"), [dateTime(line.occurred_at ?? "")])})`);
        return h("li", null, h("time", { datetime: line.at }, clock(line.at)), ` ${line.text}`, earlier, line.note ? [": ", words] : null, " ", h("span", { class: "dim" }, line.by));
      }),
  );
}
