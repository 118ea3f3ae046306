"""Passwords: what is accepted, and how they are kept (argon2id)."""

from __future__ import annotations

import itertools
import threading
import unicodedata
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from voice_triage.errors import AccountError

FEWEST_CHARACTERS: Final = 12
"""[OWASP ASVS 4.0.3, 2.1.1]"""
MOST_CHARACTERS: Final = 256
"""Long enough for any sentence, short enough to cost nothing to refuse."""
FEWEST_DIFFERENT: Final = 6
COUNTED: Final = 0.7
"""So many of the steps from one character to the next, and it counts rather than says anything."""
TIME_COST: Final = 2
MEMORY_KIB: Final = 19 * 1024
LANES: Final = 1
"""OWASP's least setting of argon2id (Password Storage Cheat Sheet): 19 MiB, two rounds, one lane. Kept at that on
purpose: it runs on the computer that recognizes speech, on one core for some hundredths of a second, one at a time."""
COMMON: Final = frozenset(
    "password passwort passphrase letmein welcome iloveyou qwerty qwertyuiop qwertz asdfgh asdfghjkl administrator "
    "admin supervisor technician receptionist frontdesk veterinary veterinarian vetclinic animalhospital clinic "
    "hospital voicetriage voice triage changeme secret default monkey dragon football baseball sunshine princess "
    "master superman trustno login abc abcdef abcdefgh abcdefghijkl".split()
)
"""Beginnings of every list of leaked passwords, and words that lie near here; digits and signs around them and
repeating them make them no better."""


class Passwords:
    """Hashes and checks, one at a time: speech is being recognized on the same computer. Thread-safe."""

    def __init__(self, *, time_cost: int = TIME_COST, memory_kib: int = MEMORY_KIB) -> None:
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=LANES)
        self._one_at_a_time = threading.Lock()
        self._nobodys: str | None = None

    def hashed(self, password: str) -> str:
        """What is kept of ``password``, in argon2's own notation with salt and costs."""
        with self._one_at_a_time:
            return self._hasher.hash(_spelled(password))

    def fits(self, password: str, kept: str | None) -> bool:
        """Whether ``password`` is the kept one. Without one (no such account) it takes just as long to say no."""
        spelled = _spelled(password)
        with self._one_at_a_time:
            if self._nobodys is None:
                self._nobodys = self._hasher.hash("nobody has this password")
            try:
                self._hasher.verify(self._nobodys if kept is None else kept, spelled)
            except (VerificationError, InvalidHashError):
                return False
        return kept is not None


def refuse_weak(password: str, *others: str) -> None:
    """Raises AccountError, saying what is missing, if ``password`` is easily guessed; ``others`` are the names by it.

    Length counts, not kinds of characters [NIST SP 800-63B-4, section 3.1.1.2].
    """
    spelled = _spelled(password)
    if len(spelled) < FEWEST_CHARACTERS:
        raise AccountError(f"A password needs at least {FEWEST_CHARACTERS} characters. Four words in a row are good.")
    if len(spelled) > MOST_CHARACTERS:
        raise AccountError(f"A password may have {MOST_CHARACTERS} characters at most.")
    folded = spelled.casefold()
    if len(set(folded)) < FEWEST_DIFFERENT or _counts(folded):
        raise AccountError("This password repeats a few characters or counts them up. Four words in a row are good.")
    names = {part for other in others for part in [_letters(other), *map(_letters, other.split())] if len(part) > 2}
    if any(_made_of(_letters(folded), word) for word in COMMON | names):
        raise AccountError("This password is one of the first to be guessed. Four words in a row are good.")


def _spelled(password: str) -> str:
    """The same on every keyboard and system [NIST SP 800-63B-4, section 3.1.1.2: normalize]."""
    return unicodedata.normalize("NFKC", password)


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalpha())


def _made_of(letters: str, word: str) -> bool:
    """Whether ``letters`` are ``word``, once or again and again."""
    return len(letters) >= len(word) and letters == (word * (len(letters) // len(word) + 1))[: len(letters)]


def _counts(text: str) -> bool:
    """Whether most characters are the one before, the next or the previous one: 1234, aabbcc, 9876."""
    steps = [(ord(after) - ord(before)) for before, after in itertools.pairwise(text.replace("90", "9:"))]
    return sum(abs(step) <= 1 for step in steps) > COUNTED * len(steps)
