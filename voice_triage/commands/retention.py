"""``retention``: what is deleted when, and legal holds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from voice_triage.commands.exits import Exit
from voice_triage.commands.output import note, result, result_json
from voice_triage.commands.registration import register

if TYPE_CHECKING:
    from voice_triage.retention import Due
    from voice_triage.store.sql_calls import SqlCallStore

app = typer.Typer(
    help="How long sound, words and notes are kept: what is past its time, and calls that must not be deleted.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_Id = Annotated[str, typer.Argument(metavar="ID", help="A call's id, as `calls list` shows it.")]


def run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go, and why.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per call.")] = False,
) -> None:
    """Delete now what has been kept for as long as the settings say; a running desk does that daily by itself.

    Settings keep_sound_days, keep_transcript_days, keep_note_days. Of a call whose words and notes are gone, times,
    categories, urgencies and what became of the flags are left. Backups made before still hold what is deleted.

    Examples:
      voice-triage retention run --dry-run
      voice-triage retention run
    """
    from voice_triage import bootstrap, protection
    from voice_triage.audit_trail import COMMAND_LINE
    from voice_triage.retention import RetentionRules
    from voice_triage.retention_run import due_now, run_retention
    from voice_triage.settings import load_settings

    settings = load_settings()
    rules, now = RetentionRules.of(settings), datetime.now(UTC)
    store = bootstrap.open_kept(settings)
    if store is None:
        note("No calls are kept yet.")
        return
    with store:
        planned = due_now(store, rules, now)
        going = [each for each in planned if not each.kept_because]
        for each in planned:
            if as_json:
                result_json(_told(each))
            else:
                result(_line(each))
        if dry_run or not going:
            note(f"{len(going)} call(s) have something past its time.")
            return
        if not yes and not typer.confirm(f"Delete this of {len(going)} call(s), for good?", err=True):
            raise typer.Exit(Exit.INCOMPLETE)
        outcome = run_retention(store, protection.kept_trail(store), rules, now, who=COMMAND_LINE, planned=planned)
    for each, why in outcome.failed:
        result(f"{each.call}: {why}")
    note(f"Deleted of {len(outcome.deleted)} call(s). Backups made before still hold it.")
    if outcome.failed:
        raise typer.Exit(Exit.INCOMPLETE)


def hold(
    call: _Id,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept encrypted with the call.")] = "",
) -> None:
    """Place a legal hold: nothing of the call is deleted, by nobody and by no rule, until it is lifted.

    Examples:
      voice-triage retention hold 20250301-101500-1f3a --reason "letter of March 3"
    """
    _say(call, held=True, reason=reason)
    note(f"Call {call} is held.")


def lift(call: _Id) -> None:
    """Lift a legal hold: the call is kept as long as the settings say, like all others.

    Examples:
      voice-triage retention lift 20250301-101500-1f3a
    """
    _say(call, held=False, reason="")
    note(f"Call {call} is not held any more.")


def holds(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per call.")] = False,
) -> None:
    """List calls under a legal hold: id, since when, by whom, why.

    Examples:
      voice-triage retention holds
    """
    from voice_triage import bootstrap
    from voice_triage.settings import load_settings

    found = 0
    store = bootstrap.open_kept(load_settings())
    if store is not None:
        with store:
            for summary in store.calls(None):
                held = store.parts.held(summary.call)
                if held is None:
                    continue
                found += 1
                if as_json:
                    result_json({"id": summary.call, "at": held.at, "by": held.by, "reason": held.reason})
                else:
                    when = datetime.fromisoformat(held.at).astimezone()
                    result(f"{summary.call}  {when:%Y-%m-%d %H:%M}  {held.by}  {held.reason}".rstrip())
    if not found:
        note("No call is held.")


def _say(call: str, *, held: bool, reason: str) -> None:
    from voice_triage import protection
    from voice_triage.audit_trail import COMMAND_LINE, AuditKind
    from voice_triage.kept_kinds import Hold

    store = _kept(call)
    with store:
        store.events(call)
        protection.kept_trail(store).record(AuditKind.HOLD, who=COMMAND_LINE, call=call, held=held)
        store.parts.hold(call, Hold(held, COMMAND_LINE, datetime.now(UTC).isoformat(timespec="seconds"), reason))


def _kept(call: str) -> SqlCallStore:
    from voice_triage.commands.calls import kept

    return kept(call)


def _line(each: Due) -> str:
    kinds = ", ".join(each.kinds)
    kept = f"  kept: {each.kept_because}" if each.kept_because else ""
    return f"{each.call}  {each.age_days:6.1f} days old  {kinds}{kept}"


def _told(each: Due) -> dict[str, object]:
    return {
        "id": each.call,
        "age_days": round(each.age_days, 2),
        "kinds": [str(kind) for kind in each.kinds],
        "kept_because": each.kept_because or None,
    }


register(app, "run", run)
register(app, "hold", hold)
register(app, "lift", lift)
register(app, "holds", holds)
