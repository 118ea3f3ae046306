"""What of a call is on the disk follows from its consent and its pauses alone, at every moment, after any crash."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.consent_call import ConsentCall, Search, refused_calls
from voice_triage.clinic_consent import ClinicConsent
from voice_triage.consent import Undecided
from voice_triage.errors import DeskError
from voice_triage.events import (
    Consent,
    ConsentChanged,
    HandedOff,
    HandOffTo,
    NoteTyped,
    RecordingPaused,
    RecordingResumed,
)
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore

ASKS = ClinicConsent()
ANNOUNCES = ClinicConsent(Consent.ANNOUNCED)
TYPED = "typed by the desk alone"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty data folder."""
    return tmp_path / "data"


@contextmanager
def call_in(folder: Path, clinic: ClinicConsent) -> Iterator[ConsentCall]:
    """A call in a data folder, closed at the end."""
    call = ConsentCall(folder, clinic)
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


@settings(max_examples=60, deadline=None)
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
