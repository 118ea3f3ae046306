// What each kind of event changes in the call that the page knows (call.js): what was heard, and how well. What was
// understood, and what the CSR did about it, is on the card, which the server folds.

export const READERS = {
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
    call.touched.add(event.utterance);
    const open = call.partials.get(event.side);
    if (open && open.utterance <= event.utterance) call.partials.delete(event.side);
  },
  UtteranceReheard(call, event) {
    const before = call.utterances.get(event.utterance);
    const first = before?.final ?? null;
    const final = event.outcome === "settled" ? event : event.outcome === "joined" ? null : first;
    const again = { outcome: event.outcome, first: before?.again?.first ?? first?.text ?? "" };
    call.utterances.set(event.utterance, { final, again, mentions: before?.mentions ?? [] });
    call.touched.add(event.utterance);
  },
  MentionsRead(call, event) {
    const before = call.utterances.get(event.utterance);
    call.utterances.set(event.utterance, { ...before, final: before?.final ?? null, mentions: event.mentions });
    call.touched.add(event.utterance);
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
