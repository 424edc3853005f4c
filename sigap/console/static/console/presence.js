// A live screen that somebody works at: it reports that it is alive, keeps the display on,
// and calls for attention when its window is hidden.

import { send } from "./commands.js";

/** @import {Live} from "./stream.js" */

/** @param {Live} live */
export function present(live) {
  const report = () => void send("/console/heartbeat").catch(() => null); // the band tells of a cut
  let seconds = 0;
  report();
  live.onSecond(() => {
    seconds += 1;
    if (seconds % Math.max(5, live.store.parameters.heartbeat_s ?? 15) === 0) report();
  });
  const awake = () => {
    if (document.visibilityState === "visible") void navigator.wakeLock?.request("screen").catch(() => null);
  };
  document.addEventListener("visibilitychange", awake);
  awake();
}

/** Show a notification while nobody looks at this window. It names no person.
 * @param {string} text @param {string} tag one of a kind replaces the one before it */
export function callBack(text, tag) {
  if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
  const shown = new Notification(text, { tag });
  shown.onclick = () => {
    focus();
    shown.close();
  };
}
