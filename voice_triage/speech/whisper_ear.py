"""Whisper as the careful ear, by CTranslate2 on the processor. The only file that imports faster_whisper."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voice_triage.errors import ModelError, RecognizerError
from voice_triage.events import Word
from voice_triage.speech.careful import Rehearing, echoes, surely_spoken
from voice_triage.speech.recognizer import SAMPLE_RATE_HZ
from voice_triage.speech.spoken_form import spoken_form

BEAM_SIZE = 5
PROMPT = "A phone call to a veterinary clinic about a sick dog or cat."
"""What the speech is about: fewer wrong words (``docs/careful-ear.md``); hotwords instead made "dog dog" of noise."""
WINDOW_S = 29.0
"""Whisper hears 30 s at once, and takes as long for one second as for thirty."""
SPEECH_THRESHOLD = 0.5
SHORTEST_SPEECH_S = 0.2
JOINED_SPEECH_S = 0.5
"""Voice activity: Silero's threshold, what is too short to be speech, and pauses that do not part it."""
MARGIN_S = 0.3


class WhisperEar:
    """A :class:`~voice_triage.speech.careful.CarefulEar`. About 330 MB, loaded in a second or two.

    ``folder`` is a Whisper model converted for CTranslate2. Nothing is ever fetched: a folder that lacks a file is
    refused. Raises ModelError if it does not load, RecognizerError if faster-whisper is not installed properly.
    """

    def __init__(self, folder: Path | str, *, threads: int = 1) -> None:
        """``threads`` hear one utterance together."""
        folder = Path(folder)
        # faster-whisper would look for a name that is no folder on the Hugging Face hub, and there for a tokenizer.
        missing = [name for name in ("model.bin", "config.json", "tokenizer.json") if not (folder / name).is_file()]
        if missing:
            raise ModelError(
                f"{folder} lacks {', '.join(missing)} of a Whisper model. Run `voice-triage models fetch`, "
                "or name the folder of a Whisper model converted for CTranslate2."
            )
        try:
            from faster_whisper import WhisperModel
        except (ImportError, OSError) as error:
            raise RecognizerError(
                f"The careful ear's engine faster-whisper cannot be loaded ({error}). Run `scripts/run` again; "
                "it installs what is missing. Or set careful_ear to off."
            ) from error
        self.name = f"faster-whisper-{importlib.metadata.version('faster-whisper')}/{folder.resolve().name}"
        try:
            self._model: Any = WhisperModel(
                str(folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
            )
        except Exception as error:
            raise ModelError(
                f"The careful ear's model in {folder} does not load. Run `voice-triage models verify`, "
                "then `voice-triage models fetch` to replace damaged files."
            ) from error

    def rehear(self, samples: NDArray[np.int16], start_s: float, live: tuple[Word, ...] = ()) -> Rehearing:
        """See the protocol. Samples are int16 of shape (n,), else ValueError."""
        if samples.dtype != np.int16 or samples.ndim != 1:
            raise ValueError(f"samples are int16 of shape (n,), not {samples.dtype} of shape {samples.shape}")
        if self._model is None:
            raise RecognizerError("The careful ear is closed: load it again for the next call.")
        sound = samples.astype(np.float32) / np.float32(32768)
        try:
            speech = _speech_in(sound)
            spoken = [(word.start_s - start_s, word.end_s - start_s) for word in live]
            if not speech and surely_spoken(live):  # a voice that is none to the detector: of a machine, say
                speech = [(spoken[0][0], spoken[-1][1])]
            segments = self._heard(_without_pauses(sound, [*speech, *spoken])) if speech else []
        except Exception as error:
            raise RecognizerError(
                "Hearing an utterance a second time failed. Go by the words that were heard live."
            ) from error
        words = tuple(word for segment in segments for word in spoken_form(segment.text))
        return Rehearing(
            () if echoes(words, spoken_form(PROMPT)) else words,
            tuple((start_s + from_s, start_s + to_s) for from_s, to_s in speech),
            min((segment.avg_logprob for segment in segments), default=0.0),
            max((segment.no_speech_prob for segment in segments), default=0.0),
            max((segment.compression_ratio for segment in segments), default=1.0),
        )

    def close(self) -> None:
        """See the protocol."""
        self._model = None

    def _heard(self, sound: NDArray[np.float32]) -> list[Any]:
        segments, _ = self._model.transcribe(
            sound,
            language="en",
            beam_size=BEAM_SIZE,
            initial_prompt=PROMPT,
            temperature=0.0,  # no second try by chance: the same sound gives the same words
            condition_on_previous_text=False,
            # With them a window is decoded again from the last one on. Times come from the live words instead:
            # word times by attention cost two and a half times the hearing itself.
            without_timestamps=True,
            no_speech_threshold=None,  # judged by the caller, who knows what was heard live
        )
        return list(segments)


def _without_pauses(sound: NDArray[np.float32], speech: Sequence[tuple[float, float]]) -> NDArray[np.float32]:
    """The sound of ``speech`` with ``MARGIN_S`` around each piece: noise before and between words costs words."""
    kept: list[list[int]] = []
    for from_s, to_s in sorted(speech):
        first = max(0, round((from_s - MARGIN_S) * SAMPLE_RATE_HZ))
        last = min(len(sound), round((to_s + MARGIN_S) * SAMPLE_RATE_HZ))
        if kept and first <= kept[-1][1]:
            kept[-1][1] = max(kept[-1][1], last)
        elif last > first:
            kept.append([first, last])
    return np.concatenate([sound[first:last] for first, last in kept] or [sound])


def _speech_in(sound: NDArray[np.float32]) -> list[tuple[float, float]]:
    """Begin and end of each piece of voice activity, in seconds from the first sample."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(
        threshold=SPEECH_THRESHOLD,
        min_speech_duration_ms=round(SHORTEST_SPEECH_S * 1000),
        min_silence_duration_ms=round(JOINED_SPEECH_S * 1000),
        speech_pad_ms=0,
    )
    found = get_speech_timestamps(sound, options)
    return [(each["start"] / SAMPLE_RATE_HZ, each["end"] / SAMPLE_RATE_HZ) for each in found]
