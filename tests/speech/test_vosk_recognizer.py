"""The Vosk recognizer: with the real model on the sample call, and with a scripted stream for what Vosk does rarely."""

from __future__ import annotations

import itertools
import json
import math
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from voice_triage import resources
from voice_triage.audio.resample import Resampler
from voice_triage.audio.wav import WavSource
from voice_triage.errors import ModelError, RecognizerError
from voice_triage.events import Block, Word
from voice_triage.speech.recognizer import SAMPLE_RATE_HZ, Heard, Recognizer
from voice_triage.speech.vosk_recognizer import OVERLAP_SAMPLES, PARTIAL_CONFIDENCE, VoskModel, VoskRecognizer

IN_A_PAUSE_S = 13.0
"""Call time in the sample call at which the CSR speaks: between two of the client's turns."""
LAST_WORD_S = 10.6
"""Call time at which the client has just said "nothing is coming out"."""
SECOND_TURN_S = 24.0
"""Call time after the client's second turn, which begins with "it started last night" at 15.4 s."""


@pytest.fixture(scope="session")
def model(model_dir: Path) -> VoskModel:
    """The real small model, loaded once."""
    return VoskModel(model_dir)


@pytest.fixture(scope="session")
def sample() -> NDArray[np.int16]:
    """The sample call at 16 kHz, shape (n,)."""
    resampler = Resampler()
    blocks = [resampler.process(item) for item in WavSource(resources.sample_audio()) if isinstance(item, Block)]
    held = resampler.flush()
    return np.concatenate([block.samples for block in [*blocks, *([held] if held else [])]])


def listen(
    recognizer: Recognizer, samples: NDArray[np.int16], start_s: float = 0.0, *, block_s: float = 0.1
) -> list[tuple[float, Heard]]:
    """Everything heard while the sound passes in blocks, each with the call time it was heard at."""
    length = round(block_s * SAMPLE_RATE_HZ)
    heard = []
    for at in range(0, len(samples), length):
        block = samples[at : at + length]
        result = recognizer.accept(block, start_s + at / SAMPLE_RATE_HZ)
        if result is not None:
            heard.append((start_s + (at + len(block)) / SAMPLE_RATE_HZ, result))
    return heard


def finals(heard: list[tuple[float, Heard]], last: Heard | None = None) -> list[Word]:
    """The words of all closed utterances."""
    results = [result for _, result in heard] + ([last] if last else [])
    return [word for result in results if result.final for word in result.words]


def text(words: list[Word]) -> str:
    """Words joined by blanks."""
    return " ".join(word.text for word in words)


# --- with the real model ----------------------------------------------------------------------------------------


def test_hang_up_loses_no_word(model: VoskModel, sample: NDArray[np.int16]) -> None:
    """A call that ends in the middle of a sentence still gives all words said so far."""
    recognizer = VoskRecognizer(model)
    heard = listen(recognizer, sample[: round(LAST_WORD_S * SAMPLE_RATE_HZ)])
    assert not finals(heard)  # the sentence is still open: only finish() can tell it
    last = recognizer.finish()
    assert last is not None
    assert last.final
    assert text(list(last.words)).endswith("out of the litter box and nothing is coming out")
    assert recognizer.finish() is None


def test_no_word_is_told_twice_when_the_stream_goes_on(model: VoskModel, sample: NDArray[np.int16]) -> None:
    """After finish() in a pause the stream goes on: every word is told once, before it or after it."""
    cut, until = round(IN_A_PAUSE_S * SAMPLE_RATE_HZ), round(SECOND_TURN_S * SAMPLE_RATE_HZ)
    recognizer = VoskRecognizer(model)
    before = finals(listen(recognizer, sample[:cut]), recognizer.finish())
    after = finals(listen(recognizer, sample[cut:until], IN_A_PAUSE_S), recognizer.finish())
    assert text(before).endswith("nothing is coming out")
    assert "started last night" in text(after)
    assert before[-1].end_s <= IN_A_PAUSE_S <= after[0].start_s
    for phrase in ("litter box", "coming out", "last night", "six years old"):
        assert text(before + after).count(phrase) == 1


@pytest.mark.parametrize("finish_before_gap", [True, False])
def test_word_times_are_call_time_after_a_gap(
    model: VoskModel, sample: NDArray[np.int16], finish_before_gap: bool
) -> None:
    """Words after a minute that was never heard have the times they were spoken at, not the times Vosk counted."""
    cut, gap_s = round(IN_A_PAUSE_S * SAMPLE_RATE_HZ), 60.0
    recognizer = VoskRecognizer(model)
    before = finals(listen(recognizer, sample[:cut]))
    if finish_before_gap:
        recognizer.finish()
    until = round(SECOND_TURN_S * SAMPLE_RATE_HZ)
    after = finals(listen(recognizer, sample[cut:until], IN_A_PAUSE_S + gap_s), recognizer.finish())
    litter = next(word for word in before if word.text == "litter")
    assert litter.start_s == pytest.approx(8.67, abs=0.2)
    started = next(word for word in after if word.text == "started")
    assert started.start_s - gap_s == pytest.approx(15.48, abs=0.2)
    assert all(word.start_s >= IN_A_PAUSE_S + gap_s for word in after)


@pytest.mark.parametrize("closing", ["by the pause", "by finish()"])
def test_a_new_stream_hears_every_word_once_and_at_its_time(
    model: VoskModel, sample: NDArray[np.int16], closing: str
) -> None:
    """Though each utterance begins in a new stream, words and times are those of one stream, whoever closed it."""
    until = round(SECOND_TURN_S * SAMPLE_RATE_HZ)
    cut = round(IN_A_PAUSE_S * SAMPLE_RATE_HZ) if closing == "by finish()" else until
    one, often = VoskRecognizer(model, renew_s=math.inf), VoskRecognizer(model, renew_s=1.0)
    told = []
    for recognizer in (one, often):
        words = finals(listen(recognizer, sample[:cut]), recognizer.finish())
        words += finals(listen(recognizer, sample[cut:until], cut / SAMPLE_RATE_HZ), recognizer.finish())
        told.append(words)
    for phrase in ("litter box", "coming out", "last night", "six years old"):
        assert text(told[0]).count(phrase) == text(told[1]).count(phrase) == 1
    for spoken in ("litter", "started"):
        at_s = [next(word.start_s for word in words if word.text == spoken) for words in told]
        assert at_s[0] == pytest.approx(at_s[1], abs=0.15)
    assert [word.start_s for word in told[1]] == sorted(word.start_s for word in told[1])


def test_partial_results_come_early_and_with_fitting_times(model: VoskModel, sample: NDArray[np.int16]) -> None:
    """A key phrase is in a partial result well before its final, with times in order that are not in the future."""
    recognizer = VoskRecognizer(model)
    heard = listen(recognizer, sample[: round(IN_A_PAUSE_S * SAMPLE_RATE_HZ)])
    final_s, final = next((at_s, result) for at_s, result in heard if result.final)
    box = next(word for word in final.words if word.text == "box")
    first_s = next(at_s for at_s, result in heard if any(word.text == "box" for word in result.words))
    assert first_s - box.end_s < 1.0
    assert first_s < final_s - 1.0
    texts = [tuple(word.text for word in result.words) for at_s, result in heard if at_s < final_s]
    assert all(a != b for a, b in itertools.pairwise(texts))
    for at_s, result in heard:
        times = [moment for word in result.words for moment in (word.start_s, word.end_s)]
        assert times == sorted(times)
        assert all(0 <= moment <= at_s for moment in times)
        assert result.final or all(word.confidence == PARTIAL_CONFIDENCE for word in result.words)
    shown = next(
        word for at_s, result in reversed(heard) if not result.final for word in result.words if word.text == "box"
    )
    assert abs(shown.end_s - box.end_s) < 0.5


def test_silence_is_heard_as_nothing(model: VoskModel) -> None:
    """Silence gives no result at all, neither while it lasts nor at hang-up."""
    recognizer = VoskRecognizer(model)
    assert recognizer.finish() is None
    assert listen(recognizer, np.zeros(8 * SAMPLE_RATE_HZ, np.int16), block_s=1.0) == []
    assert recognizer.finish() is None


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), peak=st.sampled_from([1, 300, 32767]), lengths=st.lists(st.integers(0, 9000)))
def test_any_sound_is_survived(model: VoskModel, seed: int, peak: int, lengths: list[int]) -> None:
    """Noise at any level in blocks of any length, empty ones too, gives words in order of time, or none."""
    recognizer = VoskRecognizer(model)
    random = np.random.default_rng(seed)
    at, words = 0, []
    for length in lengths:
        block = random.integers(-peak, peak, length).astype(np.int16)
        result = recognizer.accept(block, at / SAMPLE_RATE_HZ)
        at += length
        words += list(result.words) if result is not None and result.final else []
    last = recognizer.finish()
    words += list(last.words) if last else []
    times = [moment for word in words for moment in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert all(0 <= moment <= at / SAMPLE_RATE_HZ for moment in times)


def test_streams_of_one_model_are_independent(model: VoskModel, sample: NDArray[np.int16]) -> None:
    """Two recognizers on one model, fed in turns, hear only their own sound."""
    speaking, silent = VoskRecognizer(model), VoskRecognizer(model)
    for at in range(0, round(LAST_WORD_S * SAMPLE_RATE_HZ), 3200):
        speaking.accept(sample[at : at + 3200], at / SAMPLE_RATE_HZ)
        assert silent.accept(np.zeros(3200, np.int16), at / SAMPLE_RATE_HZ) is None
    heard = speaking.finish()
    assert heard is not None
    assert "litter box" in text(list(heard.words))
    assert silent.finish() is None


def test_the_model_says_its_name_and_vocabulary(model: VoskModel, model_dir: Path) -> None:
    """The name holds the engine's version and the model's; a word outside the vocabulary is known to be one."""
    assert model.name.startswith("vosk-0.3.")
    assert model.name.endswith(f"/{model_dir.name}")
    assert VoskRecognizer(model).name == model.name
    assert model.knows("litter")
    assert not model.knows("pyometra")


def test_a_folder_without_a_model_is_an_error_that_helps(tmp_path: Path) -> None:
    """A missing folder, or one that holds no model, is a ModelError that says which command fetches it."""
    for folder in (tmp_path / "missing", tmp_path):
        with pytest.raises(ModelError, match="voice-triage models fetch"):
            VoskModel(folder)


@pytest.mark.parametrize("missing", ["am/final.mdl", "graph/Gr.fst", "graph/HCLr.fst", "ivector/final.ie"])
def test_a_model_with_a_missing_file_is_an_error_that_helps(tmp_path: Path, model_dir: Path, missing: str) -> None:
    """A model with a file missing fails when it is loaded or first used, and says how to have it checked."""
    folder = tmp_path / "model"
    shutil.copytree(model_dir, folder, copy_function=lambda source, target: Path(target).symlink_to(source))
    (folder / missing).unlink()
    with pytest.raises((ModelError, RecognizerError), match="voice-triage models verify"):
        VoskRecognizer(VoskModel(folder))


# --- with a scripted stream -------------------------------------------------------------------------------------


class ScriptedStream:
    """What VoskRecognizer uses of a KaldiRecognizer; a block takes one (closes the utterance, result) of the script."""

    def __init__(self, script: list[tuple[bool, Any]]) -> None:
        self.script = list(script)
        self.fed = 0
        self.result: Any = {}

    def AcceptWaveform(self, data: bytes) -> int:  # noqa: N802  Vosk's name
        self.fed += len(data) // 2
        closes, self.result = self.script.pop(0) if self.script else (False, {"partial": ""})
        if isinstance(self.result, Exception):
            raise self.result
        return int(closes)

    def Result(self) -> str:  # noqa: N802
        return json.dumps(self.result)

    def PartialResult(self) -> str:  # noqa: N802
        return json.dumps(self.result)


class ScriptedModel(VoskModel):
    """A model that needs no files and gives one given stream."""

    def __init__(self, *streams: ScriptedStream) -> None:
        self.name = "scripted"
        self.streams = list(streams)

    def new_stream(self) -> ScriptedStream:
        return self.streams.pop(0)


def scripted(script: list[tuple[bool, Any]]) -> VoskRecognizer:
    """A recognizer on a scripted stream."""
    return VoskRecognizer(ScriptedModel(ScriptedStream(script)))


def closed(*words: tuple[str, float, float, float]) -> dict[str, Any]:
    """Vosk's final result of these (word, start, end, confidence)."""
    entries = [{"word": word, "start": start, "end": end, "conf": conf} for word, start, end, conf in words]
    return {"result": entries, "text": " ".join(word for word, *_ in words)}


BLOCK = np.zeros(1600, np.int16)


def take(recognizer: VoskRecognizer, count: int) -> list[Heard | None]:
    """What ``count`` blocks of 100 ms bring."""
    return [recognizer.accept(BLOCK, i / 10) for i in range(count)]


def test_a_shown_utterance_that_turns_out_empty_is_closed() -> None:
    """Words that a partial showed and the final lost are taken back by a final without words, and only then."""
    recognizer = scripted([(False, {"partial": "help"}), (True, {"text": ""}), (True, {"text": ""})])
    heard = take(recognizer, 3)
    assert heard[0] is not None
    assert heard[1:] == [Heard((), final=True), None]
    fading = scripted([(False, {"partial": "help"}), (False, {"partial": ""}), (True, {"text": ""})])
    assert take(fading, 3)[1:] == [Heard((), final=False), Heard((), final=True)]
    hung_up = scripted([(False, {"partial": "help"}), (False, {"text": ""})])
    take(hung_up, 1)
    assert hung_up.finish() == Heard((), final=True)


def test_what_is_no_word_is_dropped_and_words_are_lower_case() -> None:
    """Vosk's marks for sounds that are no known word never reach the transcript, and words come in lower case."""
    recognizer = scripted(
        [
            (False, {"partial": "[unk] My <unk>"}),
            (True, closed(("[unk]", 0.0, 0.02, 1.0), ("My", 0.02, 0.05, 1.2), ("<unk>", 0.05, 0.1, -0.1))),
            (False, {"partial": "[unk]"}),
            (True, closed(("[unk]", 0.2, 0.3, 1.0))),
        ]
    )
    heard = take(recognizer, 4)
    assert [word.text for word in (heard[0] or Heard((), final=True)).words] == ["my"]
    assert heard[1] == Heard((Word("my", 0.02, 0.05, 1.0),), final=True)
    assert heard[2:] == [None, None]


def test_a_partial_is_told_only_when_its_words_changed() -> None:
    """The same words again are nothing new."""
    recognizer = scripted([(False, {"partial": p}) for p in ("", "my", "my", "my cat", "my cat", "my dog")])
    heard = take(recognizer, 6)
    assert [h and text(list(h.words)) for h in heard] == [None, "my", None, "my cat", None, "my dog"]


def test_the_next_utterance_begins_in_a_new_stream_once_one_has_heard_enough() -> None:
    """Not before, not in the middle of an utterance; the newest sound is fed to the new one, and times go on."""
    early, late = closed(("hi", 0.0, 0.2, 1.0)), closed(("there", 0.7, 0.9, 1.0))
    first = ScriptedStream([(True, early), (False, {"partial": ""}), (False, {"partial": ""}), (True, late)])
    second = ScriptedStream([(False, {"partial": ""}), (True, closed(("again", 0.5, 0.6, 1.0)))])
    recognizer = VoskRecognizer(ScriptedModel(first, second, ScriptedStream([])), renew_s=0.3)
    heard = [each for each in take(recognizer, 5) if each is not None]
    assert [word.text for each in heard for word in each.words] == ["hi", "there", "again"]
    assert (first.fed, second.fed) == (4 * len(BLOCK), OVERLAP_SAMPLES + len(BLOCK))
    # The new stream began 0.4 s before the end of the fourth block.
    assert heard[-1].words[0].start_s == pytest.approx(0.5, abs=1e-6)


def test_a_changed_word_leaves_the_times_of_the_others() -> None:
    """When a partial revises a word in the middle, the words around it keep their times."""
    recognizer = scripted([(False, {"partial": p}) for p in ["", ""] * 5 + ["he has", "he has a fit", "he had a fit"]])
    before, after = (h for h in take(recognizer, 13)[-2:] if h is not None)
    assert [after.words[i] for i in (0, 2, 3)] == [before.words[i] for i in (0, 2, 3)]
    assert before.words[0].end_s <= after.words[1].start_s <= after.words[1].end_s <= before.words[2].start_s


def test_words_heard_in_the_padding_end_with_the_sound() -> None:
    """A word that Vosk hears end in the silence fed before closing ends where the call's sound ends."""
    recognizer = scripted([(False, {"partial": "no"}), (False, closed(("no", 0.05, 0.15, 0.8)))])
    take(recognizer, 1)
    assert recognizer.finish() == Heard((Word("no", 0.05, 0.1, 0.8),), final=True)


def test_words_after_a_gap_start_after_it() -> None:
    """A word that Vosk hears begin in the silence fed before a gap begins where the sound goes on after the gap."""
    recognizer = scripted([(False, {"partial": ""}), (False, {"text": ""}), (True, closed(("no", 0.45, 0.68, 0.8)))])
    take(recognizer, 1)
    recognizer.finish()  # half a second of silence: the next sound is the 0.6th second that Vosk is fed
    heard = recognizer.accept(BLOCK, 60.0)
    assert heard is not None
    assert heard.words[0].start_s == 60.0
    assert heard.words[0].end_s == pytest.approx(60.08)


def test_a_failure_of_vosk_is_a_recognizer_error() -> None:
    """An exception inside Vosk, or a result that cannot be read, is a RecognizerError that says what to do."""
    recognizer = scripted([(False, RuntimeError("Failed to process waveform"))])
    with pytest.raises(RecognizerError, match="Write down what you hear"):
        recognizer.accept(BLOCK, 0.0)


def test_misuse_is_told() -> None:
    """Samples of another type or shape, and sound after close(), are refused; an empty block is nothing."""
    recognizer = scripted([])
    for samples in (np.zeros(10, np.float32), np.zeros((10, 1), np.int16)):
        with pytest.raises(ValueError, match="int16 of shape"):
            recognizer.accept(samples, 0.0)  # type: ignore[arg-type]
    assert recognizer.accept(BLOCK[:0], 0.0) is None
    recognizer.close()
    recognizer.close()
    with pytest.raises(RecognizerError, match="start a new one"):
        recognizer.accept(BLOCK, 0.0)


class EchoStream(ScriptedStream):
    """Closes an utterance with every block, of one word as long as the block, at the times of the samples fed."""

    def AcceptWaveform(self, data: bytes) -> int:  # noqa: N802
        start = self.fed
        super().AcceptWaveform(data)
        self.result = closed(("word", start / SAMPLE_RATE_HZ, self.fed / SAMPLE_RATE_HZ, 1.0))
        return 1


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.integers(1, 4000), st.sampled_from([0.0, 0.0, 0.0, 0.5, 90.0]), st.booleans()), max_size=60
    )
)
def test_a_word_has_the_call_time_of_its_sound(steps: list[tuple[int, float, bool]]) -> None:
    """Whatever blocks, gaps and finishes came before, a word has the call time at which its sound was spoken."""
    recognizer = VoskRecognizer(ScriptedModel(EchoStream([])))
    now_s = 3.0
    for length, gap_s, finish in steps:
        now_s += gap_s
        heard = recognizer.accept(np.zeros(length, np.int16), now_s)
        assert heard is not None
        assert heard.words[0].start_s == pytest.approx(now_s, abs=1e-6)
        now_s += length / SAMPLE_RATE_HZ
        assert heard.words[0].end_s == pytest.approx(now_s, abs=1e-6)
        if finish:
            last = recognizer.finish()
            assert last is not None
            assert all(word.end_s == pytest.approx(now_s, abs=1e-6) for word in last.words)
