"""``lexicon``: check the lexicon's files, and teach the recognizer a clinic's own words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voice_triage.commands.exits import Exit
from voice_triage.commands.lexicon_trial import try_lexicon
from voice_triage.commands.output import note, result
from voice_triage.commands.registration import register

if TYPE_CHECKING:
    from voice_triage.domain_text.unheard import Unheard
    from voice_triage.settings import Settings

app = typer.Typer(
    help="Check and try lexicon files; add words of your own.", no_args_is_help=True, rich_markup_mode=None
)  # fmt: skip
_ADAPT = "They are heard after the next: voice-triage models adapt"


def check(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="Folder of lexicon files; the one in force if left out.")
    ] = None,
) -> None:
    """Check lexicon files: keys, names, every example sentence, whether words can be heard, and what is shown.

    Labels, reasons, next questions and fixed lines may not diagnose, guess, reassure or tell a dose.

    Lists every word that the recognizer neither knows nor has a pronunciation for. Exit code 1 if anything is wrong, or
    if a flag may depend on a word that cannot be heard.

    Examples:
      voice-triage lexicon check
      voice-triage lexicon check my-lexicons
    """
    from voice_triage.errors import LexiconError
    from voice_triage.settings import load_settings
    from voice_triage.triage import lexicon_check

    settings = load_settings()
    where = settings.lexicons_in_force if folder is None else folder
    problems = [str(problem) for problem in lexicon_check.check(where)]
    if not problems:
        try:
            problems = [*_wording_problems(where), *_hearing_problems(settings, where)]
        except LexiconError as error:
            problems = [str(error)]
    for problem in problems:
        result(problem)
    if problems:
        note(f"{len(problems)} to correct in {where}")
        raise typer.Exit(Exit.INCOMPLETE)
    result(f"{where}: no mistakes found")


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
    vocabulary = _vocabulary(settings)
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


def _vocabulary(settings: Settings) -> frozenset[str] | None:
    """Words of the model in force; None if it is not here."""
    from voice_triage import models_in_force
    from voice_triage.errors import ModelError
    from voice_triage.speech.vocabulary import read_vocabulary

    try:
        return read_vocabulary(models_in_force.checked_model(settings).folder)
    except ModelError:
        return None


def add_word(
    words: Annotated[str, typer.Argument(metavar="WORDS", help='A word or name, in quotes if several: "quarry lane".')],
    kind: Annotated[str, typer.Option(help="staff, place (street, town), product or pet.")] = "staff",
    say: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD=PHONES", help='How a word is said: --say "okonkwo=OW K AA NG K W OW". Repeatable.'),
    ] = None,
) -> None:
    """Teach the recognizer a word of this clinic: a colleague's name, a street, a product.

    For a word that the model does not know, a pronunciation is suggested from its letters unless --say gives it; say it
    aloud from the phones shown, and add the word again with --say if it is wrong.

    Examples:
      voice-triage lexicon add-word okonkwo --kind staff
      voice-triage lexicon add-word okonkwo --kind staff --say "okonkwo=OW K AA NG K W OW"
      voice-triage lexicon add-word "quarry lane" --kind place
    """
    from voice_triage.domain_text.letters import guesses
    from voice_triage.domain_text.own_words import OwnWord, load_own_words, with_entry, write_own_words
    from voice_triage.settings import load_settings

    settings = load_settings()
    path = settings.own_words_path
    own = load_own_words(path)
    plain = " ".join(words.lower().split())
    said = _given(say or [])
    vocabulary = _vocabulary(settings)
    if vocabulary is None:
        note("The model is not here: every word without --say gets a suggested pronunciation.")
    guessed = []
    for word in plain.split():
        if word not in said and (vocabulary is None or word not in vocabulary):
            ways = guesses(word)
            if not ways:
                raise typer.BadParameter(f"{word!r} has no vowel: say how it is said with --say")
            said[word] = ways
            guessed.append(word)
    write_own_words(path, with_entry(own, OwnWord(words=plain, kind=kind, say=said)))
    for word, ways in said.items():
        result(f"{word}  {'suggested' if word in guessed else 'given'}: {'  or  '.join(ways)}")
    if not said:
        result(f"{plain}: the recognizer knows it already; it will be expected more")
    note(f"Written to {path}. {_ADAPT}")


def _given(say: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """``--say`` options as word -> ways."""
    given: dict[str, tuple[str, ...]] = {}
    for option in say:
        word, separator, phones = option.partition("=")
        if not separator:
            raise typer.BadParameter(f"--say {option!r}: write the word, an equals sign and its phones")
        key = word.strip().lower()
        given[key] = (*given.get(key, ()), " ".join(phones.upper().split()))
    return given


def words() -> None:
    """List the words of this clinic that the recognizer is taught, with how each is said.

    Example:
      voice-triage lexicon words
    """
    from voice_triage.domain_text.own_words import load_own_words
    from voice_triage.settings import load_settings

    path = load_settings().own_words_path
    own = load_own_words(path)
    for entry in own.entries:
        said = "; ".join(f"{word}: {' or '.join(ways)}" for word, ways in entry.say.items())
        result(f"{entry.kind:8}{entry.words}  {said or 'known to the model'}")
    note(f"{len(own.entries)} in {path}. Edit the file to change or remove one. {_ADAPT}")


register(app, "check", check)
register(app, "try", try_lexicon)
register(app, "add-word", add_word)
register(app, "words", words)
