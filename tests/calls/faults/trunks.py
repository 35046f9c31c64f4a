"""A carrier that refuses the registration, or a call out (rows T of the table)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from acd.engine.commands import Kind
from acd.pbx.install.ports import free_port
from acd.pbx.install.runtime import ensure_pbx
from acd.pbx.trunk_states import SILENT_S
from acd.sipp.actors import Phone
from tests.calls.faults.daemon import all_answered
from tests.calls.faults.figures import Figures
from tests.calls.support.call_log import of_call
from tests.calls.support.fault_table_system import FaultTableSystem
from tests.support.network import TRUNK_ADDRESS
from tests.support.sipp_carrier import SippCarrier, refused, registrar, silent, taken
from tests.support.waiting import eventually

SECOND = "127.0.0.4"
OUTSIDE = "02166668888"
USER, PASSWORD = "acc1", "P@ss#1!;x"
BAD_QUARTER = (503, 503)
"""What the registrar answers while it has trouble; each is tried again half a minute later."""


class SystemOfCarriers(FaultTableSystem):
    """Callers come over trunk `carrier`; calls out go over it, else over trunk `second`, to carriers of the scenario's."""

    def __init__(self, folder: Path, *, registers: bool) -> None:
        self.second_port = free_port("udp", SECOND)
        secret = folder / "second.password"
        secret.write_text(PASSWORD + "\n", "utf-8")
        account = f'host = "{SECOND}:{self.second_port}"\nusername = "{USER}"\npassword_file = "{secret}"\n'
        way_out = f'outbound = "{SECOND}:{self.second_port}"\nqualify_s = 0\n'
        more = (
            f'\n[trunks.second]\naddresses = ["{SECOND}"]\nno_sound_s = 20\n{account if registers else way_out}\n'
            f'[transfers.numbers]\n{OUTSIDE} = {{ zh = "总部", en = "Head office" }}\n'
        )
        super().__init__(folder, 2, carrier=not registers, more=more)

    async def carrier_at(self, address: str, *, registers: str = "", called: str = "") -> SippCarrier:
        """A carrier that answers there from now on."""
        pbx = await asyncio.to_thread(ensure_pbx)
        carrier = SippCarrier(
            pbx.tool("sipp"),
            address=address,
            port=self.second_port if address == SECOND else self.carrier_port,
            pbx_port=9,  # SIPp wants an address to send to; a carrier answers whoever has asked.
            folder=self.folder_for_person(),
            registers=registers,
            called=called,
        )
        self.people.append(carrier)
        return await carrier.start()


@asynccontextmanager
async def registering(folder: Path) -> AsyncIterator[FaultTableSystem]:
    """Registered for some seconds at a time, so that the next try comes soon."""
    system = SystemOfCarriers(folder, registers=True)
    good = await system.carrier_at(SECOND, registers=registrar(USER, PASSWORD, expires=20))
    try:
        async with system:
            yield system
    finally:
        await good.stop()


@asynccontextmanager
async def two_ways_out(folder: Path) -> AsyncIterator[FaultTableSystem]:
    async with SystemOfCarriers(folder, registers=False) as system:
        yield system


async def t1(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """The registrar refuses us and then takes us again: an alarm says so and its end; calls over this trunk go on coming in."""
    assert isinstance(system, SystemOfCarriers)
    figures = Figures("T1", f"registration refused: {', '.join(map(str, BAD_QUARTER))}", 1, seed=seed)
    figures.until = "registered, from the last refusal"
    [good] = system.people
    async with system.trials.fault():
        await system.staffed(system.agents, Phone(ring_s=0.2))
        before = await system.trials.asks_by_line(address=SECOND)
        await system.log.row(Kind.CONNECTED, of_call(await system.log.call_of(before.number)))
        await good.stop()
        bad = await system.carrier_at(SECOND, registers=registrar(USER, PASSWORD, answers=BAD_QUARTER))
        told = await system.log.row(Kind.ALARM, lambda row: row.detail["name"] == "trunk-not-registered")
        assert told.detail["detail"].split("|")[::2] == ["second", "503"], told.detail
        # It is not registered, and its calls are known by their address.
        meanwhile = await system.trials.asks_by_line(address=SECOND)
        await system.log.row(Kind.CONNECTED, of_call(await system.log.call_of(meanwhile.number)))
        await eventually(lambda: len(bad.requests("REGISTER")) >= len(BAD_QUARTER), "the last refusal", 120)
        at = datetime.now(UTC)
        await eventually(lambda: "trunk-well" in system.log.alarms(), "the alarm that all is well", 120)
        moment, well = await system.log.timed_row(Kind.ALARM, lambda row: row.detail["name"] == "trunk-well")
        assert well.detail["detail"].split("|")[::2] == ["second", "not-registered"], well.detail
        figures.recovered_s = [(moment - at).total_seconds()]
        await system.well("trunks")
        for count, line in enumerate((before, meanwhile), 1):
            assert not line.ended_at, "a talk over this trunk was cut"
            line.bye()
            await line.is_over()
            await system.log.row(Kind.ENDED, count=count)
        all_answered(system, seed)
    figures.calls, figures.lost = system.trials.verdict.calls, system.trials.verdict.lost
    figures.note = "calls over the trunk were taken all the time; one alarm at the beginning, one at the end"
    return [figures]


async def t2(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """A caller is sent on to an outside number: the first trunk answers 503, and the second carries the call."""
    figures = Figures("T2", "first trunk answers 503 to a call out", tries, seed=seed)
    return [await _sent_on(system, figures, refused(503))]


async def t3(system: FaultTableSystem, tries: int, seed: int) -> list[Figures]:
    """The same where the first trunk answers no INVITE at all, though it answers OPTIONS. The first caller pays, and no other."""
    figures = Figures("T3", "first trunk is silent to a call out", tries, seed=seed)
    await _sent_on(system, figures, silent(), again=False)
    first_s, *later_s = figures.recovered_s
    assert first_s >= SILENT_S and all(each < 1 for each in later_s), figures.recovered_s
    assert system.log.alarms().count("trunk-silent") == 1
    figures.recovered_s = [first_s]
    figures.note = f"{len(later_s)} more after it: {max(later_s, default=0) * 1000:.0f} ms at most"
    return [figures]


async def _sent_on(system: FaultTableSystem, figures: Figures, first: str, *, again: bool = True) -> Figures:
    """`again`: each of the calls is tried over the first trunk, and not the first call only."""
    assert isinstance(system, SystemOfCarriers)
    figures.until = "the second has answered"
    async with system.trials.fault():
        await system.staffed(system.agents[0], Phone(ring_s=0.2))
        one = await system.carrier_at(TRUNK_ADDRESS, called=first)
        other = await system.carrier_at(SECOND, called=taken())
        for number in range(1, figures.tries + 1):
            line = await system.trials.asks_by_line()
            call = await system.log.call_of(line.number)
            await system.log.row(Kind.CONNECTED, of_call(call))
            await asyncio.sleep(1.1)  # less would not have been a talk
            asked = datetime.now(UTC)
            await system.transfers.hand_over(call, {"number": OUTSIDE})
            at, row = await system.log.timed_row(Kind.SENT_ON, of_call(call))
            line.bye()
            assert row.detail["trunk"] == "second", row.detail
            figures.recovered_s = [*figures.recovered_s, (at - asked).total_seconds()]
            await line.is_over()
            await system.log.row(Kind.ENDED, count=number)
        assert len(other.requests("INVITE")) == figures.tries
        assert len(one.requests("INVITE")) == (figures.tries if again else 1)
        all_answered(system, figures.seed)
    figures.calls, figures.lost = system.trials.verdict.calls, system.trials.verdict.lost
    return figures
