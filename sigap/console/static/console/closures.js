// The small map on which the point of a closure is chosen.

import { ClosedRoads } from "./closedroads.js";
import { byId } from "./dom.js";
import { drawGround, showGround } from "./ground.js";

const [lat, lng, radius] = ["lat", "lng", "radius"].map((id) => /** @type {HTMLInputElement | null} */ (document.getElementById(id)));

if (lat && lng && radius) {
  const map = L.map(byId("closure-map"), { attributionControl: false, zoomSnap: 0.25 });
  map.setView([-7.82, 112.015], 13);
  const chosen = L.circle([0, 0], { radius: 30, className: "closed-area chosen", interactive: false });
  const show = () => {
    if (!lat.value || !lng.value) return;
    chosen.setLatLng([Number(lat.value), Number(lng.value)]).setRadius(Number(radius.value) || 30).addTo(map);
  };
  map.on("click", (/** @type {any} */ { latlng }) => {
    lat.value = latlng.lat.toFixed(6);
    lng.value = latlng.lng.toFixed(6);
    show();
  });
  for (const field of [lat, lng, radius]) field.addEventListener("input", show);
  show();
  showGround(map, await drawGround(map, { className: "city-area" }));
  await new ClosedRoads(map).draw();
}
