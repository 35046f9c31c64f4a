"""A real systemd as process 1 of namespaces of its own: mounts, processes, control groups. Nothing of the machine is changed.

with manager(folder, units, "etc", "opt") as systemd:       # these folders are written beside the machine's
    systemd.run("systemctl", "start", "sanxiang")
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.waiting import eventually_blocking

SYSTEMD = Path("/lib/systemd/systemd")
GROUPS = (Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup"))
INSIDE = """
set -e
mount -t tmpfs tmpfs /run
umount -R /sys/fs/cgroup 2>/dev/null || umount -l /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
beside=$1
shift
for folder in "$@"; do
    mkdir -p "$beside/$folder/upper" "$beside/$folder/work"
    mount -t overlay overlay -o "lowerdir=/$folder,upperdir=$beside/$folder/upper,workdir=$beside/$folder/work" "/$folder"
done
export container=test
exec /lib/systemd/systemd --system --unit=try.target --show-status=no
"""
TARGETS = ("try", "basic", "sysinit", "shutdown", "network-online", "multi-user")


@dataclass(frozen=True, slots=True)
class Manager:
    pid: int
    beside: Path

    def run(self, *words: str, check: bool = True) -> str:
        """What the command prints, run where that systemd is process 1."""
        inside = ["nsenter", "-t", str(self.pid), "-a", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", *words]
        return subprocess.run(inside, check=check, capture_output=True, text=True, timeout=120).stdout

    def written(self, path: str) -> Path:
        """Where this file of a folder that is written beside lies; below the last of the folders that fits."""
        folder = max((f for f in self.beside.rglob("upper") if path.startswith(f"/{_name(f, self.beside)}/")), key=str)
        return folder / path.removeprefix(f"/{_name(folder, self.beside)}/")


def _name(upper: Path, beside: Path) -> str:
    return upper.parent.relative_to(beside).as_posix()


@contextmanager
def manager(folder: Path, units: Path, *folders: str) -> Iterator[Manager]:
    """Skips the test where none can be run: it takes root, systemd and the second version of control groups."""
    above = next((each for each in GROUPS if (each / "cgroup.procs").exists()), None)
    if os.geteuid() != 0 or above is None or not SYSTEMD.exists() or not shutil.which("nsenter"):
        pytest.skip("no systemd can be run here")
    for target in TARGETS:
        (units / f"{target}.target").write_text(f"[Unit]\nDescription={target}\nDefaultDependencies=no\n")
    group, beside = above / f"sanxiang-test-{os.getpid()}", folder / "beside"
    beside.mkdir()
    try:
        group.mkdir()
    except OSError as error:
        pytest.skip(f"no control group can be made here ({error})")
    words = [
        "unshare",
        "--mount",
        "--pid",
        "--cgroup",
        "--fork",
        "--kill-child",
        "--propagation",
        "private",
        "--mount-proc",
    ]
    enters = "import os, sys; open(sys.argv[1], 'w').write(str(os.getpid())); os.execvp(sys.argv[2], sys.argv[2:])"
    with subprocess.Popen(
        [sys.executable, "-c", enters, str(group / "cgroup.procs"), *words, "/bin/sh", "-c", INSIDE, "sh", str(beside), *folders],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "SYSTEMD_UNIT_PATH": str(units), "SYSTEMD_LOG_TARGET": "null"},
    ) as outside:  # fmt: skip
        try:
            yield _once_it_runs(outside, beside)
        finally:
            outside.kill()
            outside.wait()
            with suppress(OSError):
                eventually_blocking(lambda: not any(_processes(group)), "the end of all in it")
                for each in sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True):
                    each.rmdir()
                group.rmdir()


def _once_it_runs(outside: subprocess.Popen[bytes], beside: Path) -> Manager:
    def first() -> int:
        if outside.poll() is not None:
            pytest.skip("this machine lets no systemd run in namespaces")
        children = Path(f"/proc/{outside.pid}/task/{outside.pid}/children").read_text().split()
        return int(children[0]) if children else 0

    pid = eventually_blocking(first, "a process 1")
    made = Manager(pid, beside)

    def answers() -> bool:
        if outside.poll() is not None:
            pytest.skip("this machine lets no systemd run in namespaces")
        return made.run("systemctl", "is-active", "try.target", check=False).strip() == "active"

    eventually_blocking(answers, "a systemd that answers")
    return made


def _processes(group: Path) -> Iterator[str]:
    for file in group.rglob("cgroup.procs"):
        with suppress(OSError):
            yield from file.read_text().split()
