"""The scenes, played on a real Asterisk with SIPp: exactly these events, and nothing left over."""

from collections.abc import AsyncIterator

import pytest

from tests.pbx.house import PbxHouse
from tests.pbx.scenes import SCENES, as_told


@pytest.fixture(scope="module")
async def open_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PbxHouse]:
    opened = await PbxHouse.opened(tmp_path_factory.mktemp("house"), rtp_timeout_s=3)
    yield opened
    await opened.closed()


@pytest.fixture
async def house(open_house: PbxHouse) -> AsyncIterator[PbxHouse]:
    yield open_house
    await open_house.everybody_leaves()


@pytest.mark.parametrize("name", SCENES)
async def test_a_scene_is_told_exactly(house: PbxHouse, name: str):
    floor = await house.linked()
    await SCENES[name].play(house, floor)
    assert SCENES[name].fits(as_told(floor.events))
    assert floor.pbx.ami.forged == floor.pbx.ami.malformed == 0
