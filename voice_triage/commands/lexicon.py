"""``lexicon``: check the lexicon's files, and teach the recognizer a clinic's own words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voice_triage.commands import lexicon_versions
from voice_triage.commands.exits import Exit
from voice_triage.commands.lexicon_problems import problems_of, vocabulary_of
from voice_triage.commands.lexicon_trial import examples, try_lexicon
from voice_triage.commands.output import note, result
from voice_triage.commands.registration import register

if TYPE_CHECKING:
    pass

app = typer.Typer(
    help="Check, try, sign and use lexicon files; add words of your own.", no_args_is_help=True, rich_markup_mode=None
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
    from voice_triage.settings import load_settings

    settings = load_settings()
    where = settings.lexicons_in_force if folder is None else folder
    problems = problems_of(settings, where)
    for problem in problems:
        result(problem)
    if problems:
        note(f"{len(problems)} to correct in {where}")
        raise typer.Exit(Exit.INCOMPLETE)
    result(f"{where}: no mistakes found")


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
    vocabulary = vocabulary_of(settings)
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
register(app, "examples", examples)
register(app, "sign", lexicon_versions.sign)
register(app, "use", lexicon_versions.use)
register(app, "versions", lexicon_versions.list_versions)
register(app, "add-word", add_word)
register(app, "words", words)
