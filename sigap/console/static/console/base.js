// What every page does: the menu; and at a sign-in that nobody was sent to from their work,
// forgetting what whoever was here before had typed.

const button = document.querySelector(".menu-button");
const menu = document.getElementById("menu");

/** @param {boolean} open */
function show(open) {
  button?.setAttribute("aria-expanded", String(open));
  menu?.classList.toggle("open", open);
}

button?.addEventListener("click", () => show(button.getAttribute("aria-expanded") !== "true"));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && menu?.classList.contains("open")) {
    show(false);
    if (button instanceof HTMLElement) button.focus();
  }
});
document.addEventListener("click", (event) => {
  const inside = event.target instanceof Node && (menu?.contains(event.target) || button?.contains(event.target));
  if (!inside) show(false);
});
for (const link of menu?.querySelectorAll("a") ?? []) {
  if (link.pathname === location.pathname) link.setAttribute("aria-current", "page");
}
if (location.pathname === "/sign-in" && !location.search) sessionStorage.clear();
