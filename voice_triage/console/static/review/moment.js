// The console as the CSR saw it at a second of the call: the live page's own model and parts, fed with what had come.

import { startActions } from "../actions.js";
import { CallModel } from "../call.js";
import { byId, setText } from "../dom.js";
import { renderFlags } from "../flags_view.js";
import { renderLanes } from "../lanes_view.js";
import { renderNotes } from "../notes_view.js";
import { renderPatient } from "../patient_view.js";
import { renderQuestions } from "../questions_view.js";
import { callTime, say, words } from "../words.js";

const said = words.review;
const EVERY_MS = 700; // while it plays

const model = new CallModel();

export class Moment {
  /** `times`: of every event of the log, in order; beyond the call's end everything has come. */
  constructor({ call, times, duration_s: durationS }) {
    this.call = call;
    this.times = times;
    this.durationS = durationS;
    this.shown = 0;
    this.asking = false;
    this.askedMs = 0;
    this.wantedS = 0;
    startActions(model);
    for (const name of ["flags", "patient", "questions"]) byId(`${name}-section`).hidden = false;
  }

  /** Show the second `atS`; while it plays not every frame. */
  async show(atS, playing) {
    this.wantedS = atS;
    const sequence = this.#sequence(atS);
    setText(byId("moment-heading"), say(said.moment, { time: callTime(atS) }));
    if (sequence === this.shown || this.asking) return;
    if (playing && performance.now() - this.askedMs < EVERY_MS) return;
    this.asking = true;
    this.askedMs = performance.now();
    const address = `/api/review/calls/${encodeURIComponent(this.call)}/moment?sequence=${sequence}`;
    const answer = await fetch(address).catch(() => null);
    this.asking = false;
    if (!answer?.ok) return setText(byId("moment-heading"), said.moment_failed);
    this.#draw(await answer.json());
    this.shown = sequence;
    if (!playing || this.wantedS < atS) await this.show(this.wantedS, false); // it has gone elsewhere meanwhile
    return undefined;
  }

  #sequence(atS) {
    if (atS >= this.durationS - 0.05) return this.times.length;
    let [low, high] = [0, this.times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.times[middle] <= atS) low = middle + 1;
      else high = middle;
    }
    return Math.max(1, low);
  }

  #draw({ events, card }) {
    model.read("reset", { call: this.call, forgotten: 0 });
    model.read("log", events);
    model.read("card", card);
    for (const part of [renderFlags, renderPatient, renderLanes, renderQuestions, renderNotes]) part(model);
  }
}
