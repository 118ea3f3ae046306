"""What of a call is on the disk follows from its consent and its pauses alone, at every moment, after any crash."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.consent_call import (
    CALL,
    CATEGORIES,
    RATE,
    TURN_S,
    ConsentCall,
    Search,
    kept_events,
    level_of,
    refused_calls,
    words_of,
)
from voice_triage.audio.consented_sound import HELD_S
from voice_triage.audit_trail import AuditKind, Detail
from voice_triage.call_log import CallLog
from voice_triage.clinic_consent import ClinicConsent, ConsentOfCall
from voice_triage.consent import Undecided
from voice_triage.errors import DeskError, NoSuchCallError, NotErasedError, StoreError
from voice_triage.events import (
    AdviceGiven,
    CallEnded,
    CallStarted,
    Consent,
    ConsentChanged,
    Event,
    FieldSettled,
    FlagEnd,
    FlagEnded,
    FlagRaised,
    HandedOff,
    HandOffTo,
    Logged,
    NoteTyped,
    RecordingPaused,
    RecordingResumed,
    Settlement,
    Side,
    StageFailed,
)
from voice_triage.keeping import Keeping
from voice_triage.playback import KeptSound
from voice_triage.store.refused_count import RefusedCount
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore
from voice_triage.unkept_calls import GRACE_S, NamelessTrail, UnkeptCalls

ROOT = Path(__file__).parents[1]
ASKS = ClinicConsent()
ANNOUNCES = ClinicConsent(Consent.ANNOUNCED)
TYPED = "typed by the desk alone"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty data folder."""
    return tmp_path / "data"


@contextmanager
def call_in(folder: Path, clinic: ClinicConsent, held_s: float = HELD_S) -> Iterator[ConsentCall]:
    """A call in a data folder, closed at the end."""
    call = ConsentCall(folder, clinic, held_s=held_s)
    try:
        yield call
    finally:
        call.close()


def after_a_crash(folder: Path) -> Search:
    """What is found by the next start, if the program is killed now."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "data"
        shutil.copytree(folder, copy)
        with SqlCallStore(copy / FILE_NAME) as store:
            store.recover()
        return Search(copy)


# --- orders of consent, pauses and crashes ------------------------------------------------------------------------

STEPS = st.lists(
    st.sampled_from(["say", "say", "say", *Consent, "pause", "resume", "note", "hand off", "crash"]),
    min_size=3,
    max_size=14,
)


@dataclass
class Expected:
    """The rules, written a second time: which turns may be, and which must be, on the disk."""

    clinic: ClinicConsent
    consent: Consent
    paused: bool = False
    typed: bool = False
    spoken: dict[int, bool] = field(default_factory=dict)
    """Turn -> whether it may be kept."""
    unheard: set[int] = field(default_factory=set)
    """Turns whose sound was let go, though their words may be kept."""
    waiting: bool = False
    """Held sound is written with the next piece that the recorder gives, or at the end."""

    @property
    def held(self) -> bool:
        return self.consent is Consent.UNKNOWN and self.clinic.undecided is not Undecided.KEEP_AT_ONCE

    def change(self, consent: Consent) -> None:
        was_held = self.held
        self.consent = consent
        self.waiting = True
        if consent is Consent.REFUSED:
            self.spoken = dict.fromkeys(self.spoken, False)
            self.paused = False
        elif self.held and not was_held:
            self.unheard |= set(self.spoken)

    def check(self, found: Search) -> None:
        """The disk is as the rules say."""
        worded, sounded = found.turns(len(self.spoken))
        allowed = {turn for turn, may in self.spoken.items() if may}
        if self.held:
            allowed = set()
        assert worded == allowed
        assert sounded <= allowed - self.unheard if self.waiting else sounded == allowed - self.unheard
        if self.held or (self.consent is Consent.REFUSED and not self.typed):
            assert not found.of_the_call
        else:
            assert found.of_the_call
            assert found.holds(TYPED) == self.typed


CLINICS = [
    *(ClinicConsent(each) for each in (Consent.UNKNOWN, Consent.ANNOUNCED, Consent.GIVEN)),
    ClinicConsent(Consent.UNKNOWN, Undecided.KEEP_AT_ONCE),
]


@settings(max_examples=40, deadline=None)
@given(STEPS, st.sampled_from(CLINICS), st.booleans())
def test_nothing_is_kept_but_what_consent_and_pauses_allow(steps: list[str], clinic: ClinicConsent, ends: bool) -> None:
    """In any order of consent, refusal, pauses, notes and crashes."""
    with tempfile.TemporaryDirectory() as place, call_in(Path(place) / "data", clinic) as call:
        expected = Expected(clinic, clinic.begins)
        for step in steps:
            if step == "crash":
                expected.check(after_a_crash(call.folder))
            elif step == "say":
                refused = expected.consent is Consent.REFUSED
                expected.waiting = False
                expected.spoken[call.say()] = not (expected.paused or refused)
            else:
                try:
                    act(call, step)
                except DeskError:
                    continue
                follow(expected, step)
        if ends:
            call.end()
            expected.waiting = False
        expected.check(after_a_crash(call.folder))
        assert refused_calls(call.folder) == (expected.consent is Consent.REFUSED)


def act(call: ConsentCall, step: str) -> None:
    """What the CSR does. Raises DeskError."""
    match step:
        case "pause":
            call.act(RecordingPaused(0.0))
        case "resume":
            call.act(RecordingResumed(0.0))
        case "note":
            call.act(NoteTyped(0.0, TYPED))
        case "hand off":
            call.act(HandedOff(0.0, HandOffTo.TECHNICIAN, f"{TYPED}\n"))
        case _:
            call.act(ConsentChanged(0.0, Consent(step)))


def follow(expected: Expected, step: str) -> None:
    """What the rules make of it."""
    match step:
        case "pause" | "resume":
            expected.paused = step == "pause"
        case "note" | "hand off":
            expected.typed = True
        case _:
            expected.change(Consent(step))


# --- killed -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begins", "steps", "killed_after"),
    [
        ("unknown", "say say say", "all"),
        ("unknown", "say", "say"),
        ("unknown", "say say refused say", "all"),
        ("announced", "say say say refused", "refused"),
        ("given", "say refused say say", "all"),
        ("given", "say pause say resume refused", "refused"),
        ("unknown", "say given say unknown say", "all"),
    ],
)
def test_a_killed_call_without_consent_leaves_nothing(folder: Path, begins: str, steps: str, killed_after: str) -> None:
    """Kill -9 while consent is unknown or refused: no name, no word, no sample, before and after the next start."""
    killed(folder, begins, steps, killed_after)
    for found in (Search(folder), after_a_crash(folder)):
        assert not found.of_the_call
        assert found.turns(5) == (set(), set())
    assert refused_calls(folder) == ("refused" in steps)


@pytest.mark.parametrize("wait_s", [0.0, 0.002, 0.005, 0.01, 0.02])
def test_a_call_killed_while_it_is_refused_is_there_or_gone(folder: Path, wait_s: float) -> None:
    """Whenever in the deletion it happens, the next start finds the call as it was, or no trace of it."""
    killed(folder, "given", "say say refused", "about to refused", wait_s)
    with SqlCallStore(folder / FILE_NAME) as store:
        store.recover()
        assert store.notice is None
    found = Search(folder)
    if found.of_the_call:
        assert found.turns(2)[0] == {0, 1}
        assert isinstance(kept_events(folder)[-1].event, CallEnded)
    else:
        assert found.turns(2) == (set(), set())


def killed(folder: Path, begins: str, steps: str, after: str, wait_s: float = 0.0) -> None:
    """A call in a process of its own, killed after that line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.consent_process", str(folder), begins, *steps.split()],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
    )
    assert process.stdout is not None
    lines: list[str] = []
    while after not in lines:
        line = process.stdout.readline().strip()
        assert line, "it ended by itself"
        lines.append(line)
    time.sleep(wait_s)
    process.kill()
    process.wait()
    process.stdout.close()


# --- rules that one example shows best ----------------------------------------------------------------------------


def test_a_refused_call_keeps_what_the_csr_typed_and_nothing_that_was_heard(folder: Path) -> None:
    """Notes, advice, typed fields, what became of a flag, and the hand-off note without the client's words."""
    with call_in(folder, ANNOUNCES) as call:
        call.say()
        call.say()
        call.act(NoteTyped(0.0, "owner drives to us"))
        call.act(AdviceGiven(0.0, "Please leave now."))
        call.act(FieldSettled(0.0, "species", Settlement.EDITED, "cat"))
        call.act(FlagEnded(0.0, CATEGORIES[0], FlagEnd.SENT_TO_EMERGENCY_ROOM))
        call.act(HandedOff(0.0, HandOffTo.DOCTOR, ""))
        assert Search(folder).holds(words_of(0)[1])
        call.act(ConsentChanged(0.0, Consent.REFUSED))
        call.act(NoteTyped(0.0, "asked for a quiet room"))
        call.say()
        call.end()
    found = Search(folder)
    assert found.turns(3) == (set(), set())
    for typed in ("owner drives to us", "Please leave now.", "asked for a quiet room", "sent to the emergency room"):
        assert found.holds(typed)
    kept = [logged.event for logged in kept_events(folder)]
    assert not any(isinstance(event, FlagRaised) for event in kept)
    note = next(event.note for event in kept if isinstance(event, HandedOff))
    assert "Species: cat [typed by the desk]" in note
    assert "owner drives to us" in note
    with SqlCallStore(folder / FILE_NAME) as store:
        assert not any(word in text for text in store.transcripts().values() for word in words_of(0))
        assert [(each.call, each.flags, each.ended) for each in store.calls()] == [(CALL, (), "hang-up")]


def test_a_flag_of_a_paused_stretch_is_kept_without_its_words(folder: Path) -> None:
    """Category, urgency and times: what the desk was shown stays accountable; what was said does not stay."""
    with call_in(folder, ANNOUNCES) as call:
        call.say()
        call.act(RecordingPaused(0.0))
        call.say()
        call.act(RecordingResumed(0.0))
        call.say()
        call.end()
    assert Search(folder).turns(3) == ({0, 2}, {0, 2})
    flags = [logged.event for logged in kept_events(folder) if isinstance(logged.event, FlagRaised)]
    assert [(flag.category, flag.at_s, bool(flag.evidence)) for flag in flags] == [
        (CATEGORIES[0], 3.0, True),
        (CATEGORIES[1], 6.0, False),
        (CATEGORIES[2], 9.0, True),
    ]


def test_undecided_calls_follow_the_clinics_setting_at_their_end(folder: Path) -> None:
    """``keep`` writes what was held when the client hangs up, sound and all; before it, nothing is there."""
    with call_in(folder, ClinicConsent(Consent.UNKNOWN, Undecided.KEEP)) as call:
        call.say()
        assert not Search(folder).of_the_call
        call.end()
    assert Search(folder).turns(1) == ({0}, {0})


def test_waiting_for_a_decision_has_a_bound(folder: Path) -> None:
    """After half an hour ``keep`` writes; ``forget`` holds the newest half hour of sound, and every word."""
    with call_in(folder, ClinicConsent(Consent.UNKNOWN, Undecided.KEEP)) as call:
        call.say()
        call.now_s = HELD_S
        call.say()
        call.say()
        assert Search(folder).turns(3)[0] == {0, 1, 2}


def test_only_the_newest_sound_is_held(folder: Path) -> None:
    """The bound of memory is one of time; older sound is let go, words are not."""
    with call_in(folder, ASKS, held_s=2 * TURN_S) as call:
        for _ in range(4):
            call.say()
        call.act(ConsentChanged(0.0, Consent.GIVEN))
        call.end()
    assert Search(folder).turns(4) == ({0, 1, 2, 3}, {2, 3})


def test_a_call_that_is_held_can_be_heard(folder: Path) -> None:
    """The CSR plays the client's words though nothing is on the disk."""
    with call_in(folder, ASKS) as call:
        call.say()
        assert call.keeping.sound is not None
        sound = KeptSound.held(call.keeping.sound.held(Side.CLIENT), CALL)
        assert set(sound.samples(RATE // 2, RATE)) == {level_of(0)}
        call.act(ConsentChanged(0.0, Consent.REFUSED))
        with pytest.raises(StoreError):
            KeptSound.held(call.keeping.sound.held(Side.CLIENT), CALL)


def test_a_call_that_is_not_kept_vanishes_after_a_while(folder: Path) -> None:
    """Ten minutes after its end the desk shows no more of it than is kept."""
    waiting: list[tuple[float, Callable[[], None]]] = []

    def later(seconds: float, run: Callable[[], None]) -> Callable[[], None]:
        waiting.append((seconds, run))
        return lambda: None

    with call_in(folder, ASKS) as call:
        unkept = UnkeptCalls(call.cards.let_go, later=later)
        unkept.watch(call.keeping)
        call.say()
        call.act(NoteTyped(0.0, TYPED))
        call.end()
        unkept.follow(call.log.events()[-1])
        assert [seconds for seconds, _ in waiting] == [GRACE_S]
        assert call.cards.card(CALL).fields
        waiting[0][1]()
        with pytest.raises(NoSuchCallError):
            call.cards.card(CALL)


def test_a_deletion_that_fails_is_told_and_tried_again(tmp_path: Path) -> None:
    """A refusal is done only when it is done: the CSR is told that it is not, and the next event tries again."""
    store = FailingDeletion()
    told: list[Event] = []
    keeping = Keeping(store, CALL)
    log = CallLog(
        CALL,
        store=keeping,
        listeners=(lambda logged: told.append(logged.event),),
        consent=ConsentOfCall(ANNOUNCES).follow,
        now=lambda: 1.0,
    )
    log.append(CallStarted(CALL, 0.0, "2026-11-24T08:30:00-05:00", "headset", RATE))
    assert len(store.kept) == 2
    log.decide(lambda _kept: ConsentChanged(0.0, Consent.REFUSED))
    assert "could not be deleted yet: The disk is gone." in log.undeleted
    assert any(isinstance(event, StageFailed) and event.code == NotErasedError.code for event in told)
    store.fails = False
    log.close()
    assert (store.kept, log.undeleted) == ([], "")
    assert keeping.is_unkept


class FailingDeletion:
    """A store that keeps, and does not delete until it is told to."""

    def __init__(self) -> None:
        self.kept: list[Logged] = []
        self.fails = True

    def append(self, events: Iterable[Logged]) -> None:
        """Keep."""
        self.kept += events

    def delete(self, call: str) -> None:
        """Delete, or not."""
        if self.fails:
            raise StoreError("The disk is gone.")
        self.kept.clear()


def test_days_and_numbers_are_all_that_is_counted(tmp_path: Path) -> None:
    """The file of refused calls holds nothing else; a client who agrees after all is not counted."""
    count = RefusedCount(tmp_path)
    for day, change in ((3, 1), (3, 1), (4, 1), (4, -1)):
        count.add(date(2026, 3, day), change)
    assert count.by_day() == {"2026-03-03": 2, "2026-03-04": 0}
    assert json.loads(count.path.read_bytes()) == {"2026-03-03": 2, "2026-03-04": 0}


def test_what_is_done_to_a_call_that_is_not_kept_is_recorded_without_its_name(folder: Path) -> None:
    """The audit trail says that consent was refused, and by whom; not which call, and not what it was about."""
    lines: list[tuple[AuditKind, str, str, dict[str, Detail]]] = []

    class Trail:
        """Keeps lines in memory."""

        def record(self, kind: AuditKind, *, who: str, call: str = "", **detail: Detail) -> None:
            """One line."""
            lines.append((kind, who, call, detail))

    with call_in(folder, ASKS) as call:
        unkept = UnkeptCalls(call.cards.let_go)
        unkept.watch(call.keeping)
        trail = NamelessTrail(Trail(), unkept)
        trail.record(AuditKind.EDIT, who="kim", call=CALL, what="FlagAcknowledged", category="urinary")
        call.act(ConsentChanged(0.0, Consent.GIVEN))
        trail.record(AuditKind.CONSENT, who="kim", call=CALL, what="ConsentChanged", consent="given")
        call.act(ConsentChanged(0.0, Consent.REFUSED))
        trail.record(AuditKind.CONSENT, who="kim", call=CALL, what="ConsentChanged", consent="refused")
        unkept.close()
    assert lines == [
        (AuditKind.EDIT, "kim", "", {"what": "FlagAcknowledged"}),
        (AuditKind.CONSENT, "kim", "", {"what": "ConsentChanged", "consent": "given"}),
        (AuditKind.CONSENT, "kim", "", {"what": "ConsentChanged", "consent": "refused"}),
    ]
