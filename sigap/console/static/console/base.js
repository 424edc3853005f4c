// What every page does: the menu; a form that is pressed twice is sent once; what a form lacks,
// in the page's language instead of the browser's; and at a sign-in that nobody was sent to from their work,
// forgetting what whoever was here before had typed.

const button = document.querySelector(".menu-button");
const menu = document.getElementById("menu");
const more = menu?.querySelector("details");

/** @param {boolean} open */
function show(open) {
  button?.setAttribute("aria-expanded", String(open));
  menu?.classList.toggle("open", open);
}

button?.addEventListener("click", () => show(button.getAttribute("aria-expanded") !== "true"));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && more?.open) {
    more.open = false;
    more.querySelector("summary")?.focus();
  } else if (event.key === "Escape" && menu?.classList.contains("open")) {
    show(false);
    if (button instanceof HTMLElement) button.focus();
  }
});
document.addEventListener("click", (event) => {
  const inside = event.target instanceof Node && (menu?.contains(event.target) || button?.contains(event.target));
  if (!inside) show(false);
  if (more && !(event.target instanceof Node && more.contains(event.target))) more.open = false;
});
/** How many steps of an address are those of the page. @param {string} path */
function shared(path) {
  const here = location.pathname.split("/").slice(1), steps = path.split("/").slice(1);
  const apart = steps.findIndex((step, n) => step !== here[n]);
  return apart < 0 ? steps.length : apart;
}
// A page without a place of its own in the menu (one complaint, an answer that was refused) is at
// the one that it is nearest to.
const [place] = [...(menu?.querySelectorAll("a") ?? [])]
  .filter((link) => shared(link.pathname) > 0)
  .sort((a, b) => shared(b.pathname) - shared(a.pathname) || a.pathname.length - b.pathname.length);
if (place) {
  place.setAttribute("aria-current", place.pathname === location.pathname ? "page" : "true");
  place.closest(".more")?.querySelector("summary")?.classList.add("here");
}
if (location.pathname === "/sign-in" && !location.search) sessionStorage.clear();

/** Forms that are on their way. @type {Set<HTMLFormElement>} */
const sent = new Set();
document.addEventListener("submit", (event) => {
  // Those that scripts send look after themselves.
  if (event.defaultPrevented || !(event.target instanceof HTMLFormElement) || event.target.method !== "post") return;
  if (sent.has(event.target)) event.preventDefault();
  sent.add(event.target);
});
// Whoever comes back by the browser's button may press again.
addEventListener("pageshow", () => sent.clear());

/** @param {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} field */
function fault(field) {
  const { valueMissing, rangeUnderflow, rangeOverflow } = field.validity;
  if (valueMissing) return gettext("This is needed.");
  if (rangeUnderflow && "min" in field) return interpolate(gettext("At least %s."), [field.min]);
  if (rangeOverflow && "max" in field) return interpolate(gettext("At most %s."), [field.max]);
  return gettext("This is not possible here.");
}
/** @param {EventTarget | null} target */
const fieldOf = (target) => (target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement ? target : null);

/** What is said of a choice stands with each of its buttons. @param {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} field */
const alike = (field) => (field.type === "radio" && field.form ? [...field.form.elements].map(fieldOf).filter((other) => other?.name === field.name) : [field]);

document.addEventListener(
  "invalid",
  ({ target }) => {
    const field = fieldOf(target);
    field?.setCustomValidity("");
    field?.setCustomValidity(fault(field));
  },
  true,
);
for (const change of ["input", "change"]) {
  document.addEventListener(change, ({ target }) => {
    const field = fieldOf(target);
    if (field) for (const one of alike(field)) one?.setCustomValidity("");
  });
}
