"""A disk that is full while a module is compiled: the next start is not the one that fails."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOM = 3000
"""Bytes that a file may have: the compiled module has more."""
CUT_SHORT = """
import resource, signal
import acd
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, resource.RLIM_INFINITY))
import large
print(large.LAST)
"""


def run(code: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": f"{ROOT}:{folder}", "PYTHONPYCACHEPREFIX": str(folder / "compiled")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_module_that_did_not_fit_is_compiled_again_and_kept_when_there_is_room(tmp_path: Path):
    lines = [f"NAME_{number} = 'a text of its own, {number}'" for number in range(200)]
    (tmp_path / "large.py").write_text("\n".join([*lines, "LAST = 'all of it'"]))
    assert run(CUT_SHORT.format(room=ROOM), tmp_path) == "all of it"
    assert not list((tmp_path / "compiled").rglob("large.*.pyc"))
    assert run("import acd, large; print(large.LAST)", tmp_path) == "all of it"
    [kept] = (tmp_path / "compiled").rglob("large.*.pyc")
    assert kept.stat().st_size > ROOM
