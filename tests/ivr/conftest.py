"""What the calls of these tests share: spoken prompts, and one small house with a real Asterisk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from acd.cache import cache_folder
from acd.pbx.install.runtime import ensure_pbx
from ivr.voice import make
from tests.ivr.support.ivr_system import IvrSystem, test_house
from tests.ivr.support.rtp_caller import Caller


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All prompts, spoken by espeak-ng (once a machine: the cache is the user's)."""
    return make(ensure_pbx().tool("espeak-ng"), tmp_path_factory.mktemp("sounds"), cache_folder() / "prompts")


@pytest.fixture(scope="session")
def shared_house(tmp_path_factory: pytest.TempPathFactory, sounds: Path) -> Iterator[IvrSystem]:
    with test_house(tmp_path_factory.mktemp("house"), sounds) as house:
        yield house


class Callers:
    """Dials the house, and leaves no caller behind."""

    def __init__(self, house: IvrSystem):
        self.house = house
        self.all: list[Caller] = []

    def __call__(self, dialled: str, leave_after_s: float | None = None) -> Caller:
        folder = self.house.folder
        caller = Caller(self.house.pbx.tool("sipp"), folder, self.house.sip_port, dialled, leave_after_s)
        self.all.append(caller)
        return caller


@pytest.fixture
def house(shared_house: IvrSystem) -> Iterator[IvrSystem]:
    daemon = shared_house.daemon
    daemon.queues.clear()
    daemon.calls.clear()
    daemon.pins.clear()
    daemon.asked.clear()
    daemon.raw, daemon.slow_s = None, 0.0
    if shared_house.stories is None or shared_house.stories.poll() is not None:
        shared_house.start_stories()
    yield shared_house


@pytest.fixture
def dial(house: IvrSystem) -> Iterator[Callers]:
    callers = Callers(house)
    yield callers
    for caller in callers.all:
        caller.close()
