"""The Tab key in a real shell: commands, options, and the names that there are just now, from a server with a real engine."""

import asyncio
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command_line import typed
from tests.web.support.web_server import RunningServer

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture
def program(tmp_path: Path) -> dict[str, str]:
    """An environment in whose PATH `sanxiang` is, as an operator would have put it there."""
    file = tmp_path / "bin" / "sanxiang"
    file.parent.mkdir()
    file.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m acd.cli "$@"\n')
    file.chmod(0o755)
    return {**os.environ, "PATH": f"{file.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}


BASH = """
eval "$(sanxiang completion bash)"
offered() {{ COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); COMPREPLY=(); _sanxiang_completion "$1"; echo "${{COMPREPLY[*]}}"; }}
{lines}
"""


def in_bash(program: dict[str, str], *typings: str) -> list[list[str]]:
    """What a bash offers for each typing, whose last word is not finished."""
    lines = "\n".join(f"offered {typing}" for typing in typings)
    run = subprocess.run(
        ["bash", "--norc", "-c", BASH.format(lines=lines)], env=program, cwd="/", capture_output=True, text=True, timeout=120, check=False
    )  # fmt: skip
    assert run.returncode == 0 and run.stderr == "", run
    return [line.split() for line in run.stdout.splitlines()]


def found(house: RunningServer) -> str:
    """Where the command line finds the server."""
    run = house.folder / "run"
    run.mkdir(exist_ok=True)
    (run / "address.json").write_text(json.dumps({"url": house.url}))
    return str(house.folder)


async def test_bash_completes_commands_options_and_live_names(house: RunningServer, program: dict[str, str]):
    state = found(house)
    commands, options, queues, agents, accounts = await asyncio.to_thread(
        in_bash,
        program,
        "sanxiang que",
        "sanxiang queue close --st",
        f"sanxiang queue close --state {state} ''",
        f"sanxiang agent ready --state {state} 1001 10",
        f"sanxiang account remove --state {state} ''",
    )
    assert commands == ["queue"]
    assert options == ["--state"]
    assert queues == ["orders", "after-sales"]
    assert "1001" in agents and all(each.startswith("10") for each in agents)
    assert accounts == ["administrator", "operator", "qa", "supervisor"]


def test_without_a_hotline_there_is_no_name_and_no_error(tmp_path: Path, program: dict[str, str]):
    none = tmp_path / "none"
    names, more = in_bash(program, f"sanxiang queue show --state {none} ''", f"sanxiang agent show --state {none} ''")
    assert names == more == []
    assert not none.exists()


async def test_a_daemon_that_hangs_holds_the_tab_key_up_for_a_moment_only(tmp_path: Path, program: dict[str, str]):
    from acd.setup.installation import Installation

    installation = Installation.at(tmp_path / "state")
    installation.token()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    installation.address_file.write_text(json.dumps({"url": f"http://127.0.0.1:{port}"}))
    begin = asyncio.get_running_loop().time()
    [names] = await asyncio.to_thread(in_bash, program, f"sanxiang queue show --state {installation.state} ''")
    assert names == []
    assert asyncio.get_running_loop().time() - begin < 60, "it would wait for ever"
    server.close()


@pytest.mark.skipif(not shutil.which("zsh"), reason="no zsh here: apt-get install zsh")
def test_zsh_takes_the_script_and_completes(program: dict[str, str]):
    """Its own completion is begun; what ours hands to it is shown in the place of the menu."""
    script = (
        'autoload -Uz compinit; compinit -D -u; eval "$(sanxiang completion zsh)"\n'
        '_arguments() { print -r -- "$@" }; words=(sanxiang que); CURRENT=2; _sanxiang_completion'
    )
    run = subprocess.run(
        ["zsh", "-f", "-c", script], env=program, capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0 and '"queue":' in run.stdout, run


@pytest.mark.skipif(not shutil.which("fish"), reason="no fish here: apt-get install fish")
def test_fish_takes_the_script_and_completes(program: dict[str, str], tmp_path: Path):
    script = 'sanxiang completion fish | source; complete -C "sanxiang que"'
    run = subprocess.run(
        ["fish", "--no-config", "-c", script], env={**program, "HOME": str(tmp_path)}, capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip
    assert run.returncode == 0 and run.stdout.startswith("queue"), run


@pytest.mark.parametrize("words", [["completion"], ["completion", "csh"], ["completion", ""]])
def test_another_shell_is_told(words: list[str]):
    said = typed(*words)
    assert said.status == 2 and "SHELL" in said.screen.upper()
