"""Calling a customer back: the only action that dials an outside number by itself, and the checks on it.

The customer is dialled first (AMI Originate through the configured trunks, one after the other) and comes into [called-back], as a
caller who waits; the engine reserves an agent meanwhile. The outcome is told once: CallbackAnswered by the customer's channel,
CallbackFailed by the end of that channel or by a failed OriginateResponse, whichever comes first. An outcome that says something about
the trunk and not about the customer is told of the last trunk only (`goes_on`).

We choose the channel's id, so that its end can be recognised: a failed OriginateResponse may name the channel of another call.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog

from acd.calls_out import CallsOut, dialled, no_callback
from acd.engine.callback_events import CallbackFailed
from acd.engine.commands import CallBack
from acd.engine.events import AlarmRaised, Event
from acd.identifiers import is_call_id, is_name, is_number
from acd.pbx.actions.silent_trunks import SilentTrunks
from acd.pbx.actions.ways_out import WaysOut
from acd.pbx.ami.connection import Ami, AmiDown, AmiRefused, AmiSilent, Fields, IllegalCharacter
from acd.pbx.ami.variables import global_value
from acd.pbx.channel_book import ChannelBook
from acd.pbx.channels import CALLABLE, CALLBACK_UNIQUEID
from acd.pbx.trunk_states import SILENT_S, another_trunk_may_do
from acd.telephone_numbers import DialAs

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


def refuse_other(fields: Fields, way_out: str, rules: CallsOut, dial_as: DialAs = "national") -> None:
    """Raises WildOriginate unless this dials a number that may be called back, written as the carrier wants it, through our trunk,
    into [called-back] or [ask-key], and nothing else. The last look before the INVITE: it asks the rules again, whatever was
    asked before."""
    channel = str(fields.get("Channel", ""))
    number = channel.removeprefix("PJSIP/").removesuffix(f"@{way_out}")
    whole = bool(way_out) and channel == f"PJSIP/{number}@{way_out}" and CALLABLE.fullmatch(number)
    place = (fields.get("Context"), fields.get("Exten"), fields.get("Priority"))
    known = place in ((CONTEXT, "s", "1"), (ASK_KEY, "s", "1"))
    if not whole or not known or "Application" in fields or fields.get("Async") != "true":
        raise WildOriginate(f"{channel[:80]!r} into {place!r} is not how customers are called back")
    if (why := no_callback(rules, dialled(rules, number))) or dialled(rules, number, dial_as) != number:
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


@dataclass(frozen=True, slots=True)
class _Try:
    """One attempt of a callback."""

    command: CallBack
    endpoint: str
    left: tuple[str, ...]
    """The trunks that come after this one."""
    first: bool = True


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
        self.ways_out = WaysOut()
        self.silent_trunks = SilentTrunks(ami)
        """Also of what the dialplan dials: the link has it hear each message."""
        self.through(way_out, rules, ask_key)
        self.counter = Counter()
        """Also of the story calls."""
        self._alarmed_at = -_ALARM_EVERY_S
        self.when_failed: Callable[[str, int, str], None] = lambda trunk, code, call: None
        """Told of each trunk that did not carry a call: its name, the SIP answer (0: none), the call."""
        self._tries: dict[str, _Try] = {}
        """By call, of those that are being dialled."""
        self._to_come: dict[str, CallBack] = {}
        """Commands whose customer is still in the first call, and hears that the callback is noted."""
        self._under_way: set[str] = set()
        """Calls whose Originate is not sent yet."""
        self._tasks: set[asyncio.Task[None]] = set()

    def through(self, way_out: str, rules: CallsOut, ask_key: bool = False) -> None:
        """Sets what may be dialled. `way_out`: a trunk's endpoint, empty when there is none; of several, `ways_out` is configured
        beside. `ask_key`: whether the customer is asked for a key before they count as reached."""
        self.ways_out.order = [way_out] if way_out else []
        self.rules, self.ask_key = rules, ask_key

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
        self._begin(_Try(command, self.ways_out.first, tuple(self.ways_out.order[1:])))

    def _begin(self, attempt: _Try) -> None:
        self._under_way.add(attempt.command.call)
        self._tries[attempt.command.call] = attempt
        self._later(self._dial(attempt))

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def goes_on(self, failed: CallbackFailed) -> bool:
        """Whether the next trunk is tried instead of telling this outcome: the trunk has failed, and not the customer."""
        attempt = self._tries.pop(failed.call, None)
        if attempt is None or not another_trunk_may_do(failed.code):
            return False
        if not failed.code and failed.reason in ("busy", "refused", "no key"):
            return False  # The customer's telephone, or whoever answered it; the carrier's word has not come.
        self.when_failed(attempt.endpoint.removeprefix("trunk-"), failed.code, failed.call)
        if not attempt.left:
            return False
        log.info("a call out is tried over the next trunk", call=failed.call, failed=attempt.endpoint, code=failed.code)
        self._begin(_Try(attempt.command, attempt.left[0], attempt.left[1:], first=False))
        return True

    def answered(self, call: str) -> None:
        """The customer is on the line."""
        self._tries.pop(call, None)

    def first_call_over(self, call: str) -> None:
        """The first call of a customer has ended: the callback that waited for it is dialled now."""
        if (command := self._to_come.pop(call, None)) is not None:
            self.dial(command)

    def give_up(self, call: str) -> bool:
        """Stops dialling this customer. Whether one was being dialled, or was about to be."""
        self._tries.pop(call, None)
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
        self._tries.clear()

    def _unfit(self, command: CallBack) -> str:
        """Why this can't be dialled, for the log; empty when it can."""
        if not self.ways_out.first:
            return "no trunk is configured that can be dialled"
        if why := no_callback(self.rules, command.number):
            self._alarm(f"a callback to {command.number} was ordered, which may not be called ({why})")
            return f"its number may not be called ({why})"
        if not is_call_id(command.call) or not is_name(command.queue):
            return "its call or queue is not one of ours"
        return ""

    def originate(self, command: CallBack, channel_id: str, endpoint: str = "") -> Fields:
        """The fields of the Originate through this trunk (empty: the first). Raises WildOriginate for anything but a callback."""
        endpoint = endpoint or self.ways_out.first
        ours = command.dialled if is_number(command.dialled) else next(iter(self.rules.own), "").removeprefix("+")
        arrived = _ARRIVED.fullmatch(command.call)
        variables = {
            "__CALL_ID": command.call,
            "CALLER": command.number,
            "DIALLED": ours,
            "QUEUE": command.queue,
            **({"UNRECORDED": "1"} if command.unrecorded else {}),
            "SKILLS": ",".join(f"{skill}:{level}" for skill, level in command.skills if is_name(skill)),
            "LANG": "en" if command.language == "en" else "zh",
            # Should the daemon stop, the fallback queue ranks the customer by the time of the first call.
            "ASKED": f"{arrived[1]}.000" if arrived else "",
            "NEXT": "queue",
            "NOTICE": "said",
            "POSITION_SAID": "0@0",
            # Tells what the carrier has said, at the end of the channel.
            "CHANNEL(hangup_handler_push)": "trunk-over,s,1",
        }
        dial_as = self.ways_out.dial_as(endpoint)
        fields: Fields = {
            "Channel": f"PJSIP/{dialled(self.rules, command.number, dial_as)}@{endpoint}",
            "ChannelId": channel_id,
            "Context": ASK_KEY if self.ask_key else CONTEXT,
            "Exten": "s",
            "Priority": "1",
            "CallerID": f"<{self.ways_out.shown(endpoint, ours)}>",
            "Timeout": str(RING_S * 1000),
            "Async": "true",
            # In quotes: a comma, as between skills, would begin another variable.
            "Variable": [f'{name}="{value}"' for name, value in variables.items()],
        }
        refuse_other(fields, endpoint if endpoint in self.ways_out.order else "", self.rules, dial_as)
        return fields

    async def _dial(self, attempt: _Try) -> None:
        command, channel_id = attempt.command, f"{CALLBACK_UNIQUEID}{secrets.token_hex(8)}"
        call = command.call
        try:
            # The epoch check in [connect] would come too late here: the customer's phone would have rung.
            if await global_value(self.ami, "ACD_EPOCH") != str(self.epoch):
                log.warning("another daemon runs this Asterisk; this one does not call back", call=call)
                return
            fields = self.originate(command, channel_id, attempt.endpoint)
            if attempt.first:  # Another trunk is no other call.
                now = asyncio.get_running_loop().time()
                if limit := self.counter.full(self.rules, now):
                    self._alarm(f"more calls back were ordered than may leave (calls_out.{limit.replace('-', '_')})")
                    self._failed(call, "failed", limit)
                    return
                self.counter.note(now)
            answer = self.ami.send([("Originate", fields)], ANSWER_S)[0]
            self.book.dialled[channel_id] = call
            if attempt.left:
                self._later(self._give_silence_up(channel_id))
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
            code = self.book.answers.pop(call, 0)
            trunk = attempt.endpoint.removeprefix("trunk-")
            if not self.goes_on(CallbackFailed(call, reason, 0, trunk, code)):
                self._failed(call, reason, outcome.get("Message", "") or reason, trunk, code)

    def _alarm(self, detail: str) -> None:
        """The engine should not have asked: a fault, so somebody is told, and not each time."""
        now = asyncio.get_running_loop().time()
        if now - self._alarmed_at >= _ALARM_EVERY_S:
            self._alarmed_at = now
            asyncio.get_running_loop().call_soon(self.tell, AlarmRaised("call out refused", detail))

    async def _give_silence_up(self, channel_id: str) -> None:
        """Ends a customer's channel whose carrier has not answered the INVITE at all, so that the next trunk is tried."""
        await asyncio.sleep(SILENT_S)
        if channel_id in self.book.dialled:
            await self.silent_trunks.give_up(channel_id)

    def _failed(self, call: str, reason: str, why: str, trunk: str = "", code: int = 0) -> None:
        log.info("a customer could not be called back", call=call, reason=reason, why=why)
        # Told once the engine has finished the present event: the outcome of a command is an event of its own.
        asyncio.get_running_loop().call_soon(self.tell, CallbackFailed(call, reason, 0, trunk, code))
