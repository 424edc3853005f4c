// The address field: what is typed is kept; what the gazetteer makes of it is offered.

import { read } from "../commands.js";
import { byId, fill, h } from "../dom.js";
import { pointIn } from "./rules.js";

/** @import {Triage} from "./triage.js"
 *  @typedef {{kind: string, id: string, name: string, area: string | null, lat: number, lng: number,
 *    precision: string, score: number, ambiguous: boolean, words: string}} Offer */

const WAIT_MS = 200;

export class Address {
  /** @param {Triage} triage */
  constructor(triage) {
    this.triage = triage;
    this.field = /** @type {HTMLInputElement} */ (byId("address"));
    /** @type {Offer[]} */
    this.offers = [];
    this.asked = 0;
    this.field.addEventListener("input", () => this.search());
    this.field.addEventListener("keydown", (event) => this.pressed(event));
  }

  clear() {
    this.asked += 1;
    this.offers = [];
    this.paint();
  }

  /** Ask the gazetteer what the typed words may mean. */
  search() {
    const text = this.field.value;
    const turn = ++this.asked;
    setTimeout(async () => {
      if (turn !== this.asked) return;
      const point = pointIn(text);
      if (point) return this.choosePoint(point);
      const found = text.trim().length < 3 ? { places: [] } : await read("/places/find", { q: text.slice(0, 500) }).catch(() => null);
      if (turn !== this.asked || !found) return;
      this.offers = found.places;
      this.paint();
    }, WAIT_MS);
  }

  /** @param {{lat: number, lng: number}} point */
  async choosePoint(point) {
    const found = await read("/places/at", point).catch(() => null);
    if (!found) return;
    const label = found.name ?? gettext("outside the city");
    this.triage.put({ label, precision: "exact", landmark: null, area: found.area ?? "", ...point }, found.area ?? "");
  }

  /** @param {Offer} offer */
  choose(offer) {
    if (!offer.area) return;
    if (offer.kind === "landmark") this.triage.chooseLandmark(offer.id);
    else this.triage.put(null, offer.area);
    this.clear();
    byId("type").focus();
  }

  /** Enter takes the first offer when it is sure; the arrows go to the offers.
   * @param {KeyboardEvent} event */
  pressed(event) {
    const first = this.offers.find((o) => o.area);
    if (event.key === "Enter") {
      event.preventDefault();
      if (first && !first.ambiguous) this.choose(first);
      else byId("type").focus();
    }
    if (event.key === "ArrowDown") {
      event.preventDefault();
      /** @type {HTMLElement | null} */ (byId("offers").querySelector("button"))?.focus();
    }
  }

  paint() {
    const { areas } = this.triage.names.catalogue;
    fill(
      byId("offers"),
      this.offers.map((offer) => {
        const where = offer.kind === "landmark" && offer.area ? `, ${areas[offer.area]?.name ?? ""}` : "";
        const sure = offer.ambiguous ? h("span", { class: "warn" }, gettext("ambiguous: ask")) : null;
        if (!offer.area) return h("p", { class: "offer dim" }, `${offer.name}: ${gettext("a district; which kelurahan?")}`);
        return h("button", { type: "button", class: "offer", "data-key": `${offer.kind}${offer.id}`, onclick: () => this.choose(offer) }, h("span", null, h("strong", null, offer.name), where), sure);
      }),
    );
  }
}
