// One EventSource for all windows of a browser: HTTP/1.1 allows six connections per host.

import { Feed } from "./feed.js";

const SILENT_MS = 180_000; // a hidden window's timers run once a minute

/** @type {Map<string, {feed: Feed, ports: Map<MessagePort, number>}>} */
const feeds = new Map();

/** @param {string} view @param {string} person */
function feedFor(view, person) {
  const key = `${view}/${person}`;
  let entry = feeds.get(key);
  if (!entry) {
    /** @type {Map<MessagePort, number>} */
    const ports = new Map();
    const feed = new Feed(view, (message) => {
      for (const port of ports.keys()) port.postMessage(message);
    });
    entry = { feed, ports };
    feeds.set(key, entry);
  }
  return entry;
}

/** @param {MessagePort} port */
function leave(port) {
  for (const [key, { feed, ports }] of feeds) {
    if (ports.delete(port) && !ports.size) {
      feed.close();
      feeds.delete(key);
    }
  }
}

/** @param {MessageEvent} event */
function connected(event) {
  const port = event.ports[0];
  /** @param {MessageEvent} message */
  port.onmessage = ({ data }) => {
    if (data.kind === "bye") return leave(port);
    const { feed, ports } = feedFor(data.view, data.person);
    const isNew = !ports.has(port);
    ports.set(port, Date.now());
    if (isNew && feed.isOpen) port.postMessage({ kind: "open", fresh: true });
  };
}
self.addEventListener("connect", (event) => connected(/** @type {MessageEvent} */ (event)));

// A window that crashed says no goodbye.
setInterval(() => {
  for (const { ports } of feeds.values()) {
    for (const [port, seen] of ports) if (Date.now() - seen > SILENT_MS) leave(port);
  }
}, 30_000);
