"""`sanxiang account …` as it is typed. The password comes by standard input or from the terminal, never as an argument."""

import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

from acd.web.access.accounts import Accounts
from acd.web.access.tokens import Tokens
from tests.import_table import ROOT
from tests.support import forked_commands

pytestmark = pytest.mark.slow

OLD, NEW = "the-old-password", "the-new-password"


def sanxiang(state: Path, *words: str, typed: str = "") -> tuple[int, str, str]:
    """Exit status, output and complaints."""
    (state / "run").mkdir(exist_ok=True)  # a hotline was started here
    return forked_commands.run(["account", *words, "--state", str(state)], typed.encode())


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    made = Accounts(tmp_path)
    made.add("boss", ["operator"], OLD)
    return made


def audited(state: Path) -> list[dict[str, object]]:
    file = state / "audit.log"
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


@pytest.mark.parametrize("command", ["password", "set-password"])
@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_a_password_is_changed_by_standard_input(accounts: Accounts, tmp_path: Path, command: str, end: str):
    before = accounts.get("boss")
    assert sanxiang(tmp_path, command, "boss", typed=NEW + end) == (0, "boss has another password\n", "")
    assert accounts.verify("boss", OLD) is None
    after = accounts.verify("boss", NEW)
    assert before and after and after.roles == before.roles
    assert after.stamp != before.stamp, "its sessions go on"
    (line,) = audited(tmp_path)
    assert (line["who"], line["action"], line["account"]) == ("command line", "account password", "boss")
    assert line["user"] and NEW not in str(line)


@pytest.mark.parametrize("end", ["\n", "\r\nsecond line", ""])
def test_a_password_comes_from_a_file(accounts: Accounts, tmp_path: Path, end: str):
    file = tmp_path / "password"
    file.write_text(NEW + end, newline="")
    assert sanxiang(tmp_path, "password", "boss", "--file", str(file))[0] == 0
    assert accounts.verify("boss", NEW)


@pytest.mark.parametrize("words", [("password", "boss"), ("add", "qa", "--role", "qa")])
def test_a_made_password_is_shown_this_once_though_nobody_sits_at_a_terminal(
    accounts: Accounts, tmp_path: Path, words: tuple[str, ...]
):
    status, output, _ = sanxiang(tmp_path, *words, "--make")
    made = output.splitlines()[1].removeprefix("Its password, which is not shown again: ")
    assert status == 0 and accounts.verify(words[1], made)
    assert made not in (tmp_path / "audit.log").read_text()


def test_an_account_gets_other_roles_is_listed_and_removed(accounts: Accounts, tmp_path: Path):
    before = accounts.get("boss")
    assert sanxiang(tmp_path, "roles", "boss", "qa", "operator", "qa") == (
        0,
        "boss may log in as operator and qa\n",
        "",
    )
    after = accounts.get("boss")
    assert before and after and after.roles == {"qa", "operator"} and after.stamp != before.stamp
    assert accounts.verify("boss", OLD)
    accounts.add("li", ["qa"], OLD)
    accounts.logged_in("boss")
    listed = json.loads(sanxiang(tmp_path, "list", "--json")[1])
    assert [(row["account"], row["roles"], bool(row["last_log_in"])) for row in listed] == [
        ("boss", ["operator", "qa"], True), ("li", ["qa"], False),
    ]  # fmt: skip
    shown = sanxiang(tmp_path, "list")[1].splitlines()
    assert shown[0].split() == ["ACCOUNT", "ROLES", "LAST", "LOG-IN", "(UTC)"]
    assert shown[2].split() == ["li", "qa", "-"]
    assert sanxiang(tmp_path, "remove", "boss") == (0, "boss is removed\n", "")
    assert accounts.names() == ["li"]
    assert [line["action"] for line in audited(tmp_path)] == ["account roles", "account removed"]


def test_a_supervisor_gets_teams_which_stay_when_only_roles_are_given(accounts: Accounts, tmp_path: Path):
    words = ("add", "chen", "--role", "supervisor", "--team", "sales", "--team", "orders", "--make")
    status, said, _ = sanxiang(tmp_path, *words)
    assert (status, said.splitlines()[0]) == (0, "chen may log in as supervisor, for the teams orders and sales")
    shown = sanxiang(tmp_path, "list")[1].splitlines()
    assert (shown[0].split()[:3], shown[2].split()) == (
        ["ACCOUNT", "ROLES", "TEAMS"],
        ["chen", "supervisor", "orders", "sales", "-"],
    )
    assert sanxiang(tmp_path, "roles", "chen", "supervisor", "qa")[0] == 0
    chen = accounts.get("chen")
    assert chen is not None and sorted(chen.teams) == ["orders", "sales"]
    assert sanxiang(tmp_path, "roles", "chen", "supervisor", "--team", "orders")[0] == 0
    chen = accounts.get("chen")
    assert chen is not None and (sorted(chen.roles), sorted(chen.teams)) == (["supervisor"], ["orders"])
    status, _, complaints = sanxiang(tmp_path, "roles", "chen", "supervisor", "--team", "No Team")
    assert (status, "'No Team' can't be a team." in complaints) == (1, True)


def test_a_key_is_made_rotated_listed_and_taken_away(tmp_path: Path):
    tokens = Tokens(tmp_path)

    def key(*words: str) -> str:
        status, output, complaints = sanxiang(tmp_path, "token", *words)
        assert status == 0, complaints
        return next(line.split()[-1] for line in output.splitlines() if line.startswith("Authorization: Bearer "))

    first = key("add", "grafana", "--role", "metrics", "--days", "30")
    last_day = key("add", "audit-tool", "--role", "read", "--until", "2999-12-31")
    assert tokens.find(first) == ("grafana", "metrics", frozenset()) and tokens.find(last_day) == (
        "audit-tool",
        "read",
        frozenset(),
    )
    second = key("rotate", "grafana")
    third = key("rotate", "grafana", "--keep-hours", "1")
    assert [tokens.find(one) is not None for one in (first, second, third)] == [False, True, True]
    listed = {row["name"]: row for row in json.loads(sanxiang(tmp_path, "token", "list", "--json")[1])}
    assert listed["audit-tool"]["until"].startswith("3000-01-01T00:00") and listed["grafana"]["role"] == "metrics"
    assert listed["grafana"]["until"] and listed["grafana"]["used_at"] is None
    assert "2999" not in sanxiang(tmp_path, "token", "list")[2]
    assert sanxiang(tmp_path, "token", "remove", "grafana")[0] == 0
    assert tokens.find(third) is None and tokens.find(second) is None
    actions = [line["action"] for line in audited(tmp_path)]
    assert actions == ["token added", "token added", "token rotated", "token rotated", "token removed"]
    assert not any(one in (tmp_path / "audit.log").read_text() for one in (first, second, third))


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone writes in other people's folders")
def test_what_root_changes_stays_readable_for_the_daemon(accounts: Accounts, tmp_path: Path):
    for file in (tmp_path, *tmp_path.iterdir()):
        os.chown(file, 65534, 65534)
    assert sanxiang(tmp_path, "password", "boss", typed=NEW)[0] == 0
    assert sanxiang(tmp_path, "token", "add", "grafana", "--role", "metrics")[0] == 0
    for name in ("accounts.json", "accounts.lock", "tokens.json", "audit.log"):
        assert (tmp_path / name).stat().st_uid == 65534, name


def test_a_password_is_typed_twice_at_a_terminal(accounts: Accounts, tmp_path: Path):
    ours, theirs = pty.openpty()
    (tmp_path / "run").mkdir(exist_ok=True)
    command = [sys.executable, "-m", "acd.cli", "account", "set-password", "boss", "--state", str(tmp_path)]
    said = b""
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, start_new_session=True
    ) as process:
        try:
            for prompt in (b"Password (at least 12 characters):", b"Repeat for confirmation:"):
                while prompt not in said:
                    said += os.read(ours, 1024)
                time.sleep(0.2)  # What is typed before the echo is off is thrown away.
                os.write(ours, f"{NEW}\n".encode())
            while b"another password" not in said:
                said += os.read(ours, 1024)
        except BaseException:
            process.kill()
            raise
        finally:
            os.close(theirs)
        assert process.wait() == 0
    os.close(ours)
    assert NEW.encode() not in said
    assert accounts.verify("boss", NEW)


@pytest.mark.parametrize(
    ("words", "typed", "remedy"),
    [
        (("set-password", "boss"), "", "No password came on standard input."),
        (("set-password", "boss"), "\n", "No password came on standard input."),
        (("set-password", "boss"), "short\n", "Use at least 12 characters."),
        (("set-password", "bos"), NEW, "There is no account bos. `sanxiang account list` shows the accounts."),
        (("password", "boss"), "", "let one be made with --make"),
        (("password", "bos", "--make"), "", "There is no account bos."),
        (("password", "boss", "--file", "/no/such"), "", "/no/such can't be read (No such file or directory)"),
        (("password", "boss", "--file", "/dev/null"), "", "The first line of /dev/null is empty."),
        (("roles", "boss", "king"), "", "Use one or more of: supervisor, qa, operator, administrator, wall."),
        (("roles", "bos", "qa"), "", "There is no account bos."),
        (("remove", "bos"), "", "There is no account bos."),
        (("roles", "oidc:li", "qa"), "", "oidc:li comes by the identity provider"),
        (("totp", "oidc:li"), "", "oidc:li comes by the identity provider"),
        (("token", "add", "x", "--role", "king"), "", "Use: crm, metrics, read, full."),
        (("token", "add", "x", "--until", "tomorrow"), "", "--until tomorrow: this is no day. Write it as 2027-03-31."),
        (("token", "add", "x", "--until", "9999-12-31"), "", "this is no day"),
        (("token", "add", "x", "--until", "2020-01-01"), "", "is over. Name a later day."),
        (("token", "rotate", "x"), "", "There is no token x."),
        (("add", "qa", "--role", "qa"), "", "No password came on standard input."),
        (("add", "qa", "--role", "qa"), "\r\n", "No password came on standard input."),
        (("add", "boss", "--role", "qa"), NEW, "`sanxiang account password boss` gives it another password."),
    ],
)
def test_what_is_wrong_changes_nothing(
    accounts: Accounts, tmp_path: Path, words: tuple[str, ...], typed: str, remedy: str
):
    status, output, complaints = sanxiang(tmp_path, *words, typed=typed)
    assert (status, output, remedy in complaints) == (1, "", True), complaints
    assert accounts.names() == ["boss"]
    assert accounts.verify("boss", OLD)
    assert audited(tmp_path) == []


@pytest.mark.parametrize("words", [("set-password", "boss", NEW), ("set-password", "boss", "--password", NEW)])
def test_a_password_is_no_argument(accounts: Accounts, tmp_path: Path, words: tuple[str, ...]):
    status, _, _ = sanxiang(tmp_path, *words, typed=NEW)
    assert status == 2
    assert accounts.verify("boss", OLD)
