"""The sounds of English that an acoustic model knows, and the transition ids that stand for them in its graph.

A phone has a variant for each place in a word (begin, end, inside, alone). Its transition id depends on the phone
before it, too, so a graph is asked which one follows which (``language-model.md``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voice_triage.errors import ModelError
from voice_triage.speech.fst_file import FileBytes

ARPABET = tuple(
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH".split()
)
"""The 39 phones of the CMU dictionary, without stress digits, in the order of the model's numbers."""
FIRST_PHONE = 11
"""Before it come the ten variants of silence and of noise."""
PLACES = ("begin", "end", "internal", "singleton")
BEGIN, END, INSIDE = 0, 1, 2
PLACES_FILE = "graph/phones/word_boundary.int"
_TUPLES = b"<Tuples> "
_TUPLE_BYTES = 20
"""Four int32 (phone, state of the phone, two distributions), each after one byte that tells its size."""
_SEARCHED_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class AcousticPhones:
    """Phones are numbers here, a phone of ARPAbet being four of them in a row."""

    of_transition: NDArray[np.int64]
    """(T + 1,): the phone of each transition id; 0 at 0, which is none."""

    def phones(self, sounds: NDArray[np.int32]) -> NDArray[np.int64]:
        """The phone of each arc's ``sound``; 0 for none, and for the ids that only tell words apart."""
        known = sounds < len(self.of_transition)
        return np.where(known, self.of_transition[np.where(known, sounds, 0)], 0)


def read_phones(model_dir: Path) -> AcousticPhones | None:
    """Read ``am/final.mdl`` and ``graph/phones/word_boundary.int``.

    None if the phones are not those of ARPAbet with four places each, numbered as in the small US English model: then
    no pronunciation can be given to this model. Raises ModelError if a file is damaged.
    """
    if not (model_dir / PLACES_FILE).is_file():
        return None
    lines = FileBytes.of(model_dir / PLACES_FILE)
    places = bytes(lines.take(lines.left)).decode("ascii", "replace").split("\n")
    kinds = ["nonword", *PLACES, "nonword", *PLACES, *PLACES * len(ARPABET)]
    expected = [f"{number} {kind}" for number, kind in enumerate(kinds, 1)]
    if [line.strip() for line in places if line.strip()] != expected:
        return None
    data = FileBytes.of(model_dir / "am" / "final.mdl")
    head = bytes(data.take(min(data.left, _SEARCHED_BYTES)))
    at = head.find(_TUPLES)
    data.need(at >= 0, "it holds no table of transitions")
    data.position = at + len(_TUPLES)
    size, count = data.numbers("bi")
    data.need(size == 4 and 0 < count <= data.left // _TUPLE_BYTES, "its table of transitions is damaged")
    rows = data.array("u1", _TUPLE_BYTES * count).reshape(count, 4, 5)
    data.need(np.all(rows[:, :, 0] == 4), "its table of transitions is damaged")
    phones = np.ascontiguousarray(rows[:, 0, 1:]).view("<i4").ravel().astype(np.int64)
    data.need(np.all((phones > 0) & (phones < FIRST_PHONE + 4 * len(ARPABET))), "it holds an unknown phone")
    return AcousticPhones(np.concatenate([[0], np.repeat(phones, 2)]))


def in_places(pronunciation: Sequence[str]) -> tuple[int, ...]:
    """The phones of a word by number, each in its place.

    Raises ModelError for fewer than two phones or one that is not of ARPAbet.
    """
    wrong = [phone for phone in pronunciation if phone not in ARPABET]
    if wrong or len(pronunciation) < 2:
        raise ModelError(
            f"The pronunciation {' '.join(pronunciation)!r} cannot be used: write two or more of {' '.join(ARPABET)}."
        )
    last = len(pronunciation) - 1
    places = (BEGIN if n == 0 else END if n == last else INSIDE for n in range(len(pronunciation)))
    return tuple(
        FIRST_PHONE + 4 * ARPABET.index(phone) + place for phone, place in zip(pronunciation, places, strict=True)
    )


def variants(phone: int) -> range:
    """The same sound in every place."""
    first = phone - (phone - FIRST_PHONE) % 4
    return range(first, first + 4)
