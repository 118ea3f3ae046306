"""``lexicon sign``, ``use`` and ``versions``: a veterinarian's signature, what is in force, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voice_triage.commands.exits import Exit
from voice_triage.commands.lexicon_problems import problems_of
from voice_triage.commands.output import note, result

if TYPE_CHECKING:
    from voice_triage.guidance.signature import Signature
    from voice_triage.lexicon_versions import LexiconVersions
    from voice_triage.settings import Settings

SHOWN_HASH = 12
"""Characters of a hash that people are shown; a call's log names a lexicon by as many."""


def sign(
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="The veterinarian who has read it.")],
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="Folder of lexicon files; the one in force if left out.")
    ] = None,
) -> None:
    """Sign a lexicon as it is now: a veterinarian's name, the time, and the hash of its files.

    A lexicon in which `lexicon check` finds a mistake cannot be signed. A copy is kept in the data folder; a later edit
    makes the folder unsigned again. Try it first: voice-triage lexicon try DIR.

    Examples:
      voice-triage lexicon sign my-lexicons --by "Dr. Jane Okonkwo, DVM"
    """
    from voice_triage.errors import LexiconError
    from voice_triage.settings import load_settings

    settings = load_settings()
    where = settings.lexicons_in_force if folder is None else folder
    problems = problems_of(settings, where)
    if problems:
        for problem in problems:
            result(problem)
        raise LexiconError(f"{where} cannot be signed: correct these first (voice-triage lexicon check {where}).")
    with recorded_versions(settings) as versions:
        digest = versions.sign(where, by)
    result(f"signed by {by.strip()}: {digest[:SHOWN_HASH]}")
    note(f"It takes effect with: voice-triage lexicon use {digest[:SHOWN_HASH]}")


def use(
    version: Annotated[
        Path | None, typer.Argument(metavar="[DIR|HASH]", help="A signed lexicon's folder, or a kept version's hash.")
    ] = None,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Put the lexicon in force that was before this one.")
    ] = False,
) -> None:
    """Put a signed lexicon in force, from the next call on; or take the last one back.

    The files are copied into the data folder, under their hash: later edits of the folder change nothing that is in
    force. A desk that is running follows between two calls, and adapts its recognizer in the background.

    Examples:
      voice-triage lexicon use my-lexicons
      voice-triage lexicon use 1a2b3c4d5e6f
      voice-triage lexicon use --rollback
    """
    from voice_triage.settings import load_settings

    if rollback == (version is not None):
        raise typer.BadParameter("Give a folder or a version's hash, or --rollback.")
    with recorded_versions(load_settings()) as versions:
        if version is None:
            digest = versions.roll_back()
            signed = _signed(versions.signature(digest))
            result(f"{digest[:SHOWN_HASH]} is in force again from the next call on{signed}")
        else:
            used = versions.use(version)
            result(f"{used.hash[:SHOWN_HASH]} is in force from the next call on{_signed(used.signature)}")


def list_versions() -> None:
    """List the kept versions of the lexicon: which is in force (*), who signed each, and what was in force before.

    Exit code 1 if a version's files are no longer what was kept.

    Example:
      voice-triage lexicon versions
    """
    from voice_triage.lexicon_versions import LexiconVersions
    from voice_triage.settings import load_settings

    settings = load_settings()
    versions = LexiconVersions(settings)
    kept = versions.all()
    for each in kept:
        changed = "" if each.intact else "; its files were changed since"
        result(f"{'*' if each.in_force else ' '} {each.hash[:SHOWN_HASH]}{_signed(each.signature)}{changed}")
    for used in reversed(versions.used()):
        if used.kept:
            note(f"taken into use {used.at:%Y-%m-%d %H:%M} ({used.by}): {used.hash[:SHOWN_HASH]}")
        else:
            note(f"before that, without a version: {used.hash[:SHOWN_HASH]}")
    if not any(each.in_force for each in kept):
        note(f"No kept version is in force: read is {settings.lexicons_in_force}")
    if not all(each.intact for each in kept):
        raise typer.Exit(Exit.INCOMPLETE)


@contextmanager
def recorded_versions(settings: Settings) -> Iterator[LexiconVersions]:
    """The versions of the data folder; what is done with them gets its line in the audit trail."""
    from voice_triage.lexicon_versions import LexiconVersions
    from voice_triage.protection import trail_at_hand

    with trail_at_hand(settings) as audit:
        yield LexiconVersions(settings, audit=audit)


def _signed(signature: Signature) -> str:
    from voice_triage.guidance.signature import SignatureState

    if signature.state is not SignatureState.SIGNED:
        return ", not signed by a veterinarian"
    return f", signed by {signature.by} on {signature.on[:10]}"
