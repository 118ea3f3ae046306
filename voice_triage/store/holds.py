"""A legal hold on a call: nothing of it may be deleted, by nobody and by no rule, until the hold is lifted.

Each placing and lifting is a sealed file ``hold-N`` in the call's folder, with a key of its own; the newest counts.
They go with backups, outlive the database, and stand in the audit trail besides.
"""

from __future__ import annotations

import dataclasses
import json

from voice_triage.errors import DamagedError
from voice_triage.kept_kinds import Hold
from voice_triage.store.call_folders import CallFolders

KIND = "hold"


def write_hold(folders: CallFolders, call: str, hold: Hold) -> None:
    """Place or lift a hold; on the disk on return. The call must be occupied by this process. Raises OSError."""
    with folders.begin(call, KIND) as writer:
        content = json.dumps(dataclasses.asdict(hold), separators=(",", ":"))
        writer.append(content.encode("utf-8", "surrogatepass"), last=True, durable=True)


def hold_in(folders: CallFolders, name: str) -> Hold | None:
    """The hold that is in force, by the folder's name; None if there is none.

    Raises DamagedError, StoreError: what cannot be read may be a hold, so nothing of the call may be deleted then.
    """
    for file in reversed(folders.files_in(name, KIND)):
        with folders.open_in(name, file) as reader:
            if not len(reader):
                continue  # a crash as it was begun: nobody was told that it is in force
            try:
                hold = Hold(**json.loads(reader.record(0)))
            except (ValueError, TypeError) as error:
                raise DamagedError(
                    f"The legal hold of {name} cannot be read: a newer version of voice-triage wrote it. Install that."
                ) from error
        return hold if hold.held else None
    return None
