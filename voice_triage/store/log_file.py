"""A call's log as a file of its own: every kept event, durable at once, readable without the database."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from voice_triage.errors import DamagedError
from voice_triage.events import CallEnded, Logged, from_json, to_json
from voice_triage.store.call_folders import CallFolders
from voice_triage.store.sealed_file import SealedWriter

KIND = "log"
EVENTS_A_RECORD = 500
"""Of a log that is written as a whole: far below a record's bound."""


class LogFile:
    """Writes the log of one call, one record per append. Used by one thread."""

    def __init__(self, folders: CallFolders, call: str) -> None:
        self._folders = folders
        self._call = call
        self._writer: SealedWriter | None = None
        self._kept = 0
        """Sequence of the last event that is known to be on the disk."""

    def keep(self, events: Sequence[Logged], *, last: bool = False) -> None:
        """Bring events to the disk; ``last``, or CallEnded among them, ends the file. Raises OSError, StoreError.

        Those that are there already, from an append whose later steps failed, are not written twice.
        """
        new = [logged for logged in events if logged.sequence > self._kept]
        if not new:
            return
        last = last or any(isinstance(logged.event, CallEnded) for logged in new)
        writer, self._writer = self._writer, None
        if writer is None:
            writer = self._folders.begin(self._call, KIND)
        writer.append(_record(new), last=last, durable=True)
        self._kept = new[-1].sequence
        # After the end, and after a failure, a new file follows: no file is ever written on.
        self._writer = None if last else writer

    def close(self) -> None:
        """Close the file. Idempotent."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def write_log(writer: SealedWriter, log: Sequence[Logged]) -> None:
    """A whole log into one new file, which is on the disk and closed on return. Raises OSError."""
    with writer:
        for first in range(0, len(log), EVENTS_A_RECORD):
            last = first + EVENTS_A_RECORD >= len(log)
            writer.append(_record(log[first : first + EVENTS_A_RECORD]), last=last, durable=last)


def _record(events: Sequence[Logged]) -> bytes:
    told = [[logged.sequence, to_json(logged.event)] for logged in events]
    return json.dumps(told, allow_nan=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def read_log(folders: CallFolders, name: str) -> list[Logged]:
    """The log of the call in the folder of that name, whole up to where it was cut short.

    Raises StoreError, DamagedError (a byte was changed, an event is missing in the middle).
    """
    records: dict[int, dict[str, object]] = {}
    for file in folders.files_in(name, KIND):
        with folders.open_in(name, file) as reader:
            for record in reader:
                # An append that failed half-way is repeated in the next file: the same events come twice.
                records.update((int(sequence), event) for sequence, event in json.loads(record))
    return list(_placed(name, records))


def _placed(name: str, records: dict[int, dict[str, object]]) -> Iterator[Logged]:
    call = str(records.get(1, {}).get("call", name))
    for expected, sequence in enumerate(sorted(records), start=1):
        if sequence != expected:
            raise DamagedError(f"The log of call {call} lacks event {expected}. Bring it back from a backup.")
        try:
            yield Logged(call, sequence, from_json(records[sequence]))
        except ValueError as error:
            raise DamagedError(
                f"Event {sequence} of call {call} cannot be read: a newer version of voice-triage kept it, or it is "
                "damaged. Install the newest version and try again."
            ) from error
