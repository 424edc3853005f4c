// The page's parts, made of the shown state. Every button only puts something into the outbox.

import { drafted, h, hour } from "./dom.js";
import { title } from "./view.js";

/** @typedef {import("./types").Act} Act */
/** @typedef {import("./types").State} State */
/** @typedef {import("./types").Job} Job */
/** @typedef {(name: string, data: Record<string, any>) => Promise<void>} Press */

/** What makes a press: a form whose fields are its data.
 * @param {string} key names its draft @param {(data: FormData) => [string, Record<string, any>]} act @param {Press} press
 * @param {...(Node | string | null | false)} children */
function form(key, act, press, ...children) {
  const made = h("form", null, ...children);
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [name, data] = act(new FormData(made));
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    await press(name, data);
    made.dispatchEvent(new Event("kept"));
    made.closest("details")?.removeAttribute("open");
  });
  return drafted(made, key);
}

/** @param {string} id @param {string} label @param {[string, string][]} options @param {string} [name] */
const select = (id, label, options, name = "reason") =>
  h("div", { class: "field" }, h("label", { for: id }, label), h("select", { id, name, required: true }, h("option", { value: "" }, "–"), ...options.map(([code, text]) => h("option", { value: code }, text))));

/** @param {string} id @param {string} label @param {boolean} [required] */
const words = (id, label, required = false) => h("div", { class: "field" }, h("label", { for: id }, label), h("textarea", { id, name: "words", rows: 3, maxlength: 4000, required }));

/** @param {string} id @param {string} summary @param {...(Node | string | null | false)} children */
const box = (id, summary, ...children) => h("details", { id }, h("summary", null, summary), ...children);

/** What waits in the phone, and what was refused. @param {Act[]} acts @param {State | null} state @param {number | null} user
 * @param {string} trouble @param {(act: Act) => void} dismiss */
export function outboxPart(acts, state, user, trouble, dismiss) {
  const mine = acts.filter((act) => act.user === user);
  const waiting = mine.filter((act) => act.state !== "refused");
  const others = acts.length - mine.length;
  const refused = mine.filter((act) => act.state === "refused");
  return [
    trouble === "sign-in" && h("p", { class: "notice" }, h("a", { class: "button big", href: "/sign-in?next=/crew" }, waiting.length ? interpolate(gettext("Sign in to send (%s)"), [waiting.length]) : gettext("Sign in"))),
    ...refused.map((act) =>
      h("div", { class: "notice refused", role: "alert" }, h("p", null, h("strong", null, `${title(act, state)} ${hour(act.phone_ms + (act.offset_ms ?? 0))}`), " ", interpolate(gettext("was refused: %s"), [act.why ?? ""])), h("button", { type: "button", "data-key": `dismiss-${act.id}`, onclick: () => dismiss(act) }, gettext("Understood"))),
    ),
    waiting.length > 0 &&
      h("details", { id: "outbox-box", class: "notice" }, h("summary", null, interpolate(gettext("Kept on this phone, not sent yet (%s)"), [waiting.length])), h("ul", null, ...waiting.map((act) => h("li", null, h("time", null, hour(act.phone_ms + (act.offset_ms ?? 0))), ` ${title(act, state)}`, act.state === "sending" ? ` ${act.percent ?? 0} %` : "")))),
    others > 0 && h("p", { class: "notice" }, interpolate(gettext("%s kept for another account: that person signs in to send it."), [others])),
  ];
}

/** The crew's own call for help, as far as it has come. @param {State} state @param {Press} press */
export function helpPart(state, press) {
  const { mayday } = state;
  if (!mayday) return [];
  const at = mayday.at ? hour(mayday.at) : "";
  return [
    h("h2", null, interpolate(gettext("You called for help %s"), [at])),
    h("p", { class: "answer" }, mayday.queued ? gettext("Not sent yet: it goes first as soon as there is a network. Use the radio too.") : mayday.heard_at ? interpolate(gettext("Received by the control room %s"), [hour(mayday.heard_at)]) : gettext("Sent. Nobody has answered yet.")),
    box("mayday-over", gettext("Call it off"), form("mayday-over", (data) => ["mayday_over", { reason: data.get("reason") }], press, select("over-reason", gettext("Reason"), state.reasons.mayday_over), h("button", null, gettext("Call it off")))),
  ];
}

/** The one job. @param {State} state @param {Job | undefined} job @param {Press} press @param {(file: File, job: number) => void} take */
export function jobPart(state, job, press, take) {
  if (!job) return [h("p", { class: "none" }, gettext("No job.")), ...waitingPlace(state)];
  const way = state.ways[job.state];
  /** @param {string} command @param {string} look */
  const button = (command, look) => h("button", { type: "button", class: look, value: command, "data-key": `step-${look}`, onclick: () => press("step", { assignment: job.id, command, ...(command === "transport" && chosenHospital(job)) }) }, state.commands[command]);
  return [
    h(
      "article",
      { "aria-labelledby": "job-title" },
      h("p", { class: "what" }, h("span", { class: `prio p${job.priority}` }, `P${job.priority}`), h("span", { class: "dim" }, `#${job.incident}`), job.siren && h("span", { class: "chip" }, gettext("Siren")), h("span", { class: "state" }, job.pending ? `${job.state_name}, ${gettext("not sent yet")}` : job.state_name)),
      h("h2", { id: "job-title" }, job.type),
      h("p", { class: "where" }, job.address || "–"),
      h("p", { class: "dim" }, [job.landmark, job.area].filter(Boolean).join(" · ")),
      job.state === "on_scene" && job.destinations.length > 0 && hospitals(job),
      h("div", { class: "steps" }, way.next ? button(way.next, "big strong") : null),
      ...heading(job, press),
      job.seen_near && job.state === "en_route" && h("p", { class: "notice" }, gettext("By your position you are there: press when you are.")),
      job.hazards.length > 0 && h("ul", { class: "hazards", "aria-label": gettext("Warnings") }, ...job.hazards.map((text) => h("li", null, text))),
      (job.victims !== null || job.answers.length > 0) && h("p", null, job.victims !== null && `${interpolate(ngettext("%s victim", "%s victims", job.victims), [job.victims])}. `, ...job.answers.flatMap(([question, answer]) => [`${question} `, h("strong", null, answer), ". "])),
      contacts(state, job, press),
      way.further.length > 0 && box("further-box", gettext("Another step"), h("div", { class: "steps" }, ...way.further.map((command) => button(command, "big")))),
      h("div", { class: "actions" }, h("label", { class: "button photo" }, h("input", { type: "file", accept: "image/*", capture: "environment", class: "over", onchange: (/** @type {Event} */ event) => {
        const input = /** @type {HTMLInputElement} */ (event.target);
        if (input.files?.[0]) take(input.files[0], job.id);
        input.value = "";
      } }), gettext("Photo"), job.photos > 0 ? ` (${job.photos})` : "")),
      job.has_story && h("form", { method: "post", action: `/crew/assignments/${job.id}/story`, class: "story" }, h("input", { type: "hidden", name: "csrfmiddlewaretoken", value: token() }), h("button", null, gettext("What the caller told"))),
      ...forms(state, job, press),
      box("note-box", gettext("Note to the dispatcher"), form(`note-${job.id}`, (data) => ["note", { assignment: job.id, text: data.get("words") }], press, words("note", gettext("Note"), true), h("button", null, gettext("Send")))),
      way.may_decline && box("decline-box", gettext("Decline this job"), form(`decline-${job.id}`, (data) => ["step", { assignment: job.id, command: "decline", reason: data.get("reason") }], press, select("decline", gettext("Reason"), state.reasons.decline), h("button", null, gettext("Decline")))),
    ),
  ];
}

/** Where to take the patient, from when the unit is there. @param {Job} job */
const hospitals = (job) =>
  h("div", { class: "field" }, h("label", { for: `to-${job.id}` }, gettext("Hospital")), h("select", { id: `to-${job.id}`, name: "destination" }, h("option", { value: "" }, gettext("not chosen yet")), ...job.destinations.map(([code, text]) => h("option", { value: code, selected: code === job.destination?.code }, text))));

/** @param {Job} job */
function chosenHospital(job) {
  const field = document.getElementById(`to-${job.id}`);
  return { destination: field instanceof HTMLSelectElement ? field.value : "" };
}

/** To which hospital it drives, and another one on the way. @param {Job} job @param {Press} press */
function heading(job, press) {
  const { destination } = job;
  return [
    destination && h("p", null, gettext("Drives to"), " ", h("strong", null, destination.name)),
    destination?.warns && job.state !== "at_destination" && h("p", { class: "notice" }, gettext("This hospital sends ambulances elsewhere. Choose another, or ask the dispatcher.")),
    job.state === "to_destination" && job.destinations.length > 0 && box("hospital-box", destination ? gettext("Another hospital") : gettext("Hospital"), form(`hospital-${job.id}`, (data) => ["destination", { assignment: job.id, destination: data.get("destination") }], press, hospitals(job), h("button", null, gettext("Save")))),
  ];
}

const token = () => document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";

/** Where it is to wait while it has no job. @param {State} state */
const waitingPlace = ({ waits }) =>
  waits ? [h("p", { class: "notice" }, gettext("Wait at"), " ", h("strong", null, waits.name)), h("div", { class: "actions route" }, ...routeTo(`${waits.lat},${waits.lng}`))] : [];

/** The hand-over to the phone's map, and which one. @param {string} point */
function routeTo(point) {
  const maps = {
    geo: `geo:${point}?q=${point}`,
    google: `https://www.google.com/maps/dir/?api=1&destination=${point}&travelmode=driving`,
    osmand: `https://osmand.net/map/navigate?end=${point}&profile=car`,
  };
  const chosen = /** @type {keyof typeof maps} */ (localStorage.getItem("crew-map") ?? "geo");
  const route = h("a", { class: "button", id: "route", href: maps[chosen] ?? maps.geo, rel: "noreferrer" }, gettext("Route"));
  const choose = h("select", { id: "map-choice", "aria-label": gettext("Map"), onchange: (/** @type {Event} */ event) => {
    const { value } = /** @type {HTMLSelectElement} */ (event.target);
    localStorage.setItem("crew-map", value);
    route.href = maps[/** @type {keyof typeof maps} */ (value)];
  } }, ...Object.entries({ geo: gettext("This phone's map"), google: "Google Maps", osmand: "OsmAnd" }).map(([value, text]) => h("option", { value, selected: value === chosen }, text)));
  return [route, choose];
}

/** The way there, and who may be spoken with. @param {State} state @param {Job} job @param {Press} press */
function contacts(state, job, press) {
  const asked = job.caller;
  return [
    job.lat !== null ? h("div", { class: "actions route" }, ...routeTo(`${job.lat},${job.lng}`), job.rough && h("span", { class: "dim" }, gettext("middle of the area"))) : null,
    h(
      "div",
      { class: "actions" },
      state.room && h("a", { class: "button", href: `tel:${state.room.number}` }, state.room.name),
      h("button", { type: "button", "data-key": "caller", disabled: Boolean(asked), onclick: () => press("caller", { assignment: job.id }) }, gettext("Speak with the caller")),
    ),
    asked && h("p", { class: "dim", role: "status" }, asked.queued ? gettext("Asked for; not sent yet.") : asked.heard_at ? gettext("The control room has taken it on: they connect you.") : gettext("Asked for. The control room connects you; the number is not shown.")),
  ].flatMap((part) => part || []);
}

/** The short forms. @param {State} state @param {Job} job @param {Press} press */
function forms(state, job, press) {
  return state.forms.map(([code, name, lines]) =>
    box(
      `form-${code}`,
      name,
      form(
        `form-${code}-${job.id}`,
        (data) => {
          const counts = Object.fromEntries(lines.map(([line]) => [line, Number(data.get(`n.${line}`) || 0)]).filter(([, number]) => number));
          return ["form", { assignment: job.id, form: code, counts, words: data.get("words") }];
        },
        press,
        h("div", { class: "counts" }, ...lines.map(([line, text]) => h("div", { class: "count" }, h("label", { for: `${code}-${line}` }, text), h("input", { id: `${code}-${line}`, name: `n.${line}`, type: "number", min: 0, max: 999, inputmode: "numeric" })))),
        words(`${code}-words`, code === "patients" ? gettext("Where they were taken, remarks") : gettext("Remarks")),
        h("button", null, gettext("Send")),
      ),
    ),
  );
}

/** The jobs that wait. @param {State} state @param {Job[]} jobs @param {Press} press */
export function waitingPart(state, jobs, press) {
  if (!jobs.length) return [];
  return [
    h("h2", { class: "small" }, gettext("Waiting")),
    ...jobs.map((job) => {
      const way = state.ways[job.state];
      return h("details", { id: `job-${job.id}` }, h("summary", null, h("span", { class: `prio p${job.priority}` }, `P${job.priority}`), h("span", { class: "about" }, `${job.type}, ${job.address || job.area}`), h("span", { class: "state" }, job.state_name)), h("div", { class: "steps" }, way.next ? h("button", { type: "button", class: "big", value: way.next, "data-key": `other-${job.id}`, onclick: () => press("step", { assignment: job.id, command: way.next }) }, state.commands[way.next]) : null));
    }),
  ];
}

/** The vehicle, who is on board, duty. @param {State} state @param {Press} press */
export function unitPart(state, press) {
  const { unit, aboard } = state;
  /** @param {string} name @param {Record<string, any>} data @param {string} text */
  const button = (name, data, text) => h("button", { type: "button", "data-key": `${name}-${text}`, onclick: () => press(name, data) }, text);
  const states = { available: state.jobs.length ? gettext("On a job") : gettext("Available"), reserved: gettext("Reserved"), unavailable: gettext("Out of service") };
  const readiness = { ready: "", limited: gettext("Limited"), not_ready: gettext("Not ready") };
  const ready = readiness[/** @type {keyof typeof readiness} */ (unit.readiness)];
  return [
    h(
      "details",
      { class: "unit", id: "unit-box" },
      h("summary", null, gettext("Unit"), " ", !unit.on_duty && h("span", { class: "state over" }, gettext("Off duty")), h("span", { class: "state" }, states[/** @type {keyof typeof states} */ (unit.state)] ?? unit.state), ready && h("span", { class: "state" }, ready), aboard ? h("span", { class: "dim" }, interpolate(gettext("%s on board"), [aboard.count])) : false),
      h("div", { class: "actions" }, unit.on_duty ? button("duty", { on_duty: false }, gettext("End duty")) : button("duty", { on_duty: true }, gettext("Begin duty")), unit.readiness !== "ready" && button("readiness", { readiness: "ready" }, gettext("Ready")), h("a", { class: "button", href: "/crew/check" }, gettext("Check the equipment"))),
      form(
        "aboard",
        (data) => {
          const people = data.getAll("people").map(Number);
          return ["aboard", { people, count: Math.max(people.length, Number(data.get("count") || 0)) }];
        },
        press,
        h("fieldset", null, h("legend", null, gettext("On board")), ...state.colleagues.map(([id, name]) => h("label", { class: "check" }, h("input", { type: "checkbox", name: "people", value: id, checked: aboard?.people.includes(id) }), ` ${name}`)), h("div", { class: "field" }, h("label", { for: "aboard-count" }, gettext("People in all")), h("input", { id: "aboard-count", name: "count", type: "number", min: 0, max: 60, inputmode: "numeric", value: aboard?.count ?? "" })), h("button", null, gettext("Save"))),
      ),
      form("readiness", (data) => ["readiness", { readiness: data.get("readiness"), reason: data.get("reason") }], press, h("fieldset", null, h("legend", null, gettext("Readiness")), select("ready-to", gettext("Readiness"), [["limited", gettext("Limited")], ["not_ready", gettext("Not ready")]], "readiness"), select("why", gettext("Reason"), state.reasons.unavailable), h("button", null, gettext("Save")))),
      unit.state === "unavailable" && h("div", { class: "actions" }, button("availability", { command: "return" }, gettext("Back in service"))),
      unit.state === "available" && form("withdraw", (data) => ["availability", { command: "withdraw", reason: data.get("reason") }], press, h("fieldset", null, h("legend", null, gettext("Out of service")), select("out", gettext("Reason"), state.reasons.unavailable), h("button", null, gettext("Out of service")))),
    ),
  ];
}
