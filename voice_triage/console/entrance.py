"""What the console needs to let people in, in one piece."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from voice_triage.accounts.sessions import Sessions
from voice_triage.accounts.sign_in import SignIn
from voice_triage.console.gate import MayOpen


def _nobody(_person: object, _call: str, _at_desk: bool) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Entrance:
    """Who gets in, and how. By itself: the desk's own link alone, and nobody to sign in."""

    sessions: Sessions = field(default_factory=Sessions)
    sign_in: SignIn | None = None
    """Without it there are no accounts, and no pages for them."""
    may_open: MayOpen = _nobody
    """Whether a person may open a kept call."""
    desk_signs_in: bool = True
    """Whether the desk's own link makes its browser the desk's CSR, without a password."""
    beyond_names: Sequence[str] = ()
    """Names and addresses that the certificate holds."""
