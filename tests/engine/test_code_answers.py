"""What an agent hears who has dialled a code: done when it is so now, refused when the engine has refused it."""

import pytest

from acd.engine.calls.code_answers import answer
from acd.engine.events import AgentLoggedOut, AgentNotReady, AgentReady, Event, WrapUpEnded
from acd.engine.model import AgentProfile, Queue, Rules
from acd.engine.supervision.events import HelpAsked, QueueJoined, QueueLeft
from tests.engine.support.floor import Floor

QUEUES = [Queue("billing"), Queue("orders")]


def said(event: Event, *before: Event) -> str:
    """What amy hears of the code that tells `event`, after `before`."""
    floor = Floor(QUEUES, [AgentProfile("amy", "Amy")], Rules())
    floor.tell(*before)
    return answer(event, floor.acd.handle(event, floor.now))


READY, BREAK, LEFT = AgentReady("amy"), AgentNotReady("amy", "break"), QueueLeft("amy", "orders", "training")


@pytest.mark.parametrize(
    ("event", "before"),
    [
        (READY, ()),
        (BREAK, (READY,)),
        (AgentLoggedOut("amy"), (READY,)),
        (HelpAsked("amy"), (READY,)),
        (LEFT, (READY,)),
        (QueueJoined("amy", "orders"), (READY, LEFT)),
    ],
    ids=lambda of: type(of).__name__,
)
def test_what_is_done_is_confirmed(event: Event, before: tuple[Event, ...]):
    assert said(event, *before) == "done"


@pytest.mark.parametrize(
    ("event", "before"),
    [
        (READY, (READY,)),
        (BREAK, (READY, BREAK)),
        (AgentLoggedOut("amy"), ()),
        (HelpAsked("amy"), (READY, HelpAsked("amy"))),
        (LEFT, (READY, LEFT)),
        (QueueJoined("amy", "orders"), (READY,)),
    ],
    ids=lambda of: type(of).__name__,
)
def test_what_was_so_already_is_confirmed_and_not_refused(event: Event, before: tuple[Event, ...]):
    assert said(event, *before) == "done"


@pytest.mark.parametrize(
    ("event", "before"),
    [
        (BREAK, ()),
        (WrapUpEnded("amy"), (READY,)),
        (HelpAsked("amy"), ()),
        (LEFT, ()),
        (QueueLeft("amy", "gone", "training"), (READY,)),
        (QueueJoined("amy", "gone"), (READY,)),
        (AgentReady("eve"), ()),
    ],
    ids=lambda of: type(of).__name__,
)
def test_what_the_engine_refuses_is_refused(event: Event, before: tuple[Event, ...]):
    assert said(event, *before) == "refused"
