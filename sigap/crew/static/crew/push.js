// Alerts on this phone: the button that turns them on, what state they are in, and a test.
// The service worker (/crew/sw.js) shows what arrives; without one nothing can be turned on.

const place = document.getElementById("push");
const token = document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
const WORKER = "/crew/sw.js";
const SCOPE = "/crew";
/** A test is looked at so often, and for so long. */
const LOOK_MS = 1000;
const LOOKS = 20;

/** @typedef {"unsupported" | "denied" | "off" | "on" | "fault"} State */

/** @param {string} url @param {Record<string, unknown>} [data] @returns {Promise<any>} */
async function ask(url, data) {
  const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token };
  const init = data ? { method: "POST", body: JSON.stringify(data) } : {};
  const response = await fetch(url, { ...init, headers, credentials: "same-origin" });
  const content = await response.json().catch(() => null);
  if (!response.ok) throw new Error(content?.error?.message ?? gettext("That did not work. Try again."));
  return content;
}

const isSupported = () => "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

/** @param {string} words */
function bytes(words) {
  const raw = atob(words.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}

/** What this device is called on the agency's screen. */
function label() {
  const [, found] = /\((?:Linux; )?([^);]+)/.exec(navigator.userAgent) ?? [];
  return (found ?? "HP").slice(0, 60);
}

async function worker() {
  const known = await navigator.serviceWorker.getRegistration(SCOPE);
  if (!known) await navigator.serviceWorker.register(WORKER, { scope: SCOPE, type: "module" });
  return navigator.serviceWorker.ready;
}

async function subscription() {
  const known = await navigator.serviceWorker.getRegistration(SCOPE);
  return known?.pushManager ? known.pushManager.getSubscription() : null;
}

/** @returns {Promise<State>} */
async function state() {
  if (!isSupported()) return "unsupported";
  if (Notification.permission === "denied") return "denied";
  return (await subscription()) && Notification.permission === "granted" ? "on" : "off";
}

async function turnOn() {
  if ((await Notification.requestPermission()) !== "granted") return;
  const { key } = await ask("/crew/push/key");
  const registration = await worker();
  const old = await registration.pushManager.getSubscription();
  const made = old ?? (await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) }));
  await ask("/crew/push/subscribe", { ...made.toJSON(), expirationTime: undefined, label: label() });
}

async function turnOff() {
  const known = await subscription();
  if (!known) return;
  await ask("/crew/push/unsubscribe", { endpoint: known.endpoint });
  await known.unsubscribe();
}

async function test() {
  const { alert } = await ask("/crew/push/test", {});
  for (let looked = 0; looked < LOOKS; looked += 1) {
    await new Promise((done) => setTimeout(done, LOOK_MS));
    const { deliveries } = await ask(`/crew/push/tests/${alert}`);
    if (!deliveries.length) return say(gettext("You can be reached by no way at all. Ask your agency."));
    if (deliveries.every((/** @type {{state: string}} */ one) => one.state !== "queued")) {
      const failed = deliveries.filter((/** @type {{state: string}} */ one) => one.state === "failed");
      return say(failed.length ? gettext("The test has failed. Turn alerts off and on again.") : gettext("The test was sent: it must ring now."));
    }
  }
  return say(gettext("The test still waits to be sent."));
}

/** @param {string} words */
function say(words) {
  const told = document.getElementById("push-told");
  if (told) told.textContent = words;
}

const WORDS = {
  unsupported: gettext("This browser cannot be alerted: open the page in Chrome, and add it to the home screen."),
  denied: gettext("Alerts are blocked for this page. Allow them in the settings of the browser."),
  off: gettext("Alerts are off: a new job rings only while this page is open."),
  on: gettext("Alerts are on for this phone."),
  fault: gettext("Alerts could not be set up on this phone."),
};

/** @param {string} text @param {() => Promise<unknown>} act @param {string} [kind] */
function button(text, act, kind = "") {
  const made = document.createElement("button");
  made.type = "button";
  made.className = kind;
  made.textContent = text;
  made.addEventListener("click", async () => {
    made.disabled = true;
    say("");
    try {
      await act();
    } catch (error) {
      say(error instanceof Error ? error.message : WORDS.fault);
    }
    made.disabled = false;
    await show();
  });
  return made;
}

async function show() {
  if (!place) return;
  /** @type {State} */
  const now = await state().catch(() => "fault");
  const words = place.querySelector("p");
  if (words) words.textContent = WORDS[now];
  place.dataset.state = now;
  const buttons = place.querySelector(".actions");
  if (now === "off" || now === "fault") buttons?.replaceChildren(button(gettext("Turn alerts on"), turnOn, "strong"));
  else if (now === "on") buttons?.replaceChildren(button(gettext("Send a test"), test), button(gettext("Turn alerts off"), turnOff));
  else buttons?.replaceChildren();
}

if (place) {
  await show();
  // The server may have forgotten it (a new key, a restored copy): say it again, that costs nothing.
  const known = place.dataset.state === "on" ? await subscription() : null;
  if (known) await ask("/crew/push/subscribe", { ...known.toJSON(), expirationTime: undefined, label: label() }).catch(() => null);
}

export {};
