"""Reads the onset: how long ago the main problem began.

A time ("last night", "two hours ago", "for three days") is an onset only in the company of a beginning ("started",
"noticed", "since", "been ... for", "it was ... ago") or of an event or finding of the patient; never of a meal, a
visit, a treatment, an appointment, another episode ("again"), how long something lasted, or the client's own troubles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from voice_triage.triage.quantities import iso_duration
from voice_triage.triage.readings import FieldReading, Scene

_BOUNDARIES = frozenset(
    {"and", "but", "so", "because", "then", "though", "although", "which", "plus", ".", "?", "!", ";"}
)
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
_STARTED_TREATMENT = re.compile(
    r" (?:start|started|starting|began) (?:him|her|it|them|PET|on|giving|using|the (?:medicine|antibiotic"
    r"|pills|meds|new food)|a new|school|training|work)(?= )"
    r"| (?:saw|seen|seeing|found|noticed) (?:the |a |an |your |our |another |you |doctor |dr |this "
    r"|someone |somebody )*(?:vet|doctor|dr|you|clinic|online|emergency|specialist|neurologist)(?= )"
)
_PROBLEM = re.compile(
    r" (?:thr[eo]w\S*|vomit\S*|puk\S*|heav\S*|retch\S*|gag\S*|cough\S*|chok\S*|bleed\S*|bled|blood\S*"
    r"|limp\S*|diarrhea|runs|collaps\S*|seiz\S*|fell|fallen|fall"
    r"|hit|got (?:into|a hold|hold|hit|bit|stung|attacked|sick|loose|out|stepped|worse|hurt|stuck|caught"
    r"|kicked)|stung|bit|bitten|attacked(?= by)|(?:got|was) attacked|swoll?en|swelled|swell\S*"
    r"|scream\S*|yelp\S*|cry|crying|cried|cries|whin\S*|whimper\S*|shak\S*|trembl\S*|twitch\S*|stagger\S*"
    r"|wobbl\S*|stumbl\S*|drool\S*|pant|panting|pants|breath\S*|hid|hiding|hides|letharg\S*"
    r"|stiff\S*|drag\S*|itch\S*|sneez\S*|hurt\S*|pain\S*|sore|weak|weird|funny|strange|off|strain\S*"
    r"|refus\S*|broke\S*|tore|torn|ripp\S*|cut|injur\S*|lump\S*|squint\S*|jumped|weren't right"
    r"|sick|lame|scratch\S*|wheez\S*|hack\S*|gasp\S*|faint\S*|passed out|keeled|paraly\S*|dizzy"
    r"|disorient\S*|confus\S*|cloudy|discharge|pus|ooz\S*|rash|hives|burn\S*|poison\S*|constipat\S*"
    r"|mushy|runny|loose|watery|soft|brought (?:\S+ )?up|acting up|worse|licking|won't|would not|will not"
    r"|not (?:\S+ )?(?:eat\S*|ate|touch\S*|drink\S*|drank|pee\S*|poop\S*|go|gone|walk\S*|stand\S*|move\S*"
    r"|get up|urinat\S*|slept|himself|herself|right|feeling|been)"
    r"|can not|could not|barely|hardly|like this|this way|trouble|nothing|problem\S*|ran over|stepped on"
    r"|spit\S*|accident\S*|bloat\S*|pregnant|labor|pushing|contractions|flinch\S*|hunch\S*|restless"
    r"|pac(?:ing|es|ed)|howl\S*|yowl\S*|snapp\S*|growl\S*|drunk|did it|does it|do it|doing it|doing this"
    r"|doing that)(?= )"
)
_ATE = re.compile(r" (?:ate|eaten|licked|drank|chewed|swallowed|gotten into|got into)(?= )")
_MEAL = re.compile(
    r" (?:ate|eaten|eating|eats|eat|drank|drinking|had)(?: (?!a whole|an entire)\S+){0,4}? (?:breakfast"
    r"|dinner|lunch|supper|food|meal|fine|normal|normally|okay|well|good|great|kibble|usual|bowl|treats?"
    r"|water)(?= )"
    r"| (?:ate|eaten|drank|peed|pooped|went|played|slept)(?: (?:some|a little|a bit|it|just|all|both|like"
    r"|right|poop|pee|potty|for|about|around|maybe|fine))* $"
)
_ELSEWHERE = re.compile(
    r" (?:called|call|calling|talked|spoke|appointment|gave|give|given|giving|put on|fed|vet|vets|checkup"
    r"|check up|surgery|neuter|spay|shot|shots|vaccine\S*|vaccinat\S*|adopt\S*|bought|brought|came in"
    r"|been in|were in|was in|visit\S*|groom\S*"
    r"|bath|normal|fine|okay|great|perfect|tomorrow|scheduled|medicine|meds|took (?:him|her|it|them|PET)"
    r"|refill|dose|pill|pills|picked|ordered|moved here|married|rescued|got (?:him|her|it|PET|a|the|this"
    r"|my|our|home from)|lived|been coming|used to|last time"
    r"|his last|her last|last (?:one|visit|seizure|dose|time)|born|mailed|emailed|paid|due|dental|xray\S*"
    r"|x|bloodwork|trimmed|boarded|was here|were here|flying|leaving|bring|bringing|come in|get in|see you"
    r"|fit|available|opening)(?= )"
)
_AGAIN = re.compile(r" (?:again|another|more|most recently|last time|next|every|each|yet)(?= )")
_LASTED = re.compile(
    r" (?:lasted|lasts|last|took|takes|take|every|within|after|before|only|per|each|another|next|for"
    r"|timed it|time|apart|in) " + _DEGREE + "$"
)
_SUBJECT = re.compile(
    r" (i|we|he|she|it|they|this|that|PET|SPC|SPS|STG|BRD|BRO|SEX|there|everything|you|husband|wife|son"
    r"|daughter|who)(?= )"
)
_REPORTS = re.compile(
    r" (?:i|we|they|you|husband|wife|son|daughter) (?:(?:have|had|just|first|also|really|only|'ve|actually"
    r"|kind of|finally|then|was|am|are|were|have been|been|did not|not|started|kept|keep|guess|think"
    r"|thought) )*"
    r"(?:notic\S*|saw|see|seen|seeing|found|find\S*|came|come|got|woke|heard|hear|think|thought|guess"
    r"|believe|know|realiz\S*|caught|clean\S*|deal\S*|watch\S*|look\S*|went|walked|left|let|was cleaning"
    r"|was|picked|want|'d say|would say|mean|say)(?= )"
)
_SINCE = re.compile(
    r" since (?:(?:like|about|around|maybe|at least|early|late|sometime|i think|i guess|probably|dinner"
    r"|dinnertime|breakfast|lunch|bedtime|time|noon|midnight|he (?:woke|got) up|she (?:woke|got) up"
    r"|i got (?:up|home)|we got (?:up|home)|NUM|CLK|o'clock|dinner time|the|before|his|her|supper|then"
    r"|well|bed|just|yes|even|from|i want to say|i would say) )*$"
)
_NOT_SINCE_EPISODE = re.compile(
    r" (?:has|have|had|did) not (?:been |really |actually )?(?:thrown|vomited|puked|bled|bleeding|seized"
    r"|coughed|had|done|thrown|gotten|choked|collapsed|fallen|happened|seen|noticed|fainted|sneezed"
    r"|limped)(?: \S+)* $"
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
_PEOPLE = frozenset({"i", "we", "you", "husband", "wife", "son", "daughter"})
_NOT_BEGINNING = re.compile(r" (?:again|he was (?:fine|okay|normal)|she was (?:fine|okay|normal)|(?:he|she) ate)(?= )")
_NOT_BEGUN = re.compile(r" (?:appointment|gave|fine|normal)(?= )")
_DENIED = re.compile(r" (?:was|is|were|did) not " + _DEGREE + "$")
"""Before a day word: "it wasn't this morning" takes an earlier onset back."""
_ANSWERED = re.compile(
    r"^ (?:(?:i|'d|would|have|to|say|think|guess|believe|want|probably|maybe|like|about|just|it|would|be"
    r"|well|yes|oh|since|sometime|around|early|late) )+$"
)
"""All that stands before a day word which answers "when": "I'd have to say yesterday"."""
_OTHER_ANIMAL = re.compile(
    r" (?:last|other|another|previous|first|neighbor|neighbors|friend|old)(?: 's)? (?:\S+ )?(?:SPC|BRD|BRO"
    r"|NUM|one|STG)(?= )| (?:had|used to have) (?:a|an|another) (?:\S+ )?(?:SPC|BRD|BRO)(?= )"
)
_RESTART = re.compile(
    r" (?=(?:i|we|he|she|they|PET) |(?:it|this|that) (?:'s|is|was|has|did|just|started|happened|all|keeps"
    r"|kept|had|began|got|came|must|might|would) )"
)
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
            clause = _Clause(scene, first)
            if clause.of_patient and clause.finding:
                yield scene.reading(
                    "onset", iso_duration(((1, _UNIT[match["u"]]),)), first, last, 0.75, "onset-lasting"
                )


class _Clause:
    """The words around a time: up to twelve chunks before and fourteen after, cut where a new clause plainly begins."""

    def __init__(self, scene: Scene, at: int, last: int | None = None) -> None:
        self.scene = scene
        items = scene.line.items
        last = at if last is None else last
        start = at
        while start > 0 and at - start < 12 and items[start - 1].symbol not in _BOUNDARIES:
            start -= 1
        end = last + 1
        while end < len(items) and end - last < 15 and items[end].symbol not in _BOUNDARIES:
            end += 1
        self.before = scene.line.before(at, at - start)
        self.after = scene.line.after(last, end - last - 1)
        self.wide = scene.line.before(at, 14)
        self.at = at
        self._tokens = range(items[start].first, items[end - 1].last + 1)

    @property
    def own(self) -> str:
        """What stands before the time, from its last subject on."""
        restarts = [match.start() for match in _RESTART.finditer(self.before)]
        return self.before[restarts[-1] :] if restarts else self.before

    @property
    def sign(self) -> bool:
        """Whether the clause tells of a finding, rather than only of what the animal ate."""
        if self.scene.line.items[self.at].value == "overnight" and self.before.endswith(" up "):
            return True
        if any(token in self.scene.findings for token in self._tokens):
            return True
        return bool(_PROBLEM.search(self.before) or _PROBLEM.search(self.after))

    @property
    def only_eaten(self) -> bool:
        """Whether the words before tell of something eaten and of no sign: signs that came later are the onset then."""
        return _ATE.search(self.wide) is not None and _PROBLEM.search(self.wide) is None

    @property
    def finding(self) -> bool:
        """Whether the clause tells of an event or a finding."""
        return self.sign or bool(_ATE.search(self.before) or _ATE.search(self.after))

    @property
    def of_patient(self) -> bool:
        """Whether the clause speaks of the patient, or of the client only as the one who saw it."""
        if _OTHER_ANIMAL.search(self.before):
            return False
        subjects = _SUBJECT.findall(self.before)
        if subjects and subjects[-1] in _PEOPLE:
            return _REPORTS.search(self.before) is not None
        if not subjects:
            later = _SUBJECT.findall(self.after)
            if later and later[0] in _PEOPLE and _PEOPLE.issuperset(later):
                return _REPORTS.search(self.after) is not None
        return self.scene.about_pet(self.scene.line.items[self.at].first) or _REPORTS.search(self.before) is not None

    @property
    def elsewhere(self) -> bool:
        """Whether the time belongs to a meal, a visit, a treatment, or to one more episode."""
        own = self.own
        return bool(
            _ELSEWHERE.search(own)
            or _MEAL.search(own)
            or _AGAIN.search(own)
            or _STARTED_TREATMENT.search(own)
            or _NOT_BEGINNING.match(self.after)
        )


def _day(scene: Scene, at: int) -> Iterator[FieldReading]:
    chunk = scene.line.items[at]
    found = _day_role(scene, at, chunk.value, _Clause(scene, at))
    if found is not None:
        yield scene.reading("onset", chunk.value, at, at, *found)


def _day_role(scene: Scene, at: int, value: str, clause: _Clause) -> tuple[float, str] | None:
    before = clause.before
    if re.search(r" not (?:\S+ )?$", before) and not before.endswith(" until "):
        return None  # "it wasn't this morning"
    since = _SINCE.search(clause.wide)
    if since or _UNTIL.search(clause.wide):
        if since and _NOT_SINCE_EPISODE.search(clause.wide[: since.start() + 1]):
            return None
        if not clause.of_patient or re.search(
            r" (?:seen|been (?:in|there|to)|talked|called)(?: \S+){0,3} since ", clause.wide
        ):
            return None
        return 0.85, "onset-since"
    if _STARTED_TREATMENT.search(before) or _STARTED_TREATMENT.search(clause.after[:40]):
        return None
    reported = _BEGAN.search(before) or _BEGAN.search(_near(clause.after))
    visible = clause.of_patient or _REPORTS.search(before)
    if reported and visible and not _AGAIN.search(before) and not _NOT_BEGUN.search(clause.own):
        return (0.9 if not value.startswith("P1") else 0.7), "onset-began"
    if _IT_WAS.search(before) and clause.of_patient and value != "just_now":
        return (0.58 if clause.only_eaten else 0.82), "onset-it-was"
    if _ANSWERED.match(before):
        return 0.66, "onset-answer"
    if _WOKE.search(before) and _FOUND_AFTER.match(scene.line.after(at, 8)) and not clause.elsewhere:
        return 0.5, "onset-found"
    if clause.elsewhere or not clause.of_patient or not clause.finding:
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
    clause = _Clause(scene, at, last)
    found = _ago_role(clause, quantity.unit) if ago else _lasting_role(scene, at, clause, quantity.unit)
    if found is not None:
        confidence, rule = found
        yield scene.reading("onset", quantity.iso, at, last, confidence - 0.1 * quantity.approximate, rule)


def _ago_role(clause: _Clause, unit: str) -> tuple[float, str] | None:
    before = clause.before
    if _STARTED_TREATMENT.search(before) or _AGAIN.search(before) or re.match(r" again(?= )", clause.after):
        return None
    reported = _BEGAN.search(before) or _BEGAN.search(_near(clause.after))
    if reported and not _ELSEWHERE.search(before) and clause.of_patient:
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
    if len(before.split()) <= 4 and not re.search(r" (?:i|we)(?= )", before):
        return 0.55, "onset-ago"
    return None


def _lasting_role(scene: Scene, at: int, clause: _Clause, unit: str) -> tuple[float, str] | None:
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
