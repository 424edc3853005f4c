// The sheet of checks on a phone: what is ticked is kept in the outbox and sent when there is a
// network. Without this module, or without the phone's storage, the plain form is sent.

import { press } from "./outbox.js";
import * as store from "./store.js";

const sheet = /** @type {HTMLFormElement | null} */ (document.querySelector('form[data-outbox="check"]'));

sheet?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const [state, user] = await Promise.all([store.kept("state"), store.kept("user")]).catch(() => []);
  const page = document.querySelector('meta[name="user-id"]')?.getAttribute("content") ?? "";
  if (!state || String(user) !== page) return sheet.submit();
  const given = Object.fromEntries([...new FormData(sheet)].filter(([name]) => !["csrfmiddlewaretoken", "external_id", "occurred_at"].includes(name)));
  try {
    await press("check", { sheet: given }, { user, unit: state.unit.call_sign });
  } catch {
    return sheet.submit();
  }
  location.assign("/crew");
});

export {};
