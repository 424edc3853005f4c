// Running times: tabular digits, once a second, from server time, only where seen.

import { duration } from "./format.js";
import { h } from "./dom.js";

/** @type {Set<HTMLElement>} */
const seen = new Set();
const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!(target instanceof HTMLElement)) continue;
    if (isIntersecting) {
      seen.add(target);
      show(target, lastNow);
    } else seen.delete(target);
  }
});
let lastNow = Date.now();

/** A time that runs since a moment. With a target in seconds it warns at 80 % and says
 * when it is breached.
 * @param {string | null} since @param {number} [target] */
export function timer(since, target = 0) {
  const made = h("span", { class: "timer", "data-since": since ? Date.parse(since) : "", "data-target": target || "" });
  show(made, lastNow);
  observer.observe(made);
  return made;
}

/** @param {HTMLElement} element @param {number} now */
function show(element, now) {
  const { since, target } = element.dataset;
  if (!since) return;
  const seconds = (now - Number(since)) / 1000;
  const level = target ? stage(seconds, Number(target)) : "";
  const text = duration(seconds) + (level === "breach" ? ` ${gettext("over")}` : "");
  if (element.textContent !== text) element.textContent = text;
  const name = `timer ${level}`;
  if (element.className !== name) element.className = name;
}

/** @param {number} seconds @param {number} target @returns {"" | "warn" | "breach"} */
export function stage(seconds, target) {
  if (!target) return "";
  if (seconds >= target) return "breach";
  return seconds >= 0.8 * target ? "warn" : "";
}

/** Move all timers that are on screen. @param {number} now server time in ms */
export function tick(now) {
  lastNow = now;
  for (const element of seen) show(element, now);
}
