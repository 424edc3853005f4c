// Making elements, and replacing a part of the page only where it changed: what is being typed is
// kept, the focus stays, what was opened stays open.

/** @typedef {Node | string | null | undefined | false} Child */

/** @template {keyof HTMLElementTagNameMap} T @param {T} tag
 * @param {Record<string, any> | null} [attributes] @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[T]} */
export function h(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(.../** @type {(Node | string)[]} */ (children.flat().filter((child) => child !== null && child !== undefined && child !== false)));
  return made;
}

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no #${id} on this page`);
  return found;
}

/** Show a part of the page as it is now. Returns whether that had to wait for somebody's typing.
 * @param {HTMLElement} place @param {unknown} known what it is made of
 * @param {() => Child | Child[]} make */
export function draw(place, known, make) {
  const mark = JSON.stringify(known);
  if (place.dataset.known === mark) return false;
  const at = document.activeElement;
  const inside = at instanceof HTMLElement && place.contains(at) ? at : null;
  if (inside?.matches("select, textarea, input:not([type=file])")) return true;
  const open = [...place.querySelectorAll("details[open]")].map((box) => box.id);
  const key = inside?.dataset.key ?? inside?.closest("details")?.id;
  place.replaceChildren(...[make()].flat().filter((child) => child instanceof Node));
  place.dataset.known = mark;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (key) {
    const again = place.querySelector(`[data-key="${CSS.escape(key)}"], #${CSS.escape(key)} > summary`) ?? place.querySelector("h2, summary, button");
    if (again instanceof HTMLElement) {
      if (again.matches("h2")) again.tabIndex = -1;
      again.focus({ preventScroll: true });
    }
  }
  return false;
}

/** Time of day. @param {number} ms */
export const hour = (ms) => new Intl.DateTimeFormat("id", { hour: "2-digit", minute: "2-digit", timeZone: document.documentElement.dataset.zone }).format(ms);

/** @param {string} text @param {boolean} [good] */
export function say(text, good = false) {
  const toast = h("div", { class: good ? "toast" : "toast bad" }, text);
  document.getElementById("toasts")?.replaceChildren(toast);
  setTimeout(() => toast.remove(), 9000);
}

/** Keep what is typed into a form until it is sent, over a reload too.
 * @param {HTMLFormElement} form @param {string} key */
export function drafted(form, key) {
  const name = `crew-draft:${key}`;
  const fields = () => /** @type {HTMLInputElement[]} */ ([...form.elements]).filter((field) => field.name && field.type !== "hidden" && field.type !== "submit");
  /** @type {Record<string, string>} */
  const draft = JSON.parse(localStorage.getItem(name) ?? "{}");
  for (const field of fields()) {
    if (field.type === "checkbox") field.checked = draft[`${field.name}=${field.value}`] === "on" || (field.checked && !(`${field.name}=${field.value}` in draft));
    else if (draft[field.name]) field.value = draft[field.name];
  }
  form.addEventListener("input", () => {
    const pairs = fields().map((field) => (field.type === "checkbox" ? [`${field.name}=${field.value}`, field.checked ? "on" : ""] : [field.name, field.value]));
    localStorage.setItem(name, JSON.stringify(Object.fromEntries(pairs)));
  });
  form.addEventListener("kept", () => {
    localStorage.removeItem(name);
    form.reset();
  });
  return form;
}

/** Forget everything typed and not sent. */
export function forgetDrafts() {
  for (const name of Object.keys(localStorage)) if (name.startsWith("crew-draft:")) localStorage.removeItem(name);
}
