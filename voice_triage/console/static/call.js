// The call as this page knows it: its events, read into what is shown. No drawing here.

import { quote, say, words } from "./words.js";

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
    flags: new Map(), // category -> flag
    cards: new Map(), // pet -> field -> suggestion; what is said of the caller is on the card of pet 0
    pets: null, // {pets: [{pet, evidence, died}], front}: told of several pets, or of one that has died
    utterances: new Map(), // index -> {final, again, mentions}; again: {outcome, first}
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
    this.call.atS = Math.max(this.call.atS, event.at_s);
    READERS[event.type]?.(this.call, event);
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

const READERS = {
  CallStarted(call, event) {
    call.startedAt = Date.parse(event.started_at);
    call.source = event.source;
    call.sample = event.sample;
  },
  SourceChanged(call, event) {
    call.sourceState = event;
    if (event.state === "listening") {
      for (const failure of call.failures) if (failure.code === "backlog") failure.over = true;
    }
  },
  GapHeard(call, event) {
    call.gaps.push(event);
  },
  FinalTranscript(call, event) {
    const before = call.utterances.get(event.utterance);
    call.utterances.set(event.utterance, { ...before, final: event, mentions: before?.mentions ?? [] });
    const open = call.partials.get(event.side);
    if (open && open.utterance <= event.utterance) call.partials.delete(event.side);
  },
  UtteranceReheard(call, event) {
    const before = call.utterances.get(event.utterance);
    const first = before?.final ?? null;
    const final = event.outcome === "settled" ? event : event.outcome === "joined" ? null : first;
    call.utterances.set(event.utterance, { final, again: { outcome: event.outcome, first: before?.again?.first ?? first?.text ?? "" }, mentions: before?.mentions ?? [] });
  },
  MentionsRead(call, event) {
    const before = call.utterances.get(event.utterance);
    call.utterances.set(event.utterance, { ...before, final: before?.final ?? null, mentions: event.mentions });
  },
  FlagRaised(call, event) {
    const before = call.flags.get(event.category);
    call.flags.set(event.category, { ...event, firstAtS: before?.firstAtS ?? event.at_s, withdrawn: null });
  },
  FlagWithdrawn(call, event) {
    const flag = call.flags.get(event.category);
    if (flag) call.flags.set(event.category, { ...flag, state: "withdrawn", withdrawn: event });
  },
  FieldSuggested(call, event) {
    const pet = event.pet ?? 0;
    if (!call.cards.has(pet)) call.cards.set(pet, new Map());
    call.cards.get(pet).set(event.field, event);
  },
  FieldRetracted(call, event) {
    call.cards.get(event.pet ?? 0)?.delete(event.field);
  },
  PetsTold(call, event) {
    call.pets = event;
  },
  StageFailed(call, event) {
    call.failures.push({ ...event, over: false });
  },
  CallEnded(call, event) {
    call.ended = { durationS: event.duration_s, reason: event.reason };
    call.partials.clear();
    call.line = null;
  },
};

/** Fields of the caller and not of a pet; they are shown on the card in front. */
export const CALLER_FIELDS = new Set(words.caller_fields);

/** The pets, {pet, evidence, died}, the sick one first; one if nothing else was told. */
export function petsInOrder(call) {
  const pets = call?.pets?.pets ?? [{ pet: 0, evidence: "", died: false }];
  const front = call?.pets?.front ?? 0;
  return [...pets].sort((a, b) => (b.pet === front) - (a.pet === front) || a.pet - b.pet);
}

/** What a pet is called on the page where there are several: its name, else its kind and the words that told it. */
export function petName(call, pet) {
  const card = call.cards.get(pet);
  const told = call.pets?.pets.find((one) => one.pet === pet);
  const kind = card?.get("species")?.plain;
  const known = card?.get("pet_name")?.plain ?? say(words.pet_number, { n: pet + 1 });
  return [known, kind, card?.has("pet_name") || !told?.evidence ? null : quote(told.evidence)].filter(Boolean).join(", ");
}

/** The id of a field's place on the page: of the first pet the field alone, of the caller that on the card in front. */
export function cardId(call, pet, field) {
  const of = CALLER_FIELDS.has(field) ? 0 : pet;
  return of ? `${of}-${field}` : field;
}

const STATE_ORDER = { raised: 0, provisional: 1, withdrawn: 2 };
const URGENCY_ORDER = { red: 0, orange: 1 };

/** Flags as they are listed: what stands before what may, red before orange, first come first, withdrawn last. */
export function flagsInOrder(call) {
  const rank = (flag) => [
    flag.state === "withdrawn" ? 1 : 0,
    URGENCY_ORDER[flag.urgency] ?? 2,
    STATE_ORDER[flag.state] ?? 3,
    flag.firstAtS,
  ];
  return [...call.flags.values()].sort((a, b) => {
    const [x, y] = [rank(a), rank(b)];
    const i = x.findIndex((value, at) => value !== y[at]);
    return i < 0 ? 0 : x[i] - y[i];
  });
}

/** The one flag of the banner: a raised one before a provisional one; null if nothing stands. */
export function bannerFlag(call) {
  const standing = flagsInOrder(call).filter((flag) => flag.state !== "withdrawn");
  return standing.find((flag) => flag.state === "raised") ?? standing[0] ?? null;
}
