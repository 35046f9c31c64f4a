"""Which tries at a log-in are evaluated: never more than five for an account and place in a quarter of an hour, and no colleague is
kept out by one who guesses."""

from datetime import timedelta

import pytest

from acd.web.access import lockout
from acd.web.access.lockout import FAILS, WITHIN, Lockout, network_of
from tests.support.stopped_clock import StoppedClock

OFFICE, AWAY = "203.0.113.5", "198.51.100.7"
PEOPLE = frozenset({f"user-{n}" for n in range(50)} | {"insider"})


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def door(clock: StoppedClock) -> Lockout:
    return Lockout(clock.now, exists=PEOPLE.__contains__)


def evaluated(door: Lockout, account: str, source: str, tries: int, browser: str = "") -> int:
    """Of so many wrong tries."""
    return sum(not door.begin(account, source, browser) for _ in range(tries))


def logs_in(door: Lockout, account: str, source: str, browser: str = "") -> bool:
    """Whether a right password is evaluated."""
    if door.begin(account, source, browser):
        return False
    door.succeeded(account, source, browser)
    return True


@pytest.mark.parametrize("office_is_known", [True, False])
def test_one_who_guesses_at_everybody_behind_the_same_address_keeps_nobody_out(door: Lockout, office_is_known: bool):
    if office_is_known:
        assert logs_in(door, "insider", OFFICE)
    attacked = [f"user-{n}" for n in range(49)]
    assert {evaluated(door, account, OFFICE, 200) for account in attacked} == {FAILS}
    assert logs_in(door, "user-49", OFFICE), "a colleague whom nobody guessed at"
    assert all(logs_in(door, account, OFFICE, f"browser of {account}") for account in attacked), "known browsers"


def test_a_log_in_of_ones_own_between_the_guesses_clears_nothing(door: Lockout):
    found = 0
    for _ in range(1000):
        found += evaluated(door, "user-1", OFFICE, 4)
        logs_in(door, "insider", OFFICE)
        logs_in(door, "user-1", AWAY, "browser of user-1")
        logs_in(door, "user-1", OFFICE, "other browser of user-1")
    # Until the insider's first log-in the address was like any other; from then on it is a place of its own.
    assert found <= 4 + FAILS


def test_the_owners_own_log_in_gives_nobody_at_the_address_more_tries(door: Lockout, clock: StoppedClock):
    logs_in(door, "user-1", OFFICE)
    assert evaluated(door, "user-1", OFFICE, 4) == 4
    assert logs_in(door, "user-1", OFFICE), "the fifth is the owner's, and right"
    assert evaluated(door, "user-1", OFFICE, 10) == 1
    clock.at += WITHIN
    assert evaluated(door, "user-1", OFFICE, 10) == FAILS


def test_guessing_from_outside_does_not_shut_the_office(door: Lockout):
    logs_in(door, "insider", OFFICE)
    for n in range(200):
        for account in PEOPLE:
            door.begin(account, f"192.0.2.{n}")
    assert all(logs_in(door, account, OFFICE) for account in sorted(PEOPLE))


def test_many_addresses_have_five_tries_in_all(door: Lockout):
    assert sum(evaluated(door, "user-1", f"10.{n // 250}.{n % 250}.1", 5) for n in range(2000)) == FAILS


def test_each_try_is_forgotten_after_a_quarter_of_an_hour(door: Lockout, clock: StoppedClock):
    for _ in range(FAILS):
        assert not door.begin("user-1", AWAY)
        clock.at += timedelta(minutes=1)
    assert door.begin("user-1", AWAY) == timedelta(minutes=10)
    clock.at += timedelta(minutes=10)
    assert (not door.begin("user-1", AWAY), bool(door.begin("user-1", AWAY))) == (True, True)


def test_a_known_browser_has_five_tries_and_a_right_one_gives_them_back(door: Lockout):
    assert evaluated(door, "user-1", OFFICE, 4, "b") == 4
    assert logs_in(door, "user-1", OFFICE, "b")
    assert evaluated(door, "user-1", AWAY, 9, "b") == FAILS, "wherever it is"
    assert not logs_in(door, "user-1", OFFICE, "b")


def test_invented_names_fill_no_memory_and_push_out_no_count(
    door: Lockout, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(lockout, "_REMEMBERED", 1_000)
    assert evaluated(door, "user-1", AWAY, 5) == FAILS
    assert evaluated(door, "insider", OFFICE, 3, "b") == 3
    for n in range(20_000):
        door.begin(f"invented-{n}", f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")
    assert len(door) < 2 * 1_000 + 10
    assert evaluated(door, "user-1", "10.99.0.1", 5) == 0
    assert evaluated(door, "insider", OFFICE, 5, "b") == 2


def test_an_address_is_shut_after_far_more_wrong_tries_and_never_for_known_browsers(door: Lockout, clock: StoppedClock):
    tried = sum(evaluated(door, f"invented-{n}", OFFICE, 1) for n in range(5_000))
    assert tried == lockout.FAILS_OF_AN_ADDRESS
    assert not logs_in(door, "user-1", OFFICE)
    assert logs_in(door, "user-1", OFFICE, "b")
    assert logs_in(door, "user-1", AWAY)
    clock.at += WITHIN
    assert logs_in(door, "user-1", OFFICE)


def test_right_passwords_shut_no_address(door: Lockout):
    assert all(logs_in(door, f"user-{n % 50}", OFFICE) for n in range(5_000))


@pytest.mark.parametrize(
    ("source", "counted"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2::5", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::5", "2001:db8:1:3::/64"),
        ("::1", "::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_an_address_of_ipv6_counts_with_its_network(source: str, counted: str):
    assert network_of(source) == counted
