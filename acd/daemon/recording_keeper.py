"""Recordings: each leg is filed when it has ended, legs that nobody saw end are looked for; at night those whose time is over are
deleted, and the others checked."""

import asyncio
from datetime import datetime

import structlog

from acd.daemon.core import Core
from acd.daemon.recurring import Recurring
from acd.engine.commands import Command, Kind, Log, Outcome
from acd.engine.events import AlarmRaised, Event
from acd.errors import SanxiangError
from acd.store.journal.legs import LegDue, leg_ended_by, legs_due
from acd.store.queries.recordings import Filters
from acd.store.retention.of_config import rules_of
from acd.store.store import Store
from recordings import names
from recordings.catalogue import altered
from recordings.chain_nights import ChainNights
from recordings.filing import Filing
from recordings.keeping import Keeping
from recordings.messages import Messages
from recordings.retention import next_night

log = structlog.get_logger(__name__)

SWEEP_EVERY_S = 30.0


class RecordingKeeper:
    """Listens to the switchboard once `listen` was called."""

    def __init__(self, core: Core, recurring: Recurring) -> None:
        self._core, self._recurring = core, recurring
        self.filing = Filing(
            core.recordings_folder,
            core.tell,
            min_free_bytes=core.config.recordings.min_free_mb * 1_000_000,
            zone=core.zone,
            consults=lambda: core.config.transfers.consult_recording == "leg",
            limits=lambda: core.config.recordings.checks,
        )
        self._nights = ChainNights(core.recordings_folder, core.installation.state, core.tell, core.now)
        self._unfiled: tuple[list[LegDue], set[str]] | None = None
        """Legs of the journal whose recordings are still to be looked for; None: not read yet."""

    def listen(self) -> None:
        self._core.switchboard.listen(self._heard)
        self._core.switchboard.listen(Messages(self.filing).heard)

    def _heard(self, at: datetime, event: Event, commands: list[Command]) -> None:
        self.filing.alarms.heard(event)
        for row in commands:
            if not isinstance(row, Log):
                continue
            # LISTENING: the row "leg over" ends the leg of a caller whom a supervisor has taken over. Messages and words are `Messages`'s.
            if row.kind in (Kind.TALK_ENDED, Kind.CONSULT_ENDED, Kind.LISTENING):
                if (leg := leg_ended_by(at, row)) is not None:
                    self.filing.leg_ended(leg)
            elif row.kind is Kind.OFFER_ENDED and row.detail["outcome"] != Outcome.ANSWERED:
                self.filing.offer_ended_unanswered(row.offer)
            elif row.kind is Kind.ENDED:
                self.filing.call_ended(row.call)

    async def sweep(self) -> None:
        """Files recordings of legs that ended while no daemon ran: at the first time those of the journal, then others."""
        if self._unfiled is None:
            self._unfiled = await asyncio.to_thread(legs_due, self._core.installation.journal)
        due, going_on = self._unfiled
        found = await asyncio.to_thread(self.filing.left_over)
        calls = {row["call"] for row in self._core.snapshot()["calls"]} | set(map(names.call_of, going_on))
        # While Asterisk is out of sight, a file of a call that came meanwhile is not to be told from one left over.
        await asyncio.to_thread(self.filing.sweep, due, found if self._core.pbx.synced else (), calls)
        self._unfiled = [], set()

    def keeping(self, store: Store) -> Keeping:
        """Deletes recordings, and holds them."""
        return Keeping(store, self._core.recordings_folder, self.filing.books, self._core.now, self._nights.sign)

    async def each_night(self, store: Store) -> None:
        """Each night at three: enters into the chain what was filed, deletes what has been kept long enough, then checks a share of what was
        filed. Ends only when it is cancelled."""
        keeping = self.keeping(store)
        while True:
            night = next_night(self._core.now(), self._core.zone)
            await asyncio.sleep((night - self._core.now()).total_seconds())
            await self._recurring.round("nightly link of the recordings' chain", self._nights.seal(store))
            await self._recurring.round("nightly deletion of recordings", self._delete_due(keeping))
            await self._recurring.round("nightly check of the recordings", self._verify(store))

    async def _verify(self, store: Store) -> None:
        """Where the chain can't be read, each sound against its row."""
        today = self._core.now().astimezone(self._core.zone).date()
        if not await self._nights.verify_share(store, today):
            await self._verify_all(store)

    async def _delete_due(self, keeping: Keeping) -> None:
        config = self._core.config
        try:
            done = await keeping.delete_due(rules_of(config))
            forgotten = await keeping.forget_due(rules_of(config), config.numbering.former_writings)
        except SanxiangError as error:
            log.warning("tonight's deletion of recordings was not finished", why=str(error))
            return
        self._core.cards.forget(forgotten)
        if done.recordings or forgotten:
            log.info(
                "what was kept for its days is deleted",
                recordings=done.recordings,
                by_class=done.by_class,
                mb=round(done.bytes / 1e6, 1),
                files_gone_before=done.missing,
                callers=len(forgotten),
            )
        for name, count in done.unknown.items():
            log.warning(
                "recordings are kept: their class is no longer in the configuration", retention=name, recordings=count
            )

    async def _verify_all(self, store: Store) -> None:
        try:
            async for leg, why in altered(store, self._core.recordings_folder, Filters()):
                self._core.tell(AlarmRaised("recording altered", f"{leg.offer}: {why}", leg.call))
        except SanxiangError as error:
            log.warning("tonight's check of the recordings was not finished", why=str(error))
