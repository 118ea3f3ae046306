"""A sound server made of plain records, for tests that need exact times: what happens is written in the test."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable

from voice_triage.audio.capture import Target
from voice_triage.audio.sound_server import Change, Player, Recorder, Sink, Snapshot, Source
from voice_triage.errors import AudioError

OnSound = Callable[[bytes, float, bool], None]


class ScriptedInput:
    """A recording that gives what the test says, and remembers whether it was closed."""

    def __init__(self, server: ScriptedServer, target: Target, tag: str, on_sound: OnSound) -> None:
        self.target = target
        self.tag = tag
        self.give = on_sound
        self.ended = False
        self.closed = False
        self.index = server.attach(self)
        self._server = server

    def close(self) -> None:
        self.closed = True
        self._server.detach(self)


class ScriptedServer:
    """A :class:`SoundServer`, every connection to it, and what opens recordings, in one. Safe to use from threads."""

    name = "scripted"
    notices_calls = True

    def __init__(self, snapshot: Snapshot | None = None) -> None:
        self.answer_s = 0.0
        """How long an answer takes, by :attr:`sleep`."""
        self.sleep: Callable[[float], None] = lambda _s: None
        self.gone = False
        self.hidden = False
        """Whether snapshots leave our recordings out."""
        self.cannot_open = ""
        self.cannot_record = ""
        self.inputs: list[ScriptedInput] = []
        """Every recording that was opened, also the closed ones."""
        self._lock = threading.Condition()
        self._snapshot = snapshot or Snapshot()
        self._attached: dict[int, tuple[ScriptedInput, int]] = {}
        self._changes: list[Change] = []
        self._connections: list[list[Change]] = [self._changes]
        self._next = 1000

    # --- what the test does --------------------------------------------------------------------------------------

    def set(
        self,
        *,
        sinks: tuple[Sink, ...] | None = None,
        sources: tuple[Source, ...] | None = None,
        players: tuple[Player, ...] | None = None,
        recorders: tuple[Recorder, ...] | None = None,
    ) -> None:
        """Replace what is there; everybody is told that something changed."""
        with self._lock:
            now = self._snapshot
            self._snapshot = Snapshot(
                now.sinks if sinks is None else sinks,
                now.sources if sources is None else sources,
                now.players if players is None else players,
                now.recorders if recorders is None else recorders,
            )
        self.tell(Change("change", "server", 0))

    def move(self, recording: ScriptedInput, source: int) -> None:
        """Attach a recording to another source, as servers do without a word to the program."""
        with self._lock:
            if recording.index in self._attached:
                self._attached[recording.index] = (recording, source)
        self.tell(Change("change", "recorder", recording.index))

    def tell(self, change: Change) -> None:
        """Something changed."""
        with self._lock:
            for changes in self._connections:
                changes.append(change)
            self._lock.notify_all()

    @property
    def open_inputs(self) -> list[ScriptedInput]:
        """The recordings that run."""
        with self._lock:
            return [each for each, _ in self._attached.values()]

    # --- what the product does -----------------------------------------------------------------------------------

    def connect(self) -> Connection:
        """As Ways.connect."""
        if self.gone:
            raise AudioError("The sound server is gone.")
        connection = Connection(self)
        with self._lock:
            self._connections.append(connection.noticed)
        return connection

    def open_input(self, target: Target, tag: str, on_sound: OnSound) -> ScriptedInput:
        """As Ways.open_input."""
        if self.cannot_open:
            raise AudioError(self.cannot_open)
        opened = ScriptedInput(self, target, tag, on_sound)
        self.inputs.append(opened)
        return opened

    def check(self) -> None:
        """As Ways.check."""
        if self.cannot_record:
            raise AudioError(self.cannot_record)

    def attach(self, recording: ScriptedInput) -> int:
        with self._lock:
            self._next += 1
            self._attached[self._next] = (recording, recording.target.index)
        self.tell(Change("new", "recorder", self._next))
        return self._next

    def detach(self, recording: ScriptedInput) -> None:
        with self._lock:
            gone = self._attached.pop(recording.index, None)
        if gone is not None:
            self.tell(Change("remove", "recorder", recording.index))

    def wait(self, timeout_s: float) -> list[Change]:
        return self.changes()

    def changes(self) -> list[Change]:
        changed, self._changes[:] = list(self._changes), []
        return changed

    def snapshot(self) -> Snapshot:
        if self.gone:
            raise AudioError("The sound server is gone.")
        with self._lock:
            ours = tuple(
                Recorder(index, source, "1 us", "us", recording.tag)
                for index, (recording, source) in self._attached.items()
                if not self.hidden
            )
            return dataclasses.replace(self._snapshot, recorders=self._snapshot.recorders + ours)

    def source_of(self, recorder: int) -> int | None:
        if self.gone:
            raise AudioError("The sound server is gone.")
        self.sleep(self.answer_s)
        with self._lock:
            return self._attached[recorder][1] if recorder in self._attached else None

    def close(self) -> None:
        pass


class Connection:
    """One of several connections to a scripted server."""

    name = "scripted"
    notices_calls = True

    def __init__(self, server: ScriptedServer) -> None:
        self.noticed: list[Change] = []
        self._server = server

    def wait(self, timeout_s: float) -> list[Change]:
        with self._server._lock:
            self._server._lock.wait_for(lambda: self.noticed or self._server.gone, timeout_s)
        if self._server.gone:
            raise AudioError("The sound server is gone.")
        return self.changes()

    def changes(self) -> list[Change]:
        with self._server._lock:
            changed, self.noticed[:] = list(self.noticed), []
        return changed

    def snapshot(self) -> Snapshot:
        return self._server.snapshot()

    def source_of(self, recorder: int) -> int | None:
        return self._server.source_of(recorder)

    def close(self) -> None:
        pass
