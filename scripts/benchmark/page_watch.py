"""Watching the console's page in a browser: what it shows, and when each change had been painted."""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from voice_triage.events import (
    Event,
    FieldRetracted,
    FieldSuggested,
    FinalTranscript,
    FlagRaised,
    FlagWithdrawn,
    PartialTranscript,
    Side,
)

WATCH = """
(() => {
  window.watched = [];
  window.usable = null;
  let due = false;
  const changed = new Set();
  const look = () => {
    due = false;
    const text = (selector) => document.querySelector(selector)?.textContent ?? "";
    const shown = {};
    shown["partial"] = document.getElementById("partial")?.hidden ? "" : text("#partial-text");
    for (const id of changed) shown[id] = text(`#${id} .words`);
    for (const flag of document.querySelectorAll(".flag")) {
      shown[flag.id] = `${flag.dataset.state} ${flag.querySelector(".said")?.textContent ?? ""}`;
    }
    for (const field of document.querySelectorAll(".field[id]")) {
      shown[field.id] = field.querySelector(".said")?.textContent ?? "";
    }
    changed.clear();
    // Behind the next frame's painting: a message that was sent before it is delivered after it.
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        const at = performance.timeOrigin + performance.now();
        const connected = document.querySelector("#console[data-connection=open] #waiting-heading");
        if (window.usable === null && connected?.textContent) {
          window.usable = performance.now();
        }
        window.watched.push([at, shown]);
      };
      channel.port2.postMessage(null);
    });
  };
  const start = () => new MutationObserver((records) => {
    for (const { target } of records) {
      const line = (target.nodeType === 1 ? target : target.parentElement)?.closest?.(".utterance");
      if (line) changed.add(line.id);
      if (target.id === "transcript" && target.lastElementChild) changed.add(target.lastElementChild.id);
    }
    if (!due) {
      due = true;
      queueMicrotask(look);
    }
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
  start();
})();
"""
"""Runs in the page before its own scripts. Writes down, for every change, what is shown once it has been painted."""

Shown = Sequence[tuple[float, Mapping[str, str]]]
"""Wall-clock milliseconds and what was shown then, by the id of its place."""


@dataclass(frozen=True, slots=True)
class Published:
    """An event, and when the call gave it to the feed."""

    at_ms: float
    """Wall clock."""
    event: Event


def place_of(event: Event) -> tuple[str, str] | None:
    """Where the page shows an event, and as which text; None for one that is not watched."""
    match event:
        case PartialTranscript() if event.side is Side.CLIENT and event.text:
            return "partial", event.text
        case FinalTranscript():
            return f"utterance-{event.utterance}", event.text
        case FlagRaised(pet=0):
            return f"flag-{event.category}", f"{event.state} “{event.evidence}”"
        case FieldSuggested(pet=0):
            return f"field-{event.field}", f"“{event.evidence}”"
        case FieldRetracted(pet=0):
            return f"field-{event.field}", ""
        case _:
            return None


def delays_ms(published: Sequence[Published], shown: Shown) -> dict[str, list[float]]:
    """Milliseconds from an event's publication until it, or what replaced it meanwhile, had been painted; by kind.

    A partial transcript that was closed before it was painted counts by its final. Raises ValueError if an event was
    never shown.
    """
    places: dict[str, list[tuple[float, str, str]]] = {}
    for each in published:
        found = place_of(each.event)
        if isinstance(each.event, FlagWithdrawn) and (raised := places.get(f"flag-{each.event.category}")):
            found = f"flag-{each.event.category}", f"withdrawn {raised[-1][1].partition(' ')[2]}"
        if found is not None:
            places.setdefault(found[0], []).append((each.at_ms, found[1], type(each.event).__name__))
    finals = [each for each in published if isinstance(each.event, FinalTranscript)]
    times = [at for at, _ in shown]
    delays: dict[str, list[float]] = {}
    for place, events in places.items():
        for number, (at_ms, _, kind) in enumerate(events):
            wanted = {text for _, text, _ in events[number:]}
            closed = next((place_of(f.event) for f in finals if f.at_ms >= at_ms), None) if place == "partial" else None
            for when, now in shown[bisect.bisect_left(times, at_ms) :]:
                if now.get(place) in wanted or (closed is not None and now.get(closed[0]) == closed[1]):
                    delays.setdefault(kind, []).append(when - at_ms)
                    break
            else:
                raise ValueError(f"an event ({kind}) was never shown")
    return delays


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of them do not exceed (nearest rank). Raises ValueError if there are none."""
    if not values:
        raise ValueError("nothing was measured")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))]


def watch(tab: Any) -> None:
    """Watch this tab from its next page on."""
    tab.add_init_script(WATCH)


def shown_by(tab: Any) -> list[tuple[float, dict[str, str]]]:
    """What the tab has shown so far."""
    return [(at, dict(what)) for at, what in tab.evaluate("() => window.watched")]
