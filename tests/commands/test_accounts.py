"""``accounts`` and ``tls`` on the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from voice_triage.accounts.account_file import Accounts
from voice_triage.accounts.passwords import Passwords
from voice_triage.cli import app
from voice_triage.commands.exits import Exit
from voice_triage.tls.certificate_files import CertificateFiles

PASSWORD = "seven brown geese fly"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own, in which nothing was ever kept."""
    monkeypatch.setenv("VOICE_TRIAGE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("VOICE_TRIAGE_KEY_PLACE", "file")
    return tmp_path / "data"


def run(*words: str, typed: str = "") -> tuple[int, str]:
    """Exit code and everything printed."""
    done = CliRunner().invoke(app, list(words), input=typed)
    return done.exit_code, done.output


def test_accounts_are_added_changed_listed_and_closed(folder: Path) -> None:
    """The password comes from standard input or a file, never from the command line; all of it is in the trail."""
    assert "There are no accounts yet" in run("accounts", "list")[1]
    sue = ("accounts", "add", "sue", "--role", "supervisor", "--name", "Sue Doe", "--password-file", "-")
    assert run(*sue, typed=f"{PASSWORD}\n")[0] == Exit.OK
    assert run(*sue, typed=f"{PASSWORD}\n")[0] == Exit.ACCOUNT
    assert run("accounts", "role", "sue", "technician")[0] == Exit.OK
    assert run("accounts", "disable", "sue")[0] == Exit.OK
    code, listed = run("accounts", "list", "--json")
    told = json.loads(listed)
    assert code == Exit.OK
    assert {name: told[name] for name in ("id", "role", "closed", "must_change")} == {
        "id": "sue", "role": "technician", "closed": True, "must_change": True,
    }  # fmt: skip
    assert run("accounts", "disable", "sue", "--undo")[0] == Exit.OK
    file = folder.parent / "password"
    file.write_text("eleven quiet grey cats\n", encoding="utf-8")
    assert run("accounts", "reset", "sue", "--password-file", str(file))[0] == Exit.OK
    kept = Accounts(folder, Passwords()).get("sue")
    assert Passwords().fits("eleven quiet grey cats", kept.password)
    trail = run("audit", "list", "--kind", "account")[1]
    assert re.findall(r"change=(\w+)", trail) == ["add", "role", "disable", "enable", "password"]
    assert "geese" not in trail + listed


@pytest.mark.parametrize("words", [("role", "eve", "csr"), ("reset", "eve"), ("disable", "eve")])
def test_an_account_that_is_not_there_is_said(folder: Path, words: tuple[str, ...]) -> None:
    """With the command that lists them; nobody is asked for a password first."""
    code, output = run("accounts", *words)
    assert code == Exit.ACCOUNT
    assert "voice-triage accounts list" in output


def test_a_weak_password_is_refused_with_the_reason(folder: Path) -> None:
    """And nothing is made."""
    add = ("accounts", "add", "sue", "--role", "csr", "--name", "Sue Doe", "--password-file", "-")
    for weak in ("", "short", "Sue Doe Sue Doe"):
        code, output = run(*add, typed=weak)
        assert code == Exit.ACCOUNT
        assert "password" in output
    assert "There are no accounts yet" in run("accounts", "list")[1]


def test_tls_init_prints_what_a_person_needs(folder: Path) -> None:
    """Addresses, both fingerprints, until when, and how each system trusts it; a second time it asks to be sure."""
    code, output = run("tls", "init", "--name", "frontdesk.local", "--name", "192.168.1.20")
    made = CertificateFiles(folder).read()
    assert code == Exit.OK
    assert made.names == ("frontdesk.local", "192.168.1.20")
    for expected in (
        *("https://frontdesk.local:8443/sign-in", "https://192.168.1.20:8443/sign-in"),
        *(made.fingerprint, made.authority_fingerprint, str(made.authority_path)),
        *("Windows", "macOS", "Linux", "Firefox", "serve_address"),
    ):
        assert expected in output
    assert "PRIVATE" not in output
    code, output = run("tls", "init")
    assert code == Exit.CONSOLE
    assert "--force" in output
    assert CertificateFiles(folder).read() == made
    assert run("tls", "show")[0] == Exit.OK
    assert run("tls", "renew")[0] == Exit.OK
    assert CertificateFiles(folder).read().authority_fingerprint == made.authority_fingerprint
    assert re.findall(r"change=(\w+)", run("audit", "list", "--kind", "setting")[1]) == ["init", "renew"]


def test_tls_without_an_authority_says_what_to_do(folder: Path) -> None:
    """Before anything was made."""
    for command in ("renew", "show"):
        code, output = run("tls", command)
        assert code == Exit.CONSOLE
        assert "voice-triage tls init" in output
