"""Passwords: which are accepted, how they are kept, what checking them costs."""

from __future__ import annotations

import re
import threading

import pytest

from voice_triage.accounts.passwords import LANES, MEMORY_KIB, TIME_COST, Passwords, refuse_weak
from voice_triage.errors import AccountError

CHEAP = Passwords(time_cost=1, memory_kib=8)


@pytest.mark.parametrize(
    "weak",
    [
        *("", "short", "elevenchars", "aaaaaaaaaaaaaaaa", "abababababab", "123456789012", "abcdefghijklmnop"),
        *("password1234", "PasswordPassword", "qwertyuiop12", "veterinary2026!!", "welcome.welcome", "1234Letmein5678"),
        *("sue doe sue doe", "Sue-Doe-2026!", "sue.doe.sue.doe", "x" * 300, "0123456789ab", "Voice.Triage.2026"),
    ],
)
def test_a_password_that_is_soon_guessed_is_refused(weak: str) -> None:
    """Short, repeated, counted up, common with digits around it, or the person's own name; the answer says why."""
    with pytest.raises(AccountError, match=r"password"):
        refuse_weak(weak, "sue.doe", "Sue Doe")


@pytest.mark.parametrize(
    "good",
    [
        "seven brown geese fly",
        "correct-horse-battery",
        "Übermorgen früh um 7",
        "犬と猫とうさぎと鳥と魚と馬と牛",
        "rT9$kk2!mQ7z",
    ],
)
def test_a_long_one_is_accepted_whatever_is_in_it(good: str) -> None:
    """No rule about kinds of characters: length counts."""
    refuse_weak(good, "sue.doe", "Sue Doe")


def test_what_is_kept_is_argon2id_with_its_own_salt_at_the_documented_cost() -> None:
    """The same password twice gives two hashes; neither holds it."""
    real = Passwords()
    first, second = real.hashed("seven brown geese fly"), real.hashed("seven brown geese fly")
    assert first != second
    assert re.match(rf"\$argon2id\$v=19\$m={MEMORY_KIB},t={TIME_COST},p={LANES}\$", first)
    assert "geese" not in first
    assert real.fits("seven brown geese fly", first)
    assert not real.fits("seven brown geese Fly", first)


def test_the_same_password_from_another_keyboard_fits() -> None:
    """Characters that look the same and are written in another way count as the same."""
    kept = CHEAP.hashed("caf\u00e9 om sju i morgon")
    assert CHEAP.fits("cafe\u0301 om sju i morgon", kept)


@pytest.mark.parametrize(
    "damaged", [None, "", "plain", "$argon2id$v=19$m=8,t=1,p=1$$", "$2b$12$abcdefghijklmnopqrstuv"]
)
def test_no_password_fits_what_is_no_hash(damaged: str | None) -> None:
    """No account, or a line of the file that was damaged: the answer is no, not an error."""
    for typed in ("", "nobody has this password", "plain"):
        assert not CHEAP.fits(typed, damaged)


def test_checks_are_done_one_at_a_time() -> None:
    """Speech is being recognized on the same computer: no number of attempts takes more than one core."""

    class Watched(Passwords):
        inside = most = 0

        def fits(self, password: str, kept: str | None) -> bool:
            with self._one_at_a_time:
                self.inside += 1
                self.most = max(self.most, self.inside)
                self.inside -= 1
            return super().fits(password, kept)

    watched = Watched(time_cost=1, memory_kib=8)
    kept = watched.hashed("seven brown geese fly")
    threads = [threading.Thread(target=watched.fits, args=("wrong", kept)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert watched.most == 1
