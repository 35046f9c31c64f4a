"""Keys, whatever way they come: as RFC 4733 events, as tones in the sound, as SIP INFO, or in two ways at once. One press is one key."""

from collections.abc import AsyncIterator, Callable

import pytest

from acd.engine.commands import Kind
from acd.sipp.actors import Phone
from tests.calls.support.full_system import FullSystem
from tests.calls.support.manual_caller import ManualCaller
from tests.calls.support.system.people import BRISK_KEY_AFTER_S
from tests.support.waiting import eventually

OTHER_TRUNK = "127.0.0.4"
"""Of the trunk whose carrier tells keys as INFO."""
PROMPT_PACKETS = round(BRISK_KEY_AFTER_S * 50)
"""After so many of 20 ms the menu hears keys."""


@pytest.fixture(scope="module")
async def plain(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    """As an operator finds it: nobody has asked for INFO."""
    async with FullSystem(tmp_path_factory.mktemp("plain"), ("1001",), brisk=True) as running:
        yield running


@pytest.fixture(scope="module")
async def informed(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    """One trunk's carrier tells keys as INFO, so Asterisk hears INFO from everybody."""
    more = f'\n[trunks.by-info]\naddresses = ["{OTHER_TRUNK}"]\nkeys = "info"\n'
    async with FullSystem(tmp_path_factory.mktemp("informed"), ("1001",), brisk=True, more=more) as running:
        yield running


Press = Callable[[ManualCaller, str], None]


def by_event(line: ManualCaller, key: str) -> None:
    line.key(key)


def by_tone(line: ManualCaller, key: str) -> None:
    line.tone(key)


def by_info(line: ManualCaller, key: str) -> None:
    line.info(key)


def both_ways(line: ManualCaller, key: str) -> None:
    """A telephone that is set to "RFC 2833 and SIP INFO"."""
    line.key(key)
    line.info(key)


async def calls(
    system: FullSystem, number: str, press: Press, keys: str, address: str, events: bool, dialled: str
) -> str:
    """Somebody dials, presses these keys one after the other, and hangs up; the path through the menu that was taken."""
    line = await ManualCaller(number, system.prepared.sip_port, dialled, address=address, offers_events=events).open()
    try:
        line.invite()
        await line.is_answered()
        call = await system.log.call_of(number)
        for key in keys:
            enough = len(line.sound_at) + PROMPT_PACKETS
            await eventually(lambda enough=enough: len(line.sound_at) > enough, "the prompt")  # type: ignore[misc]
            press(line, key)
        chosen = await system.log.row(Kind.MENU, lambda row: row.call == call)
        line.bye()
        await system.log.ending_of(call)
        return str(chosen.detail["path"])
    finally:
        line.close()


PLAIN = [
    ("events", by_event, True),
    ("tones", by_tone, False),
    ("both, of which INFO is not heard", both_ways, True),
]


@pytest.mark.parametrize(("way", "press", "events"), PLAIN, ids=[way for way, _, _ in PLAIN])
async def test_a_key_reaches_the_menu_once_where_nobody_has_asked_for_info(
    plain: FullSystem, way: str, press: Press, events: bool
):
    async with plain.scene():
        await plain.present("1001", Phone(ring_s=0.3))
        # 95000 asks for the language first: a doubled 1 would also choose in the menu, where 2 is meant.
        path = await calls(plain, "13800000001", press, "12", "127.0.0.2", events, "95000")
        assert path == "zh/2"


INFORMED = [
    ("INFO alone", by_info, OTHER_TRUNK, True),
    ("events beside INFO where INFO was agreed on", both_ways, OTHER_TRUNK, True),
    ("events alone", by_event, "127.0.0.2", True),
    ("tones", by_tone, "127.0.0.2", False),
    ("events and INFO, both heard", both_ways, "127.0.0.2", True),
]


@pytest.mark.parametrize(("way", "press", "address", "events"), INFORMED, ids=[way for way, *_ in INFORMED])
async def test_a_key_reaches_the_menu_once_where_info_is_heard(
    informed: FullSystem, way: str, press: Press, address: str, events: bool
):
    async with informed.scene():
        await informed.present("1001", Phone(ring_s=0.3))
        path = await calls(informed, "13800000001", press, "12", address, events, "95000")
        assert path == "zh/2"


async def test_an_agents_pin_is_taken_where_each_key_comes_in_both_ways(informed: FullSystem):
    async with informed.scene():
        secrets = informed.installation.secrets()["agents"]["1001"]
        await informed.staffed("1001", Phone(ring_s=0.3), ready=False)
        phone = await informed.dials("1001", "*11", keys=f"{secrets['pin']}#", keys_after_s=2.5, keys_by="both")
        await informed.comes_to_be("1001", "not ready")
        assert await phone.wait() == 0
