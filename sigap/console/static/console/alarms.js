// Alarms: somebody must do something by a time. All else is the record's.

import { ask, reasonField } from "./ask.js";
import { post, send, urgent } from "./commands.js";
import { aside, byId, fill, h } from "./dom.js";
import { clock } from "./format.js";
import { keep } from "./sounds.js";
import { timer } from "./timers.js";

/** @import {Live} from "./stream.js" */
/** @import {Names} from "./names.js" */

/** The incident that an alarm is about, if any. @param {Alarm} alarm */
const incidentOf = (alarm) => {
  const [kind, id] = (alarm.case || alarm.subject).split(":");
  return kind === "incident" ? Number(id) : null;
};

/** Whether whoever sits at a desk of this role must act: the alarm is theirs, or nobody of the
 * role that owns it is on shift. @param {Alarm} alarm @param {string} role
 * @param {import("./store.js").Store} store */
export const isFor = (alarm, role, store) => alarm.owner === role || !store.all("operators").some((o) => o.role === alarm.owner);

const RANK = ["new", "acknowledged", "shelved"];

export class AlarmPanel {
  /** @param {Live} live @param {Names} names @param {string} role whose desk it is
   * @param {(incident: number) => void} [choose] shows an incident on this screen */
  constructor(live, names, role, choose) {
    this.live = live;
    this.names = names;
    this.role = role;
    this.choose = choose;
    this.panel = byId("alarms");
    this.list = byId("alarm-list");
    /** Shows and hides the panel; a screen without it shows it always. */
    this.button = document.getElementById("kpi-alarms");
    /** The alarm that F9 showed. @type {number | null} */
    this.shownFirst = null;
    live.store.subscribe("operators", () => this.sound());
    live.store.subscribe("alarms", ({ put, reset }) => {
      this.draw();
      this.sound();
      if (!reset) this.say(put);
    });
    document.getElementById("alarms-close")?.addEventListener("click", () => this.show(false));
    this.button?.addEventListener("click", () => this.show(this.panel.hidden));
  }

  /** @param {Alarm} alarm */
  isMine(alarm) {
    return isFor(alarm, this.role, this.live.store);
  }

  /** Those for this desk first; then what nobody has answered, the most urgent first. */
  sorted() {
    const others = (/** @type {Alarm} */ alarm) => Number(!this.isMine(alarm));
    return this.live.store
      .all("alarms")
      .sort((a, b) => others(a) - others(b) || RANK.indexOf(a.state) - RANK.indexOf(b.state) || a.urgency - b.urgency || a.id - b.id);
  }

  /** @param {boolean} isShown */
  show(isShown) {
    if (!this.button) return this.list.focus();
    this.panel.hidden = !isShown;
    this.button.setAttribute("aria-expanded", String(isShown));
    if (isShown) this.draw();
  }

  /** F9: the first press shows the most urgent alarm, the next one answers it. */
  answer() {
    const first = this.sorted().find((alarm) => alarm.state === "new");
    const wasShown = !this.panel.hidden;
    if (!first) return this.show(!wasShown);
    const incident = incidentOf(first);
    if (incident) this.choose?.(incident);
    if (wasShown && this.shownFirst === first.id) void this.acknowledge(first);
    this.show(true);
    this.shownFirst = first.id;
  }

  /** @param {Alarm} alarm */
  acknowledge(alarm) {
    return post(`/dispatch/alarms/${alarm.id}/acknowledge`);
  }

  /** @param {Alarm} alarm */
  shelve(alarm) {
    const most = alarm.urgency === 1 ? (this.live.store.parameters.shelve_urgent_min ?? 10) : 480;
    const minutes = /** @type {const} */ ({ name: "minutes", label: gettext("Minutes"), kind: "number", value: Math.min(10, most), min: 1, max: most });
    return ask(gettext("Shelve the alarm"), [reasonField(this.names.reasons("shelve")), minutes], {
      yes: gettext("Shelve"),
      send: (given) => send(`/dispatch/alarms/${alarm.id}/shelve`, { reason: given.reason, minutes: Number(given.minutes) }),
    });
  }

  draw() {
    if (this.panel.hidden) return;
    const alarms = this.sorted();
    /** @type {Map<string, Alarm[]>} */
    const groups = new Map();
    for (const alarm of alarms) {
      const key = incidentOf(alarm) ? `incident:${incidentOf(alarm)}` : alarm.subject;
      groups.set(key, [...(groups.get(key) ?? []), alarm]);
    }
    if (!alarms.length) return fill(this.list, h("p", { class: "empty" }, gettext("No alarms.")));
    fill(this.list, ...[...groups.values()].map((group) => this.group(group)));
  }

  /** What an alarm without an incident is about. @param {string} subject */
  about(subject) {
    const [noun, id] = subject.split(":");
    if (noun === "recording") return interpolate(gettext("Recording %s"), [id]);
    if (noun === "inbox") return interpolate(gettext("Message %s"), [id]);
    if (noun === "complaint") return aside(`/complaints/${id}`, gettext("Report"));
    if (noun === "channel") return gettext("Ways of alerting crews");
    if (noun === "unit") return gettext("Unit");
    if (noun === "jobrun") return gettext("The machine");
    if (noun === "handover") return aside(`/neighbours/handovers/${id}`, gettext("Neighbouring centre"));
    if (noun === "aid") return aside(`/neighbours/aid/${id}`, gettext("Neighbouring centre"));
    if (noun === "share") return aside(`/neighbours/shares/${id}`, gettext("Neighbouring centre"));
    if (noun === "loan") return aside("/neighbours#loans", gettext("Lent units"));
    if (noun === "receivedwarning") return aside(`/warnings/${id}`, gettext("Public warning"));
    if (noun === "announcement") return aside(`/warnings/own/${id}`, gettext("Public warning"));
    if (noun === "warningsource") return aside("/warnings#sources", gettext("Source of warnings"));
    if (noun === "followup") return aside("/survey#follow-ups", gettext("Low mark"));
    return noun === "call" ? interpolate(gettext("Call %s"), [id]) : noun === "user" ? this.names.user(id) : `${noun} ${id}`;
  }

  /** Alarms of one incident stand together. @param {Alarm[]} group */
  group(group) {
    const incident = incidentOf(group[0]);
    const row = this.live.store.get("incidents", incident);
    const title = incident ? this.link(incident, `#${incident} ${row ? this.names.type(row.type) : ""}`) : this.about(group[0].subject);
    return h("section", { class: "alarm-group" }, h("h3", null, title), h("ul", null, ...group.map((alarm) => this.line(alarm))));
  }

  /** @param {number} incident @param {string} title */
  link(incident, title) {
    if (!this.choose) return aside(`/incidents/${incident}`, title);
    return h("button", { type: "button", class: "link", "data-key": `go-${incident}`, onclick: () => this.choose?.(incident) }, title);
  }

  /** @param {Alarm} alarm */
  line(alarm) {
    const { unit, next, centre } = alarm.details;
    const at = alarm.code === "mayday" ? this.live.store.all("units").find((one) => one.call_sign === unit) : undefined;
    const { owner } = alarm;
    const whose = this.isMine(alarm) ? "" : interpolate(gettext("for: %s"), [this.names.role(owner)]);
    const about = [whose, unit, centre, next ? interpolate(gettext("next: %s"), [next]) : "", at?.lat && at.lng ? `${at.lat.toFixed(5)}, ${at.lng.toFixed(5)}` : ""].filter(Boolean).join(" · ");
    const stateText = this.names.state("alarm", alarm.state);
    /** @param {string} key @param {string} text @param {() => void} run @param {string} [kind] */
    const button = (key, text, run, kind = "small") => h("button", { type: "button", class: kind, "data-key": `${key}-${alarm.id}`, onclick: run }, text);
    return h(
      "li",
      { class: `alarm u${alarm.urgency}` },
      h("div", { class: "alarm-line" }, h("strong", null, this.names.alarm(alarm.code)), h("span", { class: `state ${alarm.state}` }, stateText), timer(alarm.raised_at), alarm.quiet_until ? h("span", { class: "dim" }, interpolate(gettext("until %s"), [clock(alarm.quiet_until)])) : null),
      about ? h("p", null, about) : null,
      h(
        "div",
        { class: "actions" },
        alarm.state !== "acknowledged" && button("ack", gettext("Acknowledge"), () => this.acknowledge(alarm), "small strong"),
        alarm.state !== "shelved" && button("shelve", gettext("Shelve…"), () => this.shelve(alarm)),
        // All others end with their cause.
        alarm.closable && button("done", gettext("Done"), () => post(`/dispatch/alarms/${alarm.id}/done`)),
      ),
    );
  }

  /** New alarms sound, by urgency, until each is answered. */
  sound() {
    const fresh = this.live.store.all("alarms").filter((alarm) => alarm.state === "new" && this.isMine(alarm));
    keep("alarm:", new Map(fresh.map((alarm) => [`alarm:${alarm.id}`, alarm.urgency])));
  }

  /** Screen readers are interrupted for the most urgent only. @param {Alarm[]} put */
  say(put) {
    const first = put.find((alarm) => alarm.state === "new" && alarm.urgency === 1 && this.isMine(alarm));
    if (first) urgent(`${this.names.alarm(first.code)} ${first.case.replace("incident:", "#")}`);
  }
}
