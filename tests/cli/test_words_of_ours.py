"""Whatever is typed wrong, the screen never shows a library's sentence, a pattern or a traceback: every option of every command,
and every key of the configuration, with values of every wrong kind."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from acd.config import BadConfiguration, check
from acd.config.schema import Config
from acd.setup.installation import Installation
from tests.cli.command_line import NOT_OURS, commands, options, typed
from tests.cli.test_state_folder import MAKES_ONE, words

pytestmark = pytest.mark.slow

WRONG: tuple[Any, ...] = (
    None, True, -1, 0, 10**9, 1.5, float("inf"), "", "x", "a b\n", "ü" * 5000, "\x00", [], [1], ["", "x y"], {}, {"x": 1}, {"9z": {}},
)  # fmt: skip
TYPED = (
    "",
    "abc",
    "-1",
    "0",
    "99999999999999999999",
    "1.5",
    "2026-13-45",
    "29.11.2026",
    "a b",
    "ü",
    "x" * 500,
    "{}",
    "../x",
)
QUEUE = {"label": {"zh": "a", "en": "a"}}
BASE: dict[str, Any] = {
    "queues": {"orders": QUEUE},
    "agents": {"1001": {}},
    "trunks": {"carrier": {"addresses": ["192.0.2.1"]}},
    "reports": {"weekly": {"every": "weekly"}},
    "nuisance": {"13800000001": {"do": "turn-away", "why": "x"}},
}


def places(model: type[BaseModel], at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every key of the configuration; an entry of a table by a name that BASE has, or one that is made."""
    for name, field in model.model_fields.items():
        yield (*at, name)
        for inner, is_table in models(field.annotation):
            below = (*at, name)
            if is_table:
                entries = BASE.get(name, {}) if not at else {}
                below = (*below, next(iter(entries), "1"))
                yield below
            yield from places(inner, below)


def models(annotation: Any, table: bool = False) -> Iterator[tuple[type[BaseModel], bool]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, table
        return
    is_table = getattr(annotation, "__origin__", None) is dict
    if getattr(annotation, "__origin__", None) is list:
        return  # rows: their keys are tried below, in a row
    for inner in get_args(annotation):
        yield from models(inner, table or is_table)


def put(place: tuple[str, ...], value: Any) -> dict[str, Any]:
    """BASE with this value there."""

    def copied(part: Any) -> Any:
        return {key: copied(each) for key, each in part.items()} if isinstance(part, dict) else part

    data: dict[str, Any] = copied(BASE)
    part = data
    for step in place[:-1]:
        part[step] = part.get(step) if isinstance(part.get(step), dict) else {}
        part = part[step]
    part[place[-1]] = value
    return data


EVERY_PLACE = [*dict.fromkeys(places(Config))]


def test_the_places_are_those_of_the_whole_configuration():
    names = {".".join(place) for place in EVERY_PLACE}
    assert len(names) > 150
    assert {"sip.tls.certificate", "trunks.carrier.password_file", "agents.1001.outside", "queues.orders.target.within_share"} <= names  # fmt: skip


@pytest.mark.parametrize("place", EVERY_PLACE, ids=".".join)
def test_a_wrong_value_in_the_configuration_is_told_in_words_of_ours(place: tuple[str, ...]):
    for value in WRONG:
        try:
            check(put(place, value))
        except BadConfiguration as bad:
            for mistake in bad.mistakes:
                assert not NOT_OURS.search(re.sub(r"'(?:[^'\\]|\\.)*'", "''", mistake)), (value, mistake)
                assert len(mistake) < 1500, (value, mistake[:200])


@pytest.mark.parametrize(
    "key", ["after_s", "when", "do", "to", "by", "queue", "number", "why", "wait_s", "within_h", "nonsense"]
)
def test_a_wrong_value_in_a_row_is_told_in_words_of_ours(key: str):
    for value in WRONG:
        row = {"after_s": 10, "do": "raise-priority", "by": 1, "why": "x", key: value}
        try:
            check(put(("queues", "orders", "overflow"), [row]))
        except BadConfiguration as bad:
            for mistake in bad.mistakes:
                assert not NOT_OURS.search(re.sub(r"'(?:[^'\\]|\\.)*'", "''", mistake)), (value, mistake)


LONG_RUNNING = {("demo",), ("bench",), ("docs",), ("simulate",), ("replay",), ("db", "migrate"), ("backup", "make")}
"""What they ask for beside their options takes minutes, or a database; theirs are read by the same reader."""


@pytest.mark.parametrize(
    "path", [path for path, _ in commands() if path not in LONG_RUNNING | MAKES_ONE], ids=lambda path: " ".join(path)
)
def test_a_wrong_value_on_the_command_line_is_told_in_words_of_ours(
    path: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)  # some of the values are good names of files
    state = Installation.at(tmp_path / "state").state
    command = next(command for words_, command in commands() if words_ == path)
    named = [each for each in options(command) if not getattr(each, "is_flag", False)]
    at_state = ("--state", str(state)) if any("--state" in each.opts for each in named) else ()
    for option in named:
        if "--state" in option.opts or "--config" in option.opts:
            continue
        for value in TYPED:
            if path == ("docs",) and value == "0":
                continue  # a port that can be taken: the site would be made and served
            said = typed(*words(path, tmp_path), option.opts[0], value, *at_state, keyed="a-long-enough-password\n")
            assert not NOT_OURS.search(said.screen.replace(value, "") if value else said.screen), (
                option.opts,
                value,
                said,
            )
