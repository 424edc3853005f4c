// The small map on which the point of a closure is chosen.

import { ClosedRoads } from "./closedroads.js";
import { byId } from "./dom.js";
import { pointMap } from "./pointmap.js";

const [lat, lng, radius] = ["lat", "lng", "radius"].map((id) => /** @type {HTMLInputElement | null} */ (document.getElementById(id)));

if (lat && lng && radius) {
  const show = () => {
    if (lat.value && lng.value) small.show(Number(lat.value), Number(lng.value), Number(radius.value) || 30);
  };
  const small = pointMap(byId("closure-map"), (y, x) => {
    lat.value = y.toFixed(6);
    lng.value = x.toFixed(6);
    show();
  });
  for (const field of [lat, lng, radius]) field.addEventListener("change", show);
  show();
  await small.drawn;
  await new ClosedRoads(small.map).draw();
}
