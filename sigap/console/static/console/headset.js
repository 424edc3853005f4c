// The headset of this desk: which microphone, which ears, where it rings and how loud. The
// browser keeps it, since the headset belongs to the desk and not to the person.

import { h } from "./dom.js";
import * as sounds from "./sounds.js";

/** `mic` is spoken into, `ears` is where the caller is heard, `bell` where it rings and alarms.
 * @typedef {"mic" | "ears" | "bell"} Part */

const PARTS = /** @type {Part[]} */ (["mic", "ears", "bell"]);
const KEPT = "sigap.headset.";
const LOUDNESS = "sigap.headset.loudness";
const SAME = "headset"; // the bell in the ears
const QUIETEST_DB = -60;
const TALK = 0.45; // of a level: a voice, not the room

/** What was chosen, empty for the machine's own choice. @param {Part} part @returns {string} */
export function chosen(part) {
  const kept = localStorage.getItem(KEPT + part) ?? "";
  return part === "bell" && [SAME, ""].includes(kept) ? chosen("ears") : kept;
}

/** From 0 to 1. */
export const loudness = () => Number(localStorage.getItem(LOUDNESS) ?? "1");

/** Let it ring where it was chosen to. */
export const ringThere = () => sounds.setOutput(chosen("bell"));

/** Whether this page may have a microphone at all: it must have come by https. */
export const isPossible = () => "mediaDevices" in navigator;

/** Open the microphone; another one where the chosen one is not there. Throws where none may be
 * used. @returns {Promise<MediaStream>} */
export async function open() {
  const wanted = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  const id = chosen("mic");
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: id ? { ...wanted, deviceId: { exact: id } } : wanted });
  } catch (error) {
    if (!id || (error instanceof DOMException && error.name === "NotAllowedError")) throw error;
    return navigator.mediaDevices.getUserMedia({ audio: wanted });
  }
}

/** Let an element be heard in the chosen ears. @param {HTMLAudioElement} audio */
export function put(audio) {
  audio.volume = loudness();
  void audio.setSinkId?.(chosen("ears")).catch(() => null); // gone: then where the machine plays
}

/** Fill the selects `headset-mic`, `headset-ears`, `headset-bell` and the range `headset-loudness`
 * of a page, again whenever a device comes or goes. @param {(part: Part | "loudness") => void} changed */
export async function offer(changed) {
  const range = document.getElementById("headset-loudness");
  if (range instanceof HTMLInputElement) {
    range.value = String(loudness());
    range.addEventListener("input", () => {
      localStorage.setItem(LOUDNESS, range.value);
      changed("loudness");
    });
  }
  for (const part of PARTS) {
    const select = selectOf(part);
    select?.addEventListener("change", () => {
      localStorage.setItem(KEPT + part, select.value);
      ringThere();
      changed(part);
    });
  }
  navigator.mediaDevices.addEventListener("devicechange", () => void list());
  ringThere();
  await list();
}

/** The devices have names only once a microphone may be used: list them again then. */
export async function list() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  for (const part of PARTS) {
    const select = selectOf(part);
    if (!select) continue;
    const kind = part === "mic" ? "audioinput" : "audiooutput";
    const known = devices.filter((d) => d.kind === kind && d.deviceId && d.deviceId !== "default");
    const kept = localStorage.getItem(KEPT + part) ?? "";
    const first = part === "bell" ? h("option", { value: SAME }, gettext("In the headset")) : h("option", { value: "" }, gettext("As the machine is set"));
    const rest = known.map((d, i) => h("option", { value: d.deviceId, selected: d.deviceId === kept }, d.label || interpolate(gettext("Device %s"), [i + 1])));
    const isMissing = kept && kept !== SAME && !known.some((d) => d.deviceId === kept);
    const gone = isMissing && h("option", { value: kept, selected: true }, gettext("The chosen one is not plugged in"));
    select.replaceChildren(first, ...rest, ...(gone ? [gone] : []));
    select.classList.toggle("warn", Boolean(isMissing));
  }
}

/** @param {Part} part @returns {HTMLSelectElement | null} */
const selectOf = (part) => /** @type {HTMLSelectElement | null} */ (document.getElementById(`headset-${part}`));

/** Shows how loud something is, ten times a second while it is asked to. */
export class Level {
  /** @param {HTMLElement} bar */
  constructor(bar) {
    this.bar = bar;
    this.mark = bar.appendChild(document.createElement("i"));
    /** Not before a press: until then browsers let pages neither sound nor measure.
     * @type {AnalyserNode | undefined} */
    this.analyser = undefined;
    this.samples = new Float32Array(1024);
    /** @type {Map<MediaStream, MediaStreamAudioSourceNode>} */
    this.sources = new Map();
    this.value = 0;
    this.shown = -1;
    /** Not even noise: no microphone sounds like that. */
    this.isDead = false;
  }

  /** Hear exactly these. @param {MediaStream[]} streams */
  hear(streams) {
    for (const [stream, source] of this.sources) {
      if (streams.includes(stream)) continue;
      source.disconnect();
      this.sources.delete(stream);
    }
    for (const stream of streams) {
      if (this.sources.has(stream) || !stream.getAudioTracks().length || !sounds.isUnlocked()) continue;
      this.analyser ??= new AnalyserNode(sounds.context(), { fftSize: this.samples.length });
      const source = sounds.context().createMediaStreamSource(stream);
      source.connect(this.analyser);
      this.sources.set(stream, source);
    }
  }

  /** Read and show it, from 0 (nothing) to 1 (as loud as can be). */
  read() {
    this.samples.fill(0);
    if (this.sources.size) this.analyser?.getFloatTimeDomainData(this.samples);
    const power = this.samples.reduce((sum, sample) => sum + sample * sample, 0) / this.samples.length;
    this.isDead = power === 0 && this.sources.size > 0;
    const db = power > 0 ? 10 * Math.log10(power) : QUIETEST_DB;
    this.show(Math.min(1, Math.max(0, 1 - db / QUIETEST_DB)));
    return this.value;
  }

  /** Whether that is a voice. */
  isVoice() {
    return this.value >= TALK;
  }

  /** @param {number} value */
  show(value) {
    this.value = value;
    const steps = Math.round(value * 12) / 12; // no work for what nobody sees
    if (this.shown === steps) return;
    this.shown = steps;
    this.mark.style.width = `${100 * steps}%`;
  }
}
