"""The cards of the calls that live, and of those that were over in the last half hour; of all others PostgreSQL's.

The daemon's memory follows the switchboard, row by row. At a start it is built again from the spool, whether PostgreSQL
is there or not: each live call is read back to its beginning.

What lives here and nowhere else: nothing. The rows are in the spool and, behind it, in PostgreSQL.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import structlog

from acd.context_card import regions
from acd.engine.commands import Command, Kind, Log
from acd.engine.events import Event
from acd.engine.transfer_events import CardWritten
from acd.errors import SanxiangError
from acd.store.context_card import BEGINS, ENTRIES, TOLD, Card, fold
from acd.store.journal import spool
from acd.store.journal.codec import log_from
from acd.store.journal.journal import Journal
from acd.store.store import Store
from acd.telephone_numbers import UNKNOWN, Numbering

log = structlog.get_logger(__name__)

KEPT = timedelta(minutes=30)
"""So long a card stays in memory after its call. Whose line dropped calls again sooner."""
LOOK_BACK = timedelta(hours=24)
"""No call lasts longer; what the spool holds from before is not read at a start."""
WRITTEN_WITHIN_S = 10.0
MOST_WRITINGS = 300
"""What people may write on one call's card: the longest of calls have some dozens. A card is read, sent and stored as a whole."""
MOST_CHARACTERS = 100_000
"""Of all notes, promises and dispositions on a card."""

_WRITINGS = frozenset({Kind.CARD, Kind.TRANSFER})

Row = tuple[datetime, Log]


class CardChanged(SanxiangError):
    """{by} has written on this card at {at:%H:%M:%S} UTC. Read it again, then write."""

    def __init__(self, by: str, at: datetime) -> None:
        super().__init__(by=by, at=at)
        self.by, self.at = by, at


class CardFull(SanxiangError):
    """The card of call {call} is full: it has {has}. Put what is still to be said into the customer records."""


class CardNotWritten(SanxiangError):
    """The card of call {call} was not written: the floor does not take it now. Try again."""


class _Memory:
    """Cards by call, and which of them may go."""

    def __init__(self, kept: timedelta) -> None:
        self.cards: dict[str, Card] = {}
        self.latest = datetime.min.replace(tzinfo=UTC)
        """Time of the latest row."""
        self._kept = kept
        self._over: OrderedDict[str, datetime] = OrderedDict()
        """Calls that are over, with the time of the last row or look; the longest ago first."""
        self._strays: dict[str, list[Row]] = {}
        """Writings of calls whose cards are not here: PostgreSQL may not have them yet."""

    def take(self, at: datetime, row: Log) -> None:
        self.latest = max(self.latest, at)
        card = self.cards.get(row.call)
        if card is None and row.kind not in BEGINS:
            if row.kind in _WRITINGS:  # the card is PostgreSQL's
                self._strays.setdefault(row.call, []).append((at, row))
                self.touch(row.call)
            return
        try:
            after = fold(card, at, row, self.cards.get)
        except Exception:
            # The row is in the log; what can't be folded costs the card a line, and the call nothing.
            log.exception("a row does not fit on its card", call=row.call, kind=row.kind)
            return
        if after is not None:
            self.cards[row.call] = after
            if after["ended_at"]:
                self.touch(row.call)

    def touch(self, call: str) -> None:
        """It stays from now on for as long as a card that is over stays; those that have stayed so long go."""
        self._over[call] = self.latest
        self._over.move_to_end(call)
        while self._over and self.latest - next(iter(self._over.values())) > self._kept:
            gone, _ = self._over.popitem(last=False)
            self.cards.pop(gone, None)
            self._strays.pop(gone, None)

    def forget(self, call: str) -> None:
        """As if it had never been read."""
        self.cards.pop(call, None)
        self._over.pop(call, None)
        self._strays.pop(call, None)

    def put(self, card: Card) -> None:
        """One that PostgreSQL had; with what has been told since, should PostgreSQL be behind."""
        for at, row in self._strays.pop(card["call"], []):
            card = fold(card, at, row) or card
        self.cards[card["call"]] = card
        self.touch(card["call"])


class Cards:
    """Made before the switchboard runs; then `listen` is told of every event, and `rebuild` is awaited once."""

    def __init__(
        self,
        journal: Journal,
        store: Store,
        *,
        live: Collection[str] = (),
        kept: timedelta = KEPT,
        numbering: Callable[[], Numbering] = Numbering,
    ) -> None:
        """`live`: the calls that the rebuilt engine knows of. `kept`: how long after its call a card stays in memory.
        `numbering`: how the configuration in force reads numbers."""
        self._journal, self._store, self._live, self._kept = journal, store, frozenset(live), kept
        self._numbering = numbering
        self._until = journal.synced
        """The last line of those before us; what comes later is told to `listen`."""
        self._memory = _Memory(kept)
        self._meanwhile: list[Row] | None = []
        """Rows heard while the spool is still read; None afterwards."""
        self._rebuilt = asyncio.Event()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        """Of those who write on one card, one after the other."""
        self._told: dict[int, asyncio.Future[None]] = {}
        """Writings that the floor has not taken yet, by the event's identity."""

    # -- what the switchboard tells --------------------------------------------------------------------------------

    def listen(self, at: datetime, event: Event, commands: list[Command]) -> None:
        """A switchboard listener. Cheap: microseconds a row."""
        for row in commands:
            if isinstance(row, Log) and row.kind in TOLD and row.call:
                if self._meanwhile is not None:
                    self._meanwhile.append((at, row))
                self._memory.take(at, row)
        taken = self._told.get(id(event))
        if taken is not None and not taken.done():
            taken.set_result(None)

    # -- a start ---------------------------------------------------------------------------------------------------

    async def rebuild(self) -> None:
        """Reads the spool in a thread; what is heard meanwhile comes after it. Never raises."""
        try:
            memory = await asyncio.to_thread(self._remembered)
        except Exception:
            log.exception("the cards can't be read back from the spool; those of earlier calls are PostgreSQL's")
            memory = _Memory(self._kept)
        for at, row in self._meanwhile or ():
            memory.take(at, row)
        self._memory, self._meanwhile = memory, None
        self._rebuilt.set()
        try:
            await asyncio.to_thread(regions.load)
        except Exception:
            log.exception("the tables of regions can't be read; numbers are at home nowhere")

    def _remembered(self) -> _Memory:
        memory = _Memory(self._kept)
        for at, row in self._read():
            memory.take(at, row)
        return memory

    def _read(self) -> list[Row]:
        """The rows of live calls and of those that were over lately, in the order of the log, each from its beginning."""
        found: list[list[Row]] = []
        wanted, begun = set(self._live), set[str]()
        latest: datetime | None = None
        for segment in reversed(spool.segments(self._journal.folder)):
            rows = list(self._rows(segment))
            if not rows:
                continue
            found.append(rows)
            latest = latest or rows[-1][0]
            wanted |= {row.call for at, row in rows if at >= latest - self._kept}
            begun |= {row.call for _, row in rows if row.kind is Kind.ARRIVED}
            formers = [row.detail.get("continues") for _, row in rows if row.call in wanted]
            wanted |= {str(call) for call in formers if call}
            first = rows[0][0]
            if latest - first > LOOK_BACK or (first < latest - self._kept and wanted <= begun):
                break
        return [(at, row) for rows in reversed(found) for at, row in rows if row.call in wanted]

    def _rows(self, segment: Path) -> Iterator[Row]:
        for line, _ in spool.lines(segment, self._journal.end_of(segment)):
            if isinstance(line, spool.Damaged) or line.number > self._until:
                continue
            for form in line.logs:
                if form.get("kind") in TOLD and form.get("call"):
                    yield line.at, log_from(form)

    # -- questions -------------------------------------------------------------------------------------------------

    def get(self, call: str) -> Card | None:
        """The card, if it is in memory: of every live call, and of those over for no longer than they are kept."""
        card = self._memory.cards.get(call)
        return None if card is None else card | {"region": regions.region(card["caller"], self._numbering().country)}

    async def find(self, call: str) -> Card | None:
        """The card of any call there ever was; it stays in memory for a while. DatabaseAway: it is not in memory."""
        await self._rebuilt.wait()
        if call not in self._memory.cards:
            card = await self._store.card(call)
            if card is not None and call not in self._memory.cards:  # else somebody else has asked meanwhile
                self._memory.put(card)
        return self.get(call)

    async def contacts(self, call: str) -> list[dict[str, Any]]:
        """The caller's last contacts before this one, the latest first, at most five: see `Store.contacts`. None of a caller who
        is nobody in particular. DatabaseAway."""
        card = await self.find(call)
        numbering = self._numbering()
        caller = UNKNOWN if card is None else numbering.caller(card["caller"])
        if card is None or caller == UNKNOWN:
            return []
        arrived = datetime.fromisoformat(card["arrived_at"])
        customer = str((card["customer"] or {}).get("id", ""))
        return await self._store.contacts(
            numbering.former_writings(caller), arrived, card["contact"], customer=customer
        )

    def forget(self, calls: Collection[str]) -> None:
        """The cards of these calls, which are over, are read from PostgreSQL again when somebody asks."""
        for call in calls:
            self._memory.forget(call)

    def last_talk(self, agent: str) -> tuple[str, datetime] | None:
        """Call and end of the talk that this agent had last, by the cards in memory: for whoever asks after a start, and
        has been told of no end."""
        legs = [(card["call"], leg) for card in self._memory.cards.values() for leg in card["legs"]]
        ended = [(str(leg["to_at"]), str(call)) for call, leg in legs if leg["agent"] == agent and leg["to_at"]]
        if not ended:
            return None
        at, call = max(ended)
        return call, datetime.fromisoformat(at)

    # -- writing ---------------------------------------------------------------------------------------------------

    def check(self, call: str, version: int) -> None:
        """Silent when nobody has written since this version; else CardChanged. KeyError: it is not in memory (`find`).

        Two who ask in the same moment are both let through; `write` lets through one.
        """
        card = self._memory.cards[call]
        if card["version"] != version:
            raise CardChanged(card["updated_by"], datetime.fromisoformat(card["updated_at"]))

    async def write(self, written: CardWritten, version: int, tell: Callable[[Event], None]) -> Card:
        """Tells the floor of this writing and waits for it: the card with it. Of two who write at once, one is CardChanged.

        KeyError as `check`; CardFull; CardNotWritten when the floor does not take it.
        """
        async with self._turns.setdefault(written.call, asyncio.Lock()):
            self.check(written.call, version)
            _refuse_if_full(self._memory.cards[written.call], written)
            taken = self._told[id(written)] = asyncio.get_running_loop().create_future()
            try:
                tell(written)
                async with asyncio.timeout(WRITTEN_WITHIN_S):
                    await taken
            except TimeoutError:
                raise CardNotWritten(call=written.call) from None
            finally:
                del self._told[id(written)]
            card = self.get(written.call)
            if card is None or card["version"] == version:
                raise CardNotWritten(call=written.call)
            return card


def _refuse_if_full(card: Card, written: CardWritten) -> None:
    """Raises CardFull. What the floor itself tells of the call is not counted: a person can't make it grow without end."""
    writings = sum(not each["what"].startswith("transfer ") for each in card["history"])
    characters = sum(len(each["text"]) for each in card["entries"]) + len(str(written.detail.get("text") or ""))
    if writings >= MOST_WRITINGS:
        raise CardFull(call=card["call"], has=f"{writings} writings")
    if written.what in ENTRIES and characters > MOST_CHARACTERS:
        raise CardFull(call=card["call"], has=f"more than {MOST_CHARACTERS:,} characters")
