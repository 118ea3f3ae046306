"""What no text of the product may say: that it diagnoses, guesses, reassures, or tells a dose.

The product gathers and routes (``domain.md`` 2.4). A label, a reason, a line to be read aloud, a question, a card or a
note says what was said and what to do next, and nothing of what it is, how bad it is, or what medicine to give. The
client's own words, which stand in “curly quotes”, are exempt, and so are ``{places}`` that are filled in later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

DISEASES = (
    *("addison's", "allergic reaction", "allergies", "anemia", "arthritis", "asthma", "bladder infection"),
    *("bladder stones", "bloat", "blockage", "blocked bladder", "cancer", "cat flu", "chocolate poisoning", "colitis"),
    *("cushing's", "cystitis", "dementia", "diabetes", "distemper", "dysplasia", "ear infection", "eclampsia"),
    *("epilepsy", "feline leukemia", "flutd", "food poisoning", "gastric torsion", "gastritis", "gastroenteritis"),
    *("gdv", "giardia", "gi stasis", "glaucoma", "hairball", "heart attack", "heart disease", "heart failure"),
    *("heat stroke", "heatstroke", "hepatitis", "hyperthyroidism", "hypoglycemia", "infection", "ivdd"),
    *("kennel cough", "kidney disease", "kidney failure", "leptospirosis", "liver disease", "lyme", "lymphoma"),
    *("mange", "mastitis", "meningitis", "obstruction", "pancreatitis", "panleukopenia", "parvo", "parvovirus"),
    *("peritonitis", "pneumonia", "poisoning", "pyometra", "rabies", "ringworm", "saddle thrombus", "sepsis", "shock"),
    *("stasis", "stomach bug", "stroke", "torsion", "toxicosis", "tumor", "upper respiratory infection"),
    *("urinary blockage", "urinary tract infection", "uti", "vestibular disease", "virus", "worms"),
)
"""Diseases that no text states of the pet. Not complete: it catches slips; a veterinarian signs the rest."""

_DISEASE = "|".join(re.escape(name.replace("'", "’")) for name in sorted(DISEASES, key=len, reverse=True))
_HAS = r"(?:is|are|was|has|have|had|having|gets|got|’s)"
_NOT_A_NEGATION = r"(?<!don’t )(?<!do not )(?<!never )(?<!not )"
_MEDICINES = (
    "aspirin|ibuprofen|acetaminophen|tylenol|advil|benadryl|pepto|imodium|antihistamine|painkiller|charcoal"
    "|(?:hydrogen )?peroxide|salt|milk|oil"
)
_REFUSED: tuple[tuple[str, str], ...] = (
    # guesses
    ("guesses", r"(?:un)?likely|probabl[ey]|presumably|suspect(?:ed|s)?|chances are|my guess"),
    ("guesses", r"(?:sounds?|looks?|seems?|appears?) (?:like|as if|as though|to (?:be|have))"),
    ("guesses", r"i (?:think|guess|believe|suspect)|it must be|consistent with|typical (?:of|for)|suggestive of"),
    ("guesses", rf"(?:may|might|could|must|can) (?:be|have|mean|indicate) (?:an? )?(?:\w+ )?(?:{_DISEASE}|contagious)"),
    # reassurance
    (
        "reassures",
        r"(?:don’t|do not|no need to|needn’t|nothing to|not to) (?:you )?(?:worry|panic|be (?:scared|alarmed))",
    ),
    ("reassures", r"fine|all ?right|alright|okay|ok|harmless|hopefully|rest assured|no big deal|good sign|relax"),
    ("reassures", r"nothing (?:serious|bad|dangerous)|not (?:too |that |so )?(?:serious|dangerous|bad|an emergency)"),
    ("reassures", r"(?:is|are|be|it’s|that’s|looks?|quite|perfectly|completely|totally) (?:normal|common|safe|usual)"),
    ("reassures", r"serious|mild|minor|safe to"),
    (
        "reassures",
        r"(?:will|should|’ll) (?:pass|get better|recover|be better|be good|go away|clear up|heal)|get better",
    ),
    ("reassures", r"(?:in )?no (?:rush|hurry|danger)|just(?! now\b)|only a"),
    ("puts off", r"wait and see|see how (?:it|he|she|they|things)|keep an eye|monitor (?:him|her|it|them|at home)"),
    ("puts off", r"(?:can|could|it’ll) wait|watch (?:him|her|it|them) (?:for|at|over)|call (?:us )?back if|come in if"),
    # diagnosis
    ("diagnoses", r"(?<!not a )(?<!no )(?<!never )diagnos\w+|suffer(?:s|ing)? from|caused by|the cause is|case of"),
    ("diagnoses", rf"{_HAS}(?: \w+){{0,2}}? (?:{_DISEASE})"),
    ("diagnoses", rf"(?:sign|symptom)s? of (?:an? )?(?:\w+ )?(?:{_DISEASE})"),
    # treatment
    ("tells a dose", r"\d+(?:[.,]\d+)? ?(?:mg|ml|mcg|cc|milligrams?|milliliters?|teaspoons?|tablespoons?|tablets?)"),
    (
        "tells a dose",
        r"(?:mg|ml|milligrams?|tablets?|cc) ?(?:/|per|for (?:each|every)) ?(?:kg|lb|pound|kilo(?:gram)?)s?",
    ),
    ("treats", rf"{_NOT_A_NEGATION}(?:give|giving|try) (?:\S+ ){{0,4}}?(?:{_MEDICINES})"),
    ("treats", rf"{_NOT_A_NEGATION}make (?:\S+ ){{1,2}}?(?:vomit|throw up)|{_NOT_A_NEGATION}induce vomiting"),
)
_PATTERNS = tuple((what, re.compile(rf"(?<![\w’])(?:{words})(?!\w)")) for what, words in _REFUSED)
_EXEMPT = re.compile(r"“[^”]*”|\{\w+\}")


def objections(text: str) -> Iterator[str]:
    """Why a text may not be shown or read aloud: each offending wording with what it does. Nothing: it may."""
    said = _EXEMPT.sub("…", text).lower().replace("'", "’")
    said = re.sub(r"[^\S\n]+", " ", said)
    for what, pattern in _PATTERNS:
        for match in pattern.finditer(said):
            yield f"it {what}: {match[0].strip()!r}"


def names_disease(text: str) -> str | None:
    """The disease that a text names, in whatever way; for lines and questions, which have no need to name any."""
    said = _EXEMPT.sub("…", text).lower().replace("'", "’")
    match = re.search(rf"(?<!\w)(?:{_DISEASE})(?!\w)", said)
    return None if match is None else match[0]
