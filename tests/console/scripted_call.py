"""A call as the pipeline would log it, written down event by event."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.fakes import words
from voice_triage.events import (
    TENTATIVE,
    CallEnded,
    CallStarted,
    Event,
    FieldSuggested,
    FinalTranscript,
    FlagRaised,
    FlagState,
    FlagWithdrawn,
    GapHeard,
    LineChanged,
    Logged,
    Mention,
    MentionsRead,
    PartialTranscript,
    Side,
    Status,
    Urgency,
)

WORD_S = 0.3


class Script:
    """Places events as a call's log does: kept ones are numbered, tentative ones carry the number before."""

    def __init__(self, call: str) -> None:
        self.call = call
        self.sequence = 0

    def log(self, event: Event) -> Logged:
        if not isinstance(event, TENTATIVE):
            self.sequence += 1
        return Logged(self.call, self.sequence, event)


def started(call: str, *, sample: bool = False, source: str = "Jabra Evolve2 65", ago_s: float = 0.0) -> CallStarted:
    """A call that began ``ago_s`` seconds ago."""
    at = datetime.now(UTC).astimezone() - timedelta(seconds=ago_s)
    return CallStarted(call, 0.0, at.isoformat("T", "seconds"), source, 16000, sample, "lexicon 1", "model 1")


def partial(utterance: int, text: str, start_s: float) -> PartialTranscript:
    """The client's open utterance."""
    said = words(text, start_s, word_s=WORD_S)
    return PartialTranscript(said[-1].end_s + 0.3, Side.CLIENT, utterance, said, text)


def final(utterance: int, text: str, start_s: float) -> FinalTranscript:
    """The client's closed utterance."""
    said = words(text, start_s, word_s=WORD_S)
    end_s = said[-1].end_s
    return FinalTranscript(end_s + 0.8, Side.CLIENT, utterance, said, text, start_s, end_s)


def _span(transcript: FinalTranscript | PartialTranscript, evidence: str) -> tuple[int, int, float, float]:
    wanted, texts = evidence.split(), [word.text for word in transcript.words]
    first = next(i for i in range(len(texts)) if texts[i : i + len(wanted)] == wanted)
    last = first + len(wanted) - 1
    return first, last, transcript.words[first].start_s, transcript.words[last].end_s


def flag(
    transcript: FinalTranscript | PartialTranscript,
    category: str,
    evidence: str,
    reason: str,
    urgency: Urgency = Urgency.RED,
) -> FlagRaised:
    """Provisional if it rests on a partial."""
    _, _, start_s, end_s = _span(transcript, evidence)
    state = FlagState.RAISED if isinstance(transcript, FinalTranscript) else FlagState.PROVISIONAL
    return FlagRaised(
        transcript.at_s, category, urgency, state, evidence, (category,), transcript.utterance, start_s, end_s, reason
    )


def suggestion(
    transcript: FinalTranscript | PartialTranscript,
    field: str,
    value: str,
    evidence: str,
    *,
    confidence: float = 0.95,
    contradicts: str | None = None,
) -> FieldSuggested:
    """Provisional if it rests on a partial."""
    _, _, start_s, end_s = _span(transcript, evidence)
    return FieldSuggested(
        transcript.at_s,
        field,
        value,
        evidence,
        transcript.utterance,
        start_s,
        end_s,
        confidence,
        provisional=isinstance(transcript, PartialTranscript),
        contradicts=contradicts,
    )


def read(transcript: FinalTranscript, concept: str, text: str, status: Status = Status.NEGATED) -> MentionsRead:
    """The utterance's only mention."""
    return MentionsRead(transcript.at_s, transcript.utterance, (mention(transcript, concept, text, status),))


def mention(transcript: FinalTranscript, concept: str, text: str, status: Status, meant: str = "") -> Mention:
    """A mention in the words of ``text``."""
    first, last, start_s, end_s = _span(transcript, text)
    return Mention(concept, text, transcript.utterance, first, last, start_s, end_s, status, meant=meant)


def blocked_cat(call: str = "call-1", *, sample: bool = False, ended: bool = True) -> list[Logged]:
    """A cat that cannot urinate: fields, one red flag, a denial, an unsure name, an end."""
    opening = final(0, "hi i'm calling about my cat he's being really weird about the litter box", 1.0)
    straining = final(1, "he goes in and out and there's nothing in there like at all it's completely dry", 8.0)
    onset = final(2, "it started last night i guess he's a neutered male he's about four years old", 16.0)
    eating = final(3, "he hasn't thrown up no but he hasn't eaten anything and he's hiding under the bed", 24.0)
    names = final(4, "my name's melissa grant and his name's oliver", 32.0)
    events: list[Event] = [
        started(call, sample=sample, ago_s=38.0),
        LineChanged(1.0, -24.0, "good"),
        partial(0, "hi i'm calling about my cat", 1.0),
        opening,
        suggestion(opening, "species", "cat", "my cat"),
        partial(1, "he goes in and out and there's nothing in there", 8.0),
        straining,
        flag(straining, "urinary", "nothing in there", "The cat goes in and out of the litter box; nothing comes out."),
        suggestion(straining, "urinating", "none", "nothing in there"),
        onset,
        suggestion(onset, "onset", "last_night", "started last night"),
        suggestion(onset, "sex", "male", "male"),
        suggestion(onset, "reproductive_status", "neutered", "neutered"),
        suggestion(onset, "age", "P4Y", "about four years old"),
        eating,
        read(eating, "vomiting", "hasn't thrown up"),
        suggestion(eating, "eating", "none", "hasn't eaten anything"),
        suggestion(eating, "behavior", "hiding", "hiding under the bed"),
        names,
        suggestion(names, "client_name", "melissa grant", "melissa grant"),
        suggestion(names, "pet_name", "oliver", "oliver", confidence=0.45),
    ]
    if ended:
        events.append(CallEnded(38.0, 38.0, "hang-up"))
    script = Script(call)
    return [script.log(event) for event in events]


def poisoned_dog(call: str = "call-2") -> list[Logged]:
    """A running call with every kind of card: raised, provisional, orange, withdrawn; a gap; a contradiction."""
    pills = final(0, "hi um my dog ate some of my mom's pills about an hour ago and now she's wobbly", 2.0)
    gums = final(1, "no she hasn't thrown up but she was bleeding from her gums a little last week that stopped", 10.0)
    age = final(2, "she's a labrador she's three um she's four years old a girl she weighs seventy pounds", 18.0)
    sock = final(3, "oh and she swallowed a sock on tuesday", 26.0)
    shaking = partial(4, "and she just fell over and she's shaking", 31.0)
    events: list[Event] = [
        started(call, ago_s=36.0),
        LineChanged(1.0, -22.0, "good"),
        pills,
        flag(pills, "toxin", "ate some of my mom's pills", "The client says the dog ate a person's pills."),
        suggestion(pills, "species", "dog", "my dog"),
        suggestion(pills, "onset", "PT1H", "about an hour ago"),
        gums,
        read(gums, "vomiting", "hasn't thrown up"),
        flag(gums, "bleeding", "bleeding from her gums", "The client describes bleeding from the gums."),
        FlagWithdrawn(17.0, "bleeding", "The client says that was last week and stopped."),
        age,
        suggestion(age, "breed", "labrador", "labrador"),
        suggestion(age, "age", "P4Y", "she's four years old", contradicts="P3Y"),
        suggestion(age, "sex", "female", "a girl"),
        suggestion(age, "weight", "70 lb", "seventy pounds", confidence=0.5),
        GapHeard(25.9, Side.CLIENT, 24.6, 1.3, "the headset was switched over"),
        sock,
        flag(sock, "foreign_body", "swallowed a sock", "The client says the dog swallowed a sock.", Urgency.ORANGE),
        shaking,
        flag(shaking, "neuro", "fell over and she's shaking", "The client describes falling over and shaking."),
    ]
    script = Script(call)
    return [script.log(event) for event in events]
