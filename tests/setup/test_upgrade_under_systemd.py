"""The steps of docs/upgrading.md under a real systemd, with the whole product: to another checkout and back, a link that is switched, and an
installation that is put aside and restored. Calls in the meantime: tests/calls/test_upgrade.py."""

import asyncio
import re
import shutil
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from acd.cache import cache_folder
from tests.setup.test_systemd_unit import DOCS, UNIT
from tests.store.support.rented_postgres import PASSWORD, RentedPostgres, readable_folder
from tests.support.systemd_manager import Manager, manager
from tests.support.waiting import eventually_blocking

pytestmark = [pytest.mark.drill, pytest.mark.database, pytest.mark.asterisk]

ROOT = Path(__file__).parents[2]
PYTHON = "/usr/bin/python3"
"""The service sees no home folder, so neither a Python in one."""
OVERLAID = ("etc", "opt", "srv", "var/lib", "var/cache", "usr/local/bin")
CONFIG = """
[hotline]
numbers = {{ "95001" = "zh" }}
[sip]
bind = "127.0.0.1"
[database]
url = "{url}"
password_file = "/etc/sanxiang/database.password"
[trunks.carrier]
addresses = ["127.0.0.2"]
[agents.1001]
skills = {{ orders = 5 }}
[queues.orders]
label = {{ zh = "订单查询", en = "Orders" }}
skills = {{ orders = 1 }}
[queues.after-sales]
label = {{ zh = "售后服务", en = "After-sales" }}
[queues.complaints]
label = {{ zh = "投诉建议", en = "Complaints" }}
[queues.general]
label = {{ zh = "人工服务", en = "General" }}
"""
PARTS = {"asterisk": "asterisk.conf", "stories": "ivr.server", "daemon": "acd.daemon"}


class Machine:
    """What an operator types there, as root."""

    def __init__(self, systemd: Manager) -> None:
        self.systemd = systemd
        self._enter = ["nsenter", "-t", str(systemd.pid), "-a", "env", "-i", "LANG=C.UTF-8"]

    def types(self, text: str, *, check: bool = True) -> str:
        path = "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        done = subprocess.run([*self._enter, path, "sh", "-ec", text], capture_output=True, text=True, timeout=300)
        assert not check or done.returncode == 0, f"{text}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def put(self, source: Path, names: list[str], place: str) -> None:
        """Files and folders of `source` into that folder."""
        self.types(f"mkdir -p {place}")
        with subprocess.Popen(["tar", "-C", str(source), "-c", "--", *names], stdout=subprocess.PIPE) as packed:
            subprocess.run([*self._enter, "/bin/tar", "-x", "-C", place], stdin=packed.stdout, check=True)

    def wrote(self, path: str, text: str, mode: str = "0600", owner: str = "sanxiang") -> None:
        self.systemd.written(path).write_text(text, "utf-8")
        self.types(f"chown {owner}: {path}; chmod {mode} {path}")

    def processes(self) -> dict[str, tuple[str, str]]:
        """Part to process id and the checkout from which it runs (of Asterisk none)."""
        found = {}
        for pid in self.types("ls /proc").split():
            if not pid.isdigit():
                continue
            line = self.types(
                f"tr '\\0' ' ' < /proc/{pid}/cmdline; echo; tr '\\0' '\\n' < /proc/{pid}/environ", check=False
            )
            words = line.splitlines()[0] if line else ""
            part = next((part for part, sign in PARTS.items() if sign in words and not words.startswith("sh ")), "")
            if part and part not in found:
                home = re.search(r"^PYTHONPATH=(.*)$", line, re.M)
                found[part] = pid, home[1] if home and part != "asterisk" else ""
        return found

    def shown(self, name: str) -> str:
        return self.types(f"systemctl show sanxiang -p {name} --value").strip()


@pytest.fixture
def server(whole: bool) -> Iterator[RentedPostgres]:
    if not whole:
        pytest.skip("a minute of both processors: ./sanxiang drill plays it")
    folder = readable_folder()
    made = RentedPostgres(folder / "postgres")
    made.up()
    yield made
    made.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def machine(tmp_path: Path, server: RentedPostgres) -> Iterator[Machine]:
    """Set up as docs/systemd.md says, with two checkouts; what was fetched once is in its cache."""
    if not Path(PYTHON).exists():
        pytest.skip("no Python outside of home folders")
    asyncio.run(server.sql("CREATE DATABASE hotline OWNER renter"))
    environment = {"SANXIANG_PYTHON": PYTHON, "PATH": "/usr/bin:/bin", "XDG_CACHE_HOME": str(cache_folder().parent)}
    made = subprocess.run([ROOT / "sanxiang", "version"], env=environment, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    units = tmp_path / "units"
    units.mkdir()
    shutil.copy(UNIT, units)
    page = (DOCS / "systemd.md").read_text("utf-8")
    lines = [line.strip() for line in page.splitlines()]
    first = next(number for number, line in enumerate(lines) if line.startswith("for user in"))
    last = next(number for number, line in enumerate(lines) if line.startswith("install -d -o sanxiang"))
    command = re.search(r"/usr/local/bin/sanxiang <<'END'\n(.*?)\n    END", page, re.S)
    assert command is not None
    with manager(tmp_path, units, *OVERLAID) as systemd:
        there = Machine(systemd)
        there.types("\n".join(lines[first : last + 1]))
        tracked = subprocess.run(
            ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.splitlines()
        for number in (1, 2):
            there.put(ROOT, [name for name in tracked if (ROOT / name).exists()], f"/opt/sanxiang-{number}")
        there.types("ln -s sanxiang-1 /opt/sanxiang")
        version = subprocess.run(
            [PYTHON, "-c", "import platform; print(platform.python_version())"], capture_output=True, text=True
        ).stdout.strip()
        kept = (f"env-{version}-", "pbx-", "prompts", "page-")
        names = [
            each.name for each in cache_folder().iterdir() if each.name.startswith(kept) and "-test-" not in each.name
        ]
        there.put(cache_folder(), names, "/var/cache/sanxiang/sanxiang")
        there.types("chown -R sanxiang: /var/cache/sanxiang; chmod -R go+rX /var/cache/sanxiang")
        url = f"postgresql://renter@127.0.0.1:{server.port}/hotline"
        there.wrote("/etc/sanxiang/sanxiang.toml", CONFIG.format(url=url))
        there.wrote("/etc/sanxiang/database.password", f"{PASSWORD}\n")
        there.wrote("/usr/local/bin/sanxiang", textwrap.dedent(command[1]), "0755", "root")
        yield there
        there.types("systemctl stop sanxiang", check=False)


def test_to_another_checkout_and_back_and_to_a_back_up_that_is_restored(machine: Machine, server: RentedPostgres):
    machine.types("sanxiang config check; systemctl start sanxiang")
    machine.types("sanxiang agent add 1010 --skill orders:5; install -d -m 0700 -o sanxiang -g sanxiang /srv/backup")
    machine.types("sanxiang backup /srv/backup")
    first = machine.processes()
    assert first["daemon"][1] == first["stories"][1] == "/opt/sanxiang-1"

    # To the new one, as docs/upgrading.md has it; Asterisk, and so every call, is the same throughout.
    machine.types("CHECKOUT=/opt/sanxiang-2 sanxiang upgrade")
    machine.types("CHECKOUT=/opt/sanxiang-2 sanxiang drain; ln -sfn sanxiang-2 /opt/sanxiang")
    new = machine.processes()
    assert new["daemon"][1] == new["stories"][1] == "/opt/sanxiang-2" and new["asterisk"] == first["asterisk"]
    assert (machine.shown("ActiveState"), machine.shown("NRestarts")) == ("active", "0")

    # A supervisor that falls comes again from where the link leads, and takes over what runs.
    supervisor = machine.shown("MainPID")
    machine.types(f"kill -9 {supervisor}")
    eventually_blocking(lambda: machine.shown("MainPID") not in ("0", supervisor), "another supervisor")
    eventually_blocking(lambda: machine.shown("ActiveState") == "active", "a service that runs")
    assert machine.processes() == new

    machine.types("CHECKOUT=/opt/sanxiang-1 sanxiang drain; ln -sfn sanxiang-1 /opt/sanxiang")
    back = machine.processes()
    assert back["daemon"][1] == "/opt/sanxiang-1" and back["asterisk"] == first["asterisk"]

    # The back-up made before, in the place of the newer state and database.
    machine.types("systemctl stop sanxiang; mv /var/lib/sanxiang/hotline /var/lib/sanxiang/hotline-newer")
    asyncio.run(server.sql("ALTER DATABASE hotline RENAME TO hotline_newer"))
    asyncio.run(server.sql("CREATE DATABASE hotline OWNER renter"))
    machine.types("sanxiang restore /srv/backup/*.backup; systemctl start sanxiang")
    assert "1010" in machine.types("sanxiang agent list")
    assert not [line for line in machine.types("sanxiang doctor", check=False).splitlines() if line.startswith("BAD")]
    machine.types("sanxiang down")
    eventually_blocking(lambda: machine.shown("ActiveState") == "inactive", "a service that stays down")
