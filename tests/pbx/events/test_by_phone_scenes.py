"""What an agent does with his telephone alone, played on a real Asterisk: exactly these events, and nothing left over."""

from collections.abc import AsyncIterator

import pytest

from tests.pbx.support.asterisk_fixture import AsteriskFixture
from tests.pbx.support.phone_transfer_scenarios import BY_PHONE, opened
from tests.pbx.support.scenarios import as_told


@pytest.fixture(scope="module")
async def open_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsteriskFixture]:
    house = await opened(tmp_path_factory.mktemp("by-phone"))
    yield house
    await house.closed()


@pytest.mark.parametrize("name", BY_PHONE)
async def test_a_scene_is_told_exactly(house: AsteriskFixture, name: str):
    floor = await house.linked()
    await BY_PHONE[name].play(house, floor)
    assert BY_PHONE[name].fits(as_told(floor.events))
    assert floor.pbx.ami.forged == floor.pbx.ami.malformed == 0
