// The readiness board looks again every few seconds; the server says 204 while nothing changed.

import { byId } from "./dom.js";

const AGAIN_MS = 10_000;
const rows = byId("rows");
const fresh = byId("fresh");
const live = fresh.textContent ?? "";

async function look() {
  const seen = rows.querySelector("[data-revision]")?.getAttribute("data-revision") ?? "";
  try {
    const answer = await fetch(`/readiness/rows?seen=${seen}`, { headers: { "HX-Request": "true" } });
    if (answer.status === 401) location.assign("/sign-in?next=/readiness");
    if (answer.status === 200) put(await answer.text());
    show(answer.ok);
  } catch {
    show(false);
  }
}

/** Draw the rows anew; what had the focus keeps it. @param {string} html */
function put(html) {
  const address = rows.contains(document.activeElement) ? document.activeElement?.getAttribute("href") : null;
  rows.innerHTML = html;
  if (address) /** @type {HTMLElement | null} */ (rows.querySelector(`[href="${CSS.escape(address)}"]`))?.focus({ preventScroll: true });
}

/** @param {boolean} isLive */
function show(isLive) {
  fresh.classList.toggle("cut", !isLive);
  fresh.textContent = isLive ? live : (fresh.dataset.cut ?? "");
}

setInterval(look, AGAIN_MS);
