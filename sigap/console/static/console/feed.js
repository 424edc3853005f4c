// The server's event stream, kept open. Used by the shared worker, or by a page itself
// where the browser has no shared workers.

/** @typedef {{kind: "open", fresh: boolean} | {kind: "cut"} | {kind: "reset"}
 *   | {kind: "batch", data: Batch} | {kind: "beat", data: {now: string, seq: number}}
 *   | {kind: "positions", data: {units: Moves}}} FeedMessage */

const RETRY_MS = 3000;

export class Feed {
  /** @param {string} view @param {(message: FeedMessage) => void} tell */
  constructor(view, tell) {
    this.view = view;
    this.tell = tell;
    this.isOpen = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.retry = undefined;
    this.source = this.connect();
  }

  connect() {
    const source = new EventSource(`/stream?view=${this.view}`);
    let resumable = false;
    source.onopen = () => {
      this.isOpen = true;
      // Without an id to resume from, what happened while cut off is unknown: fresh.
      this.tell({ kind: "open", fresh: !resumable });
    };
    source.onmessage = (event) => {
      resumable = resumable || event.lastEventId !== "";
      this.tell({ kind: "batch", data: JSON.parse(event.data) });
    };
    source.addEventListener("beat", (event) => {
      resumable = resumable || event.lastEventId !== "";
      this.tell({ kind: "beat", data: JSON.parse(event.data) });
    });
    source.addEventListener("positions", (event) => this.tell({ kind: "positions", data: JSON.parse(event.data) }));
    source.addEventListener("reset", () => this.tell({ kind: "reset" }));
    source.onerror = () => {
      this.isOpen = false;
      this.tell({ kind: "cut" });
      // The browser reconnects by itself unless the server refused; then we do.
      if (source.readyState === EventSource.CLOSED) {
        clearTimeout(this.retry);
        this.retry = setTimeout(() => {
          this.source = this.connect();
        }, RETRY_MS);
      }
    };
    return source;
  }

  close() {
    clearTimeout(this.retry);
    this.source.close();
  }
}
