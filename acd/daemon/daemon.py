"""The daemon: builds its parts, connects them, and stops them in order. `python -m acd.daemon <state>`.

Nothing is decided here. A second daemon of the same state folder stands by (leader_lease.py). The leader rebuilds the engine from
the journal (the newest checkpoint and the events after it), then asks Asterisk for its channels, and only then sends offers. The
page and the API start after that: callers come first.
"""

import asyncio
import json
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from acd.context_card.cards import Cards
from acd.customers.look_up import CustomerLookUp
from acd.daemon.analysis import AnalysisRunner
from acd.daemon.background_work import BackgroundWork
from acd.daemon.callback_doubt import CallbackDoubt
from acd.daemon.configuration.database_link import DatabaseLink
from acd.daemon.configuration.removed_classes import removed_classes
from acd.daemon.core import Core
from acd.daemon.journal_notices import JournalNotices
from acd.daemon.recording_keeper import RecordingKeeper
from acd.daemon.recurring import Recurring
from acd.daemon.reports.runner import ReportRunner
from acd.daemon.surveys.sender import SurveySender
from acd.daemon.web_server import WebServer
from acd.engine.commands import Command
from acd.engine.events import AlarmRaised, Event, PbxFound, PbxLost
from acd.engine.operator_events import QueueOpened
from acd.files import write_private
from acd.lookups.book import Lookups
from acd.pbx.conf.settings import PbxSettings
from acd.processes import logs
from acd.processes.leader import standbys
from acd.processes.leader_lease import Lease
from acd.reports.make import Maker
from acd.setup.installation import Installation
from acd.setup.users import process_users, share_one
from acd.store.journal.journal import Journal
from acd.store.shipping.shipper import Shipper
from acd.store.store import Store

log = structlog.get_logger(__name__)

CALLERS_FIRST_S = 1.0
"""How long the web server waits for the first resync at most."""
SWITCH_S = 0.0005
"""Seconds after which a thread that files recordings yields to the loop; Python's default of 5 ms would delay an agent's ring."""


@dataclass
class Daemon:
    """One run of the daemon, by the process that leads."""

    installation: Installation
    lease: Lease
    journal: Journal

    def __post_init__(self) -> None:
        self.core = Core(self.installation, self.lease, self.journal)
        self.core.live.when_changed = self._config_changed
        recurring = Recurring(self.core.tell)
        self.recordings = RecordingKeeper(self.core, recurring)
        self.work = BackgroundWork(self.core, self.recordings, recurring)
        self.web: WebServer | None = None
        """There once callers are served."""
        self._decides = asyncio.Event()

    async def run(self) -> None:
        """Serves until SIGTERM or SIGINT. Raises what a part of the daemon has failed with; the supervisor then starts it again."""
        core = self.core
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, core.stop.set)
        beats = asyncio.create_task(self.lease.beats(), name="beats")
        self.journal.checkpoint(core.now(), core.checkpoint())
        database = DatabaseLink(core.config, core.plan)
        store = await Store.open(database.url, core.zone)
        shipper = Shipper(store, self.journal)
        reports = ReportRunner(
            Maker(lambda: store, lambda: core.config, core.now),
            lambda: shipper,
            lambda: core.config,
            self.installation.state,
            core.tell,
            core.now,
        )
        analyses = AnalysisRunner(store, lambda: core.config, lambda: core.recordings_folder, core.now)
        core.live.take_database = lambda config: database.take(config, store, lambda: shipper.healthy)
        core.live.rows_in_use = lambda was, config: removed_classes(store, was, config)
        notices = JournalNotices(core.tell, core.snapshot, core.engine.promises)
        shipper.on_notice, shipper.on_ended_elsewhere = notices.noticed, notices.ended_elsewhere
        doubt = CallbackDoubt(self.installation, core.tell)
        shipper.on_found = doubt.answered
        live = [row["call"] for row in core.snapshot()["calls"]]
        core.cards = Cards(self.journal, store, live=live, numbering=lambda: core.config.numbering)
        core.switchboard.listen(core.cards.listen, first=True)
        core.customers = CustomerLookUp(store, lambda: core.config, core.tell, lambda: core.snapshot()["calls"])
        core.switchboard.listen(core.customers.listen)
        surveys = SurveySender(lambda: core.config, core.engine.survey_invitations, core.tell, core.now)
        core.switchboard.listen(surveys.heard)
        core.switchboard.listen(core.pbx.code_answers.heard)
        self.recordings.listen()
        core.switchboard.listen(self._found)
        core.switchboard.listen(core.alarms.heard)
        # First of all: the rebuilt engine assumes a link, and would count its overdue offers as missed by the agents.
        core.tell(PbxLost("the daemon was started"))
        doubt.begin()
        self._tell_config()
        self._tell_log_bounds()
        for queue in self.installation.drained():
            core.tell(QueueOpened(queue, "drain"))
        if self.lease.trouble:
            core.tell(AlarmRaised("daemon frozen", self.lease.trouble))
        switchboard = asyncio.create_task(core.switchboard.run(), name="switchboard")
        core.pbx.start()
        rebuilding = asyncio.create_task(core.cards.rebuild(), name="cards of earlier calls")
        tasks = [
            beats,
            switchboard,
            asyncio.create_task(shipper.run(), name="shipper"),
            asyncio.create_task(self.recordings.each_night(store), name="nightly round of the recordings"),
            asyncio.create_task(surveys.run(), name="links to surveys"),
            *self.work.tasks(reports, analyses),
        ]
        with suppress(TimeoutError):
            await asyncio.wait_for(self._decides.wait(), CALLERS_FIRST_S)
        lookups, keeping = Lookups(core.config, lambda: database.url), self.recordings.keeping(store)
        self.web = WebServer(core, self.work, store, shipper, reports, lookups, keeping)
        await self.web.start()
        stopped = asyncio.create_task(core.stop.wait())
        done, _ = await asyncio.wait({stopped, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopped}:
            if not task.cancelled() and task.exception():
                log.error("a part of the daemon failed; it stops and is started again", part=task.get_name())
                raise task.exception() or RuntimeError(task.get_name())
        await self._close(self.web, store, shipper, switchboard, [rebuilding, *tasks])

    async def _close(
        self,
        web: WebServer,
        store: Store,
        shipper: Shipper,
        switchboard: asyncio.Task[None],
        tasks: list[asyncio.Task[Any]],
    ) -> None:
        """Stops: calls go on in Asterisk, the state is written down, and the lead is given up.

        Where another daemon stands by, slow work is done before the last decision (filing recordings) or after the lead was
        given up (closing pages), and rows for PostgreSQL are left to the next daemon.
        """
        core, filing = self.core, self.recordings.filing
        follower = bool(standbys(self.installation.run))
        if follower:
            await asyncio.to_thread(filing.close)
        await core.pbx.stop()
        decided_until = time.monotonic()
        closing = asyncio.create_task(web.close())
        if not follower:
            await closing
        core.switchboard.stop()
        await switchboard
        if not follower:
            await asyncio.to_thread(filing.close)
        # The next daemon then has nothing to replay.
        self.journal.checkpoint(core.now(), core.checkpoint())
        await asyncio.to_thread(self.journal.sync)
        if not follower:
            await shipper.catch_up(3.0)
        shipper.stop()
        for task in tasks:
            task.cancel()
        # Not before the shipper has stopped: no row of ours may be written once another daemon leads.
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(core.notices.close)
        self.lease.hand_over(decided_until if follower else None)
        if not follower:
            self.installation.address_file.unlink(missing_ok=True)
        self.journal.close()
        await closing
        await core.customers.close()
        await store.close()

    def _found(self, at: datetime, event: Event, commands: list[Command]) -> None:
        """At the first PbxFound: from now on this daemon decides."""
        if isinstance(event, PbxFound) and not self.lease.leader.serving:
            before = self.lease.pause_from
            pause_s = None if before is None else round(time.monotonic() - before, 3)
            self.lease.serving(self.core.epoch, pause_s)
            self._decides.set()
            log.info("decides", epoch=self.core.epoch, calls=len(event.calls), paused_s=pause_s)

    def _config_changed(self, settings: PbxSettings) -> None:
        """A new configuration is in force in Asterisk: link, web server and engine take it over."""
        config, pbx = self.core.config, self.core.pbx
        pbx.settings = settings
        self.work.trunks.configured(settings)
        pbx.agents_changed(list(config.agents))
        if self.web is not None:
            self.web.configured(config)
        self.journal.kept = timedelta(days=config.log.keep_days)
        self._tell_log_bounds()
        self._tell_config()

    def _tell_log_bounds(self) -> None:
        """For the supervisor, which looks once a minute."""
        config = self.core.config
        bounds = {"most_bytes": config.log.files_mb * 1_000_000, "days": config.log.files_days}
        with suppress(OSError):
            write_private(self.installation.log_bounds, json.dumps(bounds), durable=False)
            share_one(
                self.installation.log_bounds, process_users(self.core.plan.users)
            )  # for the keeper in Asterisk's container

    def _tell_config(self) -> None:
        core = self.core
        core.alarms.configured(core.config)
        self.work.thresholds.configured(core.config)
        core.tell_config()


async def main(state: Path) -> None:
    """Stands by while another daemon of this state folder leads, then leads until it is told to stop."""
    logs.set_up()
    sys.setswitchinterval(SWITCH_S)
    installation = Installation.at(state)
    lease = Lease(installation)
    await Daemon(installation, lease, await lease.taken()).run()
