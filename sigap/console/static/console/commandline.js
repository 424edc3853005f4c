// The line at the foot of the screen: `/` goes there, Esc leaves, Enter does what is shown.

import { toast } from "./commands.js";
import { byId, h } from "./dom.js";
import { read, verbs } from "./verbs.js";

/** @import {Screen, Meaning} from "./verbs.js" */

export class CommandLine {
  /** @param {Screen} screen @param {() => void} help */
  constructor(screen, help) {
    this.help = help;
    this.screen = screen;
    this.input = /** @type {HTMLInputElement} */ (byId("command"));
    this.preview = byId("command-preview");
    /** Kept for this page only: notes may name people. @type {string[]} */
    this.history = [];
    this.at = 0;
    /** @type {HTMLElement | null} */
    this.before = null;
    this.armed = "";
    this.isRunning = false;
    this.input.addEventListener("input", () => {
      this.armed = "";
      this.show();
    });
    this.input.addEventListener("keydown", (event) => this.pressed(event));
  }

  /** Go to the line, and remember from where. What was left standing in it is typed over. */
  focus() {
    if (document.activeElement === this.input) return;
    this.before = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    this.input.select();
  }

  leave() {
    this.input.value = "";
    this.armed = "";
    this.show();
    this.input.blur();
    // A list's Tab stop may have moved: another row was chosen here.
    const stop = this.before?.closest("[data-roving]")?.querySelector('[tabindex="0"]');
    if (stop instanceof HTMLElement) stop.focus();
    else if (this.before?.isConnected) this.before.focus();
  }

  /** Show what the line would do. */
  show() {
    const meaning = read(this.input.value, this.screen);
    this.tell(meaning?.text ?? "", meaning?.warn ?? false);
    return meaning;
  }

  /** @param {string} text @param {boolean} [warn] */
  tell(text, warn = false) {
    this.preview.textContent = text;
    this.preview.classList.toggle("warn", warn);
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.isComposing) return;
    if (event.key === "Escape") this.leave();
    else if (event.key === "Enter") void this.run();
    else if (event.key === "ArrowUp") this.recall(-1);
    else if (event.key === "ArrowDown") this.recall(1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {number} by */
  recall(by) {
    this.at = Math.max(0, Math.min(this.history.length, this.at + by));
    this.input.value = this.history[this.at] ?? "";
    this.armed = "";
    this.show();
  }

  /** Do what the line says. What warns needs a second Enter. */
  async run() {
    const line = this.input.value.trim();
    if (this.isRunning) return; // the first Enter is still on its way
    if (line === "?") {
      this.leave();
      return this.help();
    }
    const meaning = this.show();
    if (!meaning?.run) return;
    if (meaning.warn && this.armed !== line) {
      this.armed = line;
      this.tell(`${gettext("Enter again to confirm")} · ${meaning.text}`, true);
      return;
    }
    const armed = this.armed === line;
    this.armed = "";
    this.isRunning = true;
    const answer = await (armed ? this.confirmed(meaning) : meaning.run());
    this.isRunning = false;
    if (answer === null) return; // refused: the line stays to be corrected
    if (answer?.ok) toast(interpolate(gettext("Done: %s"), [meaning.text]));
    if (this.history.at(-1) !== line) this.history.push(line);
    this.at = this.history.length;
    this.leave();
  }

  /** The server asks once more what the person has just confirmed. @param {Meaning} meaning */
  async confirmed(meaning) {
    const { post, send } = this.screen;
    this.screen.send = (incident, units, version) => send(incident, units, version, true);
    this.screen.post = (url, data, confirm) => post(url, confirm ? { ...data, [confirm]: true } : data);
    try {
      return await meaning.run?.();
    } finally {
      this.screen.post = post;
      this.screen.send = send;
    }
  }
}

/** The help of the command line, from its registry. */
export function commandHelp() {
  const rows = verbs().map(({ form, label }) => h("tr", null, h("th", { scope: "row" }, h("code", null, form)), h("td", null, label)));
  rows.push(h("tr", null, h("th", { scope: "row" }, h("code", null, "1044")), h("td", null, gettext("Choose an incident; a full stop stands for the chosen one"))));
  return h("section", null, h("h3", null, gettext("Commands")), h("table", null, h("tbody", null, ...rows)));
}
