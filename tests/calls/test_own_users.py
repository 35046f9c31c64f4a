"""Three users: the daemon's, Asterisk's, the stories'. Calls, recordings, reloads and the ending of a hung Asterisk are as with one."""

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from acd.cache import cache_folder

ROOT = Path(__file__).parents[2]
DAEMON, ASTERISK, STORIES = 1, 61002, 61003
"""PostgreSQL's initdb wants its user to have a name; user 1 has one on Linux (bin or daemon), and no process."""
USERS = f"asterisk={ASTERISK}:61012 stories={STORIES}:61013"
CAPABILITIES = "-all,+setuid,+setgid,+kill"


def can_be_passed(path: Path) -> bool:
    """Whether other users come as far as this."""
    return all(folder.stat().st_mode & 0o001 for folder in [path, *path.parents] if folder.is_dir())


@pytest.fixture
def folder() -> Iterator[Path]:
    """pytest's own folders are one user's alone."""
    made = Path(tempfile.mkdtemp(prefix="sx-own-", dir="/tmp"))
    made.chmod(0o711)
    os.chown(made, DAEMON, DAEMON)
    yield made
    shutil.rmtree(made)


@pytest.mark.drill
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become the three users")
@pytest.mark.skipif(not shutil.which("setpriv"), reason="no setpriv")
@pytest.mark.skipif(DAEMON not in {user.pw_uid for user in pwd.getpwall()}, reason="user 1 has no name")
def test_a_system_of_three_users_serves_as_one_of_one(folder: Path, whole: bool):
    """In the long form Asterisk is stopped as well: the daemon may not end it, and asks the supervisor to."""
    for path in (ROOT, Path(sys.executable).resolve(), Path(sys.executable), cache_folder()):
        if not can_be_passed(path):
            pytest.skip(f"other users can't come to {path}")
    state = folder / "x"
    state.mkdir(mode=0o711)
    state.chmod(0o711)
    os.chown(state, DAEMON, DAEMON)
    program = [
        *("setpriv", "--reuid", str(DAEMON), "--regid", str(DAEMON), "--groups", "61012,61013"),
        *("--inh-caps", CAPABILITIES, "--ambient-caps", CAPABILITIES),
        *(sys.executable, "-m", "tests.calls.support.own_users", str(state), "hung" if whole else ""),
    ]
    done = subprocess.run(
        program, cwd=ROOT, capture_output=True, text=True, check=False, timeout=400,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "HOME": str(folder),
             "XDG_CACHE_HOME": str(cache_folder().parent), "SANXIANG_USERS": USERS},
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    said = json.loads(done.stdout.splitlines()[-1])
    nothing = "0" * 16
    assert said["asterisk"] == [str(ASTERISK), nothing, nothing]
    assert said["stories"] == [str(STORIES), nothing, nothing]
    assert said["daemon"] == [str(DAEMON), nothing, nothing]
    assert (said["call"], said["recorded"]) == ("answered", True)
    assert (said["agent added"], said["asterisk knows them"]) == (201, True)
    assert said["stories replaced"], "the supervisor may not look into their process"
    assert said["without the story server"] == "answered"
    if whole:
        assert "asterisk hung" in said["alarms"]
