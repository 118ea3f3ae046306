"""The audit trail's protocol: what is recorded, and what happens to an action whose line cannot be written.

Anything may import this; what keeps the lines is :mod:`voice_triage.store.trail`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from voice_triage.errors import AuditError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Detail = str | int | float | bool
"""A value of a line's detail: an id, a word of the product's own, a number; never a client's word, name or number."""

AT_THE_DESK = "desk"
"""Who, where nobody has signed in by name: whoever sits at the desk."""
BY_ITSELF = "product"
"""Who, of what the product does by itself."""
COMMAND_LINE = "command line"
"""Who, of what is asked for with ``voice-triage``: whoever may use this user's account of the computer."""


class AuditKind(StrEnum):
    """What a line tells."""

    PLAY = "play"
    """A call's sound was listened to."""
    EXPORT = "export"
    """Something of a call left the encrypted store in plain: files, a hand-off."""
    EDIT = "edit"
    """A person changed what stands in a call: a field, a note, a flag raised, ended or undone."""
    DISMISS = "dismiss"
    """A flag was dismissed."""
    REVIEW = "review"
    """A supervisor's verdict, teaching mark or note."""
    DELETE = "delete"
    """A call, or everything of a client, was deleted by a person."""
    NOT_CLIENT = "not_client"
    """A call was said to be no client's, and nothing of it is kept."""
    BACKUP = "backup"
    RESTORE = "restore"
    SIGN_IN = "sign_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGN_OUT = "sign_out"
    ACCOUNT = "account"
    """An account was made, changed, locked or closed."""
    SETTING = "setting"
    """A setting is another one than at the last start."""
    RETENTION = "retention"
    """What had been kept for as long as the settings say was deleted."""
    HOLD = "hold"
    """A legal hold was placed or lifted."""
    LEXICON = "lexicon"
    """A lexicon was signed, taken into use or taken back."""
    LINES = "lines"
    """The fixed lines were signed."""
    CONSENT = "consent"
    """A client's consent was noted, or recording was paused or resumed."""
    TRAIL = "trail"
    """Of the trail itself: lines that could not be written, a head that was missing."""


NEEDS_ITS_LINE = frozenset(
    {
        AuditKind.PLAY,
        AuditKind.EXPORT,
        AuditKind.DELETE,
        AuditKind.BACKUP,
        AuditKind.ACCOUNT,
        AuditKind.RETENTION,
        AuditKind.HOLD,
        AuditKind.LEXICON,
        AuditKind.LINES,
    }
)
"""Kinds that are recorded before they are done, and are not done if that fails.

All others are work at a running desk: they are done, the desk is told that no line was written (:class:`TellingTrail`),
and the next line says how many are missing.
"""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of the trail."""

    number: int
    """Counts from 1 without holes."""
    at: str
    """ISO 8601, UTC."""
    kind: str
    """An :class:`AuditKind`, or that of a newer version."""
    who: str
    call: str = ""
    detail: Mapping[str, Detail] = field(default_factory=lambda: MappingProxyType({}))


class AuditTrail(Protocol):
    """An append-only record. Safe from any thread."""

    def record(self, kind: AuditKind, *, who: str, call: str = "", **detail: Detail) -> None:
        """Write one line; it is on the disk when this returns.

        ``who`` is an account's id, :data:`AT_THE_DESK`, :data:`BY_ITSELF` or :data:`COMMAND_LINE`. Raises AuditError if
        the line cannot be written, ValueError for a detail that no line may hold (a text over 200 characters).
        """


class RefusingTrail:
    """A trail that cannot be opened: what needs its line is not done."""

    def __init__(self, why: str) -> None:
        self._why = why

    def record(self, kind: AuditKind, *, who: str, call: str = "", **detail: Detail) -> None:
        """Raises AuditError."""
        del who, call, detail
        raise AuditError(f"No line of the audit trail can be written ({kind.value}): {self._why}")


class TellingTrail:
    """A desk's trail: work goes on without its line, and the desk is told; what needs its line is refused."""

    def __init__(self, trail: AuditTrail, tell: Callable[[str], None]) -> None:
        """``tell`` gets one sentence for the CSR when lines cannot be written, once until they can be again."""
        self._trail = trail
        self._tell = tell
        self._told = False

    def record(self, kind: AuditKind, *, who: str, call: str = "", **detail: Detail) -> None:
        """Raises AuditError for :data:`NEEDS_ITS_LINE` alone."""
        try:
            self._trail.record(kind, who=who, call=call, **detail)
        except AuditError:
            if kind in NEEDS_ITS_LINE:
                raise
            if not self._told:
                self._told = True
                self._tell(UNRECORDED)
        else:
            self._told = False


UNRECORDED = (
    "The audit trail cannot be written: what you do is done, but not recorded, and sound is not played. Go on, and "
    "tell whoever looks after this computer that its disk needs a look."
)
