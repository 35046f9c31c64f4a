"""What a list of channels means in the moments between two steps of the dialplan. Asterisk's part is played from rows."""

import asyncio
from collections.abc import Awaitable, Sequence
from types import SimpleNamespace
from typing import cast

import pytest

from acd.engine.pbx_report import FoundCall
from acd.pbx.ami.connection import Ami, Message
from acd.pbx.channel_book import ChannelBook
from acd.pbx.recovery.resync import found_calls

CALLER = {
    "Channel": "PJSIP/trunk-carrier-00000001",
    "Uniqueid": "100.1",
    "Linkedid": "100.1",
    "Context": "connect",
    "ChannelStateDesc": "Up",
    "BridgeId": "",
}
AGENT = {
    "Channel": "PJSIP/1001-00000002",
    "Uniqueid": "100.2",
    "Linkedid": "100.1",
    "Context": "from-agents",
    "ChannelStateDesc": "Up",
    "BridgeId": "",
}
VARIABLES = {"CALL_ID": "c100-1-1111", "CALLER": "13800001111", "QUEUE": "orders", "ASKED": "1000.000"}
OFFERED = VARIABLES | {"OFFER_ID": "c100-1-1111-1", "AGENT": "1001"}
TALKED = OFFERED | {"TALK_FROM": "1005000", "TALK_TO": "1009000", "AGENT_CAUSE": "16"}


class Rows:
    """Answers as Asterisk would, from these rows and variables."""

    def __init__(self, rows: Sequence[Message], variables: Message) -> None:
        self.rows, self.variables = rows, variables
        self.clock = SimpleNamespace(now=lambda: 1010.0)

    async def ask(self, action: str, deadline_s: float = 0) -> Sequence[Message]:
        return self.rows

    def send(self, actions: Sequence[tuple[str, Message]], deadline_s: float = 0) -> list[Awaitable[list[Message]]]:
        async def answer(value: str) -> list[Message]:
            return [{"Value": value}]

        return [asyncio.ensure_future(answer(self.variables.get(fields["Variable"], ""))) for _, fields in actions]


async def found(variables: Message, *others: Message) -> FoundCall:
    ami = cast(Ami, Rows([CALLER, *others], variables))
    [call], after = await found_calls(ami, ChannelBook(["1001"]))
    assert after == []
    return call


async def test_before_the_telephone_is_dialled_a_caller_is_being_connected():
    assert (await found(OFFERED)).place == "connecting"


@pytest.mark.parametrize("others", [(), (AGENT,)], ids=["agent gone", "agent just going"])
async def test_a_caller_whose_talk_has_just_ended_is_served_and_not_offered_again(others: tuple[Message, ...]):
    call = await found(TALKED, *others)
    assert (call.place, call.agent) == ("after", "")
    assert call.talk is not None
    assert (call.talk.agent, call.talk.offer, call.talk.began_s, call.talk.ended_s) == (
        "1001",
        "c100-1-1111-1",
        5.0,
        1.0,
    )


async def test_a_caller_whose_agent_was_lost_or_hung_up_at_once_waits():
    assert (await found(TALKED | {"AGENT_CAUSE": "44"})).place == "waiting"
    assert (await found(TALKED | {"TALK_FROM": "1008500"})).place == "waiting"
