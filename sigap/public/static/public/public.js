// What a script adds to the citizens' forms: the position, smaller photos, a button that is
// pressed once. All of it works without.
"use strict";

/** @template {HTMLElement} T @param {string} id @returns {T | null} */
function part(id) {
  return /** @type {T | null} */ (document.getElementById(id));
}

function position() {
  const box = part("position"), status = part("position-status"), undo = part("unlocate");
  const lat = /** @type {HTMLInputElement} */ (part("lat"));
  const lng = /** @type {HTMLInputElement} */ (part("lng"));
  if (!box || !status || !undo || !("geolocation" in navigator)) return;
  box.hidden = false;
  undo.hidden = !lat.value;
  part("locate")?.addEventListener("click", () => {
    status.textContent = box.dataset.busy ?? "";
    navigator.geolocation.getCurrentPosition(
      (found) => {
        lat.value = found.coords.latitude.toFixed(6);
        lng.value = found.coords.longitude.toFixed(6);
        const metres = String(Math.ceil(found.coords.accuracy));
        status.textContent = (box.dataset.found ?? "").replace("{m}", metres);
        undo.hidden = false;
      },
      () => { status.textContent = box.dataset.failed ?? ""; },
      { enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 },
    );
  });
  undo.addEventListener("click", () => {
    lat.value = lng.value = "";
    undo.hidden = true;
    status.textContent = box.dataset.removed ?? "";
  });
}

const SIDE = 1600, LARGE = 400 * 1024;

/** @param {File} file @returns {Promise<File>} */
async function smaller(file) {
  if (!file.type.startsWith("image/") || file.size < LARGE) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    /** @type {Blob | null} */
    const drawn = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.82));
    if (!drawn || drawn.size >= file.size) return file;
    return new File([drawn], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
  } catch {
    return file; // the server says what is wrong with it
  }
}

/** @param {HTMLInputElement} input */
async function shrink(input) {
  if (!input.files?.length) return;
  const chosen = new DataTransfer();
  for (const file of input.files) chosen.items.add(await smaller(file));
  input.files = chosen.files;
}

/** @param {HTMLFormElement} form */
function once(form) {
  /** @type {Promise<unknown>[]} */
  let shrinking = [];
  for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[name=photos]"))) {
    input.addEventListener("change", () => { shrinking.push(shrink(input)); });
  }
  form.addEventListener("submit", async (event) => {
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
    if (button?.dataset.once) button.textContent = button.dataset.once;
    if (!shrinking.length) return;
    event.preventDefault();
    await Promise.all(shrinking);
    shrinking = [];
    delete form.dataset.sent;
    // Not before this event is over: a form that is being sent ignores another press.
    setTimeout(() => form.requestSubmit(button));
  });
}

// Back from the next page the button works again.
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

function copying() {
  const button = part("copy");
  const link = /** @type {HTMLInputElement | null} */ (part("link"));
  if (!button || !link || !navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(link.value);
    button.textContent = button.dataset.done ?? "";
  });
}

position();
copying();
for (const form of document.forms) once(form);
part("errors")?.focus();
