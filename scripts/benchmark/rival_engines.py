"""medspaCy or negspaCy on sentences whose findings they are given. Runs alone, in that engine's own environment.

``python -I rival_engines.py medspacy|negspacy`` reads ``[{"text", "begin", "end"}]`` on standard input and
prints ``[{"engine", "statuses", "seconds"}]``. It imports nothing of the product's.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc

StatusOf = Callable[[Any], str]

_CONTEXT_STATUS = {
    "is_historical": "historical",
    "is_hypothetical": "hypothetical",
    "is_family": "other_subject",
    "is_negated": "negated",
    "is_uncertain": "uncertain",
}
"""ConText's attributes, the first that is set counts. Their order moves status right by less than 0.005."""


@Language.component("utterance_ends")
def utterance_ends(doc: Doc) -> Doc:
    """Sentence boundaries where an utterance ends, which a recognizer does know: at line breaks."""
    starts = True
    for token in doc:
        token.is_sent_start = starts
        starts = "\n" in token.text
    return doc


@Language.component("given_finding")
def given_finding(doc: Doc) -> Doc:
    """The finding as the only entity, in whole tokens."""
    begin, end = doc.user_data["finding"]
    span = doc.char_span(begin, end, label="FINDING", alignment_mode="expand")
    doc.ents = [span] if span is not None else []
    return doc


def medspacy_engines() -> list[tuple[str, Language, StatusOf]]:
    """ConText as it comes, with utterance ends given, and with cues inside the finding left out too."""
    importlib.import_module("medspacy.sentence_splitting")
    importlib.import_module("medspacy.context")
    version = metadata.version("medspacy")
    engines: list[tuple[str, Language, StatusOf]] = []
    for what, splitter, config in (
        ("its own sentence splitter", "medspacy_pyrush", {}),
        ("utterance ends given", "utterance_ends", {}),
        ("and cues inside the finding ignored", "utterance_ends", {"prune_on_target_overlap": True}),
    ):
        pipeline = spacy.blank("en")
        pipeline.add_pipe(splitter)
        pipeline.add_pipe("given_finding")
        pipeline.add_pipe("medspacy_context", config=config)
        engines.append((f"medspaCy {version}, {what}", pipeline, _context_status))
    return engines


def negspacy_engines() -> list[tuple[str, Language, StatusOf]]:
    """NegEx with its default cues and utterance ends given."""
    importlib.import_module("negspacy.negation")
    pipeline = spacy.blank("en")
    pipeline.add_pipe("utterance_ends")
    pipeline.add_pipe("given_finding")
    pipeline.add_pipe("negex", config={"ent_types": ["FINDING"]})
    name = f"negspaCy {metadata.version('negspacy')} (negation only), utterance ends given"
    return [(name, pipeline, lambda finding: "negated" if finding._.negex else "present")]


ENGINES: Mapping[str, Callable[[], list[tuple[str, Language, StatusOf]]]] = {
    "medspacy": medspacy_engines,
    "negspacy": negspacy_engines,
}


def _context_status(finding: Any) -> str:
    return next((status for name, status in _CONTEXT_STATUS.items() if getattr(finding._, name)), "present")


def _statuses(pipeline: Language, status_of: StatusOf, sentences: Sequence[Mapping[str, Any]]) -> list[str | None]:
    statuses: list[str | None] = []
    for sentence in sentences:
        doc = pipeline.make_doc(sentence["text"])
        doc.user_data["finding"] = (sentence["begin"], sentence["end"])
        doc = pipeline(doc)
        statuses.append(status_of(doc.ents[0]) if doc.ents else None)
    return statuses


def main() -> int:
    """Print one JSON list; ``seconds`` are those of all sentences, after a pass to warm up."""
    warnings.simplefilter("ignore")  # of their dependencies, about Pythons to come
    sentences = json.load(sys.stdin)
    # As in timing.py, which cannot be imported here: processor time, where it is counted finely enough.
    fine = time.get_clock_info("thread_time").resolution <= 1e-6
    clock = time.thread_time if fine else time.perf_counter
    results = []
    for name, pipeline, status_of in ENGINES[sys.argv[1]]():
        statuses = _statuses(pipeline, status_of, sentences)
        start = clock()
        _statuses(pipeline, status_of, sentences)
        results.append({"engine": name, "statuses": statuses, "seconds": clock() - start})
    print(json.dumps(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
