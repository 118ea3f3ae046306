"""Proof that many kept calls stay quick to list, search and hear: 10,000 calls, and one of an hour."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from proof.proof import Proof
from voice_triage.audio.sound_chunk import CHUNK_S, SoundChunk, encode, peaks_of
from voice_triage.events import CallEnded, CallStarted, FinalTranscript, Logged, Side, Word
from voice_triage.playback import KeptSound
from voice_triage.store.recording_files import SideRecording
from voice_triage.store.search import CallSearch
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore

CALLS = 10_000
HOUR_S = 3600.0
ROUNDS = 100
UTTERANCES = 20
WORDS_EACH = 15
RATE = 16_000
BAR_LIST_MS, BAR_SEEK_MS = 200.0, 150.0
INTRODUCTION = """# Many calls, and long ones: the proof

Made-up calls of 20 utterances with 15 words each are kept, and a call's sound is recorded at 16 kHz. Listing shows the
newest 100; searching looks for two words in the index, which is built once when the first search is made. Seeking opens
the recording anew and decodes a second of sound from a random place.
"""


def prove(share: float, seed: int) -> Proof:
    """``share`` of the calls and of the hour. The promise is that what is found and heard is right; times are told."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        with SqlCallStore(Path(folder) / FILE_NAME) as store:
            count = max(10, round(CALLS * share))
            said = keep_calls(store, count, chance)
            listing = times_ms(lambda _: len(store.calls()) == min(100, count), ROUNDS)
            begin = time.perf_counter()
            search = CallSearch(store.transcripts())
            build_ms = (time.perf_counter() - begin) * 1000
            wanted = [chance.choice(list(said)) for _ in range(ROUNDS)]
            searching = times_ms(lambda n: wanted[n] in search.find(said[wanted[n]]), ROUNDS)
            search.close()
            seconds = max(10.0, HOUR_S * share)
            sound = record(store, seconds, seed)
            places = [chance.randrange(max(len(sound) - RATE, 1)) for _ in range(ROUNDS)]

            def seek(number: int) -> bool:
                first = places[number]
                with KeptSound(store.folders, "long", Side.CLIENT) as kept:
                    return np.array_equal(kept.samples(first, RATE), sound[first : first + RATE])

            seeking = times_ms(seek, ROUNDS)
        begin = time.perf_counter()
        for file in Path(folder).glob(f"{FILE_NAME}*"):
            file.unlink()
        with SqlCallStore(Path(folder) / FILE_NAME) as store:
            rebuilt = len(store.calls(limit=CALLS * 2)) == count
        rebuild_s = time.perf_counter() - begin
    right = all(ok for part in (listing, searching, seeking) for _, ok in part) and rebuilt
    rows = [
        (f"list the newest of {count:,} calls", _both(listing, BAR_LIST_MS)),
        (f"search {count:,} calls", _both(searching, BAR_LIST_MS)),
        ("build the search index, once", f"{build_ms:,.0f} ms"),
        (f"seek in a call of {seconds / 60:.0f} minutes", _both(seeking, BAR_SEEK_MS)),
        ("make a lost database anew from the logs", f"{rebuild_s:.1f} s"),
        ("everything listed, found, heard and made anew is right", "yes" if right else "NO"),
    ]
    table = "\n".join(f"| {name} | {value} |" for name, value in rows)
    return Proof(f"{INTRODUCTION}\n| | |\n|---|---|\n{table}\n", right)


def keep_calls(store: SqlCallStore, count: int, chance: random.Random) -> dict[str, str]:
    """Keep that many calls; returns each with two words that were said in it."""
    vocabulary = [
        "".join(chance.choice("bcdfghklmnprst") + chance.choice("aeiou") for _ in range(3)) for _ in range(5000)
    ]
    first = datetime(2026, 1, 1, 8, tzinfo=UTC)
    said = {}
    for number in range(count):
        call = f"call-{number:05}"
        log = [
            Logged(call, 1, CallStarted(call, 0.0, (first + timedelta(minutes=number)).isoformat(), "headset", RATE))
        ]
        for index in range(UTTERANCES):
            spoken = [chance.choice(vocabulary) for _ in range(WORDS_EACH)]
            words = tuple(
                Word(word, 5.0 * index + i * 0.3, 5.0 * index + i * 0.3 + 0.2) for i, word in enumerate(spoken)
            )
            start_s = 5.0 * index
            event = FinalTranscript(start_s + 5, Side.CLIENT, index, words, " ".join(spoken), start_s, start_s + 4.5)
            log.append(Logged(call, index + 2, event))
        log.append(Logged(call, UTTERANCES + 2, CallEnded(100.0, 100.0, "hang-up")))
        store.append(log)
        last = log[-2].event
        assert isinstance(last, FinalTranscript)
        said[call] = f"{last.words[0].text} {last.words[-1].text}"
    return said


def record(store: SqlCallStore, seconds: float, seed: int) -> np.ndarray:
    """A recording of that length, and its sound."""
    generator = np.random.default_rng(seed)
    chunks = round(seconds / CHUNK_S)
    size = round(CHUNK_S * RATE)
    sound = np.cumsum(generator.integers(-40, 41, chunks * size)).astype(np.int16)
    recording = SideRecording(store.folders, "long", Side.CLIENT, 0)
    for index in range(chunks):
        chunk = SoundChunk(index, RATE, sound[index * size : (index + 1) * size])
        recording.write(encode(chunk), peaks_of(chunk))
    recording.finish()
    return sound


def times_ms(work: Callable[[int], bool], rounds: int) -> list[tuple[float, bool]]:
    """How long each round took, and whether it was right."""
    found = []
    for number in range(rounds):
        begin = time.perf_counter()
        right = work(number)
        found.append(((time.perf_counter() - begin) * 1000, right))
    return found


def _both(found: Sequence[tuple[float, bool]], bar_ms: float) -> str:
    times = sorted(time_ms for time_ms, _ in found)
    return f"median {times[len(times) // 2]:.1f} ms, p95 {times[int(len(times) * 0.95)]:.1f} ms (bar: {bar_ms:.0f} ms)"
