"""Reads the onset: how long ago the main problem began.

A time ("last night", "two hours ago", "for three days") is an onset only in the company of a beginning ("started",
"noticed", "since", "been ... for", "it was ... ago") or of an event or finding of the patient; never of a meal, a
visit, a treatment, an appointment, another episode ("again"), how long something lasted, or the client's own troubles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from voice_triage.triage.onset_clauses import AGAIN, ELSEWHERE, REPORTS, STARTED_TREATMENT, OnsetClause
from voice_triage.triage.quantities import iso_duration
from voice_triage.triage.readings import FieldReading, Scene

_DEGREE = (
    r"(?:(?:about|around|like|maybe|roughly|approximately|almost|nearly|only|just|probably|close to|right"
    r"|at least|already|now|the|sometime|somewhere"
    r"|i (?:think|guess|believe|want to say|would say)|i 'd say|over|under|more than|less than|a little"
    r"|a good|good|early|late|or so|well|you know|up|oh"
    r"|what|was it|it was|honestly|literally|actually|probably about|maybe like|yes|first thing|even"
    r"|sometime around|way) )*"
)
_BEGAN = re.compile(
    r" (?:start|starts|started|starting|began|begun|begin|happen|happened|happens|noticed|notice|noticing"
    r"|saw|seen|found|came on|come on|went down"
    r"|first time|first noticed|occurred|going on|acting|stopped (?:eating|drinking|peeing|pooping|walking"
    r"|using|moving)|quit (?:eating|drinking)|popped up|showed up|came up|cropped up)(?= )"
)
_LASTED = re.compile(
    r" (?:lasted|lasts|last|took|takes|take|every|within|after|before|only|per|each|another|next|for"
    r"|timed it|time|apart|in) " + _DEGREE + "$"
)
_SINCE = re.compile(
    r" since (?:(?:like|about|around|maybe|at least|early|late|sometime|i think|i guess|probably|dinner"
    r"|dinnertime|breakfast|lunch|bedtime|time|noon|midnight|he (?:woke|got) up|she (?:woke|got) up"
    r"|i got (?:up|home)|we got (?:up|home)|NUM|CLK|o'clock|dinner time|the|before|his|her|supper|then"
    r"|well|bed|just|yes|even|from|i want to say|i would say) )*$"
)
_SINCE_EVENT = re.compile(
    r" since (?:he|she|it|they|PET|we|i) (?:got|came|went|was|were|had|woke|ate)(?: (?!and|but"
    r"|so)\S+){0,6} $"
)
_NOT_SINCE_EPISODE = re.compile(
    r" (?:has|have|had|did) not (?:been |really |actually )?(?:thrown|vomited|puked|bled|bleeding|seized"
    r"|coughed|had|done|thrown|gotten|choked|collapsed|fallen|happened|seen|noticed|fainted|sneezed"
    r"|limped|changed|needed|grown|bothered)(?: \S+)* $"
)
_IT_WAS = re.compile(
    r" (?:it|that|this|he|she|PET) (?:was|'s|is|has to be|had to be|have been|must have been"
    r"|would have been|might have been|could have been|happened|would be|'d be|will be"
    r"|were) (?:\S+ been )?" + _DEGREE + "$"
)
_BEEN = re.compile(
    r" (?:it|this|that|he|she|PET) (?:has|'s|is|had|have|will have|would be|must have|be) (?:\S+ )?(?:been"
    r"|going on) (?:going on |like this |this way )?(?:for )?" + _DEGREE + "$"
)
_PERFECT = re.compile(
    r" (?:been|has|have|had|'s|'ve)(?: (?!for )\S+){0,12}? for (?:the )?(?:last |past |at least )?" + _DEGREE + "$"
)
_LAST_PAST = re.compile(r" (?:for|over|in|within|these|during)? ?(?:the|these|this) (?:last|past) " + _DEGREE + "$")
_NOT_IN = re.compile(r" not (?:\S+ ){1,5}in (?:the (?:last|past) )?" + _DEGREE + "$")
_OWNERSHIP = re.compile(
    r" (?:been on|been taking|been with|been gone|been away|been out of|been in the (?:family|hospital)"
    r"|been home|been coming|been going to|been a (?:client|patient)|been using|been giving|been feeding"
    r"|been fixed|been neutered|been spayed"
    r"|had (?:him|her|it|them|PET|this dog|that dog|this cat|my|our)|have had|owned|lived|known|been (?:up"
    r"|awake|stuck|working|traveling|married|busy|crazy|waiting|trying|calling|on hold|looking)"
    r"|since (?:his|her) (?:surgery|last))(?= )"
)
_LET_ME = re.compile(r"^ (?:let (?:me|us)|of a|already and|since (?:his|her|we|i|our|the|my)|that |at work)")
_UNTIL = re.compile(
    r" (?:fine|okay|normal|good|great|himself|herself|healthy|eating|perfect|happy|playing|nothing"
    r"|not (?:\S+ ){0,4})(?: \S+)? until (?:like |about |maybe |around )*$"
)
_WOKE = re.compile(
    r" (?:i|we|he|she|husband|wife|daughter|son) (?:just )?(?:woke(?: up)?|got up|came home|got home"
    r"|came down|came downstairs|came back|got back|get home|walked in|come home|went out"
    r"|came out)(?: (?:to|from|and found))?(?: (?:(?:this|from|at|work|like|about|around|CLK|NUM"
    r"|early) ?)*)?$"
)
_FOUND_AFTER = re.compile(r"^ (?:\S+ ){0,4}(?:and|to|when|he|she|PET) ")
_NOT_BEGUN = re.compile(r" (?:appointment|gave|fine|normal)(?= )")
_DENIED = re.compile(r" (?:was|is|were|did) not " + _DEGREE + "$")
"""Before a day word: "it wasn't this morning" takes an earlier onset back."""
_LAST_DID = re.compile(
    r" last (?:time (?:he|she|it|they|PET) )?(?:peed|ate|pooped|drank|urinated|eaten|went(?: pee| poop"
    r"| potty)?|moved)(?: was| that i know of| i think| probably)* $"
)
"""When an animal last did what it does no more."""
_ANSWERED = re.compile(
    r"^ (?:(?:i|'d|would|have|to|say|think|guess|believe|want|probably|maybe|like|about|just|it|would|be"
    r"|well|yes|oh|since|sometime|around|early|late) )+$"
)
"""All that stands before a day word which answers "when": "I'd have to say yesterday"."""
_UNIT_ALONE = re.compile(r" (?:for|over|in|within|during) (?:the|this) (?:last|past) (?P<u>hour|day|week|month)(?= )")
_UNIT = {"hour": "h", "day": "d", "week": "w", "month": "m"}


def read_onset(scene: Scene) -> Iterator[FieldReading]:
    """Onsets: ISO 8601 durations before the call, or the day words of ``eval/FORMAT.md``.

    Confidence from 0.9 ("it started ...") down to 0.5 ("I got up this morning and she ..."); weekdays give nothing,
    since the pure layer has no clock.
    """
    line = scene.line
    if " DAY " in line.text or " DUR" in line.text:
        denied = False
        for at, chunk in enumerate(line.items):
            found: Iterator[FieldReading] = iter(())
            if chunk.symbol == "DAY":
                denied = denied or _DENIED.search(line.before(at, 4)) is not None
                found = _day(scene, at)
            elif chunk.symbol[:3] == "DUR" and chunk.quantity is not None:
                found = _duration(scene, at)
            for reading in found:
                yield replace(reading, correction=denied)
    if " last " in line.text or " past " in line.text:
        for match in line.find(_UNIT_ALONE):
            first, last = line.group(match)
            clause = OnsetClause(scene, first)
            if clause.of_patient and clause.finding:
                yield scene.reading(
                    "onset", iso_duration(((1, _UNIT[match["u"]]),)), first, last, 0.75, "onset-lasting"
                )


def _day(scene: Scene, at: int) -> Iterator[FieldReading]:
    chunk = scene.line.items[at]
    found = _day_role(scene, at, chunk.value, OnsetClause(scene, at))
    if found is not None:
        yield scene.reading("onset", chunk.value, at, at, *found)


def _day_role(scene: Scene, at: int, value: str, clause: OnsetClause) -> tuple[float, str] | None:
    before = clause.before
    if re.search(r" not (?:\S+ )?$", before) and not before.endswith(" until "):
        return None  # "it wasn't this morning"
    since = _SINCE.search(clause.wide) or _SINCE_EVENT.search(clause.wide)
    if since or _UNTIL.search(clause.wide):
        if since and _NOT_SINCE_EPISODE.search(clause.wide[: since.start() + 1]):
            return None
        if not clause.of_patient or re.search(
            r" (?:seen|been (?:in|there|to)|talked|called|better|fine|great|perfect|new|improved|himself"
            r"|herself|normal)(?: \S+){0,3} since ",
            clause.wide,
        ):
            return None
        return 0.85, "onset-since"
    if STARTED_TREATMENT.search(before) or STARTED_TREATMENT.search(clause.after[:40]):
        return None
    reported = _BEGAN.search(before) or _BEGAN.search(_near(clause.after))
    visible = clause.of_patient or REPORTS.search(before)
    if reported and visible and not AGAIN.search(before) and not _NOT_BEGUN.search(clause.own):
        return (0.9 if not value.startswith("P1") else 0.7), "onset-began"
    if _IT_WAS.search(before) and clause.of_patient and value != "just_now":
        return (0.58 if clause.only_eaten else 0.82), "onset-it-was"
    if _ANSWERED.match(before):
        return 0.66, "onset-answer"
    if _WOKE.search(before) and _FOUND_AFTER.match(scene.line.after(at, 8)) and not clause.elsewhere:
        return 0.5, "onset-found"
    if _LAST_DID.search(before) and clause.of_patient:
        return 0.6, "onset-last-time"
    if clause.elsewhere or not clause.of_patient or not clause.finding or scene.line.symbol(at + 1) == "'s":
        return None
    if value == "just_now" or not clause.sign:
        return 0.58, "onset-event"
    return (0.72 if not value.startswith("P1") else 0.55), "onset-event"


def _near(after: str) -> str:
    """The first five symbols after a time."""
    return " " + " ".join(after.split()[:5]) + " "


def _duration(scene: Scene, at: int) -> Iterator[FieldReading]:
    line = scene.line
    quantity = line.items[at].quantity
    assert quantity is not None
    if quantity.old or line.symbol(at + 1) in ("old", "apart", "later", "before", "long", "pregnant", "from", "early"):
        return
    ago = line.symbol(at + 1) == "ago" or line.after(at, 3) in (" or so ago ", " or two ago ")
    last = at + (1 if line.symbol(at + 1) == "ago" else 3) if ago else at
    clause = OnsetClause(scene, at, last)
    found = _ago_role(clause, quantity.unit) if ago else _lasting_role(scene, at, clause, quantity.unit)
    if found is not None:
        confidence, rule = found
        yield scene.reading("onset", quantity.iso, at, last, confidence - 0.1 * quantity.approximate, rule)


def _ago_role(clause: OnsetClause, unit: str) -> tuple[float, str] | None:
    before = clause.before
    if STARTED_TREATMENT.search(before) or AGAIN.search(before) or re.match(r" again(?= )", clause.after):
        return None
    reported = _BEGAN.search(before) or _BEGAN.search(_near(clause.after))
    if reported and not ELSEWHERE.search(before) and clause.of_patient:
        return 0.9, "onset-began"
    if _SINCE.search(before) or _UNTIL.search(before):
        return (0.85, "onset-since") if clause.of_patient else None
    if unit == "y" or clause.elsewhere:
        return None
    if _IT_WAS.search(before) and clause.of_patient:
        return (0.58 if clause.only_eaten else 0.85), "onset-it-was"
    if _WOKE.search(before):
        return 0.5, "onset-found"
    if unit == "m" or not clause.of_patient:
        return None
    if clause.finding:
        return 0.72 if clause.sign else 0.58, "onset-event"
    if not before.strip() or _ANSWERED.match(before):
        return 0.55, "onset-ago"
    return None


def _lasting_role(scene: Scene, at: int, clause: OnsetClause, unit: str) -> tuple[float, str] | None:
    line = scene.line
    before, wide = clause.before, clause.wide
    after = line.after(at, 3)
    if (
        unit == "y"
        or _LET_ME.match(after)
        or re.search(r" every (?:\S+ )?$", before)
        or re.search(r" not (?:even )?$", before)
    ):
        return None
    if not clause.of_patient and not re.search(r" i (?:'d|would|want|guess|think|believe)(?: \S+){0,3} $", before):
        return None
    if _OWNERSHIP.search(before):
        return None
    now = after.startswith((" now ", " straight ", " in a row ")) or line.after(at, 4).startswith(" or so now ")
    if _BEEN.search(wide) or re.search(
        r" (?:been|going on)(?: \S+){0,4} (?:i (?:want to|would|'d) say|i guess|i think) " + _DEGREE + "$", wide
    ):
        idle = re.search(r" it (?:has|'s) been $", before) and not now and after.strip() not in ("", "he", "she")
        return (0.6 if idle else 0.87), "onset-been"
    if unit not in "ns" or now:
        if _PERFECT.search(wide) and not _OWNERSHIP.search(wide):
            return 0.86, "onset-lasting"
        if _LAST_PAST.search(before):
            return 0.82, "onset-lasting"
        if _NOT_IN.search(before) and not _NOT_SINCE_EPISODE.search(before):
            return 0.75, "onset-lasting"
    elif re.search(r" been(?: \S+){0,8} for " + _DEGREE + "$", wide) and "when" not in before:
        return 0.8, "onset-lasting"
    if re.search(r" going on " + _DEGREE + "$", before):
        return 0.8, "onset-lasting"
    if (
        now
        and not _LASTED.search(before.replace(" for ", " "))
        and not re.search(r" (?:'s|is) (?:like |about |only )?$", before)
    ):
        return 0.75, "onset-lasting"
    if re.search(r" for (?:the )?" + _DEGREE + "$", before) and unit in "dw" and clause.finding:
        return 0.6, "onset-lasting"
    return None
