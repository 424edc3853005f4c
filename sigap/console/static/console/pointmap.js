// A small map on which a point is chosen by a press. What is typed beside it moves the mark, so
// that nobody needs the map.

import { drawGround, showGround } from "./ground.js";

/** Draw it. @param {HTMLElement} place @param {(lat: number, lng: number) => void} chosen told of each press
 * @returns {{map: L.Map, drawn: Promise<void>, show: (lat: number, lng: number, metres?: number) => void}} */
export function pointMap(place, chosen) {
  const map = L.map(place, { attributionControl: false, zoomSnap: 0.25 });
  map.setView([-7.82, 112.015], 13);
  const mark = L.circle([0, 0], { radius: 30, className: "closed-area chosen", interactive: false });
  let isShown = false;
  map.on("click", ({ latlng }) => chosen(latlng.lat, latlng.lng));
  return {
    map,
    drawn: drawGround(map, { className: "city-area" }).then((ground) => {
      if (!isShown) showGround(map, ground);
    }),
    show(lat, lng, metres = 30) {
      mark.setLatLng([lat, lng]).setRadius(metres).addTo(map);
      if (!map.getBounds().contains([lat, lng]) || !isShown) map.setView([lat, lng], Math.max(15, map.getZoom()), { animate: false });
      isShown = true;
    },
  };
}
