// Mulai jaga: try the sounds, keep the screen on, allow notifications. Enter begins.

import { byId } from "./dom.js";
import * as sounds from "./sounds.js";

const volume = /** @type {HTMLInputElement} */ (byId("volume"));
volume.value = String(sounds.volume());
volume.addEventListener("input", () => sounds.setVolume(Number(volume.value)));

/** @param {string} id @param {boolean} isGood @param {string} text */
function say(id, isGood, text) {
  byId(id).textContent = text;
  byId(id).className = isGood ? "ok" : "warn";
}

function saySound() {
  say("sound-state", sounds.isUnlocked(), sounds.isUnlocked() ? gettext("on") : gettext("press one of the three"));
}

for (const button of document.querySelectorAll("button[data-sound]")) {
  button.addEventListener("click", async () => {
    const urgency = Number(button instanceof HTMLElement ? button.dataset.sound : 3);
    await sounds.test(/** @type {sounds.Urgency} */ (urgency));
    saySound();
  });
}

// Whoever tries things with the mouse begins with Enter all the same: the button that was
// clicked would take the key for itself.
const form = /** @type {HTMLFormElement} */ (byId("start-form"));
for (const button of form.querySelectorAll("button[type=button]")) {
  button.addEventListener("mousedown", (event) => event.preventDefault());
}
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && document.activeElement === document.body) form.requestSubmit();
});
form.addEventListener("submit", () => sounds.passOn());

/** Only a try: the lock itself is taken again by each live screen. */
async function tryWakeLock() {
  try {
    const lock = await navigator.wakeLock.request("screen");
    await lock.release();
    say("wake-state", true, gettext("yes"));
  } catch {
    say("wake-state", false, gettext("not possible in this browser: switch off the screen saver"));
  }
}

function sayNotifications() {
  const state = "Notification" in window ? Notification.permission : "denied";
  say("notify-state", state === "granted", { granted: gettext("allowed"), denied: gettext("refused by the browser"), default: gettext("not asked yet") }[state]);
  byId("notify").hidden = state !== "default";
}

byId("notify").addEventListener("click", async () => {
  await Notification.requestPermission();
  sayNotifications();
});
saySound();
sayNotifications();
void tryWakeLock();
if (document.getElementById("mic-level")) {
  const { checkHeadset } = await import("./headsetcheck.js");
  checkHeadset();
}
/** @type {HTMLElement | null} */ (document.querySelector("input[name=role]:checked"))?.focus();
