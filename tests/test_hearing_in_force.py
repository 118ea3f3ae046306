"""Rules of what the next call is heard with, while models are made and lexicons change."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes import ScriptedRecognizer
from voice_triage.errors import LexiconError, ModelError
from voice_triage.hearing_in_force import Choice, Hearing, HearingInForce, prepare_apart
from voice_triage.settings import Settings
from voice_triage.speech.model_files import ModelInForce

LIMIT_S = 30.0
"""For a thread to do what takes no time; a hang is a failure."""


def model(digest: str) -> ModelInForce:
    """A model of this identity."""
    return ModelInForce(digest, Path(digest), digest, None)


class Workshop:
    """Models that are there, what is wanted, and how making and loading go; counts both."""

    def __init__(self, wanted: str = "new", there: set[str] | None = None) -> None:
        self.wanted = wanted
        self.there = {"original"} if there is None else there
        self.go = threading.Event()
        self.go.set()
        self.made: list[str] = []
        self.loaded: list[str] = []
        self.broken: set[str] = set()
        self.trouble: Exception | None = None
        self.notice = ""
        self.gave_up = False

    def choose(self) -> Choice:
        """The one wanted, else any adapted one, else the original."""
        if isinstance(self.trouble, LexiconError):
            raise self.trouble
        older = sorted(self.there - {"original"})
        return Choice(
            model(self.wanted if self.wanted in self.there else older[0] if older else "original"),
            self.wanted,
            self.notice,
        )

    def load(self, in_force: ModelInForce) -> Hearing:
        """A hearing labelled as its model."""
        self.loaded.append(in_force.digest)
        if in_force.digest in self.broken:
            raise ModelError(f"{in_force.digest} does not load")
        return Hearing(lambda: ScriptedRecognizer([]), in_force.digest)

    def prepare(self, stopped: threading.Event) -> None:
        """Make the one wanted, when told to go on."""
        while not self.go.wait(0.01):
            if stopped.is_set():
                self.gave_up = True
                return
        if self.trouble is not None:
            raise self.trouble
        self.made.append(self.wanted)
        self.there.add(self.wanted)

    def hearing(self) -> HearingInForce:
        """What is in force."""
        return HearingInForce(self.choose, self.load, self.prepare, lambda: model("original"))


def heard_with(hearing: HearingInForce) -> str:
    """The label of what the next call is heard with."""
    return hearing.current()[0].label


def until(condition: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    deadline = threading.Event()
    for _ in range(int(LIMIT_S * 100)):
        if condition():
            return
        deadline.wait(0.01)
    pytest.fail("it did not come to pass")


def test_calls_are_heard_at_once_and_better_when_the_adapted_model_is_ready() -> None:
    """No call waits for the adaptation; the next call after it has it."""
    workshop = Workshop()
    workshop.go.clear()
    hearing = workshop.hearing()
    assert heard_with(hearing) == "original"
    assert heard_with(hearing) == "original"
    workshop.go.set()
    until(lambda: heard_with(hearing) == "new")
    assert workshop.made == ["new"]
    assert workshop.loaded == ["original", "new"]
    assert hearing.current()[1] == ""
    hearing.close()


def test_a_changed_lexicon_is_followed_between_calls() -> None:
    """An edit has the recognizer adapted again; until then the older one serves."""
    workshop = Workshop("first", {"original", "first"})
    hearing = workshop.hearing()
    assert heard_with(hearing) == "first"
    workshop.go.clear()
    workshop.wanted = "second"
    assert heard_with(hearing) == "first"
    workshop.go.set()
    until(lambda: heard_with(hearing) == "second")
    workshop.wanted = "first"  # the edit is taken back: it is still there, and only has to be loaded
    until(lambda: heard_with(hearing) == "first")
    assert workshop.made == ["second"]
    hearing.close()


def test_a_failed_adaptation_is_told_in_each_call_and_not_tried_before_each() -> None:
    """The CSR knows that the ear is worse than it should be; a change of the lexicon is a new try."""
    workshop = Workshop()
    workshop.trouble = ModelError("The disk is full. Make room.")
    hearing = workshop.hearing()
    until(lambda: hearing.current()[1] != "")
    assert "Make room." in hearing.current()[1]
    assert heard_with(hearing) == "original"
    workshop.trouble = None
    assert "Make room." in hearing.current()[1]
    workshop.wanted = "newer"
    until(lambda: heard_with(hearing) == "newer")
    assert hearing.current()[1] == ""
    hearing.close()


def test_an_adapted_model_that_does_not_load_falls_back_to_the_original() -> None:
    """The product hears with what works, and says so."""
    workshop = Workshop("new", {"original", "new"})
    workshop.broken = {"new"}
    hearing = workshop.hearing()
    assert heard_with(hearing) == "original"
    hearing.close()
    workshop.broken = {"new", "original"}
    with pytest.raises(ModelError):
        workshop.hearing()


def test_a_damaged_adapted_model_is_told_and_replaced() -> None:
    """The notice goes when the new one is there."""
    workshop = Workshop()
    workshop.go.clear()
    workshop.notice = "The adapted model is damaged and is made again."
    hearing = workshop.hearing()
    assert hearing.current()[1] == workshop.notice
    workshop.notice = ""
    workshop.go.set()
    until(lambda: heard_with(hearing) == "new")
    assert hearing.current()[1] == ""
    hearing.close()


def test_a_broken_lexicon_leaves_the_ear_as_it_is() -> None:
    """What cannot be read cannot be adapted to."""
    workshop = Workshop("new", {"original", "new"})
    hearing = workshop.hearing()
    workshop.trouble = LexiconError("line 3 is wrong. Correct it.")
    label, notice = hearing.current()
    assert label.label == "new"
    assert "line 3" in notice
    workshop.trouble = None
    assert hearing.current()[1] == ""
    hearing.close()


def test_closing_gives_up_what_is_being_made() -> None:
    """The product ends at once, whatever it was preparing."""
    workshop = Workshop()
    workshop.go.clear()
    hearing = workshop.hearing()
    hearing.close()
    hearing.close()
    assert workshop.gave_up
    assert workshop.made == []


def test_without_anything_to_prepare_nothing_is_followed() -> None:
    """One file that is analyzed is heard with what is there."""
    workshop = Workshop()
    hearing = HearingInForce(workshop.choose, workshop.load, None, lambda: model("original"))
    assert heard_with(hearing) == "original"
    assert workshop.loaded == ["original"]
    hearing.close()


def test_making_apart_tells_why_it_failed(settings: Settings, tmp_path: Path) -> None:
    """The process of its own has the same settings, and its last line is the reason given."""
    nowhere = dataclasses.replace(settings, models_dir=tmp_path / "no-models", adapt_language_model=True)
    with pytest.raises(ModelError, match="models fetch"):
        prepare_apart(nowhere, threading.Event())
