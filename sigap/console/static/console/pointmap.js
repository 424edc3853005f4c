// A small map on which a point is chosen by a press. What is typed beside it moves the mark, so
// that nobody needs the map.

import { drawGround, showGround } from "./ground.js";

/** From here on there is room for the names of areas. */
const ROOMY = 13.5;

/** Words as HTML, which Leaflet takes for labels. @param {string} words */
const plain = (words) => new Option(words).innerHTML;

/** Draw it. @param {HTMLElement} place @param {(lat: number, lng: number) => void} chosen told of each press
 * @returns {{map: L.Map, drawn: Promise<void>, show: (lat: number, lng: number, metres?: number) => void}} */
export function pointMap(place, chosen) {
  const map = L.map(place, { attributionControl: false, zoomSnap: 0.25 });
  map.setView([-7.82, 112.015], 13);
  const circle = L.circle([0, 0], { className: "closed-area chosen", interactive: false });
  const mark = L.circleMarker([0, 0], { radius: 6, className: "chosen-point", interactive: false });
  let isShown = false;
  map.on("zoomend", () => place.classList.toggle("near", map.getZoom() >= ROOMY));
  map.on("click", ({ latlng }) => chosen(latlng.lat, latlng.lng));
  return {
    map,
    drawn: drawGround(map, { className: "city-area" }).then((ground) => {
      ground?.bringToBack(); // it came last, and would lie on the mark
      ground?.eachLayer((/** @type {any} */ area) => area.bindTooltip(plain(area.feature.properties.name), { permanent: true, direction: "center", className: "point-name" }));
      if (!isShown) showGround(map, ground);
    }),
    /** Mark a point; `metres` about it are meant. */
    show(lat, lng, metres = 0) {
      circle.setLatLng([lat, lng]).setRadius(metres).addTo(map);
      mark.setLatLng([lat, lng]).addTo(map);
      if (!isShown || !map.getBounds().contains([lat, lng])) map.setView([lat, lng], Math.max(14, map.getZoom()), { animate: false });
      isShown = true;
    },
  };
}
