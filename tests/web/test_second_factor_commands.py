"""`sanxiang account totp` and `passkeys` as they are typed."""

import json
import subprocess
import sys
from pathlib import Path

import pyotp
import pytest

from acd.web.access.accounts import Account, Accounts
from acd.web.access.second_factors import SecondFactors
from tests.import_table import ROOT
from tests.support import forked_commands
from tests.web.test_second_factors import key

pytestmark = pytest.mark.slow


def command(state: Path, *words: str) -> list[str]:
    (state / "run").mkdir(exist_ok=True)  # a hotline was started here
    return [sys.executable, "-m", "acd.cli", "account", *words, "--state", str(state)]


def sanxiang(state: Path, *words: str) -> tuple[int, str, str]:
    """Exit status, output and complaints."""
    return forked_commands.run(command(state, *words)[3:])


@pytest.fixture
def boss(tmp_path: Path) -> Account:
    accounts = Accounts(tmp_path)
    accounts.add("boss", ["operator"], "the-old-password")
    found = accounts.get("boss")
    assert found
    return found


def test_an_app_is_set_up_and_taken_away_at_the_machine(boss: Account, tmp_path: Path):
    begun = command(tmp_path, "totp", "boss", "on")
    with subprocess.Popen(begun, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdin and process.stdout
        secret = process.stdout.readline().split()[-1]
        process.stdout.readline()
        output, _ = process.communicate(f"{pyotp.TOTP(secret).now()}\n", timeout=60)
    codes = [line for line in output.splitlines() if len(line) == 19 and line.count("-") == 3]
    assert process.returncode == 0 and len(codes) == 10
    factors, accounts = SecondFactors(tmp_path), Accounts(tmp_path)
    now = accounts.get("boss")
    assert now and factors.of(now).totp_since and now.stamp != boss.stamp, "its sessions go on"
    status, output, _ = sanxiang(tmp_path, "totp", "boss")
    assert status == 0 and "an authenticator app since" in output and "10 recovery codes" in output
    status, output, _ = sanxiang(tmp_path, "totp", "boss", "codes")
    assert status == 0 and not [code for code in codes if code in output]
    assert sanxiang(tmp_path, "totp", "boss", "off")[:2] == (0, "boss has no authenticator app now\n")
    assert not factors.of(now)
    lines = [json.loads(line) for line in (tmp_path / "audit.log").read_text().splitlines()]
    assert [line["action"] for line in lines] == ["second factor on", "recovery codes made", "second factor off"]
    assert secret not in str(lines) and not [code for code in codes if code in str(lines)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("totp", "nobody"), "There is no account nobody"),
        (("totp", "boss", "off"), "has no authenticator app"),
        (("totp", "boss", "codes"), "nothing to recover"),
        (("passkeys", "boss", "--remove", "x"), "has no passkey x"),
        (("totp", "boss", "on"), "code is not right"),
    ],
)
def test_what_can_not_be_is_told(boss: Account, tmp_path: Path, words: tuple[str, ...], expected: str):
    done = subprocess.run(
        command(tmp_path, *words), input="000000\n", capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 1 and expected in done.stderr
    assert not (tmp_path / "audit.log").exists()


def test_passkeys_are_listed_and_removed(boss: Account, tmp_path: Path):
    factors = SecondFactors(tmp_path)
    factors.add_passkey(boss, key("a", name="laptop"))
    factors.add_passkey(boss, key("b", name="blue key"))
    status, output, _ = sanxiang(tmp_path, "passkeys", "boss", "--json")
    assert status == 0 and [row["name"] for row in json.loads(output)] == ["laptop", "blue key"]
    status, output, _ = sanxiang(tmp_path, "passkeys", "boss", "--remove", "2")
    assert (status, output) == (0, "boss can no longer log in with blue key\n")
    assert [one.name for one in factors.of(boss).passkeys] == ["laptop"]
    assert sanxiang(tmp_path, "passkeys", "boss", "--remove", "all")[0] == 0
    assert not factors.of(boss)
