"""The supervisor's pages with many kept calls: how soon they can be used, and how close the light is to the sound."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.console import CHROMIUM
from voice_triage.accounts.roles import Person, Role
from voice_triage.accounts.sessions import Sessions, Standing
from voice_triage.audio.sound_chunk import CHUNK_S, SoundChunk, encode, peaks_of
from voice_triage.call_log import CallLog
from voice_triage.console.app import ConsoleServer
from voice_triage.console.entrance import Entrance
from voice_triage.console.feed import Feed
from voice_triage.desk_cards import DeskCards
from voice_triage.events import (
    CallEnded,
    CallStarted,
    DismissalReason,
    Event,
    FinalTranscript,
    FlagAcknowledged,
    FlagEnd,
    FlagEnded,
    FlagRaised,
    FlagState,
    Logged,
    MentionsRead,
    Side,
    Urgency,
    Word,
)
from voice_triage.reviews import Reviews
from voice_triage.store.recording_files import SideRecording
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore

RATE_HZ = 8000
FIRST = datetime(2026, 1, 5, 8, tzinfo=UTC)
LONG_CALLS = 5
"""More than the logs that are held at hand: every opening reads one from the store."""
SLOW_S, WORD_S = 0.8, 0.3
"""From word to word: in the first minute, in which they are listened to, and after it."""
LISTEN_S = 60.0
HOUR_S = 3600.0
AT_ONCE = 100
"""Calls that are kept in one go."""
CATEGORIES = ("urinary", "breathing", "toxin", "pain")
SUPERVISOR = Standing(Person("supervisor", "Supervisor", Role.SUPERVISOR), "here")
USABLE = """
window.usable = null;
const look = () => document.documentElement?.dataset.ready === "yes"
  ? requestAnimationFrame(() => setTimeout(() => { window.usable = performance.now(); }))
  : requestAnimationFrame(look);
requestAnimationFrame(look);
const Original = Audio;
window.tracks = [];
window.Audio = function (address) { const track = new Original(address); window.tracks.push(track); return track; };
"""
LIT = """
async (seconds) => {
  const context = new AudioContext();
  await context.resume();
  const meter = context.createAnalyser();
  meter.fftSize = 256;
  context.createMediaElementSource(window.tracks[0]).connect(meter);
  meter.connect(context.destination);
  const samples = new Float32Array(meter.fftSize);
  const heard = [], lit = [];
  let [loud, light] = [false, false];
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until) {
    await new Promise((done) => setTimeout(done, 2));
    const now = performance.now();
    meter.getFloatTimeDomainData(samples);
    const sounds = samples.some((value) => Math.abs(value) > 0.05);
    const lights = document.querySelector(".w.now") !== null;
    if (sounds !== loud) heard.push([now, loud = sounds]);
    if (lights !== light) lit.push([now, light = lights]);
  }
  return { heard, lit };
}
"""


@dataclass(frozen=True, slots=True)
class ReviewFigures:
    """What was found; milliseconds from asking for a page until it is ready and painted."""

    calls: int
    keeping_s: float
    usable_ms: Mapping[str, Sequence[float]]
    light_ms: Sequence[float]
    """From a tone's beginning in the page's own sound to the light of its word; before it: negative."""
    words: int
    """Of a call of an hour."""
    browser: str


def measure(calls: int, openings: int, listen_s: float) -> ReviewFigures:
    """Keep so many calls and five of an hour, open the pages so many times, listen to one call.

    Raises RuntimeError without Chromium, VoiceTriageError if a call cannot be kept.
    """
    from playwright.sync_api import sync_playwright

    executable = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if executable is None:
        raise RuntimeError("no Chromium is installed; install the package chromium")
    with tempfile.TemporaryDirectory() as folder, SqlCallStore(Path(folder) / FILE_NAME) as store:
        began = time.monotonic()
        keep_calls(store, calls)
        keeping_s = time.monotonic() - began
        words = keep_long_calls(store)
        cards = DeskCards(store, CallLog.resumed)
        sessions = Sessions(standing=lambda _account: SUPERVISOR)
        entrance = Entrance(sessions, None, lambda _person, _call, _at_desk: True)
        with Reviews(store, cards) as reviews:
            server = ConsoleServer(Feed(), open_sound=reviews.sound, cards=cards, entrance=entrance, reviews=reviews)
            with server, sync_playwright() as play:
                options = ["--no-first-run", "--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
                browser = play.chromium.launch(executable_path=executable, args=options)
                cookie = {
                    "name": f"voice_triage_person_{server.port}",
                    "value": sessions.begin(SUPERVISOR, at_desk=True),
                    "url": f"http://127.0.0.1:{server.port}",
                }
                usable = {
                    name: list(_openings(browser, cookie, paths, openings, fresh=fresh))
                    for name, paths, fresh in _visits(openings)
                }
                light = _light_ms(browser, cookie, listen_s)
                version = browser.version
                browser.close()
    return ReviewFigures(calls, keeping_s, usable, light, words, version)


def keep_calls(store: SqlCallStore, count: int) -> None:
    """Calls of a minute: every other one flagged, a third of those dismissed, of five CSRs."""
    chance = random.Random(1)
    vocabulary = [
        "".join(chance.choice("bcdfghklmnprst") + chance.choice("aeiou") for _ in range(3)) for _ in range(5000)
    ]
    batch: list[Logged] = []
    for number in range(count):
        spoken = [chance.choice(vocabulary) for _ in range(8 * 12)]
        events: list[Event] = [_started(f"call-{number:05}", number, csr=f"csr{number % 5}")]
        events += _said(spoken, 0.0, WORD_S, 12)
        if number % 2 == 0:
            category = CATEGORIES[number // 2 % len(CATEGORIES)]
            events.append(_flag(category, spoken[:2], 0, 40.0))
            if number % 6 == 0:
                events.append(FlagAcknowledged(41.0, category))
                events.append(FlagEnded(42.0, category, FlagEnd.DISMISSED, 0, DismissalReason.NOT_SO))
        events.append(CallEnded(60.0, 60.0, "hang-up"))
        batch += [Logged(f"call-{number:05}", place, event) for place, event in enumerate(events, start=1)]
        if number % AT_ONCE == AT_ONCE - 1:
            store.append(batch)
            batch = []
    store.append(batch)


def keep_long_calls(store: SqlCallStore) -> int:
    """Five calls of an hour, with a tone for each word of the first; returns the words of one."""
    slow = [f"word{number % 7}" for number in range(round(LISTEN_S / SLOW_S))]
    quick = [f"word{number % 7}" for number in range(round((HOUR_S - LISTEN_S) / WORD_S))]
    said = [*_said(slow, 0.4, SLOW_S, 10), *_said(quick, LISTEN_S, WORD_S, 10, len(slow))]
    utterances = [event for event in said if isinstance(event, FinalTranscript)]
    for number in range(LONG_CALLS):
        call = f"hour-{number}"
        flags = [
            _flag(CATEGORIES[place], ["word0", "word1"], each.utterance, each.at_s)
            for place, each in enumerate(utterances[100:500:100])
        ]
        heard = sorted([*said, *flags], key=lambda event: event.at_s)
        events = [_started(call, -60 * (number + 1)), *heard, CallEnded(HOUR_S, HOUR_S, "hang-up")]
        store.append([Logged(call, place, event) for place, event in enumerate(events, start=1)])
    words = [word for each in utterances for word in each.words]
    _record(store, "hour-0", words)
    return len(words)


def _started(call: str, minutes: int, csr: str = "") -> CallStarted:
    return CallStarted(call, 0.0, (FIRST + timedelta(minutes=minutes)).isoformat(), "headset", RATE_HZ, csr=csr)


def _said(spoken: Sequence[str], from_s: float, apart_s: float, together: int, before: int = 0) -> Iterator[Event]:
    for first in range(0, len(spoken), together):
        start_s = from_s + first * apart_s
        words = tuple(
            Word(word, round(start_s + n * apart_s, 3), round(start_s + (n + 0.5) * apart_s, 3), 0.9)
            for n, word in enumerate(spoken[first : first + together])
        )
        number, text = (before + first) // together, " ".join(word.text for word in words)
        yield FinalTranscript(words[-1].end_s, Side.CLIENT, number, words, text, words[0].start_s, words[-1].end_s)
        yield MentionsRead(words[-1].end_s, number, ())


def _flag(category: str, words: Sequence[str], utterance: int, at_s: float) -> FlagRaised:
    raised = (Urgency.RED, FlagState.RAISED, " ".join(words), ("benchmark",), utterance, at_s - 0.6, at_s)
    return FlagRaised(at_s, category, *raised, "The client says so.")


def _record(store: SqlCallStore, call: str, words: Sequence[Word]) -> None:
    at_s = np.arange(round(HOUR_S * RATE_HZ)) / RATE_HZ
    loud = np.zeros(len(at_s), dtype=bool)
    for word in words:
        loud[round(word.start_s * RATE_HZ) : round(word.end_s * RATE_HZ)] = True
    sound = (np.sin(at_s * 2 * np.pi * 600) * 8000 * loud).astype(np.int16)
    size = round(CHUNK_S * RATE_HZ)
    recording = SideRecording(store.folders, call, Side.CLIENT, 0)
    for index in range(len(sound) // size):
        chunk = SoundChunk(index, RATE_HZ, sound[index * size : (index + 1) * size])
        recording.write(encode(chunk), peaks_of(chunk))
    recording.finish()


def _visits(openings: int) -> list[tuple[str, list[str], bool]]:
    hours = [f"/review/calls/hour-{number % LONG_CALLS}" for number in range(openings)]
    return [
        ("queue, in a fresh window", ["/review"], True),
        ("queue, again", ["/review"], False),
        ("queue, all calls of one flag", ["/review?which=all&category=toxin"], False),
        ("queue, by words", ["/review?which=all&words=ba"], False),
        ("replay of an hour, in a fresh window", hours, True),
        ("replay of an hour, the next call", hours, False),
    ]


def _openings(browser: Any, cookie: Any, paths: Sequence[str], openings: int, *, fresh: bool) -> Iterator[float]:
    """In one window, after a first opening that does not count; or in a fresh one without a cache each."""
    tab = None if fresh else _tab(browser, cookie)
    if tab is not None:
        _opened_ms(tab, cookie, paths[-1])
    for number in range(openings):
        own = tab or _tab(browser, cookie)
        yield _opened_ms(own, cookie, paths[number % len(paths)])
        if tab is None:
            own.context.close()
    if tab is not None:
        tab.context.close()


def _tab(browser: Any, cookie: Any) -> Any:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([cookie])
    context.set_default_timeout(60_000)
    tab = context.new_page()
    tab.add_init_script(USABLE)
    return tab


def _opened_ms(tab: Any, cookie: Any, path: str) -> float:
    tab.goto("about:blank")
    tab.goto(cookie["url"] + path)
    tab.wait_for_function("() => typeof window.usable === 'number'")
    return float(tab.evaluate("() => window.usable"))


def _light_ms(browser: Any, cookie: Any, listen_s: float) -> list[float]:
    """Of each tone's beginning: how much later the nearest light came. Tones are 0.8 s apart: none is another's."""
    tab = _tab(browser, cookie)
    _opened_ms(tab, cookie, "/review/calls/hour-0")
    tab.wait_for_timeout(1000)
    tab.keyboard.press("p")
    found = tab.evaluate(LIT, min(listen_s, LISTEN_S - 5))
    tab.context.close()
    lit = [at_ms for at_ms, on in found["lit"] if on]
    heard = [at_ms for at_ms, loud in found["heard"] if loud]
    if not heard or not lit:
        raise RuntimeError("nothing was heard: Chromium played no sound")
    return [min((each - at_ms for each in lit), key=abs) for at_ms in heard[:-1]]
