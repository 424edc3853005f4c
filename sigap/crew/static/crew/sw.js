// The service worker: keeps the page to be opened without a network, sends the outbox when the
// network is back though no page is open, and shows what is pushed. Nothing of a job is in its cache.

import { send } from "/static/crew/outbox.js";

const worker = /** @type {ServiceWorkerGlobalScope & typeof globalThis} */ (/** @type {unknown} */ (self));
const CACHE = "crew-1";
const SHELL = "/crew/shell";
const CHECK = "/crew/check";
const PATIENCE_MS = 4000;

/** The page without a job, and all that it names. */
async function keepShell() {
  const shell = await fetch(SHELL, { credentials: "same-origin", redirect: "error" });
  if (!shell.ok) return;
  const text = await shell.clone().text();
  const cache = await caches.open(CACHE);
  const named = [...text.matchAll(/(?:href|src)="(\/(?:static\/|jsi18n|crew\/manifest)[^"]*)"/g)].map((found) => found[1].replaceAll("&amp;", "&"));
  await Promise.all([...new Set(named)].map(async (address) => {
    const answer = await fetch(address, { cache: "no-cache" });
    if (answer.ok) await cache.put(address, answer);
  }));
  await cache.put(SHELL, shell);
  const check = await fetch(CHECK, { credentials: "same-origin", redirect: "error" }).catch(() => null);
  if (!check?.ok) return;
  await cache.put(CHECK, check.clone());
  for (const [, address] of (await check.text()).matchAll(/(?:href|src)="(\/static\/[^"]*)"/g)) {
    const part = await fetch(address, { cache: "no-cache" });
    if (part.ok) await cache.put(address, part);
  }
}

worker.addEventListener("install", (event) => {
  event.waitUntil(keepShell().catch(() => {}).then(() => worker.skipWaiting()));
});
worker.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => worker.clients.claim()));
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (request.mode === "navigate" && url.pathname === "/crew") event.respondWith(page(event));
  else if (request.mode === "navigate" && url.pathname === CHECK) event.respondWith(sheet(request));
  else if (/^\/(static\/|jsi18n|crew\/manifest)/.test(url.pathname)) event.respondWith(part(request));
});

/** The page from the server, else the kept one. @param {FetchEvent} event */
async function page(event) {
  try {
    const answer = await fetch(event.request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status < 500) {
      if (answer.ok) event.waitUntil(keepShell().catch(() => {}));
      return answer;
    }
  } catch {
    // no network, or one that does not answer
  }
  return (await caches.match(SHELL)) ?? Response.error();
}

/** The sheet of checks: the newest there is, since what a vehicle carries is no secret of a person.
 * @param {Request} request */
async function sheet(request) {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.ok && !answer.redirected) await cache.put(CHECK, answer.clone());
    if (answer.status < 500) return answer;
  } catch {
    // as above
  }
  return (await cache.match(CHECK)) ?? Response.error();
}

/** A part of the page: fresh where there is a network. @param {Request} request */
async function part(request) {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.ok) {
      if (await cache.match(request)) await cache.put(request, answer.clone());
      return answer;
    }
    if (answer.status < 500) return answer;
  } catch {
    // as above
  }
  return (await cache.match(request)) ?? Response.error();
}

worker.addEventListener("sync", (event) => {
  const sync = /** @type {ExtendableEvent & { tag: string }} */ (event);
  if (sync.tag !== "outbox") return;
  sync.waitUntil(send().then((outcome) => {
    if (outcome === "offline" || outcome === "busy") throw new Error(outcome); // the browser tries again
  }));
});

worker.addEventListener("push", (event) => {
  /** @type {{ title?: string, body?: string, url?: string, tag?: string, urgent?: boolean, receipt?: string }} */
  let told = {};
  try {
    told = event.data?.json() ?? {};
  } catch {
    // shown all the same: somebody is called
  }
  const { title = "112", body = "", url = "/crew", tag = "crew", urgent = false, receipt = "" } = told;
  const options = { body, tag, renotify: true, requireInteraction: urgent, vibrate: urgent ? [400, 150, 400, 150, 800] : [200], icon: "/static/crew/icon-192.png", data: { url, receipt } };
  event.waitUntil(Promise.all([worker.registration.showNotification(title, options), received(receipt, "delivered")]));
});

/** Say that a push has arrived, or was tapped; the receipt in it is the proof.
 * @param {string} receipt @param {"delivered" | "read"} status */
async function received(receipt, status) {
  if (!receipt) return;
  const headers = { "Content-Type": "application/json" };
  await fetch("/crew/push/received", { method: "POST", headers, body: JSON.stringify({ receipt, status }) }).catch(() => {});
}

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(received(event.notification.data?.receipt ?? "", "read"));
  const url = new URL(event.notification.data?.url ?? "/crew", worker.location.origin);
  if (url.origin !== worker.location.origin) return;
  event.waitUntil((async () => {
    const pages = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
    const open = pages.find((client) => new URL(client.url).pathname === url.pathname);
    await (open ? open.focus() : worker.clients.openWindow(url.href));
  })());
});

export {};
