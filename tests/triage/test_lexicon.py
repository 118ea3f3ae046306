"""The lexicon's format: what its errors say, what a template finds, and when a kept compiled form is used."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from voice_triage import resources
from voice_triage.errors import LexiconError
from voice_triage.triage.cues import Cues, cue_phrases, load_cues
from voice_triage.triage.disfluency import core_norms
from voice_triage.triage.lexicon import Concept, Lexicon, LexiconFile, load
from voice_triage.triage.lexicon_compiler import Names, compile_templates
from voice_triage.triage.matcher import Matcher
from voice_triage.triage.tokens import Spelling, split_word, tokenize, words_of_text

Load = Callable[[str], Lexicon]

WHOLE = """
title = "A clinic's own"

[expansions]
went = "(went|gone)"

[[concept]]
id = "gone_limp"
category = "neuro"
label = "went limp"
groups = ["own_sign"]
templates = ["<went> limp"]
examples = [{ say = "he went limp" }]

[[concept]]
id = "gone_blue"
templates = ["<went> blue"]

[[rule]]
id = "limp_and_blue"
category = "neuro"
when = [{ any = ["own_sign"] }, { any = ["gone_blue"] }]
reason = "The client said {said}."
"""


@pytest.fixture
def loaded(tmp_path: Path) -> Load:
    """Loads a lexicon of one file, ``own.toml``, with the shipped cues."""

    def load_text(text: str) -> Lexicon:
        shutil.copy(resources.lexicons_dir() / "cues.toml", tmp_path)
        (tmp_path / "own.toml").write_text(text, encoding="utf-8")
        return load(tmp_path)

    return load_text


def complaint(loaded: Load, old: str, new: str) -> str:
    """What is said of WHOLE after an edit that breaks it."""
    assert old in WHOLE
    with pytest.raises(LexiconError) as caught:
        loaded(WHOLE.replace(old, new, 1))
    return str(caught.value)


def test_a_lexicon_holds_what_its_file_says(loaded: Load) -> None:
    """Concepts, groups, rules and labels are those of the file."""
    lexicon = loaded(WHOLE)
    assert set(lexicon.concepts) == {"gone_limp", "gone_blue"}
    assert lexicon.members["own_sign"] == {"gone_limp"}
    assert [rule.id for rule in lexicon.rules] == ["limp_and_blue"]


# --- errors --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "label =",
            "lable =",
            "own.toml:8: gone_limp: concept.0.lable: Extra inputs are not permitted; did you mean 'label'?",
        ),
        ("reason =", "raeson =", "own.toml:20: limp_and_blue: rule.0.raeson"),
        ("say =", "sey =", "did you mean 'say'?"),
        ('any = ["own_sign"]', 'eny = ["own_sign"]', "did you mean 'any'?"),
        ("[expansions]", "[expansion]", "did you mean 'expansions'?"),
        (
            'category = "neuro"',
            'category = "nuero"',
            "own.toml:8: gone_limp: unknown category 'nuero'; did you mean 'neuro'?",
        ),
        ('any = ["own_sign"]', 'any = ["own_signs"]', "unknown concept or group 'own_signs'; did you mean 'own_sign'?"),
        (
            "<went> limp",
            "<wnt> limp",
            "uses an unknown <expansion>: Missing expansion rule <wnt>; did you mean <went> for <wnt>?",
        ),
        ("<went> limp", "<went> {gone_bleu}", "unknown concept or group 'gone_bleu'; did you mean 'gone_blue'?"),
        ("<went> limp", "(<went> limp", "own.toml:12: gone_limp: '(<went> limp' cannot be parsed"),
        ("<went> limp", "{gap}", "gone_limp: template '{gap}' holds no words"),
        ('id = "gone_blue"', 'id = "gone_limp"', "concept 'gone_limp' is already in own.toml"),
        ('id = "gone_limp"', 'id = "Gone Limp"', "String should match pattern"),
        ('templates = ["<went> limp"]', 'templates = ["<went> limp"', "own.toml: cannot be read as TOML"),
        ('say = "he went limp"', 'say = "he went limp", status = "maybe"', "gone_limp: concept.0.examples.0.status"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_the_nearest_right_name(
    loaded: Load, old: str, new: str, says: str
) -> None:
    """An author finds the line at once and need not guess what was meant."""
    told = complaint(loaded, old, new)
    assert told.startswith("own.toml")
    assert says in told


def test_a_template_with_too_many_ways_is_refused(loaded: Load) -> None:
    """More than 500 expansions of one part are a mistake, and the author is told how to split them."""
    part = "(" + "|".join(f"w{n}" for n in range(30)) + ")"
    told = complaint(loaded, "<went> limp", f"{part} {part}")
    assert "more than 500 expansions; split it at {gap}" in told
    assert len(loaded(WHOLE.replace("<went> limp", f"{part} {{gap0}} {part}")).patterns) == 2


def test_an_expansion_is_defined_once_in_all_files(loaded: Load, tmp_path: Path) -> None:
    """Expansions are shared over all files, so two of one name would be a riddle."""
    (tmp_path / "more.toml").write_text('[expansions]\nwent = "goes"\n', encoding="utf-8")
    with pytest.raises(LexiconError, match=r"own\.toml:\d+: expansion 'went' is defined twice"):
        loaded(WHOLE)


def test_rules_and_undoing_may_name_concepts_of_other_files(loaded: Load, tmp_path: Path) -> None:
    """Names are looked up over the whole folder, and what no file has is an error that names the file."""
    more = tmp_path / "more.toml"
    more.write_text('[undone_by]\nneuro = ["gone_blue"]\n', encoding="utf-8")
    assert loaded(WHOLE).undone_by == {"neuro": ("gone_blue",)}
    more.write_text('[undone_by]\nneuro = ["gone_blu"]\n', encoding="utf-8")
    with pytest.raises(LexiconError, match=r"more\.toml:1: undone_by: .*'gone_blu'; did you mean 'gone_blue'"):
        loaded(WHOLE)


def test_a_folder_without_a_lexicon_is_told_as_such(tmp_path: Path) -> None:
    """The message names the folder and what it should hold."""
    with pytest.raises(LexiconError, match=r"name the folder that holds bleeding\.toml"):
        load(tmp_path)


# --- templates -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def find(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], bool]:
    """Whether a template finds anything in a sentence."""
    cues = Cues(load_cues(resources.lexicons_dir()))
    path = tmp_path_factory.mktemp("lexicon") / "own.toml"
    path.touch()

    def find_in(template: str, sentence: str) -> bool:
        concepts = (
            Concept(id="tried", templates=(template,)),
            Concept(id="named", templates=("alpha beta", "omega"), groups=("named_group",)),
        )
        names = Names([(path, LexiconFile(concept=concepts))])
        patterns, phrases = compile_templates(names)
        lexicon = Lexicon(
            concepts={concept.id: concept for concept in concepts},
            rules=(),
            patterns=patterns,
            phrases=phrases,
            spelling=Spelling({}),
            undone_by={},
            cues=cues,
            version="",
            hash="",
            folder=path.parent,
        )
        found = Matcher(lexicon).find(tokenize(words_of_text(sentence)))
        return any(match.concept == "tried" for match in found)

    return find_in


@pytest.mark.parametrize(
    ("template", "said", "found"),
    [
        ("can not {gap} walk", "he can't walk", True),
        ("can not {gap} walk", "he cannot hardly even really walk", True),
        ("can not {gap} walk", "he can not for the life of him today walk", False),
        ("can not {gap0} walk", "he can't really walk", True),
        ("can not {gap0} walk", "he can't hardly walk", False),
        ("can not {gap6} walk", "he can't one two three four five six walk", True),
        ("can not {gap6} walk", "he can't one two three four five six seven walk", False),
        ("(back|hind) leg[s]", "his hind legs", True),
        ("(back|hind) leg[s]", "his legs", False),
        ("{named} {gap1} broke", "alpha beta just plain broke", True),
        ("{named_group} broke", "his omega broke", True),
        ("{named_group} broke", "alpha broke", False),
        ("broke (my|poor {gap1}) heart", "he broke the poor old heart", True),
        ("broke (my|poor {gap1}) heart", "he broke our heart", False),
        ("has seizures", "he's seizures", True),
        ("hit him", "a car hit her", True),
        ("hit him", "a car hit her and drove on", True),
        ("hit him", "a car hit her leg", False),
        ("hit leg", "a car hit her leg", True),
        ("stiff (legs|{named})", "stiff omega", True),
    ],
)
def test_a_template_finds_its_words_and_no_others(
    find: Callable[[str, str], bool], template: str, said: str, found: bool
) -> None:
    """Alternatives, options, gaps and places do what docs say they do, also inside brackets."""
    assert find(template, said) is found


@dataclass(frozen=True)
class Written:
    """A template with one way somebody may say it, and one word too many for its gaps."""

    template: str
    said: str
    broken: str
    """The same with one gap overfull; equal to ``said`` if there is no gap."""


_WORDS = st.sampled_from("limp blue stiff drops water nose belly corner wobble puddle gums towel throat".split())
_FILLERS = ("somewhat", "yonder", "hither", "thence", "whence", "perhaps", "anon", "verily")


@st.composite
def written(draw: st.DrawFn) -> Written:
    """A template of two to four parts with gaps, groups and brackets between and inside them."""
    template: list[str] = []
    said: list[str] = []
    broken: list[str] = []
    overfull = False
    for number in range(draw(st.integers(2, 4))):
        if number and draw(st.booleans()):
            size = draw(st.integers(0, 3))
            filled = draw(st.integers(0, size))
            template.append(f"{{gap{size}}}")
            said += _FILLERS[:filled]
            broken += _FILLERS[: filled if overfull else size + 1]
            overfull = True
        words = draw(st.lists(_WORDS, min_size=1, max_size=3, unique=True))
        chosen = draw(st.sampled_from(words))
        kind = draw(st.sampled_from(["word", "choice", "option", "place", "place in choice", "gap in choice"]))
        if kind == "word":
            template.append(chosen)
        elif kind == "choice":
            template.append(f"({'|'.join(words)})")
        elif kind == "option":
            template.append(f"{chosen} [{'|'.join(words)}]")
        elif kind == "place":
            chosen = draw(st.sampled_from(["alpha beta", "omega"]))
            template.append("{named}")
        elif kind == "place in choice":
            chosen = draw(st.sampled_from([chosen, "omega"]))
            template.append(f"({'|'.join(words)}|{{named}})")
        else:
            chosen = draw(st.sampled_from([chosen, f"{words[0]} {_FILLERS[-1]} tail"]))
            template.append(f"({'|'.join(words)}|{words[0]} {{gap1}} tail)")
        said.append(chosen)
        broken.append(chosen)
    return Written(" ".join(template), " ".join(said), " ".join(broken))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written())
def test_every_way_through_a_template_is_found(find: Callable[[str, str], bool], case: Written) -> None:
    """Whatever a template allows is found in speech, also with words around it; a gap holds no more than it says."""
    words = case.said.split()
    assume(core_norms(words) == tuple(words))  # a stammer is heard once
    assert find(case.template, case.said)
    assert find(case.template, f"well you see {case.said} as it were")
    broken = case.broken.split()
    if (
        broken != words
        and core_norms(broken) == tuple(broken)
        and "[" not in case.template
        and "|" not in case.template
    ):
        assert not find(case.template, case.broken)


def test_articles_degrees_and_stammers_make_no_difference(find: Callable[[str, str], bool]) -> None:
    """Templates and speech lose the same words."""
    assert find("the gums are really white", "his gums um his gums are like white")
    assert find("gums are white", "the the gums are are so very white")


# --- the kept compiled form ----------------------------------------------------------------------------------------


def test_a_kept_compiled_form_gives_the_same_lexicon(tmp_path: Path) -> None:
    """The second start reads what the first one wrote, and knows the same phrases."""
    folder, cache = resources.lexicons_dir(), tmp_path / "cache"
    first = load(folder, cache)
    kept = list(cache.iterdir())
    assert len(kept) == 1
    written = kept[0].stat().st_mtime_ns
    second = load(folder, cache)
    assert (second.patterns, dict(second.phrases), second.hash) == (first.patterns, dict(first.phrases), first.hash)
    assert kept[0].stat().st_mtime_ns == written


@pytest.mark.parametrize("damage", [b"", b"{", b'{"patterns": 3}', b"\xff\xfe garbage", b"null"])
def test_a_damaged_compiled_form_is_compiled_again(loaded: Load, tmp_path: Path, damage: bytes) -> None:
    """A half-written or foreign file costs a second and is replaced; it never breaks a start or changes a meaning."""
    right = loaded(WHOLE)
    cache = tmp_path / "cache"
    load(tmp_path, cache)
    (kept,) = cache.iterdir()
    kept.write_bytes(damage)
    again = load(tmp_path, cache)
    assert (again.patterns, dict(again.phrases)) == (right.patterns, dict(right.phrases))
    assert kept.read_bytes() != damage


def test_a_changed_file_is_not_read_from_an_old_compiled_form(loaded: Load, tmp_path: Path) -> None:
    """The compiled form is kept under the hash of every file, so that an edit always counts."""
    loaded(WHOLE)
    cache = tmp_path / "cache"
    before = load(tmp_path, cache)
    (tmp_path / "own.toml").write_text(WHOLE.replace("<went> limp", "<went> floppy"), encoding="utf-8")
    after = load(tmp_path, cache)
    assert after.hash != before.hash
    assert ("went", "floppy") in {phrase for phrases in after.phrases.values() for phrase in phrases}


def test_a_cache_that_cannot_be_written_costs_only_time(loaded: Load, tmp_path: Path) -> None:
    """Where the cache folder should be stands a file: the lexicon is compiled and used all the same."""
    loaded(WHOLE)
    cache = tmp_path / "cache"
    cache.write_text("in the way", encoding="utf-8")
    assert set(load(tmp_path, cache).concepts) == {"gone_limp", "gone_blue"}


def test_a_cue_may_hold_alternatives() -> None:
    """Cues take the same brackets as templates: one line stands for many phrases."""
    cues = Cues(cue_phrases({"historical": ["before (i|we) (got|adopted) (him|her)", "[right] now"]}))
    assert cues.find(("before", "we", "adopted", "her"))
    assert cues.find(("right", "now"))
    assert not cues.find(("before", "they", "got", "him"))


def test_a_cue_that_cannot_be_parsed_is_named() -> None:
    """A bracket left open is an error that names the phrase."""
    with pytest.raises(LexiconError, match="before"):
        cue_phrases({"historical": ["before (i|we"]})


def test_a_cue_that_stands_for_too_many_phrases_is_named() -> None:
    """A line that multiplies lists would be most of a start: the message says what to do."""
    any_digit = "(0|1|2|3|4|5|6|7|8|9)"
    with pytest.raises(LexiconError, match="more than 4000 phrases; split it"):
        cue_phrases({"historical": [" ".join([any_digit] * 4)]})


@pytest.mark.parametrize(("written", "said"), [("sugar-free", ("sugar", "free")), ("hit-by-car", ("hit", "by", "car"))])
def test_a_hyphen_between_letters_is_a_blank(written: str, said: tuple[str, ...]) -> None:
    """What is written with hyphens is read as it is said; a range of numbers keeps its own."""
    assert split_word(written) == said
    assert "-" in split_word("2-3")
