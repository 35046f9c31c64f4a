"""Calling a customer back: the one action that dials out of the house by itself, and the walls around it.

The customer is dialled first (AMI Originate through the configured trunk) and comes into [called-back], where he is a
caller who waits; his agent is kept for him meanwhile. What comes of it is told once: CallbackAnswered by his channel,
CallbackFailed by whichever comes first, his channel's end or Asterisk's word that the attempt has failed.

The channel's id is ours, so that its end is known for what it is; a failed OriginateResponse may name another call's.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import Callable, Iterable

from acd.engine.commands import CallBack
from acd.engine.events import CallbackFailed, Event
from acd.identifiers import dialable, is_call_id, is_name, is_number
from acd.pbx.ami.connection import Ami, AmiDown, AmiRefused, AmiSilent, Fields, IllegalCharacter
from acd.pbx.events.destination_events import CALLABLE
from acd.pbx.events.translator import Translator
from acd.pbx.recovery import resync

log = logging.getLogger(__name__)

CONTEXT = "called-back"
RING_S = 30
"""So long the customer's telephone may ring."""
ANSWER_S = RING_S + 10.0
_ARRIVED = re.compile(r"c([0-9]{9,11})-[a-z0-9-]+")
_REASONS = {"3": "no answer", "5": "busy"}
"""Of an OriginateResponse: the last that was heard of the called side was ringing, or busy."""


class WildOriginate(ValueError):
    """An Originate that is not a callback's. Nothing was sent."""


def refuse_other(fields: Fields, way_out: str) -> None:
    """Raises WildOriginate unless this dials digits through our trunk into [called-back], and nothing else."""
    channel = str(fields.get("Channel", ""))
    number = channel.removeprefix("PJSIP/").removesuffix(f"@{way_out}")
    whole = bool(way_out) and channel == f"PJSIP/{number}@{way_out}" and CALLABLE.fullmatch(number)
    place = (fields.get("Context"), fields.get("Exten"), fields.get("Priority"))
    if not whole or place != (CONTEXT, "s", "1") or "Application" in fields or fields.get("Async") != "true":
        raise WildOriginate(f"{channel[:80]!r} into {place!r} is not how customers are called back")


class Callbacks:
    """Dials customers back. Nothing here waits: outcomes come back as events."""

    def __init__(
        self,
        ami: Ami,
        epoch: int,
        translator: Translator,
        tell: Callable[[Event], None],
        *,
        way_out: str,
        own_numbers: Iterable[str],
        never_dial: Iterable[str] = (),
    ) -> None:
        self.ami, self.epoch, self.translator, self.tell = ami, epoch, translator, tell
        self.through(way_out, own_numbers, never_dial)
        self._to_come: dict[str, CallBack] = {}
        """Whose first call is not over yet: he still hears that he will be called back."""
        self._under_way: set[str] = set()
        """Calls between the command and the Originate's going out."""
        self._tasks: set[asyncio.Task[None]] = set()

    def through(self, way_out: str, own_numbers: Iterable[str], never_dial: Iterable[str] = ()) -> None:
        """`way_out`: the trunk's endpoint, empty when there is none. `own_numbers`: those of the hotline. `never_dial`:
        how numbers begin that are not called."""
        self.way_out, self.own_numbers = way_out, [number.removeprefix("+") for number in own_numbers]
        self.never_dial = tuple(never_dial)

    def dial(self, command: CallBack) -> None:
        """Dials the customer, once his first call is over. A call that is being dialled already is left at that."""
        call = command.call
        if why := self._unfit(command):
            self._failed(call, "failed", why)
            return
        leg = self.translator.calls.get(call)
        if call in self._under_way or call in self.translator.dialled.values() or (leg and not leg.elsewhere):
            log.warning("The customer of %s is dialled already, or is here; he is not dialled twice.", call)
            return
        if leg is not None:
            self._to_come[call] = command
            return
        self._under_way.add(call)
        task = asyncio.ensure_future(self._dial(command))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def first_call_over(self, call: str) -> None:
        """Whoever was waited for is dialled now."""
        if (command := self._to_come.pop(call, None)) is not None:
            self.dial(command)

    def give_up(self, call: str) -> bool:
        """Hangs up on a customer who is being dialled; whether there was one."""
        if self._to_come.pop(call, None) is not None:
            return True
        channel = next((id_ for id_, dialled in self.translator.dialled.items() if dialled == call), None)
        if channel is None:
            return False
        try:
            sent = self.ami.send([("Hangup", {"Channel": channel, "Cause": "16"})])
        except AmiDown:
            return True
        asyncio.gather(*sent, return_exceptions=True)
        return True

    def forget(self) -> None:
        """On a new connection resync tells who is being dialled."""
        self._to_come.clear()

    def can_be_dialled(self, number: str) -> bool:
        return dialable(number, self.own_numbers, self.never_dial)

    def _unfit(self, command: CallBack) -> str:
        """Why this can't be dialled, in words; empty when it can."""
        if not self.way_out:
            return "no trunk is configured that can be dialled"
        if not self.can_be_dialled(command.number):
            return "its number can't be called"
        if not is_call_id(command.call) or not is_name(command.queue):
            return "its call or queue is not one of ours"
        return ""

    def originate(self, command: CallBack, channel_id: str) -> Fields:
        """The action's fields. Raises WildOriginate, IllegalCharacter."""
        dialled = command.dialled if is_number(command.dialled) else next(iter(self.own_numbers), "")
        arrived = _ARRIVED.fullmatch(command.call)
        variables = {
            "__CALL_ID": command.call,
            "CALLER": command.number.removeprefix("+"),
            "DIALLED": dialled,
            "QUEUE": command.queue,
            "SKILLS": ",".join(f"{skill}:{level}" for skill, level in command.skills if is_name(skill)),
            "LANG": "en" if command.language == "en" else "zh",
            # The plain queue, should we fall silent, ranks him by the day and hour of his first call.
            "ASKED": f"{arrived[1]}.000" if arrived else "",
            "NEXT": "queue",
            "NOTICE": "said",
            "POSITION_SAID": "0@0",
        }
        fields: Fields = {
            "Channel": f"PJSIP/{command.number}@{self.way_out}",
            "ChannelId": channel_id,
            "Context": CONTEXT,
            "Exten": "s",
            "Priority": "1",
            "CallerID": f"<{dialled}>",
            "Timeout": str(RING_S * 1000),
            "Async": "true",
            # In quotes: a comma, as between skills, would begin another variable.
            "Variable": [f'{name}="{value}"' for name, value in variables.items()],
        }
        refuse_other(fields, self.way_out)
        return fields

    async def _dial(self, command: CallBack) -> None:
        call, channel_id = command.call, f"{resync.CALLED_BACK}{secrets.token_hex(8)}"
        try:
            # The fence of [connect] would come too late here: his telephone would have rung.
            if await resync.global_value(self.ami, "ACD_EPOCH") != str(self.epoch):
                log.warning("Another daemon runs this Asterisk: %s is not called back by this one.", call)
                return
            fields = self.originate(command, channel_id)
            answer = self.ami.send([("Originate", fields)], ANSWER_S)[0]
            self.translator.dialled[channel_id] = call
        except (AmiDown, AmiSilent, AmiRefused, IllegalCharacter, WildOriginate) as error:
            self._failed(call, "failed", str(error))
            return
        finally:
            self._under_way.discard(call)
        try:
            # Two messages answer it: that it is under way, and then what came of it.
            outcome = (await answer)[-1]
        except (AmiDown, AmiSilent):
            return  # Resync, or the end of his channel, tells what came of it.
        except AmiRefused as error:
            outcome = {"Response": "Failure", "Message": str(error)}
        if outcome.get("Response") == "Failure" and self.translator.dialled.pop(channel_id, None) is not None:
            reason = _REASONS.get(outcome.get("Reason", ""), "failed")
            self._failed(call, reason, outcome.get("Message", "") or reason)

    def _failed(self, call: str, reason: str, why: str) -> None:
        log.info("The customer of %s could not be called back: %s", call, why)
        # Not from within the engine's own turn: the outcome of a command is an event of its own.
        asyncio.get_running_loop().call_soon(self.tell, CallbackFailed(call, reason))
