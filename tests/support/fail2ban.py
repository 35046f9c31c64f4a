"""`fail2ban-regex`: the machine's own, else Debian's, fetched into the cache folder as Asterisk is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from acd.pbx.install import fetch
from acd.progress import Progress, Silent

_PACKAGES = fetch.Packages("fail2ban", "forky", ("fail2ban",), size_mb=150)
_INSTEAD = "Install fail2ban yourself, so that fail2ban-regex is in PATH."


@dataclass(frozen=True)
class Fail2ban:
    """The program that says which lines of a log a filter matches, and whom it would ban."""

    argv: list[str]
    env: dict[str, str] = field(default_factory=dict)

    def hosts(self, log: Path, filter_file: Path) -> list[str]:
        """The address of each line that the filter matches, in the order of the lines; a line that it ignores is not among them."""
        run = subprocess.run(
            [*self.argv, "--out", "ip", str(log), str(filter_file)],
            capture_output=True,
            text=True,
            env={**os.environ, **self.env},
            check=False,
        )
        assert run.returncode == 0 or not run.stdout.strip(), run.stderr
        assert "Traceback" not in run.stderr, run.stderr
        return run.stdout.split()


def ensure_fail2ban(progress: Progress | None = None) -> Fail2ban:
    """Fetched now when this machine has none. Raises what fetch.find_mirror and fetch.ensure raise."""
    if path := shutil.which("fail2ban-regex"):
        return Fail2ban([path])
    what = "fail2ban"
    folder = fetch.ensure(_PACKAGES, fetch.find_mirror(what, _INSTEAD), what, progress or Silent())
    # Its Python is ours: the package is Python alone.
    return Fail2ban(
        [sys.executable, str(folder / "usr/bin/fail2ban-regex")],
        {"PYTHONPATH": str(folder / "usr/lib/python3/dist-packages")},
    )
