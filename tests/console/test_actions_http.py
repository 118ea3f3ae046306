"""What the CSR does comes in by request: who may, what is done, what is refused and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.console.feed_pages import page
from tests.console.scripted_call import poisoned_dog
from tests.console.working_desk import WorkingDesk, working_desk
from voice_triage.console.actions import Category, PatientField
from voice_triage.console.app import create_app
from voice_triage.console.feed import Feed
from voice_triage.console.typed_values import typed_value
from voice_triage.console.wording import CATEGORIES, FIELDS
from voice_triage.desk_card import DeskCard
from voice_triage.errors import DeskError
from voice_triage.events import DESK_ACTIONS, CallEnded

STATE_CHANGING = ("/api/calls/call-1/actions", "/api/walk-in", "/api/desk/stop")
ACKNOWLEDGE = {"action": "acknowledge", "category": "urinary"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[WorkingDesk]:
    """A desk whose call ``call-1`` has just ended."""
    with working_desk(tmp_path) as desk:
        desk.call("call-1")
        yield desk


@pytest.fixture(scope="module")
def still_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkingDesk]:
    """The same, for tests that change nothing."""
    with working_desk(tmp_path_factory.mktemp("desk")) as desk:
        desk.call("call-1")
        yield desk


# --- who may ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", STATE_CHANGING)
def test_only_the_desks_own_page_changes_anything(still_desk: WorkingDesk, path: str) -> None:
    """Without the session, from another origin, or from none, nothing is done and nothing is told."""
    before = len(still_desk.kept("call-1"))
    for origin in ("http://attacker.example", "null", still_desk.address.replace("127.0.0.1", "localhost")):
        assert still_desk.client.post(path, json=ACKNOWLEDGE, headers={"origin": origin}).status_code == 403
    without = httpx.post(still_desk.address + path, json=ACKNOWLEDGE, headers={"origin": still_desk.address})
    assert without.status_code == 403
    with httpx.Client(base_url=still_desk.address, cookies=still_desk.client.cookies) as no_origin:
        assert no_origin.post(path, json=ACKNOWLEDGE).status_code == 403
    assert len(still_desk.kept("call-1")) == before
    assert still_desk.walk_ins == []


@pytest.mark.parametrize("path", ["card", "hand-off", "hand-off?as=json", "hand-off?as=fhir"])
def test_a_card_is_told_only_to_who_was_let_in(still_desk: WorkingDesk, path: str) -> None:
    """Cards and hand-offs hold what the client said."""
    assert httpx.get(f"{still_desk.address}/api/calls/call-1/{path}").status_code == 403
    assert still_desk.client.get(f"/api/calls/call-1/{path}").status_code == 200
    for back in ("/api/back", "/api/back/events"):
        assert httpx.get(still_desk.address + back).status_code == 403
    assert httpx.get(f"{still_desk.address}/back").headers["location"] == "/sign-in"


# --- what is done -----------------------------------------------------------------------------------------------


def test_a_whole_card_is_worked_on_after_hang_up(desk: WorkingDesk) -> None:
    """Every action is done, kept in order behind the call's end, and shown on the card and to every page."""
    done: list[tuple[str, dict[str, Any]]] = [
        ("acknowledge", {"category": "urinary"}),
        ("settle_field", {"field": "species", "state": "confirmed", "value": "cat"}),
        ("settle_field", {"field": "age", "state": "edited", "value": "5 years"}),
        ("settle_field", {"field": "pet_name", "state": "rejected", "value": "oliver"}),
        ("settle_field", {"field": "weight", "state": "unknown"}),
        ("note", {"text": 'says "he is fine with the carrier"'}),
        ("raise_flag", {"category": "pain", "urgency": "orange", "note": "cries when lifted"}),
        ("advice", {"text": "Please leave now.", "line": "urinary"}),
        ("end_flag", {"category": "urinary", "end": "sent_to_emergency_room"}),
        ("end_flag", {"category": "pain", "end": "dismissed", "reason": "not_so"}),
        ("hand_off", {"to": "doctor"}),
        ("undo", {}),
        ("hand_off", {"to": "technician"}),
    ]
    for action, keys in done:
        answer = desk.act("call-1", action, **keys)
        assert answer.status_code == 204, (action, answer.text)
    kept = desk.kept("call-1")
    end = next(i for i, event in enumerate(kept) if isinstance(event, CallEnded))
    assert [isinstance(event, DESK_ACTIONS) for event in kept[end + 1 :]] == [True] * len(done)
    card = desk.card("call-1")
    flags = {flag["category"]: flag for flag in card["flags"]}
    assert flags["urinary"]["disposition"]["end"] == "sent_to_emergency_room"
    assert flags["pain"]["disposition"]["reason"] == "not_so"
    fields = {field["field"]: (field["state"], field["value"], field["plain"]) for field in card["fields"]}
    assert fields["age"] == ("edited", "P5Y", "5 years")
    assert fields["pet_name"][0] == "rejected"
    assert fields["weight"][0] == "unknown"
    assert [each["text"] for each in card["notes"]] == ["says “he is fine with the carrier”"]
    assert [each["to"] for each in card["handed_off"]] == ["technician"]
    shown = next(json.loads(message.data) for message in page(desk.feed) if message.event == "card")
    assert shown == card


def test_an_undone_action_is_undone_in_the_store_too(desk: WorkingDesk) -> None:
    """After a kill, the card is as it was left: the store alone tells it."""
    before = DeskCard.of(desk.store.events("call-1")).card()
    assert desk.act("call-1", "end_flag", category="urinary", end="handed_over").status_code == 204
    sequence = desk.card("call-1")["undo"]["sequence"]
    assert desk.act("call-1", "undo", sequence=sequence).status_code == 204
    after = DeskCard.of(desk.store.events("call-1")).card()
    assert (after.flags, after.fields, after.undo) == (before.flags, before.fields, before.undo)


def test_two_windows_do_one_thing_once(desk: WorkingDesk) -> None:
    """The second of two equal requests is told that it is done already, and nothing is logged twice."""
    assert desk.act("call-1", **ACKNOWLEDGE).status_code == 204
    again = desk.act("call-1", **ACKNOWLEDGE)
    assert (again.status_code, again.json()["detail"]) == (409, "This flag is acknowledged already.")


# --- what is refused --------------------------------------------------------------------------------------------

CANNOT: list[tuple[str, dict[str, Any], str]] = [
    ("acknowledge", {"category": "toxin"}, "no such flag"),
    ("acknowledge", {"category": "urinary", "pet": 3}, "no such flag"),
    ("end_flag", {"category": "toxin", "end": "handed_over"}, "no such flag"),
    ("raise_flag", {"category": "pain", "urgency": "red", "pet": 7}, "no such pet"),
    ("settle_field", {"field": "species", "state": "confirmed", "value": "dog"}, "has changed"),
    ("settle_field", {"field": "weight", "state": "confirmed", "value": "4 kg"}, "Nothing is suggested"),
    ("settle_field", {"field": "weight", "state": "rejected", "value": "4 kg"}, "Nothing is suggested"),
    ("settle_field", {"field": "weight", "state": "edited", "value": "heavy"}, "with its unit"),
    ("settle_field", {"field": "species", "state": "edited", "value": "dragon"}, "none of the values"),
    ("settle_field", {"field": "age", "state": "unknown", "pet": 5}, "no such pet"),
    ("settle_question", {"question": "q9", "state": "asked"}, "never suggested"),
    ("undo", {}, "nothing to undo"),
    ("undo", {"sequence": 1}, "nothing to undo"),
    ("note", {"text": "it is probably a blockage"}, "cannot be written"),
    ("advice", {"text": "I said not to worry"}, "cannot be written"),
    ("raise_flag", {"category": "pain", "urgency": "red", "note": "looks like a stroke"}, "cannot be written"),
    ("end_flag", {"category": "urinary", "end": "handed_over", "note": "he will be fine"}, "cannot be written"),
    ("hand_off", {"to": "doctor", "note": "Cat.\nSounds like a blockage."}, "cannot be written"),
]


@pytest.mark.parametrize(("action", "keys", "why"), CANNOT)
def test_what_cannot_be_done_is_refused_with_a_sentence(
    still_desk: WorkingDesk, action: str, keys: dict[str, Any], why: str
) -> None:
    """409 says why, for the CSR to read, and nothing is logged."""
    before = still_desk.kept("call-1")
    answer = still_desk.act("call-1", action, **keys)
    assert answer.status_code == 409
    assert why in answer.json()["detail"]
    assert still_desk.kept("call-1") == before


def test_what_is_done_already_is_refused(desk: WorkingDesk) -> None:
    """Each thing once: an end, a field's value, a flag by hand."""
    end = {"category": "urinary", "end": "handed_over"}
    confirm = {"field": "species", "state": "confirmed", "value": "cat"}
    raised = {"category": "pain", "urgency": "orange"}
    for action, keys in (("end_flag", end), ("settle_field", confirm), ("raise_flag", raised)):
        assert desk.act("call-1", action, **keys).status_code == 204
        assert desk.act("call-1", action, **keys).status_code == 409
    assert desk.act("call-1", **ACKNOWLEDGE).json()["detail"] == "This flag has been dealt with already."
    assert desk.act("call-1", "raise_flag", category="pain", urgency="red").status_code == 204
    sequence = desk.card("call-1")["undo"]["sequence"]
    assert desk.act("call-1", "undo", sequence=sequence).status_code == 204
    assert "undone already" in desk.act("call-1", "undo", sequence=sequence).json()["detail"]


MALFORMED: list[dict[str, Any]] = [
    {},
    {"action": "dance"},
    {"action": "acknowledge"},
    {"action": "acknowledge", "category": "hunger"},
    {"action": "acknowledge", "category": "urinary", "mood": "good"},
    {"action": "acknowledge", "category": "urinary", "pet": -1},
    {"action": "end_flag", "category": "urinary", "end": "forgotten"},
    {"action": "end_flag", "category": "urinary", "end": "dismissed"},
    {"action": "end_flag", "category": "urinary", "end": "handed_over", "reason": "misheard"},
    {"action": "raise_flag", "category": "pain", "urgency": "green"},
    {"action": "settle_field", "field": "color", "state": "unknown"},
    {"action": "settle_field", "field": "age", "state": "confirmed"},
    {"action": "settle_field", "field": "age", "state": "suggested", "value": "P1Y"},
    {"action": "settle_question", "question": "", "state": "asked"},
    {"action": "note", "text": "   "},
    {"action": "note", "text": "x" * 2001},
    {"action": "note", "text": "a\u0000b"},
    {"action": "advice"},
    {"action": "hand_off", "to": "cleaner"},
    {"action": "undo", "sequence": "last"},
]


@pytest.mark.parametrize("body", MALFORMED, ids=lambda body: json.dumps(body)[:60])
def test_what_is_malformed_is_refused(still_desk: WorkingDesk, body: dict[str, Any]) -> None:
    """422, and nothing is logged."""
    before = still_desk.kept("call-1")
    assert still_desk.client.post("/api/calls/call-1/actions", json=body).status_code == 422
    assert still_desk.kept("call-1") == before


def test_a_call_that_is_not_there_is_not_found(desk: WorkingDesk) -> None:
    """404, for what is done and for what is read; also of a call that was no client's."""
    log = desk.call("gone")
    log.discard()
    for call in ("no-such-call", "gone"):
        assert desk.act(call, **ACKNOWLEDGE).status_code == 404
        assert desk.client.get(f"/api/calls/{call}/card").status_code == 404
        assert desk.client.get(f"/api/calls/{call}/hand-off").status_code == 404


# --- walk-in ----------------------------------------------------------------------------------------------------


def test_a_walk_in_is_a_card_without_a_call(desk: WorkingDesk) -> None:
    """The same actions, the same hand-off; one card at a time."""
    begun = desk.client.post("/api/walk-in")
    assert begun.status_code == 201
    call = begun.json()["call"]
    assert desk.client.post("/api/walk-in").status_code == 409
    assert desk.card(call)["walk_in"] is True
    assert desk.feed.snapshot()["call"] == call
    for action, keys in (
        ("settle_field", {"field": "species", "state": "edited", "value": "Rabbit"}),
        ("note", {"text": "“not eaten since yesterday”"}),
        ("raise_flag", {"category": "other_emergency", "urgency": "red"}),
    ):
        assert desk.act(call, action, **keys).status_code == 204
    desk.end_walk_in()
    assert desk.act(call, "end_flag", category="other_emergency", end="handed_over").status_code == 204
    assert desk.act(call, "hand_off", to="doctor").status_code == 204
    (note,) = (each["note"] for each in desk.card(call)["handed_off"])
    assert "walk-in" in note
    assert "rabbit" in note
    assert "not eaten since yesterday" in note
    assert desk.client.post("/api/walk-in").status_code == 201


def test_a_hand_off_is_told_in_three_forms(still_desk: WorkingDesk) -> None:
    """Text to paste, JSON for a program, FHIR for a record system; denials in all of them."""
    text, data, bundle = (
        still_desk.client.get("/api/calls/call-1/hand-off", params={"as": form}) for form in ("text", "json", "fhir")
    )
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert "vomiting: “hasn't thrown up”" in text.text
    assert data.json()["text"] == text.text
    assert bundle.headers["content-type"] == "application/fhir+json"
    assert "hasn't thrown up" in json.dumps(bundle.json(), ensure_ascii=False)
    assert still_desk.client.get("/api/calls/call-1/hand-off?as=pdf").status_code == 422


# --- the back of the house --------------------------------------------------------------------------------------


def test_what_is_handed_off_appears_at_the_back_and_goes_when_undone(desk: WorkingDesk) -> None:
    """The latest first, live; a hand-off that is taken back is gone."""
    desk.call("call-2", poisoned_dog("call-2"))
    assert desk.client.get("/api/back").json() == {"calls": []}
    for call in ("call-1", "call-2"):
        assert desk.act(call, "hand_off", to="technician").status_code == 204
    assert {card["call"] for card in desk.client.get("/api/back").json()["calls"]} == {"call-1", "call-2"}
    assert desk.act("call-2", "undo").status_code == 204
    with desk.client.stream("GET", "/api/back/events") as stream:
        lines = stream.iter_lines()
        assert next(line for line in lines if line.startswith("event: board"))
        data = json.loads(next(line for line in lines if line.startswith("data: "))[6:])
    assert [card["call"] for card in data["calls"]] == ["call-1"]
    assert desk.client.get("/back").status_code == 200


def test_the_backs_stream_ends_with_the_console(desk: WorkingDesk) -> None:
    """Ctrl-C does not wait for a page at the back of the house."""
    with desk.client.stream("GET", "/api/back/events") as stream:
        lines = stream.iter_lines()
        assert next(line for line in lines if line.startswith("event: board"))
        desk.server.stop()
        assert next(line for line in lines if line.startswith("event: bye"))


# --- form -------------------------------------------------------------------------------------------------------


def test_the_actions_know_every_category_and_field() -> None:
    """What the page can show can be settled, and nothing else."""
    assert Category.__args__ == tuple(CATEGORIES)  # type: ignore[attr-defined]
    assert PatientField.__args__ == tuple(FIELDS)  # type: ignore[attr-defined]


def test_the_actions_can_be_described(still_desk: WorkingDesk) -> None:
    """For integrators: the routes' models make an OpenAPI document, with an object for each action."""
    app = create_app(Feed(), token="t", cards=still_desk.cards)
    paths = app.openapi()["paths"]
    body = paths["/api/calls/{call}/actions"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert len(body["oneOf"]) == 12
    assert set(body["discriminator"]["mapping"]) >= {"acknowledge", "hand_off", "undo"}


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [
        ("age", "7 years", "P7Y"),
        ("age", "8 weeks old", "P8W"),
        ("age", "1 year and 6 months", "P1Y6M"),
        ("age", "P1Y6M", "P1Y6M"),
        ("age", "Puppy", "puppy"),
        ("onset", "2 hours ago", "PT2H"),
        ("onset", "3 days", "P3D"),
        ("onset", "last night", "last_night"),
        ("species", "Guinea pig", "guinea_pig"),
        ("reproductive_status", "fixed (neutered or spayed)", "altered"),
        ("eating", "not at all", "none"),
        ("behavior", "low energy (lethargic)", "lethargic"),
        ("weight", "12 pounds", "12 lb"),
        ("weight", "4,5 kg", "4.5 kg"),
        ("callback_number", "(555) 010-0199", "5550100199"),
        ("pet_name", " Mr.  Whiskers ", "mr. whiskers"),
    ],
)
def test_what_people_type_becomes_the_agreed_value(field: str, typed: str, value: str) -> None:
    """A typed value reads as a heard one does (eval/FORMAT.md)."""
    assert typed_value(field, typed) == value


@pytest.mark.parametrize(
    ("field", "typed"),
    [("age", "old"), ("age", "7"), ("age", "6 months 1 year"), ("onset", "2 moons ago"), ("sex", "yes")],
)
def test_what_cannot_be_understood_is_refused(field: str, typed: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(DeskError):
        typed_value(field, typed)
