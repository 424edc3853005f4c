// Where a warning of the city's own is to hold: kelurahan that are ticked, and a circle.

import { drawGround, showGround } from "./ground.js";

const style = getComputedStyle(document.body);
const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
const field = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (document.getElementById(id));
const [lat, lng, radius] = ["lat", "lng", "radius_km"].map(field);
const boxes = /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll('input[name="areas"]')]);
const map = L.map("warning-map", { attributionControl: false, zoomSnap: 0.25 }).setView([-7.82, 112.015], 12);
/** @type {L.Circle | undefined} */
let circle;

function drawCircle() {
  circle?.remove();
  circle = undefined;
  const [y, x, km] = [lat, lng, radius].map((one) => Number.parseFloat(one?.value ?? ""));
  if (y === undefined || x === undefined || km === undefined || ![y, x, km].every(Number.isFinite) || km <= 0) return;
  circle = L.circle([y, x], { radius: km * 1000, color: colour("--warn"), weight: 2, interactive: false }).addTo(map);
}

map.on("click", ({ latlng }) => {
  if (!lat || !lng || !radius) return;
  lat.value = latlng.lat.toFixed(5);
  lng.value = latlng.lng.toFixed(5);
  radius.value ||= "1";
  drawCircle();
});
for (const one of [lat, lng, radius]) one?.addEventListener("input", drawCircle);

const isTicked = (/** @type {string} */ code) => boxes.some((box) => box.value === code && box.checked);
const ground = await drawGround(map, (feature) => {
  const ticked = isTicked(feature?.properties.code);
  return { color: colour(ticked ? "--warn" : "--border"), weight: ticked ? 3 : 1, fillColor: colour(ticked ? "--warn" : "--raised"), fillOpacity: ticked ? 0.3 : 1 };
});
showGround(map, ground);
for (const box of boxes) box.addEventListener("change", () => ground?.resetStyle());
drawCircle();
