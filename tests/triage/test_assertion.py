"""What is said about a finding: one sentence for each rule, and one for its counter-example."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from voice_triage.events import Mention
from voice_triage.triage.cues import Cues, cue_phrases
from voice_triage.triage.lexicon import Lexicon
from voice_triage.triage.reading import Reader, reader_for
from voice_triage.triage.tokens import words_of_text

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
    # a suspicion said short, and one said carelessly
    ("he might've eaten a grape", "ate_toxin", "present", "suspected"),
    ("she could've gotten into the rat poison", "ate_toxin", "present", "suspected"),
    ("he might have a seizure", "seizure", "hypothetical", "modal"),
    # who took it in, and whose bones
    ("i ate a brownie", "ate_toxin", "other_subject", "client_self"),
    ("he ate a brownie", "ate_toxin", "present", "plain"),
    ("my kid fed her grapes", "ate_toxin", "present", None),
    ("my mom broke her hip", "fracture", "other_subject", "person"),
    ("my son broke her leg slamming the door", "fracture", "present", None),
    ("it's just me that's limping", "limping", "other_subject", "client_self"),
    ("coughing oh that's my husband", "coughing", "other_subject", "person"),
    ("my sister says she's been throwing up herself", "vomiting", "other_subject", "person"),
    ("my sister says she's been throwing up", "vomiting", "present", None),
    ("the price made me gasp", "difficulty_breathing", "other_subject", "client_self"),
    ("you sound like you're choking", "choking", "other_subject", "person"),
    ("when i lift you can hear him wheezing", "difficulty_breathing", "present", None),
    # a past in the if-clause of a question about now has happened; an unreal one has not
    ("is it bad if he ate a grape", "ate_toxin", "present", "asked_of_fact"),
    ("is it bad if dogs eat grapes", "ate_toxin", "hypothetical", None),
    ("i'd call you if he ate a grape", "ate_toxin", "hypothetical", "conditional"),
    ("what if he ate a grape", "ate_toxin", "hypothetical", None),
    ("would i be calling if he wasn't limping", "limping", "present", "unreal"),
    ("if he wasn't limping we'd be fine", "limping", "present", "unreal"),
    ("why would she be limping", "limping", "present", None),
    ("would she be limping on that", "limping", "hypothetical", None),
    ("he limps if you push him", "limping", "present", None),
    ("call me whenever she gets a fever", "fever", "hypothetical", "when_it_comes"),
    ("she gets a fever whenever we board her", "fever", "present", None),
    ("i'm afraid the limping will come back", "limping", "hypothetical", "to_come"),
    ("if you catch my drift he's limping", "limping", "present", None),
    ("how much limping would it take", "limping", "hypothetical", "in_general"),
    # puppies are not always puppies in general
    ("she had puppies and she's bleeding", "bleeding", "present", None),
    ("do puppies limp", "limping", "hypothetical", "animals_in_general"),
    # commas and bare nouns end a denial; a list does not
    ("i can't get him to cool down, gums are brick red", "red_gums", "present", None),
    ("can't cool him off and his tongue's purple", "blue_gums", "present", None),
    ("no vomiting, diarrhea or coughing", "coughing", "negated", "denial"),
    # likenesses of a whole phrase are no finding; a finding that is more than the phrase is one
    ("he shakes his head", "shaking", "not_meant", "idiom"),
    ("his face won't stop twitching", "shaking", "present", None),
    # denied behind, at a distance, or in a roundabout way
    ("is he limping hm no can't say that he is", "limping", "negated", None),
    ("limping you said no no he's walking great", "limping", "negated", "answered_no"),
    ("pain i would say he doesn't have", "in_pain", "negated", "topic_denied"),
    ("i very much doubt that he's limping", "limping", "negated", None),
    ("it's not like he's limping", "limping", "negated", "denied_next"),
    ("it isn't that he won't eat", "not_eating", "negated", None),
    ("he doesn't act like he's hurting", "in_pain", "negated", None),
    ("limping not that i know of", "limping", "negated", None),
    ("he hasn't fallen hasn't fainted", "loss_of_consciousness", "negated", None),
    ("he hasn't gone one single day this week without limping", "limping", "present", "double_denial"),
    ("he doesn't do anything except have diarrhea", "diarrhea", "present", None),
    ("no accidents no wet spots no clumps", "no_urine_found", "present", None),
    # kept from happening
    ("i got it out of his mouth before he ate a grape", "ate_toxin", "negated", "prevented"),
    ("he ate a grape before i got to him", "ate_toxin", "present", None),
    ("he almost got hit by a car", "hit_by_car", "negated", None),
    # over, by what is told of now
    ("he was limping and now he's tearing around the yard", "limping", "resolved", "recovered"),
    ("he was limping and now he won't get up", "limping", "present", None),
    ("he was limping yesterday and today he's fine but he's throwing up", "vomiting", "present", None),
    ("the limping hasn't come back", "limping", "resolved", None),
    ("the bleeding hasn't stopped", "bleeding", "present", None),
    ("he was limping no wait that was my other dog", "limping", "other_subject", "other_animal"),
    ("he has a limp i mean not now that was last january", "limping", "historical", None),
    ("she comes back in limping", "limping", "present", None),
    ("he had a seizure back in january", "seizure", "historical", "long_past"),
    ("my kid is screaming", "screaming", "other_subject", "person"),
    # mine, theirs
    ("my friend's dog had a seizure mine's fine", "seizure", "other_subject", None),
    ("my sister says hers has been limping", "limping", "other_subject", None),
    ("the dog down the street is limping", "limping", "other_subject", "other_animal"),
    ("my old girl is limping", "limping", "present", None),
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


MUTATED = [
    ("denies_next", "there's no way he's limping", "limping", "negated"),
    ("persists", "he never quits coughing", "coughing", "present"),
    ("well", "he was limping and he's perky today", "limping", "resolved"),
    ("resolved_after", "the coughing went away", "coughing", "resolved"),
    ("historical", "he had a seizure last year", "seizure", "historical"),
    ("person", "my husband is limping", "limping", "other_subject"),
    ("other_animal", "the other dog is limping", "limping", "other_subject"),
    ("generic", "most old dogs get seizures", "seizure", "hypothetical"),
    ("not_yet", "seizures not yet", "seizure", "hypothetical"),
    ("denied_after", "limping not that i've seen", "limping", "negated"),
]


@pytest.mark.parametrize(("cues", "text", "concept", "status"), MUTATED, ids=[case[0] for case in MUTATED])
def test_every_list_of_cues_is_needed(cues: str, text: str, concept: str, status: str, lexicon: Lexicon) -> None:
    """Without its list of cues a sentence gets another status: the tests would see a list go missing."""

    def status_by(reader: Reader) -> str:
        found = [m for m in reader.read(reader.hear(words_of_text(text))).mentions if m.concept == concept]
        return str(found[-1].status)

    lists = tomllib.loads((lexicon.folder / "cues.toml").read_text(encoding="utf-8"))["cues"]
    assert status_by(reader_for(lexicon)) == status
    assert status_by(Reader(replace(lexicon, cues=Cues(cue_phrases({**lists, cues: []}))))) != status
