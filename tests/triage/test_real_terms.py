"""What the recognizer writes for a term that it does not know is told as the real term, and kept as it was heard."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from tests.triage.conftest import Hear
from voice_triage.events import FlagRaised, Mention
from voice_triage.triage.lexicon import Lexicon
from voice_triage.triage.lexicon_source import LexiconSource


@pytest.mark.parametrize(
    ("said", "heard", "meant"),
    [
        ("my dog ate my zan ax", "zan ax", "xanax"),
        ("my dog ate my zan ax", "ate my zan ax", "ate my xanax"),
        ("he ate um zan ax", "ate um zan ax", "ate um xanax"),
        ("my dog ate my xanax", "ate my xanax", ""),
    ],
)
def test_a_mention_tells_the_term_that_was_meant(
    mentions: Callable[[str], Sequence[Mention]], said: str, heard: str, meant: str
) -> None:
    """In it and in the mentions around it; a term that was heard as it is needs none."""
    assert {mention.meant for mention in mentions(said) if mention.text == heard} == {meant}


def test_the_reason_says_the_real_term_and_the_evidence_what_was_heard(hear: Hear) -> None:
    """The CSR reads of the medicine; the words as heard are kept."""
    flag = next(event for event in hear("my dog ate my zan ax an hour ago")[1] if isinstance(event, FlagRaised))
    assert "“ate my xanax”" in flag.reason
    assert flag.evidence == "ate my zan ax"


def test_every_sound_alike_of_the_lexicon_is_told_as_its_term(
    lexicon: Lexicon, mentions: Callable[[str], Sequence[Mention]]
) -> None:
    """Whoever adds one need not think of the transcript."""
    source = LexiconSource(lexicon.folder, lexicon)
    lost = [
        (concept.id, way)
        for concept in lexicon.concepts.values()
        for term, alikes in concept.sound_alikes.items()
        for alike in alikes
        for way in source.samples(source.parsed(alike), 4)
        if term not in {mention.meant for mention in mentions(way) if mention.concept == concept.id}
    ]
    assert lost == []
