"""Which device is the headset, and is a call on: the rules, over made-up snapshots of the sound server."""

from __future__ import annotations

import pytest

from voice_triage.audio.headset import (
    choose,
    device_of,
    far_end,
    in_call,
    microphone_of,
    on_call,
    profile_of,
    stream_of,
)
from voice_triage.audio.sound_server import Player, Recorder, Sink, Snapshot, Source

ADDRESS = "AA:BB:CC:DD:EE:FF"
PHONE, BROWSER = "100 softphone", "200 browser"


def sink(index: int, name: str, description: str = "", properties: str = "", *, card: int | None = None) -> Sink:
    """A sink; its monitor has the number 100 higher. Properties are written ``name=value``, with blanks between."""
    told = dict(each.split("=") for each in properties.split())
    return Sink(index, name, description or name, f"{name}.monitor", 100 + index, 16000, 1, card, told)


def microphone(index: int, name: str, *, card: int | None = None) -> Source:
    """A microphone."""
    return Source(index, name, name, None, 16000, 1, card)


HANDS_FREE = sink(
    1, "bluez_output.AA_BB_CC_DD_EE_FF.1", "Evolve", "device.bus=bluetooth bluetooth.protocol=headset_head_unit"
)
MUSIC = sink(2, "bluez_sink.11_22_33_44_55_66.a2dp_sink", "Buds", "device.form_factor=headphone")
USB = sink(3, "alsa_output.usb-0b0e", "Link", "device.bus=usb device.form_factor=headset", card=7)
SPEAKERS = sink(4, "alsa_output.pci", "Built-in Audio", "device.bus=pci device.form_factor=internal")
LOUDSPEAKER = sink(5, "bluez_output.99_88_77_66_55_44.1", "Boom", "device.form_factor=speaker")
MICROPHONE = microphone(20, "bluez_input.AA_BB_CC_DD_EE_FF.0")
BUILT_IN = microphone(21, "alsa_input.pci")


def talking(program: str, to: Sink, from_: Source = MICROPHONE) -> tuple[Player, Recorder]:
    """The streams of a program on a call."""
    return Player(to.index * 10, to.index, program, program), Recorder(to.index * 10 + 1, from_.index, program, program)


def snapshot(
    *devices: Sink | Source, players: tuple[Player, ...] = (), recorders: tuple[Recorder, ...] = ()
) -> Snapshot:
    """Devices with their monitors, and streams."""
    sinks = tuple(device for device in devices if isinstance(device, Sink))
    monitors = tuple(Source(each.monitor_index, each.monitor, each.monitor, each.name, 16000, 1) for each in sinks)
    return Snapshot(sinks, monitors + tuple(d for d in devices if isinstance(d, Source)), players, recorders)


def on_the_phone(*devices: Sink | Source, to: Sink = HANDS_FREE, program: str = PHONE) -> Snapshot:
    """These devices, and a softphone on a call."""
    player, recorder = talking(program, to)
    return snapshot(*devices, players=(player,), recorders=(recorder,))


# --- which device -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "chosen"),
    [
        ((SPEAKERS, USB, MUSIC, HANDS_FREE), HANDS_FREE),
        ((SPEAKERS, USB, MUSIC), MUSIC),
        ((SPEAKERS, USB), USB),
        ((SPEAKERS, LOUDSPEAKER), None),
        ((SPEAKERS,), None),
        ((), None),
    ],
)
def test_the_best_headset_is_chosen_and_nothing_else_ever(there: tuple[Sink, ...], chosen: Sink | None) -> None:
    """Hands-free Bluetooth, then other Bluetooth, then USB; never loudspeakers, whatever the system's default is."""
    choice = choose(snapshot(*there))
    assert choice.headset == chosen
    assert [verdict.sink for verdict in choice.verdicts if verdict.chosen] == ([chosen] if chosen else [])
    assert sorted(verdict.sink.name for verdict in choice.verdicts) == sorted(each.name for each in there)


def test_every_device_has_a_reason() -> None:
    """The table of devices says of each why it was chosen or why not."""
    why = {each.sink.description: each.why for each in choose(snapshot(SPEAKERS, USB, MUSIC, HANDS_FREE)).verdicts}
    assert why == {
        "Evolve": "chosen: Bluetooth, hands-free",
        "Buds": "usable (Bluetooth), but Evolve comes first; it is taken when a call is on it",
        "Link": "usable (USB headset), but Evolve comes first; it is taken when a call is on it",
        "Built-in Audio": "no headset: internal",
    }


def test_of_several_headsets_the_one_with_the_call_counts() -> None:
    """A call on the USB headset is heard though a Bluetooth headset lies beside it."""
    choice = choose(on_the_phone(HANDS_FREE, USB, MICROPHONE, to=USB))
    assert choice.headset == USB
    assert choice.verdicts[0].why == "chosen: a call is on it (USB headset)"


@pytest.mark.parametrize("name", ["Link", "link", "alsa_output.usb-0b0e"])
def test_a_headset_set_by_name_is_the_only_one(name: str) -> None:
    """Neither a better one nor one with a call on it is taken instead."""
    choice = choose(on_the_phone(HANDS_FREE, USB, MICROPHONE), name)
    assert (choice.headset, choice.usable) == (USB, (USB,))
    assert choice.verdicts[1].why == f"not the one that is set ({name})"


@pytest.mark.parametrize("name", [ADDRESS, "aa_bb_cc_dd_ee_ff", "evolve"])
def test_a_bluetooth_headset_may_be_set_by_its_address(name: str) -> None:
    """The address is the same in every profile."""
    a2dp = sink(9, "bluez_sink.AA_BB_CC_DD_EE_FF.a2dp_sink", "Evolve")
    assert choose(snapshot(a2dp), name).headset == a2dp
    assert choose(snapshot(HANDS_FREE), name).headset == HANDS_FREE


def test_a_set_headset_that_is_missing_is_waited_for() -> None:
    """The sentence names it."""
    choice = choose(snapshot(HANDS_FREE), "Link")
    assert (choice.headset, choice.usable) == (None, ())
    assert "Link" in choice.detail


def test_any_device_can_be_set_by_name() -> None:
    """Also one that the rule does not know for a headset: a conference loudspeaker, say."""
    assert choose(snapshot(HANDS_FREE, LOUDSPEAKER), "Boom").headset == LOUDSPEAKER


def test_a_usb_dongle_of_a_headset_maker_counts_if_it_has_a_microphone() -> None:
    """Such dongles tell no form; a sound card of the same maker without a microphone is none."""
    dongle = sink(6, "alsa_output.usb-GN", "Jabra Link 380", "device.bus=usb device.vendor.id=0x0b0e", card=3)
    assert choose(snapshot(dongle)).headset is None
    assert choose(snapshot(dongle, microphone(30, "alsa_input.usb-GN", card=3))).headset == dongle


@pytest.mark.parametrize(
    ("device", "profile", "address"),
    [
        (sink(1, "bluez_sink.AA_BB_CC_DD_EE_FF.handsfree_head_unit"), "handsfree-head-unit", ADDRESS),
        (HANDS_FREE, "headset-head-unit", ADDRESS),
        (
            sink(1, "bluez_output.x", "", f"api.bluez5.profile=a2dp-sink api.bluez5.address={ADDRESS}"),
            "a2dp-sink",
            ADDRESS,
        ),
        (SPEAKERS, "", "alsa_output.pci"),
    ],
)
def test_profile_and_address_are_read_from_names_and_properties(device: Sink, profile: str, address: str) -> None:
    """PulseAudio names the profile in the sink's name, PipeWire in a property."""
    assert (profile_of(device), device_of(device)) == (profile, address)


# --- is a call on -----------------------------------------------------------------------------------------------


def test_a_program_that_plays_and_records_is_on_a_call() -> None:
    """And is named."""
    call = on_call(on_the_phone(HANDS_FREE, MICROPHONE), [HANDS_FREE])
    assert call is not None
    assert (call.program, call.sink) == (PHONE, HANDS_FREE)


@pytest.mark.parametrize("microphone_used", [MICROPHONE, BUILT_IN])
def test_any_microphone_will_do(microphone_used: Source) -> None:
    """Also the computer's own: some people speak into that."""
    player, recorder = talking(PHONE, HANDS_FREE, microphone_used)
    there = snapshot(HANDS_FREE, MICROPHONE, BUILT_IN, players=(player,), recorders=(recorder,))
    assert on_call(there, [HANDS_FREE]) is not None


def test_what_declares_itself_a_phone_is_on_a_call() -> None:
    """Also without recording anything."""
    player = Player(1, HANDS_FREE.index, PHONE, "Phone", role="phone")
    assert on_call(snapshot(HANDS_FREE, players=(player,)), [HANDS_FREE]) is not None


PLAYER, RECORDER = talking(PHONE, HANDS_FREE)


@pytest.mark.parametrize(
    ("players", "recorders"),
    [
        pytest.param((PLAYER,), (), id="music only plays"),
        pytest.param((), (RECORDER,), id="dictation only records"),
        pytest.param((PLAYER,), (Recorder(1, 20, BROWSER, "Browser"),), id="two programs"),
        pytest.param((PLAYER,), (Recorder(1, 101, PHONE, "Phone"),), id="it records a monitor, no microphone"),
        pytest.param((PLAYER,), (Recorder(1, 20, PHONE, "Phone", paused=True),), id="it has stopped recording"),
        pytest.param((Player(1, 1, PHONE, "Phone", paused=True),), (RECORDER,), id="it has stopped playing"),
        pytest.param((Player(1, 4, PHONE, "Phone"),), (RECORDER,), id="it plays to the loudspeakers"),
        pytest.param((Player(1, 1, "", ""),), (Recorder(2, 20, "", ""),), id="the server's own loopback"),
        pytest.param((PLAYER,), (Recorder(1, 20, PHONE, "", tag="x"),), id="our own recording"),
    ],
)
def test_everything_else_is_no_call(players: tuple[Player, ...], recorders: tuple[Recorder, ...]) -> None:
    """Only playing to the headset and recording, in one program, is a call."""
    there = snapshot(HANDS_FREE, SPEAKERS, MICROPHONE, players=players, recorders=recorders)
    assert on_call(there, [HANDS_FREE]) is None


def test_a_call_outlives_its_headset() -> None:
    """Unplugged, the program plays on elsewhere and may have lost its microphone: that is no hang-up yet."""
    player = Player(10, SPEAKERS.index, PHONE, "Phone")
    unplugged = snapshot(SPEAKERS, players=(player,))
    assert in_call(unplugged, PHONE, ADDRESS)
    assert not in_call(unplugged, PHONE, device_of(SPEAKERS))
    assert not in_call(snapshot(SPEAKERS), PHONE, ADDRESS)
    assert not in_call(snapshot(SPEAKERS, players=(Player(10, 4, PHONE, "", paused=True),)), PHONE, ADDRESS)


# --- where the far end is ---------------------------------------------------------------------------------------


def test_the_far_end_is_the_headset_that_the_call_plays_to() -> None:
    """Of two headsets, and wherever it was before."""
    there = on_the_phone(HANDS_FREE, USB, MICROPHONE, to=USB)
    assert far_end(there, PHONE, device=ADDRESS).sink == USB


def test_a_call_on_the_loudspeakers_is_not_followed() -> None:
    """The CSR is told where it is and what to do."""
    far = far_end(on_the_phone(HANDS_FREE, SPEAKERS, MICROPHONE, to=SPEAKERS), PHONE, device=ADDRESS)
    assert far.sink is None
    assert "Built-in Audio" in far.why_not


def test_an_unplugged_headset_is_told_to_be_gone() -> None:
    """Also if other headsets are there, which the call does not play to."""
    for there in (on_the_phone(SPEAKERS, MICROPHONE, to=SPEAKERS), on_the_phone(SPEAKERS, USB, BUILT_IN, to=SPEAKERS)):
        far = far_end(there, PHONE, device=ADDRESS)
        assert far.sink is None
        assert "disconnected" in far.why_not


def test_what_else_plays_on_the_headset_is_not_the_far_end() -> None:
    """Music stays on the headset while the call has been moved away."""
    player, recorder = talking(PHONE, SPEAKERS)
    music = Player(99, HANDS_FREE.index, BROWSER, "Browser")
    there = snapshot(HANDS_FREE, SPEAKERS, MICROPHONE, players=(player, music), recorders=(recorder,))
    assert far_end(there, PHONE, device=ADDRESS).sink is None


def test_a_programs_one_stream_is_found() -> None:
    """The one with the role of a phone, or the only one; of several alike none."""
    first, second = (Player(number, 1, PHONE, "Phone") for number in (50, 51))
    ringing = Player(52, 1, PHONE, "Phone", role="phone")
    other = Player(53, 1, BROWSER, "Browser")
    for players, expected in (
        ((first, other), 50),
        ((first, second), None),
        ((first, ringing), 52),
        ((other,), None),
    ):
        assert stream_of(snapshot(HANDS_FREE, players=players), PHONE, HANDS_FREE) == expected


def test_the_headsets_own_microphone_is_found_by_address_or_card() -> None:
    """Never another device's, and never a monitor."""
    usb_microphone = microphone(30, "alsa_input.usb-0b0e", card=7)
    there = snapshot(HANDS_FREE, USB, SPEAKERS, MUSIC, BUILT_IN, MICROPHONE, usb_microphone)
    assert microphone_of(there, HANDS_FREE) == MICROPHONE
    assert microphone_of(there, USB) == usb_microphone
    assert microphone_of(there, MUSIC) is None
    assert microphone_of(there, SPEAKERS) is None
