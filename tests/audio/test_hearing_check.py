"""What ``devices`` and ``doctor --listen`` find out, on a scripted sound server."""

from __future__ import annotations

import dataclasses

import pytest

from tests.audio.scripted_server import ScriptedServer
from tests.audio.test_headset_watch import HEADSET, MICROPHONE, MONITOR, PLAYER, RECORDER, speaking
from voice_triage.audio.headset_source import Ways, Wishes
from voice_triage.audio.hearing_check import SPEECH_SWING_DB, Hearing, listen, survey
from voice_triage.audio.level import LOUD_ENOUGH_DB
from voice_triage.audio.sound_server import Snapshot
from voice_triage.commands.hearing import hearing_line
from voice_triage.errors import AudioError

ON_CALL = Snapshot((HEADSET,), (MICROPHONE, MONITOR), (PLAYER,), (RECORDER,))
QUIET = Snapshot((HEADSET,), (MICROPHONE, MONITOR))


def ways(server: ScriptedServer) -> Ways:
    """To a scripted server."""
    return Ways(server.connect, server.open_input, server.check)


def heard(snapshot: Snapshot, wishes: Wishes | None = None) -> Hearing:
    """Half a second of listening to a headset that plays very quietly."""
    server = ScriptedServer(snapshot)
    with speaking(server):
        hearing = listen(ways(server), wishes or Wishes(), 0.5)
    assert server.open_inputs == []
    return hearing


def test_listening_says_what_is_heard_and_of_which_program() -> None:
    """The level is in dB relative to full scale: samples of 101 are -50 dB."""
    hearing = heard(ON_CALL)
    assert (hearing.headset, hearing.program, hearing.what) == ("Evolve", "Phone", "steady sound")
    assert hearing.level_db == pytest.approx(-50.2, abs=0.1)
    assert hearing.heard_s > 0.1
    assert heard(QUIET).program == ""


def test_without_a_headset_it_says_what_is_missing() -> None:
    """And which one is waited for."""
    assert "connect" in heard(Snapshot()).advice
    assert "Buds" in heard(QUIET, Wishes(headset="Buds")).advice


def test_what_cannot_be_recorded_is_told_with_its_reason() -> None:
    """Not as silence."""
    server = ScriptedServer(ON_CALL)
    server.cannot_open = "The device is busy."
    hearing = listen(ways(server), Wishes(), 0.3)
    assert (hearing.what, hearing.missing) == ("nothing", ("The device is busy.",))
    assert "The device is busy." in hearing.advice


def test_the_survey_judges_every_device() -> None:
    """Without opening any."""
    server = ScriptedServer(QUIET)
    assert [verdict.chosen for verdict in survey(ways(server), Wishes()).verdicts] == [True]
    assert server.inputs == []
    server.gone = True
    with pytest.raises(AudioError):
        survey(ways(server), Wishes())


def test_speech_is_told_from_a_steady_sound() -> None:
    """By its pauses; neither is taken for silence."""
    choice = survey(ways(ScriptedServer(ON_CALL)), Wishes())
    steady = Hearing(choice, "Evolve", "Phone", 5.0, -20.0, SPEECH_SWING_DB - 1, ())
    speech = dataclasses.replace(steady, swing_db=SPEECH_SWING_DB)
    assert (steady.what, speech.what) == ("steady sound", "speech or music")
    assert "this is what would be listened to" in speech.advice
    assert "Have someone speak" in steady.advice
    faint = dataclasses.replace(speech, level_db=LOUD_ENOUGH_DB - 1.0)
    assert faint.what == "something quiet"
    assert "Turn up the phone program" in faint.advice
    silent = dataclasses.replace(speech, level_db=-80.0)
    assert silent.what == "silence"
    assert "desk phone" in silent.advice


def test_what_listening_showed_is_one_line_with_its_figures() -> None:
    """Level in dB, how much of the time was heard, and what to do."""
    line = hearing_line(heard(ON_CALL), 0.5)
    assert line.startswith("Evolve: steady sound, -50 dB at the loudest, in 0.")
    assert "Have someone speak" in line
    assert "connect a Bluetooth or USB headset" in hearing_line(heard(Snapshot()), 0.5)
