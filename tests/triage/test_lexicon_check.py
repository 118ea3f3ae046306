"""What ``voice-triage lexicon check`` finds wrong in a lexicon, and what it leaves alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from voice_triage import resources
from voice_triage.triage.lexicon_check import Problem, check

Check = Callable[[str], list[Problem]]

LIMP = """
[[concept]]
id = "gone_limp"
category = "neuro"
label = "went limp"
flag = "red"
templates = ["went limp"]
examples = [
  { say = "he went limp" },
  { say = "he never went limp", status = "negated" },
  { say = "he has a limp", status = "none" },
]
"""


@pytest.fixture
def checked(tmp_path: Path) -> Check:
    """Checks a lexicon of one file, ``own.toml``, with the shipped cues."""

    def check_text(text: str) -> list[Problem]:
        shutil.copy(resources.lexicons_dir() / "cues.toml", tmp_path)
        (tmp_path / "own.toml").write_text(text, encoding="utf-8")
        return check(tmp_path)

    return check_text


def only(problems: list[Problem]) -> Problem:
    """The one problem there must be."""
    assert len(problems) == 1, [str(problem) for problem in problems]
    return problems[0]


def test_a_lexicon_without_mistakes_gives_no_problem(checked: Check) -> None:
    """Nothing is said about a file in which everything is right."""
    assert checked(LIMP) == []


def test_an_example_with_another_status_is_named_with_its_file_line_and_concept(checked: Check) -> None:
    """The author is told where the sentence stands, what it was found to be and what it should have been."""
    problem = only(checked(LIMP.replace('{ say = "he never went limp", status = "negated" }', '{ say = "he limps" }')))
    assert (problem.file, problem.line, problem.concept) == ("own.toml", 10, "gone_limp")
    assert "'he limps' is not found, not present" in problem.message
    assert str(problem) == f"own.toml:10: gone_limp: {problem.message}"


def test_a_near_miss_that_is_found_is_a_problem(checked: Check) -> None:
    """Status "none" means that the concept is not found at all."""
    problem = only(checked(LIMP.replace("he has a limp", "he went limp again")))
    assert "is present, not none" in problem.message


def test_any_of_several_mentions_may_have_the_examples_status(checked: Check) -> None:
    """A sentence that says a thing twice is right if one of the two has the status."""
    assert (
        checked(LIMP.replace('say = "he went limp"', 'say = "he never went limp before but today he went limp"')) == []
    )


def test_an_idiom_has_no_status_and_its_examples_only_have_to_find_it(checked: Check) -> None:
    """An idiom's example is right if the idiom is found, and "none" if it is not."""
    idiom = """
[[concept]]
id = "figure_of_speech"
kind = "idiom"
templates = ["limp (handshake|lettuce)"]
examples = [{ say = "a limp handshake" }, { say = "a limp dog", status = "none" }, { say = "limp as a rag" }]
"""
    assert "'limp as a rag' is not found" in only(checked(LIMP + idiom)).message


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('label = "went limp"', "", "no label"),
        ('category = "neuro"', "", "no category"),
        ('  { say = "he went limp" },', "", "2 of at least 3 examples"),
    ],
)
def test_a_flag_needs_a_category_a_label_and_three_examples(checked: Check, old: str, new: str, says: str) -> None:
    """What raises a flag by itself must say what, and have been tried."""
    assert says in only(checked(LIMP.replace(old, new))).message


@pytest.mark.parametrize("word", ["likely", "probably", "sounds like", "just", "fine", "wait and see"])
def test_labels_and_reasons_hold_no_word_that_reassures_or_guesses(checked: Check, word: str) -> None:
    """The words that domain.md 2.4 bans from cards are found in labels and in the reasons of rules."""
    assert repr(word) in only(checked(LIMP.replace('label = "went limp"', f'label = "{word} limp"'))).message
    problem = only(checked(LIMP + _rule(f"The client said {{said}}, {word}.")))
    assert (problem.concept, repr(word) in problem.message) == ("own_rule", True)


def _rule(reason: str) -> str:
    return f"""
[[rule]]
id = "own_rule"
category = "neuro"
when = [{{ any = ["gone_limp"] }}]
reason = "{reason}"
"""


def test_parts_of_words_are_not_banned(checked: Check) -> None:
    """No banned word is found in "adjusting", "confined" or "broken"."""
    assert checked(LIMP.replace('label = "went limp"', 'label = "confined, adjusting, broken"')) == []


def test_a_reason_states_no_disease_of_the_pet(checked: Check) -> None:
    """A statement that the pet is or has a disease is a diagnosis; the disease as the client's own word is none."""
    assert "diagnoses: 'has a stroke'" in only(checked(LIMP + _rule("The pet has a stroke."))).message
    assert checked(LIMP + _rule("The client said {said}, and spoke of a stroke.")) == []


def test_a_rule_without_a_reason_is_a_problem(checked: Check) -> None:
    """Every flag has a reason in a plain sentence."""
    assert "no reason" in only(checked(LIMP + _rule(" "))).message


def test_an_alternative_that_vanishes_is_a_problem(checked: Check) -> None:
    """Every "limp" is found by "(went|totally) limp", because "totally" is left out of speech before matching."""
    problem = only(checked(LIMP.replace('["went limp"]', '["went limp", "(hangs|totally) {gap1} limp body"]')))
    assert problem.line == 7
    assert "'totally' is left out" in problem.message


def test_an_alternative_that_vanishes_in_an_expansion_is_a_problem_of_the_expansion(checked: Check) -> None:
    """It is told once, where it stands, not at every template that uses it."""
    used = LIMP.replace('"went limp"]', '"went limp", "<how> limp body", "<how> {gap} limp body"]')
    problem = only(checked('[expansions]\nhow = "(all|really)"\n' + used))
    assert (problem.line, problem.concept) == (2, "")
    assert "expansion 'how': 'really' is left out" in problem.message


def test_articles_that_vanish_are_no_problem(checked: Check) -> None:
    """Nobody means anything by "(his|her|the) leg": what is left out on both sides is the same."""
    more = (
        '["went limp", "(his|her|the) [own] leg went limp", "[just] {gap} hung (low|like a rag)", "stop(ped|s) dead"]'
    )
    assert checked(LIMP.replace('["went limp"]', more)) == []


def test_an_idiom_that_loses_its_last_word_is_a_problem(checked: Check) -> None:
    """The idiom "stroke his" is matched as "stroke" and would void every stroke; "stroke her" keeps its object."""
    idiom = '[[concept]]\nid = "petting"\nkind = "idiom"\ntemplates = ["(stroke|pet) (her|his)"]\n'
    problems = checked(LIMP + idiom)
    assert "'stroke his' is matched as 'stroke'" in only(problems).message


def test_an_idiom_that_loses_its_first_word_is_a_problem(checked: Check) -> None:
    """The idiom "like to have seizures" is matched as "to have seizures" and would void real ones."""
    idiom = '[[concept]]\nid = "dread"\nkind = "idiom"\ntemplates = ["(about|like) to have seizures"]\n'
    problems = checked(LIMP + idiom)
    assert any("'like to have seizures' is matched as 'to have seizures'" in problem.message for problem in problems)


def test_a_flag_that_loses_all_words_but_one_is_a_problem(checked: Check) -> None:
    """The words "completely dry" are matched as "dry"; where "dry" alone is meant too, nothing is lost."""
    dry = LIMP.replace('["went limp"]', '["went limp", "completely dry"]')
    assert "'completely dry' is matched as 'dry'" in only(checked(dry)).message
    assert checked(LIMP.replace('["went limp"]', '["went limp", "[completely] dry", "a seizure"]')) == []


def test_a_sound_alike_that_is_an_everyday_word_without_its_article_is_a_problem(checked: Check) -> None:
    """The sound-alike "a taxi a" would find every taxi."""
    alike = LIMP.replace("examples =", 'sound_alikes = { "went limp" = ["a taxi a", "when limb"] }\nexamples =')
    assert "'a taxi a' is matched as 'taxi'" in only(checked(alike)).message


@pytest.mark.parametrize(
    ("alikes", "said"),
    [
        ('{ "gone floppy" = ["gun floppy"] }', "which no template finds"),
        ('{ "went limp" = ["went limp"] }', "of itself"),
    ],
)
def test_a_sound_alike_stands_for_one_of_the_concepts_own_terms(checked: Check, alikes: str, said: str) -> None:
    """The term is what is shown, so it must be one that means the concept; what it sounds like is another spelling."""
    problem = only(checked(LIMP.replace("examples =", f"sound_alikes = {alikes}\nexamples =")))
    assert said in problem.message


def test_a_template_that_cannot_match_is_a_problem(checked: Check) -> None:
    """A template over a group whose only concept stands too deep in others never finds anything."""
    chain = "".join(f'[[concept]]\nid = "link_{n}"\ntemplates = ["{{link_{n + 1}}} then"]\n' for n in range(4))
    problems = checked(LIMP + chain + '[[concept]]\nid = "link_4"\ntemplates = ["chain"]\n')
    assert problems
    assert all("can never match" in problem.message for problem in problems)
    assert "link_0" in {problem.concept for problem in problems}


def test_a_phrase_in_a_flag_and_in_a_concept_without_one_is_a_problem(checked: Check) -> None:
    """The flag is raised whatever the other concept and its rules say, so one of the two is a mistake."""
    other = '[[concept]]\nid = "floppy"\ncategory = "neuro"\ntemplates = ["floppy", "went limp"]\n'
    problem = only(checked(LIMP + other))
    assert problem.concept == "floppy"
    assert "'went limp' is also in 'gone_limp'" in problem.message


def test_a_phrase_may_stand_in_two_categories_species_or_idioms(checked: Check) -> None:
    """What another category, another species' concept or an idiom says of the same words is not at odds with it."""
    other = """
[[concept]]
id = "lame"
category = "pain"
templates = ["went limp"]

[[concept]]
id = "limp_lettuce"
category = "neuro"
kind = "idiom"
templates = ["went limp"]
"""
    cats_only = LIMP.replace('category = "neuro"', 'category = "neuro"\nspecies = ["cat"]')
    dogs = '[[concept]]\nid = "limping"\ncategory = "neuro"\nspecies = ["dog"]\ntemplates = ["went limp"]\n'
    assert {problem.concept for problem in checked(LIMP + other)} == {"gone_limp"}  # the idiom voids its examples
    assert checked(cats_only + dogs) == []


def test_a_sign_and_its_ending_may_not_share_a_phrase(checked: Check) -> None:
    """One phrase cannot both be a finding and undo it."""
    recovery = '[[concept]]\nid = "better"\ncategory = "neuro"\nkind = "recovery"\ntemplates = ["limp"]\n'
    finding = '[[concept]]\nid = "lame"\ncategory = "neuro"\ntemplates = ["limp"]\n'
    assert only(checked(LIMP + finding + recovery)).concept == "better"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('species = ["cats"]', "unknown species 'cats'; did you mean 'cat'?"),
        ('fields = { present = { behaviour = "normal" } }', "unknown field 'behaviour'; did you mean 'behavior'?"),
        ('fields = { present = { eating = "nothing" } }', "field eating cannot be 'nothing'"),
    ],
)
def test_species_fields_and_values_are_those_of_the_report(checked: Check, line: str, says: str) -> None:
    """A word that the call report does not know is told with the nearest one it does."""
    assert says in only(checked(LIMP.replace("templates", f"{line}\ntemplates"))).message


def test_a_rules_species_is_checked_too(checked: Check) -> None:
    """A rule for "guinea pig" would never apply: the report writes "guinea_pig"."""
    problem = only(checked(LIMP + _rule("Said {said}.") + 'not_species = ["guinea pig"]\n'))
    assert "did you mean 'guinea_pig'?" in problem.message


def test_a_group_that_is_nearly_another_is_taken_for_a_slip(checked: Check) -> None:
    """A concept that is put into "neuro_signs" is missing from the rules that ask for "neuro_sign"."""
    grouped = LIMP.replace("templates", 'groups = ["neuro_sign"]\ntemplates')
    other = '[[concept]]\nid = "dazed"\ngroups = ["neuro_signs"]\ntemplates = ["dazed"]\n'
    problem = only(checked(grouped + other + _rule("Said {said}.").replace("gone_limp", "neuro_sign")))
    assert (problem.concept, "did you mean 'neuro_sign'?" in problem.message) == ("dazed", True)


def test_a_lexicon_that_cannot_be_loaded_is_one_problem(checked: Check) -> None:
    """The error that stops the loading is shown as a problem, with the file, line and concept it names."""
    problem = only(checked(LIMP + _rule("Said {said}.").replace('"gone_limp"', '"gone_lim"')))
    assert (problem.file, problem.concept) == ("own.toml", "own_rule")
    assert problem.line == 15
    assert "unknown concept or group 'gone_lim'; did you mean 'gone_limp'?" in problem.message


def test_a_folder_without_a_lexicon_is_one_problem(tmp_path: Path) -> None:
    """The wrong folder is told as such."""
    problem = only(check(tmp_path))
    assert "no lexicon (*.toml) here" in str(problem)


def test_problems_come_in_the_order_of_files_and_lines_and_once_each(checked: Check, tmp_path: Path) -> None:
    """An author can go through a file from its top to its end."""
    (tmp_path / "more.toml").write_text('[[concept]]\nid = "x"\nspecies = ["dogs"]\ntemplates = ["xx"]\n')
    problems = checked(LIMP.replace('label = "went limp"', 'label = "just"').replace("a limp", "went limp"))
    assert [(problem.file, problem.line) for problem in problems] == [
        ("more.toml", 2),
        ("own.toml", 3),
        ("own.toml", 11),
    ]


def test_the_shipped_lexicon_has_nothing_to_correct() -> None:
    """Every example sentence of the product's own files gets the status it names, and no template misleads."""
    assert [str(problem) for problem in check(resources.lexicons_dir())] == []
