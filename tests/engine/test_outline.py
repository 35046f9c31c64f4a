"""An event in one line shows what happened to which call, and nothing of what a person said or is called by."""

from dataclasses import fields, is_dataclass
from typing import Any, get_args

import pytest

from acd.engine import commands
from acd.engine.events import CallArrived, Event
from acd.engine.outline import outline
from acd.engine.transfer_events import CardWritten

NUMBER, NOTE = "13800001234", "is angry about 订单"
KINDS = sorted(
    {*get_args(Event), *(kind for kind in vars(commands).values() if isinstance(kind, type) and is_dataclass(kind))},
    key=lambda kind: str(kind.__name__),
)
"""Every event and every command."""


def made(kind: Any, text: Any) -> Any:
    """An instance with this in all of its fields, whatever their types say."""
    made = object.__new__(kind)
    for each in fields(kind):
        object.__setattr__(made, each.name, text)
    return made


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("text", [NUMBER, f"+86{NUMBER}", NOTE, {"text": NOTE}, [NUMBER], f"{NOTE} {NUMBER}"])
def test_no_field_of_any_event_or_command_shows_a_number_or_a_note(kind: Any, text: Any):
    line = outline(made(kind, text))
    assert NUMBER not in line and "angry" not in line, line
    assert line.startswith(kind.__name__)


def test_the_call_and_what_happened_can_be_read():
    line = outline(CardWritten("c1760000000-42-1234", "1001", "note", {"text": NOTE}))
    assert line.startswith("CardWritten(call='c1760000000-42-1234', ")
    assert "<1>" in line
    arrived = outline(CallArrived("c1760000000-42-1234", NUMBER, "95001"))
    assert "call='c1760000000-42-1234'" in arrived and "<11 characters>" in arrived
