// What neighbouring centres hand over to us, until somebody here has answered.

import { post } from "../commands.js";
import { aside, byId, fill, h } from "../dom.js";
import { keep } from "../sounds.js";
import { timer } from "../timers.js";

/** @import {Live} from "../stream.js" */
/** @import {Names} from "../names.js" */

/** @param {Live} live @param {Names} names */
export function showHanded(live, names) {
  const list = byId("handed");
  const draw = () => {
    const alarms = live.store.all("alarms").filter((alarm) => alarm.code === "handover_in");
    list.hidden = !alarms.length;
    fill(list, ...alarms.map((alarm) => line(alarm, names)));
    const fresh = alarms.filter((alarm) => alarm.state === "new");
    keep("handed:", new Map(fresh.map((alarm) => [`handed:${alarm.id}`, alarm.urgency])));
  };
  live.store.subscribe("alarms", draw);
}

/** @param {Alarm} alarm @param {Names} names */
function line(alarm, names) {
  const page = `/neighbours/handovers/${alarm.subject.split(":")[1]}`;
  const seen = () => void post(`/dispatch/alarms/${alarm.id}/acknowledge`);
  return h(
    "li",
    { class: "row" },
    h("strong", null, aside(page, names.alarm(alarm.code))),
    ` ${alarm.details.centre ?? ""} `,
    timer(alarm.raised_at),
    alarm.state === "new" ? h("button", { type: "button", class: "small", onclick: seen }, gettext("Acknowledge")) : null,
  );
}
