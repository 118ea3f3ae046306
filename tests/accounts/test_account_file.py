"""The file of accounts: what can be changed, by several programs at once, and what a damaged one means."""

from __future__ import annotations

import json
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.console.clinic_people import CHEAP, PASSWORD
from voice_triage.accounts.account_file import FILE_NAME, Accounts
from voice_triage.accounts.roles import Role
from voice_triage.errors import AccountError


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    """With an administrator and a supervisor."""
    accounts = Accounts(tmp_path, CHEAP)
    accounts.add_first_administrator("ada", "Ada Doe", PASSWORD)
    accounts.add("sue", "Sue Doe", Role.SUPERVISOR, PASSWORD)
    return accounts


def test_an_account_is_read_back_as_it_was_made(accounts: Accounts, tmp_path: Path) -> None:
    """By another program as well; the password is in it only as its hash."""
    again = Accounts(tmp_path, CHEAP)
    assert again.all() == accounts.all()
    assert [each.id for each in again.all()] == ["ada", "sue"]
    assert PASSWORD not in (tmp_path / FILE_NAME).read_text("utf-8")
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600


def test_another_programs_change_counts_at_once(accounts: Accounts, tmp_path: Path) -> None:
    """Closing an account on the command line ends what it does at the running desk."""
    before = accounts.standing("sue")
    other = Accounts(tmp_path, CHEAP)
    other.set_role("sue", Role.TECHNICIAN)
    changed = accounts.standing("sue")
    assert before is not None
    assert changed is not None
    assert changed.person.role is Role.TECHNICIAN
    assert changed.stamp != before.stamp
    other.set_disabled("sue", True)
    assert accounts.standing("sue") is None
    assert accounts.find("sue") is not None, "it is closed, not gone"


def test_every_change_has_a_stamp_of_its_own(accounts: Accounts) -> None:
    """By which its sessions end."""
    stamps = {accounts.get("sue").stamp}
    stamps.add(accounts.set_password("sue", "another long password", must_change=False).stamp)
    stamps.add(accounts.set_role("sue", Role.ADMINISTRATOR).stamp)
    stamps.add(accounts.set_disabled("sue", True).stamp)
    stamps.add(accounts.set_disabled("sue", False).stamp)
    assert len(stamps) == 5


def test_there_is_always_an_administrator_left(accounts: Accounts) -> None:
    """The last one can be neither closed nor given another role; with a second one, the first can."""
    with pytest.raises(AccountError, match="last administrator"):
        accounts.set_role("ada", Role.CSR)
    with pytest.raises(AccountError, match="last administrator"):
        accounts.set_disabled("ada", True)
    accounts.set_role("sue", Role.ADMINISTRATOR)
    accounts.set_disabled("ada", True)
    with pytest.raises(AccountError, match="last administrator"):
        accounts.set_disabled("sue", True)


def test_the_first_administrator_is_made_once(tmp_path: Path) -> None:
    """Of several at the same time, one; a closed one counts as one that was."""
    accounts = Accounts(tmp_path, CHEAP)
    refused: list[AccountError] = []

    def make(number: int) -> None:
        try:
            Accounts(tmp_path, CHEAP).add_first_administrator(f"ada{number}", "Ada Doe", PASSWORD)
        except AccountError as error:
            refused.append(error)

    threads = [threading.Thread(target=make, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(accounts.all()) == 1
    assert len(refused) == 5
    assert accounts.has_administrator()


def test_changes_at_the_same_time_are_all_kept(accounts: Accounts, tmp_path: Path) -> None:
    """By the desk and the command line alike."""
    threads = [
        threading.Thread(
            target=lambda number: Accounts(tmp_path, CHEAP).add(f"csr{number}", "C Doe", Role.CSR, PASSWORD),
            args=(number,),
        )
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(accounts.all()) == 10


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", '{"format": 2, "accounts": []}', '{"format": 1, "accounts": [{"id": "x"}]}']
)
def test_a_damaged_file_is_never_taken_for_no_accounts(accounts: Accounts, tmp_path: Path, damage: str) -> None:
    """Else anybody at the desk could make themselves the first administrator; the message says what to do."""
    (tmp_path / FILE_NAME).write_text(damage, encoding="utf-8")
    for ask in (accounts.all, accounts.has_administrator, lambda: accounts.find("sue")):
        with pytest.raises(AccountError, match="Bring it back from a copy"):
            ask()
    with pytest.raises(AccountError):
        accounts.add_first_administrator("eve", "Eve Doe", PASSWORD)
    assert accounts.standing("sue") is None, "and nobody's session lives on"
    assert (tmp_path / FILE_NAME).read_text("utf-8") == damage


def test_what_refuses_before_a_change_keeps_it_from_being_made(accounts: Accounts, tmp_path: Path) -> None:
    """No change without its line in the audit trail."""

    def refuse() -> None:
        raise AccountError("no line")

    before = json.loads((tmp_path / FILE_NAME).read_text("utf-8"))
    changes: list[Callable[[], object]] = [
        lambda: accounts.set_role("sue", Role.CSR, before=refuse),
        lambda: accounts.set_disabled("sue", True, before=refuse),
        lambda: accounts.set_password("sue", "another long password", must_change=True, before=refuse),
        lambda: accounts.add("ben", "Ben Doe", Role.CSR, PASSWORD, before=refuse),
    ]
    for change in changes:
        with pytest.raises(AccountError, match="no line"):
            change()
    assert json.loads((tmp_path / FILE_NAME).read_text("utf-8")) == before


@pytest.mark.parametrize("name", ["", "a", "desk", "product", "Unknown", "1st", "a b", "a/b", "ä", "x" * 33, "../etc"])
def test_a_sign_in_name_is_plain_and_not_one_of_the_products_own(accounts: Accounts, name: str) -> None:
    """The audit trail and calls name accounts; nobody may be called ``desk``."""
    with pytest.raises(AccountError, match="sign-in name"):
        accounts.add(name, "Some Body", Role.CSR, PASSWORD)


def test_capital_letters_make_no_second_account(accounts: Accounts) -> None:
    """A name is one account however it is typed."""
    with pytest.raises(AccountError, match="already"):
        accounts.add("SUE", "Sue Two", Role.CSR, PASSWORD)
