"""Codes of an app, recovery codes, and where they are kept: told without a server."""

import json
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest

from acd.web.access import totp
from acd.web.access.accounts import Account, Accounts
from acd.web.access.second_factors import PASSKEYS, RECOVERY_CODES, BadFactor, Passkey, SecondFactors
from acd.web.access.short_lived import ShortLived

AT = datetime(2026, 11, 29, 9, 0, 15, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class Clock:
    def __init__(self) -> None:
        self.at = AT

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def factors(tmp_path: Path, clock: Clock) -> SecondFactors:
    return SecondFactors(tmp_path, clock.now)


AMY = Account("amy", frozenset({"operator"}), "stamp", made="made-1")


def code(at: datetime, steps: int = 0) -> str:
    return pyotp.TOTP(SECRET).at(at + timedelta(seconds=30 * steps))


def key(id_: str = "a", count: int = 0, name: str = "laptop") -> Passkey:
    return Passkey(id_, name, AT, None, "public", count)


@pytest.mark.parametrize(
    ("unix", "shown"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_the_codes_are_those_of_the_rfc(unix: int, shown: str):
    """RFC 6238, appendix B, its last six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert totp.step_of(secret, shown, datetime.fromtimestamp(unix, UTC)) == unix // 30


@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_telephones_clock_may_be_half_a_minute_wrong(steps: int, taken: bool):
    assert (totp.step_of(SECRET, code(AT, steps), AT) is not None) == taken


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345", "12345\n6", "\ud800" * 6]
)
def test_what_is_no_code_is_none(factors: SecondFactors, clock: Clock, typed: str):
    factors.set_totp(AMY, SECRET, code(AT))
    clock.at += timedelta(minutes=5)
    assert factors.check(AMY, typed) == ("wrong", None)


def test_there_is_none_at_first(factors: SecondFactors):
    assert not factors.of(AMY)
    assert factors.check(AMY, "123456") == ("wrong", None)


def test_an_app_is_in_force_once_it_has_shown_a_code(factors: SecondFactors, clock: Clock):
    with pytest.raises(BadFactor, match="not right"):
        factors.set_totp(AMY, SECRET, "000000")
    assert not factors.of(AMY)
    codes = factors.set_totp(AMY, SECRET, f" {code(AT)[:3]} {code(AT)[3:]} ")
    assert len(set(codes)) == RECOVERY_CODES
    assert factors.of(AMY).totp_since == AT
    assert factors.check(AMY, code(AT)) == ("used", None), "the code that has confirmed it logs in, too"
    clock.at += timedelta(seconds=30)
    assert factors.check(AMY, code(clock.at)) == ("right", None)


def test_a_code_is_taken_once_and_no_earlier_one_after_it(factors: SecondFactors, clock: Clock):
    factors.set_totp(AMY, SECRET, code(AT))
    clock.at += timedelta(minutes=5)
    assert factors.check(AMY, code(clock.at, 1)) == ("right", None)
    for steps in (-1, 0, 1):
        assert factors.check(AMY, code(clock.at, steps)) == ("used", None)
    clock.at += timedelta(seconds=60)
    assert factors.check(AMY, code(clock.at)) == ("right", None)


def test_a_code_that_two_send_at_once_lets_one_in(factors: SecondFactors, tmp_path: Path, clock: Clock):
    factors.set_totp(AMY, SECRET, code(AT))
    clock.at += timedelta(minutes=5)
    verdicts, start = list[str](), threading.Barrier(8)

    def one() -> None:
        own = SecondFactors(tmp_path, clock.now)  # as another process has it
        start.wait()
        verdicts.append(own.check(AMY, code(clock.at))[0])

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(verdicts) == ["right"] + ["used"] * 7


def test_a_recovery_code_logs_in_once_however_it_is_typed(factors: SecondFactors):
    codes = factors.set_totp(AMY, SECRET, code(AT))
    assert factors.check(AMY, codes[0]) == ("right", RECOVERY_CODES - 1)
    assert factors.check(AMY, codes[0]) == ("wrong", None)
    as_read = codes[1].replace("0", "O").replace("1", "l").upper().replace("-", " ")
    assert factors.check(AMY, as_read) == ("right", RECOVERY_CODES - 2)
    assert factors.of(AMY).recovery_codes == RECOVERY_CODES - 2
    others = factors.new_recovery_codes(AMY)
    assert factors.check(AMY, codes[2]) == ("wrong", None)
    assert factors.check(AMY, others[2])[0] == "right"


def test_what_is_kept_is_the_owners_alone_and_no_recovery_code_stands_there(factors: SecondFactors, tmp_path: Path):
    codes = factors.set_totp(AMY, SECRET, code(AT))
    file = tmp_path / "second_factors.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = file.read_text()
    assert not [one for one in codes if one in kept or one.replace("-", "") in kept]


def test_another_account_of_the_same_name_gets_nothing_of_the_former_ones(tmp_path: Path):
    accounts, factors = Accounts(tmp_path), SecondFactors(tmp_path)
    accounts.add("amy", ["operator"], "a-long-password")
    former = accounts.get("amy")
    assert former
    factors.add_passkey(former, key())
    assert factors.of(former).passkeys
    accounts.remove("amy")
    accounts.add("amy", ["operator"], "another-password")
    now = accounts.get("amy")
    assert now and not factors.of(now)
    assert not factors.passkey_used(now, "a", 0)
    accounts.set_password("amy", "a-third-password")
    again = accounts.get("amy")
    assert again and again.made == now.made, "a new password takes the second factor away"


def test_an_account_from_before_has_its_factors_too(tmp_path: Path):
    accounts = Accounts(tmp_path)
    accounts.add("amy", ["operator"], "a-long-password")
    file = tmp_path / "accounts.json"
    rows = json.loads(file.read_text())
    del rows["amy"]["made"]
    file.write_text(json.dumps(rows))
    amy, factors = accounts.get("amy"), SecondFactors(tmp_path)
    assert amy and amy.made == ""
    factors.add_passkey(amy, key())
    assert factors.of(amy).passkeys


def test_passkeys_are_named_counted_and_removed(factors: SecondFactors):
    codes = factors.add_passkey(AMY, key("a", 3))
    assert len(codes) == RECOVERY_CODES, "the only device may be lost, too"
    assert factors.add_passkey(AMY, key("b", name="blue key")) == [], "the codes from before hold on"
    with pytest.raises(BadFactor, match="already"):
        factors.add_passkey(AMY, key("a"))
    bob = Account("bob", frozenset({"qa"}), "stamp", made="made-2")
    with pytest.raises(BadFactor, match="already"):
        factors.add_passkey(bob, key("a"))
    assert [one.name for one in factors.of(AMY).passkeys] == ["laptop", "blue key"]
    owner = factors.owner("a")
    assert owner == ("amy", factors.handle(AMY)) and factors.owner("c") is None
    assert factors.passkey_used(AMY, "a", 4)
    assert not factors.passkey_used(AMY, "a", 4), "a copy has counted as far"
    assert not factors.passkey_used(AMY, "a", 0)
    assert factors.passkey_used(AMY, "b", 0) and factors.passkey_used(AMY, "b", 0), "this one does not count"
    factors.remove_passkey(AMY, "a")
    with pytest.raises(BadFactor):
        factors.remove_passkey(AMY, "a")
    factors.remove_passkey(AMY, "b")
    assert not factors.of(AMY) and factors.of(AMY).recovery_codes == 0
    assert factors.check(AMY, codes[0]) == ("wrong", None)


def test_an_account_has_so_many_passkeys_at_most(factors: SecondFactors):
    for number in range(PASSKEYS):
        factors.add_passkey(AMY, key(str(number)))
    with pytest.raises(BadFactor, match="Remove one"):
        factors.add_passkey(AMY, key("one more"))


def test_nothing_is_changed_where_its_line_can_not_be_written(factors: SecondFactors):
    def full() -> None:
        raise OSError("no space")

    with pytest.raises(OSError):
        factors.set_totp(AMY, SECRET, code(AT), first=full)
    assert not factors.of(AMY)
    codes = factors.set_totp(AMY, SECRET, code(AT))
    for deed in (factors.end_totp, factors.new_recovery_codes):
        with pytest.raises(OSError):
            deed(AMY, first=full)
    assert factors.of(AMY) and factors.check(AMY, codes[0])[0] == "right"


def test_a_guess_costs_no_write(factors: SecondFactors, tmp_path: Path):
    factors.set_totp(AMY, SECRET, code(AT))
    file = tmp_path / "second_factors.json"
    before = file.stat().st_ino
    for guess in ("000000", "aaaa-bbbb-cccc-dddd", "x" * 64):
        assert factors.check(AMY, guess)[0] == "wrong"
    assert file.stat().st_ino == before


def test_the_picture_is_one_that_the_pages_policy_allows():
    address = totp.address(SECRET, "amy", "三响热线")
    assert address.startswith("otpauth://totp/") and SECRET in address
    assert totp.picture(address).startswith("data:image/svg+xml")


def test_what_is_short_lived_is_taken_once_and_ends(clock: Clock):
    kept: ShortLived[str] = ShortLived(clock.now, timedelta(minutes=5), most=3)
    first = kept.put("one")
    assert len(first) == 43 and kept.look(first) == "one"
    assert (kept.take(first), kept.take(first)) == ("one", None)
    late = kept.put("two")
    clock.at += timedelta(minutes=5)
    assert kept.look(late) is None and kept.take(late) is None
    keys = [kept.put(str(n)) for n in range(5)]
    assert len(kept) == 3 and [kept.look(key) for key in keys] == [None, None, "2", "3", "4"]
    kept.put("again", keys[4])
    assert kept.look(keys[4]) == "again" and kept.look("") is None
