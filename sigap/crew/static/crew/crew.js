// The crew page: asks every five seconds whether the job changed, sends the position while
// it is looked at, and stamps each press with its own time. Without it all forms still work.

const POLL_MS = 5000;
const POSITION_MS = 10_000;
/** A second tap that lands on the next step was meant for the one before. */
const REST_MS = 900;

const place = /** @type {HTMLElement} */ (document.getElementById("job"));
const link = document.getElementById("link");
const gps = document.getElementById("gps");
const token = document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
let lastHeard = performance.now();
let lastSent = -Infinity;

/** How far this phone's clock is off the server's, in ms. */
let offset = 0;
const now = () => Date.now() + offset;

/** Somebody is typing or choosing: that must not be taken from under the thumb. */
const isBusy = () => place.contains(document.activeElement) && document.activeElement?.matches("select, textarea");

async function poll() {
  if (document.hidden) return;
  const seen = place.querySelector("[data-revision]")?.getAttribute("data-revision") ?? "";
  try {
    const response = await fetch(`/crew/job?seen=${seen}`, { headers: { "HX-Request": "true" } });
    if (response.status === 401) location.assign("/sign-in?next=/crew");
    if (response.status >= 500) throw new Error();
    lastHeard = performance.now();
    const date = Date.parse(response.headers.get("Date") ?? "");
    if (date) offset = Math.abs(date - Date.now()) > 2000 ? date - Date.now() : 0;
    if (response.status === 200 && isBusy()) say(gettext("Your job changed. Close the keyboard to see it."));
    else if (response.status === 200) put(await response.text());
  } catch {
    // The line above the job says how long nothing was heard.
  }
  connection();
}

/** @param {string} html */
function put(html) {
  const open = [...place.querySelectorAll("details[open]")].map((box) => box.id);
  place.innerHTML = html;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  htmx.process(place);
  rest();
}

function connection() {
  if (!link) return;
  const silent = Math.round((performance.now() - lastHeard) / 1000);
  const cut = silent > 12;
  link.classList.toggle("cut", cut);
  link.textContent = cut ? interpolate(gettext("Cut off for %s s"), [silent]) : gettext("Connected");
}

/** Right after a change the steps do not take a press. */
function rest() {
  for (const button of place.querySelectorAll(".steps button")) button.setAttribute("disabled", "");
  setTimeout(() => {
    for (const button of place.querySelectorAll(".steps button")) button.removeAttribute("disabled");
  }, REST_MS);
}

document.addEventListener("submit", (event) => {
  const field = /** @type {HTMLFormElement} */ (event.target).elements.namedItem("occurred_at");
  if (field instanceof HTMLInputElement) field.value = new Date(now()).toISOString();
}, true);
document.addEventListener("htmx:configRequest", (event) => {
  const { parameters } = /** @type {CustomEvent} */ (event).detail;
  if ("occurred_at" in parameters) parameters.occurred_at = new Date(now()).toISOString();
});
document.addEventListener("htmx:afterSwap", rest);
document.addEventListener("htmx:responseError", (event) => {
  const page = new DOMParser().parseFromString(/** @type {CustomEvent} */ (event).detail.xhr.responseText, "text/html");
  say((page.querySelector("[role=alert]") ?? page.body).textContent?.trim() ?? "");
  void poll();
});
document.addEventListener("htmx:afterRequest", (event) => {
  const { successful, requestConfig } = /** @type {CustomEvent} */ (event).detail;
  if (successful && requestConfig.path.endsWith("/note")) say(gettext("The note was sent."), true);
});
document.addEventListener("htmx:sendError", () => say(gettext("Not sent: no connection. Press again when there is one.")));

/** @param {string} text @param {boolean} [good] */
function say(text, good = false) {
  const toast = document.createElement("div");
  toast.className = good ? "toast" : "toast bad";
  toast.textContent = text;
  document.getElementById("toasts")?.replaceChildren(toast);
  setTimeout(() => toast.remove(), 9000);
}

/** @param {GeolocationPosition} found */
async function send(found) {
  const accuracy = Math.round(found.coords.accuracy);
  if (gps) gps.textContent = `GPS ±${accuracy} m`;
  if (document.hidden || performance.now() - lastSent < POSITION_MS) return;
  lastSent = performance.now();
  const position = {
    lat: found.coords.latitude,
    lng: found.coords.longitude,
    accuracy_m: accuracy,
    at: new Date(Math.min(found.timestamp, Date.now()) + offset).toISOString(),
  };
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token };
  await fetch("/crew/position", { method: "POST", headers, body: JSON.stringify(position) }).catch(() => {});
}

if ("geolocation" in navigator) {
  navigator.geolocation.watchPosition(
    (found) => void send(found),
    () => { if (gps) gps.textContent = gettext("No GPS"); },
    { enableHighAccuracy: true, maximumAge: 5000 },
  );
}
setInterval(poll, POLL_MS);
setInterval(connection, 1000);
document.addEventListener("visibilitychange", () => void poll());
