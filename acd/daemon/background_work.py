"""The work beside the calls: the watchdogs, what is done again and again, and the figures that come of it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

import structlog

from acd.customers.watch import EVERY_S as CALLBACKS_EVERY_S
from acd.customers.watch import CallbackWatch
from acd.daemon.alarms import LOOK_EVERY_S as ALARMS_EVERY_S
from acd.daemon.analysis import LOOK_EVERY_S as ANALYSES_EVERY_S
from acd.daemon.analysis import AnalysisRunner
from acd.daemon.core import Core
from acd.daemon.fallback_agents import ready_agents
from acd.daemon.fault_desk import FaultDesk
from acd.daemon.figures import arrival_figures, pbx_figures
from acd.daemon.live_capacity import EVERY_S as CAPACITY_EVERY_S
from acd.daemon.live_capacity import LiveCapacity
from acd.daemon.new_day import EVERY_S as NEW_DAY_EVERY_S
from acd.daemon.new_day import NewDay
from acd.daemon.recording_keeper import SWEEP_EVERY_S, RecordingKeeper
from acd.daemon.recurring import Recurring
from acd.daemon.reports.runner import LOOK_EVERY_S as REPORTS_EVERY_S
from acd.daemon.reports.runner import ReportRunner
from acd.daemon.self_calls import SelfCallRunner
from acd.daemon.watchdogs.admission import AdmissionWatch
from acd.daemon.watchdogs.asterisk import EVERY_S, PbxWatch
from acd.daemon.watchdogs.call_drift import CallsWatch
from acd.daemon.watchdogs.certificate import EVERY_S as CERTIFICATE_EVERY_S
from acd.daemon.watchdogs.certificate import CertificateWatch
from acd.daemon.watchdogs.conf_drift import EVERY_S as CONF_EVERY_S
from acd.daemon.watchdogs.conf_drift import ConfWatch
from acd.daemon.watchdogs.disk_room import DiskRoom
from acd.daemon.watchdogs.event_loop import LoopWatch
from acd.daemon.watchdogs.lost_phones import EVERY_S as LOST_PHONES_EVERY_S
from acd.daemon.watchdogs.lost_phones import LostPhones
from acd.daemon.watchdogs.refused_codecs import RefusedCodecs
from acd.daemon.watchdogs.silent_phones import EVERY_S as SILENT_PHONES_EVERY_S
from acd.daemon.watchdogs.silent_phones import SilentPhones
from acd.daemon.watchdogs.sip_answers import SipAnswers
from acd.daemon.watchdogs.story_server import StoriesWatch
from acd.daemon.watchdogs.supervisor import EVERY_S as SUPERVISOR_EVERY_S
from acd.daemon.watchdogs.supervisor import SupervisorWatch
from acd.daemon.watchdogs.thresholds import EVERY_S as THRESHOLDS_EVERY_S
from acd.daemon.watchdogs.thresholds import ThresholdWatch
from acd.daemon.watchdogs.trunks import TrunksWatch
from acd.pbx.probe import Probe
from acd.processes.parts import dead_supervisor
from acd.setup.trunk_names import TrunkNames

log = structlog.get_logger(__name__)

Figures = dict[str, tuple[str, float]]
"""Name to what it says and its value now."""


class BackgroundWork:
    """Built with the core, so that every watchdog hears of the first call; `tasks` starts it."""

    def __init__(self, core: Core, recordings: RecordingKeeper, recurring: Recurring) -> None:
        self._core, self._recordings, self._recurring = core, recordings, recurring
        pbx, tell = core.pbx, core.tell
        self.close_connections: Callable[[], None] = lambda: None
        """Closes what the web server has open beyond its bounds; nothing before it listens."""
        self.loop_watch = LoopWatch(tell)
        self.calls_watch = CallsWatch(pbx, core.snapshot, tell)
        self.disk_room = DiskRoom(lambda: (core.installation.state, core.recordings_folder))
        self.thresholds = ThresholdWatch(
            core.snapshot, core.is_open, tell, core.now, lambda: core.alarms.book.open(), self.of_hotline
        )
        self.supervisor_watch = SupervisorWatch(lambda: dead_supervisor(core.installation), tell)
        self.conf_watch = ConfWatch(lambda: pbx.settings, tell)
        self.sip_answers = SipAnswers(tell, time.monotonic)
        self.certificate = CertificateWatch(lambda: pbx.settings, core.live.reload_sip, tell, core.now)
        self.refused_codecs = RefusedCodecs(lambda: pbx.settings, tell, time.monotonic, pbx.book.refused)
        pbx.silent_trunks.unanswered = self.refused_codecs.unanswered
        self.lost_phones = LostPhones(pbx.ami, pbx.book, time.monotonic)
        core.live.when_unplaced = self.lost_phones.leave_alone
        self.admission = AdmissionWatch(pbx.book.refused, tell)
        self.capacity = LiveCapacity(
            lambda: core.snapshot()["calls"],
            lambda: pbx.settings.capacity,
            range(core.plan.rtp_start, core.plan.rtp_end + 1),
        )
        self.stories = StoriesWatch(core.plan.agi_port)
        self.silent_phones = SilentPhones(pbx.ami, pbx.book, tell, time.monotonic)
        self.trunks = TrunksWatch(
            pbx,
            TrunkNames(core.installation.trunk_names),
            tell,
            now=core.now,
            zone=lambda: core.zone,
            render_again=core.live.again,
            ask_asterisk=core.live.ask_asterisk,
        )
        self.faults = FaultDesk(core)
        self.self_calls = SelfCallRunner(
            pbx,
            core.switchboard,
            lambda: core.config,
            core.recordings_folder,
            core.installation.state / "self-calls.json",
            core.now,
        )

    def tasks(self, reports: ReportRunner, analyses: AnalysisRunner) -> list[asyncio.Task[Any]]:
        """Starts all of it. None of the tasks ends by itself; one that does has failed."""

        def task(every_s: float, work: str, look: Callable[[], Awaitable[None]], **more: Any) -> asyncio.Task[NoReturn]:
            return asyncio.create_task(self._recurring.every(every_s, work, look, **more), name=work)

        in_step: dict[str, Any] = {"when": lambda: self._core.pbx.synced}
        notices, core = self._core.notices, self._core
        new_day = NewDay(lambda: core.config, core.now, lambda: core.zone, core.tell_config)
        callbacks = CallbackWatch(core.engine.callback_numbers, core.customers.barred, core.tell)
        return [
            asyncio.create_task(self.loop_watch.run(), name="loop watch"),
            asyncio.create_task(self._watch_pbx(), name="watch over Asterisk"),
            asyncio.create_task(self._hear_copies(), name="copies of SIP messages"),
            asyncio.create_task(self.faults.begin(), name="words of open faults"),
            asyncio.create_task(self.self_calls.nightly(), name="nightly call to ourselves"),
            asyncio.create_task(self.trunks.run(), name="watch over the trunks"),
            *(asyncio.create_task(box.run(), name=f"alarms by {box.way.name}") for box in notices.outboxes),
            task(1.0, "look around", self._look_around),
            task(SWEEP_EVERY_S, "sweep", self._recordings.sweep),
            task(CERTIFICATE_EVERY_S, "watch over the certificate", self.certificate.look),
            task(LOST_PHONES_EVERY_S, "watch over lost telephones", self.lost_phones.look, **in_step),
            task(SILENT_PHONES_EVERY_S, "watch over muted telephones", self.silent_phones.look, **in_step),
            task(SUPERVISOR_EVERY_S, "watch over the supervisor", self._look_for_supervisor),
            task(CONF_EVERY_S, "watch over Asterisk's files", self._look_at_conf),
            task(ALARMS_EVERY_S, "look at the alarms", self._core.alarms.look, **in_step),
            task(ALARMS_EVERY_S, "alarms held back", notices.look),
            task(CAPACITY_EVERY_S, "count what calls need", self.capacity.look),
            task(REPORTS_EVERY_S, "reports", reports.look),
            task(ANALYSES_EVERY_S, "analysis of talks", analyses.look),
            task(NEW_DAY_EVERY_S, "the days ahead", new_day.look),
            task(CALLBACKS_EVERY_S, "callbacks that may not be made", callbacks.look),
            task(THRESHOLDS_EVERY_S, "figures against their limits", self.thresholds.look, **in_step),
        ]

    def figures(self) -> Figures:
        """What the daemon counts of itself, for /metrics."""
        core = self._core
        return {
            "daemon_epoch": ("How often a daemon has begun to lead here", core.epoch),
            "loop_lag_seconds": ("Longest wait for the event loop in the last minute", self.loop_watch.lag_s),
            "loop_blocked": ("Times that the event loop stood for a second or more", self.loop_watch.blocked),
            "codecs_refused": ("Offers of sound refused, by us or the other side", self.refused_codecs.refused),
            "phones_lost_in_talk": ("Talks ended as the telephone had vanished", self.lost_phones.ended),
            "callbacks_forwarded": ("Callbacks answered with a forward", core.pbx.forwarded.refused),
            "certificates_renewed": ("Certificates put in use", self.certificate.installed),
            "dead_letters": ("Events that the engine could not handle", core.unhandled.number),
            "background_failed": ("Rounds of background work that failed", self._recurring.failed),
            "customers_not_looked_up": ("Calls that were not looked up, as too many were", core.customers.skipped),
            "customer_system_away": ("Whether the customer system does not answer", int(core.customers.crm_away)),
            "self_calls_failing": ("Ways on which the latest self-call found a fault", self.self_calls.failing),
            "out_of_step": ("Differences between floor and Asterisk that were mended", self.calls_watch.mended),
            **core.notices.figures(),
            **pbx_figures(core.pbx.ami, core.pbx.translator),
            **arrival_figures(core.pbx.book, core.pbx.settings.capacity),
            **self.capacity.figures(),
        }

    def of_hotline(self) -> dict[str, float | None]:
        """The figures of [alarms] that no queue has (acd/config/alarms.py, OF_HOTLINE); None: not known now."""
        end = self.certificate.good_until
        return {
            "trunks-ill": float(sum(not row["well"] for row in self.trunks.rows())),
            "disk-free-mb": self.disk_room.look(),
            "lag-s": max(self._core.pbx.ami.lag_s, self.loop_watch.lag_s),
            "certificate-days": None if end is None else (end - self._core.now()).total_seconds() / 86400,
        }

    async def _look_around(self) -> None:
        """Looks whether calls are refused, the recordings' disk stalls or one is missing, and stories are served, and tells the fallback queue which
        agents are ready."""
        self.admission.look(time.monotonic())
        self.close_connections()
        self._recordings.filing.tell_what_is_wrong(time.monotonic())
        self._core.pbx.stories(await self.stories.look())
        self._core.pbx.ready(ready_agents(self._core.config, self._core.snapshot()))

    async def _watch_pbx(self) -> None:
        """Kills an Asterisk that hangs; the supervisor starts it again."""
        plan = self._core.plan
        host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(plan.bind, plan.bind)
        probe = Probe(plan.sip_port, self._core.pbx.ami, host, self.calls_watch.heard)
        watch = PbxWatch(probe, self._core.installation.run / "asterisk.pid", self._core.tell)
        pause_s = EVERY_S

        async def look() -> None:
            nonlocal pause_s
            pause_s = EVERY_S
            pause_s = await watch.look()
            self.sip_answers.looked(probe.sip_trouble)

        while True:
            await self._recurring.round("watch over Asterisk", look())
            await asyncio.sleep(pause_s)

    async def _hear_copies(self) -> None:
        """Alarms about refused codecs. Nothing else depends on it: whatever fails there is logged, and the calls go on."""
        try:
            await self.refused_codecs.run()
        except Exception:
            log.exception("copies of SIP messages are not read any more")
        await asyncio.Event().wait()

    async def _look_for_supervisor(self) -> None:
        self.supervisor_watch.look()

    async def _look_at_conf(self) -> None:
        self.conf_watch.told(await asyncio.to_thread(self.conf_watch.look))
