"""Other machines are served only with a certificate that can be used; the desk starts in any case."""

from __future__ import annotations

import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.audit_fakes import ListedTrail
from voice_triage.accounts.reach import Whose
from voice_triage.accounts.roles import DESK_ACCOUNT
from voice_triage.admission import Admission
from voice_triage.console.app import ConsoleServer
from voice_triage.console.feed import Feed
from voice_triage.settings import Settings, load_settings
from voice_triage.tls.certificate_files import CertificateFiles


def nobodys(_call: str) -> Whose:
    """Calls of the desk."""
    return Whose(DESK_ACCOUNT, handed_off=False)


def settings_of(folder: Path, address: str = "127.0.0.1") -> Settings:
    """A desk that is to serve other machines too."""
    environ = {"VOICE_TRIAGE_DATA_DIR": str(folder), "VOICE_TRIAGE_SERVE_ADDRESS": address}
    return load_settings({**environ, "VOICE_TRIAGE_SERVE_PORT": "0"})


def started(settings: Settings) -> tuple[list[str], list[str], int]:
    """What the desk is told, what is announced, and the status of its own page."""
    told: list[str] = []
    announced: list[str] = []
    admission = Admission(settings, nobodys, ListedTrail())
    with ConsoleServer(Feed(), entrance=admission.entrance) as console:
        admission.serve_beyond(console, told.append, announced.append)
        with httpx.Client(follow_redirects=True) as desk:
            status = desk.get(console.new_url()).status_code
        for line in announced:
            address = line.split()[-1]
            trusting = ssl.create_default_context(cafile=str(CertificateFiles(settings.data_dir).read().authority_path))
            assert httpx.get(address, verify=trusting).status_code == 200
    return told, announced, status


def test_without_a_certificate_the_desk_starts_and_says_so(tmp_path: Path) -> None:
    """One sentence, with the command that helps; nothing is written into the data folder."""
    told, announced, status = started(settings_of(tmp_path / "data", "0.0.0.0"))
    assert (announced, status) == ([], 200)
    assert len(told) == 1
    assert "Other machines are not served" in told[0]
    assert "voice-triage tls init" in told[0]
    assert not (tmp_path / "data").exists()


def test_with_one_the_address_is_announced(tmp_path: Path) -> None:
    """It answers there, to machines that trust the authority."""
    CertificateFiles(tmp_path).init(("127.0.0.1",))
    told, announced, status = started(settings_of(tmp_path))
    assert (told, status) == ([], 200)
    assert announced[0].startswith("From other machines: https://127.0.0.1:")


@pytest.mark.parametrize(("days", "served"), [(20, True), (-1, False)])
def test_one_that_ends_soon_is_told_and_one_that_has_ended_serves_nobody(
    tmp_path: Path, days: int, served: bool
) -> None:
    """The desk goes on."""
    made_at = datetime.now(UTC) - timedelta(days=397 - days)
    CertificateFiles(tmp_path, lambda: made_at).init(("127.0.0.1",))
    told, announced, status = started(settings_of(tmp_path))
    assert status == 200
    assert bool(announced) == served
    assert len(told) == 1
    assert "voice-triage tls renew" in told[0]


def test_an_address_that_cannot_be_served_is_told(tmp_path: Path) -> None:
    """A typing error, or an address that this machine does not have any more."""
    CertificateFiles(tmp_path).init(("127.0.0.1",))
    for address in ("frontdesk", "192.0.2.1"):
        told, announced, status = started(settings_of(tmp_path, address))
        assert (announced, status) == ([], 200)
        assert len(told) == 1
        assert address in told[0]


def test_where_nothing_is_set_nothing_is_served_or_said(tmp_path: Path) -> None:
    """As it was before there were certificates."""
    settings = replace(settings_of(tmp_path), serve_address="")
    assert started(settings) == ([], [], 200)
