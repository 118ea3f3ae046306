"""A first guess at how an unknown name or product is said, from its letters; a person corrects it.

Letter-to-sound rules of American English, longest first: a rule is letters, what must stand before and behind, and the
phones. Written for this project from the regularities of English spelling; names are often irregular, so the guess is
shown and never taken for granted.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

_VOWEL = "[aeiouy]"
_TABLE = """
(augh)=AO; (ough)=AO; (eigh)=EY; (igh)=AY; (tion)=SH AH N; (sion)=ZH AH N; (cious)=SH AH S; (tious)=SH AH S;
(tch)=CH; (dge)=JH; ^(sch)=SH; (chr)=K R; (ght)=T; (ie)$=IY; (ies)$=IY Z; (ey)$=IY; (ee)=IY; (ea)r[a-z]=ER;
(ear)=IH R; (eer)=IH R; (air)=EH R; (are)$=EH R; (ire)=AY ER; (ore)=AO R; (oor)=AO R; (oar)=AO R; (our)=AO R;
(ure)$=Y UH R; (er)(?![aeiouy])=ER; (ir)(?![aeiouy])=ER; (ur)(?![aeiouy])=ER; (ar)(?![aeiouy])=AA R;
(or)(?![aeiouy])=AO R; (yr)(?![aeiouy])=IH R; (ea)=IY; (oa)=OW; (oo)k=UH; (oo)=UW; (ou)=AW; (ow)$=OW; (ow)=AW;
(oi)=OY; (oy)=OY; (au)=AO; (aw)=AO; (ai)=EY; (ay)=EY; (ei)=AY; (ew)=UW; (eu)=UW; (ue)$=UW; (ui)=UW;
(ia)$=IY AH; (io)=IY OW; (ph)=F; (sh)=SH; (ch)=CH; (th)=TH; (wh)=W; (ck)=K; (ng)$=NG; (nk)=NG K; (qu)=K W;
^(gh)=G; (gh)=; ^(kn)=N; ^(wr)=R; ^(gn)=N; ^(ps)=S; (sc)[eiy]=S; (cc)[eiy]=K S; (mb)$=M;
[bcdfgkpstz](le)$=AH L; [sxz](es)$=IH Z; [a-z]{2}(e)$=; [a-z]{2}(e)s$=; (a)[bcdfghjklmnpstvz]e$=EY;
(i)[bcdfghjklmnpstvz]e$=AY; (o)[bcdfghjklmnpstvz]e$=OW; (u)[bcdfghjklmnpstvz]e$=UW; (e)[bcdfghjklmnpstvz]e$=IY;
[a-z](a)$=AH; [a-z](i)$=IY; (o)$=OW; (u)$=UW; ^(y)=Y; (y)$=IY; (y)=IH; [aeiou](y)=Y; (c)[eiy]=S; (c)=K;
(g)[eiy]=JH; (g)=G; ^(x)=Z; (x)=K S; [aeiou](s)[aeiou]=Z; [bdgmnrvw](s)$=Z; (s)=S; (j)=JH; (a)=AE; (e)=EH;
(i)=IH; (o)=AA; (u)=AH; (b)=B; (d)=D; (f)=F; (h)[aeiouy]=HH; (h)=; (k)=K; (l)=L; (m)=M; (n)=N; (p)=P; (q)=K;
(r)=R; (t)=T; (v)=V; (w)[aeiouy]=W; (w)=; (z)=Z
"""
"""What must stand before, the letters (in brackets), what must stand behind = the phones; ^ and $ are a word's ends."""


@dataclass(frozen=True, slots=True)
class _Rule:
    before: re.Pattern[str]
    letters: str
    behind: re.Pattern[str]
    phones: tuple[str, ...]


def _parsed(text: str) -> _Rule:
    match = re.fullmatch(r"(?P<before>.*?)\((?P<letters>[a-z]+)\)(?P<behind>.*)=(?P<phones>[A-Z ]*)", text)
    if match is None:
        raise ValueError(text)
    before, behind = re.compile(f"{match['before']}$"), re.compile(match["behind"])
    return _Rule(before, match["letters"], behind, tuple(match["phones"].split()))


@functools.cache
def _rules() -> tuple[_Rule, ...]:
    return tuple(_parsed(text.strip()) for text in _TABLE.replace("\n", " ").split("; ") if text.strip())


_OPEN = {"AE": "AA", "EH": "IY", "IH": "IY", "AA": "OW", "AH": "UW"}
"""What a vowel letter may be instead, before one consonant and a vowel ("tuna", "Nina") or in a foreign name."""


def guesses(word: str) -> tuple[str, ...]:
    """One or two ways a word may be said, phones joined by blanks, the likelier first; empty if it has no vowel."""
    plain = re.sub(r"(.)\1", lambda match: match[1] if match[1] not in "eo" else match[0], word.replace("'", ""))
    if not re.search(_VOWEL, plain):
        return ()
    first = _said(plain, open_vowels=False)
    second = _said(plain, open_vowels=True)
    return tuple(dict.fromkeys(" ".join(phones) for phones in (first, second) if len(phones) > 1))


def _said(word: str, *, open_vowels: bool) -> list[str]:
    phones: list[str] = []
    at = 0
    while at < len(word):
        letters, said = _rule(word, at)
        if open_vowels and letters in ("a", "e", "i", "o", "u") and re.match(f"[^aeiouy]{_VOWEL}", word[at + 1 :]):
            said = tuple(_OPEN.get(phone, phone) for phone in said)
        phones += said
        at += len(letters)
    return [phone for at, phone in enumerate(phones) if at == 0 or phone != phones[at - 1]]


def _rule(word: str, at: int) -> tuple[str, tuple[str, ...]]:
    for rule in _rules():
        end = at + len(rule.letters)
        if word.startswith(rule.letters, at) and rule.before.search(word[:at]) and rule.behind.match(word[end:]):
            return rule.letters, rule.phones
    return word[at], ()
