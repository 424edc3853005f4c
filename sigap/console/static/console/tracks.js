// Where units were, as their devices told it: at any moment of a replay, and the way until then.

/** A point of a track: time, latitude, longitude, accuracy in metres.
 * @typedef {[string, number, number, number | null]} TrackPoint */

/** Between two points that are further apart in time nobody knows where a unit was. */
const GAP_MS = 180_000;

export class Tracks {
  /** @param {Record<string, TrackPoint[]>} told by call sign, in order of time */
  constructor(told) {
    /** @type {Map<string, {at: number, lat: number, lng: number, accuracy: number | null}[]>} */
    this.units = new Map(Object.entries(told).map(([sign, points]) => [sign, points.map(([at, lat, lng, accuracy]) => ({ at: Date.parse(at), lat, lng, accuracy }))]));
    /** @type {L.LayerGroup | null} */
    this.drawn = null;
  }

  /** The time of the last point of all, or 0. */
  get end() {
    return Math.max(0, ...[...this.units.values()].map((points) => points.at(-1)?.at ?? 0));
  }

  /** All points, for a map that is to show them. @returns {[number, number][]} */
  get all() {
    return [...this.units.values()].flatMap((points) => points.map(({ lat, lng }) => /** @type {[number, number]} */ ([lat, lng])));
  }

  /** Where a unit was, how exactly, and when it told that; null before it was heard first.
   * @param {string} sign @param {number} moment */
  placeAt(sign, moment) {
    const points = this.units.get(sign) ?? [];
    const next = points.findIndex((point) => point.at > moment);
    const last = next < 0 ? points.at(-1) : points[next - 1];
    const then = points[next];
    if (!last) return null;
    const share = then && then.at - last.at <= GAP_MS ? (moment - last.at) / (then.at - last.at) : 0;
    const lat = last.lat + ((then?.lat ?? last.lat) - last.lat) * share;
    const lng = last.lng + ((then?.lng ?? last.lng) - last.lng) * share;
    return { lat, lng, at: last.at, accuracy: last.accuracy };
  }

  /** Draw the ways until a moment. @param {L.Map} map @param {number} moment */
  draw(map, moment) {
    this.drawn?.remove();
    this.drawn = L.layerGroup().addTo(map);
    for (const [sign, points] of this.units) {
      const way = points.filter((point) => point.at <= moment).map(({ lat, lng }) => /** @type {[number, number]} */ ([lat, lng]));
      const here = this.placeAt(sign, moment);
      if (here) way.push([here.lat, here.lng]);
      if (way.length > 1) L.polyline(way, { className: "track", interactive: false }).addTo(this.drawn);
    }
  }
}
