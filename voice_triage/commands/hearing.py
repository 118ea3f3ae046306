"""``devices``, and what ``doctor`` says of the headset: what would be listened to, and how well it is heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_triage.commands.output import note, result

if TYPE_CHECKING:
    from voice_triage.audio.headset import Choice
    from voice_triage.audio.hearing_check import Hearing

CALLS_ON_A_PHONE = (
    "A headset paired to a desk phone or a mobile phone carries those calls past this computer: only calls placed on "
    "the computer itself can be heard."
)


def devices() -> None:
    """List what plays sound on this computer, and which of it is listened to. Exit code 5 if that cannot be told.

    The last column says why a device was chosen, or why not. The setting `headset` takes a name from this list, and
    then only that headset is listened to.

    Example:
      voice-triage devices
    """
    from voice_triage import bootstrap
    from voice_triage.audio.hearing_check import survey
    from voice_triage.settings import load_settings

    settings = load_settings()
    choice = survey(bootstrap.headset_ways(), bootstrap.headset_wishes(settings))
    for line in _table(choice):
        result(line)
    note(choice.detail)
    note(CALLS_ON_A_PHONE)


def hearing_line(hearing: Hearing, seconds: float) -> str:
    """What a few seconds of listening showed, and what it means."""
    if not hearing.headset:
        return hearing.advice
    if not hearing.heard_s:
        return f"{hearing.headset}: nothing could be recorded. {hearing.advice}"
    measured = f"{hearing.what}, {hearing.level_db:.0f} dB at the loudest, in {hearing.heard_s:.1f} of {seconds:g} s"
    return f"{hearing.headset}: {measured}. {hearing.advice}"


def _table(choice: Choice) -> list[str]:
    from voice_triage.audio.headset import bus_of, profile_of

    rows = [("name", "bus", "profile", "rate", "listened to")]
    rows += [
        (
            each.sink.description or each.sink.name,
            bus_of(each.sink) or "-",
            profile_of(each.sink) or "-",
            f"{each.sink.rate_hz} Hz",
            each.why,
        )
        for each in choice.verdicts
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
