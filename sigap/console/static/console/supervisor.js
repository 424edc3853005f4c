// The supervisor's screen: keys between the panels; calls set aside, and those to be reviewed.
// The other rows are drawn by the server.

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
new Reviews(live, names);
new SurgeButton(live, names);

const PANELS = ["load", "queue", "callbacks", "aside", "reviews", "breaches", "alarms", "jobs"];

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
  { key: "g j", label: gettext("To the jobs"), run: go("jobs") },
  { key: "]", label: gettext("Next panel"), run: () => move(1) },
  { key: "[", label: gettext("Panel before"), run: () => move(-1) },
  { key: "?", label: gettext("This help"), run: () => keys.help() },
);
document.getElementById("keys")?.addEventListener("click", () => keys.help());
live.store.subscribe("calls", () => aside.paint());
live.onSecond(() => tick(live.now()));
present(live);
void live.start();
