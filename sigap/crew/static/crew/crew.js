// The crew page: shows the last snapshot and what was pressed since, keeps every press in the
// outbox, and sends that when there is a network. Without it all forms still work.

import * as store from "./store.js";
import { ask, press as keepPress, send } from "./outbox.js";
import { byId, draw, forgetDrafts, hour, say } from "./dom.js";
import { follow, onHold, place, placeInWords, stayAwake } from "./device.js";
import { helpPart, jobPart, outboxPart, unitPart, waitingPart } from "./render.js";
import { sha256, shrink } from "./photo.js";
import { withOutbox } from "./view.js";

/** @typedef {import("./types").Act} Act */
/** @typedef {import("./types").State} State */

const POLL_MS = 5000;
const MOST_WAIT_MS = 60_000;
const CUT_MS = 12_000;
/** A second tap that lands on the next step was meant for the one before. */
const REST_MS = 900;

const page = document.querySelector('meta[name="user-id"]')?.getAttribute("content") ?? "";
/** @type {State | null} */
let state = null;
/** @type {Act[]} */
let acts = [];
/** @type {number | null} */
let user = null;
let trouble = "";
let heardMs = 0;
let restUntil = 0;

/** Keep a press, show it as pressed, and try to send it. @param {string} name @param {Record<string, any>} data @param {Blob} [photo] */
async function press(name, data, photo) {
  if (!state || user === null) return;
  if (name === "step" && data.command !== "decline" && performance.now() < restUntil) return;
  if (name === "step") rest();
  try {
    await keepPress(name, data, { user, unit: state.unit.call_sign, photo });
  } catch {
    say(gettext("This phone cannot keep it: its storage is full or blocked. Use the radio."));
    return;
  }
  await show();
  void navigator.serviceWorker?.ready.then((/** @type {any} */ worker) => worker.sync?.register("outbox")).catch(() => {});
  wake();
}

/** @param {File} file @param {number} assignment */
async function take(file, assignment) {
  if (!crypto.subtle) return say(gettext("Photos need a secure address (https)."));
  say(gettext("The photo is being kept…"), true);
  const photo = await shrink(file);
  await press("photo", { assignment, size: photo.size, sha256: await sha256(photo) }, photo);
  say(gettext("The photo is kept on this phone and is sent by itself."), true);
}

/** @param {Act} act */
async function dismiss(act) {
  await store.drop(act);
  await show();
}

/** Read what is kept, and show it. */
async function show() {
  [state, user, acts] = await Promise.all([store.kept("state"), store.kept("user"), store.acts()]);
  heardMs = (await store.kept("heard_ms")) ?? 0;
  const token = await store.kept("csrf");
  if (token) document.querySelector('meta[name="csrf-token"]')?.setAttribute("content", token);
  // Of whoever was here before, nothing is shown.
  if (page && user !== null && user !== undefined && String(user) !== page) state = null;
  const mine = acts.filter((act) => act.user === user);
  draw(byId("outbox"), [acts, user, trouble], () => outboxPart(acts, state, user, trouble, dismiss));
  if (!state) return;
  const shown = withOutbox(state, mine);
  const [first, ...others] = shown.jobs;
  const about = [shown.reasons, shown.forms, shown.commands, shown.ways, shown.room];
  const steps = byId("job").dataset.step;
  let busy = draw(byId("help"), shown.mayday, () => helpPart(shown, press));
  busy = draw(byId("job"), [first, about, shown.waits], () => jobPart(shown, first, press, take)) || busy;
  busy = draw(byId("waiting"), [others, about], () => waitingPart(shown, others, press)) || busy;
  busy = draw(byId("unit"), [shown.unit, shown.aboard, shown.colleagues, about, shown.jobs.length > 0], () => unitPart(shown, press)) || busy;
  byId("help").hidden = !shown.mayday;
  byId("mayday-bar").hidden = Boolean(shown.mayday);
  const step = `${first?.id}:${first?.state}`;
  if (steps !== undefined && steps !== step) rest();
  byId("job").dataset.step = step;
  if (busy) say(gettext("Your job changed. Close the keyboard to see it."));
  void stayAwake(Boolean(first));
}

/** Right after a change the steps do not take a press. */
function rest() {
  restUntil = performance.now() + REST_MS;
  for (const button of byId("job").querySelectorAll(".steps button")) button.setAttribute("aria-disabled", "true");
  setTimeout(() => document.querySelectorAll(".steps [aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled")), REST_MS);
}

let failures = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let going = false;
let again = false;

/** Send what waits, else ask how all stands; then wait, longer each time that nobody answers. */
async function turn() {
  if (going) return void (again = true);
  going = true;
  again = false;
  clearTimeout(timer);
  try {
    let outcome = await send();
    if (outcome === "nothing" && !document.hidden) {
      outcome = await ask();
      if (outcome === "sent") await send(); // only now it is known who has signed in
    }
    trouble = outcome === "sign-in" ? outcome : "";
    failures = outcome === "offline" || outcome === "busy" ? failures + 1 : 0;
  } catch {
    failures += 1;
  }
  going = false;
  await show().catch(() => {});
  connection();
  const wait = Math.min(MOST_WAIT_MS, POLL_MS * 2 ** Math.max(0, failures - 1));
  timer = setTimeout(turn, again ? 0 : wait);
}

/** Something happened: do not wait. */
function wake() {
  failures = 0;
  void turn();
}

function connection() {
  const link = byId("link");
  const silent = Date.now() - heardMs;
  const cut = !navigator.onLine || silent > CUT_MS;
  link.classList.toggle("cut", cut);
  const since = silent < 100_000 ? `${Math.max(0, Math.round(silent / 1000))} s` : hour(heardMs);
  const text = cut ? interpolate(gettext("Cut off %s"), [heardMs ? since : ""]) : gettext("Connected");
  if (link.textContent !== text) link.textContent = text;
  byId("gps").textContent = placeInWords();
}

const sure = /** @type {HTMLDialogElement} */ (byId("mayday-sure"));
async function help() {
  await press("mayday", place());
  byId("help").scrollIntoView({ block: "center" });
}
onHold(byId("mayday"), () => void help(), () => sure.showModal());
byId("mayday-yes").addEventListener("click", () => {
  sure.close();
  void help();
});
byId("mayday-no").addEventListener("click", () => sure.close());
document.addEventListener("visibilitychange", wake);
document.addEventListener("focusout", () => setTimeout(() => void show(), 0));
addEventListener("online", wake);
addEventListener("offline", connection);
document.querySelector('form[action="/sign-out"]')?.addEventListener("submit", () => {
  forgetDrafts();
  void store.forget();
});
setInterval(connection, 1000);
void navigator.serviceWorker?.register("/crew/sw.js", { scope: "/crew", type: "module" }).catch(() => {});
void navigator.storage?.persist?.().catch(() => {});
document.body.classList.add("scripted");
await show().catch(() => {});
await turn();
void follow();
