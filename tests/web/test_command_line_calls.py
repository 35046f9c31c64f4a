"""`sanxiang call transfer` and its like, and the keys of other people's programs, as they are typed."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from acd.engine.commands import Offer
from acd.engine.events import AgentAnswered, AgentDialled, AgentRinging, CallerHungUp, WrapUpEnded
from acd.engine.transfer_events import CallRetrieved, CardWritten, ConsultBegan, TransferRequested
from tests.web.support.web_server import RunningServer, running_server
from tests.web.test_command_line import said, sanxiang


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[RunningServer]:
    async with running_server(tmp_path / "state", database) as house:
        house.time.stop()
        (house.folder / "run").mkdir()
        (house.folder / "run" / "address.json").write_text(json.dumps({"url": house.url}))
        yield house


@pytest.fixture
async def talk(house: RunningServer) -> Offer:
    """1001 talks with a caller; 1002 and 1003 are free."""
    await house.calls.ready("1001")
    offer = await house.calls.answered(house.calls.arrives(caller="13812341234"))
    await house.calls.ready("1002", "1003")
    return offer


async def test_a_warm_transfer_from_the_command_line(house: RunningServer, talk: Offer):
    words = ("--to", "agent:1002", "--reason", "退款", "--note", "APP无法登录", "--warm", "--amount", "60")
    assert await said(house, "call", "transfer", talk.call, *words) == (
        f"{talk.call}: transfer 1, agent:1002 is consulted, for: 退款\n"
    )
    event = next(event for event in house.told if isinstance(event, TransferRequested))
    assert (event.agent, event.reason, event.how, event.by) == ("1001", "refund", "command line", "command line")
    assert (event.warm, event.amount, event.note) == (True, 60, "APP无法登录")
    who = ("1002", talk.call, f"{talk.call}-2")
    house.calls.tell(AgentDialled(*who), AgentRinging(*who), AgentAnswered(*who))
    house.calls.tell(ConsultBegan(talk.call, "1002", f"{talk.call}-2"))
    await house.calls.settled()
    assert await said(house, "call", "three-way", talk.call) == f"{talk.call}: three-way\n"
    assert await said(house, "call", "take-back", talk.call) == f"{talk.call}: taken back\n"
    house.calls.tell(CallRetrieved(talk.call, "1001"))
    await house.calls.settled()
    assert await said(house, "call", "hold", talk.call) == f"{talk.call}: on hold\n"
    assert await said(house, "call", "retrieve", talk.call) == f"{talk.call}: retrieved\n"
    status, _, complaints = await sanxiang(house, "call", "complete", talk.call)
    assert (status, complaints) == (1, "sanxiang: No consult is under way for this call.\n")
    cold = json.loads(
        await said(house, "call", "transfer", talk.call, "--to", "queue:orders", "--reason", "order", "--json")
    )
    assert (cold["number"], cold["told"]) == (2, "TransferRequested")


WRONG: tuple[tuple[tuple[str, ...], str], ...] = (
    (("--to", "1002", "--reason", "refund"), "Did you mean agent:1002?"),
    (("--to", "agnet:1002", "--reason", "refund"), "Did you mean agent:1002?"),
    (("--to", "queue:oders", "--reason", "refund", "--amount", "58"), "Did you mean orders?"),
    (("--to", "agent:1002", "--reason", "refnd"), "Did you mean refund?"),
    (("--to", "agent:1001", "--reason", "refund"), "You can't transfer to yourself"),
    (("--to", "number:95000", "--reason", "refund"), "our own number"),
    (("--to", "agent:1002", "--reason", "refund", "--note", "4111111111111111"), "the last four digits are enough"),
    (("--to", "agent:1002", "--reason", "refund", "--amount", "501"), "needs tier 2"),
)


async def test_what_is_wrong_is_said_with_the_remedy(house: RunningServer, talk: Offer):
    for words, remedy in WRONG:
        status, output, complaints = await sanxiang(house, "call", "transfer", talk.call, *words)
        assert (status, output) == (1, ""), words
        assert remedy in complaints, (words, complaints)
    for words, remedy in (
        (("call", "transfer", talk.call, "--to", "agent:1002"), "--reason"),
        (("call", "transfer", talk.call, "--reason", "refund"), "--to"),
    ):
        status, _, complaints = await sanxiang(house, *words)
        assert (status, remedy in complaints) == (2, True), complaints
    status, _, complaints = await sanxiang(house, "call", "hold", "c0-0")
    assert (status, "There is no call c0-0. `sanxiang call list` shows" in complaints) == (1, True)
    assert not [event for event in house.told if isinstance(event, TransferRequested)]


async def test_the_card_and_the_targets_in_two_languages(house: RunningServer, talk: Offer):
    for what, detail in (
        ("name", {"text": "张三"}),
        ("verified", {"level": "full", "how": "app-face"}),
        ("note", {"text": "first\nsecond"}),
        ("promise", {"text": "rings back", "due_at": "2026-11-23T10:00:00+08:00"}),
    ):
        house.calls.tell(CardWritten(talk.call, "1001", what, detail))
    await house.calls.settled()
    english = await said(house, "call", "card", talk.call)
    for words in ("138****1234", "张三", "full, app-face, by 1001", "first / second", "until 2026-11-23 02:00"):
        assert words in english
    assert "13812341234" not in english
    assert "身份核实" in await said(house, "call", "card", talk.call, "--language", "zh")
    assert json.loads(await said(house, "call", "card", talk.call, "--json"))["version"] == 4
    table = await said(house, "call", "targets", talk.call, "--reason", "refund", "--amount", "501")
    rows = {line.split()[0]: line for line in table.splitlines() if line}
    assert "*" in rows["agent:1003"] and "belongs" not in rows["agent:1003"]
    assert "*" not in rows["agent:1002"]
    assert {"queue:orders", "skill:orders", "number:4006009500"} <= rows.keys()
    assert "退款" in await said(house, "call", "targets", talk.call, "--language", "zh")
    assert json.loads(await said(house, "call", "targets", talk.call, "--json"))["call"] == talk.call


async def test_a_key_for_the_customer_records(house: RunningServer, talk: Offer):
    made = await said(house, "account", "token", "add", "records", "--role", "crm")
    key = made.splitlines()[-1].partition("Bearer ")[2]
    async with house.client() as client:
        headers = {"Authorization": f"Bearer {key}"}
        async with client.get(f"/api/calls/{talk.call}/card", headers=headers) as answer:
            assert (answer.status, (await answer.json())["caller"]) == (200, "13812341234")
        assert "records" in await said(house, "account", "token", "list")
        assert key not in await said(house, "account", "token", "list", "--json")
        for words in (("add", "records"), ("add", "x", "--role", "operator"), ("remove", "nobody")):
            status, _, complaints = await sanxiang(house, "account", "token", *words)
            assert (status, complaints.startswith("sanxiang: ")) == (1, True)
        await said(house, "account", "token", "remove", "records")
        async with client.get(f"/api/calls/{talk.call}/card", headers=headers) as answer:
            assert answer.status == 401


async def test_the_card_of_a_call_that_goes_on_with_a_dropped_one_says_what_was_verified_before(
    house: RunningServer, talk: Offer
):
    house.calls.tell(CardWritten(talk.call, "1001", "verified", {"level": "full", "how": "app-face"}))
    house.calls.tell(CallerHungUp(talk.call), WrapUpEnded("1001"))
    again = house.calls.arrives(caller="13812341234")
    await house.calls.offer(again)
    english = (await said(house, "call", "card", again)).splitlines()
    [verified] = [line for line in english if line.startswith("verified")]
    [before] = [line for line in english if line.startswith("before")]
    assert verified.split() == ["verified", "none"]
    assert "full, app-face, by 1001" in before and before.endswith("verify again")
    chinese = await said(house, "call", "card", again, "--language", "zh")
    assert "未核实" in chinese and "请重新核实" in chinese
