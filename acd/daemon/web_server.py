"""The page and the API: what they ask of the daemon's parts, and the ports on which they listen."""

import asyncio
import errno
import json
from pathlib import Path

import structlog
from aiohttp import web

from acd.config import Config
from acd.daemon.background_work import BackgroundWork
from acd.daemon.configuration.agent_changes import AgentChanges
from acd.daemon.configuration.menu_desk import MenuDesk
from acd.daemon.core import Core
from acd.daemon.reports.runner import ReportRunner
from acd.files import write_private
from acd.identity.tries import Tries
from acd.identity.verifier import Verifier
from acd.lookups.book import Lookups
from acd.pbx.install.ports import PortTaken
from acd.setup.versions import Started
from acd.store.migrations import HEAD
from acd.store.shipping.shipper import Shipper
from acd.store.store import Store
from acd.web.live.agent_desk_stream import STREAMS
from acd.web.server.app import create_app
from acd.web.server.connections import KEEP_ALIVE_S, close_what_is_too_much
from acd.web.server.context import WebContext
from recordings.keeping import Keeping

log = structlog.get_logger(__name__)

BACKLOG = 16
"""Connections that the web port accepts in one turn of the loop. When the process has no file descriptor left, asyncio logs each
of them, each second: with the usual 128 that would delay calls by a second and a half."""


class WebServer:
    """Serves once `start` was awaited."""

    def __init__(
        self,
        core: Core,
        work: BackgroundWork,
        store: Store,
        shipper: Shipper,
        reports: ReportRunner,
        lookups: Lookups,
        keeping: Keeping,
    ) -> None:
        self._core, self._work = core, work
        self._lookups = lookups
        self.context = _context(core, work, store, shipper, reports, keeping)
        self.context.lookups = lookups
        tries = Tries(core.installation.state / "identity-tries.json", core.now, lambda: core.zone)
        self.context.verifier = Verifier(lookups, tries, core.customers.customer)

    def configured(self, config: Config) -> None:
        """Another configuration is in force."""
        self.context.config = config
        self._lookups.configured(config)

    async def start(self) -> None:
        """Opens the web port, which the previous daemon may hold for a moment longer. Raises PortTaken after 5 s.

        Where `web.host` is another address, also a port on loopback: there the stories ask, whatever address the page has.
        """
        core = self._core
        app = await asyncio.to_thread(create_app, self.context)  # It takes its time, which callers need not wait for.
        core.has_page = app[STREAMS].has_page
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2, keepalive_timeout=KEEP_ALIVE_S)
        self._work.close_connections = self._close_what_is_too_much
        await self._runner.setup()
        for host, port in core.plan.listens:
            await _opened(self._runner, host, port)
        write_private(core.installation.address_file, json.dumps({"url": core.plan.web_url}))
        Started.by_us(HEAD).keep(core.installation, daemon=True)
        log.info("serving", url=core.plan.web_url, epoch=core.epoch)

    def _close_what_is_too_much(self) -> None:
        close_what_is_too_much(self._runner.server)

    async def close(self) -> None:
        """Ends the streams and requests there are, within seconds."""
        await self._runner.cleanup()
        await self._lookups.close()


def _context(
    core: Core, work: BackgroundWork, store: Store, shipper: Shipper, reports: ReportRunner, keeping: Keeping
) -> WebContext:
    engine, now = core.engine, core.now
    return WebContext(
        config=core.config,
        snapshot=core.snapshot,
        survey=engine.survey,
        survey_callback=engine.survey_callback,
        callback_from=lambda call: engine.callback_from(call, now()),
        promises=engine.promises,
        promise_of=engine.promise_of,
        standing=lambda call: engine.queue_position(call, now()),
        tell=core.tell,
        subscribe=core.switchboard.listen,
        store=store,
        shipper=shipper,
        state_folder=core.installation.state,
        recordings_folder=core.recordings_folder,
        health=lambda: {"pbx": core.pbx.synced, "sip": work.sip_answers.up, "stories": work.stories.up},
        add_agent=core.live.add_agent,
        agent_changes=AgentChanges(core.installation, core.live),
        menus=MenuDesk(core.live),
        configurations=core.live,
        keeping=keeping,
        reports=reports,
        self_calls=work.self_calls,
        customers=core.customers,
        caller_facts=[core.customers.facts, work.faults.facts],
        agent_messages=engine.agent_messages,
        break_board=lambda: engine.break_board(now()),
        faults=core.faults,
        fault_callers=engine.fault_callers,
        speak_faults=work.faults.speak,
        fault_spoken=work.faults.spoken,
        check_pin=core.pins.check,
        pin_mark=core.pins.mark,
        at_desk=lambda agent: engine.at_desk(agent, now()),
        call=lambda call: engine.call(call, now()),
        cards=core.cards,
        refusal=engine.refusal,
        figures=work.figures,
        capacity=work.capacity.row,
        trunks=work.trunks.rows,
        alarms=core.alarms,
        test_alarms=core.notices.test,
        is_open=core.is_open,
        hours_set=core.hours_set,
        speak=core.speak,
        now=now,
        behind_tls=core.config.web.behind_tls,
        page_folder=Path(core.plan.page) if core.plan.page else None,
    )


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
