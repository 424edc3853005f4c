// The keys of the call taker's screen.

import { byId } from "../dom.js";
import * as keys from "../keys.js";

/** @import {Triage} from "./triage.js"
 *  @typedef {{take: (place: number) => void, hold: () => unknown, swap: () => unknown, bring: () => unknown, close: () => unknown,
 *    save: () => unknown, same: () => unknown, enter: () => unknown, locate: () => void, pause: () => unknown}} Does */

/** @param {Does} does @param {Triage} triage @param {() => boolean} inCall */
export function registerKeys(does, triage, inCall) {
  const [calls, form] = [gettext("Calls"), gettext("Form")];
  keys.add(
    { key: "F1", label: gettext("This help"), run: () => keys.help() },
    { key: "F2", label: gettext("Take the first call of the queue"), group: calls, run: () => does.take(0) },
    { key: "Shift+F2", label: gettext("Take the second call"), group: calls, run: () => does.take(1) },
    { key: "F3", label: gettext("Hold, resume"), group: calls, run: () => void does.hold() },
    { key: "Shift+F3", label: gettext("Talk to the caller who is on hold longest"), group: calls, run: () => void does.swap() },
    { key: "Shift+F8", label: gettext("Bring somebody in, or hand the call over"), group: calls, when: inCall, run: () => void does.bring() },
    { key: "F10", label: gettext("Close the call; then 1 silent, 2 prank, 3 information"), group: calls, run: () => void does.close() },
    { key: "e", label: gettext("Enter a call by hand"), group: calls, run: () => void does.enter() },
    { key: "p", label: gettext("Pause; back at the desk"), group: calls, run: () => void does.pause() },
    { key: "F6", label: gettext("Address"), group: form, when: inCall, run: () => byId("address").focus() },
    { key: "Shift+F6", label: gettext("Use the phone's location"), group: form, shown: document.getElementById("phone") !== null, when: inCall, run: () => does.locate() },
    { key: "F8", label: gettext("Accept the proposed priority"), group: form, when: inCall, run: () => triage.accept() },
    { key: "F4", label: gettext("Open the incident, save corrections"), group: form, when: inCall, run: () => void does.save() },
    { key: "F7", label: gettext("Same as the first candidate"), group: form, when: inCall, run: () => void does.same() },
  );
  const labels = new Map([
    ["y", gettext("Answer yes")],
    ["t", gettext("Answer no")],
    ["?", gettext("Answer not sure")],
    ["1", gettext("Answer by number")],
  ]);
  for (const key of ["y", "t", "n", "?", ..."1234567890"]) {
    const answer = key === "n" ? "t" : key; // no, as the English say it
    keys.add({
      key,
      label: labels.get(key) ?? "",
      shown: labels.has(key),
      group: form,
      when: () => inCall() && triage.question() !== undefined,
      run: () => void triage.answer(answer),
    });
  }
}
