"""Puts the real parts together. The one place that knows every adapter; commands and the desk get them here."""

from __future__ import annotations

import gc
import logging
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from voice_triage import models_in_force, resources
from voice_triage.audio.headset_source import Ways, Wishes
from voice_triage.audio.source import AudioSource
from voice_triage.audio.wav import WavSource
from voice_triage.call import Call, CallIdentity
from voice_triage.call_log import CallLog, Follower, Listener
from voice_triage.call_parts import Understanding
from voice_triage.clock import AudioClock, RealTimeClock
from voice_triage.errors import LexiconError, ModelError, RecognizerError, StoreError
from voice_triage.events import Block, CallStarted, Logged, Side, StageFailed
from voice_triage.expected_speech import expected_speech, speech_hash
from voice_triage.hearing_in_force import Hearing, HearingInForce, prepare_apart
from voice_triage.keeping import Keeping
from voice_triage.second_hearing import TOO_SLOW_S, AtOnce, HearingQueue, SecondHearing
from voice_triage.settings import Settings
from voice_triage.speech.adaptation import DomainText, Step
from voice_triage.speech.adapted_models import AdaptedModel
from voice_triage.speech.careful import CarefulEar
from voice_triage.speech.model_files import ModelInForce
from voice_triage.store.calls import CallStore, LogKeeper
from voice_triage.store.refusing_store import RefusingStore
from voice_triage.walk_in import WalkIn

if TYPE_CHECKING:
    from voice_triage.audio.recording import Recorder, RecordingFiles
    from voice_triage.playback import KeptSound
    from voice_triage.store.master_key import Keyring
    from voice_triage.store.sql_calls import SqlCallStore
    from voice_triage.triage.lexicon import Lexicon
    from voice_triage.triage.lexicon_in_force import LexiconInForce

SAMPLE_SOURCE = "sample"
TRIAL_S = 8.0
"""So much of the sample call tells how fast the careful ear is here."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Engine:
    """What all calls of a process share: the recognizer's model in memory and the lexicon in force."""

    hearing: HearingInForce
    lexicons: LexiconInForce
    record: bool = True
    """Whether kept calls are recorded."""
    second: SecondHearing | None = None
    """The careful ear, if there is one."""

    def call(  # noqa: PLR0913 - a call's parts, each given once, by the desk
        self,
        source: AudioSource,
        call: str,
        *,
        live: bool,
        named: str = "",
        sample: bool = False,
        csr: str = "",
        store: LogKeeper | None = None,
        consent: Follower | None = None,
        listeners: Iterable[Listener] = (),
    ) -> tuple[Call, CallLog]:
        """A call over ``source``, not yet begun, and its log. ``live``: the sound comes in real time.

        It is read by the lexicon as it stands now, and heard with what is ready; what is wrong with either is told in
        the call.
        """
        from voice_triage.guidance.guide import Guide, guidance_for
        from voice_triage.triage.two_hearings import TwoHearings

        lexicon, complaint = self.lexicons.current()
        clock = RealTimeClock() if live else AudioClock()
        log = CallLog(
            call,
            store=store,
            listeners=listeners,
            follower=Guide(guidance_for(lexicon)).follow,
            consent=consent,
            now=(lambda: clock.ready(0.0, 0.0, 0.0)) if live else None,
        )
        hearing, deaf = self.hearing.current()
        lexical = (StageFailed(0.0, "lexicon", LexiconError.code, complaint),) if complaint else ()
        notices = (*lexical, *((StageFailed(0.0, "recognizer", ModelError.code, deaf),) if deaf else ()))
        second = self.second if self.second is not None and self.second.on else None
        model = hearing.label if second is None else f"{hearing.label} + {second.name}"
        identity = CallIdentity(call, named, sample, lexicon.label, model, notices, csr)
        recording = recorder(store, call, log) if self.record else None
        understanding = TwoHearings(lexicon)
        heard = Call(
            identity, source, hearing.new_recognizer, understanding, log, clock, recording=recording, second=second
        )
        return heard, log

    def walk_in(
        self, call: str, *, csr: str = "", store: CallStore | None = None, listeners: Iterable[Listener] = ()
    ) -> WalkIn:
        """A walk-in, not yet begun, with the same next questions as a call."""
        from voice_triage.guidance.guide import Guide, guidance_for

        lexicon, _ = self.lexicons.current()
        follower = Guide(guidance_for(lexicon)).follow
        return WalkIn(call, lexicon=lexicon.label, csr=csr, store=store, listeners=listeners, follower=follower)

    def resumed(
        self, kept: Sequence[Logged], *, store: LogKeeper | None = None, listeners: Iterable[Listener] = ()
    ) -> CallLog:
        """The log of a kept call, to be gone on with by the CSR; its time is the wall clock since it began."""
        from voice_triage.guidance.guide import Guide, guidance_for

        lexicon, _ = self.lexicons.current()
        follower = Guide(guidance_for(lexicon)).follow
        return CallLog.resumed(kept, store=store, listeners=listeners, follower=follower, now=lambda: since(kept))

    def signs(self) -> Mapping[str, str]:
        """The lexicon's signs that matter when they are denied: concept to label."""
        concepts = self.lexicons.known.concepts.values()
        return {each.id: each.label for each in concepts if each.kind == "finding" and each.category and each.label}

    def close(self) -> None:
        """Give up what is being made for later calls. Idempotent."""
        self.hearing.close()


def adapt_model(
    settings: Settings, progress: Callable[[Step], None], *, force: bool = False
) -> tuple[AdaptedModel, bool]:
    """Make the model adapted to the lexicon as it is now; whether it had to be made. About ten seconds.

    Raises ModelError and LexiconError.
    """
    from voice_triage.speech.vocabulary import read_vocabulary

    models = models_in_force.adapted_models(settings)

    def text() -> DomainText:
        lexicon = load_lexicon(settings)
        return expected_speech(settings, lexicon, read_vocabulary(models.original.folder))

    return models.make(
        speech_hash(settings), text, models_in_force.adaptation_settings(settings), progress, force=force
    )


def load_lexicon(settings: Settings, *, remember: bool = True) -> Lexicon:
    """The lexicon in force. ``remember`` keeps its compiled form for the next time. Raises LexiconError."""
    from voice_triage.triage import lexicon

    return lexicon.load(settings.lexicons_in_force, settings.data_dir / "cache" if remember else None)


def load_engine(settings: Settings, second: SecondHearing | None = None, *, follow: bool = False) -> Engine:
    """Load model and lexicon (a second or two). Raises ModelError, RecognizerError and LexiconError.

    ``second`` hears finished utterances again. With ``follow`` the recognizer is adapted in the background, now and
    whenever the lexicon changes; the engine is to be closed then.
    """
    from voice_triage.speech.vosk_recognizer import VoskModel, VoskRecognizer
    from voice_triage.triage.lexicon_in_force import LexiconInForce

    def load(in_force: ModelInForce) -> Hearing:
        model = VoskModel(in_force.folder)
        return Hearing(lambda: VoskRecognizer(model), f"{model.name} {in_force.digest[:12]}")

    lexicons = LexiconInForce(lambda: settings.lexicons_in_force, settings.data_dir / "cache", make_ready)
    hearing = HearingInForce(
        lambda: models_in_force.chosen_model(settings),
        load,
        (lambda stopped: prepare_apart(settings, stopped)) if follow else None,
        lambda: models_in_force.checked_model(settings),
    )
    return Engine(hearing, lexicons, settings.record, second)


def load_careful_ear(settings: Settings, *, threads: int = 1) -> CarefulEar:
    """Load the careful ear (two seconds, 330 MB). Raises ModelError and RecognizerError."""
    from voice_triage.speech.whisper_ear import WhisperEar

    return WhisperEar(models_in_force.checked_careful(settings).folder, threads=threads)


def careful_trial_s(ear: CarefulEar) -> float:
    """Seconds in which this computer hears an utterance again: the beginning of the sample call. Raises AudioError."""
    from voice_triage.audio.resample import Resampler

    resampler = Resampler()
    pieces: list[Block] = []
    for sound in WavSource(resources.sample_audio(), block_ms=1000):
        if not isinstance(sound, Block) or sound.start_s >= TRIAL_S:
            break
        pieces.append(resampler.process(sound))
    samples = np.concatenate([piece.samples for piece in pieces])
    cpu_s, wall_s = time.process_time(), time.monotonic()
    ear.rehear(samples, 0.0)
    return min(time.process_time() - cpu_s, time.monotonic() - wall_s)


def hearing_at_once(settings: Settings) -> SecondHearing | None:
    """The careful ear for recordings; None if it is off, or ``auto`` and its model is not there.

    Raises ModelError if it is ``on`` without its model, and RecognizerError.
    """
    if settings.careful_ear == "off" or (settings.careful_ear == "auto" and why_not_careful(settings)):
        return None
    return AtOnce(load_careful_ear(settings))


def hearing_queue(settings: Settings, tell: Callable[[str], None]) -> HearingQueue | None:
    """The careful ear for live calls, still loading; None if it is off or its model is not there.

    ``tell`` gets one sentence for the CSR if calls are heard once and that was not asked for.
    """
    if settings.careful_ear == "off":
        return None
    if why := why_not_careful(settings):
        tell(why)
        return None
    auto = settings.careful_ear == "auto"

    def load() -> CarefulEar:
        ear = load_careful_ear(settings, threads=min(2, os.cpu_count() or 1))
        if auto and (took_s := careful_trial_s(ear)) > TOO_SLOW_S:
            ear.close()
            raise RecognizerError(
                f"This computer takes {took_s:.0f} seconds to hear a sentence a second time, which is too slow. Set "
                "careful_ear to on to have it done all the same, or to off."
            )
        return ear

    return HearingQueue(load, settings.careful_model, only_if_fast=auto, tell=tell)


def why_not_careful(settings: Settings) -> str:
    """Why the careful ear's model cannot be loaded, and what to do; empty if it can."""
    try:
        models_in_force.checked_careful(settings)
    except ModelError as error:
        return f"Calls are heard once, with more wrong words: {error}"
    return ""


def load_understanding(settings: Settings) -> tuple[Callable[[], Understanding], Lexicon]:
    """What makes the reader of one call's transcripts, and the lexicon it reads by. Raises LexiconError."""
    from voice_triage.triage.state import CallUnderstanding

    lexicon = load_lexicon(settings)
    make_ready(lexicon)
    return (lambda: CallUnderstanding(lexicon)), lexicon


def make_ready(lexicon: Lexicon) -> None:
    """Builds all that reading needs, and takes what is in memory by now out of the garbage collector's rounds.

    A lexicon is 100,000 objects that stay: a full collection looks at every one and would hold the transcript that
    happens to set it off for 0.15 s or more, in the midst of a call. What is frozen is still freed when the last use
    of it ends.
    """
    from voice_triage.guidance.guide import guidance_for
    from voice_triage.triage.state import CallUnderstanding

    CallUnderstanding(lexicon)
    guidance_for(lexicon)
    gc.collect()
    gc.freeze()


def open_store(settings: Settings) -> SqlCallStore:
    """The kept calls, in the data folder, which is made if need be. Raises StoreError."""
    from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore

    return SqlCallStore(settings.data_dir / FILE_NAME, keyring=keyring(settings))


def keyring(settings: Settings) -> Keyring | None:
    """Where the master key may be kept, beside a file. Raises StoreError if a keyring is wanted and there is none."""
    if settings.key_place == "file":
        return None
    from voice_triage.store.system_keyring import system_keyring

    ours = system_keyring()
    if ours is None and settings.key_place == "keyring":
        raise StoreError(
            "There is no system keyring to keep the key of calls in. Install one (GNOME Keyring, KWallet), or set "
            "VOICE_TRIAGE_KEY_PLACE to auto or file."
        )
    return ours


def open_kept(settings: Settings) -> SqlCallStore | None:
    """The kept calls, to be read; None if nothing was ever kept here, which reading must not change."""
    from voice_triage.store.call_folders import FOLDER_NAME
    from voice_triage.store.sql_calls import FILE_NAME

    kept = any((settings.data_dir / name).exists() for name in (FILE_NAME, FOLDER_NAME))
    return open_store(settings) if kept else None


def recording_files(store: LogKeeper | None, call: str) -> RecordingFiles | None:
    """Where a call's sound is kept; None if it is not."""
    from voice_triage.store.recording_files import SideRecording
    from voice_triage.store.sql_calls import SqlCallStore

    if isinstance(store, Keeping):
        return None if store.sound is None else store.begin
    if not isinstance(store, SqlCallStore):
        return None
    folders = store.folders
    return lambda side, first: SideRecording(folders, call, side, first)


def recorder(store: LogKeeper | None, call: str, log: CallLog) -> Recorder | None:
    """What records a call into its folder; None if the call is not kept."""
    from voice_triage.audio.recording import Recorder

    def tell(failure: StageFailed) -> None:
        log.append(failure)

    files = recording_files(store, call)
    return None if files is None else Recorder(files, tell)


def sounds(store: CallStore) -> Callable[[str, Side], KeptSound] | None:
    """What opens kept calls' sound, if the store keeps any."""
    from voice_triage.playback import KeptSound
    from voice_triage.store.sql_calls import SqlCallStore

    if not isinstance(store, SqlCallStore):
        return None
    folders = store.folders
    return lambda call, side: KeptSound(folders, call, side)


def open_store_if_possible(settings: Settings) -> tuple[CallStore, str]:
    """The kept calls for a desk that must work without them too, and a sentence for the CSR, mostly empty.

    A store that cannot be opened is replaced by one that refuses everything, so that every call says it is not kept.
    """
    try:
        store = open_store(settings)
    except StoreError as error:
        return RefusingStore(error), f"Calls are not kept: {error}"
    try:
        interrupted = store.recover()
    except StoreError as error:
        return store, f"Earlier calls could not be looked through: {error}"
    if interrupted:
        log.warning("%d call(s) were interrupted; what was heard is kept: voice-triage calls list", len(interrupted))
    return store, store.notice or ""


def file_source(path: Path, settings: Settings, *, realtime: bool) -> AudioSource:
    """A sound file as a source. Raises AudioError."""
    return WavSource(path, realtime=realtime, block_ms=settings.chunk_ms)


def headset_ways() -> Ways:
    """How this system's headsets are reached; what it needs is loaded, and missed, when they first are."""
    if sys.platform == "win32":
        from voice_triage.audio.windows import windows_ways

        return windows_ways()
    if sys.platform == "darwin":
        from voice_triage.audio.mac import mac_ways

        return mac_ways()
    from voice_triage.audio.linux import linux_ways

    return linux_ways()


def headset_wishes(settings: Settings) -> Wishes:
    """What of the headset is to be heard."""
    return Wishes(settings.headset, settings.own_side, settings.one_program)


def since(kept: Sequence[Logged]) -> float:
    """Seconds since a kept call began, by the wall clock."""
    started = kept[0].event
    assert isinstance(started, CallStarted)
    return max(0.0, (datetime.now().astimezone() - datetime.fromisoformat(started.started_at)).total_seconds())


def new_call_id() -> str:
    """Id of a call that begins now: local time, so that people find it, and something to tell two desks apart."""
    return f"{datetime.now().astimezone():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
