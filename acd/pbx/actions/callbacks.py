"""Calling a customer back: the only action that dials an outside number by itself, and the checks on it.

The customer is dialled first (AMI Originate through the configured trunk) and comes into [called-back], as a caller who waits;
the engine reserves an agent meanwhile. The outcome is told once: CallbackAnswered by the customer's channel, CallbackFailed by
the end of that channel or by a failed OriginateResponse, whichever comes first.

We choose the channel's id, so that its end can be recognised: a failed OriginateResponse may name the channel of another call.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections import deque
from collections.abc import Callable

import structlog

from acd.calls_out import CallsOut, dialled, no_callback
from acd.engine.commands import CallBack
from acd.engine.events import AlarmRaised, CallbackFailed, Event
from acd.identifiers import is_call_id, is_name, is_number
from acd.pbx.ami.connection import Ami, AmiDown, AmiRefused, AmiSilent, Fields, IllegalCharacter
from acd.pbx.ami.variables import global_value
from acd.pbx.channel_book import ChannelBook
from acd.pbx.channels import CALLABLE, CALLBACK_UNIQUEID

log = structlog.get_logger(__name__)

CONTEXT, ASK_KEY = "called-back", "ask-key"
"""Where the customer's channel comes to: among the callers who wait, or first to the question for a key."""
RING_S = 30
"""How long the customer's phone may ring."""
ANSWER_S = RING_S + 10.0
"""How long Asterisk may take to say what came of it."""
_HOUR_S, _DAY_S = 3600.0, 86400.0
_ALARM_EVERY_S = 600.0
_ARRIVED = re.compile(r"c([0-9]{9,11})-[a-z0-9-]+")
_REASONS = {"3": "no answer", "5": "busy"}
"""Reason of an OriginateResponse, the last control frame of the called side (3 ringing, 5 busy), to CallbackFailed's reason."""


class WildOriginate(ValueError):
    """An Originate that is not a callback's. Nothing was sent."""


def refuse_other(fields: Fields, way_out: str, rules: CallsOut) -> None:
    """Raises WildOriginate unless this dials a number that may be called back, through our trunk, into [called-back] or
    [ask-key], and nothing else. The last look before the INVITE: it asks the rules again, whatever was asked before."""
    channel = str(fields.get("Channel", ""))
    number = channel.removeprefix("PJSIP/").removesuffix(f"@{way_out}")
    whole = bool(way_out) and channel == f"PJSIP/{number}@{way_out}" and CALLABLE.fullmatch(number)
    place = (fields.get("Context"), fields.get("Exten"), fields.get("Priority"))
    known = place in ((CONTEXT, "s", "1"), (ASK_KEY, "s", "1"))
    if not whole or not known or "Application" in fields or fields.get("Async") != "true":
        raise WildOriginate(f"{channel[:80]!r} into {place!r} is not how customers are called back")
    if (why := no_callback(rules, number)) or dialled(rules, number) != number:
        raise WildOriginate(f"{number} may not be called back ({why or 'in this writing'})")


class Counter:
    """Calls back in the last hour and day, counted where they leave: a second count beside the engine's, that of this daemon."""

    def __init__(self) -> None:
        self._left: deque[float] = deque()

    def full(self, rules: CallsOut, now: float) -> str:
        """Which limit forbids another call at this monotonic second; empty: none."""
        while self._left and self._left[0] <= now - _DAY_S:
            self._left.popleft()
        if len(self._left) >= rules.per_day:
            return "per-day"
        hour = sum(1 for at in self._left if at > now - _HOUR_S)
        return "per-hour" if hour >= rules.per_hour else ""

    def note(self, now: float) -> None:
        """A call leaves."""
        self._left.append(now)


class Callbacks:
    """Dials customers back. Nothing here waits: outcomes are events."""

    def __init__(
        self,
        ami: Ami,
        epoch: int,
        book: ChannelBook,
        tell: Callable[[Event], None],
        *,
        way_out: str,
        rules: CallsOut,
        ask_key: bool = False,
    ) -> None:
        self.ami, self.epoch, self.book, self.tell = ami, epoch, book, tell
        self.through(way_out, rules, ask_key)
        self._count = Counter()
        self._alarmed_at = -_ALARM_EVERY_S
        self._to_come: dict[str, CallBack] = {}
        """Commands whose customer is still in the first call, and hears that the callback is noted."""
        self._under_way: set[str] = set()
        """Calls whose Originate is not sent yet."""
        self._tasks: set[asyncio.Task[None]] = set()

    def through(self, way_out: str, rules: CallsOut, ask_key: bool = False) -> None:
        """Sets what may be dialled. `way_out`: the trunk's endpoint, empty when there is none. `ask_key`: whether the customer
        is asked for a key before they count as reached."""
        self.way_out, self.rules, self.ask_key = way_out, rules, ask_key

    def dial(self, command: CallBack) -> None:
        """Dials the customer once the first call is over. A customer who is being dialled is not dialled a second time.

        What can't be dialled comes back as CallbackFailed "failed".
        """
        call = command.call
        if why := self._unfit(command):
            self._failed(call, "failed", why)
            return
        leg = self.book.calls.get(call)
        if call in self._under_way or call in self.book.dialled.values() or (leg and not leg.diverted):
            log.warning("a customer is dialled already, or on the line; not dialled again", call=call)
            return
        if leg is not None:
            self._to_come[call] = command
            return
        self._under_way.add(call)
        task = asyncio.ensure_future(self._dial(command))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def first_call_over(self, call: str) -> None:
        """The first call of a customer has ended: the callback that waited for it is dialled now."""
        if (command := self._to_come.pop(call, None)) is not None:
            self.dial(command)

    def give_up(self, call: str) -> bool:
        """Stops dialling this customer. Whether one was being dialled, or was about to be."""
        if self._to_come.pop(call, None) is not None:
            return True
        channel = next((id_ for id_, dialled in self.book.dialled.items() if dialled == call), None)
        if channel is None:
            return False
        try:
            sent = self.ami.send([("Hangup", {"Channel": channel, "Cause": "16"})])
        except AmiDown:
            return True
        asyncio.gather(*sent, return_exceptions=True)
        return True

    def forget(self) -> None:
        """A new connection: resync finds out which customers are being dialled."""
        self._to_come.clear()

    def can_be_dialled(self, number: str) -> bool:
        """Whether a callback to this number is allowed."""
        return no_callback(self.rules, number) == ""

    def _unfit(self, command: CallBack) -> str:
        """Why this can't be dialled, for the log; empty when it can."""
        if not self.way_out:
            return "no trunk is configured that can be dialled"
        if why := no_callback(self.rules, command.number):
            self._alarm(f"a callback to {command.number} was ordered, which may not be called ({why})")
            return f"its number may not be called ({why})"
        if not is_call_id(command.call) or not is_name(command.queue):
            return "its call or queue is not one of ours"
        return ""

    def originate(self, command: CallBack, channel_id: str) -> Fields:
        """The fields of the Originate. Raises WildOriginate for anything but a callback."""
        ours = command.dialled if is_number(command.dialled) else next(iter(self.rules.own), "").removeprefix("+")
        arrived = _ARRIVED.fullmatch(command.call)
        variables = {
            "__CALL_ID": command.call,
            "CALLER": command.number,
            "DIALLED": ours,
            "QUEUE": command.queue,
            "SKILLS": ",".join(f"{skill}:{level}" for skill, level in command.skills if is_name(skill)),
            "LANG": "en" if command.language == "en" else "zh",
            # Should the daemon stop, the fallback queue ranks the customer by the time of the first call.
            "ASKED": f"{arrived[1]}.000" if arrived else "",
            "NEXT": "queue",
            "NOTICE": "said",
            "POSITION_SAID": "0@0",
        }
        fields: Fields = {
            "Channel": f"PJSIP/{dialled(self.rules, command.number)}@{self.way_out}",
            "ChannelId": channel_id,
            "Context": ASK_KEY if self.ask_key else CONTEXT,
            "Exten": "s",
            "Priority": "1",
            "CallerID": f"<{ours}>",
            "Timeout": str(RING_S * 1000),
            "Async": "true",
            # In quotes: a comma, as between skills, would begin another variable.
            "Variable": [f'{name}="{value}"' for name, value in variables.items()],
        }
        refuse_other(fields, self.way_out, self.rules)
        return fields

    async def _dial(self, command: CallBack) -> None:
        call, channel_id = command.call, f"{CALLBACK_UNIQUEID}{secrets.token_hex(8)}"
        try:
            # The epoch check in [connect] would come too late here: the customer's phone would have rung.
            if await global_value(self.ami, "ACD_EPOCH") != str(self.epoch):
                log.warning("another daemon runs this Asterisk; this one does not call back", call=call)
                return
            fields = self.originate(command, channel_id)
            now = asyncio.get_running_loop().time()
            if limit := self._count.full(self.rules, now):
                self._alarm(f"more calls back were ordered than may leave (calls_out.{limit.replace('-', '_')})")
                self._failed(call, "failed", limit)
                return
            self._count.note(now)
            answer = self.ami.send([("Originate", fields)], ANSWER_S)[0]
            self.book.dialled[channel_id] = call
        except (AmiDown, AmiSilent, AmiRefused, IllegalCharacter, WildOriginate) as error:
            self._failed(call, "failed", str(error))
            return
        finally:
            self._under_way.discard(call)
        try:
            # Two messages answer it: that it is under way, and then what came of it.
            outcome = (await answer)[-1]
        except (AmiDown, AmiSilent):
            return  # Resync, or the end of the customer's channel, tells what came of it.
        except AmiRefused as error:
            outcome = {"Response": "Failure", "Message": str(error)}
        if outcome.get("Response") == "Failure" and self.book.dialled.pop(channel_id, None) is not None:
            reason = _REASONS.get(outcome.get("Reason", ""), "failed")
            self._failed(call, reason, outcome.get("Message", "") or reason)

    def _alarm(self, detail: str) -> None:
        """The engine should not have asked: a fault, so somebody is told, and not each time."""
        now = asyncio.get_running_loop().time()
        if now - self._alarmed_at >= _ALARM_EVERY_S:
            self._alarmed_at = now
            asyncio.get_running_loop().call_soon(self.tell, AlarmRaised("call out refused", detail))

    def _failed(self, call: str, reason: str, why: str) -> None:
        log.info("a customer could not be called back", call=call, reason=reason, why=why)
        # Told once the engine has finished the present event: the outcome of a command is an event of its own.
        asyncio.get_running_loop().call_soon(self.tell, CallbackFailed(call, reason))
