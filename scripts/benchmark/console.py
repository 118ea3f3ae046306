"""The console's page while calls are heard in real time: how long until the CSR sees what was heard."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.page_watch import Published, delays_ms, percentile, shown_by, watch
from benchmark.spoken import long_call, transcripts
from voice_triage import bootstrap
from voice_triage.console.app import ConsoleServer
from voice_triage.console.feed import Feed
from voice_triage.desk_state import DeskState, RecognizerState, SourceState
from voice_triage.events import TENTATIVE, CallEnded, CallStarted, Event, Logged, from_json, to_json
from voice_triage.settings import Settings

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
WORDS_AT_ONCE = 10
LONG_S = 1800.0
"""The call that is already on the page: half an hour."""
WINDOWS = {"full view, 1280 x 800": (1280, 800), "compact, 420 x 900": (420, 900)}
READY = DeskState("headset", SourceState.WAITING, RecognizerState.READY, "", "")
CALL = "benchmark"


@dataclass(frozen=True, slots=True)
class ConsoleFigures:
    """What was found."""

    opened_ms: Sequence[float]
    """From opening the link to the page connected and painted, once for each fresh window."""
    delays_ms: Mapping[str, Mapping[str, Sequence[float]]]
    """By window, by kind of event: from publication to painted."""
    utterances_before: int
    """On the page before the first measured event."""
    heard_s: float
    twice: bool
    """Whether the careful ear was at work, too."""
    browser: str


def measure(
    files: Sequence[Path], scripts: Sequence[Sequence[str]], settings: Settings, openings: int
) -> ConsoleFigures:
    """Open the page so many times, then hear the files with the long call on it.

    Raises VoiceTriageError, RuntimeError if there is no Chromium, ValueError if something was never shown.
    """
    from playwright.sync_api import sync_playwright

    executable = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if executable is None:
        raise RuntimeError("no Chromium is installed; install the package chromium")
    feed = Feed()
    feed.set_desk(READY)
    with ConsoleServer(feed) as server, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=executable, args=["--no-first-run", "--no-sandbox"])
        opened = [_opening_ms(browser, server) for _ in range(openings)]
        tabs = {name: _tab(browser, server, size) for name, size in WINDOWS.items()}
        before = publish_long_call(feed, scripts)
        for tab in tabs.values():
            tab.wait_for_function("n => document.querySelectorAll('.utterance').length >= n", arg=before)
        published: list[Published] = []
        second = bootstrap.hearing_queue(settings, print)
        engine = bootstrap.load_engine(settings, second)
        hearing = threading.Thread(target=_hear, args=(files, settings, engine, feed, before, published), daemon=True)
        began = time.monotonic()
        hearing.start()
        while hearing.is_alive():
            next(iter(tabs.values())).wait_for_timeout(500)  # keeps the browser's messages going
        heard_s = time.monotonic() - began
        next(iter(tabs.values())).wait_for_timeout(1000)
        delays = {name: delays_ms(published, shown_by(tab)) for name, tab in tabs.items()}
        version = browser.version
        browser.close()
    twice = second is not None and second.on
    if second is not None:
        second.close()
    return ConsoleFigures(opened, delays, before, heard_s, twice, version)


def publish_long_call(feed: Feed, scripts: Sequence[Sequence[str]]) -> int:
    """Begin a call in the feed and give it half an hour of talk; returns how many utterances that are."""
    feed.publish(Logged(CALL, 1, CallStarted(CALL, 0.0, "2026-01-05T09:00:00+00:00", "headset", 16000)))
    turns = [piece for turn in long_call(scripts, 10_000) for piece in _pieces(turn.split())]
    finals = [each for each in transcripts(turns, partials=False) if each.at_s < LONG_S]
    for number, final in enumerate(finals):
        feed.publish(Logged(CALL, number + 2, final))
    return len(finals)


def _pieces(words: Sequence[str]) -> Iterator[str]:
    """A turn as the recognizer cuts it: utterances of some ten words."""
    for first in range(0, len(words), WORDS_AT_ONCE):
        yield " ".join(words[first : first + WORDS_AT_ONCE])


def later(event: Event, by_s: float, by_utterances: int) -> Event:
    """The same event so much further on in a call."""
    return from_json(_later(to_json(event), by_s, by_utterances))


def _later(value: Any, by_s: float, by_utterances: int) -> Any:
    if isinstance(value, Mapping):
        return {key: _moved(key, each, by_s, by_utterances) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_later(each, by_s, by_utterances) for each in value]
    return value


def _moved(key: str, value: Any, by_s: float, by_utterances: int) -> Any:
    if key == "utterance" and value >= 0:
        return value + by_utterances
    if key.endswith("_s") and isinstance(value, int | float) and key not in ("duration_s", "compute_s"):
        return value + by_s
    return _later(value, by_s, by_utterances)


def _hear(
    files: Sequence[Path],
    settings: Settings,
    engine: bootstrap.Engine,
    feed: Feed,
    before: int,
    published: list[Published],
) -> None:
    """Every file in real time, as parts of the one call that is on the page."""
    sequence, utterances = before + 1, before
    at_s = LONG_S
    for path in files:
        taken: list[Any] = [sequence, 0, 0.0]

        def take(logged: Logged, taken: list[Any] = taken, utterances: int = utterances, at_s: float = at_s) -> None:
            event = logged.event
            taken[1] = max(taken[1], getattr(event, "utterance", -1) + 1)
            taken[2] = max(taken[2], event.at_s)
            if isinstance(event, CallStarted | CallEnded):
                return
            moved = later(event, at_s, utterances)
            if not isinstance(moved, TENTATIVE):
                taken[0] += 1
            published.append(Published(time.time() * 1000, moved))
            feed.publish(Logged(CALL, taken[0], moved))

        source = bootstrap.file_source(path, settings, realtime=True)
        call, _ = engine.call(source, path.stem, live=True, listeners=[take])
        call.run()
        sequence, utterances, at_s = taken[0], utterances + taken[1], at_s + taken[2] + 1.0


def _opening_ms(browser: Any, server: ConsoleServer) -> float:
    """Milliseconds from opening the link until the page is connected and painted, in a window without any cache."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    tab = context.new_page()
    watch(tab)
    tab.goto(server.new_url())
    tab.wait_for_function("() => window.usable !== null")
    usable = float(tab.evaluate("() => window.usable"))
    context.close()
    return usable


def _tab(browser: Any, server: ConsoleServer, size: tuple[int, int]) -> Any:
    tab = browser.new_context(viewport={"width": size[0], "height": size[1]}).new_page()
    watch(tab)
    tab.goto(server.new_url())
    tab.wait_for_function("() => window.usable !== null")
    return tab


def rows(figures: ConsoleFigures) -> Iterator[list[str]]:
    """Of a table: window, kind of event, how many, median, 95th percentile, slowest."""
    for window, kinds in figures.delays_ms.items():
        everything = [delay for delays in kinds.values() for delay in delays]
        for kind, delays in [*sorted(kinds.items()), ("all", everything)]:
            yield [
                f"{window}: {_KINDS.get(kind, kind)}",
                str(len(delays)),
                f"{percentile(delays, 0.5):.0f}",
                f"{percentile(delays, 0.95):.0f}",
                f"{max(delays):.0f}",
            ]


_KINDS = {
    "PartialTranscript": "words still open",
    "FinalTranscript": "finished utterance",
    "FlagRaised": "flag",
    "FlagWithdrawn": "flag withdrawn",
    "FieldSuggested": "field of the patient",
    "FieldRetracted": "field taken back",
}
