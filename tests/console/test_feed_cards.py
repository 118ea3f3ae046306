"""Rules of the cards that the feed sends: whole, after the log they rest on, and the same on every page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tests.console.feed_pages import names, new_feed, page, publish
from tests.console.scripted_call import Script, blocked_cat, poisoned_dog, started
from voice_triage.console.event_json import card_json
from voice_triage.console.feed import Message
from voice_triage.desk_card import DeskCard
from voice_triage.events import (
    ActionUndone,
    CallDiscarded,
    CallEnded,
    FieldSettled,
    FlagAcknowledged,
    Logged,
    NoteTyped,
    Settlement,
)


def cards(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """The cards that were sent."""
    return [json.loads(message.data) for message in messages if message.event == "card"]


def test_a_page_gets_the_card_after_the_log_that_it_rests_on() -> None:
    """The card is that of the whole log, as plain JSON, with values in the page's words."""
    feed = new_feed()
    log = blocked_cat("c")
    publish(feed, log)
    read = page(feed)
    assert names(read).index("card") > names(read).index("log")
    (card,) = cards(read)
    assert card == json.loads(json.dumps(card_json(DeskCard.of(log).card())))
    assert {each["field"]: each["plain"] for each in card["fields"]}.keys() >= {"species"}


def test_an_action_after_hang_up_reaches_every_page() -> None:
    """A page that is there, one that comes back and one that is new agree."""
    feed = new_feed()
    log = blocked_cat("c")
    publish(feed, log)
    last = log[-1].sequence
    assert isinstance(log[-1].event, CallEnded)
    publish(
        feed,
        [
            Logged("c", last + 1, FlagAcknowledged(70.0, "urinary")),
            Logged("c", last + 2, FieldSettled(71.0, "age", Settlement.EDITED, "P7Y")),
        ],
    )
    (back,), (new,) = cards(page(feed, f"c:{last}")), cards(page(feed))
    assert back == new
    assert [each["acknowledged_at_s"] for each in new["flags"] if each["category"] == "urinary"] == [70.0]
    assert [each["plain"] for each in new["fields"] if each["field"] == "age"] == ["7 years"]
    publish(feed, [Logged("c", last + 3, ActionUndone(72.0, last + 1))])
    (undone,) = cards(page(feed))
    assert all(each["acknowledged_at_s"] is None for each in undone["flags"])


def test_the_snapshot_holds_the_card() -> None:
    """Whoever asks once gets what a page that follows has; before any call, and after a discarded one, nothing."""
    feed = new_feed()
    assert feed.snapshot()["card"] is None
    publish(feed, [*blocked_cat("c")])
    assert json.loads(json.dumps(feed.snapshot()["card"])) == cards(page(feed))[0]
    publish(feed, [Logged("c", 99, CallDiscarded(9.0))])
    assert feed.snapshot()["card"] is None
    assert cards(page(feed)) == []


def test_a_new_call_has_a_card_of_its_own() -> None:
    """Nothing of the call before is on it."""
    feed = new_feed()
    publish(feed, blocked_cat("c"))
    script = Script("d")
    publish(feed, [script.log(started("d")), script.log(NoteTyped(1.0, "x"))])
    (card,) = cards(page(feed, "c:3"))
    assert (card["call"], card["flags"], [note["text"] for note in card["notes"]]) == ("d", [], ["x"])


def test_cards_of_earlier_calls_that_are_still_open_are_sent_whole() -> None:
    """A flag without an end outlives its call on the page; when all have one, the page is told that too."""
    feed = new_feed()
    publish(feed, poisoned_dog("d"))
    assert "earlier" not in names(page(feed))
    earlier = DeskCard.of(blocked_cat("c")).card()
    feed.set_open([earlier])
    (message,) = [message for message in page(feed) if message.event == "earlier"]
    assert [card["call"] for card in json.loads(message.data)["calls"]] == ["c"]
    assert [card["call"] for card in feed.snapshot()["earlier"]] == ["c"]
    feed.set_open([])
    (message,) = [message for message in page(feed) if message.event == "earlier"]
    assert json.loads(message.data) == {"calls": []}
