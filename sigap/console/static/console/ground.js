// The city's kelurahan as the ground of a small map.

/**
 * @param {L.Map} map
 * @param {L.PathOptions | ((feature?: any) => L.PathOptions)} style
 * @returns {Promise<L.GeoJSON | null>} null where it cannot be had: the map works without it
 */
export async function drawGround(map, style) {
  const answer = await fetch("/console/ground").catch(() => null);
  return answer?.ok ? L.geoJSON(await answer.json(), { interactive: false, style }).addTo(map) : null;
}

/**
 * Show all of it.
 * @param {L.Map} map
 * @param {L.GeoJSON | null} ground
 */
export function showGround(map, ground) {
  if (ground?.getBounds().isValid()) map.fitBounds(ground.getBounds());
}
