// One registry of keys: what they do, and the help that is made from it.

/** @typedef {{key: string, label: string, run: (event: KeyboardEvent) => void, group?: string,
 *   when?: () => boolean, shown?: boolean}} Key
 *  `key` is "F4", "Shift+F2", "a", or a sequence "g i". */

const OFF = "sigap.keys.off";
/** @type {Key[]} */
const registry = [];
let pending = "";
let pendingUntil = 0;

/** Single characters can be switched off, since speech input and slips type them.
 * @returns {boolean} */
export const lettersOn = () => localStorage.getItem(OFF) !== "1";

/** @param {boolean} on */
export function setLetters(on) {
  if (on) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "1");
}

/** Register keys. Those that carry a character never work while somebody types.
 * @param {...Key} keys */
export function add(...keys) {
  registry.push(...keys);
}

/** Whether what is focused takes text. @param {EventTarget | null} target */
export function isTyping(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit", "range"].includes(target.type);
}

/** @param {string} key */
const isCharacter = (key) => key.length === 1 || key.includes(" ");

/** @param {KeyboardEvent} event */
function nameOf(event) {
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return event.shiftKey && event.key.length > 1 ? `Shift+${name}` : name;
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
  if (document.querySelector("dialog[open]") && event.key !== "F1") return;
  const name = nameOf(event);
  const typing = isTyping(event.target);
  const sequence = performance.now() < pendingUntil ? `${pending} ${name}` : "";
  pendingUntil = 0;
  const usable = registry.filter((k) => !(isCharacter(k.key) && (typing || !lettersOn())) && (k.when?.() ?? true));
  const hit = usable.find((k) => k.key === sequence) ?? usable.find((k) => k.key === name);
  if (hit) {
    // A character on a focused button or link of its own (space, Enter) is left alone.
    event.preventDefault();
    hit.run(event);
  } else if (usable.some((k) => k.key.startsWith(`${name} `))) {
    pending = name;
    pendingUntil = performance.now() + 1500;
  }
}
addEventListener("keydown", pressed);

/** Show the help, made from the registry and what else a screen adds.
 * @param {HTMLElement[]} [more] */
export function help(more) {
  if (document.querySelector("dialog.help")) return;
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "keys-title");
  dialog.className = "help";
  const title = element("h2", gettext("Keys"));
  title.id = "keys-title";
  const head = element("header", "");
  head.append(title, closeButton(dialog));
  const body = element("div", "");
  dialog.append(head, body);
  const groups = new Set(registry.map((k) => k.group ?? ""));
  for (const group of groups) {
    const section = element("section", "");
    if (group) section.append(element("h3", group));
    const table = document.createElement("table");
    for (const key of registry) {
      if ((key.group ?? "") !== group || key.shown === false) continue;
      const row = table.insertRow();
      const cell = document.createElement("th");
      cell.scope = "row";
      cell.append(...key.key.split(" ").map((k) => element("kbd", k)));
      row.append(cell);
      row.insertCell().textContent = key.label;
    }
    section.append(table);
    body.append(section);
  }
  if (more) body.append(...more);
  dialog.append(letterSwitch());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function letterSwitch() {
  const label = element("label", "");
  label.className = "check";
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = lettersOn();
  box.addEventListener("change", () => setLetters(box.checked));
  label.append(box, gettext("Single-letter keys are on"));
  const line = element("p", "");
  line.append(label);
  return line;
}

/** @param {HTMLDialogElement} dialog */
function closeButton(dialog) {
  const button = element("button", gettext("Close"));
  button.addEventListener("click", () => dialog.close());
  return button;
}

/** @param {string} name @param {string} text */
function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
