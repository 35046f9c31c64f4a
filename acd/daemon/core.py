"""The core of the daemon: the engine with its journal, its configuration, its alarms and its link to Asterisk.

Every other part reads the floor here (`snapshot`, `config`) and tells it what happened (`tell`). Nothing is decided here.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from acd.clock import Clock
from acd.config import Config, for_engine
from acd.config.hours.open_now import open_now
from acd.context_card.cards import Cards
from acd.customers.look_up import CustomerLookUp
from acd.daemon.agent_pins import AgentPins
from acd.daemon.alarms import AlarmKeeper
from acd.daemon.configuration.config_reload import ConfigReloader
from acd.daemon.notices.sending import Notices
from acd.daemon.notices.waiting import WaitingNotices
from acd.daemon.rebuild import ALARMS, rebuilt
from acd.daemon.ring_presentation import present
from acd.daemon.unhandled_events import UnhandledEvents
from acd.engine.acd import Acd
from acd.engine.commands import Consult, Deed, Offer
from acd.engine.events import Event
from acd.pbx.actions.ring_variables import Presented
from acd.pbx.conf.settings import Secrets
from acd.pbx.link import Pbx
from acd.processes.leader_lease import Lease
from acd.setup.installation import Installation
from acd.setup.pbx_settings import pbx_settings
from acd.setup.spoken_words import speak_words
from acd.setup.start_plan import StartPlan
from acd.store.journal.journal import Journal
from acd.switchboard import Switchboard
from recordings import names

log = structlog.get_logger(__name__)


@dataclass
class Core:
    """The engine as the journal has left it. It hears nothing yet: the daemon starts switchboard and link."""

    installation: Installation
    lease: Lease
    journal: Journal

    def __post_init__(self) -> None:
        self.plan = StartPlan.of(self.installation)
        self.live = ConfigReloader(self.installation, self.plan)
        self.pins = AgentPins(self.installation, lambda: self.config.agents)
        self.journal.kept = timedelta(days=self.config.log.keep_days)
        self.now = Clock().now
        self.alarms = AlarmKeeper(self.tell, self.now)
        kept = WaitingNotices(self.installation.state / "alarm-notices.json")
        self.notices = Notices(lambda: self.config, lambda: self.alarms.book, self.now, kept=kept)
        self.engine = rebuilt(self.journal, self._new_engine, self.config.numbering.caller, self.alarms)
        self.notices.begin()
        self.alarms.listen(self.notices.changed)
        self.epoch = self.installation.next_epoch()
        self.unhandled = UnhandledEvents(self.installation.state / "dead-letters.jsonl")
        self.switchboard = Switchboard(
            self.engine, self.journal, self.now, self._carry_out, self.unhandled.put, self.checkpoint
        )
        self.recordings_folder = Path(self.plan.recordings)
        self.pbx = Pbx(
            pbx_settings(self.installation, self.config, self.plan, Secrets.of(self.installation.run / "asterisk")),
            self.tell,
            epoch=self.epoch,
            present=self._present,
            on_superseded=self._superseded,
            tell_at=self.switchboard.tell,
            now=self.now,
            message_path=lambda call, at: names.filed(at.astimezone(self.zone), names.message_of(call)),
            tell_line=self.tell,
            line_rules=lambda: (for_engine.line_rules(self.config), self.config.quality.look_s),
        )
        self.pbx.heard_until = self.lease.heard_until
        self.cards: Cards
        """The context cards: there once the store is."""
        self.customers: CustomerLookUp
        """Who calls: there once the store is."""
        self.has_page: Callable[[str], bool] = lambda agent: False
        """Whether the agent has a page open. No page is, before the web server listens."""
        self.stop = asyncio.Event()
        """Set: the daemon is to stop."""

    @property
    def config(self) -> Config:
        """The configuration in force."""
        return self.live.config

    @property
    def zone(self) -> ZoneInfo:
        """The hotline's time zone, by the configuration in force."""
        return ZoneInfo(self.config.hotline.timezone)

    def tell(self, event: Event) -> None:
        """Hands the event to the engine, with the present time."""
        if self.alarms.passes(event):
            self.switchboard.tell(event)

    def snapshot(self) -> dict[str, Any]:
        """The floor as it is now."""
        return self.engine.snapshot(self.now())

    def is_open(self, queue: str) -> bool:
        """Whether the queue's opening hours, or what an operator has set in their place, say that it is open now."""
        return open_now(self.config, self.hours_set(), self.now(), queue).open

    def tell_config(self) -> None:
        """Tells the engine the configuration in force."""
        self.tell(for_engine.config_changed(self.config, self.live.version.number, self.live.version.by))

    def hours_set(self) -> dict[str, dict[str, Any]]:
        """What operators have set in the place of opening hours, as it is now."""
        return self.engine.hours_set(self.now())

    def faults(self) -> list[dict[str, Any]]:
        """The open faults, and the latest that are over."""
        return self.engine.faults(self.now())

    async def speak(self, name: str, texts: Mapping[str, str]) -> list[str]:
        """Speaks an operator's words for callers; a sentence for each language in which it could not be done."""
        brands = list(self.config.brands)
        return await asyncio.to_thread(speak_words, Path(self.plan.sounds), brands, name, dict(texts))

    def checkpoint(self) -> dict[str, Any]:
        """What a later daemon needs beside the events after it."""
        return self.engine.checkpoint() | {ALARMS: self.alarms.kept()}

    def _new_engine(self) -> Acd:
        return Acd(for_engine.queues(self.config), for_engine.agents(self.config), for_engine.rules(self.config))

    def _present(self, command: Offer | Consult) -> Presented:
        """What the ringing phone shows and plays, by the context card as the present event has left it."""
        return present(command, self.config, self.cards.get(command.call), self.has_page(command.agent))

    def _superseded(self, epoch: int) -> None:
        log.error("a newer daemon runs this Asterisk; this one stops", newer=epoch, ours=self.epoch)
        self.stop.set()

    async def _carry_out(self, command: Deed) -> None:
        self.pbx.carry_out(command)
