"""Which device is the headset, and is a call on: rules over a snapshot of the sound server.

The client's voice is what the headset *plays*. The rule for choosing (``capture.md``): a Bluetooth headset in its
hands-free profile, then any other Bluetooth headset, then a USB headset; nothing else, and never the system's default
device. Among several of them, the one with a call on it. One that is set by name is the only one.

A call is on when another program plays to the headset *and* records a microphone, or calls what it plays ``phone``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from voice_triage.audio.sound_server import Player, Sink, Snapshot, Source

HANDS_FREE, BLUETOOTH, USB, LOOPBACK = "Bluetooth, hands-free", "Bluetooth", "USB headset", "loopback device"
_RANKED = (HANDS_FREE, BLUETOOTH, USB, LOOPBACK)
LOOPBACK_BUS = "loopback"
"""``device.bus`` of a device that gives what is played to it, where the headset itself cannot be recorded (macOS)."""

_HEADSET_FORMS = frozenset({"headset", "headphone", "hands-free", "handset"})
_OTHER_FORMS = frozenset({"speaker", "car", "tv", "portable", "hifi", "internal", "computer", "webcam", "microphone"})
"""``device.form_factor`` as PulseAudio documents it; these are not worn on a head."""
_HEADSET_MAKERS = frozenset({"0b0e", "047f", "1395"})
"""USB vendors whose telephone headsets often tell no form: GN (Jabra), Plantronics (Poly), EPOS | Sennheiser."""
_PHONE_ROLE = "phone"
_ADDRESS = re.compile(r"([0-9A-F]{2}(?:[:_][0-9A-F]{2}){5})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rule says of one sink."""

    sink: Sink
    kind: str
    """``Bluetooth, hands-free``, ``Bluetooth``, ``USB headset``, ``loopback device``; empty for what is no headset."""
    usable: bool
    chosen: bool
    why: str
    """Why it was chosen, or why not, in a few words."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The rule's outcome."""

    verdicts: tuple[Verdict, ...]
    """Every sink, best first."""
    detail: str
    """One plain sentence: what was chosen, or what is missing."""

    @property
    def usable(self) -> tuple[Sink, ...]:
        """The headsets on which a call is looked for, best first."""
        return tuple(verdict.sink for verdict in self.verdicts if verdict.usable)

    @property
    def headset(self) -> Sink | None:
        """The chosen one."""
        return next((verdict.sink for verdict in self.verdicts if verdict.chosen), None)


@dataclass(frozen=True, slots=True)
class OnCall:
    """A program that is on a call."""

    program: str
    program_name: str
    sink: Sink
    """The headset it plays to."""


@dataclass(frozen=True, slots=True)
class FarEnd:
    """Where a call's far end is to be heard now."""

    sink: Sink | None
    why_not: str = ""
    """If there is none: one plain sentence for the CSR."""


def bus_of(sink: Sink) -> str:
    """``bluetooth``, ``usb``, ``pci``, ...; empty if the server does not tell."""
    if _is_bluetooth(sink):
        return "bluetooth"
    return sink.properties.get("device.bus", "")


def profile_of(sink: Sink) -> str:
    """The Bluetooth profile, with hyphens: ``headset-head-unit``, ``handsfree-head-unit``, ``a2dp-sink``, ..."""
    told = sink.properties.get("bluetooth.protocol") or sink.properties.get("api.bluez5.profile") or ""
    if not told and sink.name.startswith("bluez_sink."):
        told = sink.name.rpartition(".")[2]
    return told.replace("_", "-") if _is_bluetooth(sink) else ""


def choose(snapshot: Snapshot, pinned: str = "") -> Choice:
    """The rule applied, unless ``pinned`` names the only headset to use, as :func:`is_called` understands it."""
    judged = [_judged(sink, snapshot, pinned) for sink in snapshot.sinks]
    call = on_call(snapshot, [sink for sink, kind, _ in judged if kind])
    busy = None if call is None else call.sink.index
    judged.sort(key=lambda each: (each[1] == "", each[0].index != busy, _rank(each[1]), each[0].name))
    best = judged[0][0] if judged and judged[0][1] else None
    verdicts = tuple(
        Verdict(sink, kind, bool(kind), sink is best, why or _why(sink, kind, best, busy, pinned))
        for sink, kind, why in judged
    )
    return Choice(verdicts, _detail(best, pinned))


def is_called(sink: Sink, name: str) -> bool:
    """Whether ``name`` means this device: what people call it, its Bluetooth address, or its name on the server.

    Case does not matter. A headset keeps its description and address when it changes its profile, so these are better.
    """
    wanted = name.strip().casefold()
    names = {sink.description, sink.name, device_of(sink), sink.properties.get("device.description", "")}
    return wanted.replace("_", ":") in {each.casefold().replace("_", ":") for each in names if each}


def device_of(device: Sink | Source) -> str:
    """What a device is, over profile changes and replugging: its Bluetooth address, else its name on the server."""
    told = (device.properties.get(key, "") for key in ("api.bluez5.address", "device.string"))
    for text in (*told, device.name if device.name.startswith("bluez") else ""):
        if match := _ADDRESS.search(text):
            return match[1].upper().replace("_", ":")
    return device.name


def on_call(snapshot: Snapshot, sinks: Iterable[Sink]) -> OnCall | None:
    """The program that is on a call on one of these headsets, the first of which counts; None if there is no call.

    Music only plays, a dictation program only records: neither is on a call.
    """
    recording = _recording_programs(snapshot)
    for sink in sinks:
        for player in snapshot.players:
            if player.sink == sink.index and _is_talking(player, recording):
                return OnCall(player.program, player.program_name, sink)
    return None


def in_call(snapshot: Snapshot, program: str, device: str = "") -> bool:
    """Whether this program is still on its call, on whatever device: an unplugged headset is no hang-up.

    While the headset ``device`` (:func:`device_of`) is gone, and the program's microphone with it, it is enough that
    the program plays.
    """
    theirs = [player for player in snapshot.players if player.program == program]
    recording = _recording_programs(snapshot)
    if any(_is_talking(player, recording) for player in theirs):
        return True
    is_gone = bool(device) and all(device_of(sink) != device for sink in snapshot.sinks)
    return is_gone and any(not player.paused for player in theirs)


def far_end(snapshot: Snapshot, program: str, pinned: str = "", device: str = "") -> FarEnd:
    """The headset on which this program's call is heard now; ``device`` (:func:`device_of`) is where it was so far.

    The call may be moved to another usable headset; on anything else it is not followed.
    """
    usable = choose(snapshot, pinned).usable
    recording = _recording_programs(snapshot)
    theirs = {each.sink for each in snapshot.players if each.program == program and _is_talking(each, recording)}
    heard_on = [sink for sink in usable if sink.index in theirs]
    heard_on.sort(key=lambda sink: device_of(sink) != device)
    if heard_on:
        return FarEnd(heard_on[0])
    if not usable or (device and device not in {device_of(sink) for sink in usable}):
        return FarEnd(None, "The headset is disconnected. Connect it again; listening goes on by itself.")
    where = [sink.description for sink in snapshot.sinks if sink.index in theirs]
    played_on = f" It is played on {where[0]}." if where else ""
    return FarEnd(None, f"The call is not on the headset.{played_on} Choose the headset in the phone program.")


def stream_of(snapshot: Snapshot, program: str, sink: Sink) -> int | None:
    """The stream on which a program plays its call to ``sink``; None if it has several that cannot be told apart."""
    streams = [p for p in snapshot.players if p.program == program and p.sink == sink.index and not p.paused]
    phone = [player for player in streams if player.role == _PHONE_ROLE]
    only = phone or streams
    return only[0].index if len(only) == 1 else None


def microphone_of(snapshot: Snapshot, sink: Sink) -> Source | None:
    """The headset's own microphone; None if it has none now (a Bluetooth headset that plays music has none)."""
    for source in snapshot.sources:
        if source.monitor_of is None and (
            device_of(source) == device_of(sink) or (sink.card is not None and source.card == sink.card)
        ):
            return source
    return None


def _judged(sink: Sink, snapshot: Snapshot, pinned: str) -> tuple[Sink, str, str]:
    """The sink, what kind of headset it is (empty: none that is to be used), and why not."""
    kind, why = _kind(sink, snapshot)
    if pinned:
        if is_called(sink, pinned):
            return sink, kind or "set by name", ""
        return sink, "", f"not the one that is set ({pinned})"
    return sink, kind, why


def _kind(sink: Sink, snapshot: Snapshot) -> tuple[str, str]:
    form = sink.properties.get("device.form_factor", "")
    if form in _OTHER_FORMS:
        return "", f"no headset: {form}"
    if _is_bluetooth(sink):
        return (HANDS_FREE if profile_of(sink).startswith(("headset-head-unit", "handsfree")) else BLUETOOTH), ""
    if bus_of(sink) == LOOPBACK_BUS:
        return LOOPBACK, ""
    if bus_of(sink) != "usb":
        return "", "no headset: neither Bluetooth nor USB"
    maker = sink.properties.get("device.vendor.id", "").removeprefix("0x").rjust(4, "0").lower()
    if form in _HEADSET_FORMS or "headset" in sink.description.lower():
        return USB, ""
    if maker in _HEADSET_MAKERS and microphone_of(snapshot, sink) is not None:
        return USB, ""
    return "", "not known to be a headset: set it by name if it is one"


def _why(sink: Sink, kind: str, best: Sink | None, busy: int | None, pinned: str) -> str:
    if sink is best:
        if sink.index == busy:
            return f"chosen: a call is on it ({kind})"
        return "chosen: it is the one that is set" if pinned else f"chosen: {kind}"
    assert best is not None  # a usable sink that is not the best has a better one
    return f"usable ({kind}), but {best.description} comes first; it is taken when a call is on it"


def _detail(best: Sink | None, pinned: str) -> str:
    if best is not None:
        return f"{best.description} is used."
    if pinned:
        return f"Waiting for the headset {pinned}: it is not connected."
    return "Waiting for a headset: connect a Bluetooth or USB headset to this computer."


def _rank(kind: str) -> int:
    return _RANKED.index(kind) if kind in _RANKED else len(_RANKED)


def _is_bluetooth(sink: Sink) -> bool:
    return (
        sink.properties.get("device.bus") == "bluetooth"
        or sink.properties.get("device.api", "").startswith("bluez")
        or sink.name.startswith("bluez_")
    )


def _recording_programs(snapshot: Snapshot) -> frozenset[str]:
    """Programs that record a microphone; our own streams, which have a tag, do not count."""
    microphones = {source.index for source in snapshot.sources if source.monitor_of is None}
    return frozenset(
        each.program
        for each in snapshot.recorders
        if each.source in microphones and each.program and not each.tag and not each.paused
    )


def _is_talking(player: Player, recording: frozenset[str]) -> bool:
    if player.paused or not player.program:  # what the server itself plays has no program
        return False
    return player.role == _PHONE_ROLE or player.program in recording
