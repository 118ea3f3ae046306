"""The hand-off: what the back of the house needs to know of a call, so that nobody has to ask again.

It tells what was said, asked and done, and who says so: words of the client stand in quotes, values that nobody has
confirmed are marked, and so is what was neither asked nor heard. It judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from voice_triage.card import SUGGESTED, Advice, Card, FieldCard, HandedOver, Written
from voice_triage.console.wording import CATEGORIES, FIELDS, URGENCIES, plain_value
from voice_triage.desk_card import DeskCard
from voice_triage.events import (
    CallEnded,
    Consent,
    GapHeard,
    LaneShown,
    Logged,
    Mention,
    MentionsRead,
    Side,
    StageFailed,
    Status,
)
from voice_triage.flag_card import FlagCard
from voice_triage.utterances import Said, said_in

COMPLAINT_UTTERANCES = 3
"""So many of the client's sentences tell why they call; the whole call is kept beside them [our choice]."""
NEAR_WORDS = 10
"""So far from a denied word the word that denies it is looked for."""
SIGNALMENT = ("pet_name", "species", "breed", "age", "sex", "reproductive_status", "weight")
HISTORY = ("onset", "eating", "drinking", "urinating", "defecating", "behavior")
CALLER = ("client_name", "callback_number")
HEARD_ONLY = "heard, not confirmed"
"""How a note marks a value that nobody has confirmed."""
ENDS: Mapping[str, str] = {
    "sent_to_emergency_room": "client sent to the emergency room",
    "handed_over": "handed to a technician or doctor",
    "dismissed": "dismissed",
}
_REASONS: Mapping[str, str] = {
    "misheard": "misheard, these words were not said",
    "not_so": "asked, the client says it is not happening",
    "not_this_pet": "not said of this pet",
    "in_the_past": "in the past, and over",
    "already_in_care": "a veterinarian is already seeing to it",
    "no_client": "not a client’s words about a patient",
}
_STATES: Mapping[str, str] = {
    SUGGESTED: HEARD_ONLY,
    "confirmed": "confirmed",
    "edited": "typed by the desk",
    "rejected": "heard, and rejected by the desk",
    "unknown": "asked, the client does not know",
}
_CONSENTS: Mapping[Consent, str] = {
    Consent.UNKNOWN: "the client was not asked",
    Consent.ANNOUNCED: "the client was told of it",
    Consent.GIVEN: "the client agreed",
    Consent.REFUSED: "the client refused. Typed or confirmed by the desk; nothing that was heard is in this note.",
}
NOT_HEARD = "  nothing was heard: see the notes"
NOT_KEPT = "  not kept: see the notes"
FOOT = (
    "Gathered on the telephone by the front desk, with speech recognition that mishears words. No examination took "
    "place. A technician or doctor decides how soon; a physical exam can always be offered."
)


@dataclass(frozen=True, slots=True)
class Quote:
    """Exact words of the client, as recognized."""

    at_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Denied:
    """Something that the client, asked or not, said is not so: a pertinent negative."""

    concept: str
    label: str
    text: str
    at_s: float
    pet: int


@dataclass(frozen=True, slots=True)
class PetHandOff:
    """One pet: what is known of it, and what is not."""

    pet: int
    name: str
    front: bool
    died: bool
    fields: tuple[FieldCard, ...]
    not_asked: tuple[str, ...]
    """Names of the fields that were neither told nor settled."""


@dataclass(frozen=True, slots=True)
class HandOff:
    """Everything that is handed over. Times are seconds of the call; ``started_at`` is the wall clock."""

    call: str
    walk_in: bool
    sample: bool
    started_at: str
    duration_s: float | None
    ended: str | None
    caller: tuple[FieldCard, ...]
    caller_not_asked: tuple[str, ...]
    pets: tuple[PetHandOff, ...]
    complaint: tuple[Quote, ...]
    flags: tuple[FlagCard, ...]
    denied: tuple[Denied, ...]
    lanes: tuple[LaneShown, ...]
    questions_not_asked: tuple[str, ...]
    advice: tuple[Advice, ...]
    notes: tuple[Written, ...]
    handed_off: tuple[HandedOver, ...]
    not_heard_s: float
    """Seconds of the client's sound that are missing."""
    failures: tuple[str, ...]
    """What went wrong, in the words that the CSR was shown."""
    consent: Consent | None = None
    """To the call being recorded; None where nobody has to be asked."""


def hand_off_of(log: Sequence[Logged], signs: Mapping[str, str] | None = None) -> HandOff:
    """The hand-off of a call from its log, as it stands.

    ``signs`` are the lexicon's concepts whose denial is worth telling, with their labels; without them every denial is
    told, under its concept's name. Raises ValueError if the log does not begin with CallStarted.
    """
    card = DeskCard.of(log).card()
    mentions = _mentions(log)
    said = said_in(logged.event for logged in log)
    fields = {(each.pet, each.field): each for each in card.fields}
    ended = next((logged.event for logged in log if isinstance(logged.event, CallEnded)), None)
    gaps = [each.event for each in log if isinstance(each.event, GapHeard) and each.event.side is Side.CLIENT]
    failures = dict.fromkeys(each.event.advice for each in log if isinstance(each.event, StageFailed))
    return HandOff(
        call=card.call,
        walk_in=card.walk_in,
        sample=card.sample,
        started_at=card.started_at,
        duration_s=None if ended is None else ended.duration_s,
        ended=card.ended,
        caller=tuple(fields[0, name] for name in CALLER if (0, name) in fields),
        caller_not_asked=tuple(name for name in CALLER if (0, name) not in fields),
        pets=tuple(_pets(card, fields)),
        complaint=tuple(_complaint(said, mentions, card)),
        flags=card.flags,
        denied=tuple(_denied(said, mentions, signs)),
        lanes=card.lanes,
        questions_not_asked=card.not_asked,
        advice=card.advice,
        notes=card.notes,
        handed_off=card.handed_off,
        not_heard_s=round(sum(gap.duration_s for gap in gaps), 1),
        failures=tuple(failures),
        consent=card.consent,
    )


def _pets(card: Card, fields: Mapping[tuple[int, str], FieldCard]) -> Iterable[PetHandOff]:
    told = {pet.pet: pet for pet in card.pets}
    others = ({each.pet for each in card.fields} | {each.pet for each in card.flags}) - set(told)
    for number in (*told, *sorted(others)):
        names = [name for name in (*SIGNALMENT, *HISTORY) if (number, name) in fields]
        name = fields.get((number, "pet_name"))
        known = name is not None and name.state not in ("rejected", "unknown")
        yield PetHandOff(
            pet=number,
            name=plain_value("pet_name", name.value) if name is not None and known else "",
            front=told[number].front if number in told else False,
            died=told[number].died if number in told else False,
            fields=tuple(fields[number, each] for each in names),
            not_asked=tuple(each for each in (*SIGNALMENT, *HISTORY) if each not in names),
        )


def _mentions(log: Iterable[Logged]) -> list[Mention]:
    read: dict[int, MentionsRead] = {}
    for logged in log:
        if isinstance(logged.event, MentionsRead):
            read[logged.event.utterance] = logged.event
    return [mention for _, each in sorted(read.items()) for mention in each.mentions]


def _complaint(utterances: Iterable[Said], mentions: Iterable[Mention], card: Card) -> list[Quote]:
    """The client's sentences that tell why they call, in the order of the call.

    Those behind the flags that stand, then those that tell of what is so; where none does, the first ones.
    """
    said = [each.counts for each in utterances if each.counts.side is Side.CLIENT]
    flagged = {flag.utterance for flag in card.flags if flag.state != "withdrawn"}
    telling = [mention.utterance for mention in mentions if mention.status is Status.PRESENT]
    wanted = [*sorted(flagged), *dict.fromkeys(telling)]
    chosen = set(list(dict.fromkeys(each for each in wanted if each >= 0))[:COMPLAINT_UTTERANCES])
    if not chosen & {each.utterance for each in said}:
        chosen = {each.utterance for each in said[:COMPLAINT_UTTERANCES]}
    return [Quote(each.start_s, each.text) for each in said if each.utterance in chosen]


def _denied(utterances: Iterable[Said], mentions: Iterable[Mention], signs: Mapping[str, str] | None) -> list[Denied]:
    """What the client said is not so, unless they said, before or later, that it is: then neither is told as a fact."""
    words = {each.counts.utterance: [word.text for word in each.counts.words] for each in utterances}
    found: dict[tuple[int, str], Denied] = {}
    so = {(each.pet, each.concept) for each in mentions if each.status is Status.PRESENT}
    for each in mentions:
        if each.status is not Status.NEGATED or (each.pet, each.concept) in so:
            continue
        label = each.concept.replace("_", " ") if signs is None else signs.get(each.concept, "")
        if label:
            text = _with_cue(each, words.get(each.utterance, []))
            found[each.pet, each.concept] = Denied(each.concept, label, text, each.start_s, each.pet)
    return list(found.values())


def _with_cue(mention: Mention, words: Sequence[str]) -> str:
    """The client's words from what denies to what is denied, or the other way round; the mention's own if unclear."""
    cue = (mention.cue or "").split()
    first, last = mention.first_word, mention.last_word
    if not cue or words[first : last + 1] != mention.text.split():
        return mention.text
    for start in range(first - len(cue), max(-1, first - len(cue) - NEAR_WORDS), -1):
        if words[start : start + len(cue)] == cue:
            return " ".join(words[start : last + 1])
    for start in range(last + 1, last + 1 + NEAR_WORDS):
        if words[start : start + len(cue)] == cue:
            return " ".join(words[first : start + len(cue)])
    return mention.text


# --- as text ----------------------------------------------------------------------------------------------------


def hand_off_text(hand_off: HandOff) -> str:
    """The note to be pasted into the practice software: plain text, at most 100 characters a line where words allow."""
    started = datetime.fromisoformat(hand_off.started_at)
    kind = "Walk-in" if hand_off.walk_in else "Call"
    length = "" if hand_off.duration_s is None or hand_off.walk_in else f", {clock(hand_off.duration_s)} long"
    lines = [
        *(["SAMPLE, not a real client"] if hand_off.sample else []),
        f"HAND-OFF NOTE: {kind.lower()} of {started:%Y-%m-%d %H:%M}{length}",
        *([] if hand_off.consent is None else [f"Recording: {_CONSENTS[hand_off.consent]}"]),
        "",
        "Client: " + _fields_line(hand_off.caller, hand_off.caller_not_asked),
        *(line for pet in hand_off.pets for line in _pet_lines(pet, several=len(hand_off.pets) > 1)),
        "",
        "Presenting complaint, in the client’s words:",
        *(f"  {clock(quote.at_s)} “{quote.text}”" for quote in hand_off.complaint),
        *([] if hand_off.complaint else [NOT_HEARD if hand_off.consent is not Consent.REFUSED else NOT_KEPT]),
        "",
        "Flags:",
        *(line for flag in hand_off.flags for line in _flag_lines(flag, hand_off, started)),
        *([] if hand_off.flags else ["  none was raised. That is no all-clear."]),
    ]
    if hand_off.denied:
        lines += ["", "The client says it is not so:"]
        lines += [f"  {each.label}: “{each.text}” ({clock(each.at_s)})" for each in hand_off.denied]
    if hand_off.questions_not_asked:
        lines += ["", f"Not asked: {', '.join(hand_off.questions_not_asked)}"]
    if hand_off.lanes:
        lines += ["", "Also: " + ", ".join(lane.lane.replace("_", " ") for lane in hand_off.lanes)]
    lines += ["", "Advice given:", *(f"  {_at(started, each.at_s)} “{each.text}”" for each in hand_off.advice)]
    lines += [] if hand_off.advice else ["  none is noted"]
    if hand_off.notes:
        lines += ["", "Notes of the desk:", *(f"  {_at(started, each.at_s)} {each.text}" for each in hand_off.notes)]
    if hand_off.not_heard_s or hand_off.failures:
        lines += ["", "Not heard, or gone wrong:"]
        lines += [f"  {hand_off.not_heard_s:.0f} s of the client’s sound are missing"] if hand_off.not_heard_s else []
        lines += [f"  {each}" for each in hand_off.failures]
    return "\n".join([*lines, "", FOOT, f"Reference: {hand_off.call}"]) + "\n"


def status_words(flag: FlagCard) -> str:
    """Where a flag stands, in plain words, without times."""
    if flag.disposition is not None:
        ended = flag.disposition
        reason = "" if ended.reason is None else f" ({_REASONS[ended.reason]})"
        note = f": {ended.note}" if ended.note else ""
        return f"{ENDS[ended.end]}{reason}{note}"
    if flag.state == "withdrawn":
        return f"withdrawn: {flag.withdrawn_because}"
    if flag.state == "provisional":
        return "open, and still uncertain"
    return "open, acknowledged" if flag.acknowledged_at_s is not None else "open, not acknowledged"


def field_words(field: FieldCard) -> str:
    """A field's value and who says so, in plain words."""
    value = plain_value(field.field, field.value) or "–"
    also = "" if field.also_said is None else f"; also said: {plain_value(field.field, field.also_said)}"
    return f"{value} [{_STATES[field.state]}{also}]"


def clock(time_s: float) -> str:
    """Seconds of a call as ``m:ss``."""
    minutes, seconds = divmod(int(time_s), 60)
    return f"{minutes}:{seconds:02}"


def _pet_lines(pet: PetHandOff, *, several: bool) -> list[str]:
    heading = "Patient"
    if several:
        heading = f"Patient {pet.pet + 1}{f', {pet.name}' if pet.name else ''}{', in front' if pet.front else ''}"
    died = ["  The client says that this pet has died."] if pet.died else []
    known = [f"  {FIELDS[each.field]}: {field_words(each)}" for each in pet.fields]
    missing = ", ".join(FIELDS[name] for name in pet.not_asked)
    return ["", f"{heading}:", *died, *known, *([f"  Not asked or told: {missing}"] if missing else [])]


def _fields_line(fields: Iterable[FieldCard], missing: Iterable[str]) -> str:
    known = [f"{FIELDS[each.field]}: {field_words(each)}" for each in fields]
    return "; ".join([*known, *(f"{FIELDS[name]}: not asked" for name in missing)])


def _flag_lines(flag: FlagCard, hand_off: HandOff, started: datetime) -> list[str]:
    pet = next((each for each in hand_off.pets if each.pet == flag.pet), None)
    whose = ""
    if len(hand_off.pets) > 1 and pet is not None:
        whose = f" ({pet.name or f'patient {pet.pet + 1}'})"
    ended = "" if flag.disposition is None else f", {_at(started, flag.disposition.at_s)}"
    heading = CATEGORIES.get(flag.category, flag.category)
    lines = [f"  {URGENCIES[flag.urgency]['word'].upper()} {heading}{whose}: {status_words(flag)}{ended}"]
    if flag.evidence:
        lines.append(
            f"    client, {clock(flag.start_s)}: “{flag.evidence}”{' (words unclear)' if flag.possible else ''}"
        )
    if flag.by_hand:
        lines.append(f"    raised by the desk, {_at(started, flag.shown_at_s)}{f': {flag.note}' if flag.note else ''}")
    return lines


def _at(started: datetime, at_s: float) -> str:
    """The wall clock of a moment in a call."""
    return f"{started + timedelta(seconds=at_s):%H:%M}"
