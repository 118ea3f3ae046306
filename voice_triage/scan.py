"""Written text through the same understanding as a call: JSON lines in, reports out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from voice_triage.call_log import code_of
from voice_triage.call_parts import Understanding
from voice_triage.card_data.typed import utterances_without_card_data
from voice_triage.events import Event, FinalTranscript, Side, StageFailed
from voice_triage.report import Report, text_report
from voice_triage.triage.tokens import words_of_text


@dataclass(frozen=True, slots=True)
class BadLine:
    """An input line that could not be read; ``why`` says what is wrong and names the line, not its words."""

    number: int
    """From 1."""
    why: str


def scan(lines: Iterable[bytes], new_understanding: Callable[[], Understanding]) -> Iterator[Report | BadLine]:
    """One report per line ``{"id", "text"}`` (UTF-8 JSON), in order; empty lines are passed over.

    A line break inside ``text`` separates utterances. Reports hold no times: written words have none.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            item, text = _read(line)
        except ValueError as error:
            yield BadLine(number, f"line {number}: {error}")
            continue
        yield report_of_text(item, text, new_understanding())


def report_of_text(item: str, text: str, understanding: Understanding) -> Report:
    """The report of one written text, without the card data in it."""
    events: list[Event] = []
    written = [words for part in text.splitlines() if (words := words_of_text(part))]
    utterances = utterances_without_card_data(written)
    if utterances != written:
        text = "\n".join(" ".join(word.text for word in words) for words in utterances)
    for number, words in enumerate(utterances):
        spoken = " ".join(word.text for word in words)
        said = FinalTranscript(0.0, Side.CLIENT, number, words, spoken, 0.0, 0.0, "text")
        events.append(said)
        try:
            events += understanding.hear(said)
        except Exception as error:  # noqa: BLE001 - becomes a failure in the report; the next utterances are tried
            advice = f"Utterance {number} could not be checked for red flags: read it yourself."
            events.append(StageFailed(0.0, "understanding", code_of(error), advice))
    return text_report(item, text, events)


def _read(line: bytes) -> tuple[str, str]:
    try:
        data = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}; save the input as UTF-8") from error
    except json.JSONDecodeError as error:
        raise ValueError(
            f'not JSON ({error.msg} at column {error.colno}); a line is {{"id": "...", "text": "..."}}'
        ) from error
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(data, dict) or not isinstance(data.get("text"), str):
        raise ValueError('no "text"; a line is {"id": "...", "text": "..."}')
    item = data.get("id")
    if isinstance(item, bool) or not isinstance(item, str | int):
        raise ValueError('no "id" that is a text or a whole number; a line is {"id": "...", "text": "..."}')
    return str(item), data["text"]
