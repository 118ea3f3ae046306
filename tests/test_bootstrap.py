"""Rules of putting the parts together: what happens when a part is missing."""

from __future__ import annotations

import gc
import re
from pathlib import Path

import pytest

from tests.call_fakes import flag, of
from tests.fakes import ScriptedSource, silent_blocks
from voice_triage import bootstrap, resources
from voice_triage.call_log import CallLog
from voice_triage.commands.run import _is_first_start
from voice_triage.errors import AudioError, StoreError
from voice_triage.events import CallEnded, Side, StageFailed
from voice_triage.settings import Settings, load_settings


@pytest.fixture
def no_folder(tmp_path: Path) -> Settings:
    """Settings whose data folder cannot be made: a file is in its way."""
    (tmp_path / "file").touch()
    return load_settings(overrides={"data_dir": tmp_path / "file" / "data"})


def test_a_desk_works_without_a_store_and_every_call_says_that_it_is_not_kept(no_folder: Settings) -> None:
    """A disk that fails does not stop the ear at the desk: the CSR is told, at the desk and in each call."""
    store, notice = bootstrap.open_store_if_possible(no_folder)
    assert "not kept" in notice
    for name in ("c-1", "c-2"):
        with CallLog(name, store=store) as log:
            log.append(flag())
            log.append(flag())
        assert [failure.stage for failure in of(StageFailed, [logged.event for logged in log.events()])] == ["store"]
    with pytest.raises(StoreError):
        store.calls()
    with pytest.raises(StoreError):
        store.events("c-1")
    store.close()


def test_a_store_that_opens_has_nothing_to_say(settings: Settings) -> None:
    """A sound desk shows no notice."""
    store, notice = bootstrap.open_store_if_possible(settings)
    store.close()
    assert notice == ""


def test_reading_kept_calls_makes_nothing(settings: Settings) -> None:
    """Looking for calls where none were kept leaves no folder behind."""
    assert bootstrap.open_kept(settings) is None
    assert not settings.data_dir.exists()


def test_the_first_start_is_first_once(settings: Settings) -> None:
    """The sample is played by itself once per data folder."""
    assert [_is_first_start(settings) for _ in range(3)] == [True, False, False]


def test_a_desk_that_cannot_remember_its_first_start_shows_no_sample(no_folder: Settings) -> None:
    """Rather no sample than a fake emergency at every start of a working desk."""
    assert not _is_first_start(no_folder)


def test_call_ids_are_found_by_time_and_never_the_same() -> None:
    """An id begins with the local time; calls of the same second differ."""
    ids = {bootstrap.new_call_id() for _ in range(20)}
    assert len(ids) > 15
    assert all(re.fullmatch(r"\d{8}-\d{6}-[0-9a-f]{4}", name) for name in ids)


def test_a_file_is_read_in_the_pieces_that_the_settings_ask_for(tmp_path: Path) -> None:
    """``chunk_ms`` is the length of the blocks; a file that is not there is an error at once."""
    settings = load_settings(overrides={"data_dir": tmp_path, "chunk_ms": 50})
    source = bootstrap.file_source(resources.sample_audio(), settings, realtime=False)
    first = next(iter(source))
    source.close()
    assert first.end_s == pytest.approx(0.05)  # type: ignore[union-attr]
    with pytest.raises(AudioError):
        bootstrap.file_source(tmp_path / "missing.wav", settings, realtime=False)


def test_the_garbage_collector_does_not_look_at_the_lexicon_during_calls(settings: Settings) -> None:
    """What is loaded once and stays costs no transcript a look at each of its objects."""
    try:
        _, lexicon = bootstrap.load_understanding(settings)
        looked_at = {id(one) for one in gc.get_objects()}
        assert not any(id(concept) in looked_at for concept in lexicon.concepts.values())
    finally:
        gc.unfreeze()


@pytest.mark.parametrize("record", [True, False])
def test_a_calls_sound_is_kept_only_if_it_is_to_be(tmp_path: Path, model_dir: Path, record: bool) -> None:
    """With ``record = false`` the words of a call are kept, and no sound of it."""
    del model_dir
    settings = load_settings(overrides={"data_dir": tmp_path, "record": record})
    try:
        engine = bootstrap.load_engine(settings)
        with bootstrap.open_store(settings) as store:
            call, _ = engine.call(ScriptedSource(silent_blocks(2.0)), "c", live=False, store=store)
            call.run()
            assert bool(store.folders.files("c", Side.CLIENT.value)) is record
            assert isinstance(store.events("c")[-1].event, CallEnded)
    finally:
        gc.unfreeze()
