"""One Asterisk for all tests of this folder that need no special one."""

from collections.abc import AsyncIterator

import pytest

from acd.pbx.conf.settings import PbxMedia
from tests.pbx.support.asterisk_fixture import AsteriskFixture


@pytest.fixture(scope="session")
async def open_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsteriskFixture]:
    opened = await AsteriskFixture.opened(
        tmp_path_factory.mktemp("house"), agents=("1001", "1002", "1003"), agents_media=PbxMedia(no_sound_s=3)
    )
    yield opened
    await opened.closed()


@pytest.fixture
async def house(open_house: AsteriskFixture) -> AsyncIterator[AsteriskFixture]:
    """Everybody has left it again afterwards, and no channel is left."""
    yield open_house
    await open_house.everybody_leaves()
    for name in ("ACD_BEAT", "ACD_EPOCH", "STORIES_UP"):
        await open_house.cli(f"dialplan set global {name} 0")
    await open_house.cli('dialplan set global READY_billing ""')
