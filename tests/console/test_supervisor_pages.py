"""The supervisor's numbers and lexicons in a real browser: by keyboard, without scripts in plots or violations."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.console.browsing import expect
from tests.console.clinic_people import PASSWORD, ClinicPeople, clinic_people
from tests.console.test_page_axe import violations
from tests.numbers.test_numbers import made_store
from tests.store.logs import ended, placed, started
from tests.trial.test_reread import GLOWING, heard
from voice_triage import resources
from voice_triage.audit_trail import AuditKind
from voice_triage.lexicon_desk import DRAFTS
from voice_triage.lexicon_versions import LexiconVersions
from voice_triage.settings import load_settings

PATIENCE_MS = 120_000
"""For a trial, which starts processes of its own, on a busy machine."""


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[ClinicPeople]:
    """A clinic whose calls are those of ``made_store``."""
    made_store(tmp_path).close()
    with clinic_people(tmp_path) as clinic:
        yield clinic


class Supervisor:
    """Sue's browser, signed in, and what it complained of."""

    def __init__(self, browser: Any, clinic: ClinicPeople, **options: Any) -> None:
        self.context = browser.new_context(locale="en-US", **options)
        self.context.set_default_timeout(20_000)
        self.tab = self.context.new_page()
        self.complaints: list[str] = []
        self.tab.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.address = clinic.address
        self.tab.goto(f"{clinic.address}/sign-in")
        self.tab.fill("[name=name]", "sue")
        self.tab.fill("[name=password]", PASSWORD)
        self.tab.keyboard.press("Enter")
        self.tab.wait_for_url(re.compile(r"^(?!.*sign-in)"))
        self.complaints.clear()

    def close(self) -> None:
        """The browser refused nothing that the pages tried: no style, script or picture from elsewhere."""
        self.context.close()
        assert self.complaints == [], self.complaints


@pytest.mark.parametrize(
    "options",
    [{}, {"color_scheme": "dark"}, {"viewport": {"width": 360, "height": 740}}, {"forced_colors": "active"}],
    ids=["wide", "dark", "narrow", "high-contrast"],
)
def test_numbers_are_drawn_and_told_without_violations(
    browser: Any, clinic: ClinicPeople, options: dict[str, Any]
) -> None:
    """Nine plots, each named, each with a table of the same figures; links alone change what is shown."""
    sue = Supervisor(browser, clinic, **options)
    sue.tab.goto(f"{clinic.address}/review/numbers")
    expect(sue.tab.get_by_role("img", name="False alarms")).to_be_visible()
    assert sue.tab.get_by_role("img").count() == 9
    expect(sue.tab.get_by_role("row", name="2026-W10 12 16.7 (4.7 to 44.8)")).to_be_visible()
    assert violations(sue.tab) == []
    month = sue.tab.get_by_role("link", name="month")
    month.focus()
    sue.tab.keyboard.press("Enter")
    expect(sue.tab.get_by_role("rowheader", name="2026-03").first).to_be_visible()
    sue.tab.get_by_role("link", name="ben").click()
    expect(sue.tab.get_by_text("12 calls, 0 of them reviewed")).to_be_visible()
    sue.close()


def test_plots_hold_no_script_no_style_and_nothing_from_elsewhere(clinic: ClinicPeople) -> None:
    """Of what pygal draws only shapes and texts are left; each plot has a title and says where the figures are."""
    with closing(clinic.signed_in("sue")) as sue:
        page = sue.get("/review/numbers").text
    plots = re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)
    assert len(plots) == 9
    ids: list[str] = []
    for plot in plots:
        root = ElementTree.fromstring(plot)
        names = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert names <= {"svg", "g", "rect", "path", "text", "title", "desc", "tspan", "line", "circle"}
        attributes = {name for element in root.iter() for name in element.attrib}
        assert not [name for name in attributes if name == "style" or name.startswith("on") or "href" in name]
        assert (root.get("role"), len(root.get("aria-labelledby", "").split())) == ("img", 2)
        ids += [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids)) == 27


def test_numbers_as_csv_are_those_of_the_page(clinic: ClinicPeople) -> None:
    """A file to be kept, with the same question asked."""
    with closing(clinic.signed_in("sue")) as sue:
        answer = sue.get("/review/numbers.csv", params={"every": "month", "csr": "ben"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="numbers-by-month.csv"' in answer.headers["content-disposition"]
    assert "2026-03,quality,gaps,25.0,8.894,53.231,3,12,per 100 calls,12" in answer.text


def test_a_clinic_without_calls_is_told_so(tmp_path: Path) -> None:
    """No plot of nothing."""
    with clinic_people(tmp_path) as clinic, closing(clinic.signed_in("sue")) as sue:
        page = sue.get("/review/numbers")
    assert page.status_code == 200
    assert "No call that has ended is kept here yet." in page.text
    assert "<svg" not in page.text


@pytest.fixture
def lexicons(tmp_path: Path) -> Iterator[ClinicPeople]:
    """A clinic with two kept calls, of which one says what a draft flags."""
    with clinic_people(tmp_path) as clinic:
        clinic.store.append(placed("glow", [started("glow"), heard("his tail is glowing", 0), ended(60.0)]))
        clinic.store.append(placed("fleas", [started("fleas"), heard("he has fleas", 0), ended(60.0)]))
        draft = tmp_path / DRAFTS / "spring"
        shutil.copytree(resources.lexicons_dir(), draft)
        (draft / "own.toml").write_text(GLOWING, encoding="utf-8")
        yield clinic


def test_a_draft_is_tried_by_keyboard_and_shows_the_calls(browser: Any, lexicons: ClinicPeople) -> None:
    """Choose, try, wait, read: what is gained per 100 calls, the words, and a link to the call."""
    sue = Supervisor(browser, lexicons)
    sue.tab.goto(f"{lexicons.address}/review/lexicon")
    assert violations(sue.tab) == []
    sue.tab.get_by_role("button", name="Try", exact=True).focus()
    sue.tab.keyboard.press("Enter")
    expect(sue.tab.get_by_role("heading", name="spring: what it changes")).to_be_visible(timeout=PATIENCE_MS)
    expect(sue.tab.get_by_role("row", name="Gained 1 50.0 (9.5 to 90.5)")).to_be_visible()
    expect(sue.tab.get_by_text("tail is glowing", exact=True)).to_be_visible()
    assert sue.tab.get_by_role("link", name="glow").get_attribute("href") == "/review/calls/glow#t=0.3"
    assert violations(sue.tab) == []
    sue.close()


def test_a_trial_is_stopped(browser: Any, lexicons: ClinicPeople) -> None:
    """While it runs its progress is shown; stopped, it has shown nothing, and another can begin."""
    sue = Supervisor(browser, lexicons)
    sue.tab.goto(f"{lexicons.address}/review/lexicon")
    sue.tab.get_by_role("button", name="Try", exact=True).click()
    expect(sue.tab.get_by_role("button", name="Stop")).to_be_visible()
    assert violations(sue.tab) == []
    sue.tab.get_by_role("button", name="Stop").click()
    expect(sue.tab.get_by_role("button", name="Try", exact=True)).to_be_visible()
    assert sue.tab.get_by_role("heading", name="what it changes").count() == 0
    sue.close()


def test_a_signed_version_is_put_in_force_and_taken_back(browser: Any, lexicons: ClinicPeople) -> None:
    """After being asked; the audit trail names who did it. An unsigned version cannot be chosen."""
    settings = load_settings({"VOICE_TRIAGE_DATA_DIR": str(lexicons.folder), "VOICE_TRIAGE_CONFIG": ""})
    digest = LexiconVersions(settings).sign(lexicons.folder / DRAFTS / "spring", "Dr. Okonkwo")
    sue = Supervisor(browser, lexicons)
    sue.tab.on("dialog", lambda dialog: dialog.accept())
    sue.tab.goto(f"{lexicons.address}/review/lexicon")
    sue.tab.get_by_role("button", name="Put in force").click()
    in_force = sue.tab.get_by_role("region", name="In force")
    expect(in_force.locator("p").first).to_have_text(
        re.compile(f"{digest[:12]}, signed by Dr. Okonkwo"), timeout=60_000
    )
    assert violations(sue.tab) == []
    assert sue.tab.get_by_role("button", name="Put in force").count() == 0, "the one before is not signed"
    sue.tab.get_by_role("button", name="Take back").click()
    expect(in_force.locator("p").first).to_contain_text("not signed by a veterinarian")
    assert [who for who, _ in lexicons.trail.of(AuditKind.LEXICON)] == ["sue", "sue"]
    sue.close()


def test_what_is_not_there_is_refused(lexicons: ClinicPeople) -> None:
    """No path leads out of the drafts' folder, no unknown version comes in force, nothing malformed is taken."""
    with closing(lexicons.signed_in("sue")) as sue:
        for draft in ("..", "../spring", "nothing", "/etc"):
            answer = sue.post("/api/review/lexicon/try", json={"draft": draft})
            assert answer.status_code in (409, 422), draft
        assert sue.post("/api/review/lexicon/use", json={"hash": "a" * 64}).status_code == 409
        assert sue.post("/api/review/lexicon/use", json={"hash": "../x"}).status_code == 422
        answer = sue.post("/api/review/lexicon/rollback", json={})
        assert (answer.status_code, "nothing to go back to" in answer.json()["detail"]) == (409, True)
