// F4: opening the incident of a call, and saving what was corrected since. Nothing is cleared
// when it fails.

import { CommandError, send, toast } from "../commands.js";
import { byId } from "../dom.js";
import { numberOf } from "../names.js";
import { whole } from "./facts.js";

/** @import {Live} from "../stream.js"
 *  @import {Names} from "../names.js"
 *  @import {Triage} from "./triage.js" */

export class Saving {
  /** @param {Live} live @param {Names} names @param {Triage} triage
   * @param {() => number[]} alike the open incidents that may be the same */
  constructor(live, names, triage, alike) {
    this.alike = alike;
    this.live = live;
    this.names = names;
    this.triage = triage;
    /** The call whose incident is opened without a location at the next press. @type {number | null} */
    this.placeless = null;
    /** The call that is known to be none of those alike. @type {number | null} */
    this.unlike = null;
    /** The incident that is being opened: what follows waits until it is, or is not.
     * @type {Promise<number | null>} */
    this.opening = Promise.resolve(null);
    /** The choice below the rules' that the next press keeps. */
    this.below = "";
  }

  /** Open the incident of a call; of one that is closed, make it an emergency.
   * @param {Call} call @returns {Promise<number | null>} */
  async open(call) {
    const { triage } = this;
    if (!triage.draft.type) triage.askFor(gettext("Choose the type first."), "type");
    else if (!triage.isCountable()) triage.askFor(gettext("Write the number of victims as a number."), "victims");
    else if (triage.draft.priority === null) triage.askFor(gettext("Accept the proposed priority with F8, or choose one."), "accept");
    else if (this.isBelow(call)) triage.askFor(interpolate(gettext("The answers propose P%s: F8 accepts it, F4 once more keeps P%s."), [triage.proposal?.priority ?? "", triage.draft.priority]), "accept");
    else if (this.isLikely(call)) triage.askFor(interpolate(gettext("Many report the same now: F7 joins %s, F4 once more opens a new one."), [numberOf(this.alike()[0])]), "same");
    else if (this.isUnplaced(call)) triage.askFor(gettext("The location is not known yet. F4 once more opens the incident without it."), "address");
    else return (this.opening = this.sendWhole(call));
    return null;
  }

  /** Whether the rules propose something more urgent than was chosen, perhaps before the last
   * answer: asked once for each proposal. @param {Call} call */
  isBelow(call) {
    const { draft, proposal } = this.triage;
    const asked = `${call.id} ${proposal?.rule} ${draft.priority}`;
    if (!proposal || draft.priority === null || draft.priority <= proposal.priority || this.below === asked) return false;
    this.below = asked;
    return true;
  }

  /** Whether to ask first if it is one that is known: in a surge only, and once. @param {Call} call */
  isLikely(call) {
    if (!this.live.store.surge || !this.alike().length || this.unlike === call.id) return false;
    this.unlike = call.id;
    return true;
  }

  /** Whether to ask for the location first: once, since a call must never be blocked.
   * @param {Call} call */
  isUnplaced(call) {
    if (this.triage.isPlaced() || this.placeless === call.id) return false;
    this.placeless = call.id;
    return true;
  }

  /** @param {Call} call @returns {Promise<number | null>} */
  async sendWhole(call) {
    const { triage } = this;
    const sent = triage.draft;
    const closing = call.state === "closed" ? { call_class: "emergency" } : {};
    triage.isOpening = true;
    try {
      const answer = await send(`/calls/${call.id}/incident`, { ...whole(sent, triage.given()), ...closing });
      if (triage.call === call.id) triage.stored(sent, answer.incident, answer.version);
      toast(interpolate(gettext("Incident %s is open."), [numberOf(answer.incident)]));
      if (answer.suggested !== triage.proposal?.priority) toast(gettext("The server's rules propose another priority. Load the page again."), { bad: true });
      return answer.incident;
    } catch (error) {
      this.failed(error);
      return null;
    } finally {
      triage.isOpening = false;
    }
  }

  /** Send what was corrected. @param {number} id */
  async corrections(id) {
    const { triage } = this;
    if (!triage.isCountable()) return triage.askFor(gettext("Write the number of victims as a number."), "victims");
    const sent = triage.draft;
    const parts = triage.corrections();
    try {
      for (const [command, data] of Object.entries(parts)) {
        if (!data) continue;
        const answer = await send(`/incidents/${id}/${command}`, { .../** @type {object} */ (data), version: triage.version });
        triage.version = answer.version;
      }
      triage.stored(sent, id, triage.version ?? 0);
      toast(gettext("Saved."));
    } catch (error) {
      this.failed(error, id);
    }
    triage.changed();
  }

  /** @param {unknown} error @param {number} [id] */
  failed(error, id) {
    const { triage } = this;
    if (!(error instanceof CommandError)) throw error;
    if (error.code === "conflict" && id) {
      // The row is looked at anew; the form keeps what was typed.
      triage.version = error.details.version ?? triage.version;
      const row = this.live.store.get("incidents", id);
      if (row) triage.rebase(row);
      triage.say(`${gettext("Somebody else changed this incident.")} ${this.differences(id)} ${gettext("Your text is kept; F4 saves it over theirs.")}`);
    } else triage.say(`${error.message} ${gettext("What you typed is still here.")}`);
    byId("form-error").scrollIntoView({ block: "nearest" });
  }

  /** What the incident has now where the form says otherwise. @param {number} id */
  differences(id) {
    const { draft } = this.triage;
    const row = this.live.store.get("incidents", id);
    if (!row) return "";
    const theirs = this.triage.ofIncident(row);
    const parts = [];
    if (theirs.type !== draft.type) parts.push(`${gettext("type")}: ${this.names.type(theirs.type)}`);
    if (theirs.address !== draft.address) parts.push(`${gettext("address")}: ${theirs.address}`);
    if (theirs.area !== draft.area) parts.push(`${gettext("kelurahan")}: ${this.names.area(theirs.area)}`);
    if (theirs.priority !== draft.priority) parts.push(`P${theirs.priority}`);
    return parts.length ? `${gettext("It now says")}: ${parts.join("; ")}.` : "";
  }
}
