"""``clinic``: the clinic's profile. ``lines``: the fixed lines and a veterinarian's signature under them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voice_triage.commands.exits import Exit
from voice_triage.commands.output import note, result
from voice_triage.commands.registration import register

if TYPE_CHECKING:
    from voice_triage.guidance.clinic import Profile
    from voice_triage.guidance.line_file import Lines
    from voice_triage.settings import Settings

clinic_app = typer.Typer(
    help="The clinic's profile: emergency rooms, hours, own lines.", no_args_is_help=True, rich_markup_mode=None
)  # fmt: skip
lines_app = typer.Typer(
    help="The fixed lines for the CSR, and who signed them.", no_args_is_help=True, rich_markup_mode=None
)  # fmt: skip
UNSIGNED = "not signed by a veterinarian yet"


def init(
    force: Annotated[bool, typer.Option("--force", help="Write over a profile that is there already.")] = False,
) -> None:
    """Write a commented example of the clinic's profile, to be filled in.

    Examples:
      voice-triage clinic init
    """
    from voice_triage.errors import ClinicError
    from voice_triage.guidance.clinic import EXAMPLE
    from voice_triage.settings import load_settings

    path = load_settings().clinic_file
    if path.exists() and not force:
        raise ClinicError(f"{path} is there already. Edit it, or write over it with: voice-triage clinic init --force")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(EXAMPLE, encoding="utf-8")
    except OSError as error:
        raise ClinicError(f"{path} cannot be written ({error.strerror}). Make its folder writable.") from error
    result(f"{path}")
    note("Fill it in with any editor, then: voice-triage clinic check")


def show() -> None:
    """Show the clinic's profile as the flag cards use it.

    Examples:
      voice-triage clinic show
    """
    from voice_triage.guidance.clinic import DAYS

    settings, _, profile = _loaded()
    result(f"{profile.clinic.name or '(no name)'}  {profile.clinic.phone}".rstrip())
    for room in profile.emergency_rooms:
        more = "; ".join(part for part in (room.hours, room.note) if part)
        result(f"emergency room: {room.name}, {room.address}, {room.phone}{f' ({more})' if more else ''}")
    for day in DAYS:
        result(f"{day:<10} {', '.join(getattr(profile.hours, day)) or 'closed'}")
    for name, say in profile.lines.items():
        result(f"own line {name}: {say}")
    note(f"From {settings.clinic_file}{'' if settings.clinic_file.exists() else ', which does not exist yet'}")


def check() -> None:
    """Check the clinic's profile: mistakes, lines that may not be said, and what is still to be filled in.

    Exit code 1 if anything is wrong or missing.

    Examples:
      voice-triage clinic check
    """
    from voice_triage.guidance.clinic import gaps

    settings, _, profile = _loaded()
    if not settings.clinic_file.exists():
        result(f"{settings.clinic_file} does not exist; write it with: voice-triage clinic init")
        raise typer.Exit(Exit.INCOMPLETE)
    problems = [*profile.refused, *(f"{settings.clinic_file.name}: {gap}" for gap in gaps(profile))]
    for problem in problems:
        result(problem)
    if problems:
        raise typer.Exit(Exit.INCOMPLETE)
    result(f"{settings.clinic_file}: no mistakes found, nothing missing")


def show_lines() -> None:
    """Show every fixed line as it is said now: for the veterinarian to read before signing.

    Examples:
      voice-triage lines show
    """
    _, lines, _ = _loaded()
    for name, say in lines.general.items():
        result(f"{name}: {say}{_own(lines, name)}")
    for name, category in lines.categories.items():
        result(f"{name}: {category.say}{_own(lines, name)}")
        for asked in category.ask:
            result(f"    ask: {asked}")
    for poison in lines.poison_lines:
        result(f"poison line: {poison.name}, {poison.phone}. {poison.note}")
    for name, lane in lines.lanes.items():
        result(f"{name} ({lane.label}): {lane.say}{_own(lines, name)}\n    do: {lane.do}")


def _own(lines: Lines, name: str) -> str:
    return "  [the clinic's own]" if name in lines.overridden else ""


def check_lines() -> None:
    """Check the fixed lines: words that no line may hold, and whether a veterinarian has signed them as they are.

    Exit code 1 if a line may not be said, or if they are not signed.

    Examples:
      voice-triage lines check
    """
    from voice_triage.guidance.line_file import wording_of_lines
    from voice_triage.guidance.signature import FILE_NAME, SignatureState, read_signature

    settings, lines, profile = _loaded()
    problems = [*wording_of_lines(settings.lexicons_in_force), *profile.refused]
    for problem in problems:
        result(problem)
    signature = read_signature(settings.clinic_file.with_name(FILE_NAME), lines.hash)
    if signature.state is SignatureState.SIGNED:
        result(f"signed by {signature.by} on {signature.on}")
    elif signature.state is SignatureState.CHANGED:
        result(f"changed since {signature.by} signed on {signature.on}: read them again (voice-triage lines show)")
    else:
        result(UNSIGNED)
    if problems or signature.state is not SignatureState.SIGNED:
        raise typer.Exit(Exit.INCOMPLETE)


def sign_lines(
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="The veterinarian who has read them.")],
) -> None:
    """Sign the fixed lines as they are now, the clinic's own among them; a later change makes them unsigned again.

    Read them first: voice-triage lines show. Lines that may not be said cannot be signed.

    Examples:
      voice-triage lines sign --by "Dr. Jane Okonkwo, DVM"
    """
    from voice_triage import protection
    from voice_triage.audit_trail import COMMAND_LINE, AuditKind
    from voice_triage.errors import ClinicError
    from voice_triage.guidance.line_file import wording_of_lines
    from voice_triage.guidance.signature import FILE_NAME, sign

    settings, lines, profile = _loaded()
    problems = [*wording_of_lines(settings.lexicons_in_force), *profile.refused]
    if problems:
        raise ClinicError(f"These lines cannot be signed, correct them first:\n{chr(10).join(problems)}")
    path: Path = settings.clinic_file.with_name(FILE_NAME)
    today = datetime.now().astimezone().date()
    with protection.trail_at_hand(settings) as audit:
        if by.strip():
            audit.record(AuditKind.LINES, who=COMMAND_LINE, by=by.strip()[:100], hash=lines.hash[:16])
        sign(path, lines.hash, by, today)
    result(f"signed by {by.strip()} on {today.isoformat()}: {path}")


def _loaded() -> tuple[Settings, Lines, Profile]:
    """Settings, the lines in force with the clinic's own wording, and its profile. Raises its errors."""
    from voice_triage.guidance.clinic import load_profile
    from voice_triage.guidance.line_file import load_lines
    from voice_triage.settings import load_settings

    settings = load_settings()
    lines = load_lines(settings.lexicons_in_force)
    profile = load_profile(settings.clinic_file, lines)
    return settings, lines.with_own(profile.lines), profile


register(clinic_app, "init", init)
register(clinic_app, "show", show)
register(clinic_app, "check", check)
register(lines_app, "show", show_lines)
register(lines_app, "check", check_lines)
register(lines_app, "sign", sign_lines)
