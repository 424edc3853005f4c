// The map: areas, landmarks, incidents by priority shape, units by state. No network needed.

import { freshness, isCoarse, markName, positionAge, whereabouts } from "./board.js";
import { ClosedRoads } from "./closedroads.js";
import { age, distance } from "./format.js";
import { ACTIVE, unitState, unitStateName, working } from "./names.js";
import { getPatiently } from "./stream.js";
import { drawWarnings } from "./warnings.js";

/** @import {Live} from "./stream.js" */
/** @import {Names} from "./names.js" */
/** @typedef {{tiles: string, pmtiles: string}} MapSettings */

const NEAR_M = 1500;
/** From here on there is room for the names of areas, and of units that are only near. */
const ROOMY = 13.5;
/** The rows of an import come one by one. */
const QUIET_MS = 1000;
const LABEL_MS = 200;
/** Nobody stands at the wall to move its map back. */
const STILL = { dragging: false, scrollWheelZoom: false, doubleClickZoom: false, boxZoom: false, touchZoom: false, keyboard: false };
const SHAPES = [
  '<path class="f1" d="M12 1l9.5 5.5v11L12 23 2.5 17.5v-11z"/><text x="12" y="17">1</text>',
  '<path class="f2" d="M12 1.5L23 22H1z"/><text x="12" y="20">2</text>',
  '<path class="f3" d="M3 3h18v18H3z"/><text x="12" y="17">3</text>',
  '<circle class="f4" cx="12" cy="12" r="9.5"/><text x="12" y="17">4</text>',
];

/** Words as HTML, which Leaflet takes for labels. @param {string} words */
const plain = (words) => new Option(words).innerHTML;

export class CityMap {
  /** @param {HTMLElement} place @param {Live} live @param {Names} names
   * @param {{settings: MapSettings, still?: boolean, frame?: L.LatLngBounds, choose?: (incident: number) => void, open?: (unit: Unit) => void, locked?: (isLocked: boolean) => void}} options */
  constructor(place, live, names, options) {
    this.live = live;
    this.store = live.store;
    this.names = names;
    this.options = options;
    this.isLocked = false;
    /** @type {L.LayerGroup | undefined} */
    this.warned = undefined;
    this.fitted = "";
    this.moving = 0;
    this.seconds = 0;
    /** @type {number | null} */
    this.selected = null;
    /** @type {Set<string>} */
    this.suggested = new Set();
    /** @type {Map<number, {marker: L.Marker, drawn: string}>} */
    this.incidents = new Map();
    /** @type {Map<number, {marker: L.Marker, drawn: string}>} */
    this.units = new Map();
    this.map = L.map(place, { zoomControl: false, zoomSnap: 0.25, minZoom: 10, maxZoom: 18, preferCanvas: false, attributionControl: false, ...(options.still ? STILL : {}) });
    this.map.setView([-7.82, 112.015], 13);
    this.map.createPane("names").style.zIndex = "450";
    this.map.createPane("incidents").style.zIndex = "660"; // above the units' names
    /** How many open incidents stand in the middle of an area, for want of a point.
     * @type {Map<string, number>} */
    this.crowds = new Map();
    this.isCrowded = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.labelled = undefined;
    this.phoneDrawn = "";
    this.ground = L.layerGroup().addTo(this.map);
    this.closed = new ClosedRoads(this.map);
    this.map.on("dragstart zoomstart", () => {
      if (!this.moving) this.lock(true);
    });
    place.addEventListener("keydown", ({ key }) => {
      if (key.startsWith("Arrow") && !options.still) this.lock(true);
    });
    this.map.on("moveend", () => (this.moving = Math.max(0, this.moving - 1)));
    this.map.on("zoomend", () => this.zoomed());
    this.store.subscribe("incidents", ({ put, gone, reset }) => {
      if (reset) this.clear();
      for (const row of gone) this.drop(this.incidents, row.id);
      const pointless = this.count();
      for (const row of [...put, ...pointless]) this.drawIncident(row);
      this.drawPhone();
      this.drawStaging();
      this.fit();
    });
    live.onJournal((rows) => {
      if (rows.some((row) => row.subject.startsWith("area:"))) this.redrawAreas();
      if (this.hasClosures() && rows.some((row) => row.subject.startsWith("roadclosure:"))) void this.closed.draw();
    });
    this.store.subscribe("units", ({ put, gone }) => {
      for (const unit of put) this.drawUnit(unit);
      for (const unit of gone) this.drop(this.units, unit.id);
      this.labelSoon();
    });
    this.store.subscribe("warnings", () => (this.warned = drawWarnings(this.map, this.store, this.warned)));
    live.onSecond(() => this.fade());
    new ResizeObserver(() => {
      this.map.invalidateSize({ animate: false });
      this.fit();
    }).observe(place);
  }

  /** Draw what does not change: the ground, the landmarks, posts and hospitals. */
  async begin() {
    const { tiles, pmtiles } = this.options.settings;
    if (pmtiles) this.map.addLayer(/** @type {any} */ (globalThis).protomapsL.leafletLayer({ url: pmtiles, flavor: "dark", lang: document.documentElement.lang }));
    else if (tiles) L.tileLayer(tiles, { maxZoom: 19 }).addTo(this.map);
    await this.drawAreas();
    if (this.hasClosures()) void this.closed.draw();
    for (const mark of this.names.catalogue.landmarks) {
      if (mark.lat === null || mark.lng === null) continue;
      const icon = L.divIcon({ className: "landmark", iconSize: [8, 8], html: "" });
      L.marker([mark.lat, mark.lng], { icon, keyboard: false, interactive: false })
        .bindTooltip(plain(mark.name), { permanent: true, direction: "right", offset: [4, 0], className: "landmark-name", pane: "names" })
        .addTo(this.ground);
    }
    for (const house of this.names.catalogue.houses) {
      const icon = L.divIcon({ className: `landmark ${house.what}`, iconSize: house.what === "post" ? [16, 16] : [10, 10], html: "" });
      L.marker([house.lat, house.lng], { icon, keyboard: false, interactive: false })
        .bindTooltip(plain(house.name), { permanent: true, direction: "right", offset: [5, 0], className: "landmark-name", pane: "names" })
        .addTo(this.ground);
    }
    this.zoomed();
    this.fit();
  }

  /** Who may see them; the wall and agencies have another map. */
  hasClosures() {
    return this.live.view === "console";
  }

  /** Draw the areas as they are now. */
  async drawAreas() {
    const { tiles, pmtiles } = this.options.settings;
    const areas = await getPatiently(`/console/ground?seen=${this.store.seq}`);
    this.city?.remove();
    this.city = L.geoJSON(areas, {
      interactive: false,
      style: { className: tiles || pmtiles ? "area over-tiles" : "area" },
      onEachFeature: (feature, layer) => {
        layer.bindTooltip(plain(feature.properties.name), { permanent: true, direction: "center", className: "area-name", pane: "names" });
      },
    }).addTo(this.ground);
    this.city.bringToBack();
    this.approximate = areas.features.some((/** @type {any} */ f) => f.properties.approximate);
  }

  /** Somebody changed areas, or brought in their boundaries. */
  redrawAreas() {
    clearTimeout(this.soon);
    this.soon = setTimeout(async () => {
      await this.drawAreas();
      this.zoomed();
      this.options.locked?.(this.isLocked);
    }, QUIET_MS);
  }

  /** The open incidents without a point, which are counted by area. */
  count() {
    const rows = this.store.all("incidents").filter((row) => isPointless(row) && ACTIVE.includes(row.state));
    this.crowds.clear();
    for (const { area } of rows) if (area) this.crowds.set(area, (this.crowds.get(area) ?? 0) + 1);
    return rows;
  }

  clear() {
    for (const { marker } of [...this.incidents.values(), ...this.units.values()]) marker.remove();
    this.incidents.clear();
    this.units.clear();
  }

  /** @param {Map<number, {marker: L.Marker}>} kept @param {number} id */
  drop(kept, id) {
    kept.get(id)?.marker.remove();
    kept.delete(id);
  }

  /** @param {Incident} row */
  drawIncident(row) {
    const at = this.names.point(row);
    if (!at || !ACTIVE.includes(row.state)) return this.drop(this.incidents, row.id);
    // The wall gets no points at all: there the middle of the area is no exception.
    const rough = this.live.view !== "wall" && isPointless(row);
    const crowd = isPointless(row) ? (this.crowds.get(row.area ?? "") ?? 1) : 1;
    const isSelected = row.id === this.selected;
    const drawn = JSON.stringify([row.priority, isSelected, rough, crowd, at, row.type]);
    const known = this.incidents.get(row.id);
    if (known?.drawn === drawn) return;
    const icon = L.divIcon({
      className: `on-map incident p${row.priority}${isSelected ? " selected" : ""}${rough ? " rough" : ""}`,
      iconSize: [24, 24],
      html: `<svg viewBox="0 0 24 24" aria-hidden="true">${SHAPES[row.priority - 1]}</svg>${crowd > 1 ? `<b>${crowd}×</b>` : ""}`,
    });
    const title = `#${row.id} P${row.priority} ${this.names.type(row.type)}${rough ? ` (${gettext("area only")})` : ""}`;
    if (known) {
      known.marker.setLatLng(at).setIcon(icon).setZIndexOffset(this.depth(row));
      known.drawn = drawn;
      return;
    }
    const marker = L.marker(at, { icon, title, pane: "incidents", keyboard: false, zIndexOffset: this.depth(row) }).addTo(this.map);
    marker.on("click", () => this.options.choose?.(row.id));
    this.incidents.set(row.id, { marker, drawn });
  }

  /** @param {Incident} row */
  depth(row) {
    return (row.id === this.selected ? 5000 : 0) + (5 - row.priority) * 500;
  }

  /** @param {Unit} unit */
  drawUnit(unit) {
    if (unit.lat === null || unit.lng === null) return this.drop(this.units, unit.id);
    const state = unitState(unit);
    const worth = [freshness(this.live, unit), isCoarse(this.live, unit) ? "coarse" : "", unit.mark].filter(Boolean).join(" ");
    const drawn = JSON.stringify([state, worth]);
    const title = `${unit.call_sign} · ${unitStateName(this.names, unit)} · ${whereabouts(this.live, unit)}`;
    const known = this.units.get(unit.id);
    if (known) {
      known.marker.setLatLng([unit.lat, unit.lng]);
      known.marker.options.title = title;
      known.marker.getElement()?.setAttribute("title", title);
    }
    if (known?.drawn === drawn) return;
    const icon = L.divIcon({ className: `on-map unit-mark s-${state} ${worth}`, iconSize: [16, 16], html: "<i></i>" });
    if (known) {
      known.marker.setIcon(icon);
      known.drawn = drawn;
      return;
    }
    const marker = L.marker([unit.lat, unit.lng], { icon, keyboard: false, title }).addTo(this.map);
    marker.on("click", () => {
      const now = this.store.get("units", unit.id);
      if (now) this.options.open?.(now);
    });
    this.units.set(unit.id, { marker, drawn });
  }

  /** Old positions fade by themselves and say how old they are. */
  fade() {
    for (const unit of this.store.all("units")) this.drawUnit(unit);
    if (++this.seconds % 10 === 0) this.label();
    if (this.isCrowded) this.thin();
  }

  /** Many units move within a second: they are labelled together. */
  labelSoon() {
    if (this.labelled) return;
    this.labelled = setTimeout(() => this.label(), LABEL_MS);
  }

  /** Only the selected incident's units, the suggested ones and, where there is room, those
   * nearby carry a name.
   * Units that stand together share one label. */
  label() {
    clearTimeout(this.labelled);
    this.labelled = undefined;
    const row = this.store.get("incidents", this.selected);
    const at = row && this.names.point(row);
    const signs = new Set([...this.suggested, ...(row ? working(row).map((job) => job.unit) : [])]);
    /** @type {{point: L.Point, marker: L.Marker, signs: string[]}[]} */
    const labels = [];
    for (const unit of this.store.all("units")) {
      const marker = this.units.get(unit.id)?.marker;
      if (!marker) continue;
      const near = Boolean(at) && this.map.getZoom() >= ROOMY && this.map.distance(/** @type {any} */ (at), marker.getLatLng()) < NEAR_M;
      if (!near && !signs.has(unit.call_sign)) continue;
      const point = this.map.latLngToLayerPoint(marker.getLatLng());
      const beside = labels.find((label) => Math.abs(label.point.x - point.x) < 56 && Math.abs(label.point.y - point.y) < 16);
      const notes = [freshness(this.live, unit) ? age(positionAge(this.live, unit) ?? 0) : "", markName(unit)].filter(Boolean).join(", ");
      const name = notes ? `${unit.call_sign} (${notes})` : unit.call_sign;
      if (beside) beside.signs.push(name);
      else labels.push({ point, marker, signs: [name] });
    }
    const texts = new Map(labels.map(({ marker, signs }) => [marker, together(signs)]));
    for (const { marker } of this.units.values()) {
      const text = plain(texts.get(marker) ?? "");
      const shown = marker.getTooltip();
      if (!text) marker.unbindTooltip();
      else if (!shown) marker.bindTooltip(text, { permanent: true, direction: "top", offset: [0, -6], className: "unit-name" });
      else if (shown.getContent() !== text) marker.setTooltipContent(text);
    }
    this.isCrowded = true;
  }

  /** The circle in which the phone of the selected incident's caller says that it is. */
  drawPhone() {
    const told = this.store.get("incidents", this.selected)?.located;
    const drawn = JSON.stringify([told?.lat, told?.lng, told?.radius_m]);
    if (drawn === this.phoneDrawn) return;
    this.phoneDrawn = drawn;
    this.phone?.remove();
    this.phone = L.layerGroup().addTo(this.map);
    if (!told || told.lat === null || told.lng === null) return;
    const at = /** @type {[number, number]} */ ([told.lat, told.lng]);
    if (told.radius_m !== null) L.circle(at, { radius: told.radius_m, className: "phone-area", interactive: false }).addTo(this.phone);
    const words = told.radius_m === null ? gettext("phone") : `${gettext("phone")} ±${distance(Math.round(told.radius_m))}`;
    L.circleMarker(at, { radius: 4, className: "phone-point", interactive: false })
      .bindTooltip(plain(words), { permanent: true, direction: "bottom", offset: [0, 12], className: "unit-name" })
      .addTo(this.phone);
  }

  /** Where the units of the selected incident gather. */
  drawStaging() {
    const at = this.store.get("incidents", this.selected)?.staging;
    this.staging?.remove();
    this.staging = undefined;
    if (!at) return;
    const icon = L.divIcon({ className: "staging-mark", iconSize: [20, 20], html: "S" });
    this.staging = L.marker(at, { icon, keyboard: false, title: gettext("Units gather at") }).addTo(this.map);
  }

  /** Follow this incident. @param {number | null} id @param {Iterable<string>} [suggested] */
  select(id, suggested = []) {
    this.selected = id;
    this.suggested = new Set(suggested);
    for (const row of this.store.all("incidents")) this.drawIncident(row);
    this.drawPhone();
    this.drawStaging();
    this.label();
    this.fit();
  }

  /** Show what matters, unless the map was locked by hand. */
  fit() {
    if (this.isLocked || !this.map.getSize().x) return;
    const bounds = this.bounds();
    if (!bounds?.isValid()) return;
    const key = `${bounds.toBBoxString()} ${this.map.getSize()}`;
    if (key === this.fitted) return;
    this.fitted = key;
    this.go(() => this.map.fitBounds(bounds, { paddingTopLeft: [60, 40], paddingBottomRight: [40, 70], maxZoom: 15.5, animate: false }));
  }

  /** What was asked to be shown, or the selected incident with its units, or the city. */
  bounds() {
    if (this.options.frame) return this.options.frame;
    const row = this.store.get("incidents", this.selected);
    const at = row && this.names.point(row);
    if (row && at) {
      const signs = [...this.suggested, ...working(row).map((job) => job.unit)];
      const units = this.store.all("units").filter((u) => signs.includes(u.call_sign) && u.lat !== null && u.lng !== null);
      // One outside the city is told in words: the map would be too small to work with.
      const phone = row.located?.area && row.located.lat !== null && row.located.lng !== null ? [/** @type {[number, number]} */ ([row.located.lat, row.located.lng])] : [];
      const staging = row.staging ? [row.staging] : [];
      return L.latLngBounds([at, ...phone, ...staging, ...units.map((u) => /** @type {[number, number]} */ ([u.lat, u.lng]))]);
    }
    return this.city?.getBounds();
  }

  /** Move by program: that does not lock. @param {() => void} move */
  go(move) {
    this.moving += 1;
    move();
    this.moving = 0;
  }

  /** @param {boolean} isLocked */
  lock(isLocked) {
    this.isLocked = isLocked;
    this.options.locked?.(isLocked);
    this.fitted = "";
    if (!isLocked) this.fit();
  }

  /** Show one point by hand. @param {number} lat @param {number} lng */
  locate(lat, lng) {
    this.lock(true);
    this.go(() => this.map.setView([lat, lng], Math.max(15, this.map.getZoom()), { animate: false }));
  }

  /** @param {number} by */
  zoom(by) {
    this.lock(true);
    this.go(() => this.map.setZoom(this.map.getZoom() + by, { animate: false }));
  }

  /** The whole city. */
  whole() {
    this.lock(true);
    const bounds = this.city?.getBounds();
    const legend = this.map.getContainer().parentElement?.querySelector(".legend")?.clientHeight ?? 0;
    if (bounds?.isValid()) this.go(() => this.map.fitBounds(bounds, { paddingBottomRight: [0, legend], animate: false }));
  }

  zoomed() {
    const zoom = this.map.getZoom();
    this.map.getContainer().classList.toggle("with-areas", zoom >= ROOMY);
    this.map.getContainer().classList.toggle("with-landmarks", zoom >= 14.75);
    this.label();
    this.thin();
  }

  /** Names that would lie on another name, a unit's label or an incident are left out. */
  thin() {
    this.isCrowded = false;
    const above = this.map.getContainer().querySelectorAll(".unit-name, .on-map.incident");
    const taken = [...above].map((part) => part.getBoundingClientRect());
    const names = /** @type {NodeListOf<HTMLElement>} */ (this.map.getPane("names")?.querySelectorAll(".leaflet-tooltip") ?? []);
    for (const name of names) {
      const box = name.getBoundingClientRect();
      const hides = box.width > 0 && taken.some((t) => box.left < t.right && t.left < box.right && box.top < t.bottom && t.top < box.bottom);
      name.style.visibility = hides ? "hidden" : "";
      if (box.width > 0 && !hides) taken.push(box);
    }
  }
}

/** To the wall no points are sent at all. @param {Incident} row */
const isPointless = (row) => (row.lat ?? null) === null;

/** "AMB-01 AMB-02 +3". @param {string[]} signs */
const together = (signs) => (signs.length > 3 ? `${signs.slice(0, 2).join(" ")} +${signs.length - 2}` : signs.join(" "));

/** The buttons, keys and notes around a map. @param {CityMap} map @param {HTMLElement} frame
 * @returns {{update: () => void}} */
export function mapControls(map, frame) {
  /** @param {string} kind @param {() => void} run */
  const wire = (kind, run) => frame.querySelector(`[data-map="${kind}"]`)?.addEventListener("click", run);
  wire("in", () => map.zoom(1));
  wire("out", () => map.zoom(-1));
  wire("whole", () => map.whole());
  wire("follow", () => map.lock(false));
  const follow = frame.querySelector('[data-map="follow"]');
  const note = frame.querySelector('[data-map="approximate"]');
  return {
    update() {
      follow?.setAttribute("aria-pressed", String(!map.isLocked));
      if (note instanceof HTMLElement) note.hidden = !map.approximate;
    },
  };
}
