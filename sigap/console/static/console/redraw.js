// Rows that the server draws: the stream says that something changed, then they are drawn
// anew, at most once a second and never under a hand that chooses or types.

import { toast } from "./commands.js";
import { duration, zonedClock } from "./format.js";
import { isTyping } from "./keys.js";

/** @import {Live} from "./stream.js" */

export class Redraw {
  /** `drawn` is called for new rows before the focus (on the element of this id) is given back.
   * @param {HTMLElement} rows @param {string} address @param {Live} live
   * @param {(focused: string) => void} [drawn] */
  constructor(rows, address, live, drawn) {
    this.rows = rows;
    this.address = address;
    this.live = live;
    this.drawn = drawn;
    this.wanted = false;
    this.loading = false;
    this.held = 0;
    live.onSecond(() => this.tick());
    live.onJournal(() => this.want());
    for (const table of /** @type {const} */ (["units", "operators"])) {
      live.store.subscribe(table, (change) => change.reset && this.want());
    }
    const isOurs = (/** @type {Event} */ event) => /** @type {CustomEvent} */ (event).detail.target === rows;
    document.addEventListener("htmx:beforeSwap", (event) => isOurs(event) && this.remember());
    document.addEventListener("htmx:afterSwap", (event) => isOurs(event) && this.restore());
    document.addEventListener("htmx:responseError", (event) => this.refused(/** @type {CustomEvent} */ (event)));
    this.time();
  }

  want() {
    this.wanted = true;
  }

  /** Somebody is choosing: what is under the hand does not move. */
  isBusy() {
    return this.rows.contains(document.activeElement) && isTyping(document.activeElement);
  }

  tick() {
    this.time();
    if (!this.wanted) this.held = 0;
    else if (!this.isBusy()) void this.load();
    else if (++this.held % 10 === 3) toast(gettext("Something changed. It shows when you leave the field."));
  }

  async load() {
    if (this.loading) return;
    this.wanted = false;
    this.loading = true;
    const seen = this.rows.querySelector("[data-revision]")?.getAttribute("data-revision") ?? "";
    try {
      const response = await fetch(`${this.address}?seen=${seen}`, { headers: { "HX-Request": "true" } });
      if (response.status === 401) location.assign(`/sign-in?next=${location.pathname}`);
      if (response.status === 200 && this.isBusy()) this.wanted = true;
      else if (response.status === 200) this.put(await response.text());
    } catch {
      this.wanted = true;
    } finally {
      this.loading = false;
    }
  }

  /** @param {string} html */
  put(html) {
    this.remember();
    this.rows.innerHTML = html;
    htmx.process(this.rows);
    this.restore();
  }

  /** Where somebody is in the rows, before they are replaced. */
  remember() {
    this.focused = this.rows.contains(document.activeElement) ? document.activeElement?.closest("[id]")?.id : "";
    this.open = [...this.rows.querySelectorAll("details[open]")].map((box) => box.id);
    this.scrolled = [...this.rows.querySelectorAll(".scroll")].map((part) => part.scrollTop);
  }

  restore() {
    const { focused = "", open = [], scrolled = [] } = this;
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    this.drawn?.(focused);
    this.rows.querySelectorAll(".scroll").forEach((part, i) => (part.scrollTop = scrolled[i] ?? 0));
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    this.time();
  }

  time() {
    for (const timer of this.rows.querySelectorAll("[data-since]")) {
      const seconds = this.live.since(timer.getAttribute("data-since"));
      const target = Number(timer.getAttribute("data-target") ?? 0);
      const late = target > 0 && seconds >= target;
      timer.textContent = late ? `${duration(seconds)} ${gettext("late")}` : duration(seconds);
      if (target) timer.classList.toggle("warn", !late && seconds >= target * 0.8);
      if (target) timer.classList.toggle("breach", late);
    }
    const shown = document.getElementById("clock");
    if (shown) shown.textContent = zonedClock(this.live.now());
    document.getElementById("live")?.classList.toggle("cut", this.live.isCut);
  }

  /** A refusal comes as a piece of page; its words are shown. @param {CustomEvent} event */
  refused(event) {
    const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
    const said = (page.querySelector("[role=alert]") ?? page.body).textContent?.trim() ?? "";
    toast(said, { bad: true });
    this.want();
  }
}
