"""Lock-out: who guesses waits, longer and longer; nobody gains by guessing at the same time."""

from __future__ import annotations

import threading

from tests.console.clinic_people import Clock
from voice_triage.accounts.lockout import (
    FIRST_WAIT_S,
    FORGOTTEN_S,
    FREE_BY_ACCOUNT,
    FREE_BY_ADDRESS,
    LONGEST_WAIT_S,
    MOST_COUNTED,
    Lockout,
)


def test_the_wait_doubles_up_to_a_bound() -> None:
    """Five free tries; then each further one only after a wait, twice as long as the one before."""
    clock = Clock()
    lockout = Lockout(clock)
    assert [lockout.begin("sue", "a") for _ in range(FREE_BY_ACCOUNT)] == [0.0] * FREE_BY_ACCOUNT
    waits = []
    for _ in range(8):
        waits.append(lockout.begin("sue", "a"))
        clock.now_s += waits[-1]
        assert lockout.begin("sue", "a") == 0.0
    assert waits[:5] == [FIRST_WAIT_S * 2**step for step in range(5)]
    assert waits[-1] == LONGEST_WAIT_S


def test_asking_while_waiting_does_not_lengthen_the_wait() -> None:
    """Else anybody could keep anybody out for ever by asking."""
    clock = Clock()
    lockout = Lockout(clock)
    for _ in range(FREE_BY_ACCOUNT):
        lockout.begin("sue", "a")
    assert {lockout.begin("sue", "a") for _ in range(100)} == {FIRST_WAIT_S}


def test_an_address_is_counted_over_all_accounts_and_an_account_over_all_addresses() -> None:
    """Trying one password at every account is a guess as well."""
    lockout = Lockout(Clock())
    tries = [lockout.begin(f"name-{number}", "a") for number in range(FREE_BY_ADDRESS + 1)]
    assert tries[:-1] == [0.0] * FREE_BY_ADDRESS
    assert tries[-1] == FIRST_WAIT_S
    assert lockout.begin("name-0", "b") == 0.0
    for number in range(FREE_BY_ACCOUNT - 2):
        assert lockout.begin("name-0", f"c-{number}") == 0.0
    assert lockout.begin("name-0", "d") == FIRST_WAIT_S


def test_the_right_password_clears_the_account_and_takes_back_one_try_of_the_address() -> None:
    """Who has one account of their own cannot guess at others between their own sign-ins."""
    lockout = Lockout(Clock())
    for _ in range(FREE_BY_ACCOUNT - 1):
        lockout.begin("sue", "a")
    assert lockout.begin("sue", "a") == 0.0
    lockout.succeeded("sue", "a")
    assert [lockout.begin("sue", "b") for _ in range(FREE_BY_ACCOUNT)] == [0.0] * FREE_BY_ACCOUNT
    other = Lockout(Clock())
    guesses = 0
    for number in range(100):
        if other.begin(f"victim-{number}", "a") > 0:
            break
        guesses += 1
        if other.begin("mine", "a") > 0:
            break
        other.succeeded("mine", "a")
    assert guesses <= FREE_BY_ADDRESS


def test_guesses_at_the_same_time_gain_nothing() -> None:
    """An attempt counts from its beginning: of two hundred at once five are looked at."""
    lockout = Lockout(Clock())
    began: list[float] = []
    ready = threading.Barrier(40)

    def guess(number: int) -> None:
        ready.wait()
        began.extend(lockout.begin("sue", f"address-{number}") for _ in range(5))

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(wait == 0.0 for wait in began) == FREE_BY_ACCOUNT


def test_a_day_without_a_failure_begins_anew_and_memory_is_bounded() -> None:
    """And inventing names pushes out names, not the address they come from."""
    clock = Clock()
    lockout = Lockout(clock)
    for _ in range(FREE_BY_ACCOUNT):
        lockout.begin("sue", "a")
    clock.now_s += FORGOTTEN_S + 1
    assert lockout.begin("sue", "a") == 0.0
    for _ in range(FREE_BY_ADDRESS + 1):
        lockout.begin("x", "b")
        clock.now_s += LONGEST_WAIT_S
    for number in range(MOST_COUNTED * 2):
        lockout.begin(f"invented-{number}", "b")
    assert len(lockout._counts) <= MOST_COUNTED
    assert lockout.begin("one-more", "b") > 0


def test_a_machine_with_many_addresses_is_one_machine() -> None:
    """An IPv6 host can take any address of its network; the network is counted."""
    lockout = Lockout(Clock())
    tries = [lockout.begin(f"name-{number}", f"2001:db8:0:1::{number:x}") for number in range(1, FREE_BY_ADDRESS + 2)]
    assert tries[-1] == FIRST_WAIT_S
    assert lockout.begin("other", "2001:db8:0:2::1") == 0.0
    assert lockout.begin("another", "192.0.2.1") == 0.0
