"""Carries out the retention rules: once when asked, and daily by itself beside a running desk, between its calls."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from voice_triage.audit_trail import BY_ITSELF, AuditKind, AuditTrail
from voice_triage.call_log import where
from voice_triage.errors import StoreError, VoiceTriageError
from voice_triage.retention import Due, RetentionRules, acted, decide, due, load_state, save_state
from voice_triage.store.sql_calls import SqlCallStore

log = logging.getLogger(__name__)

EVERY = timedelta(days=1)
WAITING = timedelta(hours=1)
"""How often it is looked whether the rules may act, as long as they may not."""
FAILED = "What is past its time could not be deleted. Look at: voice-triage retention run --dry-run."
LOOK_EVERY_S = 60.0
"""How often a waiting desk asks whether it is time, and whether no call is going on."""


@dataclass(slots=True)
class RetentionOutcome:
    """What came of a run."""

    deleted: list[Due] = field(default_factory=list)
    kept: list[Due] = field(default_factory=list)
    """Past their time, and kept: held, or not to be told."""
    failed: list[tuple[Due, str]] = field(default_factory=list)
    """Not deleted, and why."""
    finished: bool = True
    """Whether nothing was left for later."""


def due_now(store: SqlCallStore, rules: RetentionRules, now: datetime) -> list[Due]:
    """What a run would look at: also what ``retention run --dry-run`` shows. Raises StoreError."""
    parts = store.parts
    return due(
        store.calls(None), rules, now, has_sound=parts.has_sound, is_held=lambda call: parts.held(call) is not None
    )


def run_retention(
    store: SqlCallStore,
    audit: AuditTrail,
    rules: RetentionRules,
    now: datetime,
    *,
    who: str = BY_ITSELF,
    may_go_on: Callable[[], bool] = lambda: True,
    forget: Callable[[str], None] = lambda _call: None,
    planned: Sequence[Due] | None = None,
) -> RetentionOutcome:
    """Delete what is past its time, a call after the other, each altogether or not at all.

    ``may_go_on`` is asked before every call; what is left then is for the next run. ``forget`` is told of every call
    of which something was deleted. Raises StoreError, and AuditError: nothing is deleted without its line.
    """
    store.parts.finish()
    outcome = RetentionOutcome()
    for each in due_now(store, rules, now) if planned is None else planned:
        if each.kept_because:
            outcome.kept.append(each)
            continue
        if not may_go_on():
            outcome.finished = False
            break
        kinds = ", ".join(each.kinds)
        audit.record(AuditKind.RETENTION, who=who, call=each.call, kinds=kinds, age_days=round(each.age_days, 1))
        try:
            store.parts.remove(each.call, each.kinds, now, "retention")
        except StoreError as error:
            audit.record(AuditKind.RETENTION, who=who, call=each.call, kinds=kinds, failed=True)
            outcome.failed.append((each, str(error)))
        else:
            forget(each.call)
            outcome.deleted.append(each)
    return outcome


class DailyRetention:
    """Beside a running desk: at its start and then daily, when no call is going on."""

    def __init__(  # noqa: PLR0913 - what it works with, each given once
        self,
        store: SqlCallStore,
        audit: AuditTrail,
        data_dir: Path,
        rules: RetentionRules,
        *,
        idle: Callable[[], bool],
        tell: Callable[[str], None],
        forget: Callable[[str], None] = lambda _call: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        """``idle``: whether no call is going on. ``tell`` gets a sentence for the desk. ``now`` gives aware moments."""
        self._store = store
        self._audit = audit
        self._data_dir = data_dir
        self._rules = rules
        self._idle = idle
        self._tell = tell
        self._forget = forget
        self._now = now
        self._look_every_s = look_every_s
        self._stopped = threading.Event()
        self._told = ""
        self._looked_at: datetime | None = None
        self._thread = threading.Thread(target=self._go_on, name="retention", daemon=True)

    def start(self) -> None:
        """Begin, on a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """End after the call that is being worked on. Idempotent."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> RetentionOutcome | None:
        """Do what is to be done now, if anything; None if nothing was. Raises VoiceTriageError, OSError."""
        now = self._now()
        before = load_state(self._data_dir)
        fresh = before is not None and before.rules == self._rules and before.ran_at is not None
        if fresh and before is not None and before.ran_at is not None and timedelta() <= now - before.ran_at < EVERY:
            return None
        waiting = self._looked_at is not None and timedelta() <= now - self._looked_at < WAITING
        if waiting or not self._may_go_on():
            return None
        planned = due_now(self._store, self._rules, now)
        decision = decide(before, self._rules, now, planned)
        if not decision.act:
            self._looked_at = now
            save_state(self._data_dir, decision.state)
            if decision.tell and decision.tell != self._told:
                self._told = decision.tell
                act_from = decision.state.act_from.isoformat(timespec="seconds")
                self._audit.record(AuditKind.RETENTION, who=BY_ITSELF, told=True, calls=len(planned), act_from=act_from)
                self._tell(decision.tell)
            return None
        outcome = run_retention(
            self._store,
            self._audit,
            self._rules,
            now,
            may_go_on=self._may_go_on,
            forget=self._forget,
            planned=planned,
        )
        save_state(self._data_dir, acted(decision.state, now) if outcome.finished else decision.state)
        return outcome

    def _may_go_on(self) -> bool:
        return self._idle() and not self._stopped.is_set()

    def _go_on(self) -> None:
        while not self._stopped.wait(self._look_every_s):
            try:
                outcome = self.look()
            except (VoiceTriageError, OSError) as error:
                log.error("retention failed: %s", where(error))
                if not self._told:
                    self._told = FAILED
                    self._tell(self._told)
            else:
                if outcome is not None and outcome.failed:
                    log.error("retention: %d call(s) could not be deleted in part", len(outcome.failed))
