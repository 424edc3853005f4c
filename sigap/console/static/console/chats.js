// The newest message stays in sight, unless somebody reads further up.

const NEAR = 60;
const place = document.getElementById("chat-messages");

/** @returns {HTMLElement | null} */
const log = () => place?.querySelector(".chat-messages") ?? null;

/** Whether the end is in sight. @param {HTMLElement} list */
const isAtEnd = (list) => list.scrollHeight - list.scrollTop - list.clientHeight < NEAR;

const toEnd = () => {
  const list = log();
  if (list) list.scrollTop = list.scrollHeight;
};

const isPlaying = () =>
  [...(place?.querySelectorAll("audio") ?? [])].some((one) => !one.paused && !one.ended);

let before = { end: true, top: 0 };
place?.addEventListener("htmx:beforeSwap", (event) => {
  const detail = /** @type {CustomEvent} */ (event).detail;
  // What is the same would stop a voice note and load every photo again.
  const fresh = document.createElement("template");
  fresh.innerHTML = detail.serverResponse;
  if (fresh.innerHTML === place.innerHTML || isPlaying()) {
    detail.shouldSwap = false;
    return;
  }
  const list = log();
  if (list) before = { end: isAtEnd(list), top: list.scrollTop };
});
place?.addEventListener("htmx:afterSwap", () => {
  const list = log();
  if (list && !before.end) list.scrollTop = before.top;
  else toEnd();
});
toEnd();
// A photo that has come by now has made the list longer.
place?.addEventListener(
  "load",
  () => {
    if (before.end) toEnd();
  },
  true,
);

export {};
