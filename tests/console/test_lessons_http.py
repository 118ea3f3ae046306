"""The teaching library: open to all who work here, only what is in it, and no answer before the learner ended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.console.clinic_people import PEOPLE, ClinicPeople, clinic_people
from tests.review.recorded import record_tones
from tests.review.reviewed_calls import dismissed, kept_call
from tests.store.logs import running
from voice_triage.audit_trail import AuditKind
from voice_triage.events import FlagJudged, MissMarked, ReviewNoted, Side, TeachingMarked, Verdict

LESSON = "/api/teaching/c"
NOTHING = {"finished": True, "flags": []}


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[ClinicPeople]:
    """A reviewed call in the library, whose client said her name, and one that is not there; both with sound."""
    with clinic_people(tmp_path, kept_sound=True) as clinic:
        for call in ("c", "other"):
            clinic.store.append(kept_call(call, csr="ben", after=dismissed()))
            record_tones(clinic.store, call, Side.CLIENT, [(8.0, 9.0)], 38.0)
        for entry in (
            FlagJudged(0.0, "sue", "urinary", Verdict.RIGHT),
            MissMarked(0.0, "sue", "pain", "", 3, 12, 15, 0.0, 0.0),
            ReviewNoted(0.0, "sue", "asked far too late"),
            TeachingMarked(0.0, "sue", True, "A quiet cat"),
        ):
            clinic.reviews.enter("c", entry)
        yield clinic


@pytest.fixture
def amy(clinic: ClinicPeople) -> Iterator[httpx.Client]:
    """A CSR who did not take either call."""
    client = clinic.signed_in("amy")
    yield client
    client.close()


def test_the_library_lists_titles_lengths_and_days_and_nobody_who_called(amy: httpx.Client) -> None:
    """Neither the client's name nor the pet's, nor the number, nor who took the call."""
    page = amy.get("/teaching").text
    assert "A quiet cat" in page
    assert "0:38 minutes, March 4, 2026" in page
    assert page.count("/teaching/c") == 1
    for private in ("other", "melissa", "oliver", "ben", "urinate", "late"):
        assert private not in page.lower(), private


def test_everybody_who_works_here_may_learn_whosever_call_it_is(clinic: ClinicPeople) -> None:
    """Each role, and the desk itself; nobody else."""
    browsers = [clinic.signed_in(name) for name in PEOPLE]
    for client in (*browsers, clinic.at_the_desk()):
        with closing(client):
            for path in ("/teaching", "/teaching/c", LESSON, f"{LESSON}/client.wav"):
                assert client.get(path).status_code == 200, path
            assert client.post(LESSON, json=NOTHING).status_code == 200
            assert client.get("/api/review/desk").json() == {"on_call": False}
    with closing(clinic.browser()) as nobody:
        assert nobody.get("/teaching/c").status_code == 303
        assert nobody.get(LESSON).status_code == 403
        assert nobody.get(f"{LESSON}/client.wav").status_code == 403
        assert nobody.post(LESSON, json=NOTHING).status_code == 403


def test_a_call_that_is_not_in_the_library_is_no_lesson_for_anybody(clinic: ClinicPeople) -> None:
    """Not its words, not its sound, not its flags: as if it were not there; and so it is once it was taken out."""
    clinic.store.append(running("live", 3))
    for name in ("amy", "ben", "sue"):
        with closing(clinic.signed_in(name)) as client:
            for call in ("other", "live", "no-such-call"):
                assert client.get(f"/teaching/{call}").status_code == 404
                assert client.get(f"/api/teaching/{call}/client.wav").status_code == 404
                assert client.post(f"/api/teaching/{call}", json=NOTHING).status_code == 404
                assert client.get(f"/api/teaching/{call}").status_code == 404
    with closing(clinic.signed_in("amy")) as amy:
        assert amy.get(LESSON).status_code == 200
        clinic.reviews.enter("c", TeachingMarked(1.0, "sue", False))
        for path in ("/teaching/c", LESSON, f"{LESSON}/client.wav"):
            assert amy.get(path).status_code == 404, path
        assert "A quiet cat" not in amy.get("/teaching").text


def test_until_the_learner_has_finished_no_answer_is_sent(amy: httpx.Client) -> None:
    """Words and times; no flag, reason, field, mention, verdict, missed sign, note, nor what the CSR did."""
    told = amy.get(LESSON).json()
    assert told["title"] == "A quiet cat"
    assert {"call", "started_at", "duration_s", "sides", "gaps", "utterances", "title"} == set(told)
    for utterance in told["utterances"]:
        assert set(utterance) == {
            *("utterance", "side", "start_s", "end_s", "heard_by", "outcome", "words", "other"),
        }
    for answer in ("urinary", "nothing comes out", "mention", "last_night", "sue", "late", "dismissed"):
        assert answer not in json.dumps(told), answer
    page = amy.get("/teaching/c").text
    assert "nothing in there" not in page
    attempts: list[dict[str, object]] = [{"flags": []}, {"finished": False, "flags": []}]
    for unfinished in attempts:
        refused = amy.post(LESSON, json=unfinished)
        assert refused.status_code == 422
        assert "hiding" not in refused.text


def test_who_has_finished_is_compared(amy: httpx.Client, clinic: ClinicPeople) -> None:
    """One found, one missed, one beyond; and nothing of it is kept."""
    before = clinic.store.length("c")
    flags = [{"category": "urinary", "at_s": 12.0}, {"category": "toxin", "at_s": 14.5}]
    told = amy.post(LESSON, json={"finished": True, "flags": flags}).json()
    [found], [missed], [extra] = told["found"], told["missed"], told["extra"]
    assert (found["flag"]["category"], found["flag"]["words"], found["at_s"]) == ("urinary", "nothing in there", 12.0)
    assert (found["after_words_s"], found["after_shown_s"]) == (1.0, -1.6)
    assert (missed["category"], missed["words"], missed["source"]) == ("pain", "hiding under the bed", "supervisor")
    assert extra == {"category": "toxin", "at_s": 14.5, "why": "not_in_key"}
    assert clinic.store.length("c") == before


@pytest.mark.parametrize(
    "flags",
    [
        [{"category": "sleepiness", "at_s": 1.0}],
        [{"category": "pain", "at_s": -1.0}],
        [{"category": "pain", "at_s": 1.0, "by": "sue"}],
        [{"category": "pain", "at_s": 1.0}] * 201,
    ],
    ids=["no such flag", "before the call", "more than is asked", "too many"],
)
def test_an_attempt_that_makes_no_sense_is_refused(amy: httpx.Client, flags: object) -> None:
    """422, and no answer in it."""
    assert amy.post(LESSON, json={"finished": True, "flags": flags}).status_code == 422


def test_listening_to_a_lesson_has_its_line_and_comparing_takes_nothing_out(
    amy: httpx.Client, clinic: ClinicPeople
) -> None:
    """One line for one listening, in the learner's name; where none can be written, nothing is heard."""
    part = {"range": "bytes=0-43"}
    for _ in range(2):
        assert amy.get(f"{LESSON}/client.wav", headers=part).status_code == 206
    assert clinic.trail.of(AuditKind.PLAY) == [("amy", {"side": "client"})]
    amy.post(LESSON, json=NOTHING)
    assert clinic.trail.of(AuditKind.EXPORT) == []
    assert amy.get(f"{LESSON}/own.wav").status_code == 404
    with closing(clinic.signed_in("ben")) as ben:
        clinic.trail.full = True
        assert ben.get(f"{LESSON}/client.wav").status_code == 503


def test_a_title_is_text_and_nothing_else(clinic: ClinicPeople, amy: httpx.Client) -> None:
    """Markup that a supervisor types is shown, not run."""
    clinic.reviews.enter("c", TeachingMarked(1.0, "sue", True, "<b>loud</b>"))
    assert "&lt;b&gt;loud" in amy.get("/teaching").text
