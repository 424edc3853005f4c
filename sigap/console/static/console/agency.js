// The agency board: keys for the steps of a job; the rows are drawn by the server.

import * as keys from "./keys.js";
import { Redraw } from "./redraw.js";
import { Live } from "./stream.js";

const rows = /** @type {HTMLElement} */ (document.getElementById("rows"));
const live = new Live("agency");
new Redraw(rows, "/agency/rows", live);

/** The job that keys act on: the one in focus, else the first. */
const job = () => document.activeElement?.closest("[data-job]") ?? rows.querySelector("[data-job]");

/** @param {string} key @param {string} command @param {string} label @returns {import("./keys.js").Key} */
const step = (key, command, label) => ({
  key,
  label,
  run: () => /** @type {HTMLElement | null} */ (job()?.querySelector(`button[value="${command}"]`))?.click(),
});

/** @param {number} by */
function move(by) {
  const all = /** @type {HTMLElement[]} */ ([...rows.querySelectorAll("[data-job]")]);
  const at = all.indexOf(/** @type {HTMLElement} */ (job()));
  all[Math.min(all.length - 1, Math.max(0, at + by))]?.focus();
}

keys.add(
  step("a", "acknowledge", gettext("Accept")),
  { key: "t", label: gettext("Decline: choose the reason"), run: () => job()?.querySelector("select")?.focus() },
  step("m", "depart", gettext("En route")),
  step("l", "arrive", gettext("On scene")),
  step("s", "complete", gettext("Done")),
  { key: "]", label: gettext("Next job"), run: () => move(1) },
  { key: "[", label: gettext("Job before"), run: () => move(-1) },
  { key: "?", label: gettext("This help"), run: () => keys.help() },
);
document.getElementById("keys")?.addEventListener("click", () => keys.help());
void live.start();
