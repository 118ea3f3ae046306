"""All that lies in a data folder, decrypted: for tests that look for what must not be there."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from voice_triage.card_data.numerals import DIGITS, TEENS, TENS
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore

_NUMBER_WORDS = re.compile(rf"\b(?:{'|'.join((*DIGITS, *TEENS, *TENS, 'double', 'triple', 'oh'))})\b")


def plain_bytes(data_dir: Path) -> bytes:
    """Every file's raw bytes, and every sealed record and database cell unsealed, joined."""
    found = [path.read_bytes() for path in sorted(data_dir.rglob("*")) if path.is_file()]
    with SqlCallStore(data_dir / FILE_NAME) as store:
        for call in [summary.call for summary in store.calls(None)]:
            for file in store.folders.files(call):
                with store.folders.open(call, file) as reader:
                    found += list(reader)
            found += [repr(logged.event).encode() for logged in store.events(call)]
        found += [text.encode() for text in store.transcripts().values()]
        database = sqlite3.connect(data_dir / FILE_NAME)
        try:
            for call, sequence, payload in database.execute("SELECT call, sequence, payload FROM events"):
                found.append(store.folders.unseal(call, payload, str(sequence)))
        finally:
            database.close()
    return b"\n".join(found)


def number_words(data: bytes) -> list[str]:
    """Spoken numbers in what was kept as text. Sound has none: by chance three letters stand in it, never so many."""
    text = data.decode("utf-8", "replace").lower()
    return [word for word in _NUMBER_WORDS.findall(text) if len(word) > 3 or f'"text":"{word}"' in text]
