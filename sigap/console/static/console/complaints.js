/** Complaints: marking many at once, the keys of one, a template as the beginning of an answer. */

/** @param {EventTarget | null} target */
const types = (target) =>
  target instanceof HTMLElement && target.closest("input:not([type=checkbox]), textarea, select");

const all = document.querySelector("[data-all]");
if (all instanceof HTMLInputElement) {
  all.addEventListener("change", () => {
    for (const box of document.querySelectorAll("input[name=ids]")) {
      if (box instanceof HTMLInputElement) box.checked = all.checked;
    }
  });
}

document.addEventListener("keydown", (event) => {
  if (types(event.target) || event.ctrlKey || event.altKey || event.metaKey) return;
  const key = event.key.toLowerCase();
  if (key === "n" && document.querySelector(".complaints")) {
    const fresh = document.querySelector('a[href="/complaints/new"]');
    if (fresh instanceof HTMLAnchorElement) fresh.click();
    return;
  }
  const button = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (button instanceof HTMLButtonElement) {
    event.preventDefault();
    button.click();
  }
});

for (const choice of document.querySelectorAll("select[data-fills]")) {
  choice.addEventListener("change", () => {
    if (!(choice instanceof HTMLSelectElement)) return;
    const field = document.getElementById(choice.dataset.fills ?? "");
    const words = choice.selectedOptions[0]?.dataset.words;
    // What somebody has typed stays: the template comes behind it.
    if (field instanceof HTMLTextAreaElement && words) {
      field.value = [field.value.trim(), words].filter(Boolean).join("\n");
      field.focus();
    }
  });
}
