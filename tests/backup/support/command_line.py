"""Our command line as an operator runs it."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[3]
_LIMITED = """
import resource, sys
from acd.cli.app import app
from acd.errors import SanxiangError
limits, words = sys.argv[1].split(","), sys.argv[2:]
for limit in limits:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), resource.RLIM_INFINITY))
    try:
        app(words, standalone_mode=False)
    except SanxiangError as error:
        print(f"sanxiang: {error}")
"""


def sanxiang(*words: object, started_by: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """`started_by`: a program that starts it, as setpriv."""
    return _run("-m", "acd.cli", *map(str, words), started_by=started_by)


def sanxiang_without_room(limits: Sequence[int], *words: object) -> list[str]:
    """What it says for each limit, when no file of its may grow longer than that (bytes): as a quota or a full disk has it."""
    done = _run("-c", _LIMITED, ",".join(map(str, limits)), *map(str, words))
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def _run(*words: str, started_by: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*started_by, sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)
