"""Words that tell whose number follows: a card's, a telephone's, a microchip's or another of the desk's numbers."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from voice_triage.card_data.numerals import Token


class Topic(StrEnum):
    """What a number may be of."""

    CARD = "card"
    PHONE = "phone"
    CHIP = "chip"
    OTHER = "other"
    """ZIP code, date of birth, prescription, invoice, account at the clinic and their like."""


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that tell a topic."""

    topic: Topic
    token: int
    """Their last token."""
    weak: bool = False
    """Cards are spoken of, but nobody seems to read one out: "do you take cards"."""


_CARD = re.compile(
    r"\b(?:(?:credit|debit|visa|master|bank|charge|payment|gift|discover|care credit|scratch ?pay|c c|cc)[ -]cards?"
    r"|cards?(?: (?:number|numbers|details?|info(?:rmation)?|on file|ending|holder|expires?|expiration|is|it is|it's))"
    r"|(?:the|this|that|my|his|her|our|your|their|another|other|different|new|same|which|wife's|husband's|mom's"
    r"|company|business) card|visa|master ?card|amex|am ex|american express|care ?credit"
    r"|(?:it's|is|it is|with) (?:a |my )?discover|sixteen digits?|sixteen numbers|long number"
    r"|(?:number|numbers|digits?|code) (?:on|off|from) (?:the )?(?:front|back)"
    r"|security (?:code|number)|verification (?:code|number|value)|three digits?(?: code| number)?"
    r"|c ?v ?[vcn](?: ?(?:two|2))?|see (?:v|vee)(?: v| vee)|cid"
    r"|sec code|pin (?:number|code|is)|(?<!number )(?:ends|ending) in"
    r"|last four(?: digits| of)|first four digits|pan)\b"
)
_EXPIRY = re.compile(
    r"\b(?:expir(?:es?|ed|ation|ing|y)(?: date)?|exp(?: date)?|good (?:thru|through)|valid (?:thru|through))\b"
)
_NO_CARD = re.compile(
    r"\b(?:vaccin\w+|rabies|report|index|insurance|birthday|sympathy|library|i d|id|post|thank you|adoption|shelter"
    r"|punch|loyalty|sim|time|wild|score|sound|graphics) cards?\b|\bmy card (?:from|of)\b"
)
_OF_GOODS = re.compile(
    r"\b(?:food|bag|bottle|can|cans|label|medicine|medication|meds?|pills?|tablets?|vaccin\w+|rabies|shots?|treats?"
    r"|prescription|refill|license|kibble|ointment|drops|insulin|vial|package|box|parking|registration|coupon)\b"
)
"""What else expires."""
_ANY_CARD = re.compile(r"\bcards?\b")
_CARDS_IN_GENERAL = re.compile(
    r"\b(?:(?:do|does|can|could|will|would|if|may) (?:you|i|we|they)(?: \w+)? (?:take|accept|use|pay|do|have|put)"
    r"|you (?:guys |all )?(?:take|accept)|accept(?:s|ed|ing)?|care ?credit)\b"
)
_PHONE = re.compile(
    r"\b(?:(?:phone|telephone|cell|mobile|call ?back|home|work|office|fax|contact|text|landline|daytime)"
    r"(?: phone)? (?:number|numbers|is|it's|it is|phone)|phone|cell ?phone|telephone|area code|call ?back(?: number)?"
    r"|(?:call|reach|ring|text|phone|contact|dial|page|fax|get a ?hold of) (?:me|us|him|her|them|back|my \w+)"
    r"(?: back)?(?: at| on)?|(?:best|good|better|emergency|contact|other|alternate|backup) number"
    r"|number (?:to (?:call|reach|text)|where|you can|for me|for us|we have on file|on file|to call)"
    r"|(?:my|his|her|the|our|wife's|husband's) (?:cell|mobile|landline)|hotline|poison control|extension|dial"
    r"|eight hundred number|(?:get|try) (?:me|us|him|her|them) (?:at|on)"
    r"|(?:call|tel|ph|cell|mobile|home|work|text|fax)(?= \d))\b"
)
_CHIP = re.compile(r"\b(?:micro ?chips?|chips?|chipped|avid|home ?again|tattoo number|rfid)\b")
_OTHER = re.compile(
    r"\b(?:zip(?: code)?|postal code|post code|date of birth|birth ?(?:day|date)|d o b|dob|born"
    r"|social security|address|street number|house number|p o box|po box"
    r"|(?:account|policy|invoice|order|claim|prescription|rx|r x|file|client|patient|record|chart|license|licence|tag"
    r"|rabies|lot|serial|tracking|confirmation|reference|case|member|membership|routing|registration|model|part|plate"
    r"|gate|door|entry|access|buzzer|flight|batch|ticket|permit)"
    r"(?: (?:number|num|no|i d|id|code|is))|number for the (?:prescription|refill|order))\b"
)


def cues_of(tokens: Sequence[Token]) -> list[Cue]:
    """The cues of an utterance or a typed text, in order of their last tokens."""
    texts = [token.text for token in tokens]
    joined = " ".join(texts)
    starts = [0, *accumulate(len(text) + 1 for text in texts)]

    def place(end: int) -> int:
        return bisect_right(starts, max(0, end - 1)) - 1

    found = [Cue(topic, place(end)) for topic, end in _plain_cues(joined)]
    others = list(_NO_CARD.finditer(joined))
    found += [
        Cue(Topic.CARD, place(match.end()), weak=True)
        for match in _ANY_CARD.finditer(joined)
        if not any(other.start() <= match.start() < other.end() for other in others)
    ]
    general = _CARDS_IN_GENERAL.search(joined)
    for match in _CARD.finditer(joined):
        if any(other.start() <= match.start() < other.end() for other in others):
            continue
        in_general = general is not None and general.start() <= match.start() and match.start() - general.end() < 25
        found.append(Cue(Topic.CARD, place(match.end()), in_general))
    if not _OF_GOODS.search(joined):
        found += [Cue(Topic.CARD, place(match.end())) for match in _EXPIRY.finditer(joined)]
    return sorted(found, key=lambda cue: cue.token)


def _plain_cues(joined: str) -> Iterator[tuple[Topic, int]]:
    for topic, pattern in ((Topic.PHONE, _PHONE), (Topic.CHIP, _CHIP), (Topic.OTHER, _OTHER)):
        for match in pattern.finditer(joined):
            yield topic, match.end()
