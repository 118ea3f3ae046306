"""A kept call as plain files, for whoever has a right to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from voice_triage.errors import StoreError
from voice_triage.events import Side, to_json
from voice_triage.hand_off import HandOff, hand_off_of, hand_off_text
from voice_triage.hand_off_data import hand_off_json
from voice_triage.hand_off_fhir import hand_off_bundle
from voice_triage.playback import KeptSound
from voice_triage.report import call_report
from voice_triage.store.sql_calls import SqlCallStore


def export_call(store: SqlCallStore, call: str, folder: Path) -> Iterator[str]:
    """Write the files into a new folder, for this user alone; gives a line for each. Raises StoreError."""
    log = store.events(call)
    try:
        folder.mkdir(mode=0o700, parents=True)
        report = folder / "report.json"
        report.write_text(json.dumps(call_report(logged.event for logged in log), indent=1), encoding="utf-8")
        yield str(report)
        events = folder / "events.jsonl"
        lines = [json.dumps({"sequence": logged.sequence, **to_json(logged.event)}) for logged in log]
        events.write_text("\n".join(lines) + "\n", encoding="utf-8")
        yield str(events)
        yield from _export_hand_off(hand_off_of(log), folder)
        for side in Side:
            if store.folders.files(call, side.value):
                yield _export_sound(store, call, side, folder / f"{side.value}.wav")
    except FileExistsError as error:
        raise StoreError(f"{folder} is there already. Give the name of a new folder.") from error
    except OSError as error:
        raise StoreError(
            f"The call could not be written to {folder} ({error.strerror}). Check that it has room and may be written."
        ) from error


def _export_hand_off(hand_off: HandOff, folder: Path) -> Iterator[str]:
    for name, text in (
        ("hand-off.txt", hand_off_text(hand_off)),
        ("hand-off.json", json.dumps(hand_off_json(hand_off), indent=1)),
        ("hand-off.fhir.json", json.dumps(hand_off_bundle(hand_off), indent=1)),
    ):
        (folder / name).write_text(text, encoding="utf-8")
        yield str(folder / name)


def _export_sound(store: SqlCallStore, call: str, side: Side, path: Path) -> str:
    with KeptSound(store.folders, call, side) as sound, path.open("wb") as file:
        for piece in sound.wav(0, sound.wav_bytes):
            file.write(piece)
        missing = sum(each.duration_s for each in sound.missing())
    return f"{path} ({missing:.1f} s missing)" if missing else str(path)
