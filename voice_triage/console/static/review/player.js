// The call's sound: both sides at once from the server, at any speed, without silence, over and over. No drawing here.

import { tell } from "../sound.js";
import { words } from "../words.js";

const said = words.review;
export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];
const APART_S = 0.08; // the CSR's side may be so far from the client's before it is set right
const QUIET_S = 1; // pauses shorter than this are kept: they are part of talking
const KEEP_S = 0.2; // of a pause on each side
const BEFORE_LOOP_S = 0.3;
const ASK_MS = 1000; // a call that begins while it plays is found this soon

export class Player {
  /** `folder`: address of the call; `sides` of which there is sound; `changed` is called when it plays or stops. */
  constructor(folder, sides, durationS, changed) {
    this.durationS = durationS;
    this.tracks = sides.map((side) => {
      const track = new Audio(`${folder}/${side}.wav`);
      track.preload = "metadata";
      track.addEventListener("error", () => tell(said.sound_failed));
      return track;
    });
    this.changed = changed;
    this.loop = null; // {startS, endS}
    this.silences = []; // [start, end], in order
    this.skipping = false;
    this.wantedS = 0; // where it stands while there is no sound
    const [lead] = this.tracks;
    for (const name of ["play", "pause", "ended"]) lead?.addEventListener(name, changed);
  }

  get lead() {
    return this.tracks[0];
  }

  get atS() {
    return this.lead ? this.lead.currentTime : this.wantedS;
  }

  get playing() {
    return Boolean(this.lead && !this.lead.paused && !this.lead.ended);
  }

  get speed() {
    return this.lead?.playbackRate ?? 1;
  }

  set speed(value) {
    for (const track of this.tracks) track.playbackRate = value;
  }

  seek(atS) {
    this.wantedS = Math.max(0, Math.min(atS, this.durationS));
    for (const track of this.tracks) track.currentTime = this.wantedS;
  }

  /** Play from here, unless a call is being heard at this desk. */
  async play() {
    if (!this.lead) return tell(said.no_sound);
    if (await onCall()) return tell(said.on_call);
    tell("");
    if (this.lead.ended || this.atS >= this.durationS - 0.05) this.seek(0);
    try {
      await Promise.all(this.tracks.map((track) => track.play()));
      this.#watch();
    } catch (error) {
      if (error.name !== "AbortError") tell(said.sound_failed); // aborted: stopped before it began
    }
  }

  stop() {
    for (const track of this.tracks) track.pause();
  }

  /** Stop as soon as a call begins at this desk. */
  #watch() {
    clearInterval(this.watching);
    this.watching = setInterval(async () => {
      if (!this.playing) return clearInterval(this.watching);
      if (!(await onCall()) || !this.playing) return undefined;
      this.stop();
      return tell(said.on_call);
    }, ASK_MS);
  }

  /** Once a frame while it plays. */
  keep() {
    const atS = this.atS;
    if (this.loop && (atS > this.loop.endS + BEFORE_LOOP_S || atS < this.loop.startS - BEFORE_LOOP_S - 0.5)) {
      return this.seek(this.loop.startS - BEFORE_LOOP_S);
    }
    if (this.skipping && !this.loop) {
      const silence = this.silences.find(([start, end]) => atS >= start && atS < end - 0.1);
      if (silence) return this.seek(silence[1]);
    }
    for (const track of this.tracks.slice(1)) {
      if (!track.ended && Math.abs(track.currentTime - atS) > APART_S) track.currentTime = atS;
    }
  }

  /** Where nobody speaks: of `spoken` stretches [start, end], in order, what lies between. */
  hush(spoken) {
    let end = 0;
    this.silences = [];
    for (const [startS, endS] of [...spoken, [this.durationS, this.durationS]]) {
      if (startS - end > QUIET_S) this.silences.push([end + KEEP_S, startS - KEEP_S]);
      end = Math.max(end, endS);
    }
  }
}

/** Whether a call is being heard at this desk: what is played now would be heard as its client. */
async function onCall() {
  const answer = await fetch("/api/review/desk").catch(() => null);
  return Boolean(answer?.ok && (await answer.json()).on_call);
}

/** Of a call without kept sound: its time goes by, and nothing is heard. */
export class Silence {
  constructor(durationS, changed) {
    this.durationS = durationS;
    this.changed = changed;
    this.playing = false;
    this.pace = 1;
    this.fromS = 0;
    this.sinceMs = 0;
  }

  get atS() {
    const goneS = this.playing ? ((performance.now() - this.sinceMs) / 1000) * this.pace : 0;
    return Math.min(this.fromS + goneS, this.durationS);
  }

  get speed() {
    return this.pace;
  }

  set speed(value) {
    this.seek(this.atS);
    this.pace = value;
  }

  seek(atS) {
    this.fromS = Math.max(0, Math.min(atS, this.durationS));
    this.sinceMs = performance.now();
  }

  play() {
    this.seek(this.atS >= this.durationS ? 0 : this.atS);
    this.playing = true;
    this.changed();
  }

  stop() {
    this.seek(this.atS);
    this.playing = false;
    this.changed();
  }

  /** Once a frame while it plays. */
  keep() {
    if (this.atS >= this.durationS) this.stop();
  }
}
