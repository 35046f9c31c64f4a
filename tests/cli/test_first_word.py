"""The first word of the command line chooses what is imported: a command's own, and nothing of the others'."""

import subprocess
import sys

import pytest
import typer.main

from acd.cli.app import COMMANDS, GROUPS, app, built, built_for
from acd.cli.completion import VARIABLE, command_before_cursor
from tests.import_table import ROOT


def names(line: typer.Typer) -> list[str]:
    return list(typer.main.get_command(line).commands)  # type: ignore[attr-defined]


def test_all_commands_are_there_and_each_alone_when_it_is_typed():
    assert names(app) == [*COMMANDS, *GROUPS]
    for name in (*COMMANDS, *GROUPS):
        assert names(built(name)) == [name]


@pytest.mark.parametrize(
    "typed",
    [[], ["--help"], ["agnt"], ["--", "status"], ["--state", "x", "status"], [""], ["status\n"], ["--language"]],
)
def test_what_is_no_command_finds_them_all(typed: list[str]):
    """For the help, and for the nearest name that is said with "No such command"."""
    assert names(built_for(typed)) == [*COMMANDS, *GROUPS]


@pytest.mark.parametrize("language", [["--language", "zh"], ["--language=zh"]])
def test_the_language_may_stand_before_the_command(language: list[str]):
    assert names(built_for([*language, "status"])) == ["status"]


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        ({"COMP_WORDS": "sanxiang agent ", "COMP_CWORD": "2"}, "agent"),
        ({"COMP_WORDS": "sanxiang agent rea", "COMP_CWORD": "2"}, "agent"),
        ({"COMP_WORDS": "sanxiang up", "COMP_CWORD": "1"}, ""),  # or upgrade
        ({"COMP_WORDS": "sanxiang", "COMP_CWORD": "1"}, ""),
        ({"COMP_WORDS": "", "COMP_CWORD": "two"}, ""),
        ({}, ""),
        ({"_TYPER_COMPLETE_ARGS": "sanxiang agent "}, "agent"),
        ({"_TYPER_COMPLETE_ARGS": "sanxiang agent rea"}, "agent"),
        ({"_TYPER_COMPLETE_ARGS": "sanxiang up"}, ""),
        ({"_TYPER_COMPLETE_ARGS": "sanxiang "}, ""),
        ({"_TYPER_COMPLETE_ARGS": " "}, ""),
    ],
)
def test_the_tab_key_imports_the_command_behind_which_it_is_pressed(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], found: str
):
    for name in ("COMP_WORDS", "COMP_CWORD", "_TYPER_COMPLETE_ARGS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert command_before_cursor() == "", "no shell has asked"
    monkeypatch.setenv(VARIABLE, "complete_bash")
    assert command_before_cursor() == found


def imported_by(program: str, *modules: str) -> list[str]:
    """Which of these modules a process has that runs this program."""
    said = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys\nprint(*sorted(set({modules!r}) & set(sys.modules)))"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return said.stdout.split()


@pytest.mark.slow
def test_commands_import_neither_the_store_nor_the_engine_nor_the_server():
    several = ["status", "agent", "account", "logs", "config", "down", "kpi", "up", "version"]
    program = (
        f"import typer.main\nfrom acd.cli.app import built\nfor name in {several}: typer.main.get_command(built(name))"
    )
    heavy = (
        "sqlalchemy",
        "asyncpg",
        "aiohttp",
        "numpy",
        "structlog",
        "acd.engine.acd",
        "acd.store.store",
        "acd.web.server.app",
    )
    assert imported_by(program, *heavy) == []


@pytest.mark.slow
def test_a_daemon_and_a_supervisor_start_without_what_draws_colours():
    program = "import acd.processes.plain_structlog\nimport acd.daemon.daemon, acd.processes.up"
    assert imported_by(program, "rich", "pygments", "structlog") == ["structlog"]
