// Who else is on the line: whom an operator brings into a call, and to whom it is handed over.

import { CommandError, post, send } from "../commands.js";
import { byId, fill, h } from "../dom.js";

/** @import {Live} from "../stream.js"
 *  @import {Names} from "../names.js" */
/** Somebody who can be brought in. @typedef {{name: string, more: string, entry?: string, user?: number}} Choice */

/** Ways to take part in a call that its caller does not hear. */
export const UNHEARD = ["listen", "whisper"];

/** Whether somebody outside talks with the caller, so that the operator may leave. @param {Call} call */
export const isInCompany = (call) => call.parties.some((party) => party.entry && party.state === "joined");

/** The others on the line of the call that the form shows. @param {Call} call @param {Names} names @param {boolean} isMine */
export function paintParties(call, names, isMine) {
  const place = byId("parties");
  place.hidden = call.parties.length === 0;
  fill(place, ...call.parties.map((party) => row(party, names, isMine)));
}

/** @param {CallParty} party @param {Names} names @param {boolean} isMine */
function row(party, names, isMine) {
  const name = party.entry ? names.entry(party.entry) : names.user(party.user ?? 0);
  if (UNHEARD.includes(party.how)) return h("li", { class: "chip" }, interpolate(gettext("%s listens"), [name]));
  const state = party.how === "take" ? gettext("is to take over") : names.state("party", party.state);
  const drop = () => post(`/calls/parties/${party.id}/drop`);
  const label = interpolate(gettext("Let %s off the line"), [name]);
  return h("li", { class: "call-line" }, h("strong", null, name), h("span", { class: "state" }, state), isMine && h("button", { type: "button", class: "small", "data-key": `drop-${party.id}`, "aria-label": label, onclick: drop }, gettext("Drop")));
}

/** Whom I can bring in: the phone book, then the colleagues who are free.
 * @param {Live} live @param {Names} names @param {number} me @returns {Choice[]} */
function choices(live, names, me) {
  const free = live.store.all("operators").filter((o) => o.id !== me && o.does === "free" && ["call_taker", "supervisor"].includes(o.role));
  return [
    ...names.catalogue.phone_book.map((entry) => ({ name: entry.name, more: entry.number, entry: entry.code })),
    ...free.map((o) => ({ name: names.user(o.id), more: [names.role(o.role), o.desk].join(" "), user: o.id })),
  ];
}

/** The dialog: typing searches, Enter brings the first one in, Ctrl+Enter hands the call over.
 * @param {Call} call @param {Live} live @param {Names} names @param {number} me */
export function bringIn(call, live, names, me) {
  const all = choices(live, names, me);
  const error = h("p", { class: "error", role: "alert" });
  const found = h("ul", { class: "plain lines scroll", id: "party-choices", "aria-label": gettext("Phone book and free colleagues") });
  const search = h("input", { id: "party-search", autocomplete: "off", maxlength: 40, "aria-controls": "party-choices" });
  const dialog = h(
    "dialog",
    { "aria-labelledby": "party-title", class: "parties" },
    h(
      "div",
      { class: "asking" },
      h("h2", { id: "party-title" }, gettext("Add to the call")),
      h("div", { class: "field" }, h("label", { for: "party-search" }, gettext("Name or number")), search),
      found,
      error,
      h("p", { class: "dim" }, gettext("Enter brings the first one in; Ctrl+Enter hands the call over to a colleague.")),
      h("div", { class: "actions" }, h("button", { type: "button", onclick: () => dialog.close() }, gettext("Back"), h("kbd", null, "Esc"))),
    ),
  );

  /** @param {string} how @param {Choice} choice */
  async function choose(how, { entry = "", user }) {
    error.textContent = "";
    try {
      await send(`/calls/${call.id}/${how}`, how === "transfer" ? { user } : { entry, user });
      dialog.close();
    } catch (problem) {
      if (!(problem instanceof CommandError)) throw problem;
      error.textContent = problem.message;
    }
  }

  const wanted = () => {
    const words = search.value.trim().toLowerCase();
    return all.filter(({ name, more }) => `${name} ${more}`.toLowerCase().includes(words));
  };
  const paint = () => {
    const rows = wanted().map((choice) =>
      h(
        "li",
        { class: "call-line" },
        h("strong", null, choice.name),
        h("span", { class: "dim mono" }, choice.more),
        h("button", { type: "button", class: "small", "aria-label": interpolate(gettext("Add %s to the call"), [choice.name]), onclick: () => choose("invite", choice) }, gettext("Add to the call")),
        choice.user && h("button", { type: "button", class: "small", "aria-label": interpolate(gettext("Hand over to %s"), [choice.name]), onclick: () => choose("transfer", choice) }, gettext("Hand over")),
      ),
    );
    fill(found, ...(rows.length ? rows : [h("li", { class: "dim" }, gettext("Nobody found."))]));
  };
  search.addEventListener("input", paint);
  search.addEventListener("keydown", (event) => {
    const first = wanted().find((choice) => choice.user || !event.ctrlKey);
    if (event.key === "ArrowDown") found.querySelector("button")?.focus();
    if (event.key !== "Enter" || !first) return;
    event.preventDefault();
    void choose(event.ctrlKey ? "transfer" : "invite", first);
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  paint();
  dialog.showModal();
  search.focus();
}
