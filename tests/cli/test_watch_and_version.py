"""`status --watch` ends with Ctrl-C and status 0; `version` says what runs."""

import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer

from acd.cli.common import say
from acd.cli.status import watched
from acd.setup.installation import Installation
from tests.cli.command_line import typed

ROOT = Path(__file__).parents[2]


def test_it_draws_again_and_again_each_time_whole(capsys: pytest.CaptureFixture[str]):
    drawn: list[int] = []

    def draw() -> None:
        if len(drawn) == 3:
            raise KeyboardInterrupt
        drawn.append(1)
        say(f"picture {len(drawn)}")

    with pytest.raises(typer.Exit) as ended:
        watched(draw, every_s=0)
    assert ended.value.exit_code == 0
    assert capsys.readouterr().out.splitlines() == ["picture 1", "picture 2", "picture 3"]


def test_ctrl_c_ends_it_with_status_0_also_while_nothing_runs(tmp_path: Path):
    state = Installation.at(tmp_path / "state").state
    with subprocess.Popen(
        [sys.executable, "-m", "acd.cli", "status", "--watch", "--state", str(state)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env={**os.environ, "PYTHONUNBUFFERED": "1"}, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None and process.stderr is not None
        assert "every 2 s" in process.stdout.readline()
        assert process.stdout.readline() == "\n"
        assert "No hotline runs for" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert process.stderr.read() == ""


def test_watch_and_json_are_not_for_one_another(tmp_path: Path):
    state = Installation.at(tmp_path / "state").state
    assert typed("status", "--watch", "--json", "--state", str(state)).status == 2


@pytest.mark.parametrize("words", [("version",), ("--version",)])
def test_the_version_is_that_of_the_project_and_asterisks_is_named(words: tuple[str, ...]):
    own = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    said = typed(*words)
    assert said.status == 0
    assert f"Sanxiang {own}\n" in said.screen
    assert "\nAsterisk " in said.screen
    assert f"\nPython {sys.version_info[0]}.{sys.version_info[1]}." in said.screen
