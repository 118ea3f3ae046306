"""What the supervisor's pages ask for: found, judged, taken out, each with its line in the audit trail."""

from __future__ import annotations

import csv
import io
import wave
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.console.clinic_people import ClinicPeople, clinic_people
from tests.review.recorded import record_tones
from tests.review.reviewed_calls import GAP, dismissed, kept_call
from tests.store.logs import running
from voice_triage.audit_trail import AuditKind
from voice_triage.events import FlagJudged, MissMarked, Side
from voice_triage.store.sql_calls import SqlCallStore


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[ClinicPeople]:
    """Two old calls, one of them recorded, and one that still runs."""
    with clinic_people(tmp_path, kept_sound=True) as clinic:
        clinic.store.append(kept_call("c", csr="amy", during=(GAP,), after=dismissed()))
        clinic.store.append(kept_call("quiet", "2026-03-04T09:30:00-05:00", flags=False))
        clinic.store.append(running("live", 3))
        record_tones(clinic.store, "c", Side.CLIENT, [(8.0, 9.0)], 38.0)
        yield clinic


@pytest.fixture
def sue(clinic: ClinicPeople) -> Iterator[httpx.Client]:
    """The supervisor's browser."""
    client = clinic.signed_in("sue")
    yield client
    client.close()


def enter(client: httpx.Client, call: str = "c", **entry: object) -> httpx.Response:
    """One entry of the review."""
    return client.post(f"/api/review/calls/{call}", json=entry)


def test_the_queue_is_filtered_and_searched_by_the_server(sue: httpx.Client) -> None:
    """Every filter and words together; how far the review is."""
    assert [each["call"] for each in sue.get("/api/review/calls").json()["calls"]] == ["c"]
    everything = {"which": "all"}
    told = sue.get("/api/review/calls", params=everything).json()
    assert [each["call"] for each in told["calls"]] == ["quiet", "c"]
    assert told["in_filter"] == {"reviewed": 0, "of": 2}
    assert told["calls"][1]["patient"] == ["Oliver", "cat", "4 years"]
    for asked, found in (
        ({"words": "litter box"}, ["quiet", "c"]),
        ({"words": "zebra"}, []),
        ({"words": "litter", "category": "urinary"}, ["c"]),
        ({"csr": "amy"}, ["c"]),
        ({"disposition": "dismissed"}, ["c"]),
        ({"quality": "gaps"}, ["c"]),
        ({"since": "2026-03-04T14:00:00Z"}, ["quiet"]),
    ):
        calls = sue.get("/api/review/calls", params={**everything, **asked}).json()["calls"]
        assert [each["call"] for each in calls] == found, asked
    assert sue.get("/api/review/calls", params={"which": "odd"}).status_code == 422
    assert sue.get("/api/review/calls", params={"since": "2026-03-04T14:00:00"}).status_code == 422


def test_the_search_follows_what_is_kept_and_deleted(clinic: ClinicPeople, sue: httpx.Client) -> None:
    """A call that is gone is found no more, a new one at once."""
    asked = {"which": "all", "words": "melissa grant"}
    assert len(sue.get("/api/review/calls", params=asked).json()["calls"]) == 2
    clinic.store.delete("quiet")
    clinic.store.append(kept_call("new", "2026-03-05T09:30:00-05:00"))
    assert [each["call"] for each in sue.get("/api/review/calls", params=asked).json()["calls"]] == ["new", "c"]


def test_a_replay_holds_words_marks_card_review_and_scorecard(sue: httpx.Client) -> None:
    """All that the page shows but the sound."""
    told = sue.get("/api/review/calls/c").json()
    assert told["sides"] == ["client"]
    assert [each["utterance"] for each in told["utterances"]] == [0, 1, 2, 3, 4]
    text, start_s, end_s, _ = told["utterances"][1]["words"][0]
    assert (text, start_s) == ("he", 8.0)
    assert end_s > start_s
    assert {mark["kind"] for mark in told["markers"]} >= {"flag", "field", "gap", "acknowledged", "ended"}
    assert told["card"]["flags"][0]["disposition"]["end"] == "dismissed"
    assert told["scorecard"]["flags"][0]["to_acknowledge_s"] > 0
    assert told["times"] == sorted(told["times"])
    assert sue.get("/api/review/calls/none").status_code == 404


def test_a_moment_shows_the_card_as_it_stood_then(sue: httpx.Client) -> None:
    """Before the flag, with it, and dismissed."""
    times = sue.get("/api/review/calls/c").json()["times"]
    flags = [
        sue.get("/api/review/calls/c/moment", params={"sequence": sequence}).json()["card"]["flags"]
        for sequence in range(1, len(times) + 1)
    ]
    assert flags[0] == []
    assert [len(each) for each in flags] == sorted(len(each) for each in flags)
    assert flags[-1][0]["disposition"] is not None
    first = next(each for each in flags if each)
    assert (first[0]["acknowledged_at_s"], first[0]["open"]) == (None, True)


def test_what_the_supervisor_enters_is_in_the_calls_log_and_in_the_trail(
    clinic: ClinicPeople, sue: httpx.Client
) -> None:
    """With the account of who did it; the trail tells no words."""
    assert enter(sue, entry="verdict", category="urinary", verdict="false_alarm").status_code == 200
    enter(sue, entry="missed", category="pain", utterance=3, first_word=12, last_word=15)
    enter(sue, entry="note", text="Asked too late.")
    enter(sue, entry="teaching", marked=True, title="A quiet word for it")
    told = enter(sue, entry="done").json()["sheet"]
    assert told["verdicts"] == [{"category": "urinary", "pet": 0, "verdict": "false_alarm", "by": "sue"}]
    assert [miss["text"] for miss in told["misses"]] == ["hiding under the bed"]
    assert (told["done"]["by"], told["teaching"]["title"]) == ("sue", "A quiet word for it")
    kept = [logged.event for logged in clinic.store.events("c")]
    assert [event.by for event in kept if isinstance(event, FlagJudged | MissMarked)] == ["sue", "sue"]
    assert kept[-1].at_s > 86_400, "long after the call"
    lines = clinic.trail.of(AuditKind.REVIEW)
    assert [detail["entry"] for _, detail in lines] == [
        *("FlagJudged", "MissMarked", "ReviewNoted", "TeachingMarked", "ReviewDone"),
    ]
    assert {who for who, _ in lines} == {"sue"}
    assert "bed" not in str(lines)
    assert sue.get("/api/review/calls").json()["calls"] == []


def test_an_entry_is_undone_and_what_does_not_fit_is_refused(sue: httpx.Client) -> None:
    """409 with the reason; a call that still runs is not reviewed; no other keys."""
    enter(sue, entry="verdict", category="urinary", verdict="right")
    assert enter(sue, entry="undo").json()["sheet"]["verdicts"] == []
    refused = enter(sue, entry="undo")
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "There is nothing to undo in the review of this call.",
    )
    assert enter(sue, entry="verdict", category="pain", verdict="right").status_code == 409
    assert "still going on" in enter(sue, "live", entry="done").json()["detail"]
    assert enter(sue, "none", entry="done").status_code == 404
    assert enter(sue, entry="note", text=" ").status_code == 422
    assert enter(sue, entry="verdict", category="urinary", verdict="right", by="lee").status_code == 422


def test_card_data_that_a_supervisor_types_is_not_kept(sue: httpx.Client) -> None:
    """As everywhere: a note is no place for it."""
    told = enter(sue, entry="note", text="she gave 4111 1111 1111 1111 twice").json()["sheet"]
    assert "4111" not in told["notes"][0]["text"]


@pytest.mark.parametrize(("form", "kind"), [("vtt", "text/vtt"), ("csv", "text/csv"), ("json", "application/json")])
def test_what_is_taken_out_has_its_line(clinic: ClinicPeople, sue: httpx.Client, form: str, kind: str) -> None:
    """Before it is made; where no line can be written, nothing is taken out."""
    answer = sue.get("/api/review/calls/c/export", params={"as": form})
    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers["content-disposition"] == f'attachment; filename="c.{form}"'
    assert "oliver" in answer.text
    assert clinic.trail.of(AuditKind.EXPORT) == [("sue", {"form": form})]
    if form == "csv":
        assert len(list(csv.reader(io.StringIO(answer.text)))) > 10
    clinic.trail.full = True
    refused = sue.get("/api/review/calls/c/export", params={"as": form})
    assert refused.status_code == 503
    assert "oliver" not in refused.text


def test_a_clip_is_the_sound_of_its_stretch(clinic: ClinicPeople, sue: httpx.Client) -> None:
    """A WAV file of its own, with its line; silence before the tone, the tone in it."""
    asked: dict[str, str | float] = {"side": "client", "start_s": 7.0, "end_s": 9.5}
    answer = sue.get("/api/review/calls/c/clip", params=asked)
    with wave.open(io.BytesIO(answer.content)) as clip:
        rate = clip.getframerate()
        assert clip.getnframes() == round(2.5 * rate)
        samples = memoryview(clip.readframes(clip.getnframes())).cast("h")
    assert max(samples[: round(0.9 * rate)]) == 0
    assert max(samples[round(1.1 * rate) : round(1.9 * rate)]) > 1000
    assert clinic.trail.of(AuditKind.EXPORT) == [("sue", {"form": "clip client 7.0-9.5 s"})]
    assert sue.get("/api/review/calls/c/clip", params={**asked, "end_s": 7.0}).status_code == 409
    assert sue.get("/api/review/calls/c/clip", params={**asked, "end_s": 1000.0}).status_code == 409
    assert sue.get("/api/review/calls/c/clip", params={**asked, "side": "own"}).status_code == 404
    clinic.trail.full = True
    assert sue.get("/api/review/calls/c/clip", params=asked).status_code == 503


def test_the_peaks_are_those_of_the_recording(sue: httpx.Client) -> None:
    """Two signed bytes for each 50 ms; none where no sound is kept."""
    peaks = memoryview(sue.get("/api/review/calls/c/client.peaks").content).cast("b")
    assert len(peaks) == 2 * 38 * 20
    assert max(peaks[: 2 * 7 * 20]) == 0
    assert max(peaks[2 * 8 * 20 : 2 * 9 * 20]) > 3
    assert sue.get("/api/review/calls/c/own.peaks").status_code == 204


def test_what_is_played_during_a_call_would_be_heard_as_its_client(clinic: ClinicPeople, sue: httpx.Client) -> None:
    """So the page asks, and is told while a call is being heard at this desk."""
    assert sue.get("/api/review/desk").json() == {"on_call": False}
    for logged in running("now", 3):
        clinic.feed.publish(logged)
    assert sue.get("/api/review/desk").json() == {"on_call": True}


def test_reviewing_an_old_call_does_not_open_it_to_the_desk(clinic: ClinicPeople, sue: httpx.Client) -> None:
    """The card of a call that is over for the desk does not come back by a verdict."""
    with closing(clinic.at_the_desk()) as desk:
        assert desk.get("/api/calls/c/card").status_code == 404
        enter(sue, entry="verdict", category="urinary", verdict="right")
        assert desk.get("/api/calls/c/card").status_code == 404


def test_entries_outlive_the_program(clinic: ClinicPeople, sue: httpx.Client) -> None:
    """Kept when the answer comes."""
    enter(sue, entry="done")
    kept: SqlCallStore = clinic.store
    with SqlCallStore(kept.folders.folder.parent / "calls.sqlite3") as again:
        assert type(again.events("c")[-1].event).__name__ == "ReviewDone"
