"""Times long past by their grammar, where a list of phrases would never end: years, seasons, owners and houses ago.

``eras`` finds them in the tokens of an utterance; ``long_past.py`` decides what is told of them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from voice_triage.triage.cues import Cue

_UNIT = "one|two|three|four|five|six|seven|eight|nine"
_TEEN = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_NUM = rf"(?:(?:{_TENS})(?: (?:{_UNIT}))?|{_TEEN}|{_UNIT}|\d+)"
_SOME = rf"(?:{_NUM}(?: or {_NUM}| {_NUM})?|(?:a )?few|(?:a )?couple(?: of)?|several|many|some|so many)"
_YEAR = (
    rf"(?:twenty (?:oh (?:{_UNIT})|{_TEEN}|twenty(?: (?:{_UNIT}))?)"
    rf"|nineteen (?:{_TENS})(?: (?:{_UNIT}))?|(?:19[5-9]|20[0-3])\d)"
)
_YEAR_NAMED = rf"(?:two thousand(?: and)?(?: (?:{_UNIT}|{_TEEN}|twenty))?|oh (?:{_UNIT}))"
"""A year only behind "in" and its like: there are also "oh one more thing" and two thousand milligrams."""
_MEASURED = (
    "minute|minutes|hour|hours|day|days|week|weeks|month|months|pound|pounds|kilo|kilos|milligram|milligrams|dollar|"
    "dollars|percent|times|pills|tablets|ounces|grapes|raisins|o'clock|a.m.|p.m.|am|pm|years|or|thirty|fifteen"
)
_SEASON = (
    "springs?|summers?|falls?|autumns?|winters?|seasons?|christmas(?:es)?|thanksgivings?|easters?|halloweens?|"
    "birthdays?|semesters?|terms?|harvests?|deployments?|tours?|lambings?|calvings?|foalings?|monsoons?"
)
_THINGS = (
    "owners?|vets?|houses?|homes?|apartments?|moves?|litters?|jobs?|dogs?|cats?|lifetimes?|presidents?|landlords?|"
    "wives|husbands|boyfriends?|girlfriends?|roommates?|trucks?|cars?|leases?|clinics?|groomers?|sitters?|farms?|"
    "barns?|diets?|foods?|collars?|generations?|bosses"
)
_WHO = "people|owners?|family|folks|guys?|lady|man|men|couple|woman|home|farm|place|breeder|students?|trainer|girl"
_SCHOOL = (
    "freshman|sophomore|junior year|senior year|first grade|second grade|kindergarten|preschool|grad school|vet school|"
    "boot camp|basic training|law school|med school|nursing school|grade school|middle school|the navy|the marines|"
    "the service|the air force|the army|the coast guard"
)
_EPOCH = (
    "move|remodel|renovation|twins|divorce|wedding|war|pandemic|covid|merger|retirement|recession|election|"
    "new building|new clinic|new owners?|marriage|separation|deployment"
)
_YOUNG = "puppy|pup|kitten|baby|foal|chick|hatchling|youngster|calf|colt|filly|weanling|duckling|lamb|kit|newborn"
_HELD = (
    "shelter|foster|breeder|breeders|pound|rescue|streets?|track|racing|mill|other home|"
    "old home|old house|other house|old place|racetrack|puppy mill|humane society"
)
_HOLIDAYS = (
    "fourth of july|memorial day|labor day|new years?(?: 's)?(?: eve| day)?|valentine 's day|valentines day|"
    "mother 's day|father 's day|spring break|super bowl|saint patrick 's day|holidays"
)
_FILED = (
    "newsletter|scrapbook|bulletin board|calendar|wall of fame|old chart|old records?|old file|paper chart|paper file|"
    "history|old paperwork|adoption papers|shelter papers"
)
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"

_LONG_AGO = re.compile(
    " (?:"
    + "|".join(
        (
            rf"{_SOME} (?:of )?(?:{_SEASON}|{_THINGS}|years?|decades?) (?:ago|back|before|prior|earlier|since|gone)",
            rf"(?:before|it makes|makes|has|since|hace) {_SOME} years(?! old)",
            rf"last (?:{_SEASON}|school year|season|hunting season|deer season|show season|foaling season)",
            r"(?:my|his|her|our|their) (?:freshman|sophomore|junior|senior|final|gap|rookie) (?:year|semester|season)",
            rf"(?:in|during|back in|since) (?:{_SCHOOL})",
            rf"(?:in |back in |around |since |from |of |year |about |early |late )?{_YEAR}(?! (?:{_MEASURED}) )",
            rf"(?:in|back in|since|from|year|early|late) {_YEAR_NAMED}(?! (?:{_MEASURED}|hundred|{_NUM}) )",
            rf"(?:when|as|while|since when|being) (?:still )?(?:{_YOUNG})",
            r"(?:when|while) (?:still )?(?:young|little|small|tiny)",
            rf"before (?:the|our|my|that|this) (?:new |old |big |second )?(?:{_EPOCH})",
            rf"the (?:{_WHO}) before (?:us|me|that|him|her)",
            rf"the (?:{_WHO}) (?:who|that) (?:had|owned|kept|raised|dumped|bred) (?:him|her|them)",
            rf"the (?:{_WHO}) (?:we|i) (?:got|bought|took|adopted) (?:him|her|them) (?:from|off)",
            (
                rf"(?:so|must be|got to be|has to be|have to be|had to be|been what|is going on|it 's been|that 's been"
                rf"|that 's) (?:like |about |a good |over |nearly |almost |close to |around |what )?"
                rf"(?:{_NUM}(?: {_NUM}| or {_NUM})?|many|several|a few) years(?! old)"
            ),
            r"every (?:spring|summer|fall|winter|year) (?:of (?:his|her) life|before (?:this|we)|until|till|up)",
            (
                r"(?:in|at|from) (?:a|an|his|her|their|our|my|the|another) (?:past|previous|former|prior|other|earlier)"
                r" (?:home|life|job|house|place|state|marriage|apartment|barn|farm|base|clinic|town|city|country)"
            ),
            (
                r"(?:at|in|from) (?:our|my|his|her) (?:last|old|first) (?:place|house|post|base|duty station|apartment"
                r"|barn|farm|town|job|yard|neighborhood|rental|condo|city|state|country)"
            ),
            (
                rf"(?:when|while|back when) (?:he|she|they|it) (?:was|were) (?:still |just )?(?:in|at|with|on) "
                rf"(?:the |her |his |my |our |a )?(?:{_HELD})"
            ),
            (
                r"(?:when|while|back when) (?:my|our) (?:\w+ )?(?:son|daughter|kids?|boys?|girls?|grandson"
                r"|oldest|youngest|baby|twins) (?:was|were) (?:still |only )?(?:little|small|born)"
            ),
            r"(?:when|while) i (?:was|still) (?:stationed|young|dating|lived)",
            rf"(?:on|over|around|last|this past|for) (?:the )?(?:{_HOLIDAYS})",
            r"during (?:hunting|deer|calving|lambing|foaling|rodeo|show|football|baseball|tax|wedding|duck) season",
            rf"(?:in|since|from) (?:the )?(?:{_MONTHS}) of (?:last|{_YEAR})",
            rf"(?:in|last|back in|this past) (?:{_MONTHS})(?! (?:i|we|be|not|have|he|she|they) )",
            r"(?:the|that|an|his|her|your|those) old (?:x ray|xray|x rays|film|films|scan|report|chart|records?|file)",
            rf"(?:in|on|from) (?:your|the|his|her|our|my) (?:{_FILED})",
            r"(?:one time|once|the one time|the once) and never (?:again|since|after|once)",
            r"(?:a spell|a ways|some while|a good while|quite some time|some time|good while|long while) (?:back|ago)",
            (
                r"(?:when|since) (?:we|i|you) (?:first )?(?:picked|brought|drove) (?:him|her) (?:up|home) from"
                r" (?:the |a )?(?:shelter|breeder|rescue|pound|foster|pet store|humane society|farm)"
            ),
            (
                r"when (?:we|i) (?:first )?got (?:him|her|them)"
                r"(?! (?:home|up|here|there|inside|outside|out|in|into|to|back|off|on|down|this|tonight|today|loose) )"
            ),
        )
    )
    + ")(?= )"
)
_AT_AGE = re.compile(
    rf" at (?:age )?{_NUM}(?= )(?! (?:o'clock|a\.m\.|p\.m\.|am|pm|this|last|today|tonight|thirty|fifteen|forty|in))"
    r"(?: (?:weeks|months|years)(?: old)?)?"
)
_AGE_NOW = re.compile(
    rf" (?:he|she|it) (?:'s|is|turned|turns|just turned) (?:about |almost |nearly |going on |pushing |gonna be |now )?"
    rf"{_NUM}(?: (?:years? old|years|and a half))?(?= (?:now|and|so|today|this|but|i|we|or)? )"
)


def eras(norms: Sequence[str]) -> Iterator[Cue]:
    """Each time long past that the tokens name, as a cue of the list ``historical``, in order of place."""
    text = f" {' '.join(norms)} "
    starts: list[int] = []
    place = 1
    for norm in norms:
        starts.append(place)
        place += len(norm) + 1

    def cue(found: re.Match[str]) -> Cue:
        return Cue("historical", bisect_right(starts, found.start() + 1) - 1, bisect_right(starts, found.end() - 1) - 1)

    yield from (cue(found) for found in _LONG_AGO.finditer(text))
    if _AGE_NOW.search(text):  # "colicked at nine and again at twelve he's twenty now"
        yield from (cue(found) for found in _AT_AGE.finditer(text))
