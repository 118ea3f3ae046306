"""PulseAudio, and PipeWire through ``pipewire-pulse``, read with pulsectl. The one file that imports it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from voice_triage.audio.sound_server import NO_INDEX, TAG_PROPERTY, Change, Player, Recorder, Sink, Snapshot, Source
from voice_triage.errors import AudioError

_THINGS: Mapping[str, str] = {
    "sink": "sink",
    "source": "source",
    "sink_input": "player",
    "source_output": "recorder",
    "server": "server",
}
"""pulsectl's facility to :class:`Change`'s word."""
_CARD_PROPERTIES = ("device.form_factor", "device.bus", "device.api", "device.string", "device.vendor.id")
"""Under PipeWire a Bluetooth headset's form is known of its card only."""


class PulseServer:
    """A :class:`~voice_triage.audio.sound_server.SoundServer`: the user's own PulseAudio or PipeWire.

    Raises AudioError, saying what to do, if pulsectl or libpulse is missing or no server is there. Never starts one.
    A server that is there but hangs is waited for, here and in every method.
    """

    notices_calls = True

    def __init__(self) -> None:
        self._pulsectl = _pulsectl()
        self._lost: tuple[type[Exception], ...] = (
            self._pulsectl.PulseError,
            self._pulsectl.PulseDisconnected,
            self._pulsectl.pulsectl.c.pa.CallError,  # pulsectl lets it through when the connection is gone
        )
        self._changes: list[Change] = []
        self._pulse = self._pulsectl.Pulse("voice-triage", connect=False)
        try:
            self._pulse.connect(autospawn=False)  # its timeout always passes in full (pulsectl 24.12)
            about = self._pulse.server_info()
            self._pulse.event_mask_set(*_THINGS)
        except self._lost as error:
            self._pulse.close()
            raise AudioError(
                "The computer's sound service (PulseAudio or PipeWire) does not answer. Log out and in again, or start "
                "it: systemctl --user restart pipewire-pulse (or pulseaudio)."
            ) from error
        self._pulse.event_callback_set(self._changed)
        self._list_sinks, self._list_sources = _lists_with_rates(self._pulsectl)
        self._ask_source = _question_for_source(self._pulsectl)
        self.name = f"{about.server_name} {about.server_version}"

    def wait(self, timeout_s: float) -> list[Change]:
        """As in SoundServer."""
        if not self._changes:
            with self._reading():
                self._pulse.event_listen(timeout=max(timeout_s, 0.001))  # 0 would wait for ever
        return self.changes()

    def changes(self) -> list[Change]:
        """As in SoundServer."""
        changed, self._changes = self._changes, []
        return changed

    def snapshot(self) -> Snapshot:
        """As in SoundServer."""
        with self._reading():
            pulse = self._pulse
            sinks, sources = self._list_sinks(pulse), self._list_sources(pulse)
            players, recorders = pulse.sink_input_list(), pulse.source_output_list()
            cards = {card.index: card.proplist for card in pulse.card_list()}
            programs = _Programs(self._pulse)
            return Snapshot(
                tuple(_sink(each, cards) for each in sinks),
                tuple(_source(each, cards) for each in sources),
                tuple(_player(each, programs) for each in players),
                tuple(_recorder(each, programs) for each in recorders),
            )

    def source_of(self, recorder: int) -> int | None:
        """As in SoundServer."""
        with self._reading():
            try:
                return int(self._ask_source(self._pulse, recorder).source)
            except self._pulsectl.PulseIndexError:
                if not self._pulse.connected:
                    raise
                return None

    def close(self) -> None:
        """As in SoundServer."""
        self._pulse.close()

    def _changed(self, event: Any) -> None:
        """Note an event, and end :meth:`wait`."""
        kind, thing = str(event.t._value), _THINGS.get(str(event.facility._value))
        if thing is not None:
            self._changes.append(Change(kind, thing, int(event.index)))
            raise self._pulsectl.PulseLoopStop

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except self._lost as error:
            raise AudioError(
                "The computer's sound service ended or was restarted. Listening goes on by itself once it is back."
            ) from error


def _pulsectl() -> Any:
    try:
        import pulsectl
    except ImportError as error:
        raise AudioError(
            "The package pulsectl is not installed. Run scripts/run, which installs it."
            if sys.platform == "linux"
            else "Headsets can be heard live on Linux only in this version."
        ) from error
    except OSError as error:
        raise AudioError(
            "The library libpulse is missing. Install it with: sudo apt-get install libpulse0 (Debian, Ubuntu), "
            "sudo dnf install pulseaudio-libs (Fedora)."
        ) from error
    return pulsectl


def _lists_with_rates(pulsectl: Any) -> tuple[Any, Any]:
    """The lists of sinks and of sources of pulsectl, but with a ``rate_hz`` in their items.

    Its own ``sample_spec`` points to memory that libpulse has freed by then, so the rate is read during the callback.
    """

    def read_rate(self: Any, struct: Any) -> None:
        self.rate_hz = int(struct.sample_spec.rate)

    c, make_list = pulsectl.pulsectl.c, pulsectl.Pulse._pulse_get_list
    rated_sink = type("RatedSink", (pulsectl.PulseSinkInfo,), {"_init_from_struct": read_rate})
    rated_source = type("RatedSource", (pulsectl.PulseSourceInfo,), {"_init_from_struct": read_rate})
    return (
        make_list(c.PA_SINK_INFO_CB_T, c.pa.context_get_sink_info_list, rated_sink),
        make_list(c.PA_SOURCE_INFO_CB_T, c.pa.context_get_source_info_list, rated_source),
    )


def _question_for_source(pulsectl: Any) -> Any:
    """What pulsectl's ``source_output_info`` does, without reading all the rest: it is asked 40 times a second."""

    class Attached:
        def __init__(self, struct: Any) -> None:
            self.source = int(struct.source)

    c = pulsectl.pulsectl.c
    ask = c.pa.context_get_source_output_info
    return pulsectl.Pulse._pulse_get_list(c.PA_SOURCE_OUTPUT_INFO_CB_T, ask, Attached)


class _Programs:
    """Which program a stream belongs to: by its process where that is known, since a program may connect twice."""

    def __init__(self, pulse: Any) -> None:
        self._pulse = pulse
        self._clients: dict[int, Mapping[str, str]] | None = None

    def of(self, stream: Any) -> tuple[str, str]:
        """Key and name; both empty for the server's own streams (loopbacks, filters)."""
        own: Mapping[str, str] = stream.proplist
        if stream.client == NO_INDEX or "pulse.module.id" in own or "node.link-group" in own:
            return "", ""
        known = own if own.get("application.process.id") else {**self._client(stream.client), **own}
        process = known.get("application.process.id") or known.get("pipewire.sec.pid") or f"client {stream.client}"
        # With the binary: programs in sandboxes each count their processes from 1.
        binary = known.get("application.process.binary", "")
        name = known.get("application.name") or binary or known.get("media.name") or "a program"
        return f"{process} {binary}".strip(), name

    def _client(self, index: int) -> Mapping[str, str]:
        if self._clients is None:
            self._clients = {client.index: client.proplist for client in self._pulse.client_list()}
        return self._clients.get(index, {})


def _sink(info: Any, cards: Mapping[int, Mapping[str, str]]) -> Sink:
    return Sink(
        int(info.index),
        info.name,
        info.description or info.name,
        info.monitor_source_name or "",
        int(info.monitor_source),
        info.rate_hz,
        int(info.channel_count),
        _card(info),
        _with_card(info, cards),
    )


def _source(info: Any, cards: Mapping[int, Mapping[str, str]]) -> Source:
    return Source(
        int(info.index),
        info.name,
        info.description or info.name,
        info.monitor_of_sink_name or None,
        info.rate_hz,
        int(info.channel_count),
        _card(info),
        bool(info.mute),
        _with_card(info, cards),
    )


def _player(info: Any, programs: _Programs) -> Player:
    program, name = programs.of(info)
    role = info.proplist.get("media.role", "").lower()
    return Player(int(info.index), int(info.sink), program, name, role, bool(info.corked))


def _recorder(info: Any, programs: _Programs) -> Recorder:
    program, name = programs.of(info)
    tag = info.proplist.get(TAG_PROPERTY, "")
    return Recorder(int(info.index), int(info.source), program, name, tag, bool(info.corked), bool(info.mute))


def _card(info: Any) -> int | None:
    card = int(info.card) % 2**32
    return None if card == NO_INDEX else card


def _with_card(info: Any, cards: Mapping[int, Mapping[str, str]]) -> Mapping[str, str]:
    card = cards.get(_card(info) or 0, {}) if _card(info) is not None else {}
    return {**{key: card[key] for key in _CARD_PROPERTIES if key in card}, **info.proplist}
