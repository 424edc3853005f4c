// The supervisor's screen: keys between the panels; calls set aside, and those to be reviewed.
// The other rows are drawn by the server.

import { AlarmPanel } from "./alarms.js";
import { UNHEARD } from "./calls/parties.js";
import { post } from "./commands.js";
import { given } from "./dom.js";
import * as keys from "./keys.js";
import { Names } from "./names.js";
import { present } from "./presence.js";
import { Redraw } from "./redraw.js";
import { Live, catalogue } from "./stream.js";
import { Reviews } from "./supervisor/reviews.js";
import { SetAside } from "./supervisor/setaside.js";
import { SurgeButton } from "./supervisor/surge.js";
import { tick } from "./timers.js";

const live = new Live("console");
const rows = /** @type {HTMLElement} */ (document.getElementById("rows"));
new Redraw(rows, "/supervisor/rows", live);
const names = new Names(await catalogue());
const aside = new SetAside(live, names);
const alarms = new AlarmPanel(live, names, "supervisor");
new Reviews(live, names);
new SurgeButton(live, names);

const PANELS = ["load", "queue", "callbacks", "alarms", "aside", "reviews", "breaches", "rates", "jobs"];

/** @param {string} panel */
const panel = (panel) => document.querySelector(`[data-panel="${panel}"]`);

/** @param {string} name @returns {() => void} */
const go = (name) => () => /** @type {HTMLElement | null} */ (panel(name))?.focus();

/** @param {number} by */
function move(by) {
  const here = document.activeElement?.closest("[data-panel]")?.getAttribute("data-panel") ?? "";
  const next = (PANELS.indexOf(here) + by + PANELS.length) % PANELS.length;
  go(PANELS[here ? next : 0])();
}

const marked = gettext("Set aside");
keys.add(
  { key: "l", group: marked, label: gettext("Let the marked call ring"), run: () => aside.withMarked((id) => aside.release(id)) },
  { key: "a", group: marked, label: gettext("Take the marked call"), run: () => aside.withMarked((id) => aside.take(id)) },
  { key: "j", group: marked, label: gettext("Mark the next call"), run: () => aside.move(1) },
  { key: "k", group: marked, label: gettext("Mark the call before"), run: () => aside.move(-1) },
  { key: "g k", label: gettext("To the call takers"), run: go("load") },
  { key: "g a", label: gettext("To the queue"), run: go("queue") },
  { key: "g b", label: gettext("To the call-backs"), run: go("callbacks") },
  { key: "g s", label: gettext("To the calls set aside"), run: go("aside") },
  { key: "g r", label: gettext("To the calls to be reviewed"), run: go("reviews") },
  { key: "g t", label: gettext("To the breached targets"), run: go("breaches") },
  { key: "g l", label: gettext("To the alarms"), run: go("alarms") },
  { key: "F9", label: gettext("Show the most urgent alarm; again to acknowledge it"), run: () => alarms.answer() },
  { key: "g j", label: gettext("To the jobs"), run: go("jobs") },
  { key: "]", label: gettext("Next panel"), run: () => move(1) },
  { key: "[", label: gettext("Panel before"), run: () => move(-1) },
  { key: "?", label: gettext("This help"), run: () => keys.help() },
);
document.getElementById("keys")?.addEventListener("click", () => keys.help());
live.store.subscribe("calls", () => aside.paint());

/** When I asked to hear a call: my telephone comes to it by itself. */
let askedAt = -Infinity;
const ASKED_MS = 15_000;
/** @type {number} */
const me = given("me");
/** @param {CallParty} party */
const isMyEar = (party) => party.user === me && UNHEARD.includes(party.how);
const listens = () => performance.now() - askedAt < ASKED_MS || live.store.all("calls").some((call) => call.parties.some(isMyEar));
// By a command, since a page that is loaded anew would hang up its telephone.
rows.addEventListener("submit", (event) => {
  const { target, submitter } = event;
  if (!(target instanceof HTMLFormElement && target.matches(".listening") && submitter instanceof HTMLButtonElement)) return;
  event.preventDefault();
  const stops = submitter.getAttribute("formaction");
  askedAt = stops ? -Infinity : performance.now();
  void post(stops ?? target.getAttribute("action") ?? "", submitter.name ? { whisper: true } : {});
});
live.onSecond(() => tick(live.now()));
present(live);
await live.start();
if (document.getElementById("telephone-line")) {
  const { begin } = await import("./calls/telephonebar.js");
  const phone = begin({ wanted: listens, take: () => void phone.lift(), mute: "m" });
  live.store.subscribe("calls", () => phone.look());
  keys.add({ key: "F2", label: gettext("Pick up the telephone"), group: gettext("Telephone"), run: () => void phone.lift() });
}
