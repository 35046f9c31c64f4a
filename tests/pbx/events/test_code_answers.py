"""A code that an agent has dialled is answered on the channel that dialled it, once, by what the engine made of that very event."""

from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime

import pytest

from acd.engine.commands import Kind, Log
from acd.engine.events import AgentReady, Event
from acd.pbx.actions.code_answers import CodeAnswers
from acd.pbx.ami.connection import AmiDown
from acd.pbx.ami.redirects import Action
from acd.pbx.events.translator import Translator

NOW = datetime(2026, 11, 30, tzinfo=UTC)
AMY = "PJSIP/1001-0000001e"
CODES = [
    ("AgentLoggedOut", {}),
    ("AgentReady", {}),
    ("AgentNotReady", {"Reason": "break"}),
    ("WrapUpEnded", {}),
    ("HelpAsked", {}),
    ("QueueLeft", {"Queue": "orders", "Reason": "training"}),
    ("QueueJoined", {"Queue": "orders"}),
]


class Wire:
    """Keeps what is sent; `down` when there is no link."""

    def __init__(self, down: bool = False) -> None:
        self.sent: list[Action] = []
        self.down = down

    def send(self, *actions: Action) -> Sequence[Awaitable[None]]:
        if self.down:
            raise AmiDown(action="Redirect")
        self.sent += actions
        return ()


def dialled(translator: Translator, code: str, more: dict[str, str], channel: str = AMY) -> list[Event]:
    message = {"Event": "UserEvent", "UserEvent": code, "Channel": channel, "Agent": "1001", **more}
    return list(translator.feed(message))


def ignored(event: Event, why: str = "he is not in wrap-up") -> list[Log]:
    return [Log(Kind.IGNORED, agent="1001", detail={"event": type(event).__name__, "why": why})]


def redirect(context: str, channel: str = AMY) -> Action:
    return "Redirect", {"Channel": channel, "Context": context, "Exten": "s", "Priority": "1"}


@pytest.mark.parametrize(("code", "more"), CODES)
def test_every_code_is_answered_by_what_became_of_it(code: str, more: dict[str, str]):
    translator, wire = Translator(["1001"]), Wire()
    answers = CodeAnswers(translator.book, wire)  # type: ignore[arg-type]
    (event,) = dialled(translator, code, more)
    answers.heard(NOW, event, [])
    answers.heard(NOW, event, [])
    assert wire.sent == [redirect("confirm")]
    (event,) = dialled(translator, code, more)
    answers.heard(NOW, event, ignored(event))
    assert wire.sent[1:] == [redirect("code-refused")]


def test_an_event_that_the_page_tells_answers_no_telephone_though_it_is_the_same():
    translator, wire = Translator(["1001"]), Wire()
    answers = CodeAnswers(translator.book, wire)  # type: ignore[arg-type]
    (event,) = dialled(translator, "AgentReady", {})
    answers.heard(NOW, AgentReady("1001"), ignored(event))
    assert wire.sent == []
    answers.heard(NOW, event, [])
    assert wire.sent == [redirect("confirm")]


def test_two_codes_at_once_are_each_answered_on_their_own_channel():
    translator, wire = Translator(["1001"]), Wire()
    answers = CodeAnswers(translator.book, wire)  # type: ignore[arg-type]
    second = "PJSIP/1001-0000001f"
    told = [dialled(translator, "AgentReady", {})[0], dialled(translator, "WrapUpEnded", {}, second)[0]]
    answers.heard(NOW, told[1], ignored(told[1]))
    answers.heard(NOW, told[0], [])
    assert wire.sent == [redirect("code-refused", second), redirect("confirm")]


def test_without_a_link_nothing_is_sent_and_nothing_breaks_and_the_code_is_forgotten():
    translator, wire = Translator(["1001"]), Wire(down=True)
    answers = CodeAnswers(translator.book, wire)  # type: ignore[arg-type]
    (event,) = dialled(translator, "AgentReady", {})
    answers.heard(NOW, event, [])
    wire.down = False
    answers.heard(NOW, event, [])
    assert wire.sent == [] and not translator.book.codes


def test_what_no_agents_channel_tells_waits_for_no_answer():
    translator = Translator(["1001"])
    assert dialled(translator, "AgentReady", {}, "PJSIP/1002-00000001") == [] and not translator.book.codes
