"""What is said about a finding: one sentence for each rule, and one for its counter-example."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from voice_triage.events import Mention

CASES = [
    # denial, and what only looks like one
    ("she has no diarrhea", "diarrhea", "negated", "denial"),
    ("no he's throwing up", "vomiting", "present", "plain"),
    ("no throwing up", "vomiting", "negated", "denial"),
    ("he doesn't have a fever he's just limping", "limping", "present", "plain"),
    ("he doesn't have a fever he's just limping", "fever", "negated", "denial"),
    ("no vomiting diarrhea or coughing", "coughing", "negated", "denial"),
    ("not eating not drinking throwing up everywhere", "vomiting", "present", "plain"),
    ("he's not coughing or sneezing or anything", "coughing", "negated", "denial"),
    ("i don't think she's bleeding", "bleeding", "negated", "denial"),
    ("i haven't seen any blood", "bleeding", "negated", "denial"),
    ("i didn't notice when i washed him any limping", "limping", "negated", "denial"),
    ("not sure why she's limping", "limping", "present", None),
    ("my dog who never barks is limping", "limping", "present", None),
    ("everything but coughing", "coughing", "negated", None),
    # put behind the finding
    ("vomiting no diarrhea no", "vomiting", "negated", "denied_after"),
    ("vomiting no diarrhea no", "diarrhea", "negated", None),
    ("limping not that i've seen", "limping", "negated", "denied_after"),
    ("limping not anymore", "limping", "resolved", "ended_after"),
    ("seizures not yet", "seizure", "hypothetical", "not_yet"),
    # a denial of a denial, and an exception
    ("she hasn't gone an hour without vomiting", "vomiting", "present", "double_denial"),
    ("nothing except a little limping", "limping", "present", None),
    ("she ate all of it except the chicken bones and she's limping", "limping", "present", None),
    ("ain't nothing coming out of him but he's coughing", "coughing", "present", None),
    ("no limping well actually a little bit today", "limping", "present", "self_repair"),
    # what cannot stop is going on
    ("he can't stop coughing", "coughing", "present", "does_not_stop"),
    ("we couldn't get him to stop shaking", "shaking", "present", "does_not_stop"),
    ("she stopped coughing", "coughing", "resolved", "stopped"),
    ("she hasn't stopped coughing", "coughing", "present", "does_not_stop"),
    # over, and back again
    ("he was limping but he's fine now", "limping", "resolved", "recovered"),
    ("the limping went away", "limping", "resolved", "ended"),
    ("he was limping until yesterday", "limping", "resolved", "until_then"),
    ("the limping went away but it's back again", "limping", "present", None),
    ("he threw up and stopped eating", "vomiting", "present", None),
    ("he hasn't coughed since sunday", "coughing", "resolved", "none_since"),
    ("he had a seizure this morning but he's fine now", "seizure", "present", None),
    # long past, and recent
    ("he had a seizure last year", "seizure", "historical", "long_past"),
    ("when she was a puppy she had a seizure", "seizure", "historical", "long_past"),
    ("she used to have seizures", "seizure", "historical", "long_past"),
    ("he had a seizure but that was years ago", "seizure", "historical", "long_past"),
    ("he had a seizure last night", "seizure", "present", None),
    ("it started two months ago the limping", "limping", "present", None),
    ("he used to have seizures and now he's having them again he had a seizure today", "seizure", "present", None),
    # asked, feared, planned
    ("what should i do if she has a seizure", "seizure", "hypothetical", "conditional"),
    ("i'm scared he'll have a seizure", "seizure", "hypothetical", None),
    ("can dogs get seizures", "seizure", "hypothetical", "animals_in_general"),
    ("would the new pills give him diarrhea", "diarrhea", "hypothetical", "question"),
    ("she needs her kennel cough shot", "coughing", "hypothetical", "named_thing"),
    ("can i get it looked at before he starts limping", "limping", "hypothetical", "not_yet"),
    ("should i worry that he's limping", "limping", "present", None),
    ("do i need to come in if he's been coughing since monday", "coughing", "present", None),
    ("whenever he runs he coughs", "coughing", "present", None),
    ("if i press on it he cries", "crying", "present", None),
    ("i'm worried about his limping", "limping", "present", None),
    # doubt
    ("i'm not sure if she's limping", "limping", "uncertain", "doubt"),
    ("i think he's limping", "limping", "present", "suspected"),
    ("he might have a seizure on those", "seizure", "hypothetical", "modal"),
    # somebody else
    ("my neighbor's dog has seizures", "seizure", "other_subject", "other_animal"),
    ("my last dog had seizures", "seizure", "other_subject", "other_animal"),
    ("i've been coughing all week", "coughing", "other_subject", "client_self"),
    ("my husband's been coughing", "coughing", "other_subject", "person"),
    ("my husband says he's limping", "limping", "present", None),
    ("i haven't seen him limping", "limping", "negated", None),
    ("there was a shepherd at the park limping but mine's fine", "limping", "other_subject", "other_animal"),
    ("i'm watching my neighbor's dog and he's limping", "limping", "present", None),
    ("it's my roommate's cat she's limping", "limping", "present", None),
    ("he got bit by my other dog and he's limping", "limping", "present", None),
    # slips of the tongue
    ("he's coughing no wait not coughing he's sneezing", "coughing", "negated", None),
    ("he's limping no hang on it's just a burr", "limping", "negated", "self_repair"),
    ("he's i mean she's limping", "limping", "present", None),
]


@pytest.mark.parametrize(("text", "concept", "status", "rule"), CASES, ids=[f"{c[1]}: {c[0]}" for c in CASES])
def test_status(
    text: str, concept: str, status: str, rule: str | None, mentions: Callable[[str], Sequence[Mention]]
) -> None:
    """The finding gets the status that a listener gives it, by the rule meant for it."""
    found = [mention for mention in mentions(text) if mention.concept == concept]
    assert found, f"{concept} is not found at all"
    last = found[-1]
    assert str(last.status) == status, (last.cue, last.rule)
    if rule is not None:
        assert last.rule == rule


def test_a_verdict_carries_the_words_that_decided_it(mentions: Callable[[str], Sequence[Mention]]) -> None:
    """Cue and rule travel with the status, so that a reviewer sees why."""
    (denied,) = [m for m in mentions("she has no diarrhea") if m.concept == "diarrhea"]
    assert (denied.cue, denied.rule) == ("no", "denial")
    (past,) = [m for m in mentions("he had a seizure last year") if m.concept == "seizure"]
    assert past.cue == "last year"


@pytest.mark.parametrize(
    ("before", "after", "concept", "status"),
    [
        ("he hasn't", "been coughing or anything", "coughing", "negated"),
        ("i was calling about his limping", "it went away so cancel my appointment", "limping", "resolved"),
        ("no coughing", "or sneezing", "reverse_sneezing", "negated"),
        ("my other dog is fine", "my dog's limping", "limping", "present"),
        ("are you open late", "he's limping", "limping", "present"),
        ("they said call if", "she's been coughing all day", "coughing", "present"),
    ],
)
def test_a_sentence_may_break_between_utterances(
    before: str, after: str, concept: str, status: str, mentions: Callable[[str], Sequence[Mention]]
) -> None:
    """An utterance is read together with the one before it: recognizers cut anywhere."""
    found = [mention for mention in mentions(f"{before}\n{after}") if mention.concept == concept]
    assert [str(mention.status) for mention in found] == [status]
