"""`sanxiang account …` as it is typed. The password comes by standard input or from the terminal, never as an argument."""

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

from acd.web.access.accounts import Accounts
from tests.import_table import ROOT

pytestmark = pytest.mark.slow

OLD, NEW = "the-old-password", "the-new-password"


def sanxiang(state: Path, *words: str, typed: str = "") -> tuple[int, str, str]:
    """Exit status, output and complaints."""
    (state / "run").mkdir(exist_ok=True)  # a hotline was started here
    done = subprocess.run(
        [sys.executable, "-m", "acd.cli", "account", *words, "--state", str(state)],
        input=typed.encode(),
        capture_output=True,
        cwd=ROOT,
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    made = Accounts(tmp_path)
    made.add("boss", ["operator"], OLD)
    return made


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_a_password_is_changed_by_standard_input(accounts: Accounts, tmp_path: Path, end: str):
    before = accounts.get("boss")
    assert sanxiang(tmp_path, "set-password", "boss", typed=NEW + end) == (0, "boss has another password\n", "")
    assert accounts.verify("boss", OLD) is None
    after = accounts.verify("boss", NEW)
    assert before and after and after.roles == before.roles
    assert after.stamp != before.stamp, "its sessions go on"


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
        (("set-password", "bos"), NEW, "There is no account bos."),
        (("add", "qa", "--role", "qa"), "", "No password came on standard input."),
        (("add", "qa", "--role", "qa"), "\r\n", "No password came on standard input."),
        (("add", "boss", "--role", "qa"), NEW, "`sanxiang account set-password boss` gives it another password."),
    ],
)
def test_what_is_wrong_changes_nothing(
    accounts: Accounts, tmp_path: Path, words: tuple[str, ...], typed: str, remedy: str
):
    status, output, complaints = sanxiang(tmp_path, *words, typed=typed)
    assert (status, output, remedy in complaints) == (1, "", True), complaints
    assert accounts.names() == ["boss"]
    assert accounts.verify("boss", OLD)


@pytest.mark.parametrize("words", [("set-password", "boss", NEW), ("set-password", "boss", "--password", NEW)])
def test_a_password_is_no_argument(accounts: Accounts, tmp_path: Path, words: tuple[str, ...]):
    status, _, _ = sanxiang(tmp_path, *words, typed=NEW)
    assert status == 2
    assert accounts.verify("boss", OLD)
