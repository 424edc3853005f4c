// Closed roads on a map: a circle, the pieces of road in it, and why.

import { getPatiently } from "./stream.js";

/** @typedef {{id: number, lat: number, lng: number, radius_m: number, reason: string, names: string, lines: [number, number][][]}} Closure */

/** Words as HTML, which Leaflet takes for labels. @param {string} words */
const plain = (words) => new Option(words).innerHTML;

export class ClosedRoads {
  /** @param {any} map */
  constructor(map) {
    this.layer = L.layerGroup().addTo(map);
  }

  /** Draw them as they are now. */
  async draw() {
    const { closures } = await getPatiently("/closures/map.json");
    this.layer.clearLayers();
    for (const one of /** @type {Closure[]} */ (closures)) {
      L.circle([one.lat, one.lng], { radius: one.radius_m, className: "closed-area", interactive: false }).addTo(this.layer);
      for (const line of one.lines) L.polyline(line, { className: "closed-road", interactive: false }).addTo(this.layer);
      const words = `${gettext("Closed")}: ${one.names || one.reason}`;
      L.marker([one.lat, one.lng], { icon: L.divIcon({ className: "closed-mark", iconSize: [16, 16], html: "✕" }), keyboard: false, title: words })
        .bindTooltip(plain(words), { direction: "top", className: "unit-name" })
        .addTo(this.layer);
    }
  }
}
