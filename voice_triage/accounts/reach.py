"""Which kept calls a person may open: a CSR their own, a technician those handed off, a supervisor all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from voice_triage.accounts.roles import REVIEWERS, Person, Role
from voice_triage.errors import NoSuchCallError


@dataclass(frozen=True, slots=True)
class Whose:
    """What decides who may open a call."""

    csr: str
    """Account of the CSR who was at the desk; ``desk`` for the desk's own, and for calls from before there were
    accounts."""
    handed_off: bool
    """Whether it was handed to a technician or a doctor, and that was not undone."""
    at_hand: bool = False
    """Whether its card is still shown at the desk: whoever sits there now must be able to end its flags."""


def may_open(person: Person, whose: Whose, *, at_desk: bool) -> bool:
    """Whether ``person`` may open a call. ``at_desk``: they are at the desk's own computer."""
    if person.role in REVIEWERS:
        return True
    if person.role is Role.TECHNICIAN:
        return whose.handed_off
    return whose.csr == person.account or (at_desk and whose.at_hand)


def reach(whose: Callable[[str], Whose]) -> Callable[[Person, str, bool], bool]:
    """:func:`may_open` for a call's id; ``whose`` reads it, and raises NoSuchCallError.

    A call that is not there may be opened by those who may open all: they are told so by whoever looks for it.
    """

    def decide(person: Person, call: str, at_desk: bool) -> bool:
        if person.role in REVIEWERS:
            return True
        try:
            return may_open(person, whose(call), at_desk=at_desk)
        except NoSuchCallError:
            return False

    return decide
