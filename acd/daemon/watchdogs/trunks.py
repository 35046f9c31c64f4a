"""Watches the trunks: registered, answering, resolved, taken by Asterisk. Alarms within a minute, and again when all is well.

Every five seconds Asterisk is asked, over AMI, for its registrations and for what came of the OPTIONS to each way out. Events would tell
of a registration without its cause and need the AMI class `system`, which also carries what strangers write into Contact headers; a
daemon that has just started would have to ask all the same.

The names of the trunks are resolved here, each in a thread of its own that nobody waits for longer than RESOLVE_WITHIN_S: a name server
that is slow or away delays nothing else. A new answer is rendered into Asterisk's files and reloaded; without an answer the last good one
stays.
"""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from acd.engine.alarm_events import AlarmCleared
from acd.engine.events import AlarmRaised, Event
from acd.errors import SanxiangError
from acd.pbx.ami.connection import AmiDown, AmiRefused, AmiSilent
from acd.pbx.ami.variables import get_variables
from acd.pbx.conf import trunks as conf
from acd.pbx.conf.settings import PbxSettings, PbxTrunk
from acd.pbx.link import Pbx
from acd.pbx.registrar_answers import as_logged, last_answers, tail
from acd.pbx.trunk_states import Alarm, Seen, TrunkState, TrunkStates
from acd.setup.name_server import Answer, Ask, addresses_of, hosts_of, resolve
from acd.setup.trunk_names import TrunkNames
from acd.words import trunks as words

log = structlog.get_logger(__name__)

LOOK_S = 5.0
RESOLVE_S = 300.0
"""Between two looks at the name server, when all is well."""
RESOLVE_AGAIN_S = 30.0
"""After a name that could not be resolved."""
RESOLVE_WITHIN_S = 10.0
NO_ANSWER = Answer((), whole=False)
TAKEN_S = 60.0
"""Between two looks whether Asterisk has every trunk's addresses."""


class TrunksWatch:
    """Looks at the trunks of one Asterisk, and keeps their states for the page, the metrics and the command line."""

    def __init__(
        self,
        pbx: Pbx,
        names: TrunkNames,
        tell: Callable[[Event], None],
        *,
        now: Callable[[], datetime],
        zone: Callable[[], ZoneInfo],
        render_again: Callable[[], Awaitable[PbxSettings]],
        ask_asterisk: Callable[[str], Awaitable[str]],
        resolve: Ask = resolve,
        hosts_of: Ask = hosts_of,
    ) -> None:
        """`resolve`, `hosts_of`: the name server (acd/setup/name_server.py). `render_again`: renders the configuration in force anew,
        reloads what is different, and gives the settings. `ask_asterisk`: what `asterisk -rx` prints for a command. Both raise
        SanxiangError."""
        self._pbx, self._names, self._tell, self._now = pbx, names, tell, now
        self._render_again, self._ask_asterisk = render_again, ask_asterisk
        self._resolve, self._hosts_of = resolve, hosts_of
        self.states = TrunkStates(lambda at: at.astimezone(zone()).strftime("%H:%M"))
        self._trunks: tuple[PbxTrunk, ...] = ()
        self._unresolved: set[str] = set()
        self._in_part: set[str] = set()
        """Names about whose SRV records, or hosts of them, no name server has answered."""
        self._asked: dict[str, threading.Thread] = {}
        """Names whose resolver has not answered yet."""
        self._taken: dict[str, bool] = {}
        self._resolve_at = self._taken_at = 0.0
        """Monotonic times of the next look."""
        self._looking_up: asyncio.Task[None] | None = None
        self._behind = False
        """Asterisk's files lack the latest answer of a name."""
        self._news = asyncio.Event()
        self.configured(pbx.settings)
        pbx.on_trunk = self.called_out

    def configured(self, settings: PbxSettings) -> None:
        """The trunks of the configuration in force. Names are resolved at once."""
        if settings.trunks == self._trunks:
            return
        self._trunks = settings.trunks
        self._resolve_at = self._taken_at = 0.0
        self._taken = {}
        self.states.configured(
            TrunkState(
                trunk.name, registers=bool(trunk.host), watched=bool(conf.watch(trunk)), dials_out=bool(trunk.way_out)
            )
            for trunk in self._trunks
        )
        self._news.set()

    def rows(self) -> list[dict[str, object]]:
        """Each trunk's row for /api/state."""
        return self.states.rows(self._now())

    def called_out(self, trunk: str, code: int | None, call: str) -> None:
        """A call out went through this trunk (None), or did not: the SIP answer, 0 for none."""
        if code is None:
            log.info("a trunk carries a call out", trunk=trunk, call=call)
            self.states.carried(trunk)
            for name in ("trunk-refuses", "trunk-silent"):
                self._tell(AlarmCleared(name, trunk))
            return
        log.warning("a trunk did not carry a call out", trunk=trunk, code=code, call=call)
        self._raise(self.states.not_carried(trunk, code, self._now()))
        self._order()  # A silent trunk is tried behind the others from the next call on.

    async def run(self) -> None:
        """Looks until cancelled."""
        try:
            await self._run()
        finally:
            if self._looking_up is not None:
                self._looking_up.cancel()

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except (AmiDown, AmiSilent, AmiRefused, SanxiangError, OSError) as error:
                log.warning("the trunks could not be looked at; they are looked at again", why=str(error))
            self._news.clear()
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._news.wait()
            except TimeoutError:
                pass

    async def look(self) -> None:
        """One look at everything that is due."""
        if time.monotonic() >= self._resolve_at and (self._looking_up is None or self._looking_up.done()):
            self._looking_up = asyncio.create_task(self.look_up_names(), name="names of the trunks")
        if self._behind and self._pbx.synced:
            self._pbx.settings = settings = await self._render_again()
            self._behind = False
            self._trunks = settings.trunks
            self._taken_at = 0.0
        if time.monotonic() >= self._taken_at and self._pbx.synced:
            await self._look_at_addresses()
        seen = await self._seen()
        self._raise(self.states.look(seen, self._now()))
        self._order()

    def _order(self) -> None:
        self._pbx.trunks_ordered([f"trunk-{name}" for name in self.states.ways_out(self._now())])

    # --- Asterisk ---

    async def _seen(self) -> dict[str, Seen]:
        registrars: dict[str, int] = {}
        registered: dict[str, bool | None] = {}
        answers: dict[str, bool | None] = {}
        if self._pbx.synced:
            try:
                registered, answers = await self._registered(), await self._answers()
                if False in registered.values():
                    file = self._pbx.settings.run_folder / "log" / "messages.log"
                    registrars = last_answers(await asyncio.to_thread(tail, file))
            except (AmiDown, AmiSilent, AmiRefused):
                registered, answers = {}, {}  # Nothing can be said of them.
        return {
            trunk.name: Seen(
                registered=registered.get(trunk.name),
                registrar=registrars.get(as_logged(conf.account_uri(trunk, trunk.over)))
                if registered.get(trunk.name) is False
                else None,
                answers=answers.get(trunk.name),
                unresolved=tuple(name for name in trunk.names if name in self._unresolved),
                taken=self._taken.get(trunk.name) if self._pbx.synced else None,
            )
            for trunk in self._trunks
        }

    async def _registered(self) -> dict[str, bool | None]:
        wanted = {conf.registration(trunk): trunk.name for trunk in self._trunks if trunk.host}
        if not wanted:
            return {}
        rows = await self._pbx.ami.ask("PJSIPShowRegistrationsOutbound")
        status = {row.get("ObjectName", ""): row.get("Status", "") for row in rows if "Status" in row}
        # One that Asterisk does not know is as bad as one that is refused.
        return {name: status.get(section) == "Registered" for section, name in wanted.items()}

    async def _answers(self) -> dict[str, bool | None]:
        watched = [trunk for trunk in self._trunks if conf.watch(trunk)]
        wanted = [("", f"PJSIP_CONTACT({conf.watched_contact(trunk, trunk.over)},status)") for trunk in watched]
        values = await get_variables(self._pbx.ami, wanted) if wanted else []
        meaning = {"Reachable": True, "Unreachable": False}
        return {trunk.name: meaning.get(value) for trunk, value in zip(watched, values, strict=True)}

    async def _look_at_addresses(self) -> None:
        """Whether Asterisk has the addresses of every trunk: it leaves a section out, and says so in its log alone."""
        self._taken_at = time.monotonic() + TAKEN_S
        said = await self._ask_asterisk("pjsip show identifies")
        there = {
            line.split()[1].partition("/")[0] for line in said.splitlines() if line.strip().startswith("Identify:")
        }
        for trunk in self._trunks:
            wanted = conf.identified_by(trunk)
            self._taken[trunk.name] = set(wanted) <= there
            if not wanted:
                self._taken.pop(trunk.name)

    # --- names ---

    async def look_up_names(self) -> None:
        """Resolves all names, each within RESOLVE_WITHIN_S; nobody waits for it. The next look renders what is new."""
        by_service: dict[str, bool] = {}
        for trunk in self._trunks:
            for name in trunk.names:
                by_service[name] = by_service.get(name, False) or trunk.has_srv
        wanted = list(by_service)
        answers = await asyncio.gather(*(self._addresses(name, by_service[name]) for name in wanted))
        found = {name: answer.addresses for name, answer in zip(wanted, answers, strict=True)}
        in_part = {name for name, answer in zip(wanted, answers, strict=True) if not answer.whole}
        for name in in_part - self._in_part - {name for name, addresses in found.items() if not addresses}:
            log.warning(
                "of a trunk's name only a part is known: a name server did not answer about SRV records", name=name
            )
        self._in_part = in_part
        self._unresolved = {name for name, addresses in found.items() if not addresses}
        self._resolve_at = time.monotonic() + (RESOLVE_AGAIN_S if in_part else RESOLVE_S)
        try:
            news = await asyncio.to_thread(self._names.learn, found, wanted, in_part)
        except OSError as error:
            log.warning("the addresses of the trunks' names can't be written down", why=str(error))
            return
        if news:
            self._behind = True
            log.info("the addresses of a trunk's name are others now", names=sorted(wanted))
            self._news.set()

    async def _addresses(self, name: str, by_service: bool) -> Answer:
        """Its addresses now; none when it can't be resolved in time."""
        if (asked := self._asked.get(name)) is not None and asked.is_alive():
            return NO_ANSWER  # The resolver still ponders the last question.
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()

        def set_answer(found: Answer) -> None:
            if not answer.done():
                answer.set_result(found)

        def ask() -> None:
            try:
                found = addresses_of(name, by_service=by_service, ask=self._resolve, ask_service=self._hosts_of)
            except OSError as error:
                if name not in self._unresolved:  # Once, and not at each try.
                    log.warning("a trunk's name can't be resolved", name=name, why=str(error))
                found = NO_ANSWER
            try:
                loop.call_soon_threadsafe(set_answer, found)
            except RuntimeError:
                pass  # The daemon has stopped meanwhile.

        # A thread of its own, and no pool: one that hangs in the resolver must hold up neither others nor the daemon's end.
        thread = self._asked[name] = threading.Thread(target=ask, name=f"resolve {name}", daemon=True)
        thread.start()
        try:
            async with asyncio.timeout(RESOLVE_WITHIN_S):
                return await answer
        except TimeoutError:
            log.warning("the name server does not answer", name=name)
            return NO_ANSWER

    def _raise(self, alarms: Iterable[Alarm]) -> None:
        for alarm in alarms:
            facts: Mapping[str, str] = {"name": alarm.name, "detail": alarm.detail}
            log.warning(words.alarm(facts, "en"))
            self._tell(AlarmRaised(alarm.name, alarm.detail))
