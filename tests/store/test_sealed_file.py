"""A sealed file gives back what was written, can only be cut short by a crash, and shows every other change."""

from __future__ import annotations

import os
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice_triage.errors import DamagedError
from voice_triage.store.sealed_file import SealedReader, SealedWriter

KEY = bytes(range(32))
CONTEXT = "call/log-1"


def written(folder: Path, records: list[bytes], *, finished: bool = True) -> Path:
    """A file with these records."""
    path = folder / f"file-{len(list(folder.iterdir()))}"
    with SealedWriter(path, KEY, CONTEXT) as writer:
        for number, record in enumerate(records):
            writer.append(record, last=finished and number == len(records) - 1)
    return path


def read(path: Path, context: str = CONTEXT, key: bytes = KEY) -> tuple[list[bytes], bool]:
    """All records, and whether the end is marked."""
    with SealedReader(path, key, context) as reader:
        return list(reader), reader.complete


@settings(deadline=None, max_examples=50)
@given(st.lists(st.binary(max_size=200), min_size=1, max_size=6), st.booleans())
def test_what_was_written_is_read(records: list[bytes], finished: bool) -> None:
    """All records come back, in order, and whether the writer came to its end."""
    with tempfile.TemporaryDirectory() as folder:
        assert read(written(Path(folder), records, finished=finished)) == (records, finished)


def test_any_record_can_be_read_alone(tmp_path: Path) -> None:
    """A second of sound is decoded without what lies before it."""
    records = [b"%d" % number * number for number in range(50)]
    with SealedReader(written(tmp_path, records), KEY, CONTEXT) as reader:
        for number in (49, 0, 17, 17, 33):
            assert reader.record(number) == records[number]


def test_a_file_cut_anywhere_is_whole_up_to_there(tmp_path: Path) -> None:
    """A crash costs at most the record that was being written; the reader says that the end is not there."""
    records = [b"a" * 40, b"", b"c" * 13, b"d"]
    path = written(tmp_path, records)
    content = path.read_bytes()
    found = []
    for size in range(len(content)):
        path.write_bytes(content[:size])
        some, complete = read(path)
        assert some == records[: len(some)]
        assert not complete
        found.append(len(some))
    assert found == sorted(found)
    assert set(found) == {0, 1, 2, 3}


def test_one_changed_byte_is_found(tmp_path: Path) -> None:
    """Wherever it lies: in the beginning, a length, a record, or its tag."""
    path = written(tmp_path, [b"first record", b"second", b"third and last"])
    content = path.read_bytes()
    for place in range(len(content)):
        for bit in (0, 7):
            changed = bytearray(content)
            changed[place] ^= 1 << bit
            path.write_bytes(changed)
            with pytest.raises(DamagedError, match="damaged"):
                read(path)


def test_a_record_cannot_be_left_out_moved_or_added(tmp_path: Path) -> None:
    """Whoever has no key cannot rearrange a call either."""
    path = written(tmp_path, [b"same length 1", b"same length 2", b"same length 3"])
    content = path.read_bytes()
    size = (len(content) - 16) // 3
    head, one, two, three = content[:16], *(content[16 + i * size : 16 + (i + 1) * size] for i in range(3))
    for forged in (head + two + three, head + two + one + three, head + one + three, content + one, content + b"x"):
        path.write_bytes(forged)
        with pytest.raises(DamagedError):
            read(path)


def test_a_file_in_anothers_place_is_found(tmp_path: Path) -> None:
    """A file of another call, side or generation does not pass, nor one under another key."""
    path = written(tmp_path, [b"mine"])
    for context, key in (("other/log-1", KEY), (CONTEXT, bytes(32))):
        with pytest.raises(DamagedError):
            read(path, context, key)


def test_a_file_is_never_written_on(tmp_path: Path) -> None:
    """A nonce would be used twice: what exists is refused, and so is what has ended or failed."""
    path = written(tmp_path, [b"kept"])
    with pytest.raises(FileExistsError):
        SealedWriter(path, KEY, CONTEXT)
    writer = SealedWriter(tmp_path / "other", KEY, CONTEXT)
    writer.append(b"end", last=True)
    with pytest.raises(ValueError, match="closed"):
        writer.append(b"more")


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on the size of files")
def test_a_failed_write_leaves_a_file_that_can_be_read(tmp_path: Path) -> None:
    """On a full disk the record is cut short: the ones before it stay, and nothing is written after it."""
    import resource

    writer = SealedWriter(tmp_path / "file", KEY, CONTEXT)
    writer.append(b"x" * 1000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1500, hard))
    try:
        with pytest.raises(OSError, match="large"):
            writer.append(b"y" * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (tmp_path / "file").stat().st_size == 1500
    with pytest.raises(ValueError, match="closed"):
        writer.append(b"z")
    assert read(tmp_path / "file") == ([b"x" * 1000], False)


def test_what_is_being_written_can_be_followed(tmp_path: Path) -> None:
    """A call that goes on can be heard again: the reader finds what came since."""
    writer = SealedWriter(tmp_path / "file", KEY, CONTEXT)
    with SealedReader(tmp_path / "file", KEY, CONTEXT) as reader:
        seen = []
        for number in range(5):
            writer.append(b"%d" % number, last=number == 4)
            reader.look()
            seen.append((len(reader), reader.complete))
        assert seen == [(1, False), (2, False), (3, False), (4, False), (5, True)]
        assert list(reader) == [b"0", b"1", b"2", b"3", b"4"]


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=300), st.integers(0, 2**32))
def test_any_bytes_are_refused_or_read(noise: bytes, seed: int) -> None:
    """Whatever lies in a file, reading it ends in records or in DamagedError: no crash, no hang."""
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), [b"one", b"two"])
        content = path.read_bytes()
        cut = random.Random(seed).randrange(len(content))
        path.write_bytes(content[:cut] + noise)
        try:
            records, _ = read(path)
        except DamagedError:
            return
        assert records == [b"one", b"two"][: len(records)]
