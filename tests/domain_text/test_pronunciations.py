"""Pronunciations: what can be heard, what cannot, and how a clinic adds words of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from voice_triage import resources
from voice_triage.domain_text.letters import guesses
from voice_triage.domain_text.own_words import OwnWord, OwnWords, load_own_words, with_entry, write_own_words
from voice_triage.domain_text.pronunciations import FILE_NAME, PHONES, Pronunciations, load_pronunciations
from voice_triage.domain_text.unheard import flag_concepts, unheard_words
from voice_triage.errors import LexiconError
from voice_triage.triage import lexicon as lexicons
from voice_triage.triage.lexicon import Lexicon

BUNDLED = resources.lexicons_dir()


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    """The bundled lexicon."""
    return lexicons.load(BUNDLED)


@pytest.fixture(scope="module")
def everything(lexicon: Lexicon) -> frozenset[str]:
    """A vocabulary that holds every word of the lexicon."""
    return frozenset(word for phrases in lexicon.phrases.values() for phrase in phrases for word in phrase)


def edited(tmp_path: Path, old: str, new: str) -> Path:
    """A folder whose pronunciations file is the bundled one with a change."""
    shutil.copy(BUNDLED / FILE_NAME, tmp_path / FILE_NAME)
    path = tmp_path / FILE_NAME
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return tmp_path


def test_named_poisons_and_medicines_have_their_sound() -> None:
    """What small models do not know and a flag hangs on has one to three pronunciations in ARPAbet."""
    ways = load_pronunciations(BUNDLED).ways
    for word in ["rimadyl", "permethrin", "bromethalin", "metaldehyde", "parvo", "pyometra", "gdv", "gummies"]:
        assert 1 <= len(ways[word]) <= 3, word
    assert all(phone in PHONES for said in ways.values() for way in said for phone in way)


def test_no_two_ways_of_one_word_are_the_same() -> None:
    """A pronunciation that is there twice would only cost time."""
    for word, said in load_pronunciations(BUNDLED).ways.items():
        assert len(set(said)) == len(said), word


def test_a_wrong_phone_is_told_with_the_right_one(tmp_path: Path) -> None:
    """A phone with a stress digit, as CMUdict writes it, is refused with the word and the phone meant."""
    with pytest.raises(LexiconError, match=r"rimadyl: 'IH1' is no phone; did you mean IH\?"):
        load_pronunciations(edited(tmp_path, '"R IH M AH D IH L"', '"R IH1 M AH D IH L"'))


def test_a_word_stands_in_one_list(tmp_path: Path) -> None:
    """A word cannot be pronounced and be said as other words."""
    with pytest.raises(LexiconError, match=r"'catbox' is in \[words\] and in \[said_as\]"):
        load_pronunciations(edited(tmp_path, "[words]", '[words]\ncatbox = ["K AE T B AA K S"]'))


def test_a_word_without_sound_is_listed_and_a_flag_may_depend_on_it(
    lexicon: Lexicon, everything: frozenset[str]
) -> None:
    """Without a pronunciation "permethrin" cannot be heard, and a flag depends on it; with one it can."""
    silent = Pronunciations({}, {})
    found = {each.word: each for each in unheard_words(lexicon, everything - {"permethrin", "skink"}, silent)}
    assert found["permethrin"].red_flag
    assert "permethrin" in found["permethrin"].needed_by
    assert not found["skink"].red_flag
    given = Pronunciations({"permethrin": (("P", "ER"),)}, {})
    assert "permethrin" not in {each.word for each in unheard_words(lexicon, everything - {"permethrin"}, given)}


def test_said_as_counts_only_if_its_words_are_known(lexicon: Lexicon, everything: frozenset[str]) -> None:
    """The word litterbox, said as "litter box", is heard if "litter" and "box" are."""
    said = Pronunciations({}, {"litterbox": ("litter", "box")})
    known = everything - {"litterbox"}
    assert "litterbox" not in {each.word for each in unheard_words(lexicon, known, said)}
    assert "litterbox" in {each.word for each in unheard_words(lexicon, known - {"litter"}, said)}


def test_one_name_of_a_breed_is_enough(lexicon: Lexicon) -> None:
    """Of a breed that is written many ways it is enough to hear one."""
    breeds = frozenset({"labrador", "goldendoodle"})
    lost = {name for each in unheard_words(lexicon, breeds, Pronunciations({}, {})) for name in each.needed_by}
    assert "labrador" not in lost
    assert "goldendoodle" not in lost
    assert "vizsla" in lost


def test_flags_depend_on_what_rules_name(lexicon: Lexicon) -> None:
    """Substances that raise nothing by themselves are among what a flag may depend on: rules name their groups."""
    assert {"permethrin", "human_pain_medicine", "lily", "seizure"} <= flag_concepts(lexicon)
    assert "bad_teeth" not in flag_concepts(lexicon)


def test_own_words_are_kept_and_replaced(tmp_path: Path) -> None:
    """What is written is read back; the same word added again replaces the entry."""
    path = tmp_path / "data" / "own-words.toml"
    assert load_own_words(path) == OwnWords(())
    first = OwnWord(words="okonkwo", kind="staff", say={"okonkwo": ("AA K AA N K W OW",)})
    second = OwnWord(words="quarry lane", kind="place")
    better = OwnWord(words="okonkwo", kind="staff", say={"okonkwo": ("OW K AA NG K W OW", "AH K AA NG K W OW")})
    own = OwnWords(())
    for entry in (first, second, better):
        own = with_entry(own, entry)
    write_own_words(path, own)
    read = load_own_words(path)
    assert read.entries == (second, better)
    assert read.slots["staff"] == ("okonkwo",)
    assert read.ways["okonkwo"][0] == ("OW", "K", "AA", "NG", "K", "W", "OW")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[own]]\nwords = "okonkwo"\nkind = "person"', "kind 'person' is unknown; use one of staff"),
        ('[[own]]\nwords = "Dr. Okonkwo"\nkind = "staff"', "'Dr.': write one word in lower-case letters"),
        ('[[own]]\nwords = "okonkwo"\nkind = "staff"\nsay = { okonkw = ["OW K"] }', "'okonkw' is none of its words"),
        ('[[own]]\nwords = "okonkwo"\nkind = "staff"\nsay = { okonkwo = ["OW Q"] }', "'Q' is no phone"),
        ("[[own]\n", "cannot be read as TOML"),
    ],
)
def test_a_mistake_in_own_words_is_named(tmp_path: Path, text: str, told: str) -> None:
    """A hand-edited own-words file with a mistake is refused, saying what to write."""
    path = tmp_path / "own-words.toml"
    path.write_text(text)
    with pytest.raises(LexiconError) as caught:
        load_own_words(path)
    assert told in str(caught.value)


def test_letters_give_a_first_guess() -> None:
    """Regular names get their usual sound; a word without a vowel gets no guess."""
    assert "M AA R T IH N" in guesses("martin")
    assert "B R AE D SH AO" in guesses("bradshaw")
    assert guesses("okonkwo")[0].endswith("K W OW")
    assert guesses("pfft") == ()


def test_guesses_are_near_the_checked_pronunciations() -> None:
    """Of the words checked by hand, four of five guessed phones are right: worth showing, not worth trusting."""
    wrong = total = 0
    for word, ways in load_pronunciations(BUNDLED).ways.items():
        drafts = [tuple(draft.split()) for draft in guesses(word)]
        if drafts:
            distance, length = min((_distance(draft, way), len(way)) for draft in drafts for way in ways)
            wrong, total = wrong + distance, total + length
    assert wrong / total < 0.2


def _distance(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    row = list(range(len(other) + 1))
    for at, left in enumerate(one, 1):
        diagonal, row[0] = row[0], at
        for to, right in enumerate(other, 1):
            diagonal, row[to] = row[to], min(row[to] + 1, row[to - 1] + 1, diagonal + (left != right))
    return row[-1]
