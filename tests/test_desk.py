"""Rules of the desk: what it waits for, one call after another, what it tells the console."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.call_fakes import MemoryStore, ScriptedUnderstanding, SoundClock, names, of, one_after_another
from tests.fakes import ScriptedRecognizer, ScriptedSource, final, silent_blocks
from voice_triage.audio.source import AudioSource
from voice_triage.call import Call, CallIdentity
from voice_triage.call_log import CallLog
from voice_triage.desk import Desk, Playing, Waiting
from voice_triage.desk_state import DeskCommand, DeskState, RecognizerState, SourceState
from voice_triage.errors import AudioError, DeskError, ModelError
from voice_triage.events import CallEnded, SourceChanged

NOTHING = Waiting(SourceState.SEARCHING, "Waiting for a headset.")


class Telephone:
    """Everything around a desk: its headsets, one after another, its calls and what the console was told."""

    look_every_s = 0.01

    def __init__(self, *headsets: AudioSource | Waiting | Exception) -> None:
        self.states: list[DeskState] = []
        self.logs: list[CallLog] = []
        self.samples: list[bool] = []
        self.stores: list[MemoryStore] = []
        self.by_hand: list[AudioSource] = []
        """What listening by hand gives."""
        self._headsets = list(headsets)

    def desk(self, *, notice: str = "", load: Callable[[], object] | None = None) -> Desk:
        """A desk with all this."""

        def loaded() -> Callable[..., tuple[Call, CallLog]]:
            if load is not None:
                load()
            return self.new_call

        return Desk(
            loaded, self._look, self.states.append, listen=self._listen, notice=notice, look_every_s=self.look_every_s
        )

    def wait_for(self, state: SourceState) -> None:
        """Until the console was told of this state."""
        while not any(told.source_state is state for told in list(self.states)):
            time.sleep(0.005)

    def wait_for_commands(self, *commands: DeskCommand) -> None:
        """Until exactly these can be given."""
        while not self.states or self.states[-1].commands != commands:
            time.sleep(0.005)

    def _listen(self) -> None:
        if not self.by_hand:
            raise AudioError("There is no headset yet. Connect one, then try again.")
        self._headsets.insert(0, self.by_hand.pop(0))

    def _look(self) -> AudioSource | Waiting:
        found = self._headsets.pop(0) if self._headsets else NOTHING
        if isinstance(found, Exception):
            raise found
        return found

    def new_call(self, source: AudioSource, *, sample: bool, named: str) -> tuple[Call, CallLog]:
        """The next call."""
        name = f"c-{len(self.logs) + 1}"
        self.stores.append(MemoryStore())
        log = CallLog(name, store=self.stores[-1])
        self.logs.append(log)
        self.samples.append(sample)
        recognizer = ScriptedRecognizer([(0.1, final("my dog"))])
        understanding = ScriptedUnderstanding()
        identity = CallIdentity(name, named, sample)
        return Call(identity, source, one_after_another([recognizer]), understanding, log, SoundClock()), log


@contextmanager
def running(desk: Desk, playing: Playing | None = None) -> Iterator[threading.Thread]:
    """The desk on a thread of its own; stopped at the end, which must not take long."""
    thread = threading.Thread(target=desk.run, args=(playing,))
    thread.start()
    try:
        yield thread
    finally:
        desk.stop()
        thread.join(10)
    assert not thread.is_alive()


def test_a_desk_without_a_headset_waits_and_says_for_what() -> None:
    """Nothing to hear is a state with words, not an error and not an end."""
    telephone = Telephone()
    with running(telephone.desk()) as thread:
        telephone.wait_for(SourceState.SEARCHING)
        while telephone.states[-1].recognizer_state is not RecognizerState.READY:
            time.sleep(0.005)
        assert thread.is_alive()
    assert telephone.states[-1].detail == "Waiting for a headset."
    assert telephone.logs == []


def test_calls_are_run_one_after_another() -> None:
    """When a call ends the next one begins, each with a log of its own."""
    sources = [ScriptedSource(silent_blocks(0.5), name=f"headset {number}") for number in (1, 2)]
    telephone = Telephone(*sources)
    with running(telephone.desk()):
        while len(telephone.logs) < 2 or len(telephone.logs[1].events()) < 3:
            time.sleep(0.005)
    assert [names(logged.event for logged in log.events()) for log in telephone.logs] == [
        ["CallStarted", "FinalTranscript", "CallEnded"]
    ] * 2
    heard = [told.source for told in telephone.states if told.source_state is SourceState.LISTENING]
    assert heard == ["headset 1", "headset 2"]


def test_the_sample_is_shown_as_one_and_then_the_desk_waits() -> None:
    """The console is told that a sample plays; after it the desk waits for a headset."""
    telephone = Telephone()
    playing = Playing(ScriptedSource(silent_blocks(0.5)), "sample", sample=True)
    with running(telephone.desk(), playing):
        telephone.wait_for(SourceState.SAMPLE)
        while telephone.states[-1].source_state is not SourceState.SEARCHING:
            time.sleep(0.005)
    sample = next(told for told in telephone.states if told.source_state is SourceState.SAMPLE)
    assert (sample.source, telephone.samples) == ("sample", [True])
    assert "not a real client" in sample.detail


def test_a_desk_that_only_plays_ends_by_itself() -> None:
    """Without anything to wait for, run returns the log of what was played."""
    telephone = Telephone()
    log = telephone.desk().run(Playing(ScriptedSource(silent_blocks(0.5)), "a.wav"), then_wait=False)
    assert log is telephone.logs[0]
    assert names(logged.event for logged in log.events())[-1] == "CallEnded"


def test_a_headset_without_a_call_is_shown_by_its_name() -> None:
    """That the right headset was found can be read before the first call."""
    telephone = Telephone(Waiting(SourceState.WAITING, "No call.", "Jabra"), ScriptedSource(silent_blocks(0.5)))
    with running(telephone.desk()):
        telephone.wait_for(SourceState.LISTENING)
    waited = next(told for told in telephone.states if told.source_state is SourceState.WAITING)
    assert (waited.source, waited.detail) == ("Jabra", "No call.")


def test_stopping_ends_the_running_call_cleanly() -> None:
    """The call in progress gets its last words and its end, and no further call begins."""
    telephone = Telephone(ScriptedSource(silent_blocks(0.5), hold=True), ScriptedSource(silent_blocks(0.5)))
    desk = telephone.desk()
    with running(desk):
        while not telephone.logs or len(telephone.logs[0].events()) < 2:
            time.sleep(0.005)
    assert len(telephone.logs) == 1
    assert names(logged.event for logged in telephone.logs[0].events()) == [
        "CallStarted",
        "FinalTranscript",
        "CallEnded",
    ]


def test_stopping_while_the_engine_loads_begins_no_call() -> None:
    """Ctrl-C in the first second ends the desk without a call having been."""
    telephone = Telephone(ScriptedSource(silent_blocks(0.5)))
    desks: list[Desk] = []
    desks.append(telephone.desk(load=lambda: desks[0].stop()))  # noqa: PLW0108 - it is not there yet
    assert desks[0].run(Playing(ScriptedSource(silent_blocks(0.5)), "a.wav")) is None
    assert telephone.logs == []


def test_an_engine_that_does_not_load_is_shown_before_it_ends_the_desk() -> None:
    """The console says what to do; whoever runs the desk gets the error; the source is freed."""

    def load() -> None:
        raise ModelError("The model is damaged. Run voice-triage models fetch.")

    telephone = Telephone()
    source = ScriptedSource(silent_blocks(0.5))
    with pytest.raises(ModelError):
        telephone.desk(load=load).run(Playing(source, "a.wav"))
    last = telephone.states[-1]
    assert (last.recognizer_state, last.source_state) == (RecognizerState.FAILED, SourceState.FAILED)
    assert "models fetch" in last.detail
    assert source.closed


def test_trouble_with_a_headset_is_shown_and_it_is_looked_for_again() -> None:
    """A headset that cannot be opened is no reason to stop waiting for one that can."""
    telephone = Telephone(
        AudioError("The sound service does not answer. Restart it."), ScriptedSource(silent_blocks(0.5))
    )
    with running(telephone.desk()):
        telephone.wait_for(SourceState.FAILED)
        telephone.wait_for(SourceState.LISTENING)
    failed = next(told for told in telephone.states if told.source_state is SourceState.FAILED)
    assert "Restart it." in failed.detail


def test_a_notice_stays_before_every_word_to_the_csr() -> None:
    """That calls are not kept is not a message that the next one wipes away."""
    telephone = Telephone()
    telephone.desk(notice="Calls are not kept.").run(Playing(ScriptedSource([]), "a.wav"), then_wait=False)
    assert len(telephone.states) >= 2
    assert all(told.detail.startswith("Calls are not kept.") for told in telephone.states)


# --- what the CSR asks for ------------------------------------------------------------------------------------------

LISTEN, PAUSE, RESUME, STOP, END_WALK_IN, NOT_CLIENT = DeskCommand
READY = Waiting(SourceState.WAITING, "No call.", "Jabra")


class PausableSource(ScriptedSource):
    """A headset's call, which goes on until it is stopped."""

    def __init__(self) -> None:
        super().__init__(silent_blocks(0.5), name="Jabra", hold=True)
        self.pauses: list[bool] = []

    def pause(self) -> None:
        self.pauses.append(True)

    def resume(self) -> None:
        self.pauses.append(False)


def ends(telephone: Telephone, count: int) -> None:
    """Wait until so many calls have ended."""
    while sum(isinstance(last(log), CallEnded) or log.discarded for log in telephone.logs) < count:
        time.sleep(0.005)


def last(log: CallLog) -> object:
    """A log's newest event."""
    return log.events()[-1].event if log.events() else None


def test_a_call_is_begun_by_hand_at_once() -> None:
    """Without waiting for the next look; where there is no headset, the reason is told."""
    telephone = Telephone(READY)
    telephone.look_every_s = 60.0
    with running(desk := telephone.desk()):
        telephone.wait_for_commands(LISTEN)
        with pytest.raises(AudioError, match="Connect one"):
            desk.command(LISTEN)
        telephone.by_hand.append(ScriptedSource(silent_blocks(0.5), name="Jabra"))
        desk.command(LISTEN)
        ends(telephone, 1)


def test_a_pause_is_in_the_log_and_on_the_page_and_goes_to_the_headset() -> None:
    """So are its end, and that the sound was interrupted before it and came back."""
    source = PausableSource()
    telephone = Telephone(source)
    with running(desk := telephone.desk()):
        telephone.wait_for_commands(PAUSE, STOP, NOT_CLIENT)
        for trouble in ("The headset is gone.", "The headset is gone.", ""):
            desk.sound_is(trouble)
        desk.command(PAUSE)
        assert telephone.states[-1].source_state is SourceState.PAUSED
        desk.sound_is("Listening is paused.")
        with pytest.raises(DeskError):
            desk.command(PAUSE)
        telephone.wait_for_commands(RESUME, STOP, NOT_CLIENT)
        desk.command(RESUME)
        desk.command(STOP)
        ends(telephone, 1)
    assert source.pauses == [True, False]
    log = [logged.event for logged in telephone.logs[0].events()]
    assert [each.state for each in of(SourceChanged, log)] == ["gap", "listening", "paused", "listening"]
    assert SourceState.INTERRUPTED in [told.source_state for told in telephone.states]
    assert isinstance(log[-1], CallEnded)


def test_stopping_a_call_by_hand_keeps_it_and_the_next_one_is_heard() -> None:
    """What was said until then is still understood."""
    telephone = Telephone(PausableSource(), PausableSource())
    with running(desk := telephone.desk()):
        while not telephone.logs or len(telephone.logs[0].events()) < 2:
            time.sleep(0.005)
        desk.command(STOP)
        while len(telephone.logs) < 2:
            time.sleep(0.005)
    assert names(logged.event for logged in telephone.stores[0].kept) == ["CallStarted", "FinalTranscript", "CallEnded"]


def test_no_clients_call_is_forgotten_while_it_goes_on() -> None:
    """It is not listened to any longer, and nothing of it is kept anywhere."""
    telephone = Telephone(source := PausableSource())
    with running(desk := telephone.desk()):
        telephone.wait_for_commands(PAUSE, STOP, NOT_CLIENT)
        desk.command(NOT_CLIENT)
        while not source.closed:
            time.sleep(0.005)
        telephone.wait_for_commands()
    assert (telephone.logs[0].events(), telephone.stores[0].kept) == ([], [])


def test_no_clients_call_is_forgotten_after_it_has_ended() -> None:
    """Until the next one begins; of that one, nothing was said."""
    telephone = Telephone(ScriptedSource(silent_blocks(0.5)))
    with running(desk := telephone.desk()):
        telephone.wait_for_commands(NOT_CLIENT)
        telephone.stores[0].full = True
        with pytest.raises(DeskError, match=r"could not be deleted\..*Make room"):
            desk.command(NOT_CLIENT)
        telephone.stores[0].full = False
        desk.command(NOT_CLIENT)
        telephone.wait_for_commands()
        with pytest.raises(DeskError):
            desk.command(NOT_CLIENT)
    assert telephone.stores[0].kept == []


def test_a_call_that_cannot_be_deleted_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """At the desk, until the next call: someone has to act."""
    telephone = Telephone(PausableSource())
    with running(desk := telephone.desk()):
        telephone.wait_for_commands(PAUSE, STOP, NOT_CLIENT)
        telephone.stores[0].full = True
        desk.command(NOT_CLIENT)
        while "could not be deleted" not in telephone.states[-1].detail:
            time.sleep(0.005)
    assert "Make room." in telephone.states[-1].detail


def test_what_cannot_be_asked_for_is_refused() -> None:
    """With the reason; a sample is not kept, so it need not be forgotten, and a file cannot be paused."""
    telephone = Telephone()
    playing = Playing(ScriptedSource(silent_blocks(0.5), hold=True), "sample", sample=True)
    with running(desk := telephone.desk(), playing):
        telephone.wait_for_commands(STOP)
        for command in (PAUSE, RESUME, NOT_CLIENT, LISTEN):
            with pytest.raises(DeskError):
                desk.command(command)
        desk.command(STOP)
        telephone.wait_for_commands()
        with pytest.raises(DeskError, match="no call"):
            desk.command(STOP)
