// The triage form of the current call: address first, then type, questions and priority.
// What is typed is never taken away: not by news, not by a failed save.

import { byId, fill, h, priority as badge } from "../dom.js";
import { isTyping } from "../keys.js";
import { Address } from "./address.js";
import * as drafts from "./drafts.js";
import { corrections, ofIncident, victims } from "./facts.js";
import { counted, offered, propose } from "./rules.js";

/** @import {Draft, Place} from "./drafts.js"
 *  @import {Proposal} from "./rules.js"
 *  @import {Names} from "../names.js" */

const WORDS = /** @type {const} */ (["address", "chronology", "reporter"]);

/** @param {string} id */
const input = (id) => /** @type {HTMLInputElement} */ (byId(id));
/** @param {string} id */
const select = (id) => /** @type {HTMLSelectElement} */ (byId(id));

export class Triage {
  /** @param {Names} names @param {() => void} changed called after each change
   * @param {(area: string) => string} warned what is in force in an area */
  constructor(names, changed, warned) {
    this.names = names;
    this.warned = warned;
    this.changed = changed;
    /** @type {number | null} */
    this.call = null;
    this.draft = drafts.empty();
    /** What the server has, once there is an incident. @type {Draft | null} */
    this.saved = null;
    /** Of which incident, and which version of it. @type {number | null} */
    this.incident = null;
    /** @type {number | null} */
    this.version = null;
    this.address = new Address(this);
    /** While an incident is being opened, its own news are not somebody else's. */
    this.isOpening = false;
    /** News that wait until nobody types. @type {Incident | null} */
    this.behind = null;
    /** Whether what is said asks for something that the next change may bring. */
    this.isAsking = false;
    this.lists();
    this.listen();
  }

  /** The select boxes, from the catalogue. */
  lists() {
    const { types, areas, landmarks } = this.names.catalogue;
    const districts = new Map();
    for (const [code, area] of Object.entries(areas)) {
      districts.set(area.district, [...(districts.get(area.district) ?? []), h("option", { value: code }, area.name)]);
    }
    select("area").append(h("option", { value: "" }, gettext("not known")), ...groups(districts));
    select("type").append(
      h("option", { value: "" }, gettext("choose")),
      ...Object.entries(types).map(([code, type]) => h("option", { value: code }, type.name)),
    );
    select("landmark").append(
      h("option", { value: "" }, gettext("none")),
      ...[...landmarks].sort((a, b) => a.name.localeCompare(b.name)).map((mark) => h("option", { value: mark.id }, mark.name)),
    );
  }

  listen() {
    for (const name of /** @type {const} */ (["address", "victims", "reporter", "chronology"])) {
      input(name).addEventListener("input", () => this.set({ [name]: input(name).value }));
    }
    select("area").addEventListener("change", () => this.set({ area: select("area").value, place: null }));
    select("landmark").addEventListener("change", () => this.chooseLandmark(select("landmark").value));
    const type = select("type");
    // By letters and arrows each step is a change: the focus stays until Enter says that it is this one.
    let byKeys = false;
    type.addEventListener("pointerdown", () => (byKeys = false));
    type.addEventListener("keydown", (event) => {
      byKeys = true;
      if (event.key !== "Enter" || !this.type) return;
      event.preventDefault();
      this.focusQuestion();
    });
    type.addEventListener("change", () => {
      this.chooseType(type.value);
      if (!byKeys) this.focusQuestion();
    });
    byId("questions").addEventListener("change", (event) => {
      const box = /** @type {HTMLInputElement} */ (event.target);
      this.set({ answers: { ...this.draft.answers, [box.name.slice(2)]: box.value } });
    });
    byId("priorities").addEventListener("change", (event) => {
      this.set({ priority: Number(/** @type {HTMLInputElement} */ (event.target).value) });
    });
    input("siren").addEventListener("change", () => this.set({ siren: input("siren").checked }));
    byId("accept").addEventListener("click", () => this.accept());
    byId("triage").addEventListener("focusout", () => {
      setTimeout(() => {
        const waiting = this.behind;
        this.behind = null;
        if (waiting) this.news(waiting);
      });
    });
  }

  /** Show a call's form: its draft, else what its incident has, else nothing.
   * @param {Call | null} call @param {Incident | undefined} incident */
  show(call, incident) {
    if (this.call === (call?.id ?? null)) return;
    this.call = call?.id ?? null;
    const kept = call ? drafts.load(call.id) : null;
    this.draft = kept?.draft ?? drafts.empty();
    this.saved = kept?.saved ?? null;
    this.incident = kept?.incident ?? null;
    this.version = kept?.version ?? null;
    if (incident && !kept) this.take(incident);
    this.address.clear();
    this.behind = null;
    this.paint();
    this.say("");
    this.changed();
  }

  /** Show what the server has. @param {Incident} incident */
  take(incident) {
    this.behind = null;
    this.incident = incident.id;
    this.version = incident.v;
    this.draft = this.ofIncident(incident);
    this.saved = this.draft;
    this.keep();
    this.paint();
  }

  /** Another console may have changed the incident: its news are taken where nothing was
   * typed here; else the next save says what differs. @param {Incident} incident */
  news(incident) {
    if (this.isOpening) return;
    if (this.saved === null || incident.id !== this.incident) return this.adopt(incident);
    if (incident.v === this.version || !this.isSaved()) return;
    const isAtIt = isTyping(document.activeElement) && byId("triage").contains(document.activeElement);
    if (!isAtIt) this.take(incident);
    else this.behind = incident; // never under the cursor: when the form is left
  }

  /** The call turned out to be about an incident that is known: its facts are shown, and
   * what was typed and is nowhere yet becomes the note, so that it neither overwrites them
   * nor is lost. @param {Incident} incident */
  adopt(incident) {
    const { draft, saved } = this;
    const typed = WORDS.filter((name) => draft[name] !== saved?.[name] && !(name === "address" && draft.address === incident.address));
    this.draft = { ...draft, chronology: "", reporter: "", note: [draft.note, ...typed.map((name) => draft[name])].map((t) => t.trim()).filter(Boolean).join("; ") };
    this.take(incident);
    if (this.draft.note) this.say(gettext("What you typed is in the note now; Enter in the note writes it into the incident."));
    this.changed();
  }

  /** What the incident's row does not tell; what was typed here stays.
   * @param {{chronology: string, reporter: string}} words */
  hear(words) {
    if (!this.saved) return;
    for (const name of /** @type {const} */ (["chronology", "reporter"])) {
      if (this.draft[name] === this.saved[name]) this.draft = { ...this.draft, [name]: words[name] };
      this.saved = { ...this.saved, [name]: words[name] };
      if (input(name).value !== this.draft[name]) input(name).value = this.draft[name];
    }
    this.keep();
  }

  /** After a conflict: what was not changed here becomes theirs, what was stays as typed.
   * @param {Incident} incident */
  rebase(incident) {
    const [mine, before] = [this.draft, this.saved];
    // What the incident's row does not tell is, as far as is known, as it was.
    const { chronology, reporter, note } = before ?? drafts.empty();
    const theirs = { ...this.ofIncident(incident), chronology, reporter, note };
    const kept = Object.entries(mine).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before?.[/** @type {keyof Draft} */ (name)]));
    this.draft = { ...theirs, ...Object.fromEntries(kept) };
    this.saved = theirs;
    this.version = incident.v;
    this.keep();
    this.paint();
  }

  /** The server has what was sent. @param {Draft} sent @param {number} incident @param {number} version */
  stored(sent, incident, version) {
    this.saved = sent;
    this.incident = incident;
    this.version = version;
    this.keep();
    this.say("");
  }

  /** Whether anything was typed that only this form has. */
  isAtRisk() {
    const { address, chronology, reporter, note, type } = this.draft;
    const typed = [address, chronology, reporter, type].some((text) => text.trim());
    return note.trim() !== "" || (this.saved === null ? typed : !this.isSaved());
  }

  /** Whether there is nothing that the server does not have. */
  isSaved() {
    return Object.values(this.corrections()).every((part) => part === null);
  }

  /** Whether the victims are empty or a number. */
  isCountable() {
    return !this.draft.victims.trim() || victims(this.draft.victims) !== null;
  }

  /** Whether anything says where it is: a kelurahan, a point or a landmark, or words. */
  isPlaced() {
    return Boolean(this.draft.area || this.draft.place || this.draft.address.trim());
  }

  /** Say in the form itself what went wrong; nothing is cleared. @param {string} text */
  say(text) {
    this.isAsking = false;
    byId("form-error").textContent = text;
  }

  /** Ask for what is missing, at its field; answered by the next change.
   * @param {string} text @param {string} id */
  askFor(text, id) {
    this.say(text);
    this.isAsking = true;
    byId(id).focus();
  }

  /** @param {Partial<Draft>} change */
  set(change) {
    this.draft = { ...this.draft, ...change };
    this.count(change);
    if (this.isAsking) this.say("");
    this.keep();
    this.paintParts();
    this.changed();
  }

  /** The same for what no person types. @param {Partial<Draft>} change */
  write(change) {
    this.set(change);
    this.paint();
  }

  keep() {
    if (this.call !== null) drafts.save(this.call, { draft: this.draft, saved: this.saved, version: this.version, incident: this.incident });
  }

  /** Some types ask for the number of victims, which the form has too: each fills the other.
   * @param {Partial<Draft>} change */
  count(change) {
    const question = this.type?.questions.find(counted);
    if (!question) return;
    const n = victims(this.draft.victims);
    const said = n === null ? "" : n > 3 ? "4+" : String(n);
    const answer = this.draft.answers[question.code] ?? "";
    if (answer === said) return;
    if (change.answers) {
      this.draft.victims = answer === "4+" ? "" : answer; // how many more is not said
      input("victims").value = this.draft.victims;
    } else if (change.victims !== undefined || (change.type && said)) {
      this.draft.answers = { ...this.draft.answers, [question.code]: said };
      this.paintAnswers();
    }
  }

  get type() {
    return this.names.catalogue.types[this.draft.type];
  }

  /** @returns {Proposal | null} */
  get proposal() {
    return this.type ? propose(this.type, this.given()) : null;
  }

  /** The answers to questions of the present type. @returns {Record<string, string>} */
  given() {
    const asked = new Set(this.type?.questions.map((q) => q.code));
    return Object.fromEntries(Object.entries(this.draft.answers).filter(([code]) => asked.has(code)));
  }

  accept() {
    const { proposal } = this;
    if (proposal) this.set({ priority: proposal.priority, siren: proposal.siren });
  }

  /** @param {string} code */
  chooseType(code) {
    this.set({ type: code, priority: null, siren: null });
    this.paintQuestions();
  }

  /** Where it is: a point or landmark and its kelurahan, or a kelurahan only.
   * @param {Place | null} place @param {string} area */
  put(place, area) {
    this.set({ place, area });
    this.paintPlace();
  }

  /** @param {string} id */
  chooseLandmark(id) {
    const mark = this.names.catalogue.landmarks.find((m) => String(m.id) === id);
    if (!mark) return this.put(null, this.draft.area);
    const { lat, lng, area } = mark;
    this.put({ label: mark.name, precision: mark.precision, landmark: mark.id, area, lat, lng }, area);
  }

  /** The question that is focused, else the first that has no answer.
   * @returns {TypeEntry["questions"][number] | undefined} */
  question() {
    const here = document.activeElement?.closest("fieldset[data-question]");
    const code = here instanceof HTMLElement ? here.dataset.question : undefined;
    const all = this.type?.questions ?? [];
    return all.find((q) => q.code === code) ?? all.find((q) => !this.draft.answers[q.code]);
  }

  /** Answer the question at hand by its key. @param {string} key @returns {boolean} */
  answer(key) {
    const question = this.question();
    const hit = question && offered(question).find((o) => o.key === key);
    if (!question || !hit) return false;
    this.set({ answers: { ...this.draft.answers, [question.code]: hit.code } });
    this.paintAnswers();
    this.focusQuestion();
    return true;
  }

  focusQuestion() {
    const open = this.type?.questions.find((q) => !this.draft.answers[q.code]);
    const goal = open ? byId("questions").querySelector(`[data-question="${CSS.escape(open.code)}"] input`) : byId("accept");
    /** @type {HTMLElement | null} */ (goal)?.focus();
  }

  paint() {
    for (const name of /** @type {const} */ (["address", "victims", "reporter", "chronology", "note"])) input(name).value = this.draft[name];
    select("type").value = this.draft.type;
    this.paintPlace();
    this.paintQuestions();
    this.paintParts();
  }

  paintPlace() {
    select("area").value = this.draft.area;
    const mark = this.draft.place?.landmark;
    select("landmark").value = mark ? String(mark) : "";
  }

  paintQuestions() {
    fill(
      byId("questions"),
      (this.type?.questions ?? []).map((question) =>
        h(
          "fieldset",
          { class: "question", "data-question": question.code },
          h("legend", null, question.text),
          h(
            "div",
            { class: "segments" },
            offered(question).map(({ code, label, key }) =>
              h("label", null, h("input", { type: "radio", name: `q-${question.code}`, value: code, "data-key": `${question.code} ${code}` }), h("span", null, label === key ? null : h("kbd", { "aria-hidden": "true" }, key.toUpperCase()), label)),
            ),
          ),
        ),
      ),
    );
    this.paintAnswers();
  }

  paintAnswers() {
    for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (byId("questions").querySelectorAll("input"))) {
      box.checked = this.draft.answers[box.name.slice(2)] === box.value;
    }
  }

  /** The parts that follow from the rest: place in words, proposal, chosen priority. */
  paintParts() {
    const { place, area } = this.draft;
    const where = place && place.lat !== null ? `${place.label} (${place.lat.toFixed(4)}, ${place.lng?.toFixed(4)})` : area ? interpolate(gettext("somewhere in %s"), [this.names.area(area)]) : this.isPlaced() ? gettext("not on the map yet: which kelurahan?") : gettext("The location is not known yet");
    byId("place-words").textContent = where;
    byId("place-warning").textContent = this.warned(area);
    byId("place-words").className = place || area || !this.type ? "dim place" : "warn place";
    const { proposal } = this;
    const chosen = this.draft.priority;
    fill(
      byId("proposal"),
      proposal
        ? [badge(proposal.priority), h("span", null, gettext("Proposed"), proposal.rule ? h("span", null, " ", gettext("by rule"), " ", h("strong", null, proposal.rule)) : null, `: ${proposal.text}`)]
        : h("span", { class: "dim" }, gettext("Choose the type: the rules then propose a priority.")),
    );
    byId("accept").toggleAttribute("disabled", !proposal);
    byId("accept").classList.toggle("strong", proposal !== null && chosen === null);
    byId("differs").textContent = proposal && chosen !== null && chosen !== proposal.priority ? gettext("differs from the proposal; both are kept") : "";
    for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (byId("priorities").querySelectorAll("input[type=radio]"))) box.checked = Number(box.value) === chosen;
    input("siren").checked = this.draft.siren ?? proposal?.siren ?? false;
  }

  /** What differs from the server, by command. */
  corrections() {
    return this.saved ? corrections(this.draft, this.saved, this.given()) : {};
  }

  /** @param {Incident} incident */
  ofIncident(incident) {
    return ofIncident(incident, this.draft, this.names);
  }
}

/** @param {Map<string, HTMLOptionElement[]>} by */
const groups = (by) => [...by].map(([label, options]) => h("optgroup", { label }, ...options));
