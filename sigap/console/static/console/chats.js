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

let before = { end: true, top: 0 };
place?.addEventListener("htmx:beforeSwap", () => {
  const list = log();
  if (list) before = { end: isAtEnd(list), top: list.scrollTop };
});
place?.addEventListener("htmx:afterSwap", () => {
  const list = log();
  if (list && !before.end) list.scrollTop = before.top;
  else toEnd();
});
toEnd();

export {};
