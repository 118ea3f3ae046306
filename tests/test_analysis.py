"""Rules of analyzing files: a fresh process each, results in order, with the real model."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.report_schema import CallReport
from voice_triage import resources
from voice_triage.analysis import Analyzed, Progress, analyze
from voice_triage.errors import LexiconError, ModelError
from voice_triage.settings import Settings, load_settings


def cut(folder: Path, name: str, start_s: float, end_s: float) -> Path:
    """A stretch of the sample call as a file of its own."""
    samples, rate_hz = soundfile.read(resources.sample_audio(), dtype="int16")
    path = folder / name
    soundfile.write(path, samples[round(start_s * rate_hz) : round(end_s * rate_hz)], rate_hz)
    return path


def analyzed(paths: list[Path], settings: Settings, processes: int | None = None) -> list[Analyzed]:
    """The results alone."""
    return [news for news in analyze(paths, settings, processes=processes) if isinstance(news, Analyzed)]


def text(result: Analyzed) -> str:
    """What was heard."""
    assert result.report is not None
    return " / ".join(utterance["text"] for utterance in result.report["utterances"])


def test_results_come_in_order_and_do_not_depend_on_the_other_files(
    tmp_path: Path, settings: Settings, model_dir: Path
) -> None:
    """A long file, a bad one and two copies of a short one: in the order given, and the copies word for word alike."""
    long = cut(tmp_path, "long.wav", 2, 13)
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"no sound at all")
    short = cut(tmp_path, "short.wav", 30, 35)
    copy = cut(tmp_path, "copy.flac", 30, 35)
    results = analyzed([long, bad, short, copy], settings)
    assert [result.path for result in results] == [long, bad, short, copy]
    assert "nothing is coming out" in text(results[0])
    assert results[1].report is None
    assert str(bad) in str(results[1].error)
    assert text(results[2]) == text(results[3]) != ""
    for result in results:
        if result.report is not None:
            CallReport.model_validate(result.report)
            assert result.report["id"] == result.path.stem
            assert result.report["audio"]["path"] == str(result.path)
    assert not (settings.data_dir / "calls.sqlite3").exists()  # nothing of an analysis is kept


def test_evidence_is_exact_transcript_text(settings: Settings, model_dir: Path) -> None:
    """Whatever a flag or a field of the sample call rests on can be found word for word in what was heard.

    A flag in the settled words; a field that they do not tell may rest on the first hearing, which the report keeps.
    """
    report = analyzed([resources.sample_audio()], settings)[0].report
    assert report is not None
    heard = " ".join(utterance["text"] for utterance in report["utterances"])
    first = " ".join(utterance.get("first_hearing") or "" for utterance in report["utterances"])
    assert report["flags"]
    assert report["fields"]
    for flag in report["flags"]:
        assert flag["state"] != "raised" or flag["evidence"] in heard
    for field in report["fields"].values():
        assert field["evidence"] in heard or field["evidence"] in first
    urinary = next(flag for flag in report["flags"] if flag["category"] == "urinary")
    assert (urinary["state"], urinary["urgency"]) == ("raised", "red")
    assert urinary["end_s"] < urinary["raised_at_s"] < report["audio"]["duration_s"]


def test_a_process_that_dies_is_an_error_of_its_file(tmp_path: Path, settings: Settings, model_dir: Path) -> None:
    """A crash of the recognizer's library takes one file with it, not the run."""
    files = [cut(tmp_path, "a.wav", 0, 40), cut(tmp_path, "b.wav", 30, 32)]
    results = []
    killed = False
    for news in analyze(files, settings, processes=1):
        if isinstance(news, Analyzed):
            results.append(news)
        elif not killed:
            killed = True
            for process in multiprocessing.active_children():
                process.kill()
    assert [result.path for result in results] == files
    assert results[0].report is None
    assert "ended unexpectedly" in str(results[0].error)
    assert results[1].report is not None


def test_an_analysis_that_is_broken_off_leaves_no_process(tmp_path: Path, settings: Settings, model_dir: Path) -> None:
    """Ctrl-C ends the processes of the files in work."""
    running = analyze([cut(tmp_path, "a.wav", 0, 40)], settings)
    assert isinstance(next(running), Progress)
    running.close()  # type: ignore[attr-defined]  # a generator, though its type promises only an iterator
    assert multiprocessing.active_children() == []


def test_progress_tells_how_far_each_file_is(tmp_path: Path, settings: Settings, model_dir: Path) -> None:
    """Between start and end there is news of how much was heard, never more than there is and never going back."""
    path = cut(tmp_path, "a.wav", 0, 40)
    told = [news for news in analyze([path], settings) if isinstance(news, Progress)]
    assert told
    assert all(0 <= news.heard_s <= news.duration_s == pytest.approx(40.0) for news in told)
    assert [news.heard_s for news in told] == sorted(news.heard_s for news in told)


@pytest.mark.parametrize(("setting", "error"), [("models_dir", ModelError), ("lexicon_dir", LexiconError)])
def test_what_keeps_every_file_from_being_heard_ends_the_analysis(
    setting: str, error: type[Exception], tmp_path: Path, model_dir: Path
) -> None:
    """A missing model or lexicon is one error, not one per file."""
    (tmp_path / "empty").mkdir()
    settings = load_settings(overrides={setting: tmp_path / "empty", "data_dir": tmp_path / "data"})
    silence = tmp_path / "a.wav"
    soundfile.write(silence, np.zeros(8000, dtype=np.int16), 8000)
    with pytest.raises(error):
        analyzed([silence, silence], settings)
