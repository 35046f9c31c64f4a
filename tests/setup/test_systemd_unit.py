"""docs/sanxiang.service: what the service writes it may write, and it is started again when nobody asked for its end."""

import os
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from acd.processes.notify import ALIVE_EVERY_S
from acd.setup.installation import default_state
from acd.setup.users import SHARED

DOCS = Path(__file__).parents[2] / "docs"
UNIT = DOCS / "sanxiang.service"


def settings() -> dict[str, str]:
    """Key to value of all sections; of a key that is there twice, the last."""
    lines = (line for line in UNIT.read_text("utf-8").splitlines() if "=" in line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def writable() -> list[Path]:
    unit = settings()
    paths = [Path(path.removeprefix("-")) for path in unit.get("ReadWritePaths", "").split()]
    return [*paths, Path("/var/lib") / unit["StateDirectory"], Path("/var/cache") / unit["CacheDirectory"]]


def environment() -> dict[str, str]:
    """All of it: the key may stand in several lines, and a value with spaces in quotes."""
    lines = [line for line in UNIT.read_text("utf-8").splitlines() if line.startswith("Environment=")]
    return dict(word.split("=", 1) for line in lines for word in shlex.split(line.partition("=")[2]))


def test_all_that_the_service_writes_lies_in_folders_that_it_may_write(monkeypatch: pytest.MonkeyPatch):
    assert settings()["ProtectSystem"] == "strict", "else nothing here matters"
    config = re.search(r"--config (\S+)", settings()["ExecStart"])
    assert config
    for key, value in environment().items():
        monkeypatch.setenv(key, value)
    written = {
        "agents.toml": Path(config[1]).with_name("agents.toml"),
        "state": default_state(),
        "cache": Path(os.environ["XDG_CACHE_HOME"]) / "sanxiang",
        "recordings as proposed": Path(
            re.search(
                r'^# folder = "(/\S+recordings)"', (DOCS / "sanxiang.example.toml").read_text("utf-8"), re.MULTILINE
            )[1]  # type: ignore[index]
        ),
    }
    shut = [name for name, path in written.items() if not any(path.is_relative_to(each) for each in writable())]
    assert shut == []


def test_the_files_that_the_example_names_lie_where_the_unit_has_them():
    example = tomllib.loads((DOCS / "sanxiang.example.toml").read_text("utf-8"))
    assert Path(example["database"]["password_file"]).parent in writable()


def test_it_is_started_again_for_ever_unless_somebody_stopped_it():
    unit = settings()
    assert unit["StartLimitIntervalSec"] == "0"
    assert unit["Restart"] == "on-failure", "`down` and `drain --hotline` end with status 0"
    assert unit["OOMPolicy"] == "continue"
    assert int(unit["OOMScoreAdjust"]) < 0
    assert unit["LimitCORE"] == "0"


def test_a_supervisor_that_is_killed_or_hangs_takes_nobody_with_it():
    """systemd tells the supervisor alone what it wants; what became of the rest is tried in tests/calls/test_fault_supervisor.py."""
    unit = settings()
    assert unit["KillMode"] == "process"
    assert unit["Type"] == "notify" and unit["TimeoutStartSec"] == "infinity", "the first start fetches"
    assert float(unit["WatchdogSec"]) >= 3 * ALIVE_EVERY_S
    assert unit["WatchdogSignal"] == "SIGKILL", "another one a stopped process does not heed"
    assert "timeout" in unit["ExecStopPost"] and unit["ExecStopPost"].endswith("/opt/sanxiang/sanxiang down'")


def test_the_folders_that_two_users_share_need_no_bit_that_the_unit_refuses():
    """RestrictSUIDSGID refuses every mode with these bits, also on folders."""
    assert settings()["RestrictSUIDSGID"] == "yes"
    assert [share.paths for share in SHARED if ((share.folder or 0) | (share.file or 0)) & 0o6000] == []


def test_the_unit_is_as_closed_as_the_page_says():
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    figures = {}
    for unit in sorted(DOCS.glob("*.service")):
        done = subprocess.run(
            ["systemd-analyze", "--offline=yes", "--no-pager", "security", str(unit)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        found = re.search(r"exposure level for \S+: (\d+\.\d)", done.stdout)
        assert found, done.stdout
        figures[unit.name] = found[1]
    assert [name for name, figure in figures.items() if float(figure) > 4.0] == [], figures
    said = re.search(r"gives (\d\.\d) \(of 10", (DOCS / "systemd.md").read_text("utf-8"))
    assert said and said[1] == figures[UNIT.name]


def test_asterisk_and_the_stories_have_users_of_their_own_whom_the_page_makes():
    """What they may read is tried in test_users.py."""
    unit = settings()
    users = dict(word.split("=") for word in environment()["SANXIANG_USERS"].split())
    assert set(users) == {"asterisk", "stories"}
    assert set(unit["SupplementaryGroups"].split()) == set(users.values())
    assert len({unit["User"], *users.values()}) == 3
    assert unit["StateDirectoryMode"] == "0711", "they could not come to their folders"
    page = (DOCS / "systemd.md").read_text("utf-8")
    made = re.search(r"for user in (.*); do", page)
    assert made and {unit["User"], *users.values()} <= set(made[1].split())
    assert f"usermod -aG {','.join(users.values())} {unit['User']}" in page
    needed = {"CAP_SETUID", "CAP_SETGID", "CAP_KILL"}
    assert set(unit["AmbientCapabilities"].split()) == set(unit["CapabilityBoundingSet"].split()) == needed


def test_who_types_commands_has_the_same_folders_as_the_service():
    """docs/systemd.md shows a script that sets them."""
    text = (DOCS / "systemd.md").read_text("utf-8")
    for key, value in environment().items():
        assert f"{key}={value}" in text, key


def test_systemd_understands_every_line(tmp_path: Path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    text = UNIT.read_text("utf-8").replace("/opt/sanxiang/sanxiang", "/bin/true").replace("=sanxiang\n", "=daemon\n")
    unit = tmp_path / "sanxiang-try.service"
    unit.write_text(text, "utf-8")
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    # It also tells of other units of the machine.
    assert [line for line in done.stderr.splitlines() if unit.name in line] == []
