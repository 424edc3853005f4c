// The selected incident: facts, priority, jobs, what may be the same, notes, outcome.

import { ask, noteField, reasonField } from "./ask.js";
import { tellLent } from "./board.js";
import { get, post, send, toast } from "./commands.js";
import { correctTime, isNote, linkIncident, noteOf, strikeNote } from "./corrections.js";
import { byId, fill, h, priority } from "./dom.js";
import { clock, distance, minutes } from "./format.js";
import { ACTIVE, AT_WORK, STEPS, clockOf, numberOf, stepNames } from "./names.js";
import { phoneWords } from "./phone.js";
import { timer } from "./timers.js";

/** @import {Live} from "./stream.js" */
/** @import {Names} from "./names.js" */
/** @import {Advice} from "./advice.js" */

export class DetailPanel {
  /** @param {Live} live @param {Names} names @param {(id: number | null) => void} choose */
  constructor(live, names, choose) {
    this.live = live;
    this.store = live.store;
    this.names = names;
    this.choose = choose;
    /** @type {number | null} */
    this.id = null;
    /** What is typed in the note, by incident. @type {Map<number | null, string>} */
    this.drafts = new Map();
    /** The row as last known: what is over stays on show. @type {Incident | null} */
    this.row = null;
    /** @type {Advice | null} */
    this.advice = null;
    this.store.subscribe("incidents", ({ put, gone, reset }) => {
      const row = reset ? this.store.get("incidents", this.id) : [...put, ...gone].find((r) => r.id === this.id);
      if (row) this.show(row);
    });
    live.onJournal((rows) => {
      if (rows.some((row) => row.case === `incident:${this.id}` || row.subject === `incident:${this.id}`)) this.later();
    });
    byId("note-form").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.note();
    });
  }

  /** @param {number | null} id */
  select(id) {
    const field = /** @type {HTMLInputElement} */ (byId("note"));
    // A note belongs to the incident that it was typed for.
    this.drafts.set(this.id, field.value);
    field.value = this.drafts.get(id) ?? "";
    this.id = id;
    this.row = this.store.get("incidents", id) ?? null;
    this.advice = null;
    byId("detail-none").hidden = Boolean(this.row);
    byId("detail").hidden = !this.row;
    if (!this.row) return;
    this.show(this.row);
    fill(byId("story"));
    void this.story();
  }

  /** @param {Incident} row */
  show(row) {
    this.row = row;
    this.drawHead(row);
    this.drawFacts(row);
    this.drawPriority(row);
    this.drawJobs(row);
    this.drawSame(row);
    this.drawOutcome(row);
    byId("advice-section").hidden = !ACTIVE.includes(row.state);
  }

  /** @param {Advice} advice */
  advised(advice) {
    this.advice = advice;
    if (this.row) this.drawSame(this.row);
  }

  /** A command on this incident, with the version that is on screen.
   * @param {string} command @param {Record<string, unknown>} [data] @param {string} [confirm] */
  async tell(command, data = {}, confirm) {
    if (!this.row) return null;
    return post(`/incidents/${this.row.id}/${command}`, { ...data, version: this.row.v }, { confirm });
  }

  /** The same from a dialog, which shows what was refused. @param {Incident} row @param {string} command
   * @param {Record<string, unknown>} data @param {string} [confirm] */
  send(row, command, data, confirm) {
    const version = this.store.get("incidents", row.id)?.v ?? row.v;
    return send(`/incidents/${row.id}/${command}`, { ...data, version }, confirm);
  }

  /** @param {Incident} row */
  drawHead(row) {
    const { since, target } = clockOf(row, this.store.targets);
    fill(byId("detail-title"), priority(row.priority), ` ${numberOf(row.id)} `, h("span", { class: "what" }, this.names.type(row.type)));
    fill(byId("detail-clock"), timer(since, target));
  }

  /** @param {Incident} row */
  drawFacts(row) {
    const kind = this.names.catalogue.types[row.type];
    const questions = Object.fromEntries((kind?.questions ?? []).map((q) => [q.code, q]));
    const answers = Object.entries(row.answers ?? {}).map(([code, answer]) => {
      const question = questions[code];
      const label = question?.options.find(([value]) => value === answer)?.[1] ?? yesNo(answer);
      return h("div", null, h("dt", null, question?.text ?? code), h("dd", null, label));
    });
    const from = row.lat === null ? (row.area ? gettext("no point: middle of the area") : gettext("the place is not known yet")) : sourceName(row.location_source);
    fill(
      byId("facts"),
      h("p", { class: "address" }, this.names.place(row)),
      h("p", { class: "dim" }, [row.landmark && row.address ? row.landmark : "", from, ngettext("%s call", "%s calls", row.calls).replace("%s", String(row.calls)), row.victims === null ? "" : ngettext("%s victim", "%s victims", row.victims).replace("%s", String(row.victims))].filter(Boolean).join(" · ")),
      row.located ? h("p", { class: "dim" }, `${gettext("Phone's location")}: `, phoneWords(row.located, this.names), row.located.at ? ` · ${clock(row.located.at)}` : "") : null,
      h("p", null, h("span", { class: "state" }, this.names.state("incident", row.state)), " ", h("span", { class: "chip" }, row.siren ? gettext("With siren") : gettext("Without siren")), " ", h("a", { href: `/incidents/${row.id}`, target: "_blank" }, gettext("Whole record"))),
      answers.length ? h("dl", { class: "answers" }, ...answers) : h("p", { class: "dim" }, gettext("No triage answers yet.")),
    );
  }

  /** @param {Incident} row */
  drawPriority(row) {
    const place = byId("priority");
    const open = ACTIVE.includes(row.state);
    const rule = this.names.catalogue.types[row.type]?.rules.find((r) => r.code === row.rule);
    const differs = row.suggested !== null && row.suggested !== row.priority;
    const buttons = [1, 2, 3, 4].map((p) =>
      h("button", { type: "button", class: "small", "aria-pressed": p === row.priority, "data-key": `p${p}`, disabled: !open, onclick: () => this.setPriority(p) }, `P${p}`),
    );
    const levels = [1, 2, 3, 4].map((level) =>
      h("button", { type: "button", class: "small", "aria-pressed": level === row.level, "data-key": `level${level}`, disabled: !open, onclick: () => level !== row.level && this.tell("level", { level }) }, level),
    );
    fill(
      place,
      row.suggested === null
        ? null
        : h("p", { class: differs ? "notice" : "dim" }, gettext("Suggested by rule"), " ", h("strong", null, row.rule || gettext("type")), ": ", priority(row.suggested), rule ? ` ${rule.text}` : "", differs && open ? h("button", { type: "button", class: "small", "data-key": "accept", onclick: () => this.accept() }, gettext("Accept"), h("kbd", null, "F8")) : null),
      h("div", { class: "actions" }, ...buttons, h("button", { type: "button", class: "small", "data-key": "siren", "aria-pressed": row.siren, disabled: !open, onclick: () => this.tell("priority", { priority: row.priority, siren: !row.siren }) }, gettext("Siren"))),
      h("div", { class: "actions", role: "group", "aria-label": gettext("Alarm level") }, h("span", { class: "dim" }, gettext("Alarm level")), ...levels),
    );
  }

  /** @param {number} value */
  setPriority(value) {
    if (this.row && value !== this.row.priority) void this.tell("priority", { priority: value });
  }

  /** Take the rule's priority. */
  accept() {
    const { row } = this;
    if (!row || row.suggested === null || !ACTIVE.includes(row.state)) return;
    const rule = this.names.catalogue.types[row.type]?.rules.find((r) => r.code === row.rule);
    void this.tell("priority", { priority: row.suggested, siren: rule?.siren });
  }

  /** @param {Incident} row */
  drawJobs(row) {
    const place = byId("jobs");
    const jobs = [...row.jobs].sort((a, b) => Number(AT_WORK.includes(b.state)) - Number(AT_WORK.includes(a.state)) || a.id - b.id);
    if (!jobs.length) return fill(place, h("p", { class: "dim" }, gettext("No unit has been sent yet.")));
    fill(place, h("ul", { class: "jobs" }, ...jobs.map((job) => this.job(job, row))));
  }

  /** @param {Job} job @param {Incident} row */
  job(job, row) {
    const names = stepNames();
    const isOpen = AT_WORK.includes(job.state);
    const steps = (STEPS[job.state] ?? []).map((step, i) =>
      h("button", { type: "button", class: i ? "small" : "small strong", "data-key": `${job.id}-${step}`, onclick: () => this.step(job, step) }, names[step]),
    );
    const stop = ["proposed", "notified", "acknowledged", "en_route"].includes(job.state);
    const cancel = stop && h("button", { type: "button", class: "small", "data-key": `${job.id}-cancel`, onclick: () => this.callBack(job) }, job.state === "proposed" ? gettext("Drop") : gettext("Call back"));
    const sends = job.state === "proposed" && h("button", { type: "button", class: "small strong", "data-key": `${job.id}-send`, onclick: () => post(`/dispatch/incidents/${row.id}/send`, { units: [job.unit], version: row.v }, { confirm: "confirm" }) }, gettext("Send"));
    const correct = job.state !== "proposed" && h("button", { type: "button", class: "link", "data-key": `${job.id}-time`, "aria-label": interpolate(gettext("Correct a time of %s"), [job.unit]), onclick: () => this.correct(job) }, gettext("Time…"));
    const why = !isOpen && ["declined", "cancelled"].includes(job.state) ? ` ${this.names.reason(job.reason)}` : "";
    const seen = seenOf(job);
    const lent = isOpen && this.store.unit(job.unit)?.lent;
    const radio = lent && tellLent(lent) && h("p", { class: "notice" }, tellLent(lent));
    const accept = seen && h("p", { class: "notice" }, interpolate(seen.command === "arrive" ? gettext("Seen near the incident since %s (position)") : gettext("Seen on its way since %s (position)"), [clock(seen.at)]), " ", h("button", { type: "button", class: "small", "data-key": `${job.id}-seen`, onclick: () => this.acceptSeen(job) }, interpolate(gettext("%(step)s at %(time)s"), { step: names[seen.command], time: clock(seen.at) }, true), h("kbd", null, "F10")));
    return h(
      "li",
      { class: isOpen ? "" : "dim" },
      h("div", { class: "job" }, h("strong", { class: "mono" }, job.unit), h("span", { class: "state" }, this.names.state("assignment", job.state)), isOpen ? timer(job.at, job.state === "notified" ? (job.answer_s ?? this.store.parameters.acknowledge_s ?? 60) : 0) : h("span", { class: "dim" }, interpolate(gettext("at %s"), [clock(job.at)])), job.incident === row.id ? null : h("span", { class: "dim" }, numberOf(job.incident)), job.state === "en_route" && job.eta_s !== null ? h("span", { class: "dim" }, `~ ${minutes(job.eta_s)}`) : null, why, correct),
      radio || null,
      accept || null,
      steps.length || cancel ? h("div", { class: "actions" }, sends, ...steps, cancel) : null,
    );
  }

  /** Take what positions show as what the unit did. @param {Job} [job] the first of which they show something */
  acceptSeen(job = this.row?.jobs.find((one) => seenOf(one))) {
    const seen = job && seenOf(job);
    return seen ? post(`/dispatch/jobs/${job.id}/seen`, { command: seen.command, version: job.v }) : null;
  }

  /** @param {Job} job @param {string} command */
  step(job, command) {
    if (command === "decline") {
      return ask(`${job.unit}: ${stepNames().decline}`, [reasonField(this.names.reasons("decline"))], {
        send: ({ reason }) => send(`/dispatch/jobs/${job.id}/step`, { command, reason, version: job.v }),
      });
    }
    return post(`/dispatch/jobs/${job.id}/step`, { command, version: job.v });
  }

  /** @param {{id: number}} job */
  correct(job) {
    return correctTime(job.id, this.names.catalogue.states.assignment ?? {}, this.names.reasons("correct"));
  }

  /** @param {Job} job */
  callBack(job) {
    return ask(interpolate(gettext("Call back %s"), [job.unit]), [reasonField(this.names.reasons("cancel"))], {
      yes: gettext("Call back"),
      send: ({ reason }) => send(`/dispatch/jobs/${job.id}/cancel`, { reason, version: job.v }),
    });
  }

  /** @param {Incident} row */
  drawSame(row) {
    const place = byId("same");
    const open = ACTIVE.includes(row.state);
    const found = (open ? this.advice?.duplicates : null) ?? [];
    const lines = found.map((same, i) => {
      const other = this.store.get("incidents", same.incident);
      const facts = [other ? this.names.type(other.type) : "", distance(same.metres), interpolate(gettext("%s min ago"), [same.minutes])].filter(Boolean);
      return h(
        "li",
        null,
        h("button", { type: "button", class: "link", "data-key": `see-${same.incident}`, onclick: () => this.choose(same.incident) }, numberOf(same.incident)),
        ` ${facts.join(" · ")} `,
        h("button", { type: "button", class: "small", "data-key": `merge-${same.incident}`, onclick: () => this.merge(same.incident) }, interpolate(gettext("Merge into %s"), [numberOf(same.incident)]), i === 0 ? h("kbd", null, "F7") : null),
      );
    });
    const merged = row.merged.map((id) =>
      h("li", null, interpolate(gettext("%s was merged into this one."), [numberOf(id)]), " ", h("button", { type: "button", class: "small", "data-key": `un-${id}`, onclick: () => this.separate(id) }, gettext("Separate"))),
    );
    const kinds = { related: gettext("related to"), part_of: gettext("part of"), has_part: gettext("has as a part") };
    const links = row.links.map(({ id, kind }) => h("li", null, `${kinds[kind]} `, h("a", { href: `/incidents/${id}`, target: "_blank" }, numberOf(id))));
    byId("same-section").hidden = !lines.length && !merged.length && !links.length;
    fill(place, h("ul", null, ...lines, ...merged, ...links));
  }

  /** Merge this incident into another one; it asks first, since the row leaves the list.
   * @param {number} [into] the first candidate if not given */
  async merge(into = this.advice?.duplicates[0]?.incident) {
    const { row } = this;
    if (!row || into === undefined) return;
    const title = interpolate(gettext("Merge %s into %s?"), [numberOf(row.id), numberOf(into)]);
    if (!(await ask(title, [], { yes: gettext("Merge"), send: () => this.send(row, "merge", { into }) }))) return;
    toast(interpolate(gettext("%s was merged into %s."), [numberOf(row.id), numberOf(into)]));
    this.choose(into);
  }

  /** Take a merge back; its units and notes go with it, so it asks first. @param {number} id */
  async separate(id) {
    const title = interpolate(gettext("Take %s out of the merge?"), [numberOf(id)]);
    const done = await ask(title, [], { yes: gettext("Separate"), send: () => send(`/incidents/${id}/unmerge`) });
    if (done) toast(interpolate(gettext("%s is an incident of its own again."), [numberOf(id)]));
  }

  /** Say that it belongs with another one. */
  link() {
    const { row } = this;
    return row && linkIncident(row.id, openOnes(this.store, this.names));
  }

  /** @param {Incident} row */
  drawOutcome(row) {
    const open = ACTIVE.includes(row.state);
    /** @param {string} key @param {string} text @param {() => void} run */
    const button = (key, text, run) => h("button", { type: "button", "data-key": key, onclick: run }, text);
    fill(
      byId("outcome"),
      open && button("resolve", gettext("Resolved"), () => this.tell("resolve", {}, "confirm")),
      (open || row.state === "resolved") && button("close", gettext("Close…"), () => this.close()),
      open && button("cancel", gettext("Cancel…"), () => this.because("cancel", interpolate(gettext("Cancel %s"), [numberOf(row.id)]))),
      ["resolved", "closed", "cancelled"].includes(row.state) && button("reopen", gettext("Reopen…"), () => this.because("reopen", interpolate(gettext("Reopen %s"), [numberOf(row.id)]))),
      button("link", gettext("Link…"), () => this.link()),
      row.state === "merged" && button("unmerge", gettext("Separate"), () => this.separate(row.id)),
    );
  }

  close() {
    const { row } = this;
    const ends = { name: "disposition", label: gettext("How it ended"), choices: this.names.catalogue.dispositions };
    return row && ask(interpolate(gettext("Close %s"), [numberOf(row.id)]), [ends], { yes: gettext("Close"), send: (given) => this.send(row, "close", given, "confirm") });
  }

  /** @param {"cancel" | "reopen"} command @param {string} title */
  because(command, title) {
    const { row } = this;
    return row && ask(title, [reasonField(this.names.reasons(command)), noteField()], { yes: gettext("Go on"), send: (given) => this.send(row, command, given, "confirm") });
  }

  async note() {
    const field = /** @type {HTMLInputElement} */ (byId("note"));
    const { id } = this;
    if (!field.value.trim() || id === null) return;
    if (!(await post(`/incidents/${id}/note`, { text: field.value }))) return;
    this.drafts.delete(id);
    if (id === this.id) field.value = "";
  }

  /** News of this incident: read its story again, once for many rows. */
  later() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => void this.story(), 300);
  }

  async story() {
    const { id } = this;
    if (id === null) return;
    const told = await get(`/incidents/${id}/timeline.json`).catch(() => null);
    if (!told || id !== this.id) return;
    /** @type {StoryRow[]} */
    const rows = told.rows.filter((/** @type {StoryRow} */ row) => row.kind !== "person.opened").reverse();
    fill(byId("story"), ...rows.map((row) => storyLine(row, isNote(row) && this.striker(row))));
  }

  /** @param {StoryRow} row */
  striker(row) {
    const note = noteOf(row);
    const strike = () => strikeNote([note], this.names.reasons("strike"));
    return h("button", { type: "button", class: "link", "data-key": `strike-${note.id}`, "aria-label": interpolate(gettext("Strike the note of %s"), [note.at]), onclick: strike }, gettext("Strike…"));
  }
}

/** What positions show a unit to have done since when, while nobody has said so.
 * @param {Job} job @returns {{command: "arrive" | "depart", at: string} | null} */
function seenOf(job) {
  if (job.seen_near) return { command: "arrive", at: job.seen_near };
  return job.seen_leaving ? { command: "depart", at: job.seen_leaving } : null;
}

/** The open incidents to offer. @param {import("./store.js").Store} store @param {Names} names
 * @returns {[number, string][]} */
export const openOnes = (store, names) =>
  store
    .all("incidents")
    .filter((row) => ACTIVE.includes(row.state))
    .map((row) => [row.id, `P${row.priority} ${names.type(row.type)}, ${names.place(row)}`]);

/** @param {StoryRow} row @param {Node | false} strike */
function storyLine(row, strike) {
  // The rows stand in the order in which they were entered.
  const time = h("time", null, clock(row.at));
  const happened = row.occurred_at ? ` (${interpolate(gettext("happened %s"), [clock(row.occurred_at)])})` : "";
  const note = row.note ? h(row.struck ? "s" : "q", null, row.note) : null;
  return h("li", null, time, " ", row.text, happened, note ? ": " : "", note, " ", h("span", { class: "dim" }, row.by), strike && [" ", strike]);
}

/** @param {string} answer */
function yesNo(answer) {
  return { yes: gettext("Yes"), no: gettext("No"), unsure: gettext("Not sure") }[answer] ?? answer;
}

/** @param {string} source */
function sourceName(source) {
  return (
    {
      typed: gettext("point from the address"),
      landmark: gettext("point of the landmark"),
      area: gettext("middle of the area"),
      map: gettext("point set on the map"),
      handset: gettext("point from the phone"),
      import: gettext("point from the old system"),
    }[source] ?? gettext("point of unknown origin")
  );
}
