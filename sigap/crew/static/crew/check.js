// The sheet of checks on a phone: sent as it is where there is a network, so that a refusal comes
// back with what was ticked; else kept in the outbox. Without this module the plain form is sent.

import { ask, press } from "./outbox.js";
import * as store from "./store.js";

const PATIENCE_MS = 4000;

const sheet = /** @type {HTMLFormElement | null} */ (document.querySelector('form[data-outbox="check"]'));

// What the server would refuse without a network is asked here.
sheet?.addEventListener("change", ({ target }) => {
  if (!(target instanceof HTMLInputElement) || target.type !== "radio") return;
  const why = target.closest("fieldset")?.querySelector("select");
  if (why) why.required = target.value !== "passed";
});

sheet?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const page = document.querySelector('meta[name="user-id"]')?.getAttribute("content") ?? "";
  const late = new Promise((done) => setTimeout(() => done("busy"), PATIENCE_MS));
  const there = await Promise.race([ask().catch(() => "busy"), late]);
  const [state, user] = await Promise.all([store.kept("state"), store.kept("user")]).catch(() => []);
  if (there === "sent" || !state || String(user) !== page) return sheet.submit();
  const given = Object.fromEntries([...new FormData(sheet)].filter(([name]) => !["csrfmiddlewaretoken", "external_id", "occurred_at"].includes(name)));
  try {
    await press("check", { sheet: given }, { user, unit: state.unit.call_sign });
  } catch {
    return sheet.submit();
  }
  location.assign("/crew");
});

export {};
