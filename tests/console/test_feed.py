"""The feed between the call and every open page."""

from __future__ import annotations

import asyncio
import json
import threading

import pytest

from tests.console.feed_pages import caught_up, events, kept, names, new_feed, page, publish, sequences
from tests.console.scripted_call import Script, blocked_cat, final, flag, partial, poisoned_dog, started, suggestion
from voice_triage.console.feed import BATCH_EVENTS, Feed, Message
from voice_triage.desk_state import DeskState, RecognizerState, SourceState
from voice_triage.events import TENTATIVE, CallDiscarded, CallEnded, LineChanged, Logged

READY = DeskState("Headset", SourceState.WAITING, RecognizerState.READY, "", "1")


def test_a_page_that_comes_late_gets_the_whole_call_in_order() -> None:
    """A page opened in the middle of a call shows all of it."""
    feed = new_feed()
    log = blocked_cat()
    publish(feed, log)
    read = page(feed)
    assert names(read)[:2] == ["hello", "reset"]
    assert sequences(read) == kept(log)


def test_a_page_that_reconnects_gets_what_it_missed_and_nothing_twice() -> None:
    """From any place in the log, ``Last-Event-ID`` brings exactly the rest."""
    feed = new_feed()
    log = blocked_cat()
    publish(feed, log)
    for seen in kept(log):
        read = page(feed, f"call-1:{seen}")
        assert sequences(read) == list(range(seen + 1, kept(log)[-1] + 1))
        assert "reset" not in names(read)


def test_the_id_of_a_message_is_that_of_its_last_event() -> None:
    """Resuming from any message's id leaves no hole, however long the log."""
    feed = new_feed()
    script = Script("long")
    publish(feed, [script.log(started("long"))])
    publish(feed, [script.log(final(i, "hello", float(i))) for i in range(2 * BATCH_EVENTS)])
    read = [message for message in page(feed) if message.event == "log"]
    assert len(read) == 3
    for message in read:
        assert message.id == f"long:{json.loads(message.data)[-1]['sequence']}"
    assert sequences(page(feed, read[0].id)) == sequences(read[1:])


@pytest.mark.parametrize("last_id", ["other-call:3", "call-1", "call-1:x", "call-1:999", ":", ""])
def test_an_id_that_does_not_fit_starts_the_page_over(last_id: str) -> None:
    """A page that was on another call, or tells nonsense, is shown the current call from its start."""
    feed = new_feed()
    log = blocked_cat()
    publish(feed, log)
    read = page(feed, last_id)
    assert "reset" in names(read)
    assert sequences(read) == kept(log)


def test_a_discarded_call_is_gone_for_good() -> None:
    """Pages are told to forget it, whenever they come back; what is still said of it goes nowhere."""
    feed = new_feed()
    log = blocked_cat("c")
    publish(feed, log[:-1])
    assert names(page(feed, "c:5"))[:2] == ["hello", "log"]
    publish(feed, [Logged("c", 5, CallDiscarded(9.0)), log[-1]])
    assert feed.snapshot()["call"] is None
    assert feed.snapshot()["events"] == feed.snapshot()["tentative"] == []
    back = page(feed, "c:5")
    assert names(back) == ["hello", "reset"]
    assert json.loads(back[1].data) == {"call": None, "forgotten": 0}
    assert names(page(feed)) == ["hello"]
    publish(feed, poisoned_dog("d"))
    assert [json.loads(each.data)["call"] for each in page(feed, "c:5") if each.event == "reset"] == ["d"]


def test_ids_may_hold_colons() -> None:
    """A call's id may look like anything, a time of day for example."""
    feed = new_feed()
    log = blocked_cat("2025-03-01T10:15:00")
    publish(feed, log)
    assert sequences(page(feed, f"2025-03-01T10:15:00:{kept(log)[-2]}")) == [kept(log)[-1]]


def test_a_tentative_event_has_no_id_and_only_the_newest_is_shown() -> None:
    """Partials and levels are replaced, not collected, and never resumed from."""
    feed = new_feed()
    script = Script("c")
    publish(
        feed,
        [
            script.log(started("c")),
            script.log(partial(0, "my", 1.0)),
            script.log(LineChanged(1.0, -50.0, "quiet")),
            script.log(partial(0, "my dog", 1.0)),
            script.log(LineChanged(2.0, -20.0, "good")),
        ],
    )
    read = page(feed)
    assert [message.id for message in read if message.event == "tentative"] == [None, None]
    assert {event["type"]: event.get("text", event.get("state")) for event in events(read, "tentative")} == {
        "PartialTranscript": "my dog",
        "LineChanged": "good",
    }


def test_a_partial_is_gone_once_its_final_is_there() -> None:
    """What was still being heard does not stay beside what was said, nor come back after it."""
    feed = new_feed()
    script = Script("c")
    publish(feed, [script.log(started("c")), script.log(partial(0, "my", 1.0)), script.log(final(0, "my dog", 1.0))])
    publish(feed, [script.log(partial(0, "my do", 1.0))])
    assert events(page(feed), "tentative") == []
    publish(feed, [script.log(partial(1, "she is", 3.0))])
    assert [event["text"] for event in events(page(feed), "tentative")] == ["she is"]


def test_nothing_tentative_outlives_the_call() -> None:
    """After hang-up there is no level and no open utterance."""
    feed = new_feed()
    script = Script("c")
    publish(
        feed, [script.log(started("c")), script.log(partial(0, "my", 1.0)), script.log(LineChanged(1.0, -20.0, "good"))]
    )
    publish(feed, [script.log(CallEnded(2.0, 2.0, "hang-up"))])
    assert events(page(feed), "tentative") == []


def test_an_open_page_gets_each_event_as_it_happens() -> None:
    """A page need not ask again; two pages on one call get the same."""

    async def two_pages() -> tuple[list[Message], list[Message]]:
        feed = new_feed()
        first, second = feed.follow(), feed.follow()
        before = await caught_up(first), await caught_up(second)
        assert [names(read) for read in before] == [["hello"], ["hello"]]
        publish(feed, log)
        return await caught_up(first), await caught_up(second)

    log = blocked_cat()
    first, second = asyncio.run(two_pages())
    assert sequences(first) == kept(log)
    assert first == second


def test_a_page_is_woken_by_every_event() -> None:
    """No event waits for the next beat."""

    async def one_by_one() -> list[int]:
        feed = Feed(beat_s=3600)
        following = feed.follow()
        await anext(following)
        read: list[Message] = []
        async with asyncio.timeout(20):
            for logged in log:
                waiting = asyncio.ensure_future(anext(following))
                await asyncio.sleep(0.01)  # the page has nothing left to read and waits
                threading.Thread(target=feed.publish, args=(logged,)).start()
                read.append(await waiting)
                while sequences(read)[-1:] != [logged.sequence]:
                    read.append(await anext(following))
        return sequences(read)

    log = [logged for logged in blocked_cat() if not isinstance(logged.event, TENTATIVE)]
    assert asyncio.run(one_by_one()) == kept(log)


def test_events_from_a_thread_reach_fast_and_slow_pages_alike() -> None:
    """Each kept event reaches every page once and in order, while another thread publishes and one page dawdles."""
    script = Script("c")
    log = [script.log(started("c"))]
    for i in range(600):
        log += [script.log(partial(i, "hello", float(i))), script.log(final(i, "hello there", float(i)))]
    log.append(script.log(CallEnded(700.0, 700.0, "hang-up")))

    async def follow(feed: Feed, pause_every: int) -> list[int]:
        read: list[int] = []
        async for message in feed.follow():
            if message.event == "log":
                read += sequences([message])
            if len(read) and len(read) % pause_every == 0:
                await asyncio.sleep(0.01)
            if read and read[-1] == script.sequence:
                break
        return read

    async def pages() -> list[list[int]]:
        feed = new_feed()
        publisher = threading.Thread(target=publish, args=(feed, log))
        following = [asyncio.create_task(follow(feed, pause_every)) for pause_every in (1, 7, 10**6)]
        await asyncio.sleep(0)
        publisher.start()
        read = await asyncio.gather(*following)
        publisher.join()
        return read

    assert asyncio.run(pages()) == [kept(log)] * 3


def test_a_page_whose_server_is_gone_does_not_disturb_the_call() -> None:
    """Publishing goes on when an event loop was closed under an open page."""
    feed = new_feed()
    loop = asyncio.new_event_loop()
    following = feed.follow()
    loop.run_until_complete(anext(following))
    assert feed.pages == 1
    loop.close()
    publish(feed, blocked_cat())
    assert feed.pages == 0


def test_the_next_call_replaces_the_last_one() -> None:
    """A page that is open when a new call begins starts over with it; the old call's stragglers are ignored."""

    async def two_calls() -> list[Message]:
        feed = new_feed()
        following = feed.follow()
        publish(feed, blocked_cat())
        await caught_up(following)
        publish(feed, poisoned_dog())
        publish(feed, blocked_cat()[1:])
        return await caught_up(following)

    read = asyncio.run(two_calls())
    assert names(read)[:2] == ["reset", "log"]
    assert json.loads(read[0].data) == {"call": "call-2", "forgotten": 0}
    assert sequences(read) == kept(poisoned_dog())


def test_publishing_an_event_twice_shows_it_once() -> None:
    """A repeated event is ignored; a wrong order is a mistake that is not hidden."""
    feed = new_feed()
    log = [logged for logged in blocked_cat() if not isinstance(logged.event, TENTATIVE)]
    publish(feed, log[:5])
    publish(feed, log[2:5])
    assert sequences(page(feed)) == [1, 2, 3, 4, 5]
    with pytest.raises(ValueError, match="event 3 of call call-1 came after event 5"):
        feed.publish(Logged("call-1", 3, log[9].event))


def long_call(feed: Feed, utterances: int) -> Script:
    """Publish a call with one flag and one field at its start and very many words."""
    script = Script("c")
    said = final(0, "there is blood everywhere from my dog", 1.0)
    publish(
        feed,
        [
            script.log(started("c")),
            script.log(said),
            script.log(flag(said, "bleeding", "blood everywhere", "The client describes blood everywhere.")),
            script.log(suggestion(said, "species", "dog", "my dog")),
        ],
    )
    publish(feed, [script.log(final(i, "um", float(i))) for i in range(1, utterances)])
    return script


def test_a_log_that_grows_too_long_keeps_flags_and_fields_and_says_what_is_missing() -> None:
    """Memory is bounded; words go first, and the page is told how many entries it does not see."""
    feed = new_feed(keep_events=100)
    script = long_call(feed, 500)
    read = page(feed)
    reset = json.loads(read[1].data)
    assert len(sequences(read)) <= 100
    assert len(sequences(read)) + reset["forgotten"] == script.sequence
    kinds = {entry["event"]["type"] for message in read if message.event == "log" for entry in json.loads(message.data)}
    assert {"CallStarted", "FlagRaised", "FieldSuggested"} <= kinds
    assert sequences(read)[-1] == script.sequence


def test_a_page_left_behind_by_a_bounded_log_starts_over() -> None:
    """A page that missed what is no longer kept reloads from the log; one that missed nothing goes on."""
    feed = new_feed(keep_events=100)
    script = long_call(feed, 500)
    assert "reset" in names(page(feed, "c:50"))
    read = page(feed, f"c:{script.sequence}")
    assert "reset" not in names(read)
    assert sequences(read) == []


def test_the_desk_is_shown_with_and_without_a_call() -> None:
    """What runs is known on every page, and changes reach it once."""

    async def desk_changes() -> list[list[Message]]:
        feed = new_feed()
        feed.set_desk(READY)
        following = feed.follow()
        first = await caught_up(following)
        feed.set_desk(READY)
        second = await caught_up(following)
        feed.set_desk(DeskState("", SourceState.FAILED, RecognizerState.READY, "Plug the headset in.", "1"))
        return [first, second, await caught_up(following)]

    first, second, third = asyncio.run(desk_changes())
    assert names(first) == ["hello", "desk"]
    assert second == []
    assert json.loads(third[0].data)["detail"] == "Plug the headset in."


def test_a_page_hears_from_the_desk_even_when_nothing_happens() -> None:
    """A beat tells a quiet desk from a lost connection."""

    async def quiet() -> str:
        following = new_feed().follow()
        await anext(following)
        return (await anext(following)).event

    assert asyncio.run(quiet()) == "beat"


def test_pages_are_told_when_the_console_stops() -> None:
    """Ending the pages ends each stream with a goodbye, and leaves none registered."""

    async def stopped() -> tuple[list[Message], int]:
        feed = new_feed()
        following = feed.follow()
        await anext(following)
        feed.end_pages()
        return [message async for message in following], feed.pages

    read, left = asyncio.run(stopped())
    assert names(read) == ["bye"]
    assert left == 0


def test_suggested_values_come_in_plain_words() -> None:
    """The page shows ``P1Y6M`` as a person would say it, and the value it contradicts as well."""
    feed = new_feed()
    script = Script("c")
    said = final(0, "she's a year and a half", 1.0)
    publish(feed, [script.log(started("c")), script.log(said)])
    publish(feed, [script.log(suggestion(said, "age", "P1Y6M", "a year and a half", contradicts="P8W"))])
    event = feed.snapshot()["events"][-1]["event"]
    assert (event["value"], event["plain"], event["plain_contradicts"]) == ("P1Y6M", "1 year 6 months", "8 weeks")


def test_a_snapshot_is_what_a_page_would_see() -> None:
    """``/api/call`` and the stream agree."""
    feed = new_feed()
    assert feed.snapshot()["call"] is None
    feed.set_desk(READY)
    log = poisoned_dog()
    publish(feed, log)
    snapshot = json.loads(json.dumps(feed.snapshot()))
    read = page(feed)
    assert snapshot["events"] == [entry for m in read if m.event == "log" for entry in json.loads(m.data)]
    assert snapshot["tentative"] == events(read, "tentative")
    assert snapshot["last_id"] == f"call-2:{kept(log)[-1]}"
    assert snapshot["desk"]["source_state"] == "waiting"
