"""Recognizer models on disk: only exactly the pinned files ever stand under a model's name."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.speech.tiny_model import CONTENT, WHISPER, entry_of, write_folder, write_zip
from voice_triage import resources
from voice_triage.errors import ModelError
from voice_triage.speech.model_files import (
    Manifest,
    ModelEntry,
    ProblemKind,
    Progress,
    fetch,
    load_manifest,
    model_in_force,
    quick_check,
    verify,
)


@pytest.fixture
def models_dir(tmp_path: Path) -> Path:
    """Where models are kept; it does not exist yet."""
    return tmp_path / "models"


def damage(folder: Path, kind: ProblemKind) -> None:
    """Damage a model's folder in one of the ways that happen."""
    match kind:
        case ProblemKind.MISSING:
            (folder / "am" / "final.mdl").unlink()
        case ProblemKind.SIZE:
            (folder / "am" / "final.mdl").write_bytes(CONTENT["am/final.mdl"][:-1])
        case ProblemKind.HASH:
            (folder / "am" / "final.mdl").write_bytes(CONTENT["am/final.mdl"].upper())
        case ProblemKind.UNREADABLE:
            (folder / "am" / "final.mdl").unlink()
            (folder / "am" / "final.mdl").symlink_to("final.mdl")  # a circle
        case ProblemKind.UNEXPECTED:
            write_folder(folder, {"rescore/G.carpa": b""})


@pytest.mark.parametrize("kind", ProblemKind)
def test_a_damaged_model_is_noticed_at_the_start_and_repaired(
    tmp_path: Path, models_dir: Path, kind: ProblemKind
) -> None:
    """Whatever is wrong with a file is found by the quick check too, named, and mended by fetching."""
    if sys.platform == "win32" and kind is ProblemKind.UNREADABLE:
        pytest.skip("Windows lets only administrators make symbolic links")
    entry, given = entry_of(CONTENT), write_zip(tmp_path / "a.zip")
    folder = fetch(entry, models_dir, given)
    damage(folder, kind)
    assert [problem.kind for problem in quick_check(entry, folder)] == [kind]
    assert [problem.kind for problem in verify(entry, folder)] == [kind]
    assert str(verify(entry, folder)[0]).startswith(("am/final.mdl", "rescore/G.carpa"))
    steps: list[Progress] = []
    assert verify(entry, fetch(entry, models_dir, given, steps.append)) == []
    assert "damaged" in steps[0].step


def test_a_model_that_is_there_is_not_fetched_again(tmp_path: Path, models_dir: Path) -> None:
    """The second set-up needs no source at all."""
    entry = entry_of(CONTENT)
    first = fetch(entry, models_dir, write_zip(tmp_path / "a.zip"))
    assert fetch(entry, models_dir) == first


def test_the_quick_check_hashes_only_what_changed_since_it_was_verified(tmp_path: Path, models_dir: Path) -> None:
    """A start is fast because a file of the same size and time is trusted; the full check trusts nothing."""
    entry = entry_of(CONTENT)
    folder = fetch(entry, models_dir, write_zip(tmp_path / "a.zip"))
    path = folder / "am" / "final.mdl"
    before = path.stat()
    path.write_bytes(CONTENT["am/final.mdl"].upper())
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert quick_check(entry, folder) == []
    assert [problem.kind for problem in verify(entry, folder)] == [ProblemKind.HASH]


@pytest.mark.parametrize("stamp", ["", "[]", "{", '{"am/final.mdl": 1}'])
def test_a_damaged_stamp_only_costs_time(tmp_path: Path, models_dir: Path, stamp: str) -> None:
    """Without a usable stamp everything is hashed again."""
    entry = entry_of(CONTENT)
    folder = fetch(entry, models_dir, write_zip(tmp_path / "a.zip"))
    (models_dir / ".tiny.verified.json").write_text(stamp, encoding="utf-8")
    damage(folder, ProblemKind.HASH)
    assert [problem.kind for problem in quick_check(entry, folder)] == [ProblemKind.HASH]


def test_a_model_copied_by_hand_is_accepted_if_it_is_the_pinned_one(models_dir: Path) -> None:
    """Offline, copying the folder is enough; a README beside it and a file manager's clutter do no harm."""
    write_folder(models_dir / "tiny", {**CONTENT, "README": b"", "graph/.DS_Store": b""})
    assert quick_check(entry_of(CONTENT), models_dir / "tiny") == []


def test_what_a_killed_fetch_left_is_cleared_away(tmp_path: Path, models_dir: Path) -> None:
    """A half-written folder never bears the model's name, and the next fetch removes it."""
    left = write_folder(models_dir / ".fetch-killed" / "source-0", {"am/final.mdl": b"acous"})
    entry = entry_of(CONTENT)
    assert verify(entry, fetch(entry, models_dir, write_zip(tmp_path / "a.zip"))) == []
    assert not left.parent.exists()


def test_several_processes_fetching_at_once_end_with_one_whole_model(tmp_path: Path, models_dir: Path) -> None:
    """One works, the others wait for it and find the work done."""
    given = write_folder(tmp_path / "given", {**CONTENT, "am/final.mdl": bytes(20_000_000)})
    entry = entry_of({**CONTENT, "am/final.mdl": bytes(20_000_000)})
    (tmp_path / "entry.json").write_text(entry.model_dump_json(), encoding="utf-8")
    code = (
        "import sys, pathlib; from voice_triage.speech.model_files import ModelEntry, fetch\n"
        "entry, models_dir, given = map(pathlib.Path, sys.argv[1:])\n"
        "fetch(ModelEntry.model_validate_json(entry.read_text()), models_dir, given)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "entry.json"), str(models_dir), str(given)]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate()[1] for process in processes] == ["", "", ""]
    assert verify(entry, models_dir / "tiny") == []
    assert sorted(path.name for path in models_dir.iterdir()) == [".lock", ".tiny.verified.json", "tiny"]


def test_a_place_that_cannot_be_written_to_is_an_error_with_advice(tmp_path: Path) -> None:
    """A file where the folder should be, a read-only or full disk: the message names the setting."""
    blocked = tmp_path / "models"
    blocked.touch()
    with pytest.raises(ModelError, match="models_dir"):
        fetch(entry_of(CONTENT), blocked, write_zip(tmp_path / "a.zip"))


# --- which model counts -----------------------------------------------------------------------------------------


def test_the_real_model_is_in_force_under_its_pinned_identity(model_dir: Path) -> None:
    """A call's log can name the model that heard it."""
    manifest = load_manifest(resources.manifest_path())
    model = model_in_force("vosk-model-small-en-us-0.15", model_dir.parent, manifest)
    assert model.folder == model_dir
    assert (model.name, model.digest) == ("vosk-model-small-en-us-0.15", manifest.models[0].digest)


def manifest_of(entry: ModelEntry) -> Manifest:
    """A manifest of one model."""
    return Manifest(format=1, models=[entry])


def test_a_missing_and_a_damaged_model_are_told_apart(tmp_path: Path, models_dir: Path) -> None:
    """Both end with the command that helps."""
    entry = entry_of(CONTENT)
    with pytest.raises(ModelError, match=r"not there yet.*voice-triage models fetch"):
        model_in_force("tiny", models_dir, manifest_of(entry))
    damage(fetch(entry, models_dir, write_zip(tmp_path / "a.zip")), ProblemKind.SIZE)
    with pytest.raises(ModelError, match=r"damaged \(am/final.mdl: expected 15000 bytes.*voice-triage models fetch"):
        model_in_force("tiny", models_dir, manifest_of(entry))


BIG = {
    "am/final.mdl": b"a",
    "conf/mfcc.conf": b"c",
    "conf/model.conf": b"c",
    "graph/HCLG.fst": b"g",
    "rescore/G.fst": b"r",
}


def test_a_bigger_model_of_ones_own_works_by_path(tmp_path: Path, models_dir: Path) -> None:
    """It needs no hashes; its name and layout identify it."""
    folder = write_folder(tmp_path / "vosk-model-en-us-0.22", BIG)
    model = model_in_force(str(folder), models_dir, manifest_of(entry_of(CONTENT)))
    assert (model.name, model.folder, model.entry) == ("vosk-model-en-us-0.22", folder, None)
    write_folder(folder, {"graph/HCLG.fst": b"longer"})
    assert model_in_force(str(folder), models_dir, manifest_of(entry_of(CONTENT))).digest != model.digest


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({}, "missing final.mdl"),
        ({"am/final.mdl": b"a", "conf/mfcc.conf": b"c", "graph/Gr.fst": b"g"}, "conf/model.conf; HCLG.fst"),
        ({f"inner/{name}": data for name, data in BIG.items()}, "Did you mean .*inner"),
    ],
)
def test_a_folder_that_is_no_vosk_model_is_refused_before_vosk_crashes(
    tmp_path: Path, content: Mapping[str, bytes], said: str
) -> None:
    """The message says what is missing, and finds the model one folder further in."""
    folder = write_folder(tmp_path / "own", content)
    folder.mkdir(exist_ok=True)
    with pytest.raises(ModelError, match=said):
        model_in_force(str(folder), tmp_path, manifest_of(entry_of(CONTENT)))
    with pytest.raises(ModelError, match="does not exist"):
        model_in_force(str(tmp_path / "none"), tmp_path, manifest_of(entry_of(CONTENT)))


def test_a_whisper_model_of_ones_own_works_by_path(tmp_path: Path) -> None:
    """A folder without a tokenizer is refused: the engine would ask a site on the internet for one."""
    manifest = manifest_of(entry_of(CONTENT))
    folder = write_folder(tmp_path / "whisper-small", WHISPER)
    model = model_in_force(str(folder), tmp_path, manifest, "whisper")
    assert (model.name, model.folder, model.entry) == ("whisper-small", folder, None)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"converted for CTranslate2: missing tokenizer\.json"):
        model_in_force(str(folder), tmp_path, manifest, "whisper")


def test_a_model_is_refused_for_an_engine_that_cannot_read_it(models_dir: Path) -> None:
    """The recognizer's and the careful ear's settings mixed up end in a message, not in a crash."""
    with pytest.raises(ModelError, match="The model tiny is one for vosk, not for whisper"):
        model_in_force("tiny", models_dir, manifest_of(entry_of(CONTENT)), "whisper")
