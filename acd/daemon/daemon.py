"""The daemon: builds its parts, connects them, and stops them in order. `python -m acd.daemon <state>`.

Nothing is decided here. A second daemon of the same state folder stands by (leader_lease.py). The leader rebuilds the engine from
the journal (the newest checkpoint and the events after it), then asks Asterisk for its channels, and only then sends offers. The
page and the API start after that: callers come first.
"""

import asyncio
import errno
import json
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web

from acd.clock import Clock
from acd.config import Config, for_engine
from acd.config.opening_hours import is_open
from acd.context_card.cards import Cards
from acd.daemon.agent_changes import AgentChanges
from acd.daemon.agent_pins import AgentPins
from acd.daemon.alarms import LOOK_EVERY_S as ALARMS_EVERY_S
from acd.daemon.alarms import AlarmKeeper
from acd.daemon.config_reload import ConfigReloader
from acd.daemon.database_link import DatabaseLink
from acd.daemon.fallback_agents import ready_agents
from acd.daemon.figures import arrival_figures, pbx_figures
from acd.daemon.journal_notices import JournalNotices
from acd.daemon.notices.sending import Notices
from acd.daemon.rebuild import ALARMS, rebuilt
from acd.daemon.recurring import Recurring
from acd.daemon.ring_presentation import present
from acd.daemon.self_calls import SelfCallRunner
from acd.daemon.unhandled_events import UnhandledEvents
from acd.daemon.watchdogs.admission import AdmissionWatch
from acd.daemon.watchdogs.asterisk import EVERY_S, PbxWatch
from acd.daemon.watchdogs.call_drift import CallsWatch
from acd.daemon.watchdogs.certificate import EVERY_S as CERTIFICATE_EVERY_S
from acd.daemon.watchdogs.certificate import CertificateWatch
from acd.daemon.watchdogs.conf_drift import EVERY_S as CONF_EVERY_S
from acd.daemon.watchdogs.conf_drift import ConfWatch
from acd.daemon.watchdogs.event_loop import LoopWatch
from acd.daemon.watchdogs.lost_phones import EVERY_S as LOST_PHONES_EVERY_S
from acd.daemon.watchdogs.lost_phones import LostPhones
from acd.daemon.watchdogs.refused_codecs import RefusedCodecs
from acd.daemon.watchdogs.silent_phones import EVERY_S as SILENT_PHONES_EVERY_S
from acd.daemon.watchdogs.silent_phones import SilentPhones
from acd.daemon.watchdogs.sip_answers import SipAnswers
from acd.daemon.watchdogs.story_server import StoriesWatch
from acd.daemon.watchdogs.thresholds import EVERY_S as THRESHOLDS_EVERY_S
from acd.daemon.watchdogs.thresholds import ThresholdWatch
from acd.daemon.watchdogs.trunks import TrunksWatch
from acd.engine.acd import Acd
from acd.engine.commands import Command, Consult, Deed, Kind, Log, Offer, Outcome
from acd.engine.events import AlarmRaised, Event, PbxFound, PbxLost, QueueOpened
from acd.errors import SanxiangError
from acd.files import write_private
from acd.pbx.actions.ring_variables import Presented
from acd.pbx.conf.settings import PbxSettings, Secrets
from acd.pbx.install.ports import PortTaken
from acd.pbx.link import Pbx
from acd.pbx.probe import Probe
from acd.processes import logs
from acd.processes.leader_lease import Lease, standbys
from acd.setup.installation import Installation
from acd.setup.pbx_settings import pbx_settings
from acd.setup.start_plan import StartPlan
from acd.setup.trunk_names import TrunkNames
from acd.store.journal import Journal
from acd.store.legs import LegDue, leg_ended_by, legs_due
from acd.store.recordings import Filters
from acd.store.shipper import Shipper
from acd.store.store import Store
from acd.switchboard import Switchboard
from acd.web.live.agent_desk_stream import STREAMS
from acd.web.server.app import create_app
from acd.web.server.connections import KEEP_ALIVE_S, close_what_is_too_much
from acd.web.server.context import WebContext
from recordings import names
from recordings.catalogue import altered
from recordings.filing import Filing
from recordings.messages import Messages

log = structlog.get_logger(__name__)


@dataclass
class Daemon:
    """One run of the daemon, by the process that leads."""

    installation: Installation
    lease: Lease
    journal: Journal

    def __post_init__(self) -> None:
        self.plan = StartPlan.of(self.installation)
        self.live = ConfigReloader(self.installation, self.plan)
        self.live.when_changed = self._config_changed
        self.pins = AgentPins(self.installation, lambda: self.config.agents)
        self.journal.kept = timedelta(days=self.config.log.keep_days)
        self.clock = Clock()
        self.alarms = AlarmKeeper(self.tell, self.clock.now)
        self.notices = Notices(lambda: self.config, lambda: self.alarms.book, self.clock.now)
        self.engine = rebuilt(self.journal, self._new_engine, self.config.numbering.caller, self.alarms)
        self.notices.begin()
        self.alarms.listen(self.notices.changed)
        self.epoch = self.installation.next_epoch()
        self.unhandled = UnhandledEvents(self.installation.state / "dead-letters.jsonl")
        self.switchboard = Switchboard(
            self.engine, self.journal, self.clock.now, self._carry_out, self.unhandled.put, self._checkpoint
        )
        self.loop_watch = LoopWatch(self.tell)
        self.recurring = Recurring(self.tell)
        self._unfiled: tuple[list[LegDue], set[str]] | None = None
        """Legs of the journal whose recordings are still to be looked for; None: not read yet."""
        self._runner: web.AppRunner | None = None
        """The web server, once there is one."""
        settings = pbx_settings(
            self.installation,
            self.config,
            self.plan,
            Secrets.of(self.installation.run / "asterisk"),
        )
        self.pbx = Pbx(
            settings,
            self.tell,
            epoch=self.epoch,
            present=self._present,
            on_superseded=self._superseded,
            tell_at=self.switchboard.tell,
            now=self.clock.now,
            message_path=lambda call, at: names.filed(
                at.astimezone(ZoneInfo(self.config.hotline.timezone)), names.message_of(call)
            ),
            tell_line=self.tell,
            line_rules=lambda: (for_engine.line_rules(self.config), self.config.quality.look_s),
        )
        self.pbx.heard_until = self.lease.heard_until
        self.calls_watch = CallsWatch(self.pbx, lambda: self.engine.snapshot(self.clock.now()), self.tell)
        self.thresholds = ThresholdWatch(
            lambda: self.engine.snapshot(self.clock.now()),
            self._is_open,
            self.tell,
            self.clock.now,
            lambda: self.alarms.book.open(),
        )
        self.conf_watch = ConfWatch(lambda: self.pbx.settings, self.tell)
        self.sip_answers = SipAnswers(self.tell, time.monotonic)
        self.certificate = CertificateWatch(lambda: self.pbx.settings, self.live.reload_sip, self.tell, self.clock.now)
        self.refused_codecs = RefusedCodecs(lambda: self.pbx.settings, self.tell, time.monotonic, self.pbx.book.refused)
        self.pbx.silent_trunks.unanswered = self.refused_codecs.unanswered
        self.lost_phones = LostPhones(self.pbx.ami, self.pbx.book, time.monotonic)
        self.live.when_unplaced = self.lost_phones.leave_alone
        self.admission = AdmissionWatch(self.pbx.book.refused, self.tell)
        self.stories = StoriesWatch(self.plan.agi_port)
        self.silent_phones = SilentPhones(self.pbx.ami, self.pbx.book, self.tell, time.monotonic)
        self.trunks = TrunksWatch(
            self.pbx,
            TrunkNames(self.installation.trunk_names),
            self.tell,
            now=self.clock.now,
            zone=lambda: ZoneInfo(self.config.hotline.timezone),
            render_again=self.live.again,
            ask_asterisk=self.live.ask_asterisk,
        )
        self.recordings_folder = Path(self.plan.recordings)
        self.filing = Filing(
            self.recordings_folder,
            self.tell,
            min_free_bytes=self.config.recordings.min_free_mb * 1_000_000,
            zone=ZoneInfo(self.config.hotline.timezone),
            consults=lambda: self.config.transfers.consult_recording == "leg",
        )
        self.self_calls = SelfCallRunner(
            self.pbx,
            self.switchboard,
            lambda: self.config,
            self.recordings_folder,
            self.installation.state / "self-calls.json",
            self.clock.now,
        )
        self._has_page: Callable[[str], bool] = lambda agent: False  # No page is open before the web server listens.
        self._stop = asyncio.Event()
        self._decides = asyncio.Event()

    @property
    def config(self) -> Config:
        """The configuration in force."""
        return self.live.config

    def tell(self, event: Event) -> None:
        """Hands the event to the engine, with the present time."""
        if self.alarms.passes(event):
            self.switchboard.tell(event)

    def _checkpoint(self) -> dict[str, Any]:
        return self.engine.checkpoint() | {ALARMS: self.alarms.kept()}

    def _new_engine(self) -> Acd:
        return Acd(for_engine.queues(self.config), for_engine.agents(self.config), for_engine.rules(self.config))

    def _present(self, command: Offer | Consult) -> Presented:
        """What the ringing phone shows and plays, by the context card as the present event has left it."""
        return present(command, self.config, self.cards.get(command.call), self._has_page(command.agent))

    def _superseded(self, epoch: int) -> None:
        log.error("a newer daemon runs this Asterisk; this one stops", newer=epoch, ours=self.epoch)
        self._stop.set()

    async def _carry_out(self, command: Deed) -> None:
        self.pbx.carry_out(command)

    async def run(self) -> None:
        """Serves until SIGTERM or SIGINT. Raises what a part of the daemon has failed with; the supervisor then starts it again."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        beats = asyncio.create_task(self.lease.beats(), name="beats")
        self.journal.checkpoint(self.clock.now(), self._checkpoint())
        database = DatabaseLink(self.config, self.plan)
        store = await Store.open(database.url, ZoneInfo(self.config.hotline.timezone))
        shipper = Shipper(store, self.journal)
        self.live.take_database = lambda config: database.take(config, store, lambda: shipper.healthy)
        notices = JournalNotices(self.tell, lambda: self.engine.snapshot(self.clock.now()))
        shipper.on_notice, shipper.on_ended_elsewhere = notices.noticed, notices.ended_elsewhere
        live = [row["call"] for row in self.engine.snapshot(self.clock.now())["calls"]]
        self.cards = Cards(self.journal, store, live=live, numbering=lambda: self.config.numbering)
        self.switchboard.listen(self.cards.listen, first=True)
        self.switchboard.listen(self._file_recordings)
        self.switchboard.listen(Messages(self.filing).heard)
        self.switchboard.listen(self._found)
        self.switchboard.listen(self.alarms.heard)
        # First of all: the rebuilt engine assumes a link, and would count its overdue offers as missed by the agents.
        self.tell(PbxLost("the daemon was started"))
        self._tell_config()
        self._tell_log_bounds()
        for queue in self.installation.drained():
            self.tell(QueueOpened(queue, "drain"))
        if self.lease.trouble:
            self.tell(AlarmRaised("daemon frozen", self.lease.trouble))
        switchboard = asyncio.create_task(self.switchboard.run(), name="switchboard")
        self.pbx.start()
        self._rebuilding = asyncio.create_task(self.cards.rebuild(), name="cards of earlier calls")
        tasks = [
            beats,
            switchboard,
            asyncio.create_task(shipper.run(), name="shipper"),
            asyncio.create_task(self.loop_watch.run(), name="loop watch"),
            asyncio.create_task(self._verify(store), name="nightly check of the recordings"),
            asyncio.create_task(self._watch_pbx(), name="watch over Asterisk"),
            asyncio.create_task(self._hear_copies(), name="copies of SIP messages"),
            asyncio.create_task(self.self_calls.nightly(), name="nightly call to ourselves"),
            asyncio.create_task(self.trunks.run(), name="watch over the trunks"),
            *(asyncio.create_task(box.run(), name=f"alarms by {box.way.name}") for box in self.notices.outboxes),
            *self._recurring(),
        ]
        with suppress(TimeoutError):
            await asyncio.wait_for(self._decides.wait(), CALLERS_FIRST_S)
        self.web_context = self._web_context(store, shipper)
        app = await asyncio.to_thread(
            create_app, self.web_context
        )  # It takes its time, which callers need not wait for.
        self._has_page = app[STREAMS].has_page
        runner = self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2, keepalive_timeout=KEEP_ALIVE_S)
        await runner.setup()
        await self._listen(runner)
        log.info("serving", url=self.plan.web_url, epoch=self.epoch)
        stopped = asyncio.create_task(self._stop.wait())
        done, _ = await asyncio.wait({stopped, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopped}:
            if not task.cancelled() and task.exception():
                log.error("a part of the daemon failed; it stops and is started again", part=task.get_name())
                raise task.exception() or RuntimeError(task.get_name())
        await self._close(runner, store, shipper, switchboard, tasks)

    async def _listen(self, runner: web.AppRunner) -> None:
        """Opens the web port, which the previous daemon may hold for a moment longer. Raises PortTaken after 5 s.

        Where `web.host` is another address, also a port on loopback: there the stories ask, whatever address the page has.
        """
        for host, port in self.plan.listens:
            await _opened(runner, host, port)
        write_private(self.installation.address_file, json.dumps({"url": self.plan.web_url}))

    async def _close(
        self,
        runner: web.AppRunner,
        store: Store,
        shipper: Shipper,
        switchboard: asyncio.Task[None],
        tasks: list[asyncio.Task[None]],
    ) -> None:
        """Stops: calls go on in Asterisk, the state is written down, and the lead is given up.

        Where another daemon stands by, slow work is done before the last decision (filing recordings) or after the lead was
        given up (closing pages), and rows for PostgreSQL are left to the next daemon.
        """
        follower = bool(standbys(self.installation.run))
        if follower:
            await asyncio.to_thread(self.filing.close)
        await self.pbx.stop()
        decided_until = time.monotonic()
        closing = asyncio.create_task(runner.cleanup())
        if not follower:
            await closing
        self.switchboard.stop()
        await switchboard
        if not follower:
            await asyncio.to_thread(self.filing.close)
        # The next daemon then has nothing to replay.
        self.journal.checkpoint(self.clock.now(), self._checkpoint())
        await asyncio.to_thread(self.journal.sync)
        if not follower:
            await shipper.catch_up(3.0)
        shipper.stop()
        for task in (self._rebuilding, *tasks):
            task.cancel()
        # Not before the shipper has stopped: no row of ours may be written once another daemon leads.
        await asyncio.gather(self._rebuilding, *tasks, return_exceptions=True)
        self.lease.hand_over(decided_until if follower else None)
        if not follower:
            self.installation.address_file.unlink(missing_ok=True)
        self.journal.close()
        await closing
        await store.close()

    def _found(self, at: datetime, event: Event, commands: list[Command]) -> None:
        """At the first PbxFound: from now on this daemon decides."""
        if isinstance(event, PbxFound) and not self.lease.leader.serving:
            before = self.lease.pause_from
            pause_s = None if before is None else round(time.monotonic() - before, 3)
            self.lease.serving(self.epoch, pause_s)
            self._decides.set()
            log.info("decides", epoch=self.epoch, calls=len(event.calls), paused_s=pause_s)

    def _file_recordings(self, at: datetime, event: Event, commands: list[Command]) -> None:
        for row in commands:
            if not isinstance(row, Log):
                continue
            if row.kind in (Kind.TALK_ENDED, Kind.CONSULT_ENDED):
                if (leg := leg_ended_by(at, row)) is not None:
                    self.filing.leg_ended(leg)
            elif row.kind is Kind.OFFER_ENDED and row.detail["outcome"] != Outcome.ANSWERED:
                self.filing.offer_ended_unanswered(row.offer)
            elif row.kind is Kind.ENDED:
                self.filing.call_ended(row.call)

    def _recurring(self) -> list[asyncio.Task[NoReturn]]:
        """The work that is done again and again, each round for itself."""

        def task(every_s: float, work: str, look: Callable[[], Awaitable[None]], **more: Any) -> asyncio.Task[NoReturn]:
            return asyncio.create_task(self.recurring.every(every_s, work, look, **more), name=work)

        in_step: dict[str, Any] = {"when": lambda: self.pbx.synced}
        return [
            task(1.0, "look around", self._look_around),
            task(SWEEP_EVERY_S, "sweep", self._sweep),
            task(CERTIFICATE_EVERY_S, "watch over the certificate", self.certificate.look),
            task(LOST_PHONES_EVERY_S, "watch over lost telephones", self.lost_phones.look, **in_step),
            task(SILENT_PHONES_EVERY_S, "watch over muted telephones", self.silent_phones.look, **in_step),
            task(CONF_EVERY_S, "watch over Asterisk's files", self._look_at_conf),
            task(ALARMS_EVERY_S, "look at the alarms", self.alarms.look, **in_step),
            task(ALARMS_EVERY_S, "alarms held back", self.notices.look),
            task(THRESHOLDS_EVERY_S, "figures against their limits", self.thresholds.look, **in_step),
        ]

    async def _look_around(self) -> None:
        """Looks whether calls are refused, the recordings' disk stalls and stories are served, and tells the fallback queue which
        agents are ready."""
        self.admission.look(time.monotonic())
        if self._runner is not None:
            close_what_is_too_much(self._runner.server)
        self.filing.tell_if_stalled(time.monotonic())
        self.pbx.stories(await self.stories.look())
        self.pbx.ready(ready_agents(self.config, self.engine.snapshot(self.clock.now())))

    async def _watch_pbx(self) -> None:
        """Kills an Asterisk that hangs; the supervisor starts it again."""
        host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(self.plan.bind, self.plan.bind)
        probe = Probe(self.plan.sip_port, self.pbx.ami, host, self.calls_watch.heard)
        watch = PbxWatch(probe, self.installation.run / "asterisk.pid", self.tell)
        pause_s = EVERY_S

        async def look() -> None:
            nonlocal pause_s
            pause_s = EVERY_S
            pause_s = await watch.look()
            self.sip_answers.looked(probe.sip_trouble)

        while True:
            await self.recurring.round("watch over Asterisk", look())
            await asyncio.sleep(pause_s)

    async def _hear_copies(self) -> None:
        """Alarms about refused codecs. Nothing else depends on it: whatever fails there is logged, and the calls go on."""
        try:
            await self.refused_codecs.run()
        except Exception:
            log.exception("copies of SIP messages are not read any more")
        await asyncio.Event().wait()

    async def _look_at_conf(self) -> None:
        self.conf_watch.told(await asyncio.to_thread(self.conf_watch.look))

    async def _sweep(self) -> None:
        """Files recordings of legs that ended while no daemon ran: at the first time those of the journal, then others."""
        if self._unfiled is None:
            self._unfiled = await asyncio.to_thread(legs_due, self.installation.journal)
        due, going_on = self._unfiled
        found = await asyncio.to_thread(self.filing.left_over)
        calls = {row["call"] for row in self.engine.snapshot(self.clock.now())["calls"]} | set(
            map(names.call_of, going_on)
        )
        # While Asterisk is out of sight, a file of a call that came meanwhile is not to be told from one left over.
        await asyncio.to_thread(self.filing.sweep, due, found if self.pbx.synced else (), calls)
        self._unfiled = [], set()

    async def _verify(self, store: Store) -> None:
        """Each night at three: checks that no filed recording was altered."""
        zone = ZoneInfo(self.config.hotline.timezone)
        while True:
            now = self.clock.now().astimezone(zone)
            night = now.replace(hour=3, minute=0, second=0, microsecond=0)
            night += timedelta(days=1) if night <= now else timedelta(0)
            await asyncio.sleep((night - now).total_seconds())
            await self.recurring.round("nightly check of the recordings", self._verify_all(store))

    async def _verify_all(self, store: Store) -> None:
        try:
            async for leg, why in altered(store, self.recordings_folder, Filters()):
                self.tell(AlarmRaised("recording altered", f"{leg.offer}: {why}", leg.call))
        except SanxiangError as error:
            log.warning("tonight's check of the recordings was not finished", why=str(error))

    def _web_context(self, store: Store, shipper: Shipper) -> WebContext:
        return WebContext(
            config=self.config,
            snapshot=lambda: self.engine.snapshot(self.clock.now()),
            callback_from=lambda call: self.engine.callback_from(call, self.clock.now()),
            standing=lambda call: self.engine.queue_position(call, self.clock.now()),
            tell=self.tell,
            subscribe=self.switchboard.listen,
            store=store,
            shipper=shipper,
            state_folder=self.installation.state,
            recordings_folder=self.recordings_folder,
            health=lambda: {"pbx": self.pbx.synced, "sip": self.sip_answers.up, "stories": self.stories.up},
            add_agent=self.live.add_agent,
            agent_changes=AgentChanges(self.installation, self.live),
            configurations=self.live,
            self_calls=self.self_calls,
            check_pin=self.pins.check,
            pin_mark=self.pins.mark,
            at_desk=lambda agent: self.engine.at_desk(agent, self.clock.now()),
            call=lambda call: self.engine.call(call, self.clock.now()),
            cards=self.cards,
            refusal=self.engine.refusal,
            figures=self._figures,
            trunks=self.trunks.rows,
            alarms=self.alarms,
            test_alarms=self.notices.test,
            is_open=self._is_open,
            now=self.clock.now,
            behind_tls=self.config.web.behind_tls,
            page_folder=Path(self.plan.page) if self.plan.page else None,
        )

    def _is_open(self, queue: str) -> bool:
        return is_open(self.config.hotline.hours, self.config.hotline.timezone, self.clock.now())

    def _figures(self) -> dict[str, tuple[str, float]]:
        return {
            "daemon_epoch": ("How often a daemon has begun to lead here", self.epoch),
            "loop_lag_seconds": ("Longest wait for the event loop in the last minute", self.loop_watch.lag_s),
            "loop_blocked": ("Times that the event loop stood for a second or more", self.loop_watch.blocked),
            "codecs_refused": ("Offers of sound refused, by us or the other side", self.refused_codecs.refused),
            "phones_lost_in_talk": ("Talks ended as the telephone had vanished", self.lost_phones.ended),
            "callbacks_forwarded": ("Callbacks answered with a forward", self.pbx.forwarded.refused),
            "certificates_renewed": ("Certificates put in use", self.certificate.installed),
            "dead_letters": ("Events that the engine could not handle", self.unhandled.number),
            "background_failed": ("Rounds of background work that failed", self.recurring.failed),
            "self_calls_failing": ("Ways on which the latest self-call found a fault", self.self_calls.failing),
            "out_of_step": ("Differences between floor and Asterisk that were mended", self.calls_watch.mended),
            **self.notices.figures(),
            **pbx_figures(self.pbx.ami, self.pbx.translator),
            **arrival_figures(self.pbx.book, self.pbx.settings.capacity),
        }

    def _config_changed(self, settings: PbxSettings) -> None:
        """A new configuration is in force in Asterisk: link, web server and engine take it over."""
        self.pbx.settings = settings
        self.trunks.configured(settings)
        self.pbx.agents_changed(list(self.config.agents))
        self.web_context.config = self.config
        self.journal.kept = timedelta(days=self.config.log.keep_days)
        self._tell_log_bounds()
        self._tell_config()

    def _tell_log_bounds(self) -> None:
        """For the supervisor, which looks once a minute."""
        bounds = {"most_bytes": self.config.log.files_mb * 1_000_000, "days": self.config.log.files_days}
        with suppress(OSError):
            write_private(self.installation.log_bounds, json.dumps(bounds), durable=False)

    def _tell_config(self) -> None:
        self.alarms.configured(self.config)
        self.thresholds.configured(self.config)
        self.tell(for_engine.config_changed(self.config, self.live.version.number, self.live.version.by))


SWEEP_EVERY_S = 30.0
CALLERS_FIRST_S = 1.0
"""How long the web server waits for the first resync at most."""
BACKLOG = 16
"""Connections that the web port accepts in one turn of the loop. When the process has no file descriptor left, asyncio logs each
of them, each second: with the usual 128 that would delay calls by a second and a half."""

SWITCH_S = 0.0005
"""Seconds after which a thread that files recordings yields to the loop; Python's default of 5 ms would delay an agent's ring."""


async def _opened(runner: web.AppRunner, host: str, port: int) -> None:
    for _ in range(50):
        site = web.TCPSite(runner, host, port, backlog=BACKLOG)
        try:
            await site.start()
            return
        except OSError as taken:
            if taken.errno != errno.EADDRINUSE:
                raise
            await site.stop()
            await asyncio.sleep(0.1)
    raise PortTaken(field="web.port", kind="tcp", host=host, port=port)


async def main(state: Path) -> None:
    """Stands by while another daemon of this state folder leads, then leads until it is told to stop."""
    logs.set_up()
    sys.setswitchinterval(SWITCH_S)
    installation = Installation.at(state)
    lease = Lease(installation)
    await Daemon(installation, lease, await lease.taken()).run()
