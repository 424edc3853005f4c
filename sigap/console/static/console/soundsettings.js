// How loud, and what the three urgencies sound like.

import { h } from "./dom.js";
import { setVolume, test, volume } from "./sounds.js";

/** A volume control with a test of each rhythm. */
export function soundSettings() {
  const level = h("input", { type: "range", id: "volume", min: 0, max: 100, step: 5, value: Math.round(volume() * 100) });
  level.addEventListener("input", () => setVolume(Number(level.value) / 100));
  /** @param {1 | 2 | 3} urgency @param {string} text */
  const button = (urgency, text) => h("button", { type: "button", onclick: () => test(urgency) }, text);
  return h(
    "section",
    { class: "sound-settings" },
    h("h3", null, gettext("Sound")),
    h("div", { class: "field" }, h("label", { for: "volume" }, gettext("Volume; the most urgent sound cannot be silenced")), level),
    h("div", { class: "actions" }, button(1, gettext("1: at once")), button(2, gettext("2: soon")), button(3, gettext("3: when free"))),
  );
}
