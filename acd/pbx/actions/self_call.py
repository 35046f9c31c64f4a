"""The hotline calls itself: dials one of its own numbers, and hears from the dialplan what came of it. One such call at a time.

The outgoing channel comes into [self-call-out], the incoming one is recognised by [self-call] (extensions_self_call.conf says
how). Neither is a call of the hotline: no event of the engine comes from them, so no figure counts them and no agent is rung.
What they tell in UserEvents becomes Facts; the sound is in files that recordings/self_call_sound.py measures.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace

import structlog

from acd.calls_out import CallsOut, dialled_as_configured, no_self_call
from acd.identifiers import is_caller_number
from acd.pbx.ami.connection import Ami, AmiDown, AmiRefused, AmiSilent, Fields, Message
from acd.pbx.channels import CALLABLE
from acd.self_call import LOCAL, Arrival, Facts, Line
from acd.telephone_numbers import DialAs

log = structlog.get_logger(__name__)

CONTEXT = "self-call-out"
LOOP = "sanxiang-loop"
"""The endpoint of the local loop, in pjsip.conf."""
UNIQUEID = "self-"
"""The outgoing channel's Uniqueid begins so."""
RING_S = 30
"""How long the call may take until it is answered: carriers take up to 10 s to bring a call back."""
LASTS_S = 45.0
"""After its answer a call that goes wrong in every way takes 30 s: 6 s and 8 s for keys, and the sound."""
DEFAULT: DialAs = "national"
_TOKEN = re.compile(r"[a-f0-9]{16}")
_PLAIN = re.compile(r"[0-9.]{1,20}")
_SIP = re.compile(r"[3-6][0-9]{2}")


class WildSelfCall(ValueError):
    """An Originate that is not a call of the hotline to itself. Nothing was sent."""


@dataclass(frozen=True, slots=True)
class Way:
    """Which way the call takes."""

    trunk: str
    """Empty: the local loop."""
    number: str
    """Which of our numbers is dialled, as the configuration writes it."""
    shown: str
    """Which of our numbers the call shows."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A call that is over: its facts without the sound, and where the sound is."""

    facts: Facts
    token: str
    lines: dict[str, Line]
    """By end, "out" or "in"."""
    recorded_s: dict[str, float]
    """How long each end's recorder ran."""


def refuse_other(fields: Fields, ways_out: Mapping[str, DialAs], host: str, rules: CallsOut, token: str) -> None:
    """Raises WildSelfCall unless this dials one of our own numbers, written as the carrier wants it, through a trunk of ours or the
    loop, into [self-call-out].

    `ways_out`: endpoint of each trunk that can be dialled to how it wants called numbers written. `host`: our own SIP address, as
    host:port. The last look before the INVITE, as acd/pbx/actions/callbacks.py has its own.
    """
    channel = str(fields.get("Channel", ""))
    number, how = "", DEFAULT
    if found := re.fullmatch(rf"PJSIP/{LOOP}/sip:([0-9+]+)@{re.escape(host)}\?X-Sanxiang-Self={token}", channel):
        number = found[1]
    elif (found := re.fullmatch(r"PJSIP/([0-9+]+)@([a-z0-9-]+)", channel)) and found[2] in ways_out:
        number, how = found[1], ways_out[found[2]]
    place = (fields.get("Context"), fields.get("Exten"), fields.get("Priority"))
    known = place == (CONTEXT, "s", "1") and "Application" not in fields and fields.get("Async") == "true"
    if not known or not CALLABLE.fullmatch(number) or not _TOKEN.fullmatch(token):
        raise WildSelfCall(f"{channel[:80]!r} into {place!r} is not how the hotline calls itself")
    ours = [own for own in rules.own if dialled_as_configured(rules, own, how) == number]
    if why := min((no_self_call(rules, own) for own in ours), default="not-allowed"):
        raise WildSelfCall(f"{number} is not called by the hotline itself ({why})")


def _written(way: Way, ways_out: Mapping[str, DialAs], rules: CallsOut) -> str:
    """The number as it is dialled: by the loop as it stands in the configuration."""
    return dialled_as_configured(rules, way.number, ways_out.get(f"trunk-{way.trunk}", DEFAULT))


class _Hearing:
    """What one call has told so far."""

    def __init__(self, way: Way, written: str, token: str, keys_out: str, keys_back: str) -> None:
        self.token, self.channel = token, f"{UNIQUEID}{token}"
        self.facts = Facts(way.trunk, way.number, way.shown, written, keys_out=keys_out, keys_back=keys_back)
        self.lines: dict[str, Line] = {}
        self.recorded_s: dict[str, float] = {}
        self.ended = asyncio.Event()
        self.began = time.monotonic()

    def hear(self, message: Message) -> None:
        if message.get("Event") == "Hangup" and message.get("Uniqueid") == self.channel:
            answer = _SIP.fullmatch(message.get("TechCause", ""))
            sip = f"SIP {answer[0]}" if answer else ""
            self.facts = replace(self.facts, cause=int(message.get("Cause") or 0), sip=sip)
            self._look_whether_over(gone=True)
        elif message.get("Event") == "UserEvent" and message.get("Token") == self.token:
            self._told(message.get("UserEvent", ""), message)
            self._look_whether_over(gone=False)
        elif message.get("UserEvent") == "CallArrived" and self.facts.arrived is None and len(self.facts.others) < 5:
            caller = message.get("Caller", "")
            self.facts = replace(
                self.facts, others=(*self.facts.others, caller if is_caller_number(caller) else "unknown")
            )

    def _told(self, kind: str, message: Message) -> None:
        end = "in" if message.get("End") == "in" else "out"
        if kind == "SelfCallAnswered":
            self.facts = replace(self.facts, answered=True)
        elif kind == "SelfCallArrived":
            caller, asserted = message.get("Caller", ""), message.get("Asserted", "")
            arrived = Arrival(
                caller if is_caller_number(caller) else "unknown",
                message.get("Dialled", "")[:20],
                message.get("Withheld", "") == "1",
                asserted if is_caller_number(asserted) else "",
            )
            self.facts = replace(self.facts, arrived=arrived)
        elif kind == "SelfCallKeys":
            keys = message.get("Keys", "")[:8]
            self.facts = replace(self.facts, heard_out=keys) if end == "in" else replace(self.facts, heard_back=keys)
        elif kind == "SelfCallLine":
            values = [message.get(name, "") for name in ("Received", "Lost", "Jitter")]
            received, lost, jitter = (float(each) if _PLAIN.fullmatch(each) else 0.0 for each in values)
            # A repeated packet makes the count negative, and Asterisk prints that as a number above this.
            lost = 0.0 if lost >= 2**31 else lost
            self.lines[end] = Line(int(received), int(lost), round(jitter * 1000, 1))
        elif kind == "SelfCallOver":
            self.recorded_s[end] = int(message.get("Ms") or 0) / 1000

    def _look_whether_over(self, *, gone: bool) -> None:
        both = {"out", "in"} <= self.recorded_s.keys()
        self.facts = replace(self.facts, complete=both and {"out", "in"} <= self.lines.keys())
        if both or (gone and not self.facts.answered):
            self.ended.set()
        elif gone:
            # The other end's last word may still be under way.
            asyncio.get_running_loop().call_later(2.0, self.ended.set)


class SelfCalls:
    """Dials and listens."""

    def __init__(self, ami: Ami) -> None:
        self.ami = ami
        self._hearing: _Hearing | None = None

    @property
    def under_way(self) -> bool:
        """Whether such a call is going on."""
        return self._hearing is not None

    def hear(self, message: Message) -> None:
        """Every message of Asterisk while such a call is under way. Raises nothing."""
        if self._hearing is not None:
            try:
                self._hearing.hear(message)
            except (KeyError, ValueError):
                log.warning("an event of the hotline's call to itself did not fit", kind=message.get("UserEvent", ""))

    async def call(self, way: Way, ways_out: Mapping[str, DialAs], host: str, rules: CallsOut) -> Ended:
        """Calls, and returns once the call is over or has had its time. `ways_out`, `host`: as in `refuse_other`. Raises
        WildSelfCall, AmiDown, AmiSilent, AmiRefused."""
        token = secrets.token_hex(8)
        keys = f"{secrets.randbelow(10_000):04}", f"{secrets.randbelow(10_000):04}"
        fields = self.originate(way, token, keys[0], ways_out, host, rules)
        self._hearing = hearing = _Hearing(way, _written(way, ways_out, rules), token, *keys)
        until = int(self.ami.clock.now()) + RING_S + 5
        shown = "" if way.trunk == LOCAL else way.shown.lstrip("+")
        try:
            values = "-".join((token, *keys, str(until), way.number, shown))
            await self.ami.act("Setvar", Variable="GLOBAL(SELF_CALL)", Value=values)
            outcome = asyncio.ensure_future(_outcome(self.ami.send([("Originate", fields)], RING_S + 10.0)[0]))
            try:
                async with asyncio.timeout(RING_S + LASTS_S):
                    await self._end_of(hearing, outcome)
            except TimeoutError:
                self._hang_up(hearing.channel)
            outcome.cancel()
            facts = replace(hearing.facts, took_s=round(time.monotonic() - hearing.began, 1))
            return Ended(facts, token, hearing.lines, hearing.recorded_s)
        finally:
            self._hearing = None
            await self._close()

    def originate(
        self, way: Way, token: str, keys: str, ways_out: Mapping[str, DialAs], host: str, rules: CallsOut
    ) -> Fields:
        """The fields of the Originate. Raises WildSelfCall for anything but a call to ourselves."""
        channel = f"PJSIP/{_written(way, ways_out, rules)}@trunk-{way.trunk}"
        if way.trunk == LOCAL:
            channel = f"PJSIP/{LOOP}/sip:{way.number}@{host}?X-Sanxiang-Self={token}"
        fields: Fields = {
            "Channel": channel,
            "ChannelId": f"{UNIQUEID}{token}",
            "Context": CONTEXT,
            "Exten": "s",
            "Priority": "1",
            "CallerID": f"<{way.shown}>",
            "Timeout": str(RING_S * 1000),
            "Async": "true",
            "Variable": [f"TOKEN={token}", f"SENDS={keys}"],
        }
        refuse_other(fields, ways_out, host, rules, token)
        return fields

    async def _end_of(self, hearing: _Hearing, outcome: asyncio.Future[bool]) -> None:
        ended: asyncio.Future[bool] = asyncio.ensure_future(_set(hearing.ended))
        try:
            await asyncio.wait({ended, outcome}, return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                # The Hangup of the channel tells why; without a channel there is none.
                async with asyncio.timeout(None if outcome.result() else 2.0):
                    await ended
        except TimeoutError:
            if hearing.facts.answered:
                raise
        finally:
            ended.cancel()

    def _hang_up(self, channel: str) -> None:
        try:
            sent = self.ami.send([("Hangup", {"Channel": channel, "Cause": "16"})])
        except AmiDown:
            return
        asyncio.gather(*sent, return_exceptions=True)

    async def _close(self) -> None:
        """No call is taken for ours any more."""
        try:
            for name in ("SELF_CALL", "SELF_UP"):
                await self.ami.act("Setvar", Variable=f"GLOBAL({name})", Value="")
        except (AmiDown, AmiSilent, AmiRefused):
            pass  # It ends by itself: the time stands in it.


async def _outcome(answer: Awaitable[list[Message]]) -> bool:
    """Whether the Originate led to a channel that was answered. Raises AmiDown or AmiSilent."""
    try:
        return (await answer)[-1].get("Response") != "Failure"
    except AmiRefused:
        return False


async def _set(event: asyncio.Event) -> bool:
    """True once it is set."""
    await event.wait()
    return True
