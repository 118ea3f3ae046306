"""Pages that read a feed, and what they got of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

from voice_triage.console.feed import Feed, Message
from voice_triage.events import TENTATIVE, Logged


def new_feed(**options: Any) -> Feed:
    """A feed with a short beat, after which a page is known to be caught up."""
    return Feed(beat_s=0.05, **options)


async def caught_up(messages: AsyncIterator[Message]) -> list[Message]:
    """What a page reads until there is nothing more for it."""
    read: list[Message] = []
    async for message in messages:
        if message.event == "beat":
            return read
        read.append(message)
    return read


def page(feed: Feed, last_id: str | None = None) -> list[Message]:
    """What a page gets that connects now, up to the newest."""
    return asyncio.run(caught_up(feed.follow(last_id)))


def sequences(messages: Sequence[Message]) -> list[int]:
    """The numbers of all kept events, as they were sent."""
    return [entry["sequence"] for message in messages if message.event == "log" for entry in json.loads(message.data)]


def events(messages: Sequence[Message], kind: str) -> list[dict[str, Any]]:
    """The events of all messages of one kind."""
    return [json.loads(message.data)["event"] for message in messages if message.event == kind]


def names(messages: Sequence[Message]) -> list[str]:
    """The kinds of all messages."""
    return [message.event for message in messages]


def kept(log: Sequence[Logged]) -> list[int]:
    """The numbers of a log's kept events."""
    return [logged.sequence for logged in log if not isinstance(logged.event, TENTATIVE)]


def publish(feed: Feed, log: Sequence[Logged]) -> None:
    """Publish a log as the call would."""
    for logged in log:
        feed.publish(logged)
