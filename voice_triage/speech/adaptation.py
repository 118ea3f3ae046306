"""Makes an adapted model: a copy of a model's folder that expects what callers say and knows words it did not know.

The language model is mixed with trigrams of a domain text, words with pronunciations are grafted into the graph, and
options of the decoder are set. About ten seconds and 350 MB on one core for the small model.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from voice_triage.errors import ModelError
from voice_triage.speech.acoustic_phones import AcousticPhones, read_phones
from voice_triage.speech.adaptation_record import FILE_NAME, Adaptation, AdaptationSettings, files_of, key_of
from voice_triage.speech.decoder_options import DecoderOptions, with_options
from voice_triage.speech.domain_model import domain_model
from voice_triage.speech.graft import graft
from voice_triage.speech.interpolation import mixed
from voice_triage.speech.lookahead_fst import read_lookahead, write_lookahead
from voice_triage.speech.ngram_fst import read_ngram, write_ngram
from voice_triage.speech.ngram_model import base_of, graph_of, model_of, word_ids

__all__ = ["Adaptation", "AdaptationSettings", "DecoderOptions", "DomainText", "Step", "adapt"]

TEMPORARY_PREFIX = ".adapt-"
WORD_GRAPH = "graph/Gr.fst"
SOUND_GRAPH = "graph/HCLr.fst"
OPTIONS = "conf/model.conf"


@dataclass(frozen=True, slots=True)
class DomainText:
    """What people say in the calls to be heard."""

    sentences: Iterable[Sequence[str]]
    """Words in lower case, as the recognizer writes them; read once."""
    pronunciations: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=dict)
    """Words to be added: each with one or more ways to say it, in ARPAbet without stress digits."""
    weights: Iterable[float] | None = None
    """One per sentence; 1 each unless given."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far the work has come."""

    doing: str
    """For a person."""
    done: float
    """Share of the whole, 0 to 1."""


def adapt(
    original: Path,
    target: Path,
    text: DomainText,
    settings: AdaptationSettings,
    *,
    origin: Mapping[str, str] | None = None,
    progress: Callable[[Step], None] | None = None,
) -> Adaptation:
    """Make the adapted model of the folder ``original`` at ``target``, which appears only when it is whole.

    ``origin`` says what it is made from (names to hashes, say) and is kept in the folder's record. Raises ModelError;
    ``target`` is then as it was.
    """
    began_s = time.monotonic()
    tell = progress or _silent
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _workshop(target.parent) as workshop:
            built = workshop / "model"
            tell(Step("Copying what stays as it is", 0.0))
            _copy_unchanged(original, built)
            phones = read_phones(original)
            refused: tuple[str, ...] = ()
            if phones is None:  # only its language model can be adapted
                text, refused = replace(text, pronunciations={}), tuple(sorted(text.pronunciations))
            found = _adapt_words(original, built, text, settings, tell)
            tell(Step("Adding words", 0.7))
            if phones is not None:
                mute = _graft(
                    original, built, phones, {found.ids[word]: ways for word, ways in text.pronunciations.items()}
                )
                refused = tuple(sorted(word for word in text.pronunciations if found.ids[word] in mute))
            else:
                _link_or_copy(original / SOUND_GRAPH, _place(built, SOUND_GRAPH))
            _set_options(original, built, settings.decoder)
            tell(Step("Putting it in its place", 0.95))
            made = Adaptation(
                key=key_of(origin or {}, settings),
                origin=origin or {},
                settings=settings,
                tokens=found.tokens,
                grafted=tuple(word for word in found.new_words if word not in refused),
                refused=refused,
                unheard=found.unheard,
                ngrams=found.ngrams,
                seconds=round(time.monotonic() - began_s, 1),
                files=files_of(built),
            )
            made.write(built)
            if target.exists():
                target.rename(workshop / "replaced")
            built.rename(target)
    except OSError as error:
        raise ModelError(
            f"The adapted model cannot be written to {target.parent}: {error}. Make room on the disk, or choose "
            "another folder with the setting models_dir."
        ) from error
    tell(Step("Done", 1.0))
    return made


@dataclass(frozen=True, slots=True)
class _Found:
    """What the domain text came to."""

    ids: Mapping[str, int]
    tokens: int
    new_words: tuple[str, ...]
    unheard: Mapping[str, int]
    ngrams: tuple[int, ...]


def _silent(_step: Step) -> None:
    """Tell nobody."""


def _adapt_words(
    original: Path,
    built: Path,
    text: DomainText,
    settings: AdaptationSettings,
    tell: Callable[[Step], None],
) -> _Found:
    tell(Step("Reading the language model", 0.02))
    graph = read_ngram(original / WORD_GRAPH)
    if not graph.symbols:
        raise ModelError("The model's word graph holds no vocabulary: it cannot be adapted. It is used as it comes.")
    known = word_ids(graph.symbols[0])
    new_words = tuple(sorted(word for word in text.pronunciations if word not in known))
    symbols = graph.symbols[0].with_words(new_words)
    ids, base = word_ids(symbols), base_of(symbols)
    general = model_of(graph, base)
    tell(Step("Reading the domain text", 0.15))
    try:
        domain = domain_model(text.sentences, ids, base, weights=text.weights, also=text.pronunciations)
        tell(Step("Mixing the language models", 0.25))
        single_weight = min(settings.single_weight, settings.weight)
        model = mixed(general, domain, settings.weight, settings.history_exponent, single_weight)
    except ValueError as error:
        raise ModelError(f"The model cannot be adapted: {error}. Correct the lexicon or the settings.") from error
    tell(Step("Writing the language model", 0.65))
    write_ngram(graph_of(model, graph, symbols), _place(built, WORD_GRAPH))
    return _Found(
        {word: ids[word] for word in text.pronunciations},
        round(domain.tokens),
        new_words,
        domain.unknown,
        tuple(len(keys) for keys in model.ngrams),
    )


def _graft(
    original: Path, built: Path, phones: AcousticPhones, pronunciations: Mapping[int, Sequence[Sequence[str]]]
) -> frozenset[int]:
    """Write the graph with the words; returns those that its sounds cannot say."""
    place = _place(built, SOUND_GRAPH)
    if not pronunciations:
        _link_or_copy(original / SOUND_GRAPH, place)
        return frozenset()
    grafted = graft(read_lookahead(original / SOUND_GRAPH), phones, pronunciations)
    write_lookahead(grafted.graph, place)
    return grafted.refused


def _set_options(original: Path, built: Path, options: DecoderOptions) -> None:
    text = (original / OPTIONS).read_text(encoding="utf-8")
    _place(built, OPTIONS).write_text(with_options(text, options), encoding="utf-8")


def _copy_unchanged(original: Path, built: Path) -> None:
    for path in sorted(original.rglob("*")):
        name = path.relative_to(original).as_posix()
        if path.is_file() and name not in (WORD_GRAPH, SOUND_GRAPH, OPTIONS, FILE_NAME):
            _link_or_copy(path, _place(built, name))


def _link_or_copy(source: Path, place: Path) -> None:
    """The same content, without using room on the disk where that is possible."""
    try:
        os.link(source.resolve(), place)
    except OSError:  # another disk, or one that knows no links
        shutil.copyfile(source, place)


def _place(built: Path, name: str) -> Path:
    place = built / name
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


@contextlib.contextmanager
def _workshop(folder: Path) -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(dir=folder, prefix=TEMPORARY_PREFIX))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
