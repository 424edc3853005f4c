// Lists that nobody finds changed under their hand: while the pointer is over them or the
// focus is in them their order stays, and a note says what is new.

const RESTING_MS = 2000; // a mouse that lies so long while somebody types is not at work

/** @typedef {{place: HTMLElement, note: HTMLElement, wanted: () => Map<number, string>, put: () => void, isAt?: () => boolean}} Of
 *  `place` is what must be left alone, `note` the button that counts what waits and sorts,
 *  `wanted` the ids in the order that they should have, with the list that each belongs to;
 *  `put` brings the page to `order` and `fresh`; `isAt` says whether the focus is in the list,
 *  where that is not the same as in the place. */

export class Steady {
  /** @param {Of} of */
  constructor({ place, note, wanted, put, isAt }) {
    this.place = place;
    this.note = note;
    this.wanted = wanted;
    this.put = put;
    this.isAt = isAt ?? (() => document.activeElement !== place && place.contains(document.activeElement));
    /** The ids as they stand, and where. @type {Map<number, string>} */
    this.order = new Map();
    /** What has come since, and waits. @type {number[]} */
    this.fresh = [];
    this.isPointed = false;
    this.pointedAt = 0;
    place.addEventListener("pointermove", () => {
      if (!this.isPointed) this.size((row) => `${row.getBoundingClientRect().height}px`);
      this.isPointed = true;
      this.pointedAt = performance.now();
    });
    place.addEventListener("pointerleave", () => this.release());
    place.addEventListener("focusout", () => setTimeout(() => this.settle()));
    addEventListener("keydown", () => {
      if (this.isPointed && performance.now() - this.pointedAt > RESTING_MS) this.release();
    });
    note.addEventListener("click", () => this.sort());
  }

  release() {
    this.isPointed = false;
    this.size(() => "");
    this.settle();
  }

  /** Rows keep their height under the pointer too, whatever they come to say.
   * @param {(row: HTMLElement) => string} height */
  size(height) {
    const rows = /** @type {HTMLElement[]} */ ([...this.place.querySelectorAll(".row")]);
    const heights = rows.map(height);
    rows.forEach((row, i) => (row.style.height = heights[i] ?? ""));
  }

  isHeld() {
    return this.isPointed || this.isAt();
  }

  /** Take on a new order if nobody is at the list; else say how much waits. */
  settle() {
    const wanted = this.wanted();
    const isSame = JSON.stringify([...wanted]) === JSON.stringify([...this.order]);
    if (!isSame && !this.isHeld()) return this.sort();
    const fresh = [...wanted.keys()].filter((id) => !this.order.has(id));
    const text = fresh.length ? ngettext("%s new", "%s new", fresh.length).replace("%s", String(fresh.length)) : gettext("Sort again");
    if (this.note.hidden !== isSame) this.note.hidden = isSame;
    if (!isSame && this.note.textContent !== text) this.note.textContent = text;
    if (fresh.join() === this.fresh.join()) return;
    this.fresh = fresh;
    this.put();
  }

  /** Bring the list into order now. */
  sort() {
    this.note.hidden = true;
    this.order = this.wanted();
    this.fresh = [];
    this.put();
  }
}
