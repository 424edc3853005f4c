// What is typed goes along when the page that hands a call over is opened in a window of its own.

import { byId, h } from "../dom.js";

/** @import {Draft} from "./drafts.js" */

const form = /** @type {HTMLFormElement} */ (byId("handover"));

/** @param {() => Draft} draft */
export function fillHandover(draft) {
  form.addEventListener("submit", () => {
    const { type, address, chronology, place } = draft();
    const point = place && place.lat !== null && place.precision !== "area" ? { lat: place.lat, lng: place.lng } : {};
    const said = Object.entries({ type, address, what: chronology, ...point });
    for (const old of form.querySelectorAll("input[data-said]")) old.remove();
    form.append(...said.map(([name, value]) => h("input", { type: "hidden", "data-said": "", name, value: String(value ?? "") })));
  });
}

/** @param {number} call */
export function offerHandover(call) {
  form.action = `/calls/${call}/handover`;
  form.hidden = false;
}
