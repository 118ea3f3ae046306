"""What ``devices`` and ``doctor --listen`` find out, on a scripted sound server."""

from __future__ import annotations

import pytest

from tests.audio.scripted_server import ScriptedServer
from tests.audio.test_headset_watch import HEADSET, MICROPHONE, MONITOR, PLAYER, RECORDER, speaking
from voice_triage.audio.headset_source import Ways, Wishes
from voice_triage.audio.hearing_check import Hearing, listen, survey
from voice_triage.audio.sound_server import Snapshot
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
    assert (hearing.headset, hearing.program, hearing.what) == ("Evolve", "Phone", "something quiet")
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
