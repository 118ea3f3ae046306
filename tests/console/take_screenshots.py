"""Takes the pictures in ``docs/screenshots``: ``python -m tests.console.take_screenshots [FOLDER]``.

Not a test: run it after the page's looks have changed, and look at the pictures.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.console.browsing import CHROMIUM, QUIET, WAITING
from tests.console.scripted_call import blocked_cat, poisoned_dog
from voice_triage.console.app import ConsoleServer
from voice_triage.console.feed import Feed
from voice_triage.desk_state import DeskState, RecognizerState, SourceState
from voice_triage.events import Logged

WIDE, COLUMN = (1280, 800), (420, 900)
FAILED = DeskState(
    "",
    SourceState.SEARCHING,
    RecognizerState.FAILED,
    "Model files are damaged: run `voice-triage models fetch`.",
    "0.1.0",
)


def take(browser: Any, path: Path, size: tuple[int, int], log: Sequence[Logged], **options: Any) -> None:
    """One picture of the page after ``log``; ``lost`` stops the server first, ``desk`` replaces a waiting desk."""
    feed = Feed()
    feed.set_desk(options.get("desk", WAITING))
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=options.get("scheme", "light"), locale="en-US"
    )
    with ConsoleServer(feed) as server:
        tab = context.new_page()
        tab.goto(server.new_url())
        for logged in log:
            feed.publish(logged)
        tab.wait_for_function("n => document.querySelectorAll('.utterance').length >= n", arg=4 if log else 0)
        if options.get("lost"):
            server.stop()
            tab.wait_for_selector("[data-connection=lost]")
        tab.wait_for_timeout(200)
        tab.screenshot(path=path)
        context.close()
    if quantizer := shutil.which("pngquant"):  # a third of the size, and the same to the eye
        subprocess.run([quantizer, "--force", "--ext", ".png", "64", str(path)], check=True)


def main(folder: Path) -> None:
    """Take them all."""
    executable = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=executable, args=[*QUIET, "--no-sandbox"])
        for name, size, log, options in (
            ("console-wide", WIDE, poisoned_dog(), {}),
            ("console-column", COLUMN, blocked_cat(ended=False), {}),
            ("console-column-busy", COLUMN, poisoned_dog(), {}),
            ("console-dark", WIDE, poisoned_dog(), {"scheme": "dark"}),
            ("console-sample", WIDE, blocked_cat(sample=True), {}),
            ("console-waiting", COLUMN, [], {}),
            ("console-lost-connection", COLUMN, blocked_cat(ended=False), {"lost": True}),
            ("console-not-running", WIDE, [], {"desk": FAILED}),
        ):
            take(browser, folder / f"{name}.png", size, log, **options)
            print(name)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/screenshots"))
