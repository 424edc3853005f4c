// Declaring that far more calls come than usual, and that it is over.

import { ask, reasonField } from "../ask.js";
import { post, send } from "../commands.js";
import { byId } from "../dom.js";

/** @import {Live} from "../stream.js"
 *  @import {Names} from "../names.js" */

export class SurgeButton {
  /** @param {Live} live @param {Names} names */
  constructor(live, names) {
    this.live = live;
    this.names = names;
    byId("surge").addEventListener("click", () => void this.press());
    live.onSecond(() => this.paint());
  }

  paint() {
    const declared = this.live.store.surge !== null;
    const text = declared ? gettext("End the surge…") : gettext("Declare a surge…");
    if (byId("surge").textContent !== text) byId("surge").textContent = text;
  }

  press() {
    if (this.live.store.surge) {
      return ask(gettext("End the surge"), [], {
        text: gettext("Callers pass the gate again."),
        yes: gettext("End it"),
        send: () => send("/supervisor/surge/end"),
      });
    }
    return ask(gettext("Declare a surge"), [reasonField(this.names.reasons("surge"))], {
      text: gettext("Until you end it, all callers skip the gate; whose place is known comes first. Every screen says so."),
      yes: gettext("Declare"),
      send: ({ reason }) => send("/supervisor/surge", { reason }),
    });
  }
}
