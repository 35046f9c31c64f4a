"""A test call to an agent's telephone, without a caller.

It is an Originate of a Local channel whose one half dials the telephone ([test-ring]) and whose other half is never answered. A
telephone dialled by the Originate itself could send the call elsewhere by a 302, which Asterisk would follow.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection

import structlog

from acd.engine.commands import PhoneTest
from acd.identifiers import EXTENSION
from acd.pbx.actions.offer_actions import log_refusal
from acd.pbx.ami.connection import Ami, AmiDown, Fields

log = structlog.get_logger(__name__)

_AGENT = re.compile(EXTENSION)


class PhoneTests:
    """Carries out test calls. Nothing here waits: the dialplan tells what came of one."""

    def __init__(self, ami: Ami) -> None:
        self.ami = ami
        self._tasks: set[asyncio.Task[None]] = set()

    def ring(self, command: PhoneTest, agents: Collection[str]) -> bool:
        """Rings the telephone. False: it is none of `agents`, those with a telephone of ours, or there is no link."""
        if command.agent not in agents or not _AGENT.fullmatch(command.agent):
            log.warning("a test call was asked for a telephone that we do not have", agent=command.agent[:80])
            return False
        try:
            sent = self.ami.send([("Originate", fields_of(command.agent))])
        except AmiDown:
            return False
        task = asyncio.ensure_future(log_refusal(sent[0]))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True


def fields_of(agent: str) -> Fields:
    """The fields of the Originate. It names no number and no channel of a trunk: the dialplan dials the agent's own contact."""
    return {
        "Channel": "Local/s@test-ring/n",
        "Context": "test-over",
        "Exten": "s",
        "Priority": "1",
        "Timeout": "40000",
        "Async": "true",
        "Variable": [f"TESTED={agent}"],
    }
