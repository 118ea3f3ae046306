"""A call with everything that can be kept of one: words, findings, fields, notes, verdicts, sound, in two stretches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from tests.store.logs import ended, final, flag, placed, started
from voice_triage.errors import StoreError
from voice_triage.events import (
    AdviceGiven,
    DismissalReason,
    Event,
    FieldSettled,
    FieldSuggested,
    FlagEnd,
    FlagEnded,
    FlagJudged,
    HandedOff,
    HandOffTo,
    KeptKind,
    LaneShown,
    Mention,
    MentionsRead,
    MissMarked,
    NoteTyped,
    PetsTold,
    PetTold,
    Question,
    QuestionsSuggested,
    QuestionWhy,
    ReviewNoted,
    Settlement,
    Side,
    Status,
    Verdict,
)
from voice_triage.review.queue import QueueFilter, Which
from voice_triage.store.call_folders import KeptFile
from voice_triage.store.recording_files import KeptSide, SideRecording
from voice_triage.store.sql_calls import SqlCallStore
from voice_triage.store.transcript import transcript_of

SAID = ("zebrafoam", "Barbara Quill", "5550137", "Marmalade")
"""What only the words hold, and what was read out of them."""
WRITTEN = ("typed-by-the-csr", "Babs Quill", "handed-note", "told-to-cool", "seen-by-the-supervisor")
"""What only people wrote."""
CHUNK = b"half a second of the client"
STAYS = ("urinary", "dismissed", "misheard", "false_alarm")
"""What numbers over time need."""


def events(at: str = "2026-03-04T08:30:00-05:00", call: str = "c") -> list[Event]:
    """What is heard and shown, up to the end."""
    return [
        started(call, at),
        final(0).__class__(3.5, Side.CLIENT, 0, final(0).words, "he brought up zebrafoam twice", 0.0, 3.0),
        MentionsRead(3.6, 0, (Mention("vomiting", "zebrafoam", 0, 3, 3, 1.0, 2.0, Status.PRESENT),)),
        flag("urinary").__class__(
            *(5.0, "urinary", flag("urinary").urgency, flag("urinary").state, "zebrafoam twice", ("concept",), 0),
            *(1.0, 2.0, "The client says “zebrafoam”."),
        ),
        FieldSuggested(6.0, "client_name", "Barbara Quill", "this is Barbara Quill", 0, 1.0, 2.0, 0.9),
        FieldSuggested(6.0, "callback_number", "5550137", "five five five oh one three seven", 0, 1.0, 2.0, 0.9),
        PetsTold(6.5, (PetTold(0), PetTold(1, "my other cat Marmalade")), 0),
        QuestionsSuggested(7.0, (Question("q", "How is Marmalade breathing?", QuestionWhy.OPEN),)),
        LaneShown(7.5, "emergency", "zebrafoam"),
        FlagEnded(8.0, "urinary", FlagEnd.DISMISSED, 0, DismissalReason.MISHEARD, "typed-by-the-csr"),
        ended(60.0),
    ]


AFTER: list[Event] = [
    FieldSettled(70.0, "client_name", Settlement.EDITED, "Babs Quill"),
    NoteTyped(71.0, "typed-by-the-csr"),
    AdviceGiven(72.0, "told-to-cool"),
    HandedOff(73.0, HandOffTo.DOCTOR, "handed-note"),
]
LATER: list[Event] = [
    FlagJudged(900.0, "dr-lee", "urinary", Verdict.FALSE_ALARM),
    MissMarked(901.0, "dr-lee", "gi_severe", "zebrafoam", 0, 3, 3, 1.0, 2.0),
    ReviewNoted(902.0, "dr-lee", "seen-by-the-supervisor"),
]


def keep(store: SqlCallStore, call: str = "c", at: str = "2026-03-04T08:30:00-05:00") -> None:
    """Keep such a call, with sound of both sides in two stretches."""
    log = placed(call, [*events(at, call), *AFTER, *LATER])
    last = len(events())
    store.append(log[:3])
    for side in Side:
        _record(store, call, side, 0)
    store.append(log[3:last])
    for side in Side:
        _record(store, call, side, 7)
    store.append(log[last : last + len(AFTER)])
    store.append(log[last + len(AFTER) :])


def _record(store: SqlCallStore, call: str, side: Side, first: int) -> None:
    recording = SideRecording(store.folders, call, side, first)
    for number in range(3):
        recording.write(CHUNK + bytes([number]), b"peaks")
    recording.finish()


def texts(store: SqlCallStore, call: str = "c") -> str:
    """Everything that can be read of a call's words by whoever has the keys: files, rows, search."""
    return "\n".join(_texts(store, call))


def _texts(store: SqlCallStore, call: str) -> Iterator[str]:
    name = store.folders.name_of(call)
    for path in sorted((store.folders.folder / name).iterdir()):
        kind, _, number = path.name.rpartition("-")
        if number.isdecimal() and kind not in ("key", "") and not kind.startswith("."):
            yield from _records(store, name, KeptFile(kind, int(number), path))
    yield repr(store.events(call))
    yield transcript_of(store.events(call))
    yield store.transcripts()[call]
    yield repr(store.queue(QueueFilter(Which.ALL), 0, datetime(2026, 6, 4, tzinfo=UTC)))


def _records(store: SqlCallStore, name: str, file: KeptFile) -> Iterator[str]:
    try:
        with store.folders.open_in(name, file) as reader:
            for record in reader:
                yield record.decode("utf-8", "replace")
    except StoreError:
        return


def has_sound(store: SqlCallStore, call: str = "c") -> bool:
    """Whether all of both sides' sound is there, as it was written; half of it is an error."""
    found = []
    for side in Side:
        with KeptSide(store.folders, call, side) as kept:
            found.append([kept.chunk(index) for index in kept.chunks])
            assert len(list(kept.peaks())) == len(kept.chunks)
    whole = [CHUNK + bytes([number]) for number in (0, 1, 2, 0, 1, 2)]
    assert found in ([whole, whole], [[], []])
    return found == [whole, whole]


def state(store: SqlCallStore, call: str = "c") -> frozenset[KeptKind]:
    """The kinds that are there, each as a whole and by every way there is to it, or not at all."""
    readable = texts(store, call)
    there = set()
    if has_sound(store, call):
        there.add(KeptKind.SOUND)
    for kind, marks in ((KeptKind.TRANSCRIPT, SAID), (KeptKind.NOTE, WRITTEN)):
        found = [mark in readable for mark in marks]
        assert all(found) or not any(found), (kind, found)
        if found[0]:
            there.add(kind)
    assert all(mark in readable for mark in STAYS)
    return frozenset(there)
