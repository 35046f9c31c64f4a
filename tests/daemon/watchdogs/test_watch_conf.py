"""Who edits Asterisk's rendered files by hand is found, file by file, and told once."""

from dataclasses import replace
from pathlib import Path

import pytest

from acd.daemon.watchdogs.conf_drift import ConfWatch
from acd.engine.events import AlarmRaised, Event
from acd.pbx.conf.render import drifted, render
from acd.pbx.conf.settings import PbxAgent
from tests.pbx.support.rendered_conf import settings_in


def add_a_line(file: Path) -> None:
    file.write_text(file.read_text("utf-8") + "\n[open-door]\ntype = endpoint\n", "utf-8")


def put_away(file: Path) -> None:
    file.unlink()


def not_text(file: Path) -> None:
    file.write_bytes(b"\xff\xfe")


@pytest.mark.parametrize(
    "name", ["pjsip.conf", "manager.conf", "extensions_agents.conf", "modules.conf", "logger.conf"]
)
@pytest.mark.parametrize("change", [add_a_line, put_away, not_text])
def test_each_change_of_each_file_is_seen_and_nothing_else(tmp_path: Path, name: str, change):
    settings = settings_in(tmp_path)
    render(settings)
    assert drifted(settings) == []
    change(settings.etc / name)
    assert drifted(settings) == [name]
    render(settings)
    assert drifted(settings) == []


def test_a_file_that_is_not_of_ours_is_seen(tmp_path: Path):
    settings = settings_in(tmp_path)
    render(settings)
    (settings.etc / "http.conf").write_text("[general]\nenabled = yes\n")
    assert drifted(settings) == ["http.conf"]


def test_an_alarm_names_the_files_once_and_again_when_they_are_others(tmp_path: Path):
    settings = settings_in(tmp_path)
    render(settings)
    told: list[Event] = []
    watch = ConfWatch(lambda: settings, told.append)

    def look() -> list[str]:
        watch.told(watch.look())
        return [event.detail.partition(" in ")[0] for event in told if isinstance(event, AlarmRaised)]

    assert look() == []
    add_a_line(settings.etc / "pjsip.conf")
    assert look() == look() == ["pjsip.conf"]
    add_a_line(settings.etc / "manager.conf")
    assert look() == ["pjsip.conf", "manager.conf, pjsip.conf"]
    render(settings)
    assert len(look()) == 2
    add_a_line(settings.etc / "pjsip.conf")
    assert len(look()) == 3
    assert settings.secrets.ami_password not in str(told)


def test_a_configuration_that_comes_into_force_meanwhile_is_no_change(tmp_path: Path):
    first = settings_in(tmp_path)
    render(first)
    second = replace(first, agents=(*first.agents, PbxAgent("1002", "password-1002")))
    answers = iter([first, second, second])
    watch = ConfWatch(lambda: next(answers), lambda event: None)
    render(second)
    assert watch.look() == []
