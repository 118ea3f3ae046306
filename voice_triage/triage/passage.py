"""A passage of speech with everything the status rules ask of it: tokens, clauses, cues, and the matched findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from voice_triage.events import Status
from voice_triage.triage.clauses import Clause
from voice_triage.triage.cues import Cue
from voice_triage.triage.disfluency import DROPPED
from voice_triage.triage.lexicon import Concept
from voice_triage.triage.matcher import Match
from voice_triage.triage.tokens import Utterance

_THIN = frozenset(
    "'s is are was were am been be has have had 've 're got gotten getting feel feeling felt do does did can "
    "could will would not never always also still now all about to a the just really having keep keeps kept "
    "going start started almost nearly probably myself who both even".split()
)
"""Words that may stand between a subject and what is said of it directly."""
_STILL_DIRECT = frozenset("one with that running home he she in much such pregnant sick ill and".split())
_PRONOUNS = frozenset("he she it they him her them i we".split())
_BACK = frozenset("again back came started still flared returned kicked relapsed worse spiked".split())
_IS_DOING = frozenset("'s is are 're been 'm am".split())
_WHILE_DOING = frozenset(
    "out up now back already even happily just over there right all really really busy here and happy".split()
)
_NO_DOING = frozenset(
    "acting arching asking_if bawling becoming being bleeding blinking bloating breathing bringing burping calling "
    "choking chattering circling coming convulsing coughing crashing crouching crying cowering doing dragging "
    "dripping drooling drooping dropping dying eating drinking throwing vomiting puking heaving retching gagging "
    "falling fading failing fainting favoring feeling fighting floating flopping foaming freezing freaking "
    "gasping getting giving glazing going growling grunting grinding gurgling hacking hanging having heaving hiding "
    "hissing holding hollering honking howling hunching hurting hyperventilating itching jerking keeping kneeling "
    "knuckling laboring laying leaking leaning licking limping listing looking losing lying making meaning moaning "
    "nothing something anything everything thing morning evening wheezing weezing oozing paddling panting pacing "
    "passing peeing pooping pouring pressing pulling pulsing pumping pushing putting quivering raising refusing "
    "rolling ring running rubbing saying scooting scratching screaming screeching seeming seizing shaking shivering "
    "shedding sinking sitting sleeping slipping slobbering sluggish smacking smelling snapping snarling sneezing "
    "snoring snorting spasming spitting spinning splinting spraying spring squealing squeaking squatting squinting "
    "staggering standing staring starting starving stiffening stopping straining strangling struggling stumbling "
    "suffering swallowing swaying sweating swelling swinging taking talking telling tearing thinking thrashing "
    "tilting tipping trembling tremoring trying turning twitching urinating using vibrating vocalizing waiting "
    "wandering wanting wasting watering weaving weeping whimpering whining wincing wobbling working worrying "
    "yelling yelping yowling during again bring king sling king string walking gulping tripping sagging bobbing "
    "bulging burning bruising chewing chilling clenching collapsing compulsing crawling cringing curling digging "
    "dribbling ducking flaking flinching guarding gushing guzzling hopping huddling huffing lagging leaning lunging "
    "mewling missing moping nodding nipping overheating peeling pawing picking popping puffing purpling quaking "
    "rasping reacting reeling resisting rocking sliding sloughing slowing slurring snuffling spiking splaying "
    "spreading stinging stinking stretching sucking tensing thumping toppling tumbling turning wailing walling "
    "wheezing wilting withdrawing begin remain certain within chin skin thin bin fin pin win main pain again "
    "ruin join coin rain brain drain train vein loin bin grain stain vain gain chain protein urin penicillin aspirin "
    "insulin captain cabin muffin raisin melatonin toxin basin robin resin margin origin satin villain curtain "
    "mountain fountain bargain puffin goblin pumpkin martin griffin napkin catkin bobbin".split()
)
"""Words that end so and tell of illness, of neither, or are no verb: all others a pet does when it is well."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A status with what decided it."""

    status: Status
    cue: str | None = None
    rule: str = "plain"
    confidence: float = 1.0


class Passage:
    """One or two utterances as the status rules see them. Built once, never changed."""

    def __init__(
        self,
        utterance: Utterance,
        clauses: Sequence[Clause],
        cues: Sequence[Cue],
        matches: Sequence[Match],
        concepts: Mapping[str, Concept],
        offset: int = 0,
    ) -> None:
        """``offset`` is the first token of the second utterance, or 0."""
        self.offset = offset
        self.utterance = utterance
        self.norms = utterance.norms
        self.clauses = clauses
        self.matches = matches
        self._concepts = concepts
        self._cues: dict[str, list[Cue]] = {}
        for cue in cues:
            self._cues.setdefault(cue.name, []).append(cue)
        self.clause_of = [0] * len(self.norms)
        """Number of each token's clause."""
        for number, clause in enumerate(clauses):
            for token in range(clause.first, clause.last + 1):
                self.clause_of[token] = number
        self.clause_ends = {clause.last for clause in clauses}

    def cue_names(self) -> Iterable[str]:
        """The lists of which the passage has a cue."""
        return self._cues.keys()

    def cues(self, name: str) -> Sequence[Cue]:
        """The cues of one list, in order of place."""
        return self._cues.get(name, ())

    def clause(self, match: Match) -> Clause:
        """The clause a match begins in."""
        return self.clauses[self.clause_of[match.first]]

    def text(self, first: int, last: int) -> str:
        """Exact transcript text of tokens ``first`` to ``last``, inclusive."""
        return self.utterance.span_text(first, last)

    def kind(self, match: Match) -> str:
        """The kind of a match's concept."""
        concept = self._concepts.get(match.concept)
        return concept.kind if concept else "finding"

    def event(self, match: Match) -> bool:
        """Whether the match is something that happened, which being fine afterwards does not undo."""
        concept = self._concepts.get(match.concept)
        return bool(concept and concept.event)

    def category(self, match: Match) -> str:
        """The category of a match's concept, or nothing."""
        concept = self._concepts.get(match.concept)
        return concept.category if concept else ""

    def flagged(self, match: Match) -> bool:
        """Whether the match belongs to a red-flag category."""
        return bool(self.category(match))

    def gap(self, start: int, stop: int) -> int:
        """Core tokens from ``start`` up to, not including, ``stop``."""
        return sum(1 for at in range(start, stop) if self.norms[at] not in DROPPED)

    def thin(self, start: int, stop: int) -> bool:
        """Whether only auxiliaries, adverbs and fillers stand from ``start`` up to ``stop``."""
        return all(self.norms[at] in _THIN or self.norms[at] in DROPPED for at in range(start, stop))

    def unsaying(self, start: int, stop: int) -> bool:
        """Whether only a pronoun and auxiliaries stand from ``start`` to ``stop``: "he won't | walk on the leash"."""
        return start < stop and all(
            self.norms[at] in _PRONOUNS or self.thin(at, at + 1) for at in range(start, min(stop, start + 4))
        )

    def directly(self, start: int, stop: int) -> bool:
        """Whether what begins at ``stop`` is said directly of a subject that ends before ``start``."""
        listed = {
            token
            for match in self.matches
            if self.kind(match) == "finding" and "not" not in self.norms[match.first : match.last + 1]
            for token in range(match.first, match.last + 1)
        }
        return start <= stop and all(
            at in listed or self.norms[at] in _STILL_DIRECT or self.thin(at, at + 1) for at in range(start, stop)
        )

    def negated_at(self, token: int) -> bool:
        """Whether what begins at a token is itself denied: "hasn't | stopped"."""
        return any(
            (token - 3 if self.norms[cue.first] in ("not", "never", "nothing") else token - 1) <= cue.last < token
            for cue in self.cues("negation")
        ) or any(cue.first <= token <= cue.last for cue in self.cues("persists"))

    def back_after(self, token: int) -> bool:
        """Whether "now it's back", "started again" follow: then the end was no end."""
        return any(
            token < cue.first <= token + 16
            and (self.norms[cue.first] in _BACK or self.norms[cue.last] in ("back", "again"))
            and not self.well_at(cue.first)
            for cue in self.cues("current")
        )

    def well_at(self, token: int) -> bool:
        """Whether health is told up to a token: "he's crunching pellets | again", "she's jumping | back up"."""
        clause = self.clauses[self.clause_of[token]]
        start = max(clause.first, token - 6)
        if any(
            start <= cue.first and cue.last <= token + 1 and not self.negated_at(cue.first)
            for name in ("well", "recovery")
            for cue in self.cues(name)
        ):
            return True
        return any(self.doing_well_at(at) for at in range(start, token))

    def doing_well_at(self, token: int) -> bool:
        """Whether a token tells what a healthy pet does: any "... is marching" that is no sign of illness."""
        norm = self.norms[token]
        if not norm.endswith(("ing", "in")) or len(norm) < 5 or norm in _NO_DOING or not token:
            return False
        at = token - 1
        while at and self.norms[at] in _WHILE_DOING:
            at -= 1
        if self.norms[at] not in _IS_DOING or self.negated_at(token):
            return False
        return not any(m.first <= token <= m.last and self.flagged(m) for m in self.matches)

    def habit(self, match: Match) -> bool:
        """Whether "when", "if", "every time" follow: what will happen then happens each time."""
        return not {"when", "whenever", "if", "every", "anytime"}.isdisjoint(
            self.norms[match.last + 1 : match.last + 4]
        )

    def after(self, match: Match, words: Sequence[str], reach: int) -> str | None:
        """The first of ``words`` within ``reach`` tokens behind a match; "any more" counts as one."""
        for at in range(match.last + 1, min(match.last + 1 + reach, len(self.norms))):
            more = self.norms[at : at + 2] == ("any", "more") and self.norms[at + 2 : at + 3] != ("than",)
            if self.norms[at] in words or more:
                return self.norms[at]
        return None

    def clause_mark(self, clause: Clause, name: str) -> Cue | None:
        """The first cue of a list in a clause, a bare "i" left out."""
        return next(
            (
                cue
                for cue in self.cues(name)
                if clause.first <= cue.first <= clause.last and self.norms[cue.first : cue.last + 1] != ("i",)
            ),
            None,
        )

    def clause_cue(self, clause: Clause, names: Sequence[str]) -> str | None:
        """The words of the first cue of these lists in a clause."""
        for name in names:
            cue = next((c for c in self.cues(name) if clause.first <= c.first <= clause.last), None)
            if cue is not None:
                return self.text(cue.first, cue.last)
        return None
