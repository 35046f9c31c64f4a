"""A mistyped --state makes nothing: the command says so, with the installation that was probably meant."""

from pathlib import Path

import pytest

from acd.setup.installation import Installation
from tests.cli.command_line import commands, options, typed

CALL, AGENT = "c1760000000-1", "1001"
MAKES_ONE = {("up",), ("prepare",), ("restore",)}
"""They start a hotline, or bring one: the folder is theirs to make."""
LOOKS_FURTHER = {("doctor",)}
"""It examines the machine beside the folder, and tells the folder as one of its findings."""
NEEDS = {
    ("agent", "add"): (AGENT,),
    ("agent", "not-ready"): (AGENT, "meal"),
    ("agent", "move"): (AGENT, "orders"),
    ("account", "add"): ("boss", "--role", "qa"),
    ("account", "set-password"): ("boss",),
    ("account", "password"): ("boss",),
    ("account", "roles"): ("boss", "qa"),
    ("account", "remove"): ("boss",),
    ("account", "totp"): ("boss",),
    ("account", "passkeys"): ("boss",),
    ("account", "token", "add"): ("crm",),
    ("account", "token", "rotate"): ("crm",),
    ("account", "token", "remove"): ("crm",),
    ("account", "import"): ("{config}",),
    ("agent", "edit"): (AGENT, "--name", "x"),
    ("alarms", "seen"): ("1",),
    ("alarms", "clear"): ("1",),
    ("backup", "make"): ("{config}.backup",),
    ("queue", "close"): ("orders",),
    ("queue", "open"): ("orders",),
    ("queue", "show"): ("orders",),
    ("call", "priority"): (CALL, "3"),
    ("call", "move"): (CALL, "orders"),
    ("call", "withdraw"): (CALL, "--reason", "x"),
    ("call", "hang-up"): (CALL, "--reason", "x", "--yes"),
    ("call", "transfer"): (CALL, "--to", "agent:1002", "--reason", "refund"),
    ("callback", "show"): (CALL,),
    ("callback", "add"): ("13800001111", "--queue", "orders"),
    ("callback", "move"): (CALL, "--queue", "orders"),
    ("callback", "cancel"): (CALL,),
    ("callback", "done"): (CALL,),
    ("explain",): (CALL,),
    ("report", "try"): ("weekly",),
    ("hours", "today"): ("closed",),
    ("fault", "change"): ("1",),
    ("fault", "clear"): ("1", "--yes"),
    ("fault", "show"): ("1",),
    ("fault", "report"): ("1",),
    ("customer", "show"): ("13800001111",),
    ("customer", "edit"): ("c-1", "--name", "x"),
    ("customer", "remove"): ("c-1",),
    ("customer", "erase"): ("c-1",),
    ("customer", "import"): ("{config}",),
    ("recording", "export"): ("{config}.export",),
    ("recording", "hold"): ("c1760000000-1-1", "--reason", "x"),
    ("recording", "release"): ("c1760000000-1-1",),
    ("recording", "class"): (CALL, "payment", "--why", "x"),
    ("recording", "retention"): ("--dry-run",),
    ("recording", "delete"): ("c1760000000-1-1", "--reason", "x", "--yes"),
    ("recording", "manifest"): (CALL,),
    ("recording", "findings"): (CALL,),
    ("recording", "try-rules"): ("{config}",),
    ("caller", "erase"): ("13800001111", "--reason", "x", "--yes"),
    ("prompt", "import"): ("{config}",),
    ("prompt", "play"): ("welcome",),
    ("agent", "leave-queue"): (AGENT, "orders", "--reason", "meal"),
    ("agent", "join-queue"): (AGENT, "orders"),
    ("message", "send"): ("hello",),
    ("message", "withdraw"): ("m1",),
    ("break", "grant"): (AGENT,),
    ("break", "decline"): (AGENT,),
    ("break", "withdraw"): (AGENT,),
    ("replay",): ("yesterday", "--with", "{config}"),
}
EVERY = [path for path, command in commands() if any("--state" in each.opts for each in options(command))]


def words(path: tuple[str, ...], config: Path) -> tuple[str, ...]:
    default = (CALL,) if path[0] == "call" and path != ("call", "list") else ()
    default = (AGENT,) if path[0] == "agent" and path != ("agent", "list") else default
    return (*path, *(word.replace("{config}", str(config)) for word in NEEDS.get(path, default)))


@pytest.mark.parametrize("path", [path for path in EVERY if path not in MAKES_ONE | LOOKS_FURTHER], ids=" ".join)
@pytest.mark.parametrize("mistyped", ["hotlnie", "hotline2/deeper/still"])
def test_no_command_that_reads_or_asks_makes_a_folder(path: tuple[str, ...], mistyped: str, tmp_path: Path):
    there = Installation.at(tmp_path / "hotline").state
    config = tmp_path / "sanxiang.toml"
    config.write_text('[queues.orders]\nlabel = { zh = "a", en = "a" }\n')
    before = sorted(tmp_path.rglob("*"))
    said = typed(*words(path, config), "--state", str(tmp_path / mistyped), keyed="a-long-enough-password\n")
    assert said.status == 1, said
    assert "no hotline was ever started in this folder" in said.screen, said
    assert "--state" in said.screen
    if mistyped == "hotlnie":
        assert f"Did you mean {there}?" in said.screen
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("typed_folder", "meant"),
    [("srv/hotlin", "srv/hotline"), ("srv", "srv/hotline"), ("srv/hotline/run", "srv/hotline"), ("svr/hotline", "srv/hotline")],
)  # fmt: skip
def test_the_nearest_installation_is_named(
    typed_folder: str, meant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SANXIANG_STATE", str(tmp_path / "nowhere"))  # this machine's own may be one, and is asked about
    Installation.at(tmp_path / meant)
    said = typed("status", "--state", str(tmp_path / typed_folder))
    assert f"Did you mean {tmp_path / meant}?" in said.screen, said


def test_where_nothing_is_near_nothing_is_guessed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SANXIANG_STATE", str(tmp_path / "nowhere"))
    said = typed("status", "--state", str(tmp_path / "x"))
    assert said.status == 1
    assert "Did you mean" not in said.screen


def test_doctor_tells_a_named_folder_that_is_not_there_and_takes_a_first_start_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    named = typed("doctor", "--config", str(tmp_path / "none.toml"), "--state", str(tmp_path / "hotline"))
    assert "BAD  state folder" in named.screen
    monkeypatch.setenv("SANXIANG_STATE", str(tmp_path / "first"))
    first = typed("doctor", "--config", str(tmp_path / "none.toml"))
    assert "ok   state folder" in first.screen
    assert "`up` makes it" in first.screen
    assert list(tmp_path.iterdir()) == []


def test_nothing_runs_is_said_by_down_without_advice_to_start(tmp_path: Path):
    state = Installation.at(tmp_path / "hotline").state
    said = typed("down", "--state", str(state))
    assert said.status == 1
    assert "there is nothing to stop" in said.screen
    assert "sanxiang up" not in said.screen
