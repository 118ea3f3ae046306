"""A call whose every second can be told from every other, and a search for it in every byte of a data folder."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import numpy as np
from sqlalchemy import select

from voice_triage.audio.consented_sound import HELD_S
from voice_triage.audio.recording import RecordingFile
from voice_triage.audio.sound_chunk import CHUNK_S, SoundChunk, decode, encode, peaks_of
from voice_triage.call_log import CallLog
from voice_triage.clinic_consent import ClinicConsent, ConsentOfCall
from voice_triage.desk_cards import DeskCards
from voice_triage.errors import StoreError
from voice_triage.events import (
    CallEnded,
    CallStarted,
    ConsentAction,
    DeskAction,
    FieldSuggested,
    FinalTranscript,
    FlagRaised,
    FlagState,
    LaneShown,
    Logged,
    Mention,
    MentionsRead,
    Side,
    Status,
    Urgency,
    Word,
)
from voice_triage.keeping import Keeping
from voice_triage.store import tables
from voice_triage.store.call_folders import CallFolders
from voice_triage.store.recording_files import SideRecording
from voice_triage.store.refused_count import FILE_NAME as COUNT_NAME
from voice_triage.store.refused_count import RefusedCount
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore

CALL = "20261124-083000-ab12"
SOURCE = "headset-of-this-desk"
RATE = 8000
TURN_S = 3.0
"""Each turn: half a second of nothing, words and sound for two, half a second of nothing."""
CATEGORIES = ("bleeding", "breathing", "toxin", "neuro", "urinary", "pain")
FIELDS = ("pet_name", "species", "breed", "age", "client_name")


def words_of(turn: int) -> tuple[str, str, str]:
    """What is said in that turn, and in no other."""
    return (f"zulu{turn:03}a", f"zulu{turn:03}b", f"zulu{turn:03}c")


def level_of(turn: int) -> int:
    """Every sample of that turn, and of no other."""
    return 1000 + turn


@dataclass
class ConsentCall:
    """One call over a real store, driven by hand."""

    folder: Path
    clinic: ClinicConsent
    now_s: float = 0.0
    turn: int = 0
    held_s: float = HELD_S
    counted: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = SqlCallStore(self.folder / FILE_NAME)
        self.refused = RefusedCount(self.folder)
        self.keeping = Keeping(
            self.store,
            CALL,
            files=lambda side, first: SideRecording(self.store.folders, CALL, side, first),
            held_s=self.held_s,
            count_refused=self._count,
        )
        self.cards = DeskCards(self.store, CallLog.resumed, consent=self.clinic)
        self.log = CallLog(
            CALL,
            store=self.keeping,
            listeners=(self.cards.follow,),
            consent=ConsentOfCall(self.clinic).follow,
            now=lambda: self.now_s,
        )
        self.cards.hold(self.log)
        self.log.append(CallStarted(CALL, 0.0, _now(), SOURCE, RATE))
        self.sound: RecordingFile = self.keeping.begin(Side.CLIENT, 0)

    def say(self) -> int:
        """The next turn of three seconds; its number."""
        turn, start_s = self.turn, self.now_s + 0.5
        said = tuple(
            Word(text, start_s + number * 0.6, start_s + number * 0.6 + 0.5)
            for number, text in enumerate(words_of(turn))
        )
        text = " ".join(words_of(turn))
        end_s, middle = said[-1].end_s, words_of(turn)[1]
        category, name = CATEGORIES[turn % len(CATEGORIES)], FIELDS[turn % len(FIELDS)]
        for number in range(round(TURN_S / CHUNK_S)):
            index = round(self.now_s / CHUNK_S) + number
            silent = number in (0, round(TURN_S / CHUNK_S) - 1)
            samples = np.full(round(CHUNK_S * RATE), 0 if silent else level_of(turn), dtype=np.int16)
            chunk = SoundChunk(index, RATE, samples, ())
            self.sound.write(encode(chunk), peaks_of(chunk))
        self.now_s += TURN_S
        at_s = self.now_s
        self.log.append(FinalTranscript(at_s, Side.CLIENT, turn, said, text, start_s, end_s))
        reason = f"The client said “{middle}”."
        self.log.extend(
            (
                MentionsRead(
                    at_s, turn, (Mention("vomiting", middle, turn, 1, 1, start_s, end_s, Status.NEGATED, middle),)
                ),
                FlagRaised(
                    at_s,
                    category,
                    Urgency.RED,
                    FlagState.RAISED,
                    middle,
                    (f"{middle}-concept",),
                    turn,
                    start_s,
                    end_s,
                    reason,
                ),
                FieldSuggested(
                    at_s,
                    name,
                    words_of(turn)[2],
                    words_of(turn)[2],
                    turn,
                    start_s,
                    end_s,
                    0.9,
                    contradicts=words_of(max(turn - len(FIELDS), 0))[2],
                ),
                LaneShown(at_s, "bring_records", words_of(turn)[0], utterance=turn),
            )
        )
        self.turn += 1
        return turn

    def act(self, action: DeskAction | ConsentAction) -> None:
        """The CSR does it. Raises DeskError."""
        self.cards.act(CALL, action)

    def end(self) -> None:
        """The client hangs up."""
        self.sound.finish()
        self.log.append(CallEnded(self.now_s, self.now_s, "hang-up"))
        self.log.close()

    def close(self) -> None:
        """The program ends."""
        self.cards.close()
        self.store.close()

    def _count(self, change: int) -> None:
        self.counted.append(change)
        self.refused.add(_today(), change)


def _now() -> str:

    return datetime.now().astimezone().isoformat("T", "seconds")


def _today() -> date:

    return datetime.now().astimezone().date()


class Search:
    """Everything that a data folder holds: each file's bytes, and what they say to whoever has the key."""

    def __init__(self, folder: Path) -> None:
        self.files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in _files(folder)}
        self.opened: list[bytes] = []
        self.samples: set[int] = set()
        self._open(folder)

    def holds(self, text: str) -> bool:
        """Whether it stands anywhere, encrypted or not."""
        wanted = text.encode()
        names = any(text in name for name in self.files)
        return names or any(wanted in data for data in (*self.files.values(), *self.opened))

    def sounds(self, turn: int) -> bool:
        """Whether any sample of that turn's sound is kept."""
        return level_of(turn) in self.samples

    def turns(self, upto: int) -> tuple[set[int], set[int]]:
        """Turns of which any word is kept, and of which any sample is."""
        worded = {turn for turn in range(upto) if any(self.holds(word) for word in words_of(turn))}
        return worded, {turn for turn in range(upto) if self.sounds(turn)}

    @property
    def of_the_call(self) -> bool:
        """Whether there is a trace that this call was: its name, its source, a folder, a file of a call."""
        folder = any(name.startswith("calls/") for name in self.files)
        return folder or self.holds(CALL) or self.holds(SOURCE)

    def _open(self, folder: Path) -> None:
        if not (folder / "master.json").exists():
            return
        folders = CallFolders(folder)
        for name in folders.names():
            for kept in folders.files_in(name):
                with folders.open_in(name, kept) as reader:
                    records = list(reader)
                self.opened += records
                if kept.kind in ("client", "own"):
                    self._listen(records)
        if (folder / FILE_NAME).exists():
            self._open_rows(folder, folders)
        folders.close()

    def _listen(self, records: Sequence[bytes]) -> None:
        for number, record in enumerate(records):
            if number and record:
                self.samples.update(int(each) for each in np.unique(decode(number, record).samples))

    def _open_rows(self, folder: Path, folders: CallFolders) -> None:
        with SqlCallStore(folder / FILE_NAME) as store, store._reading.begin() as connection:
            for row in connection.execute(select(tables.events)):
                self.opened.append(folders.unseal(row.call, row.payload, str(row.sequence)))
            for row in connection.execute(select(tables.calls)):
                self.opened.append(json.dumps([str(each) for each in row]).encode())
                if row.transcript is not None:
                    self.opened.append(folders.unseal(row.call, row.transcript, "transcript"))


def _files(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def kept_events(folder: Path, call: str = CALL) -> Sequence[Logged]:
    """The call's log as whoever opens the folder reads it; none if it is not there."""
    with SqlCallStore(folder / FILE_NAME) as store:
        try:
            return store.events(call)
        except StoreError:
            return ()


def refused_calls(folder: Path) -> int:
    """How many are counted."""
    return sum(RefusedCount(folder).by_day().values()) if (folder / COUNT_NAME).exists() else 0
