"""Card data in whole calls: what is heard, understood, recorded and kept, with scripted ears and the real rest."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.call_fakes import SteppedSource, of, one_after_another
from tests.careful_fakes import ScriptedEar, ScriptedHearing
from tests.fakes import ScriptedRecognizer, final, partial
from tests.kept_words import number_words, plain_bytes
from voice_triage import bootstrap
from voice_triage.call import Call, CallIdentity
from voice_triage.call_export import export_call
from voice_triage.call_log import CallLog
from voice_triage.card_data.marks import CARD_REMOVED, NUMBER_HELD
from voice_triage.clock import AudioClock
from voice_triage.events import (
    Block,
    CallEnded,
    Event,
    FieldSuggested,
    FinalTranscript,
    FlagRaised,
    NoteTyped,
    PartialTranscript,
    Side,
    StageFailed,
    UtteranceReheard,
    Word,
)
from voice_triage.hand_off import hand_off_of, hand_off_text
from voice_triage.playback import KeptSound
from voice_triage.settings import Settings
from voice_triage.speech.recognizer import SAMPLE_RATE_HZ, Heard
from voice_triage.store.sql_calls import SqlCallStore
from voice_triage.triage.lexicon import Lexicon
from voice_triage.triage.two_hearings import TwoHearings

RATE = SAMPLE_RATE_HZ
Script = Sequence[tuple[float, str]]
"""When an utterance's first word begins, and its words, 0.3 s each."""


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    """The real one."""
    from voice_triage.settings import load_settings

    return bootstrap.load_lexicon(load_settings())


def noise(seconds: float, side: Side, script: Script = ()) -> list[Block]:
    """Sound that is nowhere zero, loud where words are, in blocks of a tenth of a second."""
    samples = np.random.default_rng(len(side)).integers(1, 60, round(seconds * RATE)).astype(np.int16)
    for start_s, text in script:
        samples[round(start_s * RATE) : round((start_s + 0.3 * len(text.split())) * RATE)] *= 100
    step = RATE // 10
    return [Block(side, at / RATE, samples[at : at + step], RATE) for at in range(0, len(samples), step)]


def ear(script: Script) -> ScriptedRecognizer:
    """Hears each word in a partial when it is over, and the utterance half a second after its last word."""
    heard: list[tuple[float, Heard | Exception]] = []
    for start_s, text in script:
        words = text.split()
        heard += [
            (start_s + count * 0.3 + 0.2, partial(" ".join(words[:count]), start_s))
            for count in range(1, len(words) + 1)
        ]
        heard.append((closed_s(start_s, text), final(text, start_s)))
    return ScriptedRecognizer(heard)


def closed_s(start_s: float, text: str) -> float:
    """When :func:`ear` closes an utterance: at the end of a block."""
    return math.ceil(round((start_s + len(text.split()) * 0.3 + 0.5) * 10, 6)) / 10


def heard_again(client: Script, texts: Iterable[str], compute_s: float) -> ScriptedHearing:
    """A second hearing of the client's utterances, in order."""
    ends = [closed_s(start_s, text) for start_s, text in client]
    return ScriptedHearing(ScriptedEar(dict(zip(ends, texts, strict=True))), compute_s)


class Desk:
    """One kept call, from scripted ears to the disk."""

    def __init__(
        self,
        data_dir: Path,
        lexicon: Lexicon,
        client: Script,
        own: Script = (),
        *,
        careful: ScriptedHearing | None = None,
        seconds: float = 40.0,
    ) -> None:
        self.data_dir = data_dir
        self.shown: list[Event] = []
        with SqlCallStore(data_dir / "calls.sqlite3") as store:
            self.log = CallLog("c-1", store=store, listeners=[lambda logged: self.shown.append(logged.event)])
            sides = [noise(seconds, Side.CLIENT, client), *([noise(seconds, Side.OWN, own)] if own else [])]
            blocks = [block for pair in zip(*sides, strict=True) for block in pair]
            call = Call(
                CallIdentity("c-1", lexicon="l", model="scripted", started_at="2025-06-01T10:15:00+02:00"),
                SteppedSource(blocks),
                one_after_another([ear(client), ear(own)]),
                TwoHearings(lexicon),
                self.log,
                AudioClock(),
                recording=bootstrap.recorder(store, "c-1", self.log),
                second=careful,
            )
            call.run()
            self.kept = [logged.event for logged in store.events("c-1")]

    def text(self) -> str:
        """What stands in the transcript in the end, an utterance a line."""
        last = {event.utterance: event.text for event in of(FinalTranscript, self.kept)}
        return "\n".join(last[index] for index in sorted(last))

    def sound(self, side: Side, start_s: float, end_s: float) -> np.ndarray:
        """Kept samples of that time."""
        with SqlCallStore(self.data_dir / "calls.sqlite3") as store, KeptSound(store.folders, "c-1", side) as kept:
            assert kept.duration_s >= end_s
            return kept.samples(round(start_s * RATE), round((end_s - start_s) * RATE))


CARD = (
    (2.0, "he is limping and my card is"),
    (6.0, "four five three two"),
    (9.0, "one one two two"),
    (12.0, "three three four four five five six six"),
    (17.0, "zero four twenty seven"),
    (20.0, "one two three"),
    (24.0, "his name is rex"),
)


def test_a_card_is_cut_from_words_and_sound_alike(tmp_path: Path, lexicon: Lexicon) -> None:
    """No byte of the data folder holds its digits, its samples are zero on both sides, what is beside it is there."""
    repeats = ((7.6, "four five three two"), (10.6, "one one two two okay"), (18.6, "zero four two seven"))
    desk = Desk(tmp_path, lexicon, CARD, repeats)
    data = plain_bytes(tmp_path)
    assert number_words(data) == []
    assert b"4532" not in data
    assert "he is limping and my card is" in desk.text()
    assert "his name is rex" in desk.text()
    assert desk.text().count(CARD_REMOVED) == 8
    assert NUMBER_HELD not in desk.text()
    for side in Side:
        for start_s, text in (*CARD[1:6], *repeats):
            last_s = start_s + 0.3 * len(text.removesuffix(" okay").split())
            assert not desk.sound(side, start_s - 0.3, last_s + 0.3).any(), (side, text)
        for start_s, end_s in ((0.0, 5.5), (15.0, 16.5), (23.0, 40.0)):
            assert desk.sound(side, start_s, end_s).all()
        with SqlCallStore(tmp_path / "calls.sqlite3") as store, KeptSound(store.folders, "c-1", side) as kept:
            peaks = kept.peaks()
            assert not peaks[round(len(peaks) * 6.1 / 40) : round(len(peaks) * 7.0 / 40)].any()
            assert {each.reason for each in kept.missing()} == {"A card number was removed."}
    assert of(StageFailed, desk.kept) == []


def test_no_page_and_no_paper_holds_a_card(tmp_path: Path, lexicon: Lexicon) -> None:
    """Neither the live page, also while the number is being said, nor exports, hand-off and search."""
    desk = Desk(tmp_path / "data", lexicon, CARD)
    assert of(PartialTranscript, desk.shown)
    assert number_words(repr(desk.shown).encode()) == []
    with SqlCallStore(tmp_path / "data" / "calls.sqlite3") as store:
        list(export_call(store, "c-1", tmp_path / "export"))
        assert number_words(hand_off_text(hand_off_of(store.events("c-1"))).encode()) == []
    for path in (tmp_path / "export").iterdir():
        if path.suffix != ".wav":
            assert number_words(path.read_bytes()) == [], path.name


def test_digits_that_nobody_announced_are_held_until_they_are_judged(tmp_path: Path, lexicon: Lexicon) -> None:
    """A card without a word about it never reaches the disk; a telephone number does, in words, field and sound."""
    script = (
        (2.0, "four five three two"),
        (5.0, "um one one two two"),
        (8.0, "three three four four"),
        (11.0, "five five six six"),
        (90.0, "five five five two one two three four five six"),
        (95.0, "he is a labrador"),
    )
    desk = Desk(tmp_path, lexicon, script, seconds=120)
    first = of(FinalTranscript, desk.kept)[0]
    assert first.text == NUMBER_HELD
    assert [line for line in desk.text().splitlines() if "three" not in line][:4].count(CARD_REMOVED) == 3
    assert "five five five two one two three four five six" in desk.text()
    numbers = [event.value for event in of(FieldSuggested, desk.kept) if event.field == "callback_number"]
    assert numbers == ["5552123456"]
    assert desk.sound(Side.CLIENT, 89.0, 96.0).all()
    assert not desk.sound(Side.CLIENT, 1.7, 3.4).any()


def test_a_red_flag_beside_held_digits_is_raised_at_once(tmp_path: Path, lexicon: Lexicon) -> None:
    """Only the writing of digits waits."""
    script = ((2.0, "he is having a seizure right now four five three two"), (30.0, "okay"))
    desk = Desk(tmp_path, lexicon, script)
    raised = next(event for event in of(FlagRaised, desk.kept) if event.category == "neuro")
    assert raised.at_s < 6.0
    assert NUMBER_HELD in of(FinalTranscript, desk.kept)[0].text
    assert desk.text().startswith("he is having a seizure right now four five three two")


def test_the_careful_ear_neither_brings_a_card_back_nor_lets_one_through(tmp_path: Path, lexicon: Lexicon) -> None:
    """What it hears of a card is cut too, also where the first ear understood next to nothing of it."""
    client = (
        (2.0, "my card number is four five three two one one two two"),
        (10.0, "three three floor four fine five six"),
        (20.0, "he has been limping"),
    )
    texts = (
        "my card number is four five three two one one two two",
        "three three four four five five six six",
        "he has been limping since monday",
    )
    careful = heard_again(client, texts, 0.5)
    desk = Desk(tmp_path, lexicon, client, careful=careful)
    again = of(UtteranceReheard, desk.kept)
    assert [CARD_REMOVED in event.text for event in again[:2]] == [True, True]
    assert number_words(plain_bytes(tmp_path)) == []
    assert not desk.sound(Side.CLIENT, 3.0, 5.2).any()
    assert any("monday" in event.text for event in again)


def test_a_card_that_only_the_careful_ear_understands_is_cut_from_the_sound(tmp_path: Path, lexicon: Lexicon) -> None:
    """The writer waits for its answer where digits were heard, so the sound is still there to be cut."""
    client = (
        (2.0, "four fire tree to wander one two to the free four four five five sick six"),
        (20.0, "he is limping"),
    )
    texts = ("four five three two one one two two three three four four five five six six", "he is limping")
    careful = heard_again(client, texts, 3.0)
    desk = Desk(tmp_path, lexicon, client, careful=careful)
    text = json.dumps([repr(event) for event in desk.kept])
    assert number_words(text.encode()) == []
    assert not desk.sound(Side.CLIENT, 2.0, 6.5).any()
    assert of(StageFailed, desk.kept) == []


def test_a_telephone_number_is_let_go_when_both_ears_have_heard_it(tmp_path: Path, lexicon: Lexicon) -> None:
    """Words, field and sound are there in the end."""
    said = "it is five five five two one two three four five six"
    client = ((2.0, said), (20.0, "he is limping"))
    desk = Desk(tmp_path, lexicon, client, careful=heard_again(client, [said, "he is limping"], 2.0))
    assert desk.text().splitlines()[0] == said
    assert {event.utterance: event.text for event in of(UtteranceReheard, desk.kept)}[0] == said
    assert any(event.value == "5552123456" for event in of(FieldSuggested, desk.kept))
    assert desk.sound(Side.CLIENT, 1.0, 7.0).all()


def test_a_call_that_breaks_off_in_a_card_keeps_none_of_it(tmp_path: Path, lexicon: Lexicon) -> None:
    """The caller hangs up in the middle of the number."""
    desk = Desk(tmp_path, lexicon, ((2.0, "he is limping"), (5.0, "visa four five three two one")), seconds=7.4)
    assert isinstance(desk.kept[-1], CallEnded)
    assert number_words(plain_bytes(tmp_path)) == []
    assert not desk.sound(Side.CLIENT, 5.4, 6.8).any()


def test_a_crash_in_the_middle_loses_what_is_held(tmp_path: Path, lexicon: Lexicon) -> None:
    """What was not judged was never written: no digit is in the folder, though no end came."""
    with SqlCallStore(tmp_path / "calls.sqlite3") as store:
        log = CallLog("c-1", store=store)
        seen: list[bool] = []

        def crash() -> None:
            """The disk as it is while the number is being said."""
            seen.append(bool(number_words(b"".join(_records(store)))))

        call = Call(
            CallIdentity("c-1", lexicon="l", model="scripted", started_at="2025-06-01T10:15:00+02:00"),
            SteppedSource([*noise(9.0, Side.CLIENT), crash]),
            one_after_another([ear(((2.0, "four five three two"), (5.0, "one one two two")))]),
            TwoHearings(lexicon),
            log,
            AudioClock(),
            recording=bootstrap.recorder(store, "c-1", log),
        )
        call.run()
        assert seen == [False]


def _records(store: SqlCallStore) -> Iterable[bytes]:
    for file in store.folders.files("c-1", "log"):
        with store.folders.open("c-1", file) as reader:
            yield from reader


def test_what_the_csr_types_is_cut_before_it_is_kept(settings: Settings) -> None:
    """In a walk-in, and in a note on a call that is over; a telephone number stays."""
    with bootstrap.open_store(settings) as store:
        from voice_triage.walk_in import WalkIn

        walk_in = WalkIn("w-1", store=store)
        walk_in.begin()
        walk_in.log.decide(lambda _: NoteTyped(0.0, "visa 4532 1122 3344 5566 exp 04/27 cvv 123, call 555-212-3456"))
        walk_in.end("stopped")
        resumed = CallLog.resumed(store.events("w-1"), store=store)
        resumed.decide(lambda _: NoteTyped(0.0, "again four five three two one one two two three three four four five"))
        resumed.close()
        notes = [event.text for event in of(NoteTyped, [logged.event for logged in store.events("w-1")])]
    assert notes == [f"visa {CARD_REMOVED} call 555-212-3456", f"again {CARD_REMOVED}"]
    data = plain_bytes(settings.data_dir)
    assert b"4532" not in data
    assert number_words(data) == []


class _Faulty:
    """A recording that is told too late."""

    def __init__(self) -> None:
        self.to_s: list[float] = []

    def judged(self, to_s: float) -> None:
        self.to_s.append(to_s)

    def blank(self, start_s: float, end_s: float, reason: str) -> bool:
        return False


def test_a_cut_that_comes_too_late_is_told() -> None:
    """Whoever looks after the calls can delete it."""
    from voice_triage.call_cards import CallCards

    recording = _Faulty()
    cards = CallCards(recording, two_ears=False)
    words = tuple(Word(word, 1.0 + i, 1.5 + i) for i, word in enumerate("card number four five three two".split()))
    cards.take(FinalTranscript(8.0, Side.CLIENT, 0, words, "", 1.0, 6.5))
    told = of(StageFailed, cards.passed(9.0))
    assert [each.code for each in told] == ["too_late"]
    assert of(StageFailed, [*cards.passed(10.0), *cards.end()]) == []
    assert (recording.to_s[0], recording.to_s[-1]) == (0.0, math.inf)
