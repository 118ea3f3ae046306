"""Processes that share a store, and processes that die in the middle of writing to it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.store.logs import running
from voice_triage.store.sql_calls import SqlCallStore

ROOT = Path(__file__).parents[2]


def start_writer(path: Path, call: str, length: int) -> subprocess.Popen[str]:
    """A writer process that waits for the word."""
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.store.writer_process", str(path), call, str(length)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "waiting\n"
    return writer


def give_the_word(writer: subprocess.Popen[str]) -> None:
    """Let a waiting writer open the store."""
    assert writer.stdin is not None
    writer.stdin.write("go\n")
    writer.stdin.flush()


def kill(writer: subprocess.Popen[str]) -> list[str]:
    """End the process as a power switch would; returns the whole lines it still printed."""
    writer.kill()
    assert writer.stdin is not None
    assert writer.stdout is not None
    rest = writer.stdout.read()
    writer.wait()
    writer.stdin.close()
    writer.stdout.close()
    return [line for line in rest.splitlines(keepends=True) if line.endswith("\n")]


def test_what_an_append_returned_for_survives_a_kill(tmp_path: Path) -> None:
    """After kill -9 at any moment, everything whose append had returned is there, in order, without holes."""
    path = tmp_path / "calls.sqlite3"
    chance = random.Random(20260304)
    kept: dict[str, int] = {}
    for turn in range(8):
        call = f"call-{turn}"
        writer = start_writer(path, call, 5000)
        give_the_word(writer)
        assert writer.stdout is not None
        printed = [writer.stdout.readline() for _ in range(chance.randint(1, 120))]
        time.sleep(chance.uniform(0.0, 0.004))  # anywhere between two appends, or within one
        printed += kill(writer)
        assert printed[0] == "open\n"
        acknowledged = int(printed[-1]) if len(printed) > 1 else 0
        with SqlCallStore(path) as store:
            assert store.notice is None
            logs = {summary.call: list(store.events(summary.call)) for summary in store.calls()}
            assert {summary.ended for summary in store.calls()} <= {None}
        log = logs.get(call, [])
        assert len(log) >= acknowledged
        assert log == running(call, len(log))
        if log:
            kept[call] = len(log)
        assert {kept_call: len(kept_log) for kept_call, kept_log in logs.items()} == kept


def test_a_kill_during_the_first_start_does_no_harm(tmp_path: Path) -> None:
    """A process that dies while it makes the file or its tables leaves nothing that stops the next one."""
    chance = random.Random(1)
    for turn in range(6):
        path = tmp_path / str(turn) / "calls.sqlite3"
        writer = start_writer(path, "c", 1)
        give_the_word(writer)
        time.sleep(chance.uniform(0.0, 0.25))
        kill(writer)
        with SqlCallStore(path) as store:
            assert store.notice is None
            store.append(running("d", 3))
            assert store.events("d") == running("d", 3)


@pytest.mark.parametrize("damaged", [False, True])
def test_several_processes_may_open_the_same_store_at_once(tmp_path: Path, damaged: bool) -> None:
    """The live product and `calls list` may start together: on a new file, or on a damaged one, set aside once."""
    path = tmp_path / "calls.sqlite3"
    if damaged:
        path.write_bytes(b"no database" * 1000)
    calls = [f"call-{i}" for i in range(3)]
    writers = [start_writer(path, call, 40) for call in calls]
    for writer in writers:
        give_the_word(writer)
    printed = [writer.communicate()[0].splitlines() for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert sorted(lines[0] for lines in printed) == ["open", "open", "set aside" if damaged else "open"]
    assert len(list(tmp_path.glob("*.damaged-*"))) == damaged
    with SqlCallStore(path) as store:
        assert store.notice is None
        assert {call: store.events(call) for call in calls} == {call: running(call, 40) for call in calls}


def test_a_call_is_read_while_another_process_writes_it(tmp_path: Path) -> None:
    """`calls show` works during the call."""
    path = tmp_path / "calls.sqlite3"
    writer = start_writer(path, "c", 5000)
    give_the_word(writer)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "open\n"
    with SqlCallStore(path) as store:
        for _ in range(20):
            acknowledged = int(writer.stdout.readline())
            log = list(store.events("c"))
            assert len(log) >= acknowledged
            assert log == running("c", len(log))
    kill(writer)
