// The station's screen: asks every two seconds what rings, sounds until somebody presses
// "received", and says loudly when it is cut off itself.

import { get, post } from "./commands.js";
import { byId, fill, given, h, priority } from "./dom.js";
import { clock } from "./format.js";
import * as sounds from "./sounds.js";

const POLL_MS = 2000;
const CUT_MS = 10_000;

/** @typedef {{id: number, unit: string, at: string, test: boolean, urgency: number, priority: number, type: string, place: string}} Job */

const link = byId("link");
const list = byId("alerts");
let heard = performance.now();
/** What is being answered just now: it rings no more. @type {Set<number>} */
const pressed = new Set();
let shown = "";

/** @param {Job[]} jobs */
function show(jobs) {
  const ringing = jobs.filter((job) => !pressed.has(job.id));
  byId("quiet").hidden = ringing.length > 0;
  sounds.keep("station:", new Map(ringing.map((job) => [`station:${job.id}`, job.urgency])));
  const now = JSON.stringify(ringing);
  if (now === shown) return;
  shown = now;
  fill(list, ringing.map(card));
}

/** @param {Job} job */
function card(job) {
  const title = job.test ? gettext("Test alert: nothing has happened") : job.type;
  return h(
    "article",
    { class: "ring" },
    h("h2", null, job.priority ? priority(job.priority) : null, " ", h("span", { class: "mono" }, job.unit), " ", title),
    job.place ? h("p", null, job.place) : null,
    h("p", { class: "dim" }, clock(job.at)),
    h("button", { type: "button", class: "strong", "data-key": `take-${job.id}`, onclick: () => take(job) }, gettext("Received")),
  );
}

/** @param {Job} job */
async function take(job) {
  pressed.add(job.id);
  if (!(await post(`/station/alerts/${job.id}/take`))) pressed.delete(job.id);
  await poll();
}

async function poll() {
  try {
    const { jobs } = await get("/station/rows");
    heard = performance.now();
    show(jobs);
  } catch {
    // The line above says how long nothing was heard.
  }
  connection();
}

function connection() {
  const silent = performance.now() - heard;
  const cut = silent > CUT_MS;
  link.classList.toggle("cut", cut);
  document.body.classList.toggle("cut", cut);
  link.textContent = cut ? interpolate(gettext("Cut off for %s s"), [Math.round(silent / 1000)]) : gettext("Connected");
  if (cut) sounds.start("cut", 2);
  else sounds.stop("cut");
}

byId("unlock").addEventListener("click", async () => {
  await sounds.test(2);
  byId("start").hidden = sounds.isUnlocked();
});

/** A screen that goes dark is no alarm clock. */
async function stayAwake() {
  if (!document.hidden) await navigator.wakeLock?.request("screen").catch(() => null);
}

show(given("jobs"));
document.addEventListener("visibilitychange", () => void stayAwake());
void stayAwake();
setInterval(() => void poll(), POLL_MS);
setInterval(connection, 1000);
