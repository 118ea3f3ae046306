"""The clinic's own authority: what it may vouch for, how long, and what the files of it are."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from voice_triage.errors import TlsError
from voice_triage.tls import authority
from voice_triage.tls.certificate_files import AUTHORITY_KEY_NAME, WARN_BEFORE, CertificateFiles
from voice_triage.tls.own_names import own_names

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
NAMES = ("frontdesk", "frontdesk.local", "192.168.1.20", "fd00::20")


class Calendar:
    """Turned by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def calendar() -> Calendar:
    """On the day that everything is made."""
    return Calendar()


@pytest.fixture
def files(tmp_path: Path, calendar: Calendar) -> CertificateFiles:
    """Of an empty data folder."""
    return CertificateFiles(tmp_path, calendar)


def test_the_certificate_holds_the_names_and_a_fingerprint_that_people_can_compare(files: CertificateFiles) -> None:
    """Names and addresses as given; SHA-256 as every system shows it."""
    made = files.init(NAMES)
    assert made.names == NAMES
    assert made == files.read()
    for fingerprint in (made.fingerprint, made.authority_fingerprint):
        assert len(fingerprint.split(":")) == 32
    assert made.fingerprint != made.authority_fingerprint


def test_the_authority_vouches_for_the_clinics_own_addresses_and_no_site_of_the_internet(
    files: CertificateFiles,
) -> None:
    """Another private address after the router gave one; no public name or address, whoever holds the key."""
    files.init(NAMES)
    assert files.renew(("frontdesk", "10.1.2.3", "other.local")).names == ("frontdesk", "10.1.2.3", "other.local")
    for foreign in (
        "bank.example",
        "frontdesk.example",
        "notfrontdesk",
        "8.8.8.8",
        "2001:4860:4860::8888",
        "local.com",
    ):
        with pytest.raises(TlsError, match="init --force"):
            files.renew((foreign,))
    assert files.read().names[0] == "frontdesk", "what was there stays"


def test_lifetimes_are_limited_and_end_with_the_authority(files: CertificateFiles, calendar: Calendar) -> None:
    """Thirteen months for the server, five years for the authority, never longer than it."""
    made = files.init(NAMES)
    assert made.ends_at - NOW == timedelta(days=authority.SERVER_DAYS)
    assert made.authority_ends_at - NOW == timedelta(days=authority.AUTHORITY_DAYS)
    calendar.now = made.authority_ends_at - timedelta(days=100)
    assert files.renew().ends_at <= made.authority_ends_at


def test_whoever_looks_after_it_is_warned_before_it_ends_and_told_when_it_has(
    files: CertificateFiles, calendar: Calendar
) -> None:
    """With the command that helps."""
    made = files.init(NAMES)
    assert files.warning(made) == ""
    calendar.now = made.ends_at - WARN_BEFORE
    assert "voice-triage tls renew" in files.warning(made)
    assert files.in_force() == made
    calendar.now = made.ends_at
    with pytest.raises(TlsError, match=r"ended on .* voice-triage tls renew"):
        files.in_force()
    renewed = files.renew()
    assert files.in_force() == renewed
    assert renewed.authority_fingerprint == made.authority_fingerprint, "nobody has to trust anew"
    assert renewed.fingerprint != made.fingerprint
    calendar.now = made.authority_ends_at - WARN_BEFORE
    assert "tls init --force" in files.warning(renewed)


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_keys_are_for_this_user_alone(files: CertificateFiles) -> None:
    """Also after they were made anew."""
    files.init(NAMES)
    files.renew()
    assert stat.S_IMODE(files.folder.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in files.folder.iterdir()}
    assert set(modes.values()) == {0o600}
    assert sum(b"PRIVATE KEY" in path.read_bytes() for path in files.folder.iterdir()) == 2


def test_what_cannot_be_used_says_what_to_do(files: CertificateFiles, tmp_path: Path) -> None:
    """No certificate, a damaged one, one of another authority, an authority without its key, a name that is none."""
    with pytest.raises(TlsError, match="voice-triage tls init"):
        files.read()
    made = files.init(NAMES)
    other = CertificateFiles(tmp_path / "other").init(NAMES)
    whole = made.path.read_bytes()
    for damaged in (b"", whole[:200], other.path.read_bytes()):
        made.path.write_bytes(damaged)
        with pytest.raises(TlsError, match="voice-triage tls renew"):
            files.read()
    made.path.write_bytes(whole)
    (files.folder / AUTHORITY_KEY_NAME).unlink()
    with pytest.raises(TlsError, match="init --force"):
        files.renew()
    for none in ("front desk", "-", "a/b", "*.local", "", "käse"):
        with pytest.raises(TlsError, match="neither a host name nor an address"):
            files.init(("frontdesk", none))


def test_a_machine_knows_a_name_of_its_own() -> None:
    """And none of them is the loopback address, which other machines cannot reach."""
    names = own_names()
    assert names
    assert not {"127.0.0.1", "::1"} & set(names)
