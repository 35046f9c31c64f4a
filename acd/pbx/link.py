"""Asterisk as the daemon meets it: events come out of `tell`, commands go into `carry_out`.

On every connection, before anything acts: the fence (a daemon with a newer epoch wins and this one stands back), resync,
PbxFound, what was answered meanwhile, the phones, and then the events that came during all that. On loss: PbxLost.

A daemon that was stopped and wakes up is a case of its own: its link stands, and what happened meanwhile lies in it. That
is read as history, each event with its own time, between a PbxLost of when we fell asleep and a resync: nothing is
offered before it is known who talks by the fallback queue.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from acd.engine.commands import (
    AskTransfer,
    CallBack,
    Command,
    Consult,
    HangUp,
    Hold,
    Join,
    Mute,
    Offer,
    Refuse,
    SendTo,
    TakeBack,
    ThreeWay,
)
from acd.engine.events import AlarmRaised, CallerHungUp, Event, MessageLeft, PbxFound, PbxLost, PhoneChanged
from acd.engine.pbx_report import FoundCall, GoneCall
from acd.pbx.actions.callbacks import Callbacks
from acd.pbx.actions.consult_actions import HandingOver
from acd.pbx.actions.offer_actions import Actions
from acd.pbx.actions.ring_variables import Present
from acd.pbx.ami.connection import REFUSED, Ami, AmiDown, AmiRefused, AmiSilent, Message
from acd.pbx.ami.variables import global_value
from acd.pbx.conf.settings import PbxSettings
from acd.pbx.events.translator import Translator
from acd.pbx.recovery import missed_hangups, resync

log = logging.getLogger(__name__)

BEAT_S = 1.0
_MISSED_S = 6.0
"""A link that is found dead may have been so for as long; who hung up in that time is looked up once more."""
_FALLBACK_GRACE_S = 1.0
"""So long the engine has for offering to callers of the fallback queue before they are fetched back to the waiting room."""


class Pbx:
    """The link to one Asterisk."""

    def __init__(
        self,
        settings: PbxSettings,
        tell: Callable[[Event], None],
        *,
        epoch: int,
        present: Present,
        on_superseded: Callable[[int], None] | None = None,
        tell_at: Callable[[Event, datetime], None] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        message_path: Callable[[str, datetime], str] = lambda call, at: "",
    ) -> None:
        """`present` makes what an agent's phone shows and says of a ring; `on_superseded` hears the epoch of a newer daemon, once. `tell_at`
        is told, in the place of `tell`, what happened at a time that Asterisk knows, by the clock of `now`. `message_path` says where a message
        that this call left at this time will be filed."""
        self._settings, self._tell, self.epoch, self._present = settings, tell, epoch, present
        self._on_superseded = on_superseded
        self._tell_at = tell_at or (lambda event, at: tell(event))
        self.agents = [agent.agent for agent in settings.agents]
        self.translator = Translator(self.agents)
        self.book = self.translator.book
        self.ami = Ami(
            "127.0.0.1",
            settings.ami_port,
            "sanxiang",
            settings.secrets.ami_password,
            system_name=settings.secrets.system_name,
            on_message=self._message,
            on_up=self._up,
            on_down=self._down,
            on_slept=self._slept,
        )
        self.actions = Actions(self.ami, epoch, self.book, tell, settings.sounds_folder)
        self.handing_over = HandingOver(self.actions, settings.record_consults)
        self.callbacks = Callbacks(
            self.ami,
            epoch,
            self.book,
            tell,
            way_out=settings.way_out,
            own_numbers=settings.numbers,
            never_dial=settings.never_dial,
        )
        self._message_path, self._now = message_path, now
        self.synced = False
        self.resyncs = 0
        """How often Asterisk has been asked for everything."""
        self.superseded = False
        self._buffer: list[tuple[Message, datetime | None]] = []
        self._started_at = ""
        self._stories_up: bool | None = None
        self._ready: dict[str, Sequence[str]] = {}
        self.heard_until = time.time()
        """Epoch seconds until which nothing was missed; whoever builds us may know of an earlier moment."""
        self._resync: asyncio.Task[None] | None = None
        self._beat: asyncio.Task[None] | None = None
        self._later: asyncio.Task[None] | None = None

    @property
    def settings(self) -> PbxSettings:
        return self._settings

    @settings.setter
    def settings(self, settings: PbxSettings) -> None:
        """Another configuration is in force."""
        self._settings = settings
        self.handing_over.record_consults = settings.record_consults
        self.callbacks.through(settings.way_out, settings.numbers, settings.never_dial)

    def start(self) -> None:
        """Begins to connect; returns at once. PbxFound tells when the house may act."""
        self.ami.start()
        self._beat = asyncio.get_running_loop().create_task(self._beats(), name="heartbeat")

    async def stop(self) -> None:
        """Calls go on without us: no channel is touched."""
        tasks = [task for task in (self._beat, self._resync, self._later) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.ami.stop()
        self.synced = False

    # --- commands ---

    def carry_out(self, command: Command) -> None:
        """All that is Asterisk's to do; rows of the log are not. Returns at once; outcomes come back as events."""
        match command:
            case SendTo(call, "let go") if self.book.channel_of(call) is None:
                self.callbacks.give_up(call)
            case SendTo():
                self.actions.send_to(command)
            case CallBack():
                self.callbacks.dial(command)
            case Offer():
                self.actions.offer(command, self._present(command))
            case TakeBack():
                self.actions.take_back(command)
            case Consult() | Join() | ThreeWay() | Hold() | Mute() | AskTransfer() | Refuse() | HangUp():
                self.handing_over.carry_out(command, self._present)

    def ready(self, agents: Mapping[str, Sequence[str]]) -> None:
        """Queue to the agents that the dialplan may ring should we fall silent: who is ready now, best first."""
        self._ready = dict(agents)
        if self.synced:
            for queue, names in agents.items():
                self.actions.ready(queue, names)

    def agents_changed(self, agents: Sequence[str]) -> None:
        """Whose phones and feature codes count from now on. Their pjsip.conf is rendered and reloaded by the caller."""
        self.agents = list(agents)
        self.book.agents = set(agents)
        if self.synced:
            self._later = asyncio.get_running_loop().create_task(self._look_at_phones(), name="phones")

    async def _look_at_phones(self) -> None:
        try:
            self._told(await resync.phones(self.ami, self.book, self.agents))
        except (AmiDown, AmiSilent):
            pass  # The next resync looks at them.

    def stories(self, up: bool) -> None:
        """Whether the story server answers. When it no longer does, callers are fetched out of stories at once."""
        was, self._stories_up = self._stories_up, up
        if not self.synced:
            return
        self.actions.set_global("STORIES_UP", "1" if up else "0")
        if was and not up:
            for call, leg in self.book.calls.items():
                if leg.agents or leg.bridge or leg.diverted:
                    continue
                if leg.queued:
                    self.actions.to_waiting(call)
                else:
                    self.actions.to_menu_fallback(call)

    # --- the link ---

    def _up(self) -> None:
        self._buffer.clear()
        self.synced = False
        self._resync = asyncio.get_running_loop().create_task(self._found(), name="resync")

    def _down(self, reason: str) -> None:
        if self.synced:
            self.heard_until = self.ami.clock.now() - _MISSED_S
        self.synced = False
        if self._resync:
            self._resync.cancel()
        self._tell(PbxLost(reason))
        if reason == REFUSED:
            why = "Asterisk does not take the daemon's password (manager.conf). Callers are served by the plain queue."
            self._tell(AlarmRaised("AMI login refused", why))

    def _message(self, message: Message) -> None:
        if self.superseded:
            return
        if not self.synced:
            self._buffer.append((message, self._time_of(message)))
            return
        self._told(self.translator.feed(message), self._time_of(message))

    def _told(self, events: Sequence[Event], at: datetime | None = None) -> None:
        for event in events:
            if isinstance(event, CallerHungUp):
                self.actions.call_ended(event.call)
                self.callbacks.first_call_over(event.call)
            elif isinstance(event, MessageLeft):
                event = replace(event, path=self._message_path(event.call, at or self._now()))
            if at is None:
                self._tell(event)
            else:
                self._tell_at(event, at)

    def _slept(self, seconds: float) -> None:
        if not self.synced:
            return  # A resync is under way, or about to fail by its own deadlines.
        log.warning("This daemon did not run for %.0f s; what happened meanwhile is read first.", seconds)
        since = self._now() - timedelta(seconds=seconds)
        self.heard_until = self.ami.clock.now() - seconds - _MISSED_S
        self._tell_at(PbxLost(f"the daemon did not run for {seconds:.0f} s"), since)
        self._resync = asyncio.get_running_loop().create_task(self._awake(), name="resync after a sleep")

    def look_anew(self, reason: str, back_s: float) -> None:
        """What we think is not believed any more: all is asked anew, who hung up in the last `back_s` seconds among it."""
        if self.synced:
            self.heard_until = self.ami.clock.now() - back_s
            self._tell(PbxLost(reason))
            self._up()

    async def _awake(self) -> None:
        try:
            await self.ami.act("Ping")  # Its answer stands behind all that has piled up.
        except (AmiDown, AmiSilent, AmiRefused):
            self.ami.abort("no answer after a sleep")
            return
        self._up()

    async def _found(self) -> None:
        try:
            await self.ami.act("Ping")  # Its answer tells what time it is there.
            if not await self._fence():
                return
            started_at = await resync.started_at(self.ami)
            restarted = bool(self._started_at) and started_at != self._started_at
            self._started_at = started_at
            self.actions.forget()
            self.callbacks.forget()
            calls, after = await resync.found_calls(self.ami, self.book)
            known = dict(self.book.reachable)
            await resync.phones(self.ami, self.book, self.agents)
            missed = await asyncio.to_thread(self._missed)
        except (AmiDown, AmiSilent, AmiRefused) as error:
            log.warning("Resync was cut short: %s", error)
            self.ami.abort("resync failed")
            return
        except Exception:
            log.exception("Resync failed.")
            self.ami.abort("resync failed")
            return
        self.synced = True
        self.resyncs += 1
        self._told([PbxFound(calls, restarted, missed), *after])
        for agent, reachable in self.book.reachable.items():
            if known.get(agent) is not reachable:
                self._tell(PhoneChanged(agent, reachable))
        buffered, self._buffer = self._buffer, []
        for message, at in buffered:
            self._told(self.translator.feed(message), at)
        self.actions.beat()
        self.actions.set_global("STORIES_UP", "1" if self._stories_up else "0")
        self.ready(self._ready)
        await self._fetch_from_fallback(calls)

    def _missed(self) -> tuple[GoneCall, ...]:
        """Who hung up while we did not hear it. Reads a file."""
        book = self.settings.gone_book
        found = missed_hangups.gone_since(book, self.heard_until, self.ami.clock.now())
        missed_hangups.keep_small(book)
        return found

    async def _fence(self) -> bool:
        """Sets our epoch; False when a newer daemon has set its own, and this one must stand back."""
        value = await global_value(self.ami, "ACD_EPOCH")
        if value.isdigit() and int(value) > self.epoch:
            if not self.superseded and self._on_superseded:
                self._on_superseded(int(value))
            self.superseded = True
            log.error("A daemon with epoch %s runs this Asterisk; this one (%d) stands back.", value, self.epoch)
            return False
        await self.ami.act("Setvar", Variable="GLOBAL(ACD_EPOCH)", Value=str(self.epoch))
        return True

    async def _fetch_from_fallback(self, calls: Sequence[FoundCall]) -> None:
        """Callers who wait in the fallback queue are ours again. Who was offered meanwhile has left it already."""
        alone = {call.call: self.book.calls[call.call].offer for call in calls if call.place == "fallback"}
        if not alone:
            return
        await asyncio.sleep(_FALLBACK_GRACE_S)
        for call, offer in alone.items():
            leg = self.book.calls.get(call)
            if leg and leg.offer == offer and not self.book.answered(call):
                self.actions.to_waiting(call)

    def _time_of(self, message: Message) -> datetime | None:
        """When it happened, by our clock, as far as Asterisk says; to be asked while the message is being delivered."""
        age_s = self.ami.clock.age_s(message)
        return None if age_s is None else self._now() - timedelta(seconds=age_s)

    async def _beats(self) -> None:
        while True:
            if self.synced:
                self.actions.beat()
            await asyncio.sleep(BEAT_S)
