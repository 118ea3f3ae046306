"""The pages of people and accounts in a real browser: by keyboard alone, readable, and by the rules of WCAG."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.console.browsing import expect
from tests.console.clinic_people import PASSWORD, ClinicPeople, clinic_people
from tests.console.test_page_axe import violations
from voice_triage.accounts.lockout import FREE_BY_ACCOUNT

NEW = "eleven quiet grey cats"
LOOKS: list[dict[str, Any]] = [
    {"viewport": {"width": 1280, "height": 900}},
    {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"},
    {"viewport": {"width": 420, "height": 900}, "forced_colors": "active"},
]


class People:
    """A browser at a clinic with people, and everything that it complained of or asked for."""

    def __init__(self, browser: Any, clinic: ClinicPeople, **options: Any) -> None:
        self.clinic = clinic
        self.context = browser.new_context(**{"locale": "en-US", "viewport": {"width": 1280, "height": 900}, **options})
        self.context.set_default_timeout(10_000)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.tab = self.context.new_page()
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.on("console", self._console)

    def _console(self, message: Any) -> None:
        refused = any(
            status in message.text for status in ("403", "409", "429", "CHUNKED")
        )  # the browser's word for a refusal
        if message.type in ("error", "warning") and not refused:
            self.complaints.append(message.text)

    def go(self, path: str) -> Any:
        """Open a page of the console."""
        self.tab.goto(self.clinic.address + path)
        return self.tab

    def type(self, *texts: str) -> None:
        """Fill in fields one after another from where the focus is, and send the form: no mouse."""
        for text in texts:
            self.tab.keyboard.press("ControlOrMeta+a")
            self.tab.keyboard.type(text)
            self.tab.keyboard.press("Tab")
        with self.tab.expect_navigation():
            self.tab.keyboard.press("Enter")

    def close(self) -> None:
        """Close it, and check what every page promises."""
        self.context.close()
        assert [url for url in self.requests if not url.startswith(f"{self.clinic.address}/")] == []
        assert self.complaints == []


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[ClinicPeople]:
    """A clinic with one account a role."""
    with clinic_people(tmp_path) as clinic:
        yield clinic


@pytest.fixture
def people(browser: Any, clinic: ClinicPeople) -> Iterator[People]:
    """A browser there."""
    people = People(browser, clinic)
    yield people
    people.close()


def test_signing_in_and_out_by_keyboard(people: People) -> None:
    """The first field has the focus; Enter sends; a wrong password is said, and the name stays."""
    tab = people.go("/account")
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(tab.get_by_label("Sign-in name")).to_be_focused()
    people.type("ada", "not the password")
    expect(tab.get_by_role("alert")).to_have_text(
        "That sign-in name and password do not fit together, or the account is closed."
    )
    expect(tab.get_by_label("Sign-in name")).to_have_value("ada")
    expect(tab.get_by_label("Password")).to_be_focused()
    people.type(PASSWORD)
    expect(tab.get_by_role("navigation", name="Pages")).to_be_visible()
    people.go("/account")
    expect(tab.get_by_text("Signed in as Ada Doe")).to_be_visible()
    tab.get_by_role("button", name="Sign out here").focus()
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("status")).to_have_text("You are signed out.")
    people.go("/accounts")
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_lock_out_says_how_long(people: People) -> None:
    """In words that a person can act on."""
    tab = people.go("/sign-in")
    for _ in range(FREE_BY_ACCOUNT):
        tab.get_by_label("Sign-in name").focus()
        people.type("sue", "wrong")
        expect(tab.get_by_role("alert")).to_contain_text("do not fit together")
    people.type(PASSWORD)
    expect(tab.get_by_role("alert")).to_have_text("Too many attempts. Try again in 30 seconds.")
    assert violations(tab) == []
    people.clinic.clock.now_s += 30
    people.type(PASSWORD)
    expect(tab.get_by_role("heading", name="Sign in")).to_have_count(0)


def test_the_first_administrator_is_made_by_keyboard(browser: Any, tmp_path: Path) -> None:
    """From the desk's own browser; what is wrong is said, and what was typed is not lost, but for the passwords."""
    with clinic_people(tmp_path, people=False) as clinic:
        people = People(browser, clinic)
        tab = people.tab
        tab.goto(clinic.server.new_url())
        people.go("/account")
        expect(tab.get_by_role("heading", name="Make the first administrator")).to_be_visible()
        assert violations(tab) == []
        expect(tab.get_by_label("Your name")).to_be_focused()
        people.type("Ada Doe", "ada", "passwordpassword", "passwordpassword")
        expect(tab.get_by_role("alert")).to_contain_text("one of the first to be guessed")
        expect(tab.get_by_label("Sign-in name")).to_have_value("ada")
        tab.get_by_label("Password", exact=True).focus()
        people.type(NEW, NEW)
        expect(tab.get_by_role("heading", name="Make the first administrator")).to_have_count(0)
        people.go("/accounts")
        expect(tab.get_by_role("heading", name="Ada Doe")).to_be_visible()
        people.close()


def test_an_account_is_added_changed_and_closed_by_keyboard(people: People) -> None:
    """And whoever got the password from somebody else sets their own first."""
    tab = people.go("/sign-in")
    people.type("ada", PASSWORD)
    people.go("/accounts")
    tab.locator("#name").focus()
    people.type("Newt Doe", "newt", "Technician", NEW)
    expect(tab.get_by_role("status")).to_contain_text("has to be changed at the first sign-in")
    newt = tab.locator(".people > li", has=tab.get_by_role("heading", name="Newt Doe"))
    expect(newt).to_contain_text("Technician; has to change the password")
    newt.locator("summary").focus()
    tab.keyboard.press("Enter")
    newt.get_by_role("button", name="Close the account").focus()
    tab.keyboard.press("Enter")
    expect(newt).to_contain_text("closed")
    newt.locator("summary").press("Enter")
    newt.get_by_role("button", name="Open the account again").press("Enter")
    expect(newt).not_to_contain_text("closed")
    people.context.clear_cookies()
    people.go("/sign-in")
    people.type("newt", NEW)
    expect(tab.get_by_text("Somebody else set your password.")).to_be_visible()
    people.go("/back")
    expect(tab.get_by_role("heading", name="Your account")).to_be_visible()
    tab.get_by_label("Current password").focus()
    people.type(NEW, PASSWORD, PASSWORD)
    expect(tab.get_by_role("status")).to_contain_text("Your password is changed.")
    people.go("/back")
    expect(tab.get_by_role("heading", name="Handed off by the front desk")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS, ids=["wide", "narrow-dark", "high-contrast"])
def test_the_pages_break_no_rule_in_any_width(browser: Any, clinic: ClinicPeople, look: dict[str, Any]) -> None:
    """WCAG 2.2 AA as far as axe can tell; nothing makes them scroll sideways."""
    people = People(browser, clinic, **look)
    tab = people.go("/sign-in")
    assert violations(tab) == []
    people.type("ada", "wrong")
    expect(tab.get_by_role("alert")).to_be_visible()
    assert violations(tab) == []
    people.type(PASSWORD)
    for path in ("/account", "/accounts"):
        people.go(path)
        for summary in tab.locator("summary").all():
            summary.click()
        assert violations(tab) == []
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    people.close()


def test_the_focus_is_visible_on_every_field(people: People) -> None:
    """Tab shows where it is."""
    tab = people.go("/sign-in")
    people.type("ada", PASSWORD)
    people.go("/accounts")
    for _ in range(20):
        tab.keyboard.press("Tab")
        width = tab.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        assert width >= 2


def test_a_technicians_board_leads_to_the_sign_in_when_the_session_ends(people: People) -> None:
    """Its stream ends, and the page does not go on showing what was."""
    tab = people.go("/sign-in")
    people.type("tess", PASSWORD)
    expect(tab.get_by_role("heading", name="Handed off by the front desk")).to_be_visible()
    expect(tab.locator("body")).to_have_attribute("data-connection", "open")
    expect(tab.get_by_role("link", name="Tess Doe: account and sign-out")).to_be_visible()
    assert violations(tab) == []
    people.clinic.sessions.end_all("tess")
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
