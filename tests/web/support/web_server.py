"""A house for the tests of the pages: a real engine behind a real switchboard, a real journal and PostgreSQL, and our own
hands in Asterisk's place: `Calls` tells the events that a call's telephones would cause.

Time is the machine's plus what a test lets pass (`forward`), so that a talk of three minutes takes none.
"""

import asyncio
import contextlib
import hashlib
import json
import math
import struct
import threading
import wave
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import web

from acd import config as configuration
from acd.config import for_engine
from acd.config.capacity import Capacity
from acd.context_card.cards import Cards
from acd.customers.look_up import CustomerLookUp
from acd.daemon.agent_pins import AgentPins
from acd.daemon.alarms import AlarmKeeper
from acd.daemon.figures import arrival_figures
from acd.daemon.live_capacity import LiveCapacity
from acd.daemon.reports.runner import ReportRunner
from acd.engine.acd import Acd
from acd.engine.commands import Deed, Offer
from acd.engine.events import (
    AgentAnswered,
    AgentDialled,
    AgentReady,
    AgentRinging,
    BridgeEnded,
    CallArrived,
    CallBridged,
    CallerHungUp,
    CallQueued,
    Event,
    PbxFound,
    PhoneChanged,
    RecordingFiled,
    TimePassed,
    WrapUpEnded,
)
from acd.faults.concerned import Concerned
from acd.files import write_private
from acd.pbx.channel_book import ChannelBook
from acd.reports.make import Maker
from acd.setup.installation import Installation
from acd.store.journal.journal import Journal
from acd.store.shipping.shipper import Shipper
from acd.store.store import Store
from acd.switchboard import Switchboard
from acd.telephone_numbers import Numbering
from acd.web.access.accounts import Accounts
from acd.web.access.tokens import TOKEN_ROLES, Tokens
from acd.web.server.app import create_app
from acd.web.server.context import WebContext
from recordings.chain import Key
from recordings.keeping import Keeping
from tests.support.waiting import eventually

CONFIG: dict[str, Any] = {
    "hotline": {"name": "三响热线"},
    "queues": {
        "orders": {"label": {"zh": "订单查询", "en": "Orders"}, "skills": {"orders": 1}, "wrap_up_s": 30},
        "after-sales": {
            "label": {"zh": "售后服务", "en": "After-sales"},
            "skills": {"after-sales": 1},
            "target": {"answer_within_s": 30},
            "overflow": [
                {"after_s": 20, "do": "lower-skill", "to": 0, "why": "better anybody than a minute of music"},
                {"after_s": 40, "do": "raise-priority", "by": 3, "why": "nobody waits for a minute"},
            ],
        },
    },
    "agents": {
        "1001": {"name": "李娜", "skills": {"orders": 5, "after-sales": 3}},
        "1002": {"name": "Tom <b>Baker</b>", "skills": {"orders": 3}},
        "1003": {"name": "王芳", "skills": {"after-sales": 7}, "tier": 2},
    },
    "trunks": {"carrier": {"addresses": ["192.0.2.10"]}},
    "reports": {
        "weekly": {"every": "weekly", "what": ["queues", "agents"], "formats": ["xlsx", "page"], "language": "zh"},
    },
    "transfers": {
        "numbers": {"4006009500": {"zh": "银行热线", "en": "The bank's hotline"}},
        "escalation": [{"reason": "refund", "over": 500, "tier": 2, "why": "only Wang Fang may pay so much back"}],
    },
}
TEAMS_CONFIG: dict[str, Any] = {
    **CONFIG,
    "agents": {
        agent: {
            **profile,
            "skills": {"after-sales": 7} if agent == "1003" else {"orders": 3},
            "team": "after-sales" if agent == "1003" else "orders",
        }
        for agent, profile in CONFIG["agents"].items()
    },
    "teams": {
        "orders": {"label": {"zh": "订单组", "en": "Orders team"}, "queues": ["orders"]},
        "after-sales": {"label": {"zh": "售后组", "en": "After-sales team"}, "queues": ["after-sales"]},
    },
}
"""The same with two teams: 1001 and 1002 of orders, 1003 of after-sales."""
PINS = {"1001": "135790", "1002": "246801", "1003": "975310"}
QA_PASSWORD, OPERATOR_PASSWORD = "listen-carefully-9", "keep-the-floor-well-9"
SUPERVISOR_PASSWORD, ADMINISTRATOR_PASSWORD = "lead-the-team-well-9", "keep-the-keys-well-9"
PASSWORDS = {
    "qa": QA_PASSWORD,
    "operator": OPERATOR_PASSWORD,
    "supervisor": SUPERVISOR_PASSWORD,
    "administrator": ADMINISTRATOR_PASSWORD,
}
"""Account to password; each has the role of its name, the supervisor leads the team orders."""


DAYS_OF = ZoneInfo("Asia/Shanghai")
"""The hotline's clock where a configuration names no other."""


class MovableClock:
    """Time that a test may push forward."""

    def __init__(self) -> None:
        self._ahead = timedelta()
        self._stopped: datetime | None = None

    def now(self) -> datetime:
        if self._stopped is None:
            return datetime.now(UTC) + self._ahead
        self._stopped += timedelta(microseconds=1)
        return self._stopped + self._ahead

    def stop(self) -> None:
        """From now on only `forward` lets time pass, and each look a microsecond, for the order of things: no deadline of
        the floor is missed because this machine is slow."""
        self._stopped = datetime.now(UTC)

    def to_mid_month(self) -> None:
        """It is ten o'clock of the hotline's morning on a month's second Wednesday, ten days ago or more, from now on: a story
        of some days then stands in one week and one month and not in the future of the command line, whenever it is told.
        Before the story begins."""
        begin = self.now().astimezone(DAYS_OF).replace(hour=10, minute=0, second=0, microsecond=0) - timedelta(days=10)
        while begin.weekday() != 2 or not 8 <= begin.day <= 14:
            begin -= timedelta(days=1)
        self._ahead += begin - self.now()

    def forward(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


@dataclass
class RunningServer:
    """A house that stands: its address, and what its tests may touch."""

    url: str
    folder: Path
    store: Store
    shipper: Shipper
    board: Switchboard
    engine: Acd
    time: MovableClock
    accounts: Accounts
    runner: web.AppRunner
    offers: list[Offer]
    told: list[Event]
    well: dict[str, bool]
    calls: "SimulatedCalls"
    keys: dict[str, str] = field(default_factory=dict)
    """Role to the key of a program that has it, once it was made."""

    @property
    def app(self) -> web.Application:
        assert self.runner.app is not None
        return self.runner.app

    def token(self, name: str = "operator") -> str:
        return (self.folder / f"{name}.token").read_text().strip()

    def new_pin(self, agent: str, pin: str | None) -> None:
        """The agent has another PIN from now on; None: none at all."""
        write_pins(self.folder, {**PINS, agent: pin})

    @contextlib.asynccontextmanager
    async def client(self, role: str = "") -> AsyncIterator[aiohttp.ClientSession]:
        """A client: "" nobody, "token" the command line, "stories" the story server, a token's role, an agent by his
        extension, else the account of that name."""
        headers = {"Origin": self.url}
        if role in ("token", "stories"):
            headers["Authorization"] = f"Bearer {self.token('operator' if role == 'token' else 'stories')}"
        if role in TOKEN_ROLES:
            self.keys[role] = self.keys.get(role) or Tokens(self.folder).add(f"program-{role}", role)
            headers["Authorization"] = f"Bearer {self.keys[role]}"
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(self.url, headers=headers, cookie_jar=jar) as session:
            if role not in ("", "token", "stories", *TOKEN_ROLES):
                password = {**PASSWORDS, **PINS}[role]
                async with session.post("/api/log-in", json={"account": role, "password": password}) as answer:
                    assert answer.status == 200, await answer.text()
            yield session


class SimulatedCalls:
    """What the telephones do."""

    def __init__(self, house: Callable[[], RunningServer]) -> None:
        self._house = house
        self._number = 0

    def tell(self, *events: Event) -> None:
        for event in events:
            self._house().board.tell(event)

    async def ready(self, *agents: str) -> None:
        """They may be offered a call at once: whoever is in wrap-up after another test's call ends it, for half a minute is waited for in
        vain otherwise."""
        house = self._house()
        rows = house.engine.snapshot(house.time.now())["agents"]
        in_wrap_up = {row["agent"] for row in rows if row["state"] == "wrap-up"}
        for agent in agents:
            if agent in in_wrap_up:
                self.tell(WrapUpEnded(agent, by="supervisor"))
            self.tell(PhoneChanged(agent, True), AgentReady(agent))
        await self.settled()

    async def settled(self) -> None:
        """Until all that was told has been handled and carried out, and everybody has heard of it."""
        board, last, heard = self._house().board, TimePassed(), asyncio.Event()
        forget = board.listen(lambda at, event, commands: heard.set() if event is last else None)
        board.tell(last)
        async with asyncio.timeout(60):
            await heard.wait()
        forget()

    def arrives(self, caller: str = "13812341234", queue: str = "orders", withheld: bool = False) -> str:
        """A caller who asks for a person; `caller` is the number as a carrier writes it."""
        self._number += 1
        call = f"c{int(self._house().time.now().timestamp())}-{self._number}-{self._number:04d}"
        self.tell(
            CallArrived(call, Numbering().caller(caller), "95000", caller, withheld), CallQueued(call, queue, (), "zh")
        )
        return call

    async def offer(self, call: str) -> Offer:
        """The offer that is made for it."""

        def made() -> list[Offer]:
            return [offer for offer in self._house().offers if offer.call == call]

        await eventually(made, f"an offer for {call}")
        return made()[-1]

    async def rings(self, call: str) -> Offer:
        """The agent's phone rings. An offer whose phone never does is soon taken for one that can't be reached."""
        offer = await self.offer(call)
        who = (offer.agent, call, offer.offer)
        self.tell(AgentDialled(*who), AgentRinging(*who))
        await self.settled()
        return offer

    async def answered(self, call: str, ring_s: float = 4) -> Offer:
        """The agent's phone rings, they pick up and talk."""
        offer = await self.rings(call)
        self._house().time.forward(ring_s)
        return await self.picked_up(offer)

    async def picked_up(self, offer: Offer) -> Offer:
        """The phone rings already; the agent takes the call, and they talk."""
        who = (offer.agent, offer.call, offer.offer)
        self.tell(AgentAnswered(*who), CallBridged(*who))
        await self.settled()
        return offer

    async def over(self, offer: Offer, talk_s: float = 60, by: str = "caller") -> None:
        time = self._house().time
        time.forward(talk_s)
        who = (offer.agent, offer.call, offer.offer)
        self.tell(BridgeEnded(*who, by="caller" if by == "caller" else "agent"), CallerHungUp(offer.call))
        await self.settled()

    async def filed(self, offer: Offer, seconds: float = 2.0, **otherwise: Any) -> Path:
        """A real stereo WAV under the root, and its row."""
        house = self._house()
        relative = f"2026/11/22/{offer.offer}.wav"
        file = house.folder / "recordings" / relative
        write_wav(file, seconds)
        sum_ = hashlib.sha256(file.read_bytes()).hexdigest()
        told = RecordingFiled(offer.call, offer.offer, relative, seconds, sum_, True)
        self.tell(replace(told, **otherwise))
        await self.written(offer.call)
        return file

    async def written(self, call: str) -> None:
        """Until PostgreSQL has all that was told of it."""
        await self.settled()
        house = self._house()
        assert await house.shipper.catch_up(30)
        await eventually(lambda: house.store.call(call), f"the row of {call}")

    async def whole(self, caller: str = "13812341234", queue: str = "orders", talk_s: float = 60) -> Offer:
        """A call from its arrival to its recording."""
        call = self.arrives(caller, queue)
        offer = await self.answered(call)
        await self.over(offer, talk_s)
        self.tell(WrapUpEnded(offer.agent))
        await self.filed(offer)
        await eventually(lambda: recording_filed(house=self._house(), offer=offer.offer), "the recording's row")
        return offer


def write_pins(folder: Path, pins: Mapping[str, str | None]) -> None:
    agents = {agent: {"password": "made-password", "pin": pin} for agent, pin in pins.items() if pin}
    write_private(folder / "secrets.json", json.dumps({"ami": "", "agents": agents}))


async def recording_filed(house: RunningServer, offer: str) -> bool:
    row = await house.store.recording(offer)
    return row is not None and row.state in ("complete", "incomplete")


def write_wav(file: Path, seconds: float, rate: int = 8000) -> None:
    """Caller left (440 Hz in the first half), agent right (620 Hz in the second)."""
    file.parent.mkdir(parents=True, exist_ok=True)
    frames = bytearray()
    for n in range(int(seconds * rate)):
        first = n < seconds * rate / 2
        swell = 0.4 + 0.6 * abs(math.sin(n / 900))
        left = int(9000 * swell * math.sin(2 * math.pi * 440 * n / rate)) if first else 0
        right = 0 if first else int(9000 * swell * math.sin(2 * math.pi * 620 * n / rate))
        frames += struct.pack("<hh", left, right)
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(bytes(frames))


@contextlib.asynccontextmanager
async def running_server(
    folder: Path, database: str, written: Mapping[str, Any] | None = None, *, port: int = 0, **changes: Any
) -> AsyncIterator[RunningServer]:
    """The house in `folder` on this database, with an account for each role, until the block ends. `written`: its configuration; `changes`: fields of
    WebContext. In a folder in
    which a house has stood, accounts, PINs and all else that lies there are as that has left them."""
    config = configuration.check(dict(written or CONFIG))
    time, offers, told, well = MovableClock(), list[Offer](), list[Event](), {"pbx": True, "sip": True, "stories": True}
    recordings = folder / "recordings"
    recordings.mkdir(parents=True, exist_ok=True)
    engine = Acd(for_engine.queues(config), for_engine.agents(config), for_engine.rules(config))
    journal = Journal(folder / "journal")
    journal.checkpoint(time.now(), engine.checkpoint())  # as the daemon does at its start
    store = await Store.open(database, ZoneInfo(config.hotline.timezone))
    shipper = Shipper(store, journal)

    async def carry_out(command: Deed) -> None:
        if isinstance(command, Offer):
            offers.append(command)

    async def add_agent(agent: str, name: str, skills: Mapping[str, int]) -> Mapping[str, Any]:
        if unknown := [skill for skill in skills if skill not in ("orders", "after-sales")]:
            raise ValueError(f"No queue asks for the skill {unknown[0]}.")
        return {"agent": agent, "password": "made-password", "pin": "246810"}

    board = Switchboard(engine, journal, time.now, carry_out)
    cards = Cards(journal, store)
    alarms = AlarmKeeper(board.tell, time.now)
    board.listen(cards.listen)
    board.listen(alarms.heard)
    customers = CustomerLookUp(store, lambda: config, board.tell, lambda: engine.snapshot(time.now())["calls"])
    board.listen(customers.listen)
    await cards.rebuild()
    board.listen(lambda at, event, commands: told.append(event))
    if not (folder / "secrets.json").exists():
        write_pins(folder, PINS)
    pins = AgentPins(Installation(folder), lambda: config.agents)
    accounts = Accounts(folder, time.now)
    if not accounts.names():
        for role, password in PASSWORDS.items():
            accounts.add(role, [role], password, teams=["orders"] if role == "supervisor" else [])
    capacity = LiveCapacity(lambda: engine.snapshot(time.now())["calls"], lambda: Capacity(800, 3), range(0))
    concerned = Concerned(
        lambda: engine.faults(time.now()), customers.facts, lambda: config, time.now, lambda language, prompt: True
    )
    house = WebContext(
        config=config,
        snapshot=lambda: engine.snapshot(time.now()),
        callback_from=lambda call: engine.callback_from(call, time.now()),
        survey=lambda call: engine.survey(call),
        survey_callback=lambda call: engine.survey_callback(call),
        promises=engine.promises,
        promise_of=engine.promise_of,
        standing=lambda call: engine.queue_position(call, time.now()),
        tell=board.tell,
        subscribe=board.listen,
        store=store,
        shipper=shipper,
        state_folder=folder,
        recordings_folder=recordings,
        health=lambda: well,
        add_agent=add_agent,
        check_pin=pins.check,
        pin_mark=pins.mark,
        at_desk=lambda agent: engine.at_desk(agent, time.now()),
        call=lambda call: engine.call(call, time.now()),
        cards=cards,
        refusal=engine.refusal,
        alarms=alarms,
        keeping=Keeping(store, recordings, threading.Lock(), time.now, Key.of(folder, make=True).sign),
        customers=customers,
        caller_facts=[customers.facts, concerned.facts],
        agent_messages=engine.agent_messages,
        break_board=lambda: engine.break_board(time.now()),
        faults=lambda: engine.faults(time.now()),
        fault_callers=engine.fault_callers,
        reports=ReportRunner(
            Maker(lambda: store, lambda: config, time.now),
            lambda: shipper,
            lambda: config,
            folder,
            board.tell,
            time.now,
        ),
        is_open=lambda queue: True,
        hours_set=lambda: engine.hours_set(time.now()),
        capacity=capacity.row,
        figures=lambda: {**arrival_figures(ChannelBook(), Capacity(800, 3)), **capacity.figures()},
        now=time.now,
        requests_per_s=100_000,
    )
    tasks = [asyncio.create_task(board.run()), asyncio.create_task(shipper.run())]
    board.tell(PbxFound(()))
    await eventually(lambda: told and shipper.healthy, "Asterisk to be found and the tables to be made")
    runner = web.AppRunner(create_app(replace(house, **changes)), shutdown_timeout=60)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    port = runner.addresses[0][1]
    found: list[RunningServer] = []
    found.append(
        RunningServer(
            url=f"http://127.0.0.1:{port}",
            folder=folder,
            store=store,
            shipper=shipper,
            board=board,
            engine=engine,
            time=time,
            accounts=accounts,
            runner=runner,
            offers=offers,
            told=told,
            well=well,
            calls=SimulatedCalls(lambda: found[0]),
        )
    )
    try:
        yield found[0]
    finally:
        await runner.cleanup()
        board.stop()
        shipper.stop()
        await asyncio.gather(*tasks)
        journal.close()
        await customers.close()
        await store.close()
