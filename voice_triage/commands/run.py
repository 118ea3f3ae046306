"""``run`` and ``start``: the product at the desk, with its console."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from voice_triage.commands.exits import Exit
from voice_triage.commands.output import note, result

if TYPE_CHECKING:
    from voice_triage.audio.source import AudioSource
    from voice_triage.call_log import CallLog
    from voice_triage.console.app import ConsoleServer
    from voice_triage.desk import Desk, Playing
    from voice_triage.settings import Settings

SAMPLE_MARKER = "sample-played"
"""File in the data folder: the sample call has been shown, never show it by itself again."""
FIRST_LOOK_S = 1.0
"""How long the first start waits for the sound server to tell of a headset."""

Port = Annotated[
    int | None, typer.Option("--port", min=0, max=65535, help="Port of the console on 127.0.0.1; 0 takes any free one.")
]
NoBrowser = Annotated[bool, typer.Option("--no-browser", help="Only print the console's address.")]


def run(
    source: Annotated[
        str | None,
        typer.Option("--source", metavar="headset|sample|FILE", help="What to hear. A file is played in real time."),
    ] = None,
    port: Port = None,
    no_browser: NoBrowser = False,
) -> None:
    """Wait for calls on the headset and show each one live in the console, until Ctrl-C.

    With --source FILE (WAV, FLAC or Ogg) or --source sample, that is played in real time first, as if it were a call;
    the console then stays open. A call is kept when the client has consented (setting consent), the sample never.

    Examples:
      voice-triage run
      voice-triage run --source call.wav --no-browser
      voice-triage run --source sample --port 0
    """
    from voice_triage import models_in_force

    settings = _settings(source, port, no_browser)
    models_in_force.checked_model(settings)
    if settings.source == "headset":
        _open_desk(settings, None, headset=True)
    else:
        _open_desk(settings, _playing(settings), headset=False)


def start(
    once: Annotated[
        bool, typer.Option("--once", help="Play the sample call, print its flags and fields, and end by itself.")
    ] = False,
    port: Port = None,
    no_browser: NoBrowser = False,
) -> None:
    """Start at the desk: what scripts/run calls.

    On the very first start, if no headset is there, the bundled sample call is played once, under a SAMPLE banner; it
    is never counted or kept. After that, and at every later start, it waits for calls as `run` does, until Ctrl-C.

    Examples:
      voice-triage start
      voice-triage start --once
    """
    from voice_triage import models_in_force
    from voice_triage.report import call_report
    from voice_triage.report_text import render

    settings = _settings(None, port, no_browser or once)
    models_in_force.checked_model(settings)
    if not once:
        first = settings.source == "headset" and _is_first_start(settings)
        playing = _sample(settings) if first else _playing(settings) if settings.source != "headset" else None
        _open_desk(settings, playing, headset=settings.source == "headset")
        return
    log = _open_desk(settings, _sample(settings), headset=False, then_wait=False)
    if log is None:
        raise typer.Exit(Exit.INTERRUPTED)
    report = call_report(logged.event for logged in log.events())
    result(render(report).rstrip("\n"))
    if report["ended"] == "stopped":
        raise typer.Exit(Exit.INTERRUPTED)
    if report["failures"]:
        raise typer.Exit(Exit.INCOMPLETE)


def _settings(source: str | None, port: int | None, no_browser: bool) -> Settings:
    from voice_triage.settings import load_settings

    return load_settings(overrides={"source": source, "port": port, "open_browser": False if no_browser else None})


def _sample(settings: Settings) -> Playing:
    from voice_triage import bootstrap, resources
    from voice_triage.desk import Playing

    source = bootstrap.file_source(resources.sample_audio(), settings, realtime=True)
    return Playing(source, bootstrap.SAMPLE_SOURCE, sample=True)


def _playing(settings: Settings) -> Playing:
    from pathlib import Path

    from voice_triage import bootstrap
    from voice_triage.desk import Playing

    if settings.source == bootstrap.SAMPLE_SOURCE:
        return _sample(settings)
    return Playing(bootstrap.file_source(Path(settings.source), settings, realtime=True), settings.source)


def _is_first_start(settings: Settings) -> bool:
    """Whether to play the sample now; answers yes once per data folder, and never while a headset is there."""
    from voice_triage import bootstrap
    from voice_triage.desk import Waiting
    from voice_triage.desk_state import SourceState
    from voice_triage.headset_calls import HeadsetCalls

    headset = HeadsetCalls(bootstrap.headset_ways(), bootstrap.headset_wishes(settings))
    try:
        found = headset.look(FIRST_LOOK_S)
        if not isinstance(found, Waiting):
            found.close()
            return False
        if found.state is SourceState.WAITING:
            return False
    finally:
        headset.close()
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        (settings.data_dir / SAMPLE_MARKER).open("x").close()
    except FileExistsError:
        return False
    except OSError:  # a data folder that cannot be written: a working desk must not see a fake call at every start
        return False
    return True


def _open_desk(settings: Settings, playing: Playing | None, *, headset: bool, then_wait: bool = True) -> CallLog | None:
    """Serve the console and run the desk until it ends or Ctrl-C; returns the log of what was played."""
    from voice_triage import bootstrap, protection
    from voice_triage.admission import Admission
    from voice_triage.audit_trail import TellingTrail
    from voice_triage.commands.desk_calls import DeskCalls
    from voice_triage.console.app import ConsoleServer
    from voice_triage.console.board import Board
    from voice_triage.console.feed import Feed
    from voice_triage.desk import Desk, Waiting
    from voice_triage.desk_state import SourceState
    from voice_triage.guidance.clinic_in_force import ClinicInForce
    from voice_triage.headset_calls import HeadsetCalls
    from voice_triage.supervisor_pages import SupervisorPages

    clinic = ClinicInForce(lambda: settings.lexicons_in_force, settings.clinic_file)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    store, notice = bootstrap.open_store_if_possible(settings)
    feed, board = Feed(), Board()
    if notice:
        note(f"voice-triage: {notice}")

    def say_once(why: str) -> None:
        note(f"voice-triage: {why}")
        desk.tell_always(why)

    audit = TellingTrail(protection.audit_trail(settings, store), say_once)
    admission = Admission(settings, lambda call: ours.cards.whose(call), audit)  # noqa: PLW0108 - ours comes after it
    ours = DeskCalls(settings, store, feed, board, tell=say_once, audit=audit, csr=admission.csr_at_desk)
    calls: HeadsetCalls | None = None

    def look() -> AudioSource | Waiting:
        if calls is not None:
            return calls.look()
        named = "" if playing is None else playing.named
        return Waiting(SourceState.WAITING, "The recording has been played. End with Ctrl-C.", named)

    def listen() -> None:
        if calls is not None:
            calls.listen()

    desk = Desk(
        ours.load,
        look,
        feed.set_desk,
        listen=listen if headset else None,
        begin_walk_in=ours.begin_walk_in,
        not_client=ours.not_client,
        notice=notice,
        captures=_captures(settings, headset=headset),
    )
    if headset:
        calls = HeadsetCalls(bootstrap.headset_ways(), bootstrap.headset_wishes(settings), desk.sound_is)
    upkeep = protection.Upkeep(settings, store, audit, idle=desk.idle, tell=say_once, forget=ours.cards.forget)
    upkeep.start()
    try:
        with (
            protection.reviews(store, ours.cards, ours.audit) as reviews,
            SupervisorPages(settings, store, audit) as further,
            ConsoleServer(
                feed,
                port=settings.port,
                command=desk.command,
                open_sound=ours.open_sound,
                clinic=clinic.current,
                cards=ours.cards,
                board=board,
                walk_in=desk.walk_in,
                entrance=admission.entrance,
                audit=ours.audit,
                holds=upkeep.holds,
                reviews=reviews,
                pages=further.pages,
            ) as console,
        ):
            threading.Thread(target=ours.cards.look_back, name="cards of the last day", daemon=True).start()
            admission.serve_beyond(console, say_once, result)
            _announce(console, settings)
            return _run(desk, playing, then_wait)
    finally:
        if calls is not None:
            calls.close()
        ours.close()
        upkeep.close()
        store.close()


def _announce(console: ConsoleServer, settings: Settings) -> None:
    """Say where the console is, and open it if that is wanted: each link works once."""
    result(f"Console: {console.new_url()}")
    note("Press Ctrl-C to end.")
    if settings.open_browser:
        _open_browser(console.new_url())


def _captures(settings: Settings, *, headset: bool) -> tuple[str, ...]:
    """What of a call the page says is captured."""
    own = ("own",) if settings.own_side and headset else ()
    return ("client", *own, *(("sound",) if settings.record else ()), "words")


def _run(desk: Desk, playing: Playing | None, then_wait: bool) -> CallLog | None:
    """Run the desk on a thread of its own, so that Ctrl-C and a polite kill find this one free to end it cleanly."""
    finished = threading.Event()
    outcome: list[CallLog | None] = []
    failure: list[BaseException] = []

    def work() -> None:
        try:
            outcome.append(desk.run(playing, then_wait=then_wait))
        except BaseException as error:  # noqa: BLE001 - raised again below, on the main thread
            failure.append(error)
        finally:
            finished.set()

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _interrupt)
        if sys.platform != "win32":
            signal.signal(signal.SIGHUP, _interrupt)  # its terminal was closed
    worker = threading.Thread(target=work, name="desk", daemon=True)
    worker.start()
    try:
        _wait(finished)
    except KeyboardInterrupt:
        desk.stop()
        with suppress(OSError):  # the terminal may be what has gone
            note("Ending.")
        _wait(finished)
    if failure:
        raise failure[0]
    return outcome[0]


def _wait(finished: threading.Event) -> None:
    while not finished.wait(0.2):  # in steps: on Windows, a wait without an end does not notice Ctrl-C
        pass


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt


def _open_browser(url: str) -> None:
    """Open the console in a browser with windows; one for the terminal would take the terminal from us."""
    import webbrowser

    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        note("There is no desktop here to open a browser on: open the address above in one.")
        return
    threading.Thread(target=webbrowser.open, args=(url,), name="browser", daemon=True).start()
