"""How many calls may be in the menus, and the key that callers are asked for when the menus fill. On a real Asterisk."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest

from acd.engine.events import CallArrived, CallerHungUp, CallQueued
from acd.pbx.conf.render import render
from acd.pbx.conf.settings import Arrivals, PbxTrunk
from tests.calls.support.call_log import person
from tests.calls.support.manual_caller import ManualCaller
from tests.pbx.support.asterisk_fixture import AsteriskFixture
from tests.pbx.support.raw_sip import Request, asked
from tests.support.audio import tone
from tests.support.waiting import eventually

pytestmark = pytest.mark.asterisk

BUSY, CONGESTED, SPEAKS = "127.0.0.2", "127.0.0.11", "127.0.0.12"
TRUNKS = {
    "busy": (BUSY, Arrivals()),
    "congested": (CONGESTED, Arrivals(when_full="503")),
    "speaks": (SPEAKS, Arrivals(when_full="sentence")),
}
MENUS, ASK_FROM = 4, 2
STAYS, GOES_ON, BOTH = "95001", "95002", "95000"
"""Called numbers: the notice of the first lasts for minutes, which is a menu that is held; that of the second leads to a queue at
once; the third speaks both languages, the long notice first."""
PACKETS = {"zh": 10, "en": 30}
"""Of the sentence that asks for the key, of 20 ms each."""
PAUSE_S = 2.0
"""Between two sentences Asterisk waits for a key, five seconds long, and sends silence."""


class Dialler:
    """Callers made by hand, each with a number of their own."""

    def __init__(self, pbx: AsteriskFixture) -> None:
        self.pbx = pbx
        self.lines: list[ManualCaller] = []
        self._numbers = itertools.count(13_800_000_001)

    async def dials(self, number: str, address: str = BUSY) -> ManualCaller:
        """A caller who was answered."""
        line = await ManualCaller(str(next(self._numbers)), self.pbx.settings.sip_port, number, address=address).open()
        self.lines.append(line)
        line.invite()
        await line.is_answered()
        return line

    async def are_in(self, context: str, calls: int) -> None:
        """Waits until so many callers are in this context of the dialplan."""

        async def so_many() -> bool:
            return sum(row.split("!")[1] == context for row in await self.pbx.channels()) == calls

        await eventually(so_many, f"{calls} calls in [{context}]")

    async def hold_the_menus(self, calls: int) -> list[ManualCaller]:
        """So many callers stay in the menus; those who are asked press the key."""
        held = []
        for number in range(1, calls + 1):
            held.append(await self.dials(STAYS))
            if number > ASK_FROM:
                await self.presses(held[-1], "1")
            await self.are_in("menu", number)
        return held

    async def presses(self, line: ManualCaller, keys: str) -> None:
        """Once the caller hears what is asked. Each key is an answer: the second of two, to the second asking."""
        await eventually(lambda: line.loud_at, f"the sentence that asks {line.number} for a key")
        line.key(keys)

    async def leave(self, *lines: ManualCaller) -> None:
        for line in lines:
            line.bye()
            await line.is_over()


@pytest.fixture(scope="module")
async def open_pbx(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsteriskFixture]:
    trunks = tuple(PbxTrunk(name, (address,), arrivals=how) for name, (address, how) in TRUNKS.items())
    opened = await AsteriskFixture.opened(
        tmp_path_factory.mktemp("menus"), trunks=trunks, menus=MENUS, ask_key_from=ASK_FROM
    )
    sounds = opened.settings.sounds_folder
    tone(sounds / "zh" / "recording-notice.wav", 500, 120.0)
    for language, packets in PACKETS.items():
        tone(sounds / language / "press-one-to-go-on.wav", 500, packets * 0.02)
    yield opened
    await opened.closed()


@pytest.fixture
async def callers(open_pbx: AsteriskFixture) -> AsyncIterator[Dialler]:
    dialler = Dialler(open_pbx)
    yield dialler
    await open_pbx.everybody_leaves()
    for line in dialler.lines:
        line.close()


async def refusal(callers: Dialler, address: str) -> int:
    """The final answer to a call over this trunk."""
    return (await asked(Request("INVITE", "13900000000", STAYS), callers.pbx.settings.sip_port, address))[-1]


async def test_whoever_presses_1_goes_on_and_is_a_call_from_there_on(callers: Dialler):
    link = await callers.pbx.linked()
    await callers.hold_the_menus(ASK_FROM)  # below the number nobody is asked
    line = await callers.dials(GOES_ON)
    await callers.are_in("press-one", 1)
    assert len(link.of(CallArrived)) == ASK_FROM  # no call yet
    await callers.presses(line, "1")
    queued = await link.until(CallQueued)
    assert link.of(CallArrived)[ASK_FROM].caller == person(line.number)
    assert queued.call == link.of(CallArrived)[ASK_FROM].call
    # The first time another key, the second time the right one.
    second = await callers.dials(GOES_ON)
    await callers.presses(second, "71")
    await link.until(CallQueued, count=2)
    assert sum(link.pbx.book.refused.values()) == link.pbx.translator.ignored == 0


async def test_without_the_key_the_caller_is_let_go_as_no_call_of_ours_in_the_languages_of_the_number(
    callers: Dialler,
):
    link = await callers.pbx.linked()
    await callers.hold_the_menus(ASK_FROM)
    silent = {number: await callers.dials(number) for number in (STAYS, GOES_ON, BOTH)}
    wrong, gone = await callers.dials(STAYS), await callers.dials(STAYS)
    await callers.presses(wrong, "22")
    gone.bye()
    ends = await asyncio.gather(*(line.is_over() for line in (wrong, gone, *silent.values())))
    assert ends[0] < min(ends[2:])  # a wrong key is not waited for as none is
    heard = {number: sentences(line) for number, line in silent.items()}
    wanted = {STAYS: PACKETS["zh"], GOES_ON: PACKETS["en"], BOTH: PACKETS["zh"] + PACKETS["en"]}
    for number, packets in wanted.items():
        assert len(heard[number]) == 3, heard  # asked twice, and a goodbye
        assert all(abs(told - packets) <= 4 for told in heard[number][:2]), (number, heard[number])
    await eventually(lambda: link.pbx.book.refused == {("busy", "key"): 5})
    assert len(link.of(CallArrived)) == ASK_FROM and link.of(CallerHungUp) == []
    assert link.pbx.ami.forged == link.pbx.ami.malformed == link.pbx.translator.ignored == 0
    await callers.are_in("menu", ASK_FROM)


def sentences(line: ManualCaller) -> list[int]:
    """How many packets of each sentence the caller heard."""
    found = [1]
    for before, at in itertools.pairwise(line.loud_at):
        if at - before > PAUSE_S:
            found.append(0)
        found[-1] += 1
    return found


async def test_whoever_waits_in_a_queue_is_in_the_menus_no_more(callers: Dialler):
    link = await callers.pbx.linked()
    for number in range(1, MENUS + 3):
        await callers.dials(GOES_ON)
        await link.until(CallQueued, count=number)
    await callers.dials(STAYS)
    await link.until(CallArrived, count=MENUS + 3)
    assert sum(link.pbx.book.refused.values()) == 0


async def test_full_menus_refuse_as_the_trunk_wants_and_take_the_next_call_when_one_has_left(callers: Dialler):
    link = await callers.pbx.linked()
    held = await callers.hold_the_menus(MENUS)
    answers = {address: await refusal(callers, address) for address in (BUSY, CONGESTED, SPEAKS)}
    assert answers == {BUSY: 486, CONGESTED: 503, SPEAKS: 200}
    await eventually(
        lambda: link.pbx.book.refused == {(trunk, "menus"): 1 for trunk in ("busy", "congested", "speaks")}
    )
    assert len(link.of(CallArrived)) == MENUS and link.of(CallerHungUp) == []
    await callers.leave(held[0])
    await callers.are_in("menu", MENUS - 1)
    # Two are asked, and there is a place for one of them.
    two = [await callers.dials(STAYS), await callers.dials(STAYS)]
    await callers.are_in("press-one", 2)
    for line in two:
        await callers.presses(line, "1")
    await eventually(lambda: [line for line in two if line.ended_at], "the end of the one who came second")
    await eventually(lambda: link.pbx.book.refused["busy", "menus"] == 2)
    await link.until(CallArrived, count=MENUS + 1)
    await callers.are_in("menu", MENUS)
    await callers.leave(*held[1:], *(line for line in two if not line.ended_at))
    await callers.are_in("menu", 0)
    await callers.dials(STAYS)
    await link.until(CallArrived, count=MENUS + 2)


async def test_all_of_it_holds_without_a_daemon(callers: Dialler):
    await callers.hold_the_menus(MENUS - 1)  # those beyond the number of unasked calls have pressed 1
    asked_for_a_key = await callers.dials(STAYS)
    await callers.presses(asked_for_a_key, "33")
    await asked_for_a_key.is_over()
    await callers.presses(await callers.dials(STAYS), "1")
    await callers.are_in("menu", MENUS)
    assert await refusal(callers, BUSY) == 486


async def with_limits(pbx: AsteriskFixture, menus: int, ask_key_from: int) -> None:
    """As `config reload` does it."""
    render(replace(pbx.settings, menus=menus, ask_key_from=ask_key_from))
    await pbx.cli("dialplan reload")


Reloaded = Callable[[int, int], Awaitable[None]]


@pytest.fixture
async def reloaded(open_pbx: AsteriskFixture) -> AsyncIterator[Reloaded]:
    yield lambda menus, ask_key_from: with_limits(open_pbx, menus, ask_key_from)
    await with_limits(open_pbx, MENUS, ASK_FROM)


async def test_other_limits_hold_at_once_and_count_the_calls_that_are_there(callers: Dialler, reloaded: Reloaded):
    await reloaded(0, 0)
    for number in range(1, MENUS + 3):
        await callers.dials(STAYS)  # nobody is asked, and none refused
        await callers.are_in("menu", number)
    await reloaded(0, MENUS + 2)
    await callers.presses(await callers.dials(STAYS), "1")
    await callers.are_in("menu", MENUS + 3)
    await reloaded(MENUS, 1)
    assert await refusal(callers, CONGESTED) == 503
