"""Customers who call for real: a list is imported, the class leads to its queue, the telephone shows the name, and a customer system
that does not answer delays nobody."""

import json
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Phone
from tests.calls.support.config_text import skilled
from tests.calls.support.full_system import FullSystem

GOLD, OTHER = "13800005555", "13800006666"
LIST = """客户编号,姓名,电话,等级,语言,最近订单,地区,勿扰
K-7,"Zhang, San;\\",138 0000 5555;010-88886666,gold,zh,B-100,北京,否
K-8,李四,13800006666,,,,,是
"""
MORE = """
[queues.vip]
label = {{ zh = "贵宾", en = "Vip" }}
wrap_up_s = 0
[classes.gold]
queue = "vip"
priority = 3
skills = {{ vip = 1 }}
[customers]
name_on_phone = true
within_s = 0.3
[customers.http]
url = "http://127.0.0.1:{port}/customer"
"""


@pytest.fixture(scope="module")
def frozen() -> Iterator[int]:
    """The port of a customer system that takes connections and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(100)
        yield listening.getsockname()[1]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory, frozen: int) -> AsyncIterator[FullSystem]:
    folder = tmp_path_factory.mktemp("system")
    more = MORE.format(port=frozen) + skilled("1009", {"vip": 5, "zh": 5})
    async with FullSystem(folder, ("1001",), ring_s=1, more=more, brisk=True) as running:
        yield running


async def test_a_list_of_customers_leads_them_to_their_agents_by_name(system: FullSystem, tmp_path: Path):
    async def said(*words: str) -> str:
        status, output, complaints = await system.sanxiang(*words)
        assert status == 0, complaints
        return output

    file = tmp_path / "customers.csv"
    file.write_bytes(LIST.replace("gold", "glod").encode("gbk"))
    status, _, complaints = await system.sanxiang("customer", "import", str(file))
    assert status == 1 and "line 2, class: there is no class 'glod' (did you mean \"gold\"?)" in complaints
    assert json.loads(await said("customer", "list", "--json"))["customers"] == []
    file.write_bytes(LIST.encode("gbk"))
    assert "2 customers would be added" in await said("customer", "import", str(file), "--dry-run")
    assert "2 customers added" in await said("customer", "import", str(file))
    assert "0 customers added, 0 changed, 2 as before" in await said("customer", "import", str(file))
    assert json.loads(await said("customer", "show", "K-7", "--json"))["numbers"] == [GOLD, "01088886666"]
    async with system.scene():
        vip = await system.staffed("1009", Phone(ring_s=0.3, talk_s=(2, 2)))
        plain = await system.staffed("1001", Phone(ring_s=0.3, talk_s=(2, 2)))
        await system.asks("1", GOLD)
        call = await system.log.call_of(GOLD)
        await system.log.talk_of(call, "1009")
        queued = await system.log.row(Kind.QUEUED, lambda row: row.call == call)
        known = await system.log.row(Kind.CUSTOMER, lambda row: row.call == call)
        assert (queued.queue, known.detail["class"]) == ("vip", "gold")
        assert 'From: "Vip 138****5555 Zhang San"' in vip.invites()[0]
        card = json.loads(await said("call", "card", call, "--json"))
        assert (card["name"], card["customer"]["id"], card["customer"]["last_order"]) == (
            "Zhang, San;\\",
            "K-7",
            "B-100",
        )
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED
        await system.asks("1", OTHER)
        other = await system.log.call_of(OTHER)
        await system.log.talk_of(other, "1001")
        assert len(plain.invites()) == 1
        await system.log.ending_of(other)
        await system.caught_up()
    assert "Zhang" in await said("call", "list", "--search", "K-7", "--json")
    copy = tmp_path / "copy.csv"
    await said("customer", "export", str(copy))
    assert "0 customers added, 0 changed, 2 as before" in await said("customer", "import", str(copy))
    await system.nothing_left()
    system.leftovers_matter = False  # from now on PostgreSQL lacks, on purpose, what the journal has
    assert "forgotten" in await said("customer", "erase", "K-7", "--calls", "--yes")
    assert "Zhang" not in await said("call", "list", "--json")
    status, _, complaints = await system.sanxiang("customer", "show", "K-7")
    assert status == 1 and "There is no customer K-7" in complaints
