"""The words around a time, and what they tell of it: a finding, a meal, a visit, one more episode, someone else."""

from __future__ import annotations

import re

from voice_triage.triage.readings import Scene

_BOUNDARIES = frozenset(
    {"and", "but", "so", "because", "then", "though", "although", "which", "plus", ".", "?", "!", ";"}
)
STARTED_TREATMENT = re.compile(
    r" (?:start|started|starting|began) (?:him|her|it|them|PET|on|giving|using|the (?:medicine|antibiotic"
    r"|pills|meds|new food)|a new|school|training|work)(?= )"
    r"| (?:saw|seen|seeing|found|noticed) (?:the |a |an |your |our |another |you |doctor |dr |this "
    r"|someone |somebody )*(?:vet|doctor|dr|you|clinic|online|emergency|specialist|neurologist)(?= )"
    r"| (?:was|were|been|be|got) seen(?= )"
    r"| (?:vet|doctor|dr|clinic|neurologist) (?:saw|has seen|seen|found|noticed)(?= )"
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
ELSEWHERE = re.compile(
    r" (?:called|call|calling|talked|spoke|appointment|gave|give|given|giving|put on|fed|vet|vets|checkup"
    r"|check up|surgery|neuter|spay|shot|shots|vaccine\S*|vaccinat\S*|adopt\S*|bought|brought|came in"
    r"|been in|were in|was in|visit\S*|groom\S*"
    r"|bath|normal|fine|okay|great|perfect|tomorrow|scheduled|medicine|meds|took (?:him|her|it|them|PET)"
    r"|(?:was|been|be) seen|seen (?:by|there)|refill|dose|pill|pills|picked|ordered|moved here|married"
    r"|rescued|got (?:him|her|it|PET|a|the|this"
    r"|my|our|this pup)|lived|been coming|used to|last time"
    r"|his last|her last|last (?:one|visit|seizure|dose|time)|born|mailed|emailed|paid|due|dental|xray\S*"
    r"|x|bloodwork|trimmed|boarded|was here|were here|flying|leaving|bring|bringing|come in|get in|see you"
    r"|fit|available|opening)(?= )"
)
AGAIN = re.compile(r" (?:again|another|more|most recently|last time|next|every|each|yet)(?= )")
_SUBJECT = re.compile(
    r" (i|we|he|she|it|they|this|that|PET|SPC|SPS|STG|BRD|BRO|SEX|there|everything|you|husband|wife|son"
    r"|daughter|who)(?= )"
)
REPORTS = re.compile(
    r" (?:i|we|they|you|husband|wife|son|daughter) (?:(?:have|had|just|first|also|really|only|'ve|actually"
    r"|kind of|finally|then|was|am|are|were|have been|been|did not|not|started|kept|keep|guess|think"
    r"|thought) )*"
    r"(?:notic\S*|saw|see|seen|seeing|found|find\S*|came|come|got|woke|heard|hear|think|thought|guess"
    r"|believe|know|realiz\S*|caught|clean\S*|deal\S*|watch\S*|look\S*|went|walked|left|let|was cleaning"
    r"|was|picked|want|'d say|would say|mean|say)(?= )"
)
_PEOPLE = frozenset({"i", "we", "you", "husband", "wife", "son", "daughter"})
_NOT_BEGINNING = re.compile(r" (?:again|he was (?:fine|okay|normal)|she was (?:fine|okay|normal)|(?:he|she) ate)(?= )")
_OTHER_ANIMAL = re.compile(
    r" (?:last|other|another|previous|first|neighbor|neighbors|friend|old)(?: 's)? (?:\S+ )?(?:SPC|BRD|BRO"
    r"|NUM|one|STG)(?= )| (?:had|used to have) (?:a|an|another) (?:\S+ )?(?:SPC|BRD|BRO)(?= )"
)
_RESTART = re.compile(
    r" (?=(?:i|we|he|she|they|PET) |(?:it|this|that) (?:'s|is|was|has|did|just|started|happened|all|keeps"
    r"|kept|had|began|got|came|must|might|would) )"
)


def _cuts(scene: Scene, at: int) -> bool:
    """Whether a chunk begins a new clause; "on and off" does not."""
    line = scene.line
    return line.symbol(at) in _BOUNDARIES and not (line.symbol(at) == "and" and line.symbol(at - 1) in ("on", "off"))


class OnsetClause:
    """The words around a time: up to twelve chunks before and fourteen after, cut where a new clause plainly begins."""

    def __init__(self, scene: Scene, at: int, last: int | None = None) -> None:
        self.scene = scene
        items = scene.line.items
        last = at if last is None else last
        start = at
        while start > 0 and at - start < 12 and not _cuts(scene, start - 1):
            start -= 1
        end = last + 1
        while end < len(items) and end - last < 15 and not _cuts(scene, end):
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
            return REPORTS.search(self.before) is not None
        if not subjects:
            later = _SUBJECT.findall(self.after)
            if later and later[0] in _PEOPLE and _PEOPLE.issuperset(later):
                return REPORTS.search(self.after) is not None
        return self.scene.about_pet(self.scene.line.items[self.at].first) or REPORTS.search(self.before) is not None

    @property
    def elsewhere(self) -> bool:
        """Whether the time belongs to a meal, a visit, a treatment, or to one more episode."""
        own = self.own
        return bool(
            ELSEWHERE.search(own)
            or _MEAL.search(own)
            or AGAIN.search(own)
            or STARTED_TREATMENT.search(own)
            or _NOT_BEGINNING.match(self.after)
        )
