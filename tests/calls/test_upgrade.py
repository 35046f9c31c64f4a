"""What `sanxiang upgrade` and `drain` say of a checkout that differs from the one that runs, on a system that runs."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.calls.support.full_system import FullSystem

ROOT = Path(__file__).parents[2]
WAITING = "asterisk_conf/extensions_waiting.conf"


def typed(checkout: Path, *words: str) -> tuple[int, str]:
    """Exit status and what stands on the screen, of a command of this checkout."""
    run = subprocess.run(
        [sys.executable, "-P", "-m", "acd.cli", *words],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(checkout), "HOME": str(Path.home()), "LANG": "C.UTF-8"},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, run.stdout + run.stderr


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """A copy of this checkout, to be changed."""
    for name in ("acd", "ivr", "recordings", "asterisk_conf", "agi_scripts", "pyproject.toml"):
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name,
                tmp_path / "later" / name,
                ignore=shutil.ignore_patterns("node_modules", "__pycache__", "dist"),
            )
        else:
            shutil.copy(ROOT / name, tmp_path / "later" / name)
    return tmp_path / "later"


async def test_a_version_with_another_dialplan_is_told_and_not_drained_into_calls(tmp_path: Path, later: Path):
    async with FullSystem(tmp_path / "system", brisk=True) as system:
        await system.serving()
        at = ("--state", str(system.installation.state))
        assert typed(ROOT, "upgrade", *at)[0] == 0
        assert "Nothing: this is what runs." in typed(ROOT, "upgrade", *at)[1]
        leads = (system.installation.run / "leader.json").read_text()

        (later / "asterisk_conf/rtp.conf").open("a").write("; another version\n")
        assert "reads only when it starts: rtp.conf" in typed(later, "upgrade", *at)[1]
        text = (later / WAITING).read_text()
        (later / WAITING).write_text(text.replace("\n same => n,", "\n same => n,NoOp()\n same => n,", 1))
        status, said = typed(later, "upgrade", *at)
        assert status == 0
        assert "The dialplan has other lines (extensions_waiting.conf)" in said
        assert "sanxiang drain --hotline" in said
        status, said = typed(later, "drain", *at)
        assert status == 1
        assert "Nothing was changed" in said
        assert (system.installation.run / "leader.json").read_text() == leads
