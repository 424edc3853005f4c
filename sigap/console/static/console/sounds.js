// Three urgencies, told apart by rhythm and never by pitch alone. They repeat until the
// cause is gone; the most urgent can be lowered but not muted.

const VOLUME = "sigap.volume";
const PRESSED = "sigap.pressed";
const LOWEST_P1 = 0.25;

/** Beats in seconds from the start, and after how long the pattern comes again. */
const RHYTHMS = {
  1: { beats: [0, 0.14, 0.28, 0.56, 0.7, 0.84], length: 0.1, pitch: 880, every: 2.2 },
  2: { beats: [0, 0.4], length: 0.22, pitch: 660, every: 4 },
  3: { beats: [0], length: 0.6, pitch: 520, every: 9 },
};
/** @typedef {1 | 2 | 3} Urgency */

/** @type {AudioContext | undefined} */
let audio;
/** Causes that sound now. @type {Map<string, Urgency>} */
const causes = new Map();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** From 0 to 1. */
export const volume = () => Number(localStorage.getItem(VOLUME) ?? "0.7");

/** @param {number} level */
export function setVolume(level) {
  localStorage.setItem(VOLUME, String(Math.min(1, Math.max(0, level))));
}

/** Where the sounds go, empty for where the machine plays. */
let output = "";

/** What this page makes and measures sound with. */
export function context() {
  if (!audio) {
    audio = new AudioContext();
    direct();
  }
  return audio;
}

/** Play on this device, while it is there. @param {string} id */
export function setOutput(id) {
  output = id;
  direct();
}

function direct() {
  if (audio && (output || audio.sinkId)) void audio.setSinkId?.(output).catch(() => null);
}

/** Let the page make sounds: browsers want a press first. Resolves to whether it may. */
export async function unlock() {
  const made = context();
  if (made.state !== "running") await Promise.race([made.resume(), new Promise((done) => setTimeout(done, 500))]);
  band();
  return made.state === "running";
}

/** Whether sounds can be heard. A closed sound is a silent failure, so a band says so. */
export const isUnlocked = () => audio?.state === "running";

/** Whether this is to be heard now. @param {string} cause */
export const isSounding = (cause) => causes.has(cause);

/** The page that comes next in this window may sound at once: the browser takes the press on
 * this one for it. */
export const passOn = () => sessionStorage.setItem(PRESSED, "1");

/** Play one pattern, to test it. @param {Urgency} urgency */
export async function test(urgency) {
  if (await unlock()) play(urgency);
}

/** Sound for a cause until `stop`. @param {string} cause @param {number} urgency */
export function start(cause, urgency) {
  const known = causes.get(cause);
  const wanted = /** @type {Urgency} */ (Math.min(3, Math.max(1, urgency)));
  if (known === wanted) return;
  causes.set(cause, wanted);
  repeat();
}

/** @param {string} cause */
export function stop(cause) {
  causes.delete(cause);
  if (!causes.size) clearTimeout(timer);
  band();
}

/** Make the causes exactly these; those that stay go on without a break.
 * @param {string} family a prefix @param {Map<string, number>} wanted */
export function keep(family, wanted) {
  for (const cause of [...causes.keys()]) if (cause.startsWith(family) && !wanted.has(cause)) stop(cause);
  for (const [cause, urgency] of wanted) start(cause, urgency);
}

function repeat() {
  clearTimeout(timer);
  band();
  if (!causes.size) return;
  const urgency = /** @type {Urgency} */ (Math.min(...causes.values()));
  play(urgency);
  timer = setTimeout(repeat, RHYTHMS[urgency].every * 1000);
}

/** @param {Urgency} urgency */
function play(urgency) {
  if (!audio || audio.state !== "running") return;
  const level = urgency === 1 ? Math.max(LOWEST_P1, volume()) : volume();
  const { beats, length, pitch } = RHYTHMS[urgency];
  for (const beat of beats) {
    const [tone, gain] = [audio.createOscillator(), audio.createGain()];
    const from = audio.currentTime + beat;
    tone.frequency.value = pitch;
    gain.gain.setValueAtTime(0.0001, from);
    gain.gain.exponentialRampToValueAtTime(Math.max(0.0001, level * 0.5), from + 0.015);
    gain.gain.exponentialRampToValueAtTime(0.0001, from + length);
    tone.connect(gain).connect(audio.destination);
    tone.start(from);
    tone.stop(from + length + 0.02);
  }
}

function band() {
  const shown = document.getElementById("sound-band");
  if (!causes.size || isUnlocked()) {
    shown?.remove();
    return;
  }
  if (shown) return;
  const made = document.createElement("div");
  made.id = "sound-band";
  made.className = "band";
  made.textContent = gettext("No sound: press a key");
  made.title = gettext("The browser allows sound only after a key or a click on this page.");
  document.getElementById("bands")?.append(made);
}

if (sessionStorage.getItem(PRESSED)) {
  sessionStorage.removeItem(PRESSED);
  void unlock();
}

// Any press is enough for the browser. Not "pointerdown": the band leaves with it, and what
// moves up would then not be clicked.
const kinds = ["click", "keydown"];
const press = async () => {
  if (await unlock()) for (const kind of kinds) removeEventListener(kind, press);
};
for (const kind of kinds) addEventListener(kind, press);
