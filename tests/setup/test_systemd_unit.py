"""docs/sanxiang.service: what the service writes it may write, and it is started again when nobody asked for its end."""

import os
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from acd.setup.installation import default_state

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
    assert unit["Restart"] == "on-failure", "`down` and `drain --house` end with status 0"
    assert unit["OOMPolicy"] == "continue"
    assert unit["LimitCORE"] == "0"


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
