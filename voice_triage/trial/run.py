"""One trial from its beginning to its end: which calls, how far, what came of it."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from voice_triage.store.calls import CallSummary
from voice_triage.triage.lexicon import Lexicon
from voice_triage.trial.calls import KEPT, KeptLogs, TrialCall, calls_in, ended_calls, kept_call
from voice_triage.trial.differences import Trial
from voice_triage.trial.readers import compare_all


@dataclass(frozen=True, slots=True)
class TrialProgress:
    """How far a trial is."""

    read: int
    calls: int
    """All that will be read."""


class LexiconTrial:
    """A lexicon tried against the one in force, on kept and given calls. Used by one thread, once."""

    def __init__(
        self,
        in_force: Lexicon,
        tried: Lexicon,
        *,
        store: KeptLogs | None = None,
        newest: int | None = None,
        given: Sequence[Path] = (),
    ) -> None:
        """``newest``: at most so many kept calls. ``given``: folders of acted calls, files of texts.

        Raises TrialError if what is given cannot be read, StoreError if the kept calls cannot be listed.
        """
        self._in_force = in_force
        self._tried = tried
        self._store = store
        self._kept: Sequence[CallSummary] = [] if store is None else ended_calls(store, newest)
        self._given: list[TrialCall] = [call for path in given for call in calls_in(path)]
        self.trial = Trial(in_force.label, tried.label)
        """What is known so far; whole when :meth:`run` has ended."""

    @property
    def calls(self) -> int:
        """So many calls will be read."""
        return len(self._kept) + len(self._given)

    def run(self, processes: int | None = None) -> Generator[TrialProgress]:
        """Read everything; gives how far it is after each call. Closing it gives up and leaves nothing behind.

        Raises TrialError and LexiconError, as :func:`voice_triage.trial.readers.compare_all` does.
        """
        yield TrialProgress(0, self.calls)
        reading = compare_all(self._calls(), self._in_force, self._tried, processes=processes)
        with closing(reading) as compared:
            for read, each in enumerate(compared, start=1):
                self.trial.take(each)
                yield TrialProgress(read + len(self.trial.unread), self.calls)
        self.trial.end([KEPT, *dict.fromkeys(call.group for call in self._given)])

    def _calls(self) -> Iterator[TrialCall]:
        for summary in self._kept:
            assert self._store is not None
            call = kept_call(self._store, summary)
            if call is None:
                self.trial.unread.append(summary.call)
            else:
                yield call
        yield from self._given
