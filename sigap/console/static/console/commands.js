// Sending commands, and telling people how they went.

/** @typedef {{ok: true, [more: string]: any}} Answer */
/** @typedef {{confirm?: string, quiet?: boolean}} Options
 *  `confirm` names the flag that a second, identical press sends along. */

export class CommandError extends Error {
  /** @param {string} code @param {string} message @param {Record<string, any>} details */
  constructor(code, message, details = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

const AGAIN_MS = 10_000;
/** The command that waits for its second press. */
let waiting = { key: "", until: 0 };

/** POST a command; resolves to the answer, or to null after its error was shown.
 * @param {string} url @param {Record<string, unknown>} [data] @param {Options} [options]
 * @returns {Promise<Answer | null>} */
export async function post(url, data = {}, options = {}) {
  try {
    return await send(url, data, options.confirm);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return options.quiet ? null : tell(error, Boolean(options.confirm));
  }
}

/** Say why a command was refused. @param {CommandError} error @param {boolean} confirms @returns {null} */
export function tell(error, confirms) {
  const again = error.code === "confirm" && confirms ? ` ${gettext("Press again to confirm.")}` : "";
  toast(error.message + again, { bad: true });
  return null;
}

/** POST a command; throws CommandError when it is refused.
 * @param {string} url @param {Record<string, unknown>} [data] @param {string} [confirm]
 * @returns {Promise<Answer>} */
export async function send(url, data = {}, confirm) {
  const key = url + JSON.stringify(data);
  const second = confirm && waiting.key === key && performance.now() < waiting.until;
  if (confirm) waiting = { key: "", until: 0 }; // a sign of life in between takes nothing back
  try {
    return await request(url, { method: "POST", body: JSON.stringify(second ? { ...data, [confirm]: true } : data) });
  } catch (error) {
    if (confirm && error instanceof CommandError && error.code === "confirm") {
      waiting = { key, until: performance.now() + AGAIN_MS };
    }
    throw error;
  }
}

/** GET JSON; throws CommandError when it is refused.
 * @param {string} url @param {AbortSignal} [signal] @returns {Promise<any>} */
export const get = (url, signal) => request(url, { method: "GET", signal });

/** Ask by POST, so that what is asked is in no address; throws CommandError when it is refused.
 * @param {string} url @param {Record<string, unknown>} data @returns {Promise<any>} */
export const read = (url, data) => request(url, { method: "POST", body: JSON.stringify(data) });

/** @param {string} url @param {RequestInit} init */
async function request(url, init) {
  const token = document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
  const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token };
  let response;
  try {
    response = await fetch(url, { ...init, headers, credentials: "same-origin" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new CommandError("cut", gettext("The server cannot be reached; nothing was saved. Try again."));
  }
  const content = await response.json().catch(() => null);
  if (response.ok && content) return content;
  if (response.status === 401) location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
  const { code = "failed", message = gettext("That did not work. Try again."), ...details } = content?.error ?? {};
  throw new CommandError(code, message, details);
}

/** Show a message in the polite live region for some seconds.
 * @param {string} text @param {{bad?: boolean}} [options] */
export function toast(text, { bad = false } = {}) {
  const place = document.getElementById("toasts");
  if (!place) return;
  const item = document.createElement("div");
  item.className = bad ? "toast bad" : "toast";
  item.textContent = text;
  place.append(item);
  while (place.children.length > 4) place.firstElementChild?.remove();
  setTimeout(() => item.remove(), bad ? 9000 : 4000);
}

/** Say something that must interrupt: P1 only. @param {string} text */
export function urgent(text) {
  const place = document.getElementById("urgent");
  if (place) place.textContent = text;
}
