"""A changed lexicon on calls: what it gains and loses is exactly what was edited."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes import words
from tests.store.logs import ended, flag, placed, started, withdrawn
from tests.trial.conftest import Edited
from voice_triage.events import Event, FinalTranscript, Logged, Outcome, Side, Urgency, UtteranceReheard, to_json
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore
from voice_triage.triage.lexicon import Lexicon
from voice_triage.trial.calls import NEEDED, TrialCall, calls_in, ended_calls, kept_call
from voice_triage.trial.readers import compare
from voice_triage.trial.reread import Change, reread

DEVELOPMENT = Path(__file__).parents[1] / "calls"
GLOWING = """
[[concept]]
id = "glowing_tail"
category = "neuro"
label = "a glowing tail"
flag = "red"
templates = ["tail {gap} (glow|glows|glowing)"]
"""
SAID = {
    "said": "hi my dog his tail is glowing",
    "denied": "his tail is not glowing",
    "another": "my neighbor's dog has a tail that is glowing",
    "twice": "his tail was glowing\nand now his tail is glowing again",
    "else": "he has a long tail",
    "vomit": "he threw up four times today and there was blood in it",
}


def texts(said: dict[str, str]) -> list[TrialCall]:
    """Texts as calls."""
    return [TrialCall("texts", name, text=text) for name, text in said.items()]


def development_calls() -> list[TrialCall]:
    """Every acted call in the tests."""
    return [call for name in ("calls", "calls-2") for call in calls_in(DEVELOPMENT / name)]


def changed(calls: Sequence[TrialCall], in_force: Lexicon, tried: Lexicon) -> set[tuple[str, Change, str]]:
    """(call, change, category) of every flag that differs."""
    compared = [compare(call, in_force, tried) for call in calls]
    return {(each.call, flag.change, flag.shown.category) for each in compared for flag in each.flags}


def heard(text: str, utterance: int, start_s: float = 0.0) -> FinalTranscript:
    """The client's utterance, three words a second."""
    spoken = words(text, start_s)
    return FinalTranscript(start_s + 5.0, Side.CLIENT, utterance, spoken, text, start_s, start_s + 4.0)


def again(text: str, utterance: int, outcome: Outcome = Outcome.SETTLED, start_s: float = 0.0) -> UtteranceReheard:
    """That utterance, heard again."""
    spoken = tuple(replace(word, confidence=0.9) for word in words(text, start_s))
    return UtteranceReheard(start_s + 7.0, Side.CLIENT, utterance, outcome, spoken, text, start_s, start_s + 4.0)


def test_the_same_lexicon_changes_nothing_in_any_development_call(shipped: Lexicon, edited: Edited) -> None:
    """A copy of the lexicon gives every flag and every field as the lexicon itself, in all acted calls."""
    copy = edited()
    calls = development_calls()
    compared = [compare(call, shipped, copy) for call in calls]
    assert len(calls) >= 100
    assert not [each for each in compared if each.flags or each.fields or each.failed]
    assert sum(len(each.before) for each in compared) > 60


def test_an_added_concept_gains_exactly_the_calls_that_say_it(shipped: Lexicon, edited: Edited) -> None:
    """Calls that say it of the pet now are gained; those that deny it, or say it of another, are not; none is lost."""
    glowing = edited(added=GLOWING)
    found = changed([*texts(SAID), *development_calls()], shipped, glowing)
    assert found == {("said", Change.GAINED, "neuro"), ("twice", Change.GAINED, "neuro")}
    back = changed(texts(SAID), glowing, shipped)
    assert back == {("said", Change.LOST, "neuro"), ("twice", Change.LOST, "neuro")}


def test_a_removed_template_loses_exactly_the_calls_that_only_it_found(shipped: Lexicon, edited: Edited) -> None:
    """Other ways of saying the same still raise the flag."""
    glowing = edited(added=GLOWING.replace('"tail {gap}', '"tail is lit", "tail {gap}'))
    without = edited(added=GLOWING)
    said = {"lit": "his tail is lit", "both": "his tail is lit and his tail is glowing", "glows": "his tail glows"}
    assert changed(texts(said), glowing, without) == {("lit", Change.LOST, "neuro")}


def test_a_removed_cue_changes_exactly_the_calls_that_it_decided(shipped: Lexicon, edited: Edited) -> None:
    """Without a word of denial the finding counts as present; calls denied in other words stay as they are."""
    without = edited(file="cues.toml", old='"free of", ', new="")
    said = {"free": "he has been free of seizures", "not": "he has not had a seizure", "has": "he is having a seizure"}
    found = changed(texts(said), shipped, without)
    assert found == {("free", Change.GAINED, "neuro")}
    assert not changed(development_calls(), shipped, without)


def test_a_changed_urgency_is_no_flag_gained(shipped: Lexicon, edited: Edited) -> None:
    """Red that becomes orange, and back, is told as such."""
    red, orange = edited(added=GLOWING), edited(added=GLOWING.replace('"red"', '"orange"'))
    assert changed(texts({"said": SAID["said"]}), red, orange) == {("said", Change.NOW_ORANGE, "neuro")}
    assert changed(texts({"said": SAID["said"]}), orange, red) == {("said", Change.NOW_RED, "neuro")}


def test_fields_that_are_filled_otherwise_are_told(shipped: Lexicon, edited: Edited) -> None:
    """A concept that fills a field fills it in the calls that say it."""
    filling = edited(added=GLOWING + 'fields = { present = { behavior = "abnormal" } }\n')
    compared = compare(texts({"said": SAID["said"]})[0], edited(added=GLOWING), filling)
    assert [(each.field, each.before, each.now) for each in compared.fields] == [("behavior", None, "abnormal")]
    assert not compared.flags


def test_both_hearings_of_a_call_are_read_in_their_order(shipped: Lexicon) -> None:
    """Settled words replace those heard live, for the flags after them too; what neither hearing made out is none."""
    live = heard("he is having a sea sure", 0)
    settled = again("he is having a seat here", 0)
    assert "neuro" in reread([live], shipped).flags
    once = reread([live, settled], shipped).flags.get("neuro")
    assert once is None or not once.raised
    other_way: list[Event] = [heard("he is having a seat here", 0), again("he is having a seizure", 0)]
    assert reread(other_way, shipped).raised == {"neuro": Urgency.RED}
    doubted = reread([live, again("uh", 0, Outcome.DOUBTED)], shipped).flags.get("neuro")
    assert doubted is None or not doubted.raised
    assert reread([live, again("", 0, Outcome.SKIPPED)], shipped).raised == {"neuro": Urgency.RED}


def test_only_the_clients_words_are_read(shipped: Lexicon) -> None:
    """What the CSR says raises nothing."""
    own = replace(heard("is he having a seizure", 0), side=Side.OWN)
    assert not reread([own], shipped).flags


def test_kept_calls_are_read_from_their_logs(shipped: Lexicon, edited: Edited, tmp_path: Path) -> None:
    """From the words in the store, without sound; running calls, walk-ins and deleted calls are left out."""
    glowing = edited(added=GLOWING)
    with SqlCallStore(tmp_path / FILE_NAME) as store:
        store.append(placed("a", [started("a"), heard("my cat his tail is glowing", 0), ended(60.0)]))
        store.append(placed("b", [started("b"), heard("his tail is glowing", 0)]))
        store.append(placed("c", [started("c", source="walk-in"), ended(5.0)]))
        store.append(placed("d", [started("d"), heard("he has fleas", 0), flag("pain"), ended(90.0)]))
        summaries = ended_calls(store)
        assert [each.call for each in summaries] == ["d", "a"]
        assert [each.call for each in ended_calls(store, 1)] == ["d"]
        kept = [kept_call(store, each) for each in summaries]
        store.delete("d")
        assert kept_call(store, summaries[0]) is None
    calls = [call for call in kept if call is not None]
    assert changed(calls, shipped, glowing) == {("a", Change.GAINED, "neuro")}
    assert [call.duration_s for call in calls] == [90.0, 60.0]


def log_call(events: list[Event]) -> TrialCall:
    """A call as the store gives it."""
    kept = [Logged("k", number, event) for number, event in enumerate(events, 1) if isinstance(event, NEEDED)]
    return TrialCall("kept calls", "k", log=tuple(json.dumps(to_json(each.event)).encode() for each in kept))


@pytest.mark.parametrize(
    ("events", "otherwise"),
    [
        ([flag("pain")], {"pain"}),
        ([flag("pain"), withdrawn("pain")], set()),
        ([flag("neuro", urgency=Urgency.ORANGE)], {"neuro"}),
        ([], set()),
    ],
)
def test_flags_of_the_log_that_the_lexicon_in_force_does_not_give_are_told(
    shipped: Lexicon, events: list[Event], otherwise: set[str]
) -> None:
    """The baseline is the lexicon in force; where the call's own log stood otherwise in the end, it is said."""
    call = log_call([started("k"), heard("he ate his dinner", 0), *events, ended()])
    compared = compare(call, shipped, shipped)
    assert compared.logged_otherwise == otherwise
    assert not compared.flags
