"""The clinic's own words: its staff, products and street names, kept in its data folder beside no lexicon."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from voice_triage.domain_text.pronunciations import Pronunciation, check_word, parse_ways
from voice_triage.errors import LexiconError

FILE_NAME = "own-words.toml"
KINDS = ("staff", "place", "product", "pet")
"""What a word of one's own may be: it decides in which sentences it is expected."""
_HEAD = """\
# Words of this clinic that the recognizer should know. Written by `voice-triage lexicon add-word`, and yours to edit.
# kind: staff, place (street, town), product or pet. say: for each word the model does not know, the ways it is said
# (phones as in lexicons/pronunciations.toml). In force after the next `voice-triage models adapt`.
"""


class OwnWord(BaseModel):
    """A word or a name of several words."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    words: str
    kind: str
    say: dict[str, tuple[str, ...]] = {}
    """Each word that the model does not know -> ways it is said, as phones."""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    own: tuple[OwnWord, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnWords:
    """All own words of a clinic."""

    entries: tuple[OwnWord, ...]

    @property
    def slots(self) -> Mapping[str, Sequence[str]]:
        """Kind -> words, for ``sentences``."""
        return {kind: tuple(entry.words for entry in self.entries if entry.kind == kind) for kind in KINDS}

    @property
    def ways(self) -> Mapping[str, tuple[Pronunciation, ...]]:
        """Word -> ways it is said."""
        return {word: parse_ways(word, ways, FILE_NAME) for each in self.entries for word, ways in each.say.items()}


def load_own_words(path: Path) -> OwnWords:
    """The own words of a file; none if it is not there. Raises LexiconError naming the word and what to correct."""
    if not path.is_file():
        return OwnWords(())
    try:
        file = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise LexiconError(f"{path.name}: cannot be read as TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise LexiconError(f"{path.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    for entry in file.own:
        check_entry(entry, path.name)
    return OwnWords(file.own)


def check_entry(entry: OwnWord, where: str) -> None:
    """Raises LexiconError unless an entry can be used."""
    if entry.kind not in KINDS:
        raise LexiconError(f"{where}: {entry.words}: kind {entry.kind!r} is unknown; use one of {', '.join(KINDS)}")
    if not entry.words.split():
        raise LexiconError(f"{where}: an entry has no words; remove it")
    for word in entry.words.split():
        check_word(word, where)
    for word, ways in entry.say.items():
        if word not in entry.words.split():
            raise LexiconError(f"{where}: {entry.words}: {word!r} is none of its words; correct `say`")
        parse_ways(word, ways, where)


def with_entry(own: OwnWords, entry: OwnWord) -> OwnWords:
    """With an entry, instead of one of the same words and kind if there is one. Raises LexiconError if it is wrong."""
    check_entry(entry, FILE_NAME)
    kept = tuple(each for each in own.entries if (each.words, each.kind) != (entry.words, entry.kind))
    return OwnWords((*kept, entry))


def write_own_words(path: Path, own: OwnWords) -> None:
    """Write the file, readable and whole at any moment. Raises LexiconError if the folder cannot be written."""
    blocks = [_HEAD]
    for entry in own.entries:
        lines = ["[[own]]", f'words = "{entry.words}"', f'kind = "{entry.kind}"']
        said = ", ".join(
            f'"{word}" = [{", ".join(f"{chr(34)}{way}{chr(34)}" for way in ways)}]' for word, ways in entry.say.items()
        )
        blocks.append("\n".join([*lines, *([f"say = {{ {said} }}"] if said else [])]) + "\n")
    temporary = path.with_suffix(".tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text("\n".join(blocks), encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise LexiconError(f"{path} cannot be written: {error.strerror}. Set another data_dir.") from error
