"""How words sound that the recognizer does not know: ``lexicons/pronunciations.toml``."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from voice_triage import resources
from voice_triage.errors import LexiconError

FILE_NAME = "pronunciations.toml"
PHONES = tuple(
    ("AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH").split()
)
"""ARPAbet without stress, as in the CMU Pronouncing Dictionary."""
Pronunciation = tuple[str, ...]
_WORD = re.compile(r"[a-z]+('[a-z]*)*")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str = ""
    said_as: dict[str, str] = {}
    words: dict[str, tuple[str, ...]] = {}


@dataclass(frozen=True, slots=True)
class Pronunciations:
    """What a pronunciations file says."""

    ways: Mapping[str, tuple[Pronunciation, ...]]
    """Word -> each way it is said, as phones."""
    said_as: Mapping[str, tuple[str, ...]]
    """Word of written text -> the words said for it."""


def pronunciations_path(lexicon_folder: Path) -> Path:
    """The file beside a lexicon, or, where a clinic's own lexicon has none, the bundled one."""
    own = lexicon_folder / FILE_NAME
    return own if own.is_file() else resources.lexicons_dir() / FILE_NAME


def load_pronunciations(lexicon_folder: Path) -> Pronunciations:
    """Raises LexiconError naming file, word and what to correct."""
    path = pronunciations_path(lexicon_folder)
    try:
        file = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise LexiconError(f"{path.name}: cannot be read as TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise LexiconError(f"{path.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    for word in (*file.words, *file.said_as):
        check_word(word, path.name)
    for word in file.words.keys() & file.said_as.keys():
        raise LexiconError(f"{path.name}: {word!r} is in [words] and in [said_as]; leave it in one of them")
    return Pronunciations(
        {word: parse_ways(word, ways, path.name) for word, ways in file.words.items()},
        {word: tuple(said.split()) for word, said in file.said_as.items()},
    )


def check_word(word: str, where: str) -> None:
    """Raises LexiconError unless ``word`` is one lower-case word."""
    if not _WORD.fullmatch(word):
        raise LexiconError(f"{where}: {word!r}: write one word in lower-case letters, without digits or points")


def parse_ways(word: str, ways: tuple[str, ...], where: str) -> tuple[Pronunciation, ...]:
    """The phones of each way a word is said. Raises LexiconError naming the phone that is none."""
    if not ways:
        raise LexiconError(f"{where}: {word}: give at least one pronunciation")
    parsed: list[Pronunciation] = []
    for way in ways:
        phones = tuple(way.split())
        if len(phones) < 2:
            raise LexiconError(f"{where}: {word}: {way!r} is too short: no word of one sound can be told from noise")
        for phone in phones:
            if phone not in PHONES:
                near = difflib.get_close_matches(phone.upper().rstrip("012"), PHONES, 1, cutoff=0.4)
                hint = f"; did you mean {near[0]}?" if near else f"; the phones are {' '.join(PHONES)}"
                raise LexiconError(f"{where}: {word}: {phone!r} is no phone{hint}")
        parsed.append(phones)
    return tuple(dict.fromkeys(parsed))
