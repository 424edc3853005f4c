// The agency board: keys for the steps of the marked job; the rows are drawn by the server.

import { toast } from "./commands.js";
import { arrange, byId } from "./dom.js";
import * as keys from "./keys.js";
import { Redraw } from "./redraw.js";
import { Live } from "./stream.js";

const AGAIN_MS = 10_000;
const POINTER_MS = 8000; // a resting mouse does not hold the list for ever

const rows = byId("rows");
const live = new Live("agency");

/** The job that keys act on, by the id of its card: whatever becomes of the list, only this. */
let marked = "";
/** The cards as they stand, as the server sorts them, and as they were last sorted. @type {string[]} */
let order = [];
/** @type {string[]} */
let wanted = [];
/** @type {string[]} */
let sorted = [];
let pointerAt = -Infinity;
/** The job whose end waits for its second press. */
let asked = { job: "", until: 0 };

const cards = () => /** @type {HTMLElement[]} */ ([...rows.querySelectorAll("[data-job]")]);
const job = () => cards().find((card) => card.id === marked);
const isAt = () => Boolean(document.activeElement?.closest("[data-job]"));
const hasPointer = () => performance.now() - pointerAt < POINTER_MS;

/** Show the mark, and how much waits to be sorted in. */
function show() {
  for (const card of cards()) card.setAttribute("aria-current", String(card.id === marked));
  const note = byId("jobs-new");
  note.hidden = wanted.every((id, i) => id === order[i]);
  if (note.hidden) sorted = wanted;
  const fresh = wanted.filter((id) => !sorted.includes(id)).length;
  note.textContent = fresh ? ngettext("%s new", "%s new", fresh).replace("%s", String(fresh)) : gettext("Sort again");
}

/** @param {string[]} ids */
function place(ids) {
  order = ids;
  if (ids.length) arrange(byId("jobs"), ids.map(byId));
  show();
}

/** Bring the cards into order. */
function sort() {
  const focused = document.activeElement;
  sorted = wanted;
  place(wanted);
  if (focused instanceof HTMLElement && focused.isConnected) focused.focus();
}

/** The rows are new: nothing moves while somebody is at them, and what is new comes last.
 * @param {string} focused the id of what has the focus */
function drawn(focused) {
  wanted = cards().map((card) => card.id);
  const held = hasPointer() || document.getElementById(focused)?.closest("[data-job]");
  if (held) place([...order.filter((id) => wanted.includes(id)), ...wanted.filter((id) => !order.includes(id))]);
  else sort();
}

function settle() {
  if (!byId("jobs-new").hidden && !isAt() && !hasPointer()) sort();
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
rows.addEventListener("focusout", () => setTimeout(settle));
rows.addEventListener("pointermove", ({ target }) => {
  pointerAt = target instanceof Element && target.closest("[data-job]") ? performance.now() : -Infinity;
});
rows.addEventListener("click", ({ target }) => {
  if (target instanceof Element && target.id === "jobs-new") sort();
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
  { key: "n", label: gettext("Sort the list and show what is new"), run: sort },
  { key: "?", label: gettext("This help"), run: () => keys.help() },
);
byId("keys").addEventListener("click", () => keys.help());
new Redraw(rows, "/agency/rows", live, drawn);
live.onSecond(settle);
drawn("");
void live.start();
