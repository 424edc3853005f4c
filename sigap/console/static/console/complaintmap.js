/** Where an agency's open complaints are: the kelurahan as ground, a point for each. */

/** @param {string} id */
const given = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "[]");

const style = getComputedStyle(document.body);
const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
const map = L.map("complaint-map", { attributionControl: false, zoomSnap: 0.25 });
const ground = L.geoJSON(given("areas"), {
  interactive: false,
  style: { color: colour("--border"), weight: 1, fillColor: colour("--raised"), fillOpacity: 1 },
}).addTo(map);
const bounds = ground.getBounds();
for (const point of given("points")) {
  const marker = L.circleMarker([point.lat, point.lng], {
    radius: 9,
    weight: 2,
    color: colour(point.late ? "--p1" : "--text"),
    fillOpacity: point.late ? 1 : 0.15,
  }).addTo(map);
  marker.bindTooltip(`${point.number} ${point.category}`);
  marker.on("click", () => window.location.assign(`/agency/complaints/${point.key}`));
  bounds.extend([point.lat, point.lng]);
}
if (bounds.isValid()) map.fitBounds(bounds, { padding: [12, 12] });
