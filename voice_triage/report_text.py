"""A call's report for people: plain text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voice_triage.events import Side
from voice_triage.report import Report

UNENDED = "interrupted (or still running)"
"""What a person reads of a log without an end: from the log alone the two cannot be told apart."""


def render(report: Report) -> str:
    """A call's report as plain text for a terminal; ends in a line break."""
    sample = " — SAMPLE, not a real call" if report["sample"] else ""
    duration_s = report["audio"]["duration_s"]
    ended = report["ended"] or UNENDED
    lines = [
        f"Call {report['id']}{sample}",
        f"{report['audio']['path']}, {_clock(duration_s)} of sound, {report['started_at']}, ended: {ended}",
        *(f"Deleted on {each['at'][:10]} ({each['why']}): {', '.join(each['kinds'])}" for each in report["removed"]),
        "",
        "Flags",
        *(_flag_line(flag) for flag in report["flags"]),
        *([] if report["flags"] else ["  none. That is no all-clear: go by what you hear, and ask."]),
        "",
        "Fields (to be confirmed, unless they were)",
        *(_field_line(name, field) for name, field in report["fields"].items()),
        *([] if report["fields"] else ["  none"]),
        *(f"  {name:20} {state}" for name, state in report["unsettled"].items()),
        *(line for pet in report["pets"] for line in _pet_lines(pet)),
        *_desk_lines(report),
        "",
        "Transcript",
        *(f"  {_clock(said['start_s'])}  {_speaker(said)}{said['text']}" for said in report["utterances"]),
        *([] if report["utterances"] else ["  no words were recognized"]),
    ]
    if report["gaps"] or report["failures"]:
        lines += ["", "Not heard, or gone wrong"]
        lines += [f"  {_clock(g['start_s'])}  {g['duration_s']:.1f} s missing: {g['reason']}" for g in report["gaps"]]
        lines += [f"  {_clock(f['at_s'])}  {f['stage']} ({f['code']}): {f['advice']}" for f in report["failures"]]
    return "\n".join(lines) + "\n"


def _pet_lines(pet: Mapping[str, Any]) -> list[str]:
    """A pet behind the sick one, with what was said of it; of the sick one only that it has died."""
    died = ["  The client says that this pet has died: no flags are raised for it."] if pet["died"] else []
    if pet["front"]:
        return died
    told = f'"{pet["evidence"]}"' if pet["evidence"] else "told first"
    fields = [_field_line(name, field) for name, field in pet["fields"].items()]
    return ["", f"Another pet ({told})", *died, *(fields or ["  nothing else said of it"])]


def _speaker(said: Mapping[str, Any]) -> str:
    return "(own side) " if said["side"] == str(Side.OWN) else ""


def _flag_line(flag: Mapping[str, Any]) -> str:
    line = f'  {flag["urgency"].upper():6} {flag["category"]:16} {_clock(flag["start_s"])}  "{flag["evidence"]}"'
    if flag["by_hand"] and not flag["evidence"]:
        line = f"  {flag['urgency'].upper():6} {flag['category']:16} {_clock(flag['start_s'])}  raised by the desk"
    if flag["state"] != "raised":
        because = f": {flag['withdrawn_because']}" if "withdrawn_because" in flag else ""
        return f"{line}  [{flag['state']}{because}]{_done(flag)}"
    return f"{line}  {'(possible: the words were unclear) ' if flag['possible'] else ''}{flag['reason']}{_done(flag)}"


def _done(flag: Mapping[str, Any]) -> str:
    """What the CSR did about a flag; nothing if they did nothing."""
    ended = flag["disposition"]
    if ended is not None:
        reason = f" ({ended['reason'].replace('_', ' ')})" if ended["reason"] else ""
        return f"  [{ended['end'].replace('_', ' ')}{reason}, {_clock(ended['at_s'])}]"
    acknowledged_at_s = flag["acknowledged_at_s"]
    return "" if acknowledged_at_s is None else f"  [acknowledged, {_clock(acknowledged_at_s)}]"


def _desk_lines(report: Report) -> list[str]:
    """What the CSR wrote, said and handed off."""
    lines = [f"  {_clock(each['at_s'])}  {each['text']}" for each in report["notes"]]
    lines += [f"  {_clock(each['at_s'])}  told the client: {each['text']}" for each in report["advice"]]
    lines += [f"  {_clock(each['at_s'])}  handed off to a {each['to']}" for each in report["handed_off"]]
    return ["", "At the desk", *lines] if lines else []


def _field_line(name: str, field: Mapping[str, Any]) -> str:
    state = "" if field["state"] == "suggested" else f"  [{field['state']}]"
    against = f"  [also said: {field['contradicts']}]" if field["contradicts"] else ""
    return f'  {name:20} {field["value"]:16} {_clock(field["start_s"])}  "{field["evidence"]}"{state}{against}'


def _clock(time_s: float) -> str:
    minutes, seconds = divmod(int(time_s), 60)
    return f"{minutes}:{seconds:02}"
