// The telephone in this browser: the operator's at the exchange. It takes at once what the operator
// has taken on the screen. It ends no call, neither by a button nor when its window closes: the
// caller is the control room's to let go.

import { get } from "../commands.js";
import * as headset from "../headset.js";

/** @typedef {import("jssip/lib/RTCSession").RTCSession} Session
 *  @typedef {import("jssip/lib/UA").UA} Agent
 *  @typedef {{url: string, user: string, password: string, domain: string}} Account */
/** `elsewhere` is another window of this browser; `mute` that there is no microphone, without
 * which nobody is reachable here. @typedef {"connecting" | "ready" | "lost" | "elsewhere" | "mute"} Line */

const AGAIN_S = [1, 2, 4, 8, 15];
const ASKED_MS = 50_000; // the exchange asks every 15 s whether we are there
const ADDRESSES_MS = 20;
const NEWS_MS = 1500; // so long an asked-for call may be ahead of its news on the screen

/** One call of the exchange to this telephone, or the other way round. */
class Leg {
  /** @param {Session} session @param {boolean} isAsked whether it is for a call taken on the screen */
  constructor(session, isAsked) {
    this.session = session;
    this.isAsked = isAsked;
    this.isTaken = false;
    this.isUp = false;
    this.since = performance.now();
    this.audio = new Audio();
    /** @type {MediaStream | null} */
    this.stream = null;
  }

  /** @param {RTCPeerConnection} connection */
  listen(connection) {
    connection.addEventListener("track", ({ track }) => {
      this.stream = new MediaStream([track]);
      this.audio.srcObject = this.stream;
      headset.put(this.audio);
      void this.audio.play().catch(() => null); // the band about sound tells what to do
    });
  }

  stop() {
    this.audio.srcObject = null;
    this.stream = null;
  }
}

export class Telephone {
  /** @param {{changed: () => void, wanted?: () => boolean}} told `wanted` is whether the operator
   * has taken a call, so that one may be put through without a further press */
  constructor(told) {
    this.told = told;
    /** @type {Line} */
    this.line = "connecting";
    this.since = performance.now();
    this.isMuted = false;
    /** @type {Set<Leg>} */
    this.legs = new Set();
    /** What is spoken, and what of it is sent. @type {MediaStream | null} */
    this.stream = null;
    /** @type {MediaStream | null} */
    this.sent = null;
    /** @type {Agent | null} */
    this.agent = null;
    /** @type {Account | null} */
    this.account = null;
    this.tries = 0;
    this.asked = performance.now();
    this.isOn = false;
    if (headset.isPossible()) navigator.mediaDevices.addEventListener("devicechange", () => void this.onDevices());
    setInterval(() => this.check(), 5000);
  }

  /** Be reachable, as soon as no other window is: two would take the calls from each other. */
  async start() {
    if (!headset.isPossible()) return this.be("mute");
    this.isOn = true;
    this.be("connecting");
    const late = setTimeout(() => this.be("elsewhere"), 1000);
    await new Promise((mine) => {
      void navigator.locks.request("sigap-phone", () => {
        mine(null);
        return new Promise((done) => (this.release = done));
      });
    });
    clearTimeout(late);
    this.be("connecting");
    if (!this.stream) await this.openMicrophone();
    await this.register();
  }

  /** Be reachable no more. */
  stop() {
    this.isOn = false;
    clearTimeout(this.timer);
    this.leave();
    this.release?.(null);
  }

  /** @param {Line} line */
  be(line) {
    if (line !== this.line) this.since = performance.now();
    this.line = line;
    this.told.changed();
  }

  // --- the microphone ---------------------------------------------------------------

  /** Take up the microphone that is chosen now, also in calls that go on. */
  async openMicrophone() {
    const before = [this.stream, this.sent];
    try {
      this.stream = await headset.open();
    } catch {
      this.stream = null;
    }
    this.sent = this.stream?.clone() ?? null;
    for (const stream of before) for (const track of stream?.getTracks() ?? []) track.stop();
    const [track] = this.sent?.getAudioTracks() ?? [];
    const [source] = this.stream?.getAudioTracks() ?? [];
    source?.addEventListener("ended", () => void this.onDevices());
    this.mute(this.isMuted);
    for (const { session } of this.legs) {
      for (const sender of session.connection?.getSenders() ?? []) void sender.replaceTrack(track ?? null);
    }
  }

  async onDevices() {
    const [source] = this.stream?.getAudioTracks() ?? [];
    const id = headset.chosen("mic");
    if (source?.readyState === "live" && (!id || source.getSettings().deviceId === id)) return;
    const [had, line] = [this.stream !== null, this.line];
    await this.openMicrophone();
    if (had !== (this.stream !== null) || line === "mute") await this.register();
    this.told.changed();
  }

  /** @param {boolean} isMuted */
  mute(isMuted) {
    this.isMuted = isMuted;
    for (const track of this.sent?.getAudioTracks() ?? []) track.enabled = !isMuted;
    this.told.changed();
  }

  /** Let callers be heard where and how loud it is chosen now. */
  putEars() {
    for (const leg of this.legs) headset.put(leg.audio);
  }

  // --- at the exchange --------------------------------------------------------------

  /** Register. Without a voice there is nobody to talk to here: a desk telephone is rung instead. */
  async register() {
    clearTimeout(this.timer);
    if (!this.isOn) return;
    if (!this.stream) {
      if (!this.legs.size) this.leave(); // whoever is on the line can still be heard
      return this.be("mute");
    }
    try {
      this.account = /** @type {Account} */ (await get("/calls/phone"));
    } catch {
      return this.again();
    }
    if (!this.agent) return this.connect(this.account);
    this.agent.set("password", this.account.password);
    if (this.agent.isRegistered()) this.be("ready");
    else this.agent.register();
  }

  again() {
    this.be("lost");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.register(), 1000 * (AGAIN_S[this.tries++] ?? 15));
  }

  /** @param {Account} account */
  connect({ url, user, password, domain }) {
    const agent = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(url)],
      uri: `sip:${user}@${domain}`,
      password,
      user_agent: "Sigap",
      register_expires: 120,
      session_timers: false,
      no_answer_timeout: 180,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 8,
    });
    this.agent = agent;
    /** What an agent that was left behind still tells is no news. @param {() => void} told */
    const now = (told) => () => void (this.agent === agent && told());
    agent.on("registered", now(() => {
      this.tries = 0;
      this.asked = performance.now();
      this.be("ready");
    }));
    agent.on("unregistered", now(() => this.be("lost")));
    agent.on("disconnected", now(() => this.be("lost")));
    agent.on("registrationFailed", now(() => this.again()));
    agent.on("newOptions", now(() => {
      this.asked = performance.now();
      if (this.line === "lost" && agent.isRegistered()) this.be("ready");
    }));
    agent.on("newRTCSession", (/** @type {import("jssip/lib/UA").RTCSessionEvent} */ { originator, session, request }) => {
      if (originator === "remote") this.rings(session, request);
    });
    agent.start();
  }

  leave() {
    const agent = this.agent;
    this.agent = null;
    agent?.stop();
  }

  /** A line on which the exchange has fallen silent looks as good as any: begin it anew, but not
   * under a call that goes on. */
  check() {
    const isDead = performance.now() - this.asked > ASKED_MS && this.agent?.isRegistered();
    if (isDead && this.line === "ready") this.be("lost");
    if (this.legs.size) return;
    if (this.line === "mute") this.leave();
    else if (isDead) {
      this.leave();
      this.again();
    }
  }

  // --- calls ------------------------------------------------------------------------

  /** @param {Session} session @param {{getHeader(name: string): string | undefined}} request */
  rings(session, request) {
    const isAsked = /answer-after=0/.test(request.getHeader("Call-Info") ?? "");
    this.follow(new Leg(session, isAsked));
    this.look();
    setTimeout(() => this.told.changed(), NEWS_MS + 100);
  }

  /** @param {Leg} leg */
  follow(leg) {
    this.legs.add(leg);
    const { session } = leg;
    const up = () => {
      leg.isUp = true;
      this.told.changed();
    };
    const over = () => {
      leg.stop();
      this.legs.delete(leg);
      this.told.changed();
    };
    session.on("peerconnection", ({ peerconnection }) => leg.listen(peerconnection));
    // Nobody waits long for further addresses of this machine; the first may be a wrong one.
    session.on("icecandidate", ({ ready }) => void setTimeout(ready, ADDRESSES_MS));
    session.on("confirmed", up);
    session.on("ended", over);
    session.on("failed", over);
    this.told.changed();
    return leg;
  }

  /** Take what the operator has taken on the screen. */
  look() {
    for (const leg of this.legs) if (leg.isAsked && !leg.isTaken && this.told.wanted?.()) this.take(leg);
  }

  /** The call that rings for a hand, if one does. */
  ringing() {
    const late = performance.now() - NEWS_MS;
    return [...this.legs].find((leg) => !leg.isTaken && (!leg.isAsked || leg.since < late));
  }

  /** Lift the telephone, if it rings; whether it did. */
  lift() {
    const leg = this.ringing();
    if (leg) this.take(leg);
    return leg !== undefined;
  }

  /** @param {Leg} leg */
  take(leg) {
    leg.isTaken = true;
    this.mute(false); // no call begins with a caller who cannot hear us
    leg.session.answer({ mediaStream: this.sent ?? undefined, pcConfig: { iceServers: [] } });
  }

  /** Call somebody at the exchange. @param {string} name */
  dial(name) {
    const { agent, account, sent } = this;
    if (!agent || !account || !sent) return;
    const session = agent.call(`sip:${name}@${account.domain}`, { mediaStream: sent, pcConfig: { iceServers: [] } });
    const leg = this.follow(new Leg(session, false));
    leg.isTaken = true;
    leg.listen(session.connection);
  }

  /** Those that sound goes through. */
  up() {
    return [...this.legs].filter((leg) => leg.isUp);
  }

  /** Press a key for whoever hears us, as a menu wants it. @param {string} key */
  press(key) {
    for (const { session } of this.up()) session.sendDTMF(key, { duration: 120, interToneGap: 80, transportType: JsSIP.C.DTMF_TRANSPORT.RFC2833 });
  }

  /** How many packets of sound have come in. */
  async received() {
    let packets = 0;
    for (const { session } of this.up()) {
      const reports = await session.connection?.getStats();
      reports?.forEach((report) => (packets += report.type === "inbound-rtp" ? report.packetsReceived : 0));
    }
    return packets;
  }
}
