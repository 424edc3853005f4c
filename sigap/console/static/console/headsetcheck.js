// The headset at the start of a shift: is it heard, does one hear, does the exchange answer? What
// was not tried is said, and keeps nobody from work.

import { Telephone } from "./calls/telephone.js";
import { byId } from "./dom.js";
import * as headset from "./headset.js";
import * as sounds from "./sounds.js";

const TRY_S = 12;
const BACK_S = 3; // so long somebody hears that it is their own voice
const VOICES = 3; // readings, ten a second: a voice, not a knock

/** What is only untried is no fault. @param {string} id @param {"ok" | "warn" | "dim"} kind @param {string} text */
function tell(id, kind, text) {
  if (byId(id).textContent !== text) byId(id).textContent = text;
  byId(id).className = kind;
}

export function checkHeadset() {
  const heard = /** @type {HTMLInputElement} */ (byId("heard"));
  const button = /** @type {HTMLButtonElement} */ (byId("echo"));
  const phone = new Telephone({ changed: () => show() });
  const levels = { mic: new headset.Level(byId("mic-level")), back: new headset.Level(document.createElement("div")) };
  /** How often a voice was heard, at the microphone and back from the exchange. */
  const voices = { mic: 0, back: 0 };
  /** When the try at hand ends. */
  let until = 0;
  let isTried = false;

  function show() {
    const [isHeard, isBack] = [voices.mic >= VOICES, voices.back >= VOICES];
    tell("mic-state", isHeard ? "ok" : phone.stream ? "dim" : "warn", isHeard ? gettext("hears you") : silence());
    const isBad = until ? ["lost", "elsewhere", "mute"].includes(phone.line) : isTried;
    tell("echo-state", isBack ? "ok" : isBad ? "warn" : "dim", isBack ? gettext("connected, and your voice came back") : line());
    button.disabled = until > 0;
    const missing = [!isHeard && gettext("microphone"), !heard.checked && gettext("sounds"), !isBack && gettext("telephone")].filter(Boolean);
    const text = missing.length ? interpolate(gettext("Not tried yet: %s. You can begin all the same."), [missing.join(", ")]) : "";
    if (byId("unconfirmed").textContent !== text) byId("unconfirmed").textContent = text;
  }

  function silence() {
    if (!headset.isPossible()) return gettext("not without https");
    if (!phone.stream) return gettext("not allowed by the browser, or not plugged in");
    return sounds.isUnlocked() ? gettext("say something") : gettext("press one of the sounds, then say something");
  }

  function line() {
    if (!until) return isTried ? gettext("your voice did not come back") : gettext("not tried yet");
    return { connecting: gettext("connecting …"), ready: gettext("speak: you must hear yourself"), lost: gettext("the exchange cannot be reached"), elsewhere: gettext("in use in another window"), mute: gettext("not without a microphone") }[phone.line];
  }

  /** Call the exchange's echo, which says again what it hears. */
  function echo() {
    until = performance.now() + 1000 * TRY_S;
    isTried = true;
    voices.back = 0;
    void phone.start();
    show();
  }

  function over() {
    until = 0;
    phone.stop(); // which ends what was dialled
    show();
  }

  function reading() {
    levels.mic.hear(phone.stream ? [phone.stream] : []);
    levels.back.hear(phone.up().flatMap(({ stream }) => stream ?? []));
    for (const level of Object.values(levels)) level.read();
    if (levels.mic.isVoice()) voices.mic += 1;
    if (levels.back.isVoice()) voices.back += 1;
    if (voices.back === VOICES) until = Math.min(until, performance.now() + 1000 * BACK_S);
    if (until && phone.line === "ready" && !phone.legs.size) phone.dial("echo");
    if (until && performance.now() > until) over();
    else show();
  }

  heard.addEventListener("change", show);
  button.addEventListener("click", echo);
  show();
  if (!headset.isPossible()) return;
  void headset.offer((part) => {
    if (part !== "mic") return phone.putEars();
    voices.mic = 0;
    void phone.openMicrophone();
  });
  void phone.openMicrophone().then(() => headset.list());
  setInterval(reading, 100);
}
