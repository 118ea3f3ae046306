"""Numbers over time: they are those that one counts by hand, and their parts add up."""

from __future__ import annotations

import csv
import io
import json
import math
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.commands.test_cli import run
from tests.console.scripted_call import blocked_cat
from tests.review.reviewed_calls import GAP, WITHDRAWN, dismissed, kept_call, sent
from voice_triage.events import (
    DismissalReason,
    Event,
    FieldSettled,
    FlagEnd,
    FlagEnded,
    FlagJudged,
    FlagRaised,
    FlagRaisedByHand,
    Logged,
    MissMarked,
    ReviewDone,
    Settlement,
    Urgency,
    Verdict,
)
from voice_triage.numbers.kept import KeptLines
from voice_triage.numbers.measures import FEWEST, Measure, Numbers, csrs, numbers, period_of
from voice_triage.numbers.period import Every
from voice_triage.numbers.text import COLUMNS, number_lines, numbers_csv
from voice_triage.review.line import LineFlag, LineQuality, QueueLine
from voice_triage.review.queue import QueuedCall
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore
from voice_triage.triage.lexicon import CATEGORIES

DONE = ReviewDone(90.0, "jo")
MISSED = MissMarked(91.0, "jo", "pain", "he cried", 2, 0, 1, 5.0, 6.0)


def judged(verdict: Verdict) -> FlagJudged:
    """The supervisor's verdict on the flag."""
    return FlagJudged(92.0, "jo", "urinary", verdict)


def made_store(path: Path) -> SqlCallStore:
    """24 calls in three weeks: twelve, none, twelve.

    The first week: 6 flagged and sent, of which 2 were false alarms; 4 dismissed, 3 as not so; 2 without a flag, one
    of them missed. All reviewed. The third week: 12 calls of another CSR, none reviewed, 3 with gaps, 2 withdrawn.
    """
    store = SqlCallStore(path / FILE_NAME)
    first, third = "2026-03-02T09:{:02}:00-05:00", "2026-03-17T09:{:02}:00-05:00"

    def keep(
        name: str, at: str, *after: Event, during: tuple[Event, ...] = (), csr: str = "ana", flags: bool = True
    ) -> None:
        store.append(kept_call(name, at, csr=csr, flags=flags, during=during, after=after))

    for number in range(6):
        verdict = Verdict.FALSE_ALARM if number < 2 else Verdict.RIGHT
        keep(f"s{number}", first.format(number), *sent(40.0 + number), judged(verdict), DONE)
    for number in range(4):
        reason = DismissalReason.MISHEARD if number == 3 else DismissalReason.NOT_SO
        seen, _ = dismissed()
        other = FlagEnded(41.0, "urinary", FlagEnd.DISMISSED, 0, reason)
        keep(f"d{number}", first.format(10 + number), seen, other, DONE)
    for number in range(2):
        keep(f"n{number}", first.format(20 + number), *([MISSED] if number else []), DONE, flags=False)
    for number in range(12):
        during: tuple[Event, ...] = (GAP,) if number < 3 else (WITHDRAWN,) if number < 5 else ()
        keep(f"t{number}", third.format(number), during=during, csr="ben")
    return store


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Numbers:
    """Numbers of the made store, by week."""
    with made_store(tmp_path_factory.mktemp("kept")) as store:
        return numbers(KeptLines(store).all(), Every.WEEK)


def measure(found: Numbers, name: str) -> Measure:
    """One of them."""
    return next(each for each in found.measures if each.id == name)


def hits(found: Numbers, name: str, part: str = "") -> list[tuple[int | None, int]]:
    """(how many, of how many) in each period."""
    return [(cell.hits, cell.of) for cell in measure(found, name).rows[part]]


def test_every_period_is_there_with_its_calls(found: Numbers) -> None:
    """A week without calls is one without calls, not a hole."""
    assert found.periods == ("2026-W10", "2026-W11", "2026-W12")
    assert (found.calls, found.reviewed) == ((12, 0, 12), (12, 0, 0))


def test_numbers_are_those_counted_by_hand(found: Numbers) -> None:
    """Each of them, of the calls, flags or fields that it is of."""
    assert hits(found, "flags", "urinary") == [(10, 12), (0, 0), (10, 12)]
    assert hits(found, "flags", "pain") == [(0, 12), (0, 0), (0, 12)]
    assert hits(found, "false_alarms") == [(2, 12), (0, 0), (0, 0)]
    assert hits(found, "missed") == [(1, 12), (0, 0), (0, 0)]
    assert hits(found, "dismissals", "not_so") == [(3, 4), (0, 0), (0, 0)]
    assert hits(found, "dismissals", "misheard") == [(1, 4), (0, 0), (0, 0)]
    assert hits(found, "quality", "gaps") == [(0, 12), (0, 0), (3, 12)]
    assert hits(found, "quality", "good") == [(12, 12), (0, 0), (9, 12)]


def test_shares_have_the_intervals_of_their_counts(found: Numbers) -> None:
    """2 of 12 calls are 16.7 per 100, and may be 4.7 to 44.8 (Wilson)."""
    figure = measure(found, "false_alarms").rows[""][0].figure
    assert figure is not None
    assert [round(each, 1) for each in (figure.value, figure.low, figure.high)] == [16.7, 4.7, 44.8]


def test_times_are_medians_of_what_was_shown(found: Numbers) -> None:
    """From shown to acknowledged: six at 40 to 45 s, four at 40 s, all shown at the same second of the call."""
    acknowledged = measure(found, "to_acknowledge").rows[""]
    shown_s = next(event.event.at_s for event in blocked_cat("c") if isinstance(event.event, FlagRaised))
    assert [cell.of for cell in acknowledged] == [10, 0, 0]
    figure = acknowledged[0].figure
    assert figure is not None
    times = sorted([*(40.0 + number - shown_s for number in range(6)), *[40.0 - shown_s] * 4])
    assert figure.value == pytest.approx((times[4] + times[5]) / 2)
    assert [figure.low, figure.high] == pytest.approx([times[1], times[8]])
    assert [cell.of for cell in measure(found, "to_disposition").rows[""]] == [10, 0, 0]


def test_too_few_are_told_as_such(found: Numbers) -> None:
    """Of four dismissals no share is told, and of no calls nothing; the counts themselves stay."""
    cells = measure(found, "dismissals").rows["not_so"]
    assert [cell.figure for cell in cells] == [None, None, None]
    assert cells[0].hits == 3
    text = "\n".join(number_lines(found))
    assert "not_so - (3)" in text
    assert "too few to tell" in text


def test_numbers_of_one_csr_are_those_of_their_calls(tmp_path: Path) -> None:
    """By account; together the CSRs' calls are all calls."""
    with made_store(tmp_path) as store:
        lines = KeptLines(store).all()
        store.append(kept_call("w", "2026-03-03T09:00:00-05:00", csr="cleo"))
    assert csrs(lines) == ("ana", "ben")
    ana, ben = (numbers(lines, Every.MONTH, csr=csr) for csr in ("ana", "ben"))
    assert (ana.periods, ana.calls, ben.calls) == (("2026-03",), (12,), (12,))
    assert hits(ben, "quality", "gaps") == [(3, 12)]


def test_what_is_done_later_is_seen_and_deleted_calls_are_gone(tmp_path: Path) -> None:
    """Lines are kept in memory; a verdict, a new call and a deletion change what they say."""
    with made_store(tmp_path) as store:
        kept = KeptLines(store)
        assert hits(numbers(kept.all(), Every.MONTH), "false_alarms") == [(2, 12)]
        log = store.events("t7")
        more: list[Event] = [judged(Verdict.FALSE_ALARM), DONE]
        store.append([Logged("t7", log[-1].sequence + place, event) for place, event in enumerate(more, 1)])
        store.append(kept_call("new", "2026-03-20T09:00:00-05:00", csr="ben"))
        store.delete("s0")
        after = numbers(kept.all(), Every.MONTH)
    assert after.calls == (24,)
    assert hits(after, "false_alarms") == [(2, 12)]


def test_fields_are_told_by_what_became_of_them(tmp_path: Path) -> None:
    """Confirmed, edited, rejected, not known, or left as suggested; a flag raised by hand has no time to flag."""
    with SqlCallStore(tmp_path / FILE_NAME) as store:
        settled = [
            FieldSettled(39.0, "species", Settlement.CONFIRMED, "cat"),
            FieldSettled(39.5, "weight", Settlement.EDITED, "4 kg"),
            FieldSettled(39.7, "onset", Settlement.UNKNOWN),
        ]
        by_hand = FlagRaisedByHand(39.8, "pain", Urgency.ORANGE)
        store.append(kept_call("c", after=[*settled, by_hand]))
        (line,) = KeptLines(store).all()
    found = numbers([line], Every.WEEK)
    states = {name: cells[0].hits for name, cells in measure(found, "fields").rows.items()}
    assert (states["confirmed"], states["edited"], states["unknown"], states["rejected"]) == (1, 1, 1, 0)
    assert states["suggested"] == len(line.line.fields) - 3
    assert measure(found, "to_flag").rows[""][0].of == 1
    assert hits(found, "flags", "pain") == [(1, 1)]


def test_periods_are_the_clinics_own_days() -> None:
    """A call at five to midnight on Sunday is of that week, whatever time it is in Greenwich."""
    assert period_of("2026-03-08T23:55:00-05:00", Every.WEEK) == "2026-W10"
    assert period_of("2026-01-01T00:05:00+01:00", Every.WEEK) == "2026-W01"
    assert period_of("2027-01-01T00:05:00+01:00", Every.WEEK) == "2026-W53"
    assert period_of("2027-01-01T00:05:00+01:00", Every.MONTH) == "2027-01"


# --- what holds for all calls ---------------------------------------------------------------------------------------

_SECONDS = st.none() | st.floats(0, 600)
_FLAG = st.builds(
    LineFlag,
    st.sampled_from(CATEGORIES),
    st.integers(0, 1),
    st.sampled_from(Urgency),
    st.booleans(),
    st.booleans(),
    st.none() | st.sampled_from(FlagEnd),
    st.sampled_from(DismissalReason),
    st.none() | st.sampled_from(Verdict),
    _SECONDS,
    _SECONDS,
    _SECONDS,
)
_LINE = st.builds(
    QueueLine,
    st.sampled_from(("ana", "ben")),
    st.lists(_FLAG, max_size=3).map(tuple),
    st.none(),
    st.sampled_from(LineQuality),
    st.booleans(),
    st.integers(0, 2),
    st.none() | st.just(90.0),
    st.just(""),
    st.none(),
    st.just(()),
    st.just(()),
    st.lists(st.tuples(st.just("species"), st.sampled_from([*Settlement, "suggested"])), max_size=3).map(tuple),
)
_CALL = st.builds(
    QueuedCall,
    st.text("abc", min_size=1),
    st.datetimes(timezones=st.just(UTC)).map(
        lambda moment: moment.replace(year=2026, month=1 + moment.month % 3, day=1 + moment.day % 28).isoformat()
    ),
    st.just(60.0),
    st.just("headset"),
    _LINE,
)


@settings(deadline=None)
@given(st.lists(_CALL, max_size=25), st.sampled_from(Every))
def test_sums_over_parts_and_over_csrs_equal_totals(calls: list[QueuedCall], every: Every) -> None:
    """Reasons, states and qualities add up to their whole; CSRs' calls to all calls; values lie in their intervals."""
    found = numbers(calls, every)
    assert sum(found.calls) == len(calls)
    for name in ("dismissals", "fields", "quality"):
        rows = measure(found, name).rows
        for number in range(len(found.periods)):
            assert sum(cells[number].hits or 0 for cells in rows.values()) == next(iter(rows.values()))[number].of
    total = sum(cell.hits or 0 for cells in measure(found, "flags").rows.values() for cell in cells)
    assert total == sum(len({flag.category for flag in call.line.flags if not flag.withdrawn}) for call in calls)
    by_csr = [numbers(calls, every, csr=csr) for csr in ("ana", "ben")]
    for name in ("false_alarms", "missed"):
        together = [sum(pair[0] or 0 for each in by_csr for pair in hits(each, name)), 0]
        assert together[0] == sum(pair[0] or 0 for pair in hits(found, name))
    for each in found.measures:
        for cell in (cell for cells in each.rows.values() for cell in cells):
            assert cell.figure is None or cell.of >= FEWEST
            if cell.figure is not None:
                assert cell.figure.low <= cell.figure.value <= cell.figure.high
                assert math.isfinite(cell.figure.low)


# --- taking them out --------------------------------------------------------------------------------------------------


def test_csv_has_a_row_for_every_figure(found: Numbers) -> None:
    """As a spreadsheet reads it; what is too few to tell is empty, its counts are not."""
    rows = list(csv.DictReader(io.StringIO(numbers_csv(found), newline="")))
    assert tuple(rows[0]) == COLUMNS
    cells = sum(len(cells) for each in found.measures for cells in each.rows.values())
    assert len(rows) == cells
    row = next(row for row in rows if (row["measure"], row["period"]) == ("false_alarms", "2026-W10"))
    assert (row["value"], row["hits"], row["of"], row["calls"]) == ("16.667", "2", "12", "12")
    few = next(row for row in rows if (row["measure"], row["part"]) == ("dismissals", "not_so"))
    assert (few["value"], few["hits"]) == ("", "3")


def test_numbers_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a table, as CSV, as JSON; of one CSR; and nothing where nothing is kept."""
    monkeypatch.setenv("VOICE_TRIAGE_DATA_DIR", str(tmp_path))
    code, out, err = run("numbers")
    assert (code, out) == (0, "")
    assert "No ended call" in err
    made_store(tmp_path).close()
    code, out, _ = run("numbers")
    assert code == 0
    assert "2026-W10      12 reviewed calls: 16.7 (4.7 to 44.8)" in out
    code, out, _ = run("numbers", "--every", "month", "--csv", "--csr", "ben")
    assert (code, out.splitlines()[0]) == (0, ",".join(COLUMNS))
    code, out, _ = run("numbers", "--json")
    assert json.loads(out)["calls"] == [12, 0, 12]
    code, _, err = run("numbers", "--csr", "zoe")
    assert (code, "ana, ben" in err) == (1, True)
