"""Hearing a headset on real sound servers: PulseAudio, and PipeWire with pipewire-pulse."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from tests.audio.listening import HeardCall, listening
from tests.audio.simulation import LEAK, Simulation
from tests.audio.sound_server import MICROPHONE_FEED, PATIENCE_S, SPEAKERS, SoundServerProcess
from tests.audio.sounds import (
    CLIENT_HZ,
    SPEAKERS_HZ,
    Samples,
    at_rate,
    found,
    likeness,
    noise,
    share_of,
    silence,
    tone,
    write_wav,
)
from voice_triage.audio.headset_source import Wishes
from voice_triage.audio.headset_watch import HeadsetState
from voice_triage.events import Side

CALL_S = 60.0
"""Longer than any test needs; the softphone is ended by the test."""


def assert_same(server: SoundServerProcess, played: Samples, heard: Samples, rate_hz: int) -> None:
    """What was heard holds what was played: sample for sample, or alike where PipeWire resamples to its own rate."""
    part = found(played, heard)
    assert len(part) == len(played)
    if server.kind == "pulse":
        assert (part == played).all()
    else:
        assert likeness(played, part, rate_hz) > 0.95


def foreign_share(heard: HeardCall, *tones_hz: int) -> float:
    """The largest share of these tones in any 20 ms of the client's side."""
    shares = [
        float(share_of(hz, block.samples, block.rate_hz).max(initial=0.0))
        for block in heard.blocks()
        for hz in tones_hz
    ]
    return max(shares, default=0.0)


@pytest.mark.parametrize(("rate_hz", "channels"), [(16000, 1), (8000, 1), (48000, 2)])
def test_the_client_is_heard_as_the_headset_plays(
    machine: SoundServerProcess, tmp_path: Path, rate_hz: int, channels: int
) -> None:
    """Every sample of the client's voice arrives, in order, at the rate that the headset plays it."""
    played = noise(2.0, rate_hz, seed=rate_hz)
    quiet = silence(1.0, rate_hz)
    file = write_wav(tmp_path / "call.wav", np.concatenate([quiet, played, quiet]), rate_hz, channels)
    with listening() as desk:
        headset = machine.plug(rate_hz=rate_hz, channels=channels)
        desk.wait_for(HeadsetState.WAITING)
        phone = machine.softphone(file, headset)
        call = desk.call()
        phone.player.wait()
        phone.hang_up()
        assert call.over.wait(PATIENCE_S)
    assert {block.rate_hz for block in call.blocks()} == {rate_hz}
    assert_same(machine, played, call.sound(), rate_hz)
    assert call.gaps() == []
    call.assert_no_hole()


def test_both_sides_are_heard_apart(machine: SoundServerProcess, tmp_path: Path) -> None:
    """The CSR's voice comes on its own side, whole, and nothing of one side is in the other."""
    client, csr = noise(2.0, 16000, seed=1), noise(2.0, 16000, seed=2)
    files = [
        write_wav(tmp_path / f"{name}.wav", np.concatenate([silence(1.0), voice, silence(end_s)]), 16000)
        for name, voice, end_s in (("client", client, CALL_S), ("csr", csr, 0.5))
    ]
    with listening(Wishes(own_side=True)) as desk:
        headset = machine.plug()
        phone = machine.softphone(files[0], headset)
        call = desk.call()
        speaking = machine.play(files[1], MICROPHONE_FEED)
        speaking.wait()
        call.wait_for_sound(1.0, Side.OWN)
        phone.hang_up()
        assert call.over.wait(PATIENCE_S)
    for side, said, other in ((Side.CLIENT, client, csr), (Side.OWN, csr, client)):
        heard = at_rate(call.sound(side), call.blocks(side)[0].rate_hz, 16000)
        assert_same(machine, said, heard, 16000)
        assert likeness(other, found(other, heard), 16000) < 0.5
        call.assert_no_hole(side)


def test_unplugging_leaks_nothing_that_is_not_the_client(machine: SoundServerProcess, tmp_path: Path) -> None:
    """Whatever the sound server connects the recording to meanwhile, only the headset's sound comes through.

    A seeded part of what ``scripts/prove capture`` runs for an hour.
    """
    outcome = Simulation(machine, tmp_path, seed=1, rare=False).run(calls=1, disturbances=12)
    assert outcome.leaks == 0, f"foreign sound with a share of {outcome.worst_share:.2f}"
    assert outcome.windows > 50
    assert outcome.gaps >= outcome.happened["replug"] > 2


def test_a_recording_moved_by_hand_leaks_nothing(machine: SoundServerProcess, tmp_path: Path) -> None:
    """Someone moves our recording to another device: PipeWire refuses; else it is noticed and opened anew."""
    client = write_wav(tmp_path / "client.wav", tone(CALL_S, 16000, CLIENT_HZ), 16000)
    machine.play(write_wav(tmp_path / "other.wav", tone(CALL_S, 48000, SPEAKERS_HZ), 48000), SPEAKERS)
    moved = 0
    with listening() as desk:
        headset = machine.plug()
        phone = machine.softphone(client, headset)
        call = desk.call()
        for _ in range(3):
            call.wait_for_sound(0.5)
            with contextlib.suppress(subprocess.CalledProcessError):
                machine.pactl("move-source-output", machine.streams_tagged()[0], f"{SPEAKERS}.monitor")
                moved += 1
        call.wait_for_sound(0.5)
        phone.hang_up()
        assert call.over.wait(PATIENCE_S)
    assert foreign_share(call, SPEAKERS_HZ) < LEAK
    assert len(call.gaps()) == moved
    assert moved == (3 if machine.kind == "pulse" else 0)
    call.assert_no_hole()


def test_a_killed_server_is_waited_for(machine: SoundServerProcess, tmp_path: Path) -> None:
    """The sound server crashes and is started again: the call goes on, with a gap of the right length."""
    client = write_wav(tmp_path / "client.wav", tone(CALL_S, 16000, CLIENT_HZ), 16000)
    with listening() as desk:
        phone = machine.softphone(client, machine.plug())
        call = desk.call()
        call.wait_for_sound(1.0)
        down = time.monotonic()
        machine.kill()
        desk.wait_for(HeadsetState.SEARCHING)
        machine.start()
        headset = machine.plug()
        down_s = time.monotonic() - down
        phone = machine.softphone(client, headset, process=int(phone.process))
        call.wait_for_sound(1.0)
        phone.hang_up()
        assert call.over.wait(PATIENCE_S)
        desk.wait_for(HeadsetState.WAITING)
    assert sum(gap.duration_s for gap in call.gaps()) >= down_s - 0.2
    call.assert_no_hole()


def test_a_stall_is_a_gap_of_its_length(machine: SoundServerProcess, tmp_path: Path) -> None:
    """The sound server hangs for two seconds: that much of the call is told to be missing, and the rest is heard."""
    client = write_wav(tmp_path / "client.wav", tone(CALL_S, 16000, CLIENT_HZ), 16000)
    with listening() as desk:
        phone = machine.softphone(client, machine.plug())
        call = desk.call()
        call.wait_for_sound(1.0)
        machine.signal(signal.SIGSTOP)
        time.sleep(2.0)
        machine.signal(signal.SIGCONT)
        call.wait_for_sound(1.0)
        phone.hang_up()
        assert call.over.wait(PATIENCE_S)
    assert sum(gap.duration_s for gap in call.gaps()) >= 1.8
    call.assert_no_hole()


def test_silence_is_sound_too(machine: SoundServerProcess, tmp_path: Path) -> None:
    """A client who says nothing, on a digital line, is a call with silent blocks, not a gap."""
    file = write_wav(tmp_path / "silence.wav", silence(3.0), 16000)
    with listening() as desk:
        phone = machine.softphone(file, machine.plug())
        call = desk.call()
        phone.player.wait()
        phone.hang_up()
        assert call.over.wait(PATIENCE_S)
    assert call.heard_s() > 2.0
    assert not call.sound().any()
    assert call.gaps() == []


def test_music_is_no_call_and_a_softphone_is_one(machine: SoundServerProcess, tmp_path: Path) -> None:
    """Music on the headset is left alone; a program that also records is on a call, and its hang-up ends it."""
    music = write_wav(tmp_path / "music.wav", tone(CALL_S, 16000, SPEAKERS_HZ), 16000)
    client = write_wav(tmp_path / "client.wav", tone(CALL_S, 16000, CLIENT_HZ), 16000)
    with listening() as desk:
        headset = machine.plug()
        machine.play(music, headset.sink)
        machine.record(headset.microphone)  # another program
        desk.wait_for(HeadsetState.WAITING)
        assert desk.watch.next_call(1.0) is None
        assert machine.streams_tagged() == []
        phone = machine.softphone(client, headset)
        call = desk.call()
        call.wait_for_sound(0.5)
        desk.wait_for(HeadsetState.LISTENING)
        phone.hang_up()
        assert call.over.wait(PATIENCE_S)
        desk.wait_for(HeadsetState.WAITING)
        assert machine.streams_tagged() == []


def test_only_the_phone_program_is_heard_if_wanted(machine: SoundServerProcess, tmp_path: Path) -> None:
    """With one_program, music that plays on the headset during a call is not in the call's sound."""
    music = write_wav(tmp_path / "music.wav", tone(CALL_S, 16000, SPEAKERS_HZ), 16000)
    client = write_wav(tmp_path / "client.wav", tone(CALL_S, 16000, CLIENT_HZ), 16000)
    with listening(Wishes(one_program=True)) as desk:
        headset = machine.plug()
        machine.play(music, headset.sink)
        phone = machine.softphone(client, headset)
        call = desk.call()
        call.wait_for_sound(2.0)
        phone.hang_up()
        assert call.over.wait(PATIENCE_S)
    assert foreign_share(call, SPEAKERS_HZ) < LEAK
    assert float(np.median(share_of(CLIENT_HZ, call.sound(), 16000))) > 0.9


def test_a_headset_may_come_later_and_change_its_profile(machine: SoundServerProcess, tmp_path: Path) -> None:
    """From no headset to music to hands-free, where the server makes another device of it: the desk follows."""
    client = write_wav(tmp_path / "client.wav", tone(CALL_S, 16000, CLIENT_HZ), 16000)
    with listening() as desk:
        desk.wait_for(HeadsetState.SEARCHING)
        music = machine.plug(rate_hz=48000, channels=2, profile="a2dp_sink", suffix="a2dp_sink")
        desk.wait_for(HeadsetState.WAITING, "Fake Headset")
        machine.unplug(music)
        desk.wait_for(HeadsetState.SEARCHING)
        headset = machine.plug(rate_hz=8000, suffix="headset_head_unit")
        phone = machine.softphone(client, headset)
        call = desk.call()
        call.wait_for_sound(0.5)
        machine.unplug(headset)
        headset = machine.plug(rate_hz=16000, suffix="headset_head_unit")
        phone.move_to(headset)
        call.wait_for_sound(0.5)
        phone.hang_up()
        assert call.over.wait(PATIENCE_S)
    assert [block.rate_hz for block in call.blocks()][:: len(call.blocks()) - 1] == [8000, 16000]
    call.assert_no_hole()
