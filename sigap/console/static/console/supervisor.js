// The supervisor's screen: keys between the panels; the rows are drawn by the server.

import * as keys from "./keys.js";
import { Redraw } from "./redraw.js";
import { Live } from "./stream.js";

const live = new Live("console");
const rows = /** @type {HTMLElement} */ (document.getElementById("rows"));
new Redraw(rows, "/supervisor/rows", live);

const PANELS = ["load", "queue", "callbacks", "breaches", "alarms", "jobs"];

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

keys.add(
  { key: "g k", label: gettext("To the call takers"), run: go("load") },
  { key: "g a", label: gettext("To the queue"), run: go("queue") },
  { key: "g b", label: gettext("To the call-backs"), run: go("callbacks") },
  { key: "g t", label: gettext("To the breached targets"), run: go("breaches") },
  { key: "g l", label: gettext("To the alarms"), run: go("alarms") },
  { key: "g j", label: gettext("To the jobs"), run: go("jobs") },
  { key: "]", label: gettext("Next panel"), run: () => move(1) },
  { key: "[", label: gettext("Panel before"), run: () => move(-1) },
  { key: "?", label: gettext("This help"), run: () => keys.help() },
);
document.getElementById("keys")?.addEventListener("click", () => keys.help());
void live.start();
