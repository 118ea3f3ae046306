"""A call written anew under new keys, without what has to go, so that the old keys can be destroyed: all or nothing.

While it is written, and until the old is gone, a mark in the call's folder says what counts; its renaming is the one
moment at which the new takes the place of the old::

    calls/<call>.rewriting       an empty file: this call is to be looked at, should nobody come to the end
    .writing-4                   generations from 4 on do not count yet: after a crash they are destroyed
    .writing-4 -> .kept-4        the moment: from here on those below 4 do not count any more
    .kept-4                      those below 4 are to be destroyed: after a crash that is gone on with
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

from voice_triage.events import Logged
from voice_triage.store.call_folders import KEPT, WRITING, CallFolders, mark_of, sync_folder
from voice_triage.store.log_file import KIND as LOG
from voice_triage.store.log_file import write_log
from voice_triage.store.sealed_file import SealedReader, SealedWriter

HINT = ".rewriting"


def write_anew(folders: CallFolders, name: str, log: Sequence[Logged], without: Collection[str]) -> None:
    """Put ``log``, and the call's other files but those of the kinds ``without``, in the place of what is kept.

    The call must be occupied by this process and the log whole. On return the new counts; what is old is still there,
    for :func:`destroy_old`. Raises OSError, StoreError, after which the old counts as before.
    """
    folder = folders.folder / name
    first = 1 + max(folders.generations_in(name), default=0)
    copied = [file for file in folders.files_in(name) if file.kind != LOG and file.kind not in without]
    _hint(folders, name).touch(mode=0o600)
    sync_folder(folders.folder)
    mark = folder / f".{WRITING}-{first}"
    mark.touch(mode=0o600)
    sync_folder(folder)
    try:
        write_log(folders.write_anew(name, LOG, first), log)
        places = {old: first + place for place, old in enumerate(sorted({file.generation for file in copied}))}
        for file in copied:
            with folders.open_in(name, file) as reader:
                _copy(reader, folders.write_anew(name, file.kind, places[file.generation]))
        sync_folder(folder)
    except BaseException:
        finish(folders, name)
        raise
    mark.replace(folder / f".{KEPT}-{first}")
    sync_folder(folder)


def destroy_old(folders: CallFolders, name: str) -> None:
    """Destroy what :func:`write_anew` replaced. Raises OSError; then :func:`finish` goes on with it later."""
    mark = _mark(folders.folder / name)
    if mark is None or mark[0] != KEPT:
        return
    folders.destroy(name, [generation for generation in folders.generations_in(name) if generation < mark[1]])
    _forget(folders, name, mark)


def finish(folders: CallFolders, name: str) -> bool:
    """After a crash: destroy what was not finished; whether the new counts, and the old is still to be destroyed."""
    mark = _mark(folders.folder / name)
    if mark is None:
        _hint(folders, name).unlink(missing_ok=True)
        return False
    if mark[0] == KEPT:
        return True
    folders.destroy(name, [generation for generation in folders.generations_in(name) if generation >= mark[1]])
    _forget(folders, name, mark)
    return False


def unfinished(folders: CallFolders) -> list[str]:
    """Names of the folders that somebody has begun to write anew."""
    return sorted(path.name.removesuffix(HINT) for path in folders.folder.glob(f"*{HINT}"))


def _forget(folders: CallFolders, name: str, mark: tuple[str, int]) -> None:
    folder = folders.folder / name
    (folder / f".{mark[0]}-{mark[1]}").unlink(missing_ok=True)
    sync_folder(folder)
    _hint(folders, name).unlink(missing_ok=True)


def _mark(folder: Path) -> tuple[str, int] | None:
    with suppress(FileNotFoundError):
        return next((mark for path in folder.iterdir() if (mark := mark_of(path.name)) is not None), None)
    return None


def _hint(folders: CallFolders, name: str) -> Path:
    return folders.folder / f"{name}{HINT}"


def _copy(reader: SealedReader, writer: SealedWriter) -> None:
    """Record by record; what was cut short stays so."""
    with writer:
        for index in range(len(reader)):
            last = reader.complete and index == len(reader) - 1
            writer.append(reader.record(index), last=last, durable=last)
        if not reader.complete:
            writer.flush()
