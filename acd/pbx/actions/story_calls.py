"""Calls out that run a story: dials a number, and tells how the story went. See acd/engine/story_calls for when one is made.

The customer's channel comes into [called-story] (extensions_stories.conf). Its Uniqueid names the call, the try and the trunk, so that
everything about it is read from Asterisk's messages alone, also by a daemon that was started meanwhile. What came of a story while no
daemon listened stands in the global STORY_OVER.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

import structlog

from acd.calls_out import CallsOut, dialled, no_callback
from acd.engine.commands import AskAboutStory, OriginateStory
from acd.engine.events import Event
from acd.engine.story_calls.events import StoryCallAnswered, StoryCallFailed, StoryCallOver
from acd.identifiers import is_call_id, is_number
from acd.pbx.actions.callbacks import ANSWER_S, RING_S, Counter
from acd.pbx.actions.silent_trunks import SilentTrunks
from acd.pbx.actions.ways_out import WaysOut
from acd.pbx.ami.connection import Ami, AmiDown, AmiRefused, AmiSilent, Fields, IllegalCharacter, Message
from acd.pbx.ami.variables import DEADLINE_S, global_value
from acd.pbx.channels import CALLABLE, STORY_CHANNEL, STORY_UNIQUEID, trunk_of
from acd.pbx.events.causes import callback_failure
from acd.pbx.trunk_states import SILENT_S, another_trunk_may_do
from acd.telephone_numbers import DialAs

log = structlog.get_logger(__name__)

CONTEXT = "called-story"
STORY = re.compile("[a-z][a-z_]{0,30}")
_SIP = re.compile(r"[3-6][0-9]{2}")
_RESULTS = {"told": "told", "person": "person", "declined": "declined", "no key": "no key"}
_REMEMBERED = 2000
_REASONS = {"3": "no answer", "5": "busy"}
"""Reason of an OriginateResponse to a StoryCallFailed's, as in callbacks.py."""


class WildStory(ValueError):
    """An Originate that is not a story call's. Nothing was sent."""


def refuse_other(fields: Fields, way_out: str, rules: CallsOut, dial_as: DialAs = "national") -> None:
    """Raises WildStory unless this dials a number that may be called back, written as the carrier wants it, through our trunk, into
    [called-story], and nothing else. The last look before the INVITE."""
    channel = str(fields.get("Channel", ""))
    number = channel.removeprefix("PJSIP/").removesuffix(f"@{way_out}")
    whole = bool(way_out) and channel == f"PJSIP/{number}@{way_out}" and CALLABLE.fullmatch(number)
    place = (fields.get("Context"), fields.get("Exten"), fields.get("Priority"))
    if not whole or place != (CONTEXT, "s", "1") or "Application" in fields or fields.get("Async") != "true":
        raise WildStory(f"{channel[:80]!r} into {place!r} is not how a story is told")
    if (why := no_callback(rules, dialled(rules, number))) or dialled(rules, number, dial_as) != number:
        raise WildStory(f"{number} may not be called ({why or 'in this writing'})")


@dataclass(frozen=True, slots=True)
class _Try:
    command: OriginateStory
    endpoint: str
    left: tuple[str, ...]
    """The trunks that come after this one."""
    index: int = 0

    @property
    def uniqueid(self) -> str:
        return f"{STORY_UNIQUEID}{self.command.call}-{self.command.attempt}_{self.index}"


class StoryCalls:
    """Dials, and hears each message of Asterisk's. Nothing here waits: outcomes are events."""

    def __init__(
        self,
        ami: Ami,
        epoch: int,
        tell: Callable[[Event], None],
        ways_out: WaysOut,
        silent_trunks: SilentTrunks,
        counter: Counter,
    ) -> None:
        """`ways_out`, `counter`: of the callbacks, for both are calls of the same wall."""
        self.ami, self.epoch, self.tell = ami, epoch, tell
        self._ways_out, self._silent_trunks, self._counter = ways_out, silent_trunks, counter
        self.rules = CallsOut()
        self.ask_key = False
        self.when_failed: Callable[[str, int, str], None] = lambda trunk, code, call: None
        """Told of each trunk that did not carry a call: its name, the SIP answer (0: none), the call."""
        self.kept: Callable[[str, str], Iterable[Event]] = lambda call, kept: ()
        """What a story call (its name) has left in STORY_OVER beside its result, as events."""
        self._tries: dict[str, _Try] = {}
        """By Uniqueid, of those that this daemon dials."""
        self._over: OrderedDict[str, None] = OrderedDict()
        """Uniqueids of which the outcome was told."""
        self._asked: dict[str, AskAboutStory] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def through(self, rules: CallsOut, ask_key: bool) -> None:
        """Another configuration is in force. `ask_key`: who answers is asked for a key before the story counts as heard."""
        self.rules, self.ask_key = rules, ask_key

    def dial(self, command: OriginateStory) -> None:
        """Dials. What can't be dialled comes back as StoryCallFailed "failed"."""
        if why := self._unfit(command):
            self._failed(command.call, "failed", why)
            return
        self._begin(_Try(command, self._ways_out.first, tuple(self._ways_out.order[1:])))

    def ask_about(self, command: AskAboutStory) -> None:
        """Tells what has come of this call while nobody listened."""
        if not self._asked:
            self._later(self._look())
        self._asked[command.call] = command

    def hear(self, message: Message) -> None:
        """Passes over all that is not of a story call. Raises nothing."""
        found = STORY_CHANNEL.fullmatch(message.get("Uniqueid", ""))
        if found is None:
            return
        uniqueid, call = found[0], found[1]
        if message.get("Event") == "UserEvent" and message.get("Call") == call:
            if message.get("UserEvent") == "StoryCallAnswered":
                self._tries.pop(uniqueid, None)
                self.tell(StoryCallAnswered(call, trunk_of(message.get("Channel", ""))))
            elif message.get("UserEvent") == "StoryCallOver" and self._first(uniqueid):
                self.tell(StoryCallOver(call, _RESULTS.get(message.get("Result", ""), "hung up")))
        elif message.get("Event") == "Hangup":
            answer = _SIP.fullmatch(message.get("TechCause", "").removeprefix("SIP ")[:3])
            cause = int(message["Cause"]) if message.get("Cause", "").isdigit() else 0
            trunk = trunk_of(message.get("Channel", ""))
            self._ended(uniqueid, call, callback_failure(cause), cause, trunk, int(answer[0]) if answer else 0)

    def _first(self, uniqueid: str) -> bool:
        """Whether no outcome of this channel was told yet; it is noted."""
        if uniqueid in self._over:
            return False
        self._over[uniqueid] = None
        while len(self._over) > _REMEMBERED:
            self._over.popitem(last=False)
        return True

    def _ended(self, uniqueid: str, call: str, reason: str, cause: int, trunk: str, code: int, why: str = "") -> None:
        if not self._first(uniqueid):
            return
        attempt = self._tries.pop(uniqueid, None)
        if attempt is not None and another_trunk_may_do(code) and (code or reason not in ("busy", "refused")):
            self.when_failed(attempt.endpoint.removeprefix("trunk-"), code, call)
            if attempt.left:
                log.info("a story is told over the next trunk", call=call, failed=attempt.endpoint, code=code)
                self._begin(_Try(attempt.command, attempt.left[0], attempt.left[1:], attempt.index + 1))
                return
        self._failed(call, reason, why or reason, cause, trunk, code)

    def _begin(self, attempt: _Try) -> None:
        self._tries[attempt.uniqueid] = attempt
        self._later(self._dial(attempt))

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _unfit(self, command: OriginateStory) -> str:
        if not self._ways_out.first:
            return "no trunk is configured that can be dialled"
        if why := no_callback(self.rules, command.number):
            return f"its number may not be called ({why})"
        if not is_call_id(command.call) or not STORY.fullmatch(command.story) or not 0 < command.attempt < 1000:
            return "its call or story is not one of ours"
        return ""

    def originate(self, attempt: _Try) -> Fields:
        """The fields of the Originate. Raises WildStory for anything but a story call."""
        command, endpoint = attempt.command, attempt.endpoint
        ours = command.dialled if is_number(command.dialled) else next(iter(self.rules.own), "").removeprefix("+")
        dial_as = self._ways_out.dial_as(endpoint)
        variables = {
            "__CALL_ID": command.call,
            "CALLER": command.number,
            "DIALLED": ours,
            "LANG": "en" if command.language == "en" else "zh",
            "STORY": command.story,
            "SUBJECT": re.sub("[^A-Za-z0-9-]", "", command.subject)[:40],
            "ASK_KEY": "1" if self.ask_key else "",
        }
        fields: Fields = {
            "Channel": f"PJSIP/{dialled(self.rules, command.number, dial_as)}@{endpoint}",
            "ChannelId": attempt.uniqueid,
            "Context": CONTEXT,
            "Exten": "s",
            "Priority": "1",
            "CallerID": f"<{self._ways_out.shown(endpoint, ours)}>",
            "Timeout": str(RING_S * 1000),
            "Async": "true",
            "Variable": [f'{name}="{value}"' for name, value in variables.items()],
        }
        refuse_other(fields, endpoint if endpoint in self._ways_out.order else "", self.rules, dial_as)
        return fields

    async def _dial(self, attempt: _Try) -> None:
        call = attempt.command.call
        try:
            if await global_value(self.ami, "ACD_EPOCH") != str(self.epoch):
                log.warning("another daemon runs this Asterisk; this one tells no story", call=call)
                return
            fields = self.originate(attempt)
            if not attempt.index:  # Another trunk is no other call.
                now = asyncio.get_running_loop().time()
                if limit := self._counter.full(self.rules, now):
                    self._tries.pop(attempt.uniqueid, None)
                    self._failed(call, "failed", limit)
                    return
                self._counter.note(now)
            answer = self.ami.send([("Originate", fields)], ANSWER_S)[0]
            if attempt.left:
                self._later(self._give_silence_up(attempt.uniqueid))
        except (AmiDown, AmiSilent, AmiRefused, IllegalCharacter, WildStory) as error:
            self._tries.pop(attempt.uniqueid, None)
            self._failed(call, "failed", str(error))
            return
        try:
            outcome = (await answer)[-1]
        except (AmiDown, AmiSilent):
            return  # The engine asks once the link is back.
        except AmiRefused as error:
            outcome = {"Response": "Failure", "Message": str(error)}
        if outcome.get("Response") == "Failure":
            trunk = attempt.endpoint.removeprefix("trunk-")
            reason = _REASONS.get(outcome.get("Reason", ""), "failed")
            self._ended(attempt.uniqueid, call, reason, 0, trunk, 0, outcome.get("Message", ""))

    async def _give_silence_up(self, uniqueid: str) -> None:
        await asyncio.sleep(SILENT_S)
        if uniqueid in self._tries:
            await self._silent_trunks.give_up(uniqueid)

    async def _look(self) -> None:
        await asyncio.sleep(0)  # the others are asked about in the same moment
        asked, self._asked = self._asked, {}
        try:
            over = dict(each.partition("=")[::2] for each in (await global_value(self.ami, "STORY_OVER")).split(","))
            rows = await self.ami.ask("CoreShowChannels", DEADLINE_S)
        except (AmiDown, AmiSilent, AmiRefused):
            return  # Asked again with the next link.
        up = {found[1]: row for row in rows if (found := STORY_CHANNEL.fullmatch(row.get("Uniqueid", "")))}
        for call, command in asked.items():
            if (kept := over.get(f"{call}-{command.attempt}")) is not None:
                result, _, answers = kept.partition("/")
                for event in self.kept(call, answers):
                    self.tell(event)
                self.tell(StoryCallOver(call, _RESULTS.get(result, "hung up")))
            elif call not in up:
                self._failed(call, "lost", "the channel has ended, and nobody has heard how")
            elif up[call].get("Context") == CONTEXT:
                self.tell(StoryCallAnswered(call, trunk_of(up[call].get("Channel", ""))))

    def _failed(self, call: str, reason: str, why: str, cause: int = 0, trunk: str = "", code: int = 0) -> None:
        log.info("a customer did not hear a story", call=call, reason=reason, why=why)
        # Told once the engine has finished the present event: the outcome of a command is an event of its own.
        asyncio.get_running_loop().call_soon(self.tell, StoryCallFailed(call, reason, cause, trunk, code))
