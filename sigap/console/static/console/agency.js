// The agency board: keys for the steps of the marked job; the rows are drawn by the server.

import { toast } from "./commands.js";
import { arrange, byId } from "./dom.js";
import * as keys from "./keys.js";
import { Redraw } from "./redraw.js";
import { Steady } from "./steady.js";
import { Live } from "./stream.js";

const AGAIN_MS = 10_000;

const rows = byId("rows");
const live = new Live("agency");

/** The job that keys act on, by the id of its card: whatever becomes of the list, only this. */
let marked = "";
/** The jobs as the server sorts them. @type {Map<number, string>} */
let wanted = new Map();
/** What had the focus when the rows were drawn anew, and gets it back behind that. */
let focused = "";
/** The job whose end waits for its second press. */
let asked = { job: "", until: 0 };

const cards = () => /** @type {HTMLElement[]} */ ([...rows.querySelectorAll("[data-job]")]);
const job = () => cards().find((card) => card.id === marked);

const steady = new Steady({
  place: rows,
  note: byId("jobs-new"),
  wanted: () => wanted,
  isAt: () => Boolean((document.getElementById(focused) ?? document.activeElement)?.closest("[data-job]")),
  put,
});

/** Bring the cards into the order that is kept; what is new comes last. */
function put() {
  const at = document.activeElement;
  const shown = [...steady.order.keys(), ...steady.fresh].map((id) => document.getElementById(`job-${id}`));
  if (wanted.size) arrange(byId("jobs"), shown.filter((card) => card !== null));
  if (at instanceof HTMLElement && at !== document.activeElement && at.isConnected) at.focus();
  show();
}

function show() {
  for (const card of cards()) card.setAttribute("aria-current", String(card.id === marked));
}

/** The rows are new. @param {string} focus the id of what has the focus */
function drawn(focus) {
  focused = focus;
  wanted = new Map(cards().map((card) => [Number(card.dataset.job), ""]));
  for (const id of steady.order.keys()) if (!wanted.has(id)) steady.order.delete(id);
  steady.settle();
  put();
  focused = "";
}

/** Press a button of the marked job, or say why that cannot be.
 * @param {string} command @param {string} key @param {string} label */
function press(command, key, label) {
  const card = job();
  if (!card) return toast(gettext("Mark a job first: ] goes to the next one."), { bad: true });
  const { name = "" } = card.dataset;
  /** @type {HTMLElement | null} */
  const found = card.querySelector(command === "decline" ? "select[name=reason]" : `button[value="${command}"]`);
  if (!found) return toast(interpolate(gettext("%s: “%s” is not possible now."), [name, label]), { bad: true });
  if (command === "decline") return found.focus();
  if (command === "complete" && !isSecond(card.id)) {
    return toast(interpolate(gettext("%s: press %s again to end this job."), [name, key.toUpperCase()]), { bad: true });
  }
  found.click();
}

/** Whether the end of this job was asked for just now already. @param {string} id */
function isSecond(id) {
  const again = asked.job === id && performance.now() < asked.until;
  asked = { job: id, until: performance.now() + AGAIN_MS };
  return again;
}

/** @param {string} key @param {string} command @param {string} label @returns {import("./keys.js").Key} */
const step = (key, command, label) => ({ key, label, run: () => press(command, key, label) });

/** Mark the next card, or the first. @param {number} by */
function move(by) {
  const all = cards();
  const at = all.findIndex((card) => card.id === marked);
  all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))]?.focus();
}

rows.addEventListener("focusin", ({ target }) => {
  const card = target instanceof Element && target.closest("[data-job]");
  if (!card) return;
  marked = card.id;
  show();
});
document.addEventListener("htmx:afterRequest", (event) => {
  const { successful, requestConfig } = /** @type {CustomEvent} */ (event).detail;
  const name = requestConfig.elt.closest("[data-name]")?.dataset.name;
  const said = requestConfig.triggeringEvent?.submitter?.firstChild?.textContent.trim();
  if (successful && name && said) toast(interpolate(gettext("Done: %s"), [`${name} · ${said}`]));
});

keys.add(
  step("a", "acknowledge", gettext("Accept")),
  step("t", "decline", gettext("Decline: choose the reason")),
  step("m", "depart", gettext("En route")),
  step("l", "arrive", gettext("On scene")),
  step("s", "complete", gettext("Done")),
  { key: "]", label: gettext("Next job"), run: () => move(1) },
  { key: "[", label: gettext("Job before"), run: () => move(-1) },
  { key: "n", label: gettext("Sort the list and show what is new"), run: () => steady.sort() },
  { key: "?", label: gettext("This help"), run: () => keys.help() },
);
byId("keys").addEventListener("click", () => keys.help());
new Redraw(rows, "/agency/rows", live, drawn);
live.onSecond(() => steady.settle());
drawn("");
void live.start();
