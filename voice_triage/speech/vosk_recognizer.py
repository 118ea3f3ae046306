"""Vosk: the model, loaded once per process, and a recognizer per stream of speech. The only file that imports vosk."""

from __future__ import annotations

import importlib.metadata
import json
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voice_triage.errors import ModelError, RecognizerError
from voice_triage.events import Word
from voice_triage.speech.recognizer import SAMPLE_RATE_HZ, Heard

NOT_WORDS = frozenset({"[unk]", "<unk>", "<eps>", "[noise]", "[laughter]", "<s>", "</s>"})
"""What a model may write where it heard no word that it knows."""
PAD_S = 0.5
"""Silence fed before an utterance is closed, so that all of its sound is decoded: Vosk holds back some 0.3 s of it."""
RENEW_S = 20.0
"""So much sound one stream hears before the next utterance begins in a new one: 70 MB a call, however long it lasts."""
OVERLAP_SAMPLES = round(0.4 * SAMPLE_RATE_HZ)
"""The newest sound, which a new stream is fed first: at an utterance's end 0.5 s of silence have been decoded, and the
sound after that not yet."""
SAME_TIME_S = 0.001
"""Blocks that start this close to the end of their predecessor follow it without a gap."""
KEPT_S = 30.0
"""Fed time before the last final for which call times are kept; an utterance reaches back a fraction of a second."""
PARTIAL_LAG_S = 0.3
"""A word is first in a partial result this long after its end (median; ``speech.md``, measured again for issue 2)."""
PARTIAL_WORD_S = 0.3
"""Length given to a word of which only the end is known: English on the telephone has some three words a second."""
PARTIAL_CONFIDENCE = 0.5
"""Vosk gives confidences to closed utterances only."""
LOG_LEVEL = -2
"""Kaldi's errors only: the reason why a model does not load is told nowhere else. -1 still prints warnings of no use
("Discarding word-ids at the end of a sentence"), hundreds in a call."""


class VoskModel:
    """A Vosk model in memory (about 130 MB for the small one), to be loaded once per process and shared by threads.

    ``folder`` is a model's folder as Vosk publishes them (``am/ conf/ graph/``, mostly ``ivector/``).
    Raises ModelError if it does not load, RecognizerError if Vosk itself is not installed properly. Verify the files'
    hashes first where they are known: a damaged file can crash Kaldi instead of failing.
    """

    def __init__(self, folder: Path | str) -> None:
        folder = Path(folder)
        if not folder.is_dir():
            raise ModelError(
                f"There is no folder {folder} with a speech model. Run `voice-triage models fetch`, "
                "or name the folder of a Vosk model."
            )
        vosk = _vosk()
        self.name = f"vosk-{importlib.metadata.version('vosk')}/{folder.resolve().name}"
        # Vosk raises bare Exception, here and below; the cause is in the exception chained to ours.
        try:
            self._model: Any = vosk.Model(str(folder))
        except Exception as error:
            raise ModelError(
                f"The speech model in {folder} does not load. Run `voice-triage models verify`, "
                "then `voice-triage models fetch` to replace damaged files."
            ) from error

    def knows(self, word: str) -> bool:
        """Whether ``word`` (one word, lower case) is in the model's vocabulary; another word can never be heard."""
        return int(self._model.vosk_model_find_word(word)) >= 0

    def new_stream(self) -> Any:
        """A KaldiRecognizer with word times. Raises RecognizerError."""
        try:
            stream = _vosk().KaldiRecognizer(self._model, SAMPLE_RATE_HZ)
        except Exception as error:
            raise RecognizerError(
                f"Vosk cannot decode with the model {self.name}. Run `voice-triage models verify`, "
                "or name another Vosk model."
            ) from error
        stream.SetWords(True)
        # Not SetPartialWords: it leaves the newest 1.3 s out of every partial result, so that a word is first shown
        # 1.6 s after its end and not 0.3 s (medians over ten development calls).
        return stream


class VoskRecognizer:
    """A :class:`~voice_triage.speech.recognizer.Recognizer` on a shared :class:`VoskModel`.

    A partial result is given when its words changed; their times are estimated from when each was first heard and
    their confidence is ``PARTIAL_CONFIDENCE``, since Vosk tells neither in time. An utterance of which a partial was
    given, and in which no word is left when it closes, is closed by a final result without words. Not thread-safe.
    """

    def __init__(self, model: VoskModel, *, renew_s: float = RENEW_S) -> None:
        """After ``renew_s`` seconds of sound the next utterance begins in a new stream of Vosk's."""
        self.name = model.name
        self._model = model
        self._renew_s = renew_s
        self._stream: Any = model.new_stream()
        self._stream_from_s = 0.0
        """Fed time at which the stream began."""
        self._newest = np.empty(0, dtype=np.int16)
        """The last sound fed, which a stream may not have heard yet."""
        self._clock = _CallClock()
        self._open: tuple[Word, ...] | None = None
        """The open utterance as last given; None if nothing of it was given yet."""
        self._open_from_s = 0.0

    def accept(self, samples: NDArray[np.int16], start_s: float) -> Heard | None:
        """See the protocol. Samples are int16 of shape (n,), else ValueError."""
        if samples.dtype != np.int16 or samples.ndim != 1:
            raise ValueError(f"samples are int16 of shape (n,), not {samples.dtype} of shape {samples.shape}")
        if len(samples) == 0:
            return None
        self._clock.feed(start_s, len(samples))
        if self._feed(samples):
            return self._final(self._result("Result"))
        texts = [
            text for text in self._result("PartialResult").get("partial", "").lower().split() if text not in NOT_WORDS
        ]
        before = self._open or ()
        if texts == [word.text for word in before]:
            return None
        heard_to_s = start_s + len(samples) / SAMPLE_RATE_HZ - PARTIAL_LAG_S
        self._open = _with_times(texts, before, self._open_from_s, heard_to_s)
        return Heard(self._open, final=False)

    def finish(self) -> Heard | None:
        """Close the open utterance: all words of the sound so far, once."""
        if not self._clock.running:
            return None
        pad = np.zeros(round(PAD_S * SAMPLE_RATE_HZ), dtype=np.int16)
        self._clock.pad(len(pad))
        self._feed(pad)
        # Not FinalResult: Vosk then forgets the speaker, to whom it has adapted. In 14 development calls closed in
        # every pause that made 25.5 % errors, this way 24.5 %, as many as without closing.
        return self._final(self._result("Result"))

    def close(self) -> None:
        """Free the stream (12 to 70 MB). Idempotent; nothing can be accepted after it."""
        self._stream = None

    def _feed(self, samples: NDArray[np.int16]) -> bool:
        """Whether the utterance ended."""
        if self._stream is None:
            raise RecognizerError("The recognizer is closed: start a new one for the next call.")
        self._newest = np.concatenate((self._newest, samples))[-OVERLAP_SAMPLES:]
        try:
            return bool(self._stream.AcceptWaveform(samples.tobytes()))
        except Exception as error:
            raise _failed() from error

    def _renew(self) -> None:
        """Go on in a new stream: one that has heard much holds much, up to 290 MB after six minutes of speech.

        What it has worked out of the graph is never given back. The speaker it has adapted to is forgotten, which costs
        nothing that can be measured: words wrong in the development calls 23.8 % without, 23.2 % every 30 s.
        """
        self._stream = None  # first, so that its memory can be used again
        self._stream = self._model.new_stream()
        self._stream_from_s = self._clock.fed_s - len(self._newest) / SAMPLE_RATE_HZ
        newest, self._newest = self._newest, np.empty(0, dtype=np.int16)
        self._feed(newest)

    def _result(self, kind: str) -> Mapping[str, Any]:
        if self._stream is None:
            raise RecognizerError("The recognizer is closed: start a new one for the next call.")
        try:
            result: Mapping[str, Any] = json.loads(getattr(self._stream, kind)())
        except Exception as error:
            raise _failed() from error
        return result

    def _final(self, result: Mapping[str, Any]) -> Heard | None:
        entries = [entry for entry in result.get("result", ()) if entry["word"].lower() not in NOT_WORDS]
        words = tuple(
            self._word(entry["word"].lower(), entry["start"], entry["end"], entry["conf"]) for entry in entries
        )
        shown = self._open is not None
        self._open = None
        self._open_from_s = self._clock.now_s
        self._clock.forget_before(self._clock.fed_s - KEPT_S)
        if self._clock.fed_s - self._stream_from_s >= self._renew_s:
            self._renew()
        return Heard(words, final=True) if words or shown else None

    def _word(self, text: str, from_s: float, to_s: float, confidence: float) -> Word:
        """A word with its times in the call; ``from_s`` and ``to_s`` are the stream's."""
        start_s = self._clock.start_s(self._stream_from_s + from_s)
        end_s = self._clock.end_s(self._stream_from_s + to_s)
        return Word(text, start_s, max(start_s, end_s), min(1.0, max(0.0, confidence)))


class _CallClock:
    """Call time from fed time: Vosk counts the samples that it was fed, so it knows of no gap and counts padding."""

    def __init__(self) -> None:
        self._fed = 0
        # Stretches without a gap: fed time of their first sample, its call time, and their length in samples.
        self._fed_from_s: list[float] = []
        self._call_from_s: list[float] = []
        self._lengths: list[int] = []
        self._padded = False

    @property
    def running(self) -> bool:
        """Whether sound of the call came last, and not padding or nothing."""
        return bool(self._lengths) and not self._padded

    @property
    def fed_s(self) -> float:
        return self._fed / SAMPLE_RATE_HZ

    @property
    def now_s(self) -> float:
        """Call time just after the last sample fed that was the call's."""
        return self._call_from_s[-1] + self._length_s(-1) if self._lengths else 0.0

    def feed(self, start_s: float, count: int) -> None:
        if not (self.running and abs(self.now_s - start_s) <= SAME_TIME_S):
            self._fed_from_s.append(self.fed_s)
            self._call_from_s.append(start_s)
            self._lengths.append(0)
        self._padded = False
        self._lengths[-1] += count
        self._fed += count

    def pad(self, count: int) -> None:
        """Samples that are not of the call: what is heard in them belongs to the end of the stretch before them."""
        self._fed += count
        self._padded = True

    def start_s(self, fed_s: float) -> float:
        """Call time at which a word starts. On a border or in padding, the first moment of the stretch after it."""
        stretch = bisect_right(self._fed_from_s, fed_s) - 1
        if 0 <= stretch < len(self._lengths) - 1 and fed_s >= self._fed_from_s[stretch] + self._length_s(stretch):
            stretch += 1
        return self._call_s(stretch, fed_s)

    def end_s(self, fed_s: float) -> float:
        """Call time at which a word ends. On a border or in padding, the last moment of the stretch before it."""
        return self._call_s(bisect_left(self._fed_from_s, fed_s) - 1, fed_s)

    def forget_before(self, fed_s: float) -> None:
        """Drop stretches that ended before; what is left bounds the memory of a long call with many gaps."""
        count = max(0, bisect_right(self._fed_from_s, fed_s) - 1)
        del self._fed_from_s[:count], self._call_from_s[:count], self._lengths[:count]

    def _call_s(self, stretch: int, fed_s: float) -> float:
        stretch = max(0, stretch)
        within_s = min(max(0.0, fed_s - self._fed_from_s[stretch]), self._length_s(stretch))
        return self._call_from_s[stretch] + within_s

    def _length_s(self, stretch: int) -> float:
        return self._lengths[stretch] / SAMPLE_RATE_HZ


def _with_times(texts: Sequence[str], before: Sequence[Word], from_s: float, to_s: float) -> tuple[Word, ...]:
    """``texts`` as words: those that were there before keep their times, new ones end where room for them ends."""
    same = SequenceMatcher(None, [word.text for word in before], texts, autojunk=False).get_matching_blocks()
    kept = {new + i: before[old + i] for old, new, length in same for i in range(length)}
    words: list[Word] = []
    for i, text in enumerate(texts):
        if i in kept:
            words.append(kept[i])
            continue
        following = next((j for j in range(i + 1, len(texts)) if j in kept), len(texts))
        left_s = words[-1].end_s if words else from_s
        right_s = max(left_s, kept[following].start_s if following in kept else to_s)
        word_s = min(PARTIAL_WORD_S, (right_s - left_s) / (following - i))
        start_s = right_s - word_s * (following - i)
        words.append(Word(text, start_s, start_s + word_s, PARTIAL_CONFIDENCE))
    return tuple(words)


def _failed() -> RecognizerError:
    return RecognizerError(
        "Speech recognition failed in the middle of the call. Write down what you hear, "
        "and restart the program after the call."
    )


def _vosk() -> ModuleType:
    # Imported here: it loads a library of 20 MB, and one that is missing must not break the commands that need none.
    try:
        import vosk
    except (ImportError, OSError) as error:
        raise RecognizerError(
            f"The speech engine Vosk cannot be loaded ({error}). Run `scripts/run` again; it installs what is missing."
        ) from error
    vosk.SetLogLevel(LOG_LEVEL)
    module: ModuleType = vosk
    return module
