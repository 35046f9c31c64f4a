"""The scenes, played on a real Asterisk with SIPp: exactly these events, and nothing left over."""

import pytest

from tests.pbx.house import PbxHouse
from tests.pbx.scenes import as_told
from tests.pbx.scenes_handing_over import ALL


@pytest.mark.parametrize("name", ALL)
async def test_a_scene_is_told_exactly(house: PbxHouse, name: str):
    floor = await house.linked()
    await ALL[name].play(house, floor)
    assert ALL[name].fits(as_told(floor.events))
    assert floor.pbx.ami.forged == floor.pbx.ami.malformed == 0
