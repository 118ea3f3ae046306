"""Rules of finding many phrases at once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voice_triage.triage.phrases import Phrases

WORDS = st.sampled_from("he can not keep it down".split())
PHRASES = st.dictionaries(st.lists(WORDS, min_size=1, max_size=4).map(tuple), st.integers(), max_size=12)


@given(PHRASES, st.lists(WORDS, max_size=12))
def test_every_phrase_is_found_wherever_it_stands(phrases: dict[tuple[str, ...], int], words: list[str]) -> None:
    """Also inside a longer one, over another's beginning, and twice: just as if each were looked for by itself."""
    places = [(start, end) for start in range(len(words)) for end in range(start + 1, len(words) + 1)]
    said = [(start, end, phrases.get(tuple(words[start:end]))) for start, end in places]
    assert Phrases(phrases.items()).find(words) == [place for place in said if place[2] is not None]


def test_a_phrase_given_twice_means_what_was_given_last() -> None:
    """One phrase, one meaning."""
    assert Phrases([(["not"], "a"), (["not"], "b")]).find(["not"]) == [(0, 1, "b")]


def test_phrases_of_one_meaning_go_on_each_in_its_own_way() -> None:
    """Ends of phrases are kept once for each meaning; a longer phrase changes none but its own."""
    phrases = Phrases([(["not"], "a"), (["he"], "a"), (["not", "eating"], "b"), (["he", "can"], "a")])
    assert phrases.find(["he", "eating"]) == [(0, 1, "a")]
    assert phrases.find(["not", "eating"]) == [(0, 1, "a"), (0, 2, "b")]
    assert phrases.find(["not", "can"]) == [(0, 1, "a")]
