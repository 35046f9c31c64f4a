"""docs/sanxiang.service under a real systemd: what it lets a process do, and whom it leaves alone when the supervisor is killed."""

import json
import shutil
import textwrap
from pathlib import Path

import pytest

from tests.setup.test_systemd_unit import DOCS, UNIT
from tests.support.systemd_manager import manager
from tests.support.waiting import eventually_blocking

pytestmark = pytest.mark.slow

IN_THE_SUPERVISORS_PLACE = """
import ctypes, json, os, signal, socket, subprocess, sys, time

def tried(do):
    try:
        do()
        return "done"
    except OSError as error:
        return error.strerror

def written(path):
    return tried(lambda: open(path, "w").close())

def unshared():
    if ctypes.CDLL(None, use_errno=True).unshare(0x10000000):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

def told(line):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
        link.sendto(line, os.environ["NOTIFY_SOCKET"])

state = "/var/lib/sanxiang"
try:
    asterisk = int(open(f"{state}/asterisk.pid").read())
    os.kill(asterisk, 0)
except (OSError, ValueError):
    asterisk = subprocess.Popen(["/bin/sleep", "600"], user="sanxiang-asterisk", group="sanxiang-asterisk", extra_groups=[], start_new_session=True).pid
    open(f"{state}/asterisk.pid", "w").write(str(asterisk))
os.makedirs(f"{state}/shared", exist_ok=True)
found = {
    "agents.toml": written("/etc/sanxiang/agents.toml"),
    "state": written(f"{state}/x"),
    "cache": written("/var/cache/sanxiang/x"),
    "recordings": written("/srv/sanxiang/x"),
    "system": written("/usr/x"),
    "checkout": written("/opt/sanxiang/x"),
    "set-group bit": tried(lambda: os.chmod(f"{state}/shared", 0o2770)),
    "shared folder": tried(lambda: os.chmod(f"{state}/shared", 0o770)),
    "namespace": tried(unshared),
    "raw socket": tried(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()),
    "list of addresses": tried(lambda: socket.if_nameindex() and None),
    "code made while it runs": tried(lambda: __import__("mmap").mmap(-1, 4096, prot=7).close()),
    "processor": tried(lambda: os.sched_setaffinity(0, os.sched_getaffinity(0))),
    "signal to another user": tried(lambda: os.kill(asterisk, 0)),
    "threads of another user": tried(lambda: os.listdir(f"/proc/{asterisk}/task") and None),
    "locks": tried(lambda: open("/proc/locks").read() and None),
    "asterisk": asterisk,
}
open(f"{state}/found.json", "w").write(json.dumps(found))

def stop(*_):
    os.kill(asterisk, signal.SIGKILL)
    sys.exit(0)

signal.signal(signal.SIGTERM, stop)
told(b"READY=1")
while True:
    told(b"WATCHDOG=1")
    time.sleep(5)
"""


def users_and_folders() -> str:
    """What docs/systemd.md lets an operator type for them, and the folder of the checkout."""
    lines = [line.strip() for line in (DOCS / "systemd.md").read_text("utf-8").splitlines()]
    begin = next(number for number, line in enumerate(lines) if line.startswith("for user in"))
    end = next(number for number, line in enumerate(lines) if line.startswith("install -d"))
    return "\n".join(["mkdir -p /opt/sanxiang", *lines[begin : end + 1]])


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The unit as it is, but for the program that it runs."""
    folder = tmp_path / "units"
    (folder / "sanxiang.service.d").mkdir(parents=True)
    shutil.copy(UNIT, folder)
    (folder / "sanxiang.service.d" / "program.conf").write_text(
        "[Service]\nExecStart=\nExecStart=/usr/bin/python3 /opt/sanxiang/program.py\n", "utf-8"
    )
    return folder


def test_what_the_product_does_is_allowed_and_the_rest_is_not_and_asterisk_outlives_its_supervisor(
    units: Path, tmp_path: Path
):
    if not Path("/usr/bin/python3").exists():
        pytest.skip("no Python outside of home folders")
    with manager(tmp_path, units, "etc", "opt", "srv", "var/lib", "var/cache") as systemd:
        systemd.run("sh", "-ec", users_and_folders())
        systemd.written("/opt/sanxiang/program.py").write_text(textwrap.dedent(IN_THE_SUPERVISORS_PLACE), "utf-8")

        def shown(name: str) -> str:
            return systemd.run("systemctl", "show", "sanxiang", "-p", name, "--value").strip()

        systemd.run("systemctl", "start", "sanxiang")
        found = json.loads(systemd.written("/var/lib/sanxiang/found.json").read_text())
        asterisk = found.pop("asterisk")
        refused = {name: why for name, why in found.items() if why != "done"}
        assert refused == {
            **dict.fromkeys(("system", "checkout"), "Read-only file system"),
            **dict.fromkeys(("set-group bit", "namespace"), "Operation not permitted"),
            "raw socket": "Address family not supported by protocol",
        }, found
        supervisor = shown("MainPID")
        systemd.run("kill", "-9", supervisor)
        eventually_blocking(lambda: shown("MainPID") not in ("0", supervisor), "another supervisor")
        eventually_blocking(lambda: shown("ActiveState") == "active", "a hotline that runs")
        assert json.loads(systemd.written("/var/lib/sanxiang/found.json").read_text())["asterisk"] == asterisk
        assert systemd.run("ps", "-o", "comm=", "-p", str(asterisk)).strip() == "sleep"
        systemd.run("systemctl", "stop", "sanxiang")
        assert (shown("ActiveState"), shown("NRestarts")) == ("inactive", "0")
        assert not systemd.run("ps", "-o", "comm=", "-p", str(asterisk), check=False).strip()
