"""Takes the pictures in ``docs/screenshots``: ``python -m tests.console.take_screenshots [FOLDER] [NAME...]``.

Not a test: run it after the page's looks have changed, and look at the pictures.
"""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.console.browsing import CHROMIUM, QUIET, WAITING
from tests.console.clinic_people import ClinicPeople, clinic_people
from tests.console.scripted_call import Script, blocked_cat, final, flag, partial, poisoned_dog, started, suggestion
from tests.console.working_desk import WorkingDesk
from tests.review.recorded import record_tones
from tests.review.reviewed_calls import CLIPPING, GAP, SILENT, dismissed, kept_call, sent
from voice_triage import resources
from voice_triage.clinic_consent import ClinicConsent
from voice_triage.desk_state import DeskCommand, DeskState, RecognizerState, SourceState
from voice_triage.events import Consent, FinalTranscript, LineChanged, Logged, PetsTold, PetTold, ReviewDone, Side, Word
from voice_triage.guidance.clinic_in_force import ClinicInForce
from voice_triage.guidance.guide import Guide, guidance_for
from voice_triage.triage.lexicon import load

WIDE, COLUMN = (1280, 800), (420, 900)
ON_CALL = dataclasses.replace(
    WAITING,
    source_state=SourceState.LISTENING,
    commands=(DeskCommand.PAUSE, DeskCommand.STOP, DeskCommand.NOT_CLIENT),
    captures=("client", "sound", "words"),
)
FAILED = DeskState(
    "",
    SourceState.SEARCHING,
    RecognizerState.FAILED,
    "Model files are damaged: run `voice-triage models fetch`.",
    "0.1.0",
)
PROFILE = """
[clinic]
name = "Oak Street Animal Hospital"
phone = "555-010-0100"

[[emergency_room]]
name = "Riverside Animal Emergency"
address = "1200 River Road"
phone = "555-010-0199"
hours = "day and night"

[[emergency_room]]
name = "Lakeside Veterinary ER"
address = "88 Shore Drive"
phone = "555-010-0177"
hours = "6 PM to 8 AM"
"""


@dataclass(frozen=True)
class Scene:
    """One picture."""

    name: str
    size: tuple[int, int]
    log: Sequence[Logged] = ()
    keys: Sequence[str] = ()
    """Pressed one after the other."""
    desk: DeskState | None = None
    scheme: str = "light"
    forced: bool = False
    lost: bool = False
    """The server stops before the picture."""
    before: Sequence[Logged] = ()
    """An earlier call."""
    consent: Consent = Consent.ANNOUNCED
    """With which the call begins."""
    path: str = "/"
    then: Callable[[Any], None] = field(default=lambda tab: None)


def two_pets() -> list[Logged]:
    """Bella vomits blood; Rocky needs shots."""
    script = Script("pets")
    said = final(0, "my dog bella is throwing up blood and also rocky needs his shots he is two", 1.0)
    named = final(1, "bella is nine my name is jen", 9.0)
    return [
        script.log(event)
        for event in (
            started("pets", ago_s=20.0),
            LineChanged(1.0, -22.0, "good"),
            said,
            PetsTold(5.0, (PetTold(0), PetTold(1, "rocky")), 0),
            suggestion(said, "species", "dog", "my dog"),
            suggestion(said, "pet_name", "bella", "bella"),
            dataclasses.replace(suggestion(said, "pet_name", "rocky", "rocky"), pet=1),
            dataclasses.replace(suggestion(said, "age", "P2Y", "two"), pet=1),
            flag(said, "gi_severe", "throwing up blood", "The client describes blood in the vomit."),
            named,
            suggestion(named, "age", "P9Y", "nine"),
            suggestion(named, "client_name", "jen", "jen"),
        )
    ]


def not_understood() -> list[Logged]:
    """Words of which hardly one is sure."""
    script = Script("unclear")
    events: list[Any] = [started("unclear", ago_s=30.0), LineChanged(1.0, -38.0, "noisy")]
    for number, text in enumerate(("me pair of key the yes a", "no see the one came on", "a pair oh they know")):
        said = final(number, text, 6.0 * number + 1)
        unsure = tuple(Word(word.text, word.start_s, word.end_s, 0.35) for word in said.words)
        events.append(FinalTranscript(said.at_s, said.side, number, unsure, text, said.start_s, said.end_s))
    events.append(partial(3, "the perro", 21.0))
    return [script.log(event) for event in events]


def go_back(tab: Any) -> None:
    """To the page at the back of the house, after a hand-off."""
    tab.locator("#hand-off-dialog button", has_text="Hand to technician").click()
    tab.wait_for_selector("#notes li")
    tab.goto(tab.url.rstrip("/") + "/back")
    tab.wait_for_selector("#handed li")


def zoom(tab: Any) -> None:
    """As 200 % of a window of 1280 by 800."""
    tab.set_viewport_size({"width": 640, "height": 400})


SCENES = (
    Scene("console-wide", WIDE, poisoned_dog(), desk=ON_CALL),
    Scene("console-column", COLUMN, blocked_cat(ended=False), desk=ON_CALL),
    Scene("console-column-busy", COLUMN, poisoned_dog(), desk=ON_CALL),
    Scene("console-dark", WIDE, poisoned_dog(), desk=ON_CALL, scheme="dark"),
    Scene("console-high-contrast", WIDE, poisoned_dog(), desk=ON_CALL, forced=True),
    Scene("console-zoomed", WIDE, poisoned_dog(), desk=ON_CALL, then=zoom),
    Scene("console-two-pets", WIDE, two_pets(), desk=ON_CALL),
    Scene("console-worked-on", WIDE, blocked_cat(ended=False), ("a", "e", "r", "7", "p", "c", "c", "c"), desk=ON_CALL),
    Scene("console-dismiss", COLUMN, blocked_cat(ended=False), ("a", "d"), desk=ON_CALL),
    Scene("console-field", COLUMN, blocked_cat(ended=False), ("p",), desk=ON_CALL),
    Scene("console-raise", COLUMN, blocked_cat(ended=False), ("r",), desk=ON_CALL),
    Scene("console-consent", COLUMN, blocked_cat(ended=False), ("y",), desk=ON_CALL, consent=Consent.UNKNOWN),
    Scene("console-refused", WIDE, blocked_cat(ended=False), ("y", "3"), desk=ON_CALL),
    Scene("console-recording-paused", COLUMN, blocked_cat(ended=False), ("b",), desk=ON_CALL),
    Scene("console-ended", COLUMN, blocked_cat(), ("a",)),
    Scene("console-earlier", WIDE, poisoned_dog()[:4], before=blocked_cat(), desk=ON_CALL),
    Scene("console-walk-in", COLUMN, (), ("w",)),
    Scene("console-not-understood", COLUMN, not_understood(), desk=ON_CALL),
    Scene("console-hand-off", WIDE, blocked_cat(), ("a", "e", "h")),
    Scene("console-keys", WIDE, blocked_cat(ended=False), ("?",), desk=ON_CALL),
    Scene("console-pop-out", WIDE, blocked_cat(ended=False), ("o",), desk=ON_CALL),
    Scene("console-sample", WIDE, blocked_cat(sample=True)),
    Scene("console-waiting", COLUMN),
    Scene("console-lost-connection", COLUMN, blocked_cat(ended=False), desk=ON_CALL, lost=True),
    Scene("console-not-running", WIDE, desk=FAILED),
    Scene("back", WIDE, blocked_cat(), ("a", "e", "h"), then=go_back),
)


@dataclass(frozen=True)
class ReviewScene:
    """One picture of the supervisor's pages."""

    name: str
    path: str
    size: tuple[int, int] = WIDE
    scheme: str = "light"


QUEUE, REPLAY = "/review?which=all", "/review/calls/c1"
REVIEW_SCENES = (
    ReviewScene("review-queue", QUEUE),
    ReviewScene("review-queue-dark", QUEUE, scheme="dark"),
    ReviewScene("review-queue-column", QUEUE, COLUMN),
    ReviewScene("review-replay", REPLAY),
    ReviewScene("review-replay-dark", REPLAY, scheme="dark"),
    ReviewScene("review-replay-column", REPLAY, COLUMN),
)


def keep_reviewed(clinic: ClinicPeople) -> None:
    """A morning's calls, the first of them with its sound."""
    after = (*dismissed(), ReviewDone(60.0, "sue"))
    for log in (
        kept_call("c1", "2026-03-04T10:30:00-05:00", during=(GAP,), after=dismissed()),
        kept_call("c2", "2026-03-04T10:05:00-05:00", csr="bo", after=sent()),
        kept_call("c3", "2026-03-04T09:40:00-05:00", flags=False, interrupted=True),
        kept_call("c4", "2026-03-04T09:10:00-05:00", csr="bo", during=(CLIPPING,), after=after),
        kept_call("c5", "2026-03-04T08:45:00-05:00", during=(SILENT,)),
        kept_call("c6", "2026-03-04T08:30:00-05:00", flags=False),
    ):
        clinic.store.append(log)
    words = [word for each in kept_call("c1") if isinstance(each.event, FinalTranscript) for word in each.event.words]
    record_tones(clinic.store, "c1", Side.CLIENT, [(word.start_s, word.end_s) for word in words], 38.0)


def take_review(browser: Any, path: Path, scene: ReviewScene, clinic: ClinicPeople) -> None:
    """One picture; of a replay, in the middle of the call."""
    client = clinic.signed_in("sue")
    cookies = [{"name": each.name, "value": each.value, "url": clinic.address} for each in client.cookies.jar]
    client.close()
    context = browser.new_context(
        viewport={"width": scene.size[0], "height": scene.size[1]}, color_scheme=scene.scheme, locale="en-US"
    )
    context.add_cookies(cookies)
    tab = context.new_page()
    tab.goto(clinic.address + scene.path)
    tab.wait_for_selector("html[data-ready=yes]")
    if scene.path == REPLAY:
        tab.locator("#place").fill("14.5")
    tab.wait_for_timeout(1500)
    tab.screenshot(path=path)
    context.close()
    shrink(path)


def take(browser: Any, path: Path, scene: Scene, folder: Path, new_follower: Callable[[], Any]) -> None:
    """One picture."""
    profile = folder / "clinic.toml"
    profile.write_text(PROFILE, encoding="utf-8")
    clinic = ClinicInForce(resources.lexicons_dir, profile)
    desk = WorkingDesk(folder, clinic=clinic.current, new_follower=new_follower, consent=ClinicConsent(scene.consent))
    desk.feed.set_desk(scene.desk or WAITING)
    context = browser.new_context(
        viewport={"width": scene.size[0], "height": scene.size[1]},
        color_scheme=scene.scheme,
        forced_colors="active" if scene.forced else "none",
        locale="en-US",
    )
    tab = context.new_page()
    tab.goto(desk.server.new_url())
    for log in (scene.before, scene.log):
        if log:
            desk.call(log[0].call, log)
    utterances = sum(isinstance(logged.event, FinalTranscript) for logged in scene.log)
    tab.wait_for_function("n => document.querySelectorAll('.utterance').length >= n", arg=utterances)
    tab.wait_for_timeout(400)
    for key in scene.keys:
        tab.keyboard.press(key)
        tab.wait_for_timeout(250)
    scene.then(tab)
    if scene.lost:
        desk.server.stop()
        tab.wait_for_selector("[data-connection=lost]")
    tab.wait_for_timeout(300)
    tab.screenshot(path=path)
    context.close()
    desk.close()
    shrink(path)


def shrink(path: Path) -> None:
    """Make its file smaller where the program for it is installed."""
    if quantizer := shutil.which("pngquant"):  # a third of the size, and the same to the eye
        subprocess.run([quantizer, "--force", "--ext", ".png", "64", str(path)], check=True)


def main(folder: Path, names: Sequence[str]) -> None:
    """Take them all, or those named."""
    executable = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    folder.mkdir(parents=True, exist_ok=True)
    lexicon = load(resources.lexicons_dir())
    with sync_playwright() as play, tempfile.TemporaryDirectory() as temporary:
        browser = play.chromium.launch(executable_path=executable, args=[*QUIET, "--no-sandbox"])
        for scene in SCENES:
            if names and scene.name not in names:
                continue
            own = Path(temporary) / scene.name
            own.mkdir()
            take(browser, folder / f"{scene.name}.png", scene, own, lambda: Guide(guidance_for(lexicon)).follow)
            print(scene.name)
        reviews = [scene for scene in REVIEW_SCENES if not names or scene.name in names]
        if reviews:
            own = Path(temporary) / "review"
            own.mkdir()
            with clinic_people(own, kept_sound=True) as clinic:
                keep_reviewed(clinic)
                for review in reviews:
                    take_review(browser, folder / f"{review.name}.png", review, clinic)
                    print(review.name)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/screenshots"), sys.argv[2:])
