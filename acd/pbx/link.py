"""One Asterisk as the daemon sees it: events come out of `tell`, commands go into `carry_out`.

After every connect, before any command is sent: the epoch check (a daemon with a newer epoch leads, and this one stops),
resync, PbxFound, the phones that were answered meanwhile, the registrations of phones, and then the events that came during all
that. When the link is lost: PbxLost.

A daemon that did not run for a while (SIGSTOP, a sleeping machine) finds its link up and the messages of that while unread.
They are told with the times at which they happened, between a PbxLost of the moment when the daemon stopped running and a resync.
So nothing is offered before it is known which callers the fallback queue has connected meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog

from acd.calls_out import no_way_out
from acd.engine.callback_events import CallbackAnswered, CallbackFailed, CallSentOn
from acd.engine.commands import (
    AskAboutStory,
    AskTransfer,
    AttachListener,
    CallBack,
    Command,
    Consult,
    EndListener,
    HangUp,
    Hold,
    Join,
    MaskRecording,
    Mute,
    Offer,
    OriginateStory,
    PhoneTest,
    RecordAgain,
    Refuse,
    RingListener,
    SendTo,
    TakeBack,
    ThreeWay,
)
from acd.engine.events import (
    AlarmRaised,
    CallArrived,
    CallerHungUp,
    Event,
    MessageLeft,
    PbxFound,
    PbxLost,
    PhoneChanged,
    PhoneTested,
)
from acd.engine.line_events import LineEvent
from acd.engine.model import LineRules
from acd.engine.pbx_report import FoundCall, MissedHangup
from acd.engine.story_calls.events import StoryCallAnswered
from acd.engine.transfer_events import ConsultBegan
from acd.pbx.actions.callbacks import Callbacks
from acd.pbx.actions.code_answers import CodeAnswers
from acd.pbx.actions.consult_actions import ConsultActions
from acd.pbx.actions.forwarded_callbacks import ForwardedCallbacks
from acd.pbx.actions.listening import Listening
from acd.pbx.actions.masking import Masks
from acd.pbx.actions.offer_actions import OfferActions
from acd.pbx.actions.phone_tests import PhoneTests
from acd.pbx.actions.ring_variables import Present
from acd.pbx.actions.self_call import SelfCalls
from acd.pbx.actions.story_calls import StoryCalls
from acd.pbx.ami.connection import REFUSED, Ami, AmiDown, AmiRefused, AmiSilent, Message
from acd.pbx.ami.variables import global_value
from acd.pbx.conf.settings import PbxSettings
from acd.pbx.events.survey_events import told_in_call_back
from acd.pbx.events.translator import Translator
from acd.pbx.line_watch import LineWatch
from acd.pbx.recovery import missed_hangups, resync, resync_listeners

log = structlog.get_logger(__name__)

BEAT_S = 1.0
"""Between two settings of ACD_BEAT."""
_MISSED_S = 6.0
"""A link that is found dead may have been dead for as long: hang-ups of that time are looked up."""
_FALLBACK_GRACE_S = 1.0
"""How long the engine has to offer callers of the fallback queue before they are redirected to [waiting]."""


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
        tell_line: Callable[[LineEvent], None] = lambda event: None,
        line_rules: Callable[[], tuple[LineRules, float]] = lambda: (LineRules(), 0.0),
    ) -> None:
        """`present` makes what an agent's phone shows and plays for a ring. `on_superseded` is called once with the epoch of a
        newer daemon. `tell_at` is called instead of `tell` for what happened at a time that Asterisk has stamped, by the clock
        of `now`. `message_path`: where a message that this call left at this time will be filed. `tell_line` and `line_rules`: see
        LineWatch."""
        self._settings, self._tell, self.epoch, self._present = settings, tell, epoch, present
        self._on_superseded = on_superseded
        self._tell_at = tell_at or (lambda event, at: tell(event))
        self.agents = [agent.agent for agent in settings.agents]
        self.translator = Translator(self.agents, settings.numbering)
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
        self.offer_actions = OfferActions(self.ami, epoch, self.book, tell, settings.sounds_folder)
        self.code_answers = CodeAnswers(self.book, self.offer_actions.redirects)
        self.phone_tests = PhoneTests(self.ami)
        self.listening = Listening(self.offer_actions, settings.agents_language)
        self.masks = Masks(self.offer_actions)
        self.consult_actions = ConsultActions(self.offer_actions, settings.record_consults, self.masks.variable)
        self.callbacks = Callbacks(
            self.ami,
            epoch,
            self.book,
            tell,
            way_out=settings.way_out,
            rules=settings.rules_out,
            ask_key=settings.ask_key,
        )
        self.forwarded = ForwardedCallbacks(self.ami)
        self.silent_trunks = self.callbacks.silent_trunks
        self.self_calls = SelfCalls(self.ami)
        self.story_calls = StoryCalls(
            self.ami, epoch, self._story_told, self.callbacks.ways_out, self.silent_trunks, self.callbacks.counter
        )
        self.story_calls.through(settings.rules_out, settings.ask_key)
        self.story_calls.kept = told_in_call_back
        self.offer_actions.may_dial = self._may_ring_outside
        self._ring_outside(settings)
        self.callbacks.ways_out.configure(settings.ways_out, settings.dial_as, settings.shown_for)
        self.callbacks.when_failed = self.story_calls.when_failed = self._trunk_failed
        self.on_trunk: Callable[[str, int | None, str], None] = lambda trunk, code, call: None
        """Told of each call out: the trunk, and the SIP answer with which it did not carry the call (0: none), or None when it did;
        the call."""
        self._message_path, self._now = message_path, now
        self.line_watch = LineWatch(self.ami, self.book, tell_line, line_rules)
        self._looks: asyncio.Task[None] | None = None
        self.synced = False
        self.resyncs = 0
        """Number of complete resyncs."""
        self.superseded = False
        self._buffer: list[tuple[Message, datetime | None]] = []
        self._started_at = ""
        self._stories_up: bool | None = None
        self._ready: dict[str, Sequence[str]] = {}
        self.heard_until = time.time()
        """Epoch seconds until which no event was missed; the daemon sets an earlier moment that it knows of."""
        self._resync: asyncio.Task[None] | None = None
        self._beat: asyncio.Task[None] | None = None
        self._later: asyncio.Task[None] | None = None

    @property
    def settings(self) -> PbxSettings:
        """Those of the configuration in force."""
        return self._settings

    @settings.setter
    def settings(self, settings: PbxSettings) -> None:
        """A new configuration is in force."""
        self._settings = settings
        self._ring_outside(settings)
        self.consult_actions.record_consults = settings.record_consults
        self.listening.language = settings.agents_language
        self.book.numbering = settings.numbering
        self.callbacks.through(settings.way_out, settings.rules_out, settings.ask_key)
        self.story_calls.through(settings.rules_out, settings.ask_key)
        self.callbacks.ways_out.configure(settings.ways_out, settings.dial_as, settings.shown_for)

    def _ring_outside(self, settings: PbxSettings) -> None:
        self.book.outside = {agent.agent: agent.outside for agent in settings.agents if agent.outside}
        for agent in self.book.outside:
            self.book.reachable.pop(agent, None)  # its telephone is not ours to be seen

    def _may_ring_outside(self, number: str) -> str:
        """Why an agent can't be rung at this number; empty when they can."""
        if not self._settings.ways_out:
            return "no trunk is configured that can be dialled"
        why = no_way_out(self._settings.rules_out, number)
        return f"its number can't be called ({why})" if why else ""

    @property
    def telephones(self) -> list[str]:
        """Agents with a telephone that registers here."""
        return [agent for agent in self.agents if agent not in self.book.outside]

    def start(self) -> None:
        """Begins to connect; returns at once. PbxFound tells when commands may be sent."""
        self.ami.start()
        self._beat = asyncio.get_running_loop().create_task(self._beats(), name="heartbeat")
        self._looks = asyncio.get_running_loop().create_task(self.line_watch.run(), name="looks at lines")

    async def stop(self) -> None:
        """Disconnects. Calls go on in Asterisk: no channel is touched."""
        tasks = [task for task in (self._beat, self._resync, self._later, self._looks) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.ami.stop()
        self.synced = False

    # --- commands ---

    def carry_out(self, command: Command) -> None:
        """Carries out a command for Asterisk; other commands are passed over. Returns at once; outcomes are events."""
        match command:
            case SendTo(call, "let go") if self.book.channel_of(call) is None:
                self.callbacks.give_up(call)
            case SendTo():
                self.offer_actions.send_to(command)
            case CallBack():
                self.callbacks.dial(command)
            case OriginateStory():
                self.story_calls.dial(command)
            case AskAboutStory():
                self.story_calls.ask_about(command)
            case Offer():
                self.offer_actions.offer(command, self._present(command))
            case PhoneTest():
                if not self.phone_tests.ring(command, self.telephones):
                    self.offer_actions.tell_soon(PhoneTested(command.agent, "failed"))
            case RingListener():
                self.listening.ring(command, self.telephones)
            case AttachListener():
                self.listening.attach(command)
            case EndListener():
                self.listening.end(command)
            case MaskRecording():
                self.masks.mask(command)
            case RecordAgain():
                self.listening.record_again(command)
            case TakeBack():
                self.offer_actions.take_back(command)
            case Consult() | Join() | ThreeWay() | Hold() | Mute() | AskTransfer() | Refuse() | HangUp():
                self.consult_actions.carry_out(command, self._present)

    def ready(self, agents: Mapping[str, Sequence[str]]) -> None:
        """Queue to its ready agents, best first: those whom the fallback queue may ring when the daemon stops."""
        self._ready = dict(agents)
        if self.synced:
            for queue, names in agents.items():
                self.offer_actions.ready(queue, names)

    def trunks_ordered(self, endpoints: Sequence[str]) -> None:
        """The trunks for calls out, in the order in which they are tried from now on: for the dialplan too, which a reload of it
        has set back to the configuration's order."""
        self.callbacks.ways_out.reorder(endpoints)
        if self.synced:
            self.offer_actions.set_global("WAYS_OUT", ",".join(self.callbacks.ways_out.order))

    def _story_told(self, event: Event) -> None:
        if isinstance(event, StoryCallAnswered) and event.trunk:
            self.on_trunk(event.trunk, None, event.call)
        self._tell(event)

    def _trunk_failed(self, trunk: str, code: int, call: str) -> None:
        self.on_trunk(trunk, code, call)

    def agents_changed(self, agents: Sequence[str]) -> None:
        """The agents of a new configuration. The caller of this method has rendered and reloaded their pjsip.conf."""
        self.agents = list(agents)
        self.book.agents = set(agents)
        if self.synced:
            self._later = asyncio.get_running_loop().create_task(self._look_at_phones(), name="phones")

    async def _look_at_phones(self) -> None:
        try:
            self._told(await resync.phones(self.ami, self.book, self.telephones))
        except (AmiDown, AmiSilent):
            pass  # The next resync looks at them.

    def stories(self, up: bool) -> None:
        """Whether the story server answers. When it stops answering, callers are redirected out of its stories at once."""
        was, self._stories_up = self._stories_up, up
        if not self.synced:
            return
        self.offer_actions.set_global("STORIES_UP", "1" if up else "0")
        if was and not up:
            for call, leg in self.book.calls.items():
                if leg.agents or leg.bridge or leg.diverted:
                    continue
                if leg.queued:
                    self.offer_actions.to_waiting(call)
                else:
                    self.offer_actions.to_menu_fallback(call)

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
        self.forwarded.heard(message)
        self.silent_trunks.heard(message)
        self.story_calls.hear(message)
        if self.self_calls.under_way:
            self.self_calls.hear(message)
        self.masks.heard(message)
        if not self.synced:
            self._buffer.append((message, self._time_of(message)))
            return
        self._read(message, self._time_of(message))

    def _read(self, message: Message, at: datetime | None) -> None:
        self.line_watch.heard(message)
        self._told(self.translator.feed(message), at)

    def _told(self, events: Sequence[Event], at: datetime | None = None) -> None:
        faults, self.book.trunk_faults = self.book.trunk_faults, []
        for fault in faults:
            self.on_trunk(*fault)
        for event in events:
            if isinstance(event, CallbackFailed) and self.callbacks.goes_on(event):
                continue
            if isinstance(event, CallbackAnswered | CallSentOn) and event.trunk:
                self.on_trunk(event.trunk, None, event.call)
            if isinstance(event, ConsultBegan) and (trunk := self.book.consulted_over(event.call)):
                self.on_trunk(trunk, None, event.call)
            if isinstance(event, CallbackAnswered):
                self.callbacks.answered(event.call)
            if isinstance(event, CallerHungUp):
                self.offer_actions.call_ended(event.call)
                self.masks.call_ended(event.call)
                self.callbacks.first_call_over(event.call)
            elif isinstance(event, MessageLeft):
                event = replace(event, path=self._message_path(event.call, at or self._now()))
            if at is None:
                self._tell(event)
            else:
                self._tell_at(event, at)
            self.line_watch.told(event)
            if isinstance(event, CallArrived) and self.book.too_many(event.call, self.settings.calls_of_a_number):
                self.offer_actions.turn_away(event.call)

    def _slept(self, seconds: float) -> None:
        if not self.synced:
            return  # A resync is under way, or about to fail by its own deadlines.
        log.warning("this daemon did not run; what happened meanwhile is read first", seconds=round(seconds))
        since = self._now() - timedelta(seconds=seconds)
        self.heard_until = self.ami.clock.now() - seconds - _MISSED_S
        self._tell_at(PbxLost(f"the daemon did not run for {seconds:.0f} s"), since)
        self._resync = asyncio.get_running_loop().create_task(self._awake(), name="resync after a sleep")

    def look_anew(self, reason: str, back_s: float) -> None:
        """Does a resync now, as after a reconnection, and looks up the hang-ups of the last `back_s` seconds."""
        if self.synced:
            self.heard_until = self.ami.clock.now() - back_s
            self._tell(PbxLost(reason))
            self._up()

    async def _awake(self) -> None:
        try:
            await self.ami.act("Ping")  # Its answer comes after all messages that have piled up.
        except (AmiDown, AmiSilent, AmiRefused):
            self.ami.abort("no answer after a sleep")
            return
        self._up()

    async def _found(self) -> None:
        try:
            await self.ami.act("Ping")  # Its answer carries the first time stamp.
            if not await self._fence():
                return
            started_at = await resync.started_at(self.ami)
            restarted = bool(self._started_at) and started_at != self._started_at
            self._started_at = started_at
            self.offer_actions.forget()
            self.callbacks.forget()
            calls, after = await resync.found_calls(self.ami, self.book)
            known = dict(self.book.reachable)
            await resync.phones(self.ami, self.book, self.telephones)
            missed = await asyncio.to_thread(self._missed)
        except (AmiDown, AmiSilent, AmiRefused) as error:
            log.warning("the resync was cut short", why=str(error))
            self.ami.abort("resync failed")
            return
        except Exception:
            log.exception("the resync failed")
            self.ami.abort("resync failed")
            return
        self.synced = True
        self.resyncs += 1
        log.info("in step with Asterisk", calls=len(calls), missed_hangups=len(missed), restarted=restarted)
        self._told([PbxFound(calls, restarted, missed, resync_listeners.found(self.book)), *after])
        for agent, reachable in self.book.reachable.items():
            if known.get(agent) is not reachable:
                self._tell(PhoneChanged(agent, reachable))
        buffered, self._buffer = self._buffer, []
        for message, at in buffered:
            self._read(message, at)
        self.offer_actions.beat()
        self.offer_actions.set_global("STORIES_UP", "1" if self._stories_up else "0")
        self.ready(self._ready)
        await self._fetch_from_fallback(calls)

    def _missed(self) -> tuple[MissedHangup, ...]:
        """Callers who hung up while we did not hear it. Reads a file."""
        file = self.settings.hangup_log
        found = missed_hangups.missed_since(file, self.heard_until, self.ami.clock.now(), self.settings.numbering)
        missed_hangups.keep_small(file)
        return found

    async def _fence(self) -> bool:
        """Sets our epoch; False when a newer daemon has set its own, so that this one must stop."""
        value = await global_value(self.ami, "ACD_EPOCH")
        if value.isdigit() and int(value) > self.epoch:
            if not self.superseded and self._on_superseded:
                self._on_superseded(int(value))
            self.superseded = True
            log.error("a newer daemon runs this Asterisk; this one stands back", newer=int(value), ours=self.epoch)
            return False
        await self.ami.act("Setvar", Variable="GLOBAL(ACD_EPOCH)", Value=str(self.epoch))
        return True

    async def _fetch_from_fallback(self, calls: Sequence[FoundCall]) -> None:
        """Redirects callers of the fallback queue to [waiting]; a caller who was offered meanwhile has left it already."""
        alone = {call.call: self.book.calls[call.call].offer for call in calls if call.place == "fallback"}
        if not alone:
            return
        await asyncio.sleep(_FALLBACK_GRACE_S)
        for call, offer in alone.items():
            leg = self.book.calls.get(call)
            if leg and leg.offer == offer and not self.book.answered(call):
                self.offer_actions.to_waiting(call)

    def _time_of(self, message: Message) -> datetime | None:
        """When it happened, by our clock; None without a time stamp. To be asked while the message is being delivered."""
        age_s = self.ami.clock.age_s(message)
        return None if age_s is None else self._now() - timedelta(seconds=age_s)

    async def _beats(self) -> None:
        while True:
            if self.synced:
                self.offer_actions.beat()
            await asyncio.sleep(BEAT_S)
