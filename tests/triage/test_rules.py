"""Rules of judging: what the facts raise does not hang on the steps in which they came."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voice_triage.triage.lexicon import Lexicon
from voice_triage.triage.reading import reader_for
from voice_triage.triage.rules import NOTHING_JUDGED, Fact, Patient
from voice_triage.triage.tokens import words_of_text

SAID = (
    "he keeps going in and out of the litter box and nothing is coming out",
    "she threw up twice last night and three more times this morning",
    "he ate a lily and he's drooling",
    "i put the dog flea drops on him and he's twitching",
    "she swallowed a sock and now she's vomiting",
    "he's panting really hard",
    "he hasn't peed",
    "he won't eat",
    "it's all still in the box",
    "he's back to normal now",
    "she's been straining and there's blood in it",
)
PATIENTS = st.builds(
    Patient,
    species=st.sampled_from(("", "cat", "dog", "rabbit")),
    sex=st.sampled_from(("", "male", "female")),
    breed=st.sampled_from(("", "pug", "persian", "labrador")),
    onset_h=st.sampled_from((None, 1.0, 30.0)),
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.lists(st.sampled_from(SAID), max_size=2, unique=True), PATIENTS), min_size=1, max_size=5),
    st.data(),
)
def test_facts_judged_in_steps_raise_what_they_raise_together(
    lexicon: Lexicon, steps: Sequence[tuple[Sequence[str], Patient]], data: st.DataObject
) -> None:
    """Facts come, go, and the patient becomes known otherwise; each time the flags are those of all that stands."""
    reader = reader_for(lexicon)
    judged = NOTHING_JUDGED
    facts: list[Fact] = []
    words = 0
    for lines, patient in steps:
        for line in lines:
            said = words_of_text(line)
            facts += reader.read(reader.hear(said), words_before=words).facts
            words += len(said)
        gone = data.draw(st.integers(0, 2 * len(facts)))
        if gone < len(facts):
            facts.pop(gone)
        judged = reader.rulebook.judge(tuple(facts), patient, judged)
        assert judged == reader.rulebook.judge(tuple(facts), patient)
