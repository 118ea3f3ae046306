// The call as this page knows it: its events, read into what is shown (readers.js). No drawing here.

import { evidenceOf } from "./card.js";
import { READERS } from "./readers.js";

/** Everything about one call. A new one is made when a call begins or the log starts over. */
function emptyCall(id) {
  return {
    id,
    sequence: 0, // of the newest kept event read
    forgotten: 0,
    startedAt: null, // milliseconds of wall clock
    source: "",
    sample: false,
    atS: 0, // the newest call time heard of
    sourceState: null, // {state, detail}
    line: null, // {level_db, state}
    card: null, // what was understood and done, as the server folds it (card.js)
    utterances: new Map(), // index -> {final, again, mentions}; again: {outcome, first}
    touched: new Set(), // utterances to be drawn anew
    partials: new Map(), // side -> partial
    gaps: [],
    failures: [], // {stage, code, advice, at_s, over}
    ended: null, // {durationS, reason}
  };
}

export class CallModel {
  constructor() {
    this.call = null;
    this.desk = null;
    this.earlier = []; // cards of earlier calls that still ask for something
  }

  /** Read one message of the stream. Returns what may have to be drawn anew: "all", "tentative" or null. */
  read(name, data) {
    switch (name) {
      case "hello":
        return this.#hello(data.call) ? "all" : null;
      case "desk":
        this.desk = data;
        return "all";
      case "reset":
        this.call = data.call === null ? null : emptyCall(data.call);
        if (this.call) this.call.forgotten = data.forgotten;
        return "all";
      case "log":
        for (const { sequence, event } of data) this.#kept(sequence, event);
        return "all";
      case "card":
        this.#card(data);
        return "all";
      case "earlier":
        this.earlier = data.calls;
        return "all";
      case "tentative":
        if (this.call && !this.call.ended) this.#tentative(data.event);
        return "tentative";
      default:
        return null;
    }
  }

  get lastId() {
    return this.call && this.call.sequence ? `${this.call.id}:${this.call.sequence}` : null;
  }

  /** The desk is on another call, or none: whatever this page still shows as live has ended unseen. */
  #hello(id) {
    const call = this.call;
    if (!call || call.ended || call.id === id) return false;
    call.ended = { durationS: call.atS, reason: null };
    call.partials.clear();
    return true;
  }

  #kept(sequence, event) {
    if (!this.call || sequence <= this.call.sequence) return; // seen before this connection
    this.call.sequence = sequence;
    if (!this.call.ended) this.call.atS = Math.max(this.call.atS, event.at_s);
    READERS[event.type]?.(this.call, event, sequence);
  }

  #card(card) {
    if (this.call?.id !== card.call) return;
    const [before, now] = [evidenceOf(this.call.card), evidenceOf(card)];
    for (const utterance of new Set([...before.keys(), ...now.keys()])) {
      if (String(before.get(utterance)) !== String(now.get(utterance))) this.call.touched.add(utterance);
    }
    this.call.card = card;
  }

  #tentative(event) {
    const call = this.call;
    call.atS = Math.max(call.atS, event.at_s);
    if (event.type === "LineChanged") call.line = event;
    if (event.type === "PartialTranscript" && !call.utterances.get(event.utterance)?.final) {
      call.partials.set(event.side, event);
    }
  }
}
