"""``audit``: who did what with kept calls, and whether that record is whole."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from voice_triage.commands.exits import Exit
from voice_triage.commands.output import note, result, result_json
from voice_triage.commands.registration import register

if TYPE_CHECKING:
    from voice_triage.audit_trail import AuditLine
    from voice_triage.store.trail_lines import Head

app = typer.Typer(
    help="Who listened to, exported, changed or deleted what, and whether that record is whole.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_SEEN = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")


def list_lines(
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many, the newest.")] = 100,
    call: Annotated[str, typer.Option("--call", metavar="ID", help="Only lines about this call.")] = "",
    who: Annotated[str, typer.Option("--who", metavar="NAME", help="Only what this account did.")] = "",
    kind: Annotated[
        str, typer.Option("--kind", metavar="KIND", help="Only lines of this kind: play, export, ...")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
) -> None:
    """List the audit trail, the oldest line first: number, when, who, what, which call.

    Examples:
      voice-triage audit list
      voice-triage audit list --call 20250301-101500-1f3a
      voice-triage audit list --kind export --json
    """
    from voice_triage import bootstrap, protection
    from voice_triage.audit_trail import AuditKind
    from voice_triage.settings import load_settings
    from voice_triage.store.trail_lines import as_json as told

    kinds = [each.value for each in AuditKind]
    if kind and kind not in kinds:
        raise typer.BadParameter(f"There is no such kind. There are: {', '.join(kinds)}.", param_hint="--kind")
    settings = load_settings()
    store = bootstrap.open_kept(settings)
    lines: list[AuditLine] = []
    if store is not None:
        with store:
            lines = [
                line
                for line in protection.kept_trail(store).lines()
                if call in ("", line.call) and who in ("", line.who) and kind in ("", line.kind)
            ]
    for line in lines[-limit:]:
        if as_json:
            result_json(told(line))
        else:
            result(_shown(line))
    if not lines:
        note("The audit trail holds no such line.")


def verify(
    seen: Annotated[
        str,
        typer.Option(
            "--seen", metavar="COUNT:HEAD", help="What an earlier check printed: lines written by then must be there."
        ),
    ] = "",
) -> None:
    """Read the whole audit trail and say whether a line was changed, removed, added, moved or cut off.

    Prints its head, which you can note on paper and give to a later check with --seen: that alone finds a trail that
    was put back to an earlier state together with the database. Exit code 1 if something was found.

    Examples:
      voice-triage audit verify
    """
    from voice_triage import bootstrap, protection
    from voice_triage.settings import load_settings
    from voice_triage.store.trail_check import check_trail

    noted = _noted(seen) if seen else None
    settings = load_settings()
    store = bootstrap.open_kept(settings)
    if store is None:
        note("No calls are kept yet, and nothing has been recorded.")
        return
    with store:
        verdict = check_trail(protection.kept_trail(store), noted)
    for remark in verdict.remarks:
        result(remark)
    for problem in verdict.problems:
        result(problem)
    if verdict.problems:
        note("The audit trail is not whole. Keep the data folder as it is, and compare it with a backup.")
        raise typer.Exit(Exit.INCOMPLETE)
    if verdict.head.count:
        result(f"{verdict.head.count}:{verdict.head.mac.hex()}")
    note(f"{verdict.head.count} line(s), all as they were written.")


def _noted(text: str) -> Head:
    from voice_triage.store.trail_lines import Head

    match = _SEEN.fullmatch(text.strip())
    if match is None:
        raise typer.BadParameter("Give what `audit verify` printed: a number, a colon, 64 digits.", param_hint="--seen")
    return Head(int(match[1]), bytes.fromhex(match[2]))


def _shown(line: AuditLine) -> str:
    when = datetime.fromisoformat(line.at).astimezone()
    detail = "  ".join(f"{name}={value}" for name, value in line.detail.items())
    return "  ".join(
        part
        for part in (f"{line.number:6}", f"{when:%Y-%m-%d %H:%M:%S}", line.who, line.kind, line.call, detail)
        if part
    )


register(app, "list", list_lines)
register(app, "verify", verify)
