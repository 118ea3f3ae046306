"""The checks on words that the readers of pets' and clients' names share.

A recognizer gives no capitals, so the words around are all there is: what may be a name in a plain place ("his name's
...") need only not be a function word; in weaker places it must be no ordinary word, or a name known from
``lexicons/names.toml``.
"""

from __future__ import annotations

import re

from voice_triage.triage.readings import Scene
from voice_triage.triage.signalment import NameWords

_FUNCTION = frozenset(
    "a an the not on in at is it he she they we you i me my his her its our your their this that these "
    "those be been was were am are do does did has have had"
    " to of for from with by as so um uh and but or if because just gonna going got get what who how "
    "when where why yes no okay like well oh 's 've 'd 'll"
    " there here then than too very really about up out off over all any some one ones"
    " right now know sorry wait actually still also maybe think mean".split()
)
TITLES = frozenset(
    "mister mr miss missus mrs ms lady sir princess prince king queen captain lord little big baby saint general"
    " sergeant doctor professor aunt uncle".split()
)
"""Words that begin a pet's name of two words."""
_SECOND = frozenset("mae lou lu jo ann anne bear belle marie bean cat junior jr boo pie face bob roo girl boy".split())
"""Words that end one."""
_WORD = re.compile(r"[a-z][a-z'’]+")


class NameLine:
    """One utterance's symbol line with the name words: the checks that all name patterns share."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.line = scene.line
        self.words: NameWords = scene.signalment.names

    def norm(self, chunk: int) -> str:
        """The words of a chunk, symbols included; empty outside the line."""
        if not 0 <= chunk < len(self.line.items):
            return ""
        item = self.line.items[chunk]
        return " ".join(self.line.utterance.norms[item.first : item.last + 1])

    def sayable(self, chunk: int) -> bool:
        """Whether a chunk can be a name at all."""
        word = self.norm(chunk)
        symbol = self.line.symbol(chunk)
        if symbol[:3] in ("NUM", "DUR", "WEI", "CNT", "CLK", "DAY", "SPS", "SEN"):
            return False
        return _WORD.fullmatch(word) is not None and word not in _FUNCTION

    def plain(self, chunk: int) -> bool:
        """Whether a chunk is a word that is not ordinary English, so may be a name in a weaker place."""
        symbol = self.line.symbol(chunk)
        return (
            self.sayable(chunk)
            and (symbol == "PET" or symbol.islower())
            and self.norm(chunk) not in self.words.not_a_name
        )

    def pet(self, chunk: int) -> bool:
        """Whether a chunk is a known name of pets and not only an endearment."""
        word = self.norm(chunk)
        return word in self.words.pets and word not in self.words.endearments and word not in self.words.not_a_name

    def capital(self, chunk: int) -> bool:
        """Whether written text gives the word a capital within a sentence; a recognizer never does."""
        if not 0 < chunk < len(self.line.items) or self.line.symbol(chunk - 1) in (".", "?", "!", ":", "\n", "(", '"'):
            return False
        utterance = self.line.utterance
        text = utterance.words[utterance.word_of[self.line.items[chunk].first]].text
        return text[:1].isupper() and text[1:2].islower()

    def after_doctor(self, chunk: int) -> bool:
        """Whether "doctor" stands before: the veterinarian's name."""
        before = self.norm(chunk - 1)
        return before in ("doctor", "dr") or (before == "." and self.norm(chunk - 2) == "dr")

    def pet_value(self, chunk: int) -> tuple[str, int]:
        """The pet's name that begins at a chunk, and its last chunk; two words for "Mister Whiskers" and "Lucy Lou"."""
        word, last = self.norm(chunk), chunk
        following = chunk + 1 + (self.norm(chunk + 1) == ".")
        second = self.norm(following)
        if (word in TITLES and self.sayable(following)) or (
            second in _SECOND and self.line.symbol(following).islower()
        ):
            return f"{word} {second}", following
        return word, last
