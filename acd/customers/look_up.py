"""The look-up at the arrival of a call. No call waits for it: it is asked when the call comes, and what it finds is told the engine as
an event, which counts from then on; the telephone rings with it or without it.

Two are asked at once: the records in PostgreSQL, and the company's own system where one is configured. What that system says counts
more; where it knows nobody, or does not answer, the record counts. A customer whom either of the two knows as not to be called is not
called.

Who withholds the number, or shows one that the carrier has found not to be theirs, is not looked up: the name would tell what the
caller wants to keep, or belong to somebody else.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from time import monotonic
from typing import Any

import structlog

from acd.company_systems.failure import SystemFailed
from acd.company_systems.gate import Gate, Outcome
from acd.config import Config
from acd.config.brands import brand_of_number
from acd.customers.crm import Crm, Reader
from acd.customers.crm_http import HttpCrm
from acd.customers.crm_view import ViewCrm
from acd.customers.fields import FieldRules
from acd.engine.alarm_events import AlarmCleared
from acd.engine.commands import Command
from acd.engine.customer_events import CallerKnown
from acd.engine.events import AlarmRaised, CallArrived, Event, PbxFound
from acd.identifiers import is_number
from acd.store.customers import records
from acd.store.customers.record import Customer
from acd.store.errors import StoreError
from acd.store.store import Store

log = structlog.get_logger(__name__)

AT_A_TIME = 50
"""Look-ups of arriving calls; a call more is not looked up."""
AWAY = "customer system away"
"""The alarm's name."""
KEPT_S = 30.0
"""What was found counts for so long: a menu and the arrival of the same call ask once."""
MOST_KEPT = 2000
DISTRUSTED_S = 60.0
"""So long after a call with a number that was not the caller's, a menu that begins with this number knows nobody."""
_DISTRUSTED = ("failed", "failed-a", "failed-b", "failed-c")
"""Identities of CallArrived by which the number is not the caller's."""


class CustomerLookUp:
    """One for a daemon."""

    def __init__(
        self,
        store: Store,
        config: Callable[[], Config],
        tell: Callable[[Event], None],
        calls: Callable[[], Collection[Any]] = tuple,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`config`: the one in force; `calls`: rows of the engine's snapshot."""
        self._store, self._config, self._tell, self._calls, self._clock = store, config, tell, calls, clock
        self._gate = self._new_gate(config())
        self._reader = Reader(clock)
        self._crm: Crm | None = None
        self._crm_of: object = None
        """The configuration for which `_crm` was made."""
        self._found: OrderedDict[str, tuple[float, Customer | None]] = OrderedDict()
        self._not_theirs: OrderedDict[str, float] = OrderedDict()
        """Numbers that were shown by somebody else lately, and when."""
        self._asked: dict[str, asyncio.Task[Customer | None]] = {}
        self._under_way: set[asyncio.Task[None]] = set()
        self._records_away = False
        self.skipped = 0
        """Calls that were not looked up, because too many were."""

    # -- calls -----------------------------------------------------------------------------------------------------

    def listen(self, at: datetime, event: Event, commands: list[Command]) -> None:
        """A switchboard listener: begins the look-up of a call that has arrived. Takes microseconds."""
        if isinstance(event, CallArrived):
            if event.identity in _DISTRUSTED:
                self._distrust(event.caller)
            elif not event.withheld:
                self._begin(event.call, event.caller, self._brand(event.dialled))
        elif isinstance(event, PbxFound):
            for row in self._calls():
                if (
                    row["stage"] in ("menu", "waiting")
                    and not row.get("customer")
                    and row["identity"] not in _DISTRUSTED
                ):
                    self._begin(row["call"], row["caller"], row.get("brand", ""))  # "withheld" is no number

    def _brand(self, dialled: str) -> str:
        return brand_of_number(self._config().brands, dialled)

    def _distrust(self, caller: str) -> None:
        self._not_theirs.pop(caller, None)
        self._not_theirs[caller] = self._clock()
        while len(self._not_theirs) > MOST_KEPT:
            self._not_theirs.popitem(last=False)

    def _begin(self, call: str, caller: str, brand: str) -> None:
        if not is_number(caller):
            return
        if len(self._under_way) >= AT_A_TIME:
            self.skipped += 1
            if self.skipped == 1 or self.skipped % 100 == 0:
                log.warning("too many callers are looked up at a time; calls go on without", skipped=self.skipped)
            return
        task = asyncio.create_task(self._tell_of(call, caller, brand), name="customer of a call")
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _tell_of(self, call: str, caller: str, brand: str) -> None:
        try:
            known = await self.customer(caller)
        except Exception:
            log.exception("a customer could not be looked up; the call goes on")
            return
        if known is not None and is_of(known, brand):
            self._tell(
                CallerKnown(
                    call,
                    known.id,
                    known.name,
                    known.customer_class,
                    known.language,
                    known.last_order,
                    known.area,
                    known.complaint_ticket,
                    known.complaint_owner,
                    known.do_not_call,
                )
            )

    # -- questions -------------------------------------------------------------------------------------------------

    async def customer(self, number: str) -> Customer | None:
        """The customer with this canonical number; None: nobody, or nobody who can be found in time. Never raises, and takes at most
        as long as the longer of `customers.within_s` and the store's bound."""
        found = self._found.get(number)
        if found is not None and self._clock() - found[0] < KEPT_S:
            return found[1]
        task = self._asked.get(number)
        if task is None:
            task = self._asked[number] = asyncio.create_task(self._ask(number), name="look-up of a customer")
            task.add_done_callback(lambda _: self._asked.pop(number, None))
        # Who asked first may be gone, as a caller who has hung up: the others still want the answer.
        return await asyncio.shield(task)

    async def facts(self, caller: str, dialled: str, call: str) -> dict[str, Any]:
        """What a menu may know: see acd.web.server.context.CallerFacts."""
        shown_by_another = self._clock() - self._not_theirs.get(caller, -DISTRUSTED_S) < DISTRUSTED_S
        known = await self.customer(caller) if is_number(caller) and not shown_by_another else None
        if known is None or not is_of(known, self._brand(dialled)):
            return {}
        complaint = known.complaint_ticket or known.complaint_owner
        return {
            "customer": {
                "id": known.id,
                "name": known.name,
                "class": known.customer_class,
                "language": known.language,
                "last_order": known.last_order,
                "area": known.area,
                "do_not_call": known.do_not_call,
            },
            "complaint": {"ticket": known.complaint_ticket, "owner": known.complaint_owner} if complaint else None,
        }

    def forget(self, numbers: Collection[str] = ()) -> None:
        """What was found counts no longer, of these numbers or of all: a record was changed."""
        for number in numbers or tuple(self._found):
            self._found.pop(number, None)

    async def barred(self, numbers: Collection[str]) -> set[str]:
        """Those of these canonical numbers whose customer does not want to be called, by the records. DatabaseAway."""
        async with self._store.looking_up() as connection:
            return await records.barred(connection, numbers)

    async def close(self) -> None:
        """Ends what goes on."""
        tasks = [*self._under_way, *self._asked.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._crm is not None:
            await self._crm.close()

    @property
    def crm_away(self) -> bool:
        """Whether the company's system does not answer, and is left alone."""
        return self._gate.is_open

    # -- the two sources -------------------------------------------------------------------------------------------

    async def _ask(self, number: str) -> Customer | None:
        ours, theirs = await asyncio.gather(self._ours(number), self._theirs(number))
        known = theirs or ours
        if known is not None and ours is not None and ours.do_not_call:
            known = replace(known, do_not_call=True)
        self._found[number] = self._clock(), known
        self._found.move_to_end(number)
        while len(self._found) > MOST_KEPT:
            self._found.popitem(last=False)
        return known

    async def _ours(self, number: str) -> Customer | None:
        try:
            async with self._store.looking_up() as connection:
                found = await records.by_number(connection, [number])
        except StoreError as error:
            if not self._records_away:
                log.warning("the customers' records can't be asked; calls go on without", why=str(error))
            self._records_away = True
            return None
        self._records_away = False
        return found

    async def _theirs(self, number: str) -> Customer | None:
        crm = await self._system()
        if crm is None:
            return None
        try:
            fields = await self._gate.ask(lambda: crm.ask(number))
        except SystemFailed:
            return None  # `_crm_told` has said it
        return None if fields is None else self._reader.customer(fields, number, FieldRules.of(self._config()))

    def _crm_told(self, outcome: Outcome) -> None:
        if not outcome.turned:
            return
        if outcome.failure is None:
            log.info("the customer system answers again")
            self._tell(AlarmCleared(AWAY))
        else:
            why = str(outcome.failure)
            log.warning("the customer system does not answer; it is left alone for a while", why=why)
            self._tell(AlarmRaised(AWAY, why))

    async def _system(self) -> Crm | None:
        """The company's system by the configuration in force; None: there is none."""
        config = self._config()
        mark = config.customers, config.hotline.country
        if mark != self._crm_of:
            former, self._crm_of = self._crm, mark
            if self._gate.is_open:
                self._tell(AlarmCleared(AWAY))
            self._crm, self._gate = _made(config), self._new_gate(config)
            self._found.clear()
            if former is not None:
                await former.close()
        return self._crm

    def _new_gate(self, config: Config) -> Gate:
        return Gate(self._clock, config.customers.within_s, AT_A_TIME, self._crm_told)


def is_of(known: Customer, brand: str) -> bool:
    """Whether a call to this brand is told whose it is: another brand's customer stays that brand's affair."""
    return not known.brands or not brand or brand in known.brands


def _made(config: Config) -> Crm | None:
    table, country = config.customers, config.hotline.country
    if table.http is not None:
        return HttpCrm(table.http, country)
    if table.view is not None:
        return ViewCrm(table.view, country, table.within_s)
    return None
