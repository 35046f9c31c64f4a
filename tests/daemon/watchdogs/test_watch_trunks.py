"""The watch over the trunks on a real Asterisk: names that change, that can't be resolved, whose server hangs; addresses that Asterisk
has not taken."""

import threading
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from acd.daemon.watchdogs import trunks as module
from acd.daemon.watchdogs.trunks import TrunksWatch
from acd.engine.events import AlarmRaised, CallArrived, Event
from acd.pbx.conf.render import RELOAD_SIP, render
from acd.pbx.conf.settings import Outwards, PbxSettings, PbxTrunk
from acd.setup.trunk_names import TrunkNames
from acd.sipp.actors import Caller
from tests.pbx.support.asterisk_fixture import AsteriskFixture, LinkUnderTest
from tests.support.waiting import eventually

NAME = "sip.example.net"
FIRST, SECOND, TYPED = "127.0.0.41", "127.0.0.42", "127.0.0.43"


@dataclass
class Resolver:
    """A name server of the test's own."""

    addresses: list[str] = field(default_factory=list)
    hosts: dict[str, list[str]] | None = field(default_factory=dict)
    """Host that an SRV record names to its addresses; None: no answer about them."""
    hangs: bool = False
    asked: int = 0
    go_on: threading.Event = field(default_factory=threading.Event)

    def __call__(self, name: str) -> Iterable[str]:
        if self.hosts and name in self.hosts:
            return self.hosts[name]
        assert name == NAME
        self.asked += 1
        if self.hangs:
            self.go_on.wait(60)
        if not self.addresses:
            raise OSError("no such name")
        return list(self.addresses)

    def hosts_of(self, service: str) -> list[str]:
        if self.hosts is None:
            raise OSError("no answer")
        return list(self.hosts) if service == f"_sip._udp.{NAME}" else []


@dataclass
class Watched:
    fixture: AsteriskFixture
    floor: LinkUnderTest
    watch: TrunksWatch
    resolver: Resolver
    told: list[Event]
    now: list[datetime]

    async def looks(self, after_s: float = 5) -> list[str]:
        """One look, so much later; the names of the alarms that it brought."""
        self.now[0] += timedelta(seconds=after_s)
        had = len(self.told)
        await self.watch.look()
        return [event.name for event in self.told[had:] if isinstance(event, AlarmRaised)]

    async def asks_the_server(self) -> None:
        """The names are looked up now, and the next look renders what is new."""
        await self.watch.look_up_names()


@pytest.fixture
async def own_house(tmp_path: Path) -> AsyncIterator[Watched]:
    trunk = PbxTrunk("carrier", (TYPED,), NAME, "acc1", "x", outwards=Outwards(qualify_s=0))
    fixture = await AsteriskFixture.opened(tmp_path, trunks=(trunk,))
    floor = await fixture.linked()
    names, resolver, told, now = TrunkNames(tmp_path / "names.json"), Resolver(), list[Event](), [datetime.now(UTC)]

    async def render_again() -> PbxSettings:
        fresh = TrunkNames(tmp_path / "names.json")
        settings = replace(fixture.settings, trunks=(replace(trunk, resolved=fresh.addresses(trunk.names)),))
        render(settings)
        await fixture.cli(RELOAD_SIP)
        return settings

    watch = TrunksWatch(
        floor.pbx,
        names,
        told.append,
        now=lambda: now[0],
        zone=lambda: ZoneInfo("Asia/Shanghai"),
        render_again=render_again,
        ask_asterisk=fixture.cli,
        resolve=resolver,
        hosts_of=resolver.hosts_of,
    )
    yield Watched(fixture, floor, watch, resolver, told, now)
    resolver.go_on.set()
    await fixture.closed()


async def matches(house: Watched, section: str) -> list[str]:
    """The addresses of this identify section, by Asterisk's own word."""
    said = await house.fixture.cli(f"pjsip show identify {section}")
    return [line.split()[1].removesuffix("/32") for line in said.splitlines() if line.strip().startswith("Match:")][1:]


async def test_a_name_that_changes_is_followed_and_one_that_is_lost_keeps_its_last_good_address(own_house: Watched):
    house = own_house
    assert await matches(house, "trunk-carrier") == [TYPED]  # Nothing was resolved yet: what was typed counts.
    house.resolver.addresses = [FIRST]
    await house.asks_the_server()
    await house.looks()
    assert await matches(house, "trunk-carrier_names") == [FIRST]
    await house.fixture.caller(Caller(stays_s=1), address=FIRST)
    await house.floor.until(CallArrived)

    house.resolver.addresses = [SECOND]
    await house.asks_the_server()
    await house.looks()
    assert await matches(house, "trunk-carrier_names") == [SECOND]
    assert await matches(house, "trunk-carrier") == [TYPED]

    house.resolver.addresses = []
    await house.asks_the_server()
    assert await house.looks() == []
    alarms = [*await house.looks(15), *await house.looks(15)]
    assert alarms.count("trunk-unresolved") == 1
    assert await matches(house, "trunk-carrier_names") == [SECOND]
    for address in (SECOND, TYPED):
        had = len(house.floor.of(CallArrived))
        await house.fixture.caller(Caller(stays_s=1), address=address)
        await house.floor.until(CallArrived, count=had + 1)

    house.resolver.addresses = [SECOND]
    await house.asks_the_server()
    assert "trunk-well" in await house.looks(60)


async def test_a_carrier_that_has_srv_records_only_may_send_from_every_host_they_name(own_house: Watched):
    house = own_house
    house.resolver.hosts = {"a.example.net": [FIRST], "b.example.net": [SECOND]}
    await house.asks_the_server()
    await house.looks()
    assert await matches(house, "trunk-carrier_names") == [FIRST, SECOND]
    for address in (FIRST, SECOND):
        had = len(house.floor.of(CallArrived))
        await house.fixture.caller(Caller(stays_s=1), address=address)
        await house.floor.until(CallArrived, count=had + 1)

    # The name has an address of its own now, and about services there is no answer: nothing is taken away.
    house.resolver.addresses, house.resolver.hosts = [TYPED, "127.0.0.44"], None
    await house.asks_the_server()
    await house.looks()
    assert await matches(house, "trunk-carrier_names") == [FIRST, SECOND, "127.0.0.44"]

    house.resolver.hosts = {"b.example.net": [SECOND]}
    await house.asks_the_server()
    await house.looks()
    assert await matches(house, "trunk-carrier_names") == [SECOND, "127.0.0.44"]


async def test_a_name_server_that_hangs_holds_nothing_up(own_house: Watched, monkeypatch: pytest.MonkeyPatch):
    house = own_house
    monkeypatch.setattr(module, "RESOLVE_WITHIN_S", 0.2)
    house.resolver.hangs, house.resolver.addresses = True, [FIRST]
    await house.looks()  # It asks, and waits for no answer.
    await house.looks()
    await house.asks_the_server()
    await house.asks_the_server()
    assert house.resolver.asked == 1, "one thread for each name, however long the server ponders"
    await house.looks()
    assert "trunk-unresolved" in await house.looks(30)
    house.resolver.hangs = False
    house.resolver.go_on.set()

    async def resolved() -> bool:
        await house.asks_the_server()
        await house.looks()
        return await matches(house, "trunk-carrier_names") == [FIRST]

    await eventually(resolved, "the answer of a name server that was slow")


async def test_addresses_that_asterisk_has_not_taken_are_an_alarm(own_house: Watched):
    house = own_house
    house.resolver.addresses = [FIRST]
    await house.asks_the_server()
    await house.looks()
    pjsip = house.fixture.settings.etc / "pjsip.conf"
    text = pjsip.read_text()
    # One entry that is no address, and Asterisk leaves the whole section out.
    pjsip.write_text(text.replace(f"match = {TYPED}\n", f"match = {TYPED}\nmatch = 10.0.0.999\n"))
    await house.fixture.cli("module reload res_pjsip_endpoint_identifier_ip.so")
    await house.fixture.cli(RELOAD_SIP)
    house.watch._taken_at = 0.0
    await house.looks()
    if "trunk-carrier/trunk-carrier" in await house.fixture.cli("pjsip show identifies"):
        # Asterisk kept the section that it had: calls go on, until the next start.
        await house.fixture.down()
        await house.fixture.up()
        await eventually(lambda: house.floor.pbx.synced, "the link after a start")
        house.watch._taken_at = 0.0
        await house.looks()
    assert house.watch.rows()[0]["state"] in ("closed", "unknown", "not-registered")
    assert "trunk-closed" in await house.looks(30)
    pjsip.write_text(text)
    await house.fixture.cli(RELOAD_SIP)
    house.watch._taken_at = 0.0
    assert "trunk-well" in await house.looks(60)
