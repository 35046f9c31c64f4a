"""One call of a journal as a test: `python -m tests.engine.from_journal JOURNAL CALL >> tests/engine/test_….py`.

JOURNAL is the folder `journal` of an installation's state folder. The test tells the engine what the journal says of this call,
at the same distances in time, with the queues and the agents' skills of then, and asserts what the engine did. Change the
last line into what it should have done, and the test fails until the engine is mended. Numbers and notes are replaced.
"""

import sys
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from acd.engine.acd import Acd
from acd.engine.commands import Kind
from acd.engine.events import AgentReady, Event
from acd.engine.model import AgentProfile
from acd.engine.state import State
from acd.explain import mentions
from acd.store.errors import NotAnEvent
from acd.store.journal import spool
from tests.engine.support.floor import Floor

CALL = "c1"
CALLER = "13800001111"
TOGETHER_S = 0.05
"""Events that are closer than this are told at the same instant."""


def lines_of(journal: Path, call: str) -> Iterator[spool.Line]:
    """The journal's lines that name the call, in order; lines of another version are passed over."""
    for segment in spool.segments(journal):
        for line, _ in spool.lines(segment):
            if not isinstance(line, spool.Damaged) and line.form.get("call") == call:
                yield line


@dataclass(frozen=True)
class Told:
    """One event of the call, named "c1" and its caller with a number that is nobody's."""

    at: datetime
    event: Event
    offered: tuple[str, ...]
    """The agents to whom the call was offered because of it."""

    @property
    def agents(self) -> tuple[str, ...]:
        """The agents who must be there when it is told."""
        named = getattr(self.event, "agent", "")
        return (*self.offered, *((named,) if named else ()))


def events_of(journal: Path, call: str) -> list[Told]:
    """What the journal says of the call, in order."""
    found = []
    for line in lines_of(journal, call):
        try:
            rows = [row for row in line.rows() if row.kind is Kind.OFFERED and row.call == call]
            found.append(Told(line.at, renamed(line.event(), call), tuple(row.agent for row in rows)))
        except NotAnEvent:
            continue
    return found


def renamed(event: Event, call: str) -> Event:
    changes: dict[str, Any] = {}
    for field in fields(event):
        value = getattr(event, field.name)
        if isinstance(value, str) and value.startswith(call):
            changes[field.name] = CALL + value.removeprefix(call)
        elif field.name in ("caller", "number") and value:
            changes[field.name] = CALLER
        elif field.name in ("note", "text") and value:
            changes[field.name] = "left out"
    return replace(event, **changes)


def source_of(journal: Path, call: str) -> str:
    """The test's source. ValueError when the journal does not name the call."""
    events = events_of(journal, call)
    if not events:
        raise ValueError("The journal does not name this call. `./sanxiang call list` says what the calls are called.")
    state = engine_before(journal, call)
    queues = [queue for queue in state.queues.values() if any(queue.name in str(told.event) for told in events)]
    names = list(dict.fromkeys(agent for told in events for agent in told.agents))
    known = state.agents
    agents = [AgentProfile(name, skills=known[name].skills if name in known else ()) for name in names]
    floor = Floor(queues, agents)
    text = [
        "def test_what_became_of_the_call():",
        f"    queues = [{', '.join(map(short, queues))}]",
        f"    floor = Floor(queues, [{', '.join(map(short, agents))}])",
    ]
    staffed: set[str] = set()

    def staff(agent: str) -> None:
        """When the agent is first needed; what they did before belongs to other calls."""
        if agent not in staffed:
            staffed.add(agent)
            floor.tell(AgentReady(agent))
            text.append(f"    floor.tell({short(AgentReady(agent))})")

    for agent in names[:1]:
        staff(agent)  # a policy may act where nobody is staffed
    before = events[0].at
    for told in events:
        apart_s = round((told.at - before).total_seconds(), 2)
        if apart_s >= TOGETHER_S:
            text.append(f"    floor.wait(seconds={apart_s})")
            floor.wait(seconds=apart_s)
            before = told.at
        for agent in told.agents:
            staff(agent)
        text.append(f"    floor.tell({short(told.event)})")
        floor.tell(told.event)
    text.append(f"    assert floor.story({CALL!r}) == {floor.story(CALL)!r}")
    kinds = {AgentReady, *(type(told.event) for told in events)}
    return "\n".join(
        [
            *(
                f"from {kind.__module__} import {kind.__name__}"
                for kind in sorted(kinds, key=lambda kind: kind.__name__)
            ),
            "from datetime import timedelta\n",
            "from acd.engine.model import AgentProfile, Overflow, Queue",
            "from tests.engine.support.floor import Floor\n\n",
            *text,
        ]
    )


def engine_before(journal: Path, call: str) -> State:
    """The engine's state at the head of the first segment that names the call: queues, skills. Raises ValueError."""
    for segment in spool.segments(journal):
        head = spool.head(segment)
        if mentions(segment, call) and head is not None and head["state"] is not None:
            return Acd.restore(head["state"])._state
    raise ValueError("The journal of that time is not kept, or another version has written it.")


def short(value: Any) -> str:
    """Its repr without the fields that have their defaults; a timedelta as it is written in tests."""
    if is_dataclass(value) and not isinstance(value, type):
        said = [
            f"{field.name}={short(getattr(value, field.name))}"
            for field in fields(value)
            if field.default is MISSING or getattr(value, field.name) != field.default
        ]
        return f"{type(value).__name__}({', '.join(said)})"
    if isinstance(value, tuple):
        return f"({', '.join(map(short, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, timedelta):
        return f"timedelta(seconds={value.total_seconds():g})"
    return repr(value)


if __name__ == "__main__":
    print(source_of(Path(sys.argv[1]), sys.argv[2]))
