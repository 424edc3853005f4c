/** Where an agency's open complaints are: the kelurahan as ground, a point for each. */

import { drawGround, showGround } from "./ground.js";

const points = JSON.parse(document.getElementById("points")?.textContent ?? "[]");
const style = getComputedStyle(document.body);
const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
const map = L.map("complaint-map", { attributionControl: false, zoomSnap: 0.25 });
const bounds = L.latLngBounds([]);
/** @type {any[]} */
const markers = [];
for (const point of points) {
  const marker = L.circleMarker([point.lat, point.lng], {
    radius: 9,
    weight: 2,
    color: colour(point.late ? "--p1" : "--text"),
    fillOpacity: point.late ? 1 : 0.15,
  });
  markers.push(marker);
  marker.bindTooltip(`${point.number} ${point.category}`);
  marker.on("click", () => window.location.assign(`/agency/complaints/${point.key}`));
  bounds.extend([point.lat, point.lng]);
}
if (bounds.isValid()) map.fitBounds(bounds, { padding: [12, 12] });

// Points stand above the ground, and are there when it cannot be had.
const ground = await drawGround(map, { color: colour("--border"), weight: 1, fillColor: colour("--raised"), fillOpacity: 1 });
if (!bounds.isValid()) showGround(map, ground);
for (const marker of markers) marker.addTo(map);
