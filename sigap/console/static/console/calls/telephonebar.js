// The telephone in the top bar: whether it is there, what it does, how loud both sides are. Behind
// its button the headset and the keys for the menus of others.

import { byId, h } from "../dom.js";
import { number } from "../format.js";
import * as headset from "../headset.js";
import * as keys from "../keys.js";
import * as sounds from "../sounds.js";
import { Telephone } from "./telephone.js";

const LOST_S = 5; // a network that is back at once alarms nobody
const QUIET_S = 5; // so long a conversation may be without any sound or line
const KEYS = "123456789*0#";

/** Begin. `wanted` is whether I have taken a call, `take` takes the one that waits longest, `mute`
 * is the key for that. @param {{wanted: () => boolean, take: () => void, mute?: string}} does */
export function begin({ wanted, take, mute: muting = "F9" }) {
  const phone = new Telephone({ changed: () => show(), wanted });
  const levels = { mic: new headset.Level(byId("mic-level")), caller: new headset.Level(byId("caller-level")) };
  const line = byId("telephone-line");
  /** What was seen by opening the panel sounds no more. */
  let seen = false;
  let packets = 0;
  /** Since when the microphone, the line and the calls are as they should be. */
  const last = { voice: 0, packets: 0, leg: 0 };

  /** What is wrong, in words; empty when nothing is. */
  function fault() {
    const now = performance.now();
    /** @param {number} since */
    const isLong = (since) => now - since > 1000 * QUIET_S;
    const seconds = number(Math.round((now - phone.since) / 1000));
    if (phone.line === "mute") return headset.isPossible() ? gettext("No microphone") : gettext("No telephone without https");
    if (phone.line === "lost") return interpolate(gettext("Telephone cut off for %s s"), [seconds]);
    if (phone.line !== "ready" || !wanted()) return "";
    if (isLong(last.leg)) return gettext("The telephone is not on this call");
    if (isLong(last.packets)) return gettext("No sound from the line");
    return isLong(last.voice) ? gettext("The microphone is silent") : "";
  }

  function show() {
    const wrong = fault();
    const isLost = wrong !== "" && ["lost", "mute"].includes(phone.line);
    const text = wrong || { connecting: gettext("Telephone …"), ready: gettext("Telephone"), elsewhere: gettext("Telephone: other window") }[String(phone.line)] || "";
    if (line.textContent !== text) line.textContent = text;
    line.classList.toggle("band", wrong !== "");
    line.classList.toggle("on", phone.line === "ready" && !wrong);
    const said = phone.line === "ready" ? gettext("The telephone is connected.") : isLost ? gettext("The telephone is not connected.") : "";
    if (byId("telephone-said").textContent !== said) byId("telephone-said").textContent = said;
    if (!isLost) seen = false;
    const isLate = performance.now() - phone.since > 1000 * LOST_S;
    sounds.keep("phone:lost", isLost && isLate && !seen ? new Map([["phone:lost", 2]]) : new Map());
    const rings = phone.ringing() !== undefined;
    byId("telephone-lift").hidden = !rings;
    line.hidden = rings; // one stands where the other stood
    sounds.keep("phone:ring", rings ? new Map([["phone:ring", 2]]) : new Map());
    const isUp = phone.up().length > 0;
    byId("telephone-call").hidden = !isUp;
    byId("telephone-mute").setAttribute("aria-pressed", String(phone.isMuted));
    for (const key of pad.querySelectorAll("button")) key.disabled = !isUp;
    levels.mic.hear(isUp && phone.stream ? [phone.stream] : []);
    levels.caller.hear(phone.up().flatMap(({ stream }) => stream ?? []));
  }

  async function second() {
    const now = performance.now();
    if (!wanted() || phone.line !== "ready") last.leg = last.packets = last.voice = now;
    if (phone.up().length) last.leg = now;
    else last.packets = last.voice = now;
    const received = await phone.received();
    if (received !== packets) last.packets = now;
    packets = received;
    show();
  }

  const mute = () => phone.up().length && phone.mute(!phone.isMuted);
  const pad = byId("telephone-pad");
  pad.append(...[...KEYS].map((key) => h("button", { type: "button", onclick: () => press(key) }, key)));
  /** @param {string} key */
  function press(key) {
    phone.press(key);
    byId("telephone-pressed").textContent += key;
  }
  const panel = byId("telephone-panel");
  panel.addEventListener("toggle", () => {
    seen = true;
    if (phone.line === "mute") void phone.onDevices(); // it may have been allowed meanwhile
    byId("telephone-pressed").textContent = "";
    void headset.list();
    show();
  });
  panel.addEventListener("keydown", (event) => {
    if (!KEYS.includes(event.key) || event.target instanceof HTMLSelectElement || !phone.up().length) return;
    event.preventDefault();
    press(event.key);
  });

  keys.add(
    { key: muting, label: gettext("Mute the microphone, and back"), group: gettext("Telephone"), run: () => void mute() },
    { key: "Shift+F9", label: gettext("Headset, and keys for the menus of others"), group: gettext("Telephone"), run: () => panel.togglePopover() },
  );
  byId("telephone-mute").addEventListener("click", () => void mute());
  byId("telephone-lift").addEventListener("click", take);
  if (headset.isPossible()) {
    void headset.offer((part) => {
      if (part === "mic") void phone.openMicrophone().then(show);
      else phone.putEars();
    });
  }
  setInterval(() => {
    if (!phone.up().length) return;
    for (const level of Object.values(levels)) level.read();
    if (!levels.mic.isDead) last.voice = performance.now();
  }, 100);
  setInterval(() => void second(), 1000);
  void phone.start().then(() => headset.list());
  show();
  return phone;
}
