// Making and patching elements without losing what the user is at.

/** @typedef {Node | string | number | null | undefined | false} Child */

/** Make an element: h("button", {class: "small", onclick: f}, "Send").
 * @template {keyof HTMLElementTagNameMap} T @param {T} tag
 * @param {Record<string, any> | null} [attributes] @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[T]} */
export function h(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name.startsWith("aria-")) made.setAttribute(name, String(value));
    else if (value === false) continue;
    else if (value === true) made.setAttribute(name, "");
    else made.setAttribute(name, String(value));
  }
  made.append(...wanted(children.flat()));
  return made;
}

/** @param {Child[]} children @returns {(Node | string)[]} */
const wanted = (children) =>
  children
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (typeof child === "number" ? String(child) : /** @type {Node | string} */ (child)));

/** What a finger or a button is down on: replaced before it is up, the press would be lost. */
/** @type {Node | null} */
let pressed = null;
/** What waits for that, the newest of each container. @type {Map<HTMLElement, (Child | Child[])[]>} */
const waiting = new Map();
const MOST_MS = 5000;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let forgotten;

function released() {
  clearTimeout(forgotten);
  pressed = null;
  const late = [...waiting];
  waiting.clear();
  for (const [container, children] of late) fill(container, ...children);
}
document.addEventListener("pointerdown", (event) => {
  pressed = event.target instanceof Node ? event.target : null;
  clearTimeout(forgotten);
  forgotten = setTimeout(released, MOST_MS);
}, true);
// Only after the click that follows.
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => setTimeout(released), true);

/** Replace what is in a container. The focus stays on the element of the same `data-key`.
 * @param {HTMLElement} container @param {...(Child | Child[])} children */
export function fill(container, ...children) {
  if (pressed && container.contains(pressed)) {
    waiting.set(container, children);
    return;
  }
  waiting.delete(container);
  const focused = container.contains(document.activeElement) ? document.activeElement : null;
  const key = focused instanceof HTMLElement ? focused.dataset.key : undefined;
  container.replaceChildren(...wanted(children.flat()));
  if (key) {
    const again = container.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (again instanceof HTMLElement) again.focus();
  }
}

/** The element with this id, which the page's template must have.
 * @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no #${id} on this page`);
  return found;
}

/** Put elements in this order with the fewest moves; what is not listed leaves.
 * @param {HTMLElement} container @param {HTMLElement[]} elements */
export function arrange(container, elements) {
  const keep = new Set(elements);
  for (const child of [...container.children]) if (!keep.has(/** @type {HTMLElement} */ (child))) child.remove();
  let at = container.firstElementChild;
  for (const element of elements) {
    if (element === at) at = at.nextElementSibling;
    else container.insertBefore(element, at);
  }
}

/** The rows of lists: each is made anew only when what it shows has changed, and the focus
 * stays where it was in it. */
export class Rows {
  constructor() {
    /** @type {Map<number, {shows: string, element: HTMLElement}>} */
    this.known = new Map();
  }

  /** @param {number} id @param {unknown} facts all that it shows @param {() => HTMLElement} make */
  of(id, facts, make) {
    const shows = JSON.stringify(facts);
    const known = this.known.get(id);
    if (known?.shows === shows) return known.element;
    const element = make();
    const focused = document.activeElement;
    const at = known ? places(known.element).findIndex((place) => place === focused) : -1;
    element.style.height = known?.element.style.height ?? "";
    this.known.set(id, { shows, element });
    // Not where it has gone elsewhere meanwhile: what is typed there must not land here.
    const isLost = () => document.activeElement === focused || document.activeElement === document.body;
    if (at >= 0) queueMicrotask(() => isLost() && (places(element)[at] ?? places(element)[0])?.focus());
    return element;
  }

  /** The row of what is over: it stays as it was, crossed out, and does nothing any more.
   * @param {number} id @returns {HTMLElement} */
  over(id) {
    const element = this.known.get(id)?.element ?? h("li");
    this.known.set(id, { shows: "", element });
    element.classList.add("over");
    for (const button of element.querySelectorAll("button")) button.disabled = true;
    return element;
  }

  /** Forget all but these. @param {Iterable<number>} ids */
  keep(ids) {
    const wanted = new Set(ids);
    for (const id of this.known.keys()) if (!wanted.has(id)) this.known.delete(id);
  }
}

/** What in a row takes the focus. @param {HTMLElement} row @returns {HTMLElement[]} */
const places = (row) => [...row.querySelectorAll("button, a")].filter((place) => place instanceof HTMLElement);

/** A link to another page about something, which opens beside the live screen.
 * @param {string} href @param {...Child} children */
export const aside = (href, ...children) => h("a", { href, target: "_blank", rel: "noopener" }, ...children);

/** The priority as shape, letter and fill. @param {number} priority */
export const priority = (priority) => h("span", { class: `prio p${priority}` }, `P${priority}`);

/** Data that the template left for the scripts. @param {string} id @returns {any} */
export const given = (id) => JSON.parse(byId(id).textContent ?? "null");
