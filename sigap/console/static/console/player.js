// Listening to the recordings of calls. The server notes who listens before it gives the
// address of the sound, so each opening of the player asks for it anew.

import { post } from "./commands.js";
import { h } from "./dom.js";

/** @typedef {{id: number, seconds: number | null, legs: string}} Recording */

/** 1:23. @param {number | null} seconds */
const length = (seconds) => (seconds === null ? "" : `${Math.floor(Math.round(seconds) / 60)}:${String(Math.round(seconds) % 60).padStart(2, "0")}`);

/** What is not on it. @param {string} legs */
const lacking = (legs) => (legs === "caller" ? gettext("only the caller") : legs === "heard" ? gettext("only what the caller heard") : "");

/** A recording as a button that becomes a player. @param {Recording} recording */
export function player(recording) {
  const place = h("span", { class: "recording" });
  closed(place, recording);
  return place;
}

/** @param {HTMLElement} place @param {Recording} recording */
function closed(place, recording) {
  const name = `${gettext("Play")} ${length(recording.seconds)}`;
  const button = h("button", { type: "button", class: "small", onclick: () => void open(place, recording, button) }, h("span", { "aria-hidden": "true" }, "▶"), name);
  const lacks = lacking(recording.legs);
  place.replaceChildren(button, ...(lacks ? [h("span", { class: "dim" }, lacks)] : []));
}

/** @param {HTMLElement} place @param {Recording} recording @param {HTMLButtonElement} button */
async function open(place, recording, button) {
  button.disabled = true;
  const answer = await post(`/recordings/${recording.id}/play`);
  button.disabled = false;
  if (!answer) return;
  const sound = h("audio", { controls: true, controlslist: "nodownload", autoplay: true, src: answer.url, "aria-label": gettext("Recording of the call") });
  // Its address is good for a while only; after that it is opened, and noted, once more.
  sound.addEventListener("error", () => closed(place, recording));
  place.replaceChildren(sound);
  sound.focus();
}

/** What the template left: [data-recording] with its number, seconds and legs. */
for (const place of document.querySelectorAll("[data-recording]")) {
  if (!(place instanceof HTMLElement)) continue;
  const { recording, seconds = "", legs = "" } = place.dataset;
  closed(place, { id: Number(recording), seconds: seconds ? Number(seconds) : null, legs });
}
