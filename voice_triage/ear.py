"""One side's way from sound to words: resampling, gain, the recognizer, and which utterance is open.

No threads and no clock here: sound in, transcripts out, in order; :mod:`voice_triage.call` says when.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterator

from voice_triage.audio.gain import SpeechGain
from voice_triage.audio.level import LineLevel
from voice_triage.audio.line_watch import LineWatch
from voice_triage.audio.resample import LARGEST_SLIP_S, Resampler
from voice_triage.call_log import code_of, where
from voice_triage.errors import VoiceTriageError
from voice_triage.events import Block, Event, FinalTranscript, Gap, GapHeard, PartialTranscript, Side, StageFailed, Word
from voice_triage.speech.recognizer import Heard, Recognizer
from voice_triage.stretches import Stretch, Stretches

log = logging.getLogger(__name__)

RecognizerFactory = Callable[[], Recognizer]
Spoken = PartialTranscript | FinalTranscript | GapHeard | StageFailed
"""What an ear gives; ``at_s`` is the call time of the sound it comes from, to be re-stamped when it is shown."""

_NEW_RECOGNIZERS = 1
"""How often a failed recognizer is replaced in a call: a passing fault is survived, a lasting one does not loop."""


class Ear:
    """Hears one side of one call. Used by one thread.

    A recognizer that fails ends in a :class:`StageFailed`, never in an exception: the words already shown of the open
    utterance are kept as a final, one new recognizer is tried, and after that sound is taken in without being heard.
    """

    def __init__(
        self,
        side: Side,
        new_recognizer: RecognizerFactory,
        numbers: Iterator[int] | None = None,
        *,
        heard_by: str = "vosk",
        stretches: Stretches | None = None,
    ) -> None:
        """``numbers`` gives the indices of utterances; both sides of a call share it.

        ``stretches`` keeps the sound for a second hearing.
        """
        self.side = side
        self._heard_by = heard_by
        self._new_recognizer = new_recognizer
        self._numbers = itertools.count() if numbers is None else numbers
        self._stretches = stretches
        self._recognizer: Recognizer | None = None
        self._replacements_left = _NEW_RECOGNIZERS
        self._deaf = False
        self._resampler = Resampler()
        self._gain = SpeechGain()
        self._last: Block | None = None
        """The block before, while the stream of sound goes on."""
        self._utterance: int | None = None
        self._shown: tuple[Word, ...] = ()
        self._heard_to_s = 0.0

    def hear(self, block: Block) -> list[Spoken]:
        """What one block brought. A block that does not follow its predecessor is one after a gap."""
        spoken: list[Spoken] = []
        if self._last is not None and block.start_s - self._last.end_s > LARGEST_SLIP_S:
            missing_s = block.start_s - self._last.end_s
            spoken += self.miss(Gap(self.side, self._last.end_s, missing_s, "Sound is missing."))
        elif self._last is not None and not _follows(self._last, block):
            spoken += self.end()
        self._last = block
        self._heard_to_s = block.end_s
        try:
            sound = self._resampler.process(block)
        except Exception:
            self._resampler.clear()  # the next block begins anew
            self._last = None
            raise
        return spoken + self._take(sound)

    def miss(self, gap: Gap) -> list[Spoken]:
        """Close the open utterance: what comes after missing sound does not continue it."""
        spoken = self.end()
        self._heard_to_s = gap.start_s + gap.duration_s
        return [*spoken, GapHeard(self._heard_to_s, self.side, gap.start_s, gap.duration_s, gap.reason)]

    def end(self) -> list[Spoken]:
        """Hang-up or gap: the resampler's rest, then the recognizer's last words. Sound may follow."""
        self._last = None
        held = self._resampler.flush()
        spoken = [] if held is None else self._take(held)
        if self._recognizer is not None:
            try:
                heard = self._recognizer.finish()
            except Exception as error:  # noqa: BLE001 - becomes a visible event
                spoken += self._failed(error)
            else:
                spoken += self._said(heard)
        if self._stretches is not None:
            self._stretches.end()
        return spoken

    def close(self) -> None:
        """Free the recognizer."""
        recognizer, self._recognizer, self._deaf = self._recognizer, None, True
        if recognizer is not None:
            recognizer.close()

    def _take(self, sound: Block) -> list[Spoken]:
        if self._stretches is not None:
            self._stretches.add(sound)
        spoken = self._recognized(sound)
        if self._stretches is not None and self._utterance is None:
            self._stretches.idle()
        return spoken

    def _recognized(self, sound: Block) -> list[Spoken]:
        if self._deaf or not len(sound.samples):
            return []
        try:
            if self._recognizer is None:
                self._recognizer = self._new_recognizer()
            heard = self._recognizer.accept(self._gain.process(sound.samples), sound.start_s)
        except Exception as error:  # noqa: BLE001 - becomes a visible event
            return self._failed(error)
        return self._said(heard)

    def _said(self, heard: Heard | None) -> list[Spoken]:
        if heard is None or (not heard.final and heard.words == self._shown):
            return []
        if not heard.words and self._utterance is None:
            return []
        if self._utterance is None:
            self._utterance = next(self._numbers)
        if not heard.final:
            self._shown = heard.words
            return [PartialTranscript(self._heard_to_s, self.side, self._utterance, heard.words, text_of(heard.words))]
        return [self._close_utterance(heard.words)]

    def _close_utterance(self, words: tuple[Word, ...], *, cut_off: bool = False) -> FinalTranscript:
        assert self._utterance is not None
        # A final without words still takes back what its partials showed: its times are theirs.
        spoken = words or self._shown
        start_s, end_s = (spoken[0].start_s, spoken[-1].end_s) if spoken else (self._heard_to_s, self._heard_to_s)
        heard_by = f"{self._heard_by}, cut off" if cut_off else self._heard_by
        final = FinalTranscript(
            self._heard_to_s, self.side, self._utterance, words, text_of(words), start_s, end_s, heard_by
        )
        self._utterance, self._shown = None, ()
        if self._stretches is not None:
            self._stretches.close(final)
        return final

    def _failed(self, error: Exception) -> list[Spoken]:
        log.error("recognizer failed: %s", where(error))
        spoken: list[Spoken] = []
        if self._utterance is not None and self._shown:
            spoken.append(self._close_utterance(self._shown, cut_off=True))
        elif self._utterance is not None:
            spoken.append(self._close_utterance(()))
        self._discard_recognizer()
        if self._replacements_left:
            self._replacements_left -= 1
            advice = "Some words may be missing. Recognition starts again with the next sound; listen closely yourself."
        else:
            self._deaf = True
            advice = "Words are no longer recognized in this call: no alerts will come. Listen for red flags yourself."
        if isinstance(error, VoiceTriageError):
            advice = f"{advice} ({error})"
        spoken.append(StageFailed(self._heard_to_s, "recognizer", code_of(error), advice))
        return spoken

    def _discard_recognizer(self) -> None:
        recognizer, self._recognizer = self._recognizer, None
        if recognizer is None:
            return
        try:
            recognizer.close()
        except Exception as error:  # noqa: BLE001 - it has failed already, and that is reported
            log.error("a failed recognizer could not be closed: %s", where(error))


class Ears:
    """Both sides' ears and the client's line level: what the recognizer's thread owns."""

    def __init__(self, new_recognizer: RecognizerFactory, *, keep_sound: bool = False) -> None:
        """``keep_sound``: the client's sound is kept and cut into stretches for a second hearing."""
        self._new_recognizer = new_recognizer
        self._numbers = itertools.count()
        self._stretches = Stretches(self._numbers) if keep_sound else None
        self._ears: dict[Side, Ear] = {}
        self._line = LineLevel()
        self._line_watch = LineWatch()
        self._failures: set[str] = set()

    def take(self, sound: Block | Gap) -> list[Event]:
        """Events that a piece of sound brings; a fault of our own is one of them, reported once."""
        events: list[Event] = []
        for step in (self._level, self._words):  # each guarded: without a level there are still words
            try:
                events += step(sound)
            except Exception as error:  # noqa: BLE001 - becomes a visible event
                events += self._failed(sound.start_s, error)
        return events

    def end(self) -> list[Event]:
        """Last words of all sides."""
        events: list[Event] = []
        for ear in self._ears.values():
            try:
                events += ear.end()
                ear.close()
            except Exception as error:  # noqa: BLE001 - becomes a visible event
                events += self._failed(0.0, error)
        return events

    def take_stretches(self) -> list[Stretch]:
        """What is to be heard a second time, since this was last asked."""
        return [] if self._stretches is None else self._stretches.take()

    def _level(self, sound: Block | Gap) -> list[Event]:
        if sound.side is not Side.CLIENT:
            return []
        if isinstance(sound, Gap):
            self._line.restart()
            self._line_watch.restart()
            return []
        change = self._line.process(sound)
        news = self._line_watch.process(sound.end_s, change)
        return [event for event in (change, news) if event is not None]

    def _words(self, sound: Block | Gap) -> list[Event]:
        ear = self._ear(sound.side)
        return list(ear.miss(sound) if isinstance(sound, Gap) else ear.hear(sound))

    def _ear(self, side: Side) -> Ear:
        if side not in self._ears:
            stretches = self._stretches if side is Side.CLIENT else None
            self._ears[side] = Ear(side, self._new_recognizer, self._numbers, stretches=stretches)
        return self._ears[side]

    def _failed(self, at_s: float, error: Exception) -> list[Event]:
        log.error("hearing failed: %s", where(error))
        if code_of(error) in self._failures:
            return []
        self._failures.add(code_of(error))
        advice = "Some sound could not be heard. Go by what you hear yourself, and report the code to your support."
        return [StageFailed(at_s, "recognizer", code_of(error), advice)]


def _follows(last: Block, block: Block) -> bool:
    return block.rate_hz == last.rate_hz and abs(block.start_s - last.end_s) <= LARGEST_SLIP_S


def text_of(words: tuple[Word, ...]) -> str:
    """Words joined by blanks, as a transcript's text is defined."""
    return " ".join(word.text for word in words)
