"""The scenes, played on a real Asterisk with SIPp: exactly these events, and nothing left over."""

import pytest

from tests.pbx.support.asterisk_fixture import AsteriskFixture
from tests.pbx.support.scenarios import as_told
from tests.pbx.support.transfer_scenarios import ALL


@pytest.mark.parametrize("name", ALL)
async def test_a_scene_is_told_exactly(house: AsteriskFixture, name: str):
    floor = await house.linked()
    await ALL[name].play(house, floor)
    assert ALL[name].fits(as_told(floor.events))
    assert floor.pbx.ami.forged == floor.pbx.ami.malformed == 0
