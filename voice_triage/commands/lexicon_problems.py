"""All that is to be corrected in a lexicon before it may be used or signed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from voice_triage.commands.output import note

if TYPE_CHECKING:
    from voice_triage.domain_text.unheard import Unheard
    from voice_triage.settings import Settings


def problems_of(settings: Settings, folder: Path) -> list[str]:
    """All that is to be corrected in a folder."""
    from voice_triage.errors import LexiconError
    from voice_triage.triage import lexicon_check

    problems = [str(problem) for problem in lexicon_check.check(folder)]
    if not problems:
        try:
            problems = [*_wording_problems(folder), *_hearing_problems(settings, folder)]
        except LexiconError as error:
            problems = [str(error)]
    return problems


def _wording_problems(folder: Path) -> Iterator[str]:
    """What is wrong with questions, lanes and lines. Raises LexiconError."""
    from voice_triage.guidance.guide import guidance_for
    from voice_triage.guidance.line_file import wording_of_lines
    from voice_triage.guidance.question_file import wording_of_questions
    from voice_triage.triage import lexicon

    guidance_for(lexicon.load(folder))
    yield from wording_of_questions(folder)
    yield from wording_of_lines(folder)


def _hearing_problems(settings: Settings, folder: Path) -> Iterator[str]:
    """Words that a flag may depend on and that cannot be heard; others are told beside. Raises LexiconError."""
    from voice_triage.domain_text.pronunciations import load_pronunciations
    from voice_triage.domain_text.talk import load_talk
    from voice_triage.domain_text.unheard import unheard_words
    from voice_triage.triage import lexicon

    loaded = lexicon.load(folder)
    load_talk(folder, frozenset(loaded.members))
    pronunciations = load_pronunciations(folder)
    vocabulary = vocabulary_of(settings)
    if vocabulary is None:
        note(
            "Whether the recognizer knows all words was not checked: its model is not here (voice-triage models fetch)"
        )
        return
    found: Sequence[Unheard] = unheard_words(loaded, vocabulary, pronunciations)
    for each in found:
        if not each.red_flag:
            note(f"{each}")
    if found:
        note("Give pronunciations in pronunciations.toml, or say under [said_as] which known words are said instead.")
    yield from (str(each) for each in found if each.red_flag)


def vocabulary_of(settings: Settings) -> frozenset[str] | None:
    """Words of the model in force; None if it is not here."""
    from voice_triage import models_in_force
    from voice_triage.errors import ModelError
    from voice_triage.speech.vocabulary import read_vocabulary

    try:
        return read_vocabulary(models_in_force.checked_model(settings).folder)
    except ModelError:
        return None
