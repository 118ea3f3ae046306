"""Rules of keeping adapted models: which is ready, what is done about a damaged one, which are cleared away."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.speech import tiny_graphs
from voice_triage.errors import ModelError
from voice_triage.speech.adaptation import AdaptationSettings, DecoderOptions, DomainText, Step, adapt
from voice_triage.speech.adaptation_record import FILE_NAME, key_of
from voice_triage.speech.adapted_models import KEPT, AdaptedModel, AdaptedModels
from voice_triage.speech.lookahead_fst import read_lookahead
from voice_triage.speech.model_files import ModelInForce
from voice_triage.speech.ngram_fst import read_ngram

SETTINGS = AdaptationSettings(0.3, 0.25, DecoderOptions(beam=13.0, likely_end_s=0.4, any_end_s=1.2))
WAYS: dict[str, list[tuple[str, ...]]] = {"mack": [("M", "AE", "K")], "cat": [("K", "AE", "AE", "T")]}


def text() -> DomainText:
    """A few sentences, two of them with a word to be added."""
    return DomainText([["mam", "mack"], ["tack", "cat"], ["the", "mack"]], WAYS)


def quiet(_step: Step) -> None:
    """Nobody watches."""


@pytest.fixture
def models(tmp_path: Path) -> AdaptedModels:
    """A models folder with the tiny model."""
    folder = tiny_graphs.model_folder(tmp_path / "models" / "tiny")
    return AdaptedModels(ModelInForce("tiny", folder, "0123", None), tmp_path / "models")


def made(models: AdaptedModels, said: str = "text") -> AdaptedModel:
    """The adapted model of a domain text of this hash."""
    return models.make(said, text, SETTINGS, quiet)[0]


def names(folder: Path) -> set[str]:
    """All files in a folder, by path."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_an_adapted_model_is_a_whole_model_folder(models: AdaptedModels) -> None:
    """It has the original's files, three of them changed, and a record; its new word stands in both graphs."""
    original = models.original.folder
    adapted = made(models)
    assert names(adapted.folder) == names(original) | {FILE_NAME}
    changed = {n for n in names(original) if (original / n).read_bytes() != (adapted.folder / n).read_bytes()}
    assert changed == {"graph/Gr.fst", "graph/HCLr.fst", "conf/model.conf"}
    word = read_ngram(adapted.folder / "graph/Gr.fst").symbols[0].ids["mack"]
    assert word in read_lookahead(adapted.folder / "graph/HCLr.fst").arcs["word"]
    assert word in read_ngram(adapted.folder / "graph/Gr.fst").words
    assert adapted.record.grafted == ("mack",)
    assert adapted.record.unheard == {"the": 1}
    assert (adapted.folder / "conf/model.conf").read_text().splitlines() == [
        "--beam=13.0",
        "--endpoint.rule2.min-trailing-silence=0.4",
        "--endpoint.rule4.min-trailing-silence=1.2",
    ]


def test_what_is_ready_is_not_made_again(models: AdaptedModels) -> None:
    """The same text, model and settings find what is there; another of any of them does not; force makes it anew."""
    first, new = models.make("text", text, SETTINGS, quiet)
    assert new
    assert models.make("text", text, SETTINGS, quiet) == (first, False)
    assert models.find(models.key("text", SETTINGS)) == (first, "")
    assert models.find(models.key("other", SETTINGS)) == (None, "")
    assert models.find(models.key("text", AdaptationSettings(0.4))) == (None, "")
    assert models.make("text", text, SETTINGS, quiet, force=True)[1]
    other_model = key_of({"model": "4567", "text": "text"}, SETTINGS)
    assert other_model != first.record.key


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(bytes(content))
    os.utime(path, ns=(1, 1))


@pytest.mark.parametrize(
    "harm",
    [
        lambda folder: _cut(folder / "graph/Gr.fst"),
        lambda folder: _flip(folder / "graph/HCLr.fst"),
        lambda folder: (folder / "am/final.mdl").unlink(),
        lambda folder: (folder / "graph/words.txt").write_text("a 1\n"),
        lambda folder: (folder / FILE_NAME).write_text("{"),
        lambda folder: (folder / FILE_NAME).unlink(),
        lambda folder: shutil.rmtree(folder / "graph"),
    ],
    ids=["cut", "changed", "missing", "unexpected", "record", "no-record", "no-graph"],
)
def test_a_damaged_adapted_model_is_noticed_and_made_again(
    models: AdaptedModels, harm: Callable[[Path], object]
) -> None:
    """It is not used, not even as an older one; what is wrong is said; the next making replaces it."""
    adapted = made(models)
    harm(adapted.folder)
    found, notice = models.find(adapted.record.key)
    assert found is None
    assert "damaged" in notice
    assert models.newest() is None
    again, new = models.make("text", text, SETTINGS, quiet)
    assert new
    assert models.find(again.record.key) == (again, "")


def test_until_the_right_one_is_ready_the_one_last_used_serves(models: AdaptedModels) -> None:
    """An older one of the same original is better than none; one of another original is not used."""
    assert models.newest() is None
    older, newer = made(models, "older"), made(models, "newer")
    os.utime(older.folder / FILE_NAME, (1e9, 1e9))
    assert models.newest() == newer
    os.utime(newer.folder / FILE_NAME, (1e8, 1e8))
    assert models.newest() == older
    renewed = AdaptedModels(ModelInForce("tiny", models.original.folder, "89ab", None), older.folder.parent)
    assert renewed.newest() is None


def test_folders_that_nobody_needs_are_removed(models: AdaptedModels) -> None:
    """Only those last used stay, and nothing that a killed process left."""
    folder = models.original.folder.parent
    (folder / ".adapt-left").mkdir()
    kept = [made(models, f"text {number}") for number in range(KEPT + 2)][-KEPT:]
    for number, model in enumerate(kept):
        os.utime(model.folder / FILE_NAME, (1e9 + number, 1e9 + number))
    last = made(models, "last")
    assert set(models.all()) == {last.folder, *(model.folder for model in kept[1:])}
    assert {path.name for path in folder.iterdir()} == {"tiny", ".lock", *(path.name for path in models.all())}


def test_a_failure_leaves_what_was_there(models: AdaptedModels) -> None:
    """A text that cannot be used, or a damaged original, changes nothing in the models folder."""
    before = made(models)
    broken = DomainText([["cat"]], {"mack": [("M", "ZZ")]})
    with pytest.raises(ModelError, match="ZZ"):
        models.make("text", lambda: broken, SETTINGS, quiet, force=True)
    with pytest.raises(ModelError, match="no words"):
        models.make("text", lambda: DomainText([]), SETTINGS, quiet, force=True)
    _cut(models.original.folder / "graph/HCLr.fst")
    with pytest.raises(ModelError, match="models verify"):
        made(models, "another")
    assert models.find(before.record.key) == (before, "")
    assert not list(models.original.folder.parent.glob(".adapt-*"))


def test_a_model_in_one_piece_is_not_adapted(tmp_path: Path) -> None:
    """It is used as it comes, and says so."""
    folder = tiny_graphs.model_folder(tmp_path / "tiny", without=["graph/Gr.fst", "graph/HCLr.fst"])
    models = AdaptedModels(ModelInForce("tiny", folder, "0123", None), tmp_path)
    assert not models.possible
    with pytest.raises(ModelError, match="one piece"):
        made(models)


def test_a_model_that_cannot_learn_words_has_its_language_model_adapted(models: AdaptedModels) -> None:
    """Its sounds are numbered otherwise: its graph stays as it was, and the words are told."""
    (models.original.folder / "graph/phones/word_boundary.int").unlink()
    adapted = made(models)
    assert adapted.record.grafted == ()
    assert adapted.record.refused == ("cat", "mack")
    assert adapted.record.unheard == {"the": 1, "mack": 2}
    graphs = [folder / "graph/HCLr.fst" for folder in (models.original.folder, adapted.folder)]
    assert graphs[0].read_bytes() == graphs[1].read_bytes()


def test_files_that_did_not_change_take_no_room_or_are_copied(tmp_path: Path) -> None:
    """They are the original's own where the disk can do that; a disk that cannot gets copies, and both are whole."""
    original = tiny_graphs.model_folder(tmp_path / "tiny")
    linked = adapt(original, tmp_path / "linked", text(), SETTINGS)
    assert (tmp_path / "linked/am/final.mdl").read_bytes() == (original / "am/final.mdl").read_bytes()
    assert linked.problems(tmp_path / "linked", thorough=True) == []
    (original / "ivector").mkdir()
    (original / "ivector/final.ie").symlink_to(original / "am/final.mdl")
    adapt(original, tmp_path / "followed", text(), SETTINGS)
    assert not (tmp_path / "followed/ivector/final.ie").is_symlink()


def test_a_models_folder_on_another_disk_gets_copies(tmp_path: Path) -> None:
    """Files cannot be shared between disks; then they are copied."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("needs a second file system")
    original = tiny_graphs.model_folder(tmp_path / "tiny")
    with tempfile.TemporaryDirectory(dir=memory) as other:
        made = adapt(original, Path(other) / "made", text(), SETTINGS)
        assert made.problems(Path(other) / "made", thorough=True) == []
        assert (Path(other) / "made/am/final.mdl").stat().st_nlink == 1


def test_progress_goes_forward_from_nothing_to_done(tmp_path: Path) -> None:
    """Each step is named, and the share done never falls."""
    steps: list[Step] = []
    adapt(tiny_graphs.model_folder(tmp_path / "tiny"), tmp_path / "made", text(), SETTINGS, progress=steps.append)
    shares = [step.done for step in steps]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert all(step.doing for step in steps)


def test_the_record_says_what_a_model_was_made_of(models: AdaptedModels) -> None:
    """Settings, words and files are in readable JSON in its folder."""
    record = json.loads((made(models).folder / FILE_NAME).read_text())
    assert record["settings"]["weight"] == 0.3
    assert record["origin"] == {"model": "0123", "text": "text"}
    assert record["files"]["graph/Gr.fst"]["size_bytes"] == (made(models).folder / "graph/Gr.fst").stat().st_size
