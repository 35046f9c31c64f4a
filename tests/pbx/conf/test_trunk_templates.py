"""Each page of docs/trunks/: its block is taken as an operator would take it, SIPp is the carrier, and the messages that the page shows
are those that come."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from acd.config.loading import parsed
from acd.engine.callback_events import CallbackAnswered
from acd.engine.events import CallArrived
from acd.pbx.conf.settings import PbxTrunk, numeric
from acd.pbx.install.ports import free_port
from acd.setup.pbx_settings import trunks_of
from acd.setup.trunk_names import TrunkNames
from acd.sipp.actors import Caller
from tests.pbx.actions.test_destinations import AWAY, OUTSIDE
from tests.pbx.support.asterisk_fixture import AsteriskFixture
from tests.support.sipp_carrier import SippCarrier, proves, registrar, taken, value
from tests.support.waiting import eventually

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "trunks"
PASSWORD = "8K#;x 1"
PAGES = sorted(page.stem for page in FOLDER.glob("*.md") if page.stem not in ("README", "calls-in"))
QUEUES = '[queues.general]\nlabel = { zh = "x", en = "x" }\n'


@dataclass
class Page:
    """A page with its own carrier: `there` stands wherever the page names one."""

    name: str
    address: str
    port: int
    secret: Path

    def __post_init__(self) -> None:
        text = (FOLDER / f"{self.name}.md").read_text("utf-8")
        blocks = re.findall(r"^```(\w*)\n(.*?)^```", text, re.M | re.S)
        [self.toml] = [block for kind, block in blocks if kind == "toml"]
        self.messages = {block.split(" ", 1)[0]: block for kind, block in blocks if not kind}

    def here(self, text: str, *, port: bool = False) -> str:
        """The page's text with this test's carrier in the place of the page's."""
        there = f"{self.address}:{self.port}"
        text = text.replace("192.0.2.20:5060", there).replace("192.0.2.20", self.address)
        # Asterisk asks a name server and no file of this machine, so a name that would be found is an address here.
        return text.replace("sip.example.net", there if port else self.address)

    def trunk(self, folder: Path) -> PbxTrunk:
        toml = re.sub(r'"/etc/sanxiang/[^"]*"', f'"{self.secret}"', self.here(self.toml, port=True))
        config = parsed(toml + QUEUES, "", "sanxiang.toml")
        [trunk] = trunks_of(config, TrunkNames(folder / "names.json"))
        return trunk


@dataclass
class House:
    fixture: AsteriskFixture
    pages: dict[str, Page]


@pytest.fixture(scope="module")
async def house_out(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("trunk-templates")
    secret = folder / "password"
    secret.write_text(PASSWORD + "\n", "utf-8")
    pages: dict[str, Page] = {}
    for number, name in enumerate(PAGES):
        address = f"127.0.0.{31 + number}"
        pages[name] = Page(name, address, free_port("udp", address), secret)
    trunks = tuple(replace(page.trunk(folder), name=name) for name, page in pages.items())
    fixture = await AsteriskFixture.opened(folder, trunks=trunks, register_again_s=(1, 1, 1))
    yield House(fixture, pages)
    await fixture.closed()


@pytest.mark.parametrize("name", PAGES)
async def test_the_page_is_what_the_carrier_sees(house_out: House, name: str):
    fixture, page = house_out.fixture, house_out.pages[name]
    trunk = next(each for each in fixture.settings.trunks if each.name == name)
    auth_user = trunk.outwards.auth_user or trunk.username
    challenged = "Proxy-Authorization" in page.messages["INVITE"]
    carrier = await SippCarrier(
        fixture.asterisk.tool("sipp"),
        address=page.address,
        port=page.port,
        pbx_port=fixture.settings.sip_port,
        folder=fixture.settings.run_folder / "carriers" / name,
        registers=registrar(auth_user, PASSWORD, realm=trunk.outwards.realm or "carrier.example") if trunk.host else "",
        called=taken("carrier.example" if challenged else ""),
    ).start()
    try:
        floor = await fixture.linked()
        if trunk.host:

            async def registered() -> bool:
                said = await fixture.cli("pjsip show registrations")
                return any(f"trunk-{name}-registration/" in row and " Registered" in row for row in said.splitlines())

            await eventually(registered, f"the registration of {name}")
            seen(carrier.requests("REGISTER")[-1], page, page.messages["REGISTER"])
        assert ("REGISTER" in page.messages) == bool(trunk.host)

        floor.pbx.trunks_ordered([f"trunk-{name}"])
        floor.call_back(AWAY, OUTSIDE)
        assert await floor.until(CallbackAnswered) == CallbackAnswered(AWAY, name)
        invite = carrier.requests("INVITE")[-1]
        seen(invite, page, page.messages["INVITE"])
        assert not challenged or proves(invite, PASSWORD)
        await fixture.cli("channel request hangup all")
        await fixture.empty()
    finally:
        await carrier.stop()
    if page.address in (numeric(trunk.peer), *trunk.addresses):  # else its calls come from elsewhere
        await fixture.caller(Caller(stays_s=1), address=page.address)
        await floor.until(CallArrived)
    await fixture.everybody_leaves()


def seen(message: str, page: Page, shown: str) -> None:
    """Every line of the page's message stands in the one that came."""
    first, *headers = shown.strip().splitlines()
    assert message.splitlines()[0] == page.here(first, port=True)
    for line in headers:
        header, _, wanted = page.here(line).partition(": ")
        assert value(message, header).startswith(wanted.replace("OUR-ADDRESS", "127.0.0.1")), (line, message)


def test_every_kind_of_carrier_has_its_page_and_stands_in_the_list():
    kinds = {"registered", "by-address", "china-telecom-ims", "china-mobile-ims", "european-itsp", "kamailio"}
    assert set(PAGES) == kinds
    readme = (FOLDER / "README.md").read_text("utf-8")
    assert all(f"({name}.md)" in readme for name in PAGES)
