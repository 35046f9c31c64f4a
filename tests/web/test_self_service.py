"""What stories ask of the daemon: look-ups, whether an answer was heard, who calls; and the signed word of the company's app."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from acd.config import check
from acd.engine.commands import Ending, Kind, Log
from acd.engine.events import CallArrived, CallerHungUp, CallQueued
from acd.engine.transfer_events import HoldAsked
from acd.identity.signed import signature
from acd.identity.tries import Tries
from acd.identity.verifier import Verifier
from acd.lookups.book import Lookups
from tests.support.crm import Crm, running_crm
from tests.support.waiting import eventually
from tests.web.support.web_server import CONFIG, RunningServer, running_server

pytestmark = pytest.mark.slow
SECRET = b"of the company's app, 24+"
ORDER = "202611270315"


@dataclass
class Desk:
    house: RunningServer
    crm: Crm
    rows: list[Log]
    count: int = 0
    """Of the callers so far."""

    async def arrives(self, number: str, identity: str = "") -> str:
        """A caller who is in the menu."""
        self.count += 1
        call = f"c{int(self.house.time.now().timestamp())}-{900 + self.count}-0001"
        self.house.calls.tell(CallArrived(call, number, "95000", number, identity=identity))
        await self.house.calls.settled()
        return call

    async def ivr(self, what: str, status: int = 200, **body: Any) -> dict[str, Any]:
        async with self.house.client("stories") as client, client.post(f"/ivr/{what}", json=body) as answer:
            assert answer.status == status, await answer.text()
            return dict(await answer.json())

    async def card(self, call: str) -> dict[str, Any]:
        await self.house.calls.settled()
        async with self.house.client("crm") as client, client.get(f"/api/calls/{call}/card") as answer:
            assert answer.status == 200, await answer.text()
            return dict(await answer.json())

    async def ending(self, call: str) -> str:
        self.house.calls.tell(CallerHungUp(call))
        await self.house.calls.settled()
        return next(str(row.detail["ending"]) for row in self.rows if row.kind is Kind.ENDED and row.call == call)


@pytest.fixture(scope="module")
async def desk(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    folder = Path(tmp_path_factory.mktemp("self-service"))
    secret, address = folder / "secret", folder / "orders.address"
    secret.write_text(f"whsec_{base64.b64encode(SECRET).decode()}")
    async with running_crm() as crm:
        address.write_text(crm.url)
        one = {"kind": "http", "address_file": str(address), "by": {"caller": "phone", "order": "no"}, "limit_s": 5}
        written = {
            **CONFIG,
            "lookups": {"orders": one, "balances": {**one, "by": {"caller": "phone"}}},
            "identity": {"secret_file": str(secret), "tries_per_call": 2, "tries_per_day": 3},
        }
        config = check(dict(written))
        lookups = Lookups(config, lambda: "")

        async def nobody(number: str) -> None:
            return None

        state = folder / "state"
        made: list[RunningServer] = []
        tries = Tries(folder / "tries.json", lambda: made[0].time.now(), lambda: ZoneInfo(config.hotline.timezone))
        async with running_server(
            state, database, written, lookups=lookups, verifier=Verifier(lookups, tries, nobody)
        ) as house:
            made.append(house)
            rows: list[Log] = []
            house.board.listen(lambda at, event, commands: rows.extend(row for row in commands if isinstance(row, Log)))
            yield Desk(house, crm, rows)


@pytest.fixture(autouse=True)
def _well(desk: Desk) -> None:
    desk.crm.rows = {"order": ORDER, "status": "shipped", "expected_on": "2026-12-01", "balance": "12.30"}
    desk.crm.answer = desk.crm.well
    desk.crm.open.set()


async def test_a_look_up_is_answered_and_stands_on_the_card(desk: Desk):
    call = await desk.arrives("+8613800001111")
    answer = await desk.ivr("lookup", lookup="orders", call=call, by="caller")
    assert (answer["state"], answer["records"][0]["status"]) == ("found", "shipped")
    [entry] = (await desk.card(call))["lookups"]
    assert (entry["lookup"], entry["by"], entry["state"]) == ("orders", "caller", "found")
    assert entry["answer"] == {"order": ORDER, "status": "shipped", "expected_on": "2026-12-01"}


async def test_a_slow_one_is_pending_and_then_answered_once(desk: Desk):
    call = await desk.arrives("+8613800001112")
    desk.crm.open.clear()
    desk.crm.answer = desk.crm.waits
    first = await desk.ivr("lookup", lookup="orders", call=call, by="caller")
    assert (first["state"], bool(first["ticket"])) == ("pending", True)
    desk.crm.open.set()
    answer = await desk.ivr("lookup-answer", ticket=first["ticket"])
    assert answer["state"] == "found"
    assert (await desk.ivr("lookup-answer", ticket=first["ticket"]))["state"] == "failed"


@pytest.mark.parametrize(
    ("more", "state", "why"),
    [
        ({"lookup": "balances", "by": "caller"}, "refused", "not-verified"), ({"lookup": "tickets", "by": "ticket", "keyed": "1"}, "failed", "no-such-lookup"),
        ({"lookup": "orders", "by": "order", "keyed": "12*4"}, "not-found", "bad-key"),
    ],
)  # fmt: skip
async def test_what_is_not_looked_up_says_why(desk: Desk, more: dict[str, Any], state: str, why: str):
    call = await desk.arrives("+8613800001113")
    answer = await desk.ivr("lookup", call=call, **more)
    assert (answer["state"], answer["why"]) == (state, why)
    assert (await desk.card(call))["lookups"][-1]["why"] == why


async def test_a_number_that_is_not_the_callers_shows_nobodys_orders(desk: Desk):
    call = await desk.arrives("+8613800001114", identity="failed")
    assert (await desk.ivr("lookup", lookup="orders", call=call, by="caller"))["state"] == "not-found"
    assert (await desk.ivr("identity", call=call))["result"] == "withheld"


async def test_what_was_keyed_stands_in_no_row_and_on_no_card(desk: Desk):
    call = await desk.arrives("+8613800001115")
    desk.crm.rows = []
    await desk.ivr("lookup", lookup="orders", call=call, by="order", keyed="70318264")
    await desk.ivr("identity", call=call, keyed="70318264")
    await desk.house.calls.settled()
    said = json.dumps(await desk.card(call)) + repr(desk.rows) + repr(desk.house.told)
    assert "70318264" not in said
    assert all(b"70318264" not in file.read_bytes() for file in desk.house.folder.rglob("*") if file.is_file())


async def test_a_caller_who_has_heard_the_answer_was_served(desk: Desk):
    heard, not_heard, asks_on = [await desk.arrives(f"+861380000112{n}") for n in range(3)]
    for call in (heard, asks_on):
        await desk.ivr("told", call=call, service="order")
    assert await desk.ending(heard) == Ending.SERVED
    assert await desk.ending(not_heard) == Ending.ABANDONED_IVR
    desk.house.calls.tell(CallQueued(asks_on, "orders", (), "zh"))
    assert await desk.ending(asks_on) == Ending.ABANDONED_QUEUE


async def test_identity_opens_what_needs_it(desk: Desk):
    call = await desk.arrives("+8613800001131")
    assert await desk.ivr("identity", call=call) == {"result": "ask", "digits": 4}
    assert (await desk.ivr("identity", call=call, keyed="0316"))["result"] == "ask"
    assert (await desk.ivr("identity", call=call, keyed="0315"))["result"] == "ok"
    card = await desk.card(call)
    assert (card["verified"]["level"], card["verified"]["how"], card["verified"]["by"]) == (
        "full",
        "number-and-order",
        "identity",
    )
    assert [each["why"] for each in card["lookups"]] == ["wrong", ""]
    assert (await desk.ivr("lookup", lookup="balances", call=call, by="caller"))["records"][0]["balance"] == "12.30"


async def test_tries_are_bounded_per_call_and_per_number_and_day(desk: Desk):
    first, second = await desk.arrives("+8613800001132"), await desk.arrives("+8613800001132")
    results = [(await desk.ivr("identity", call=first, keyed="1111"))["result"] for _ in range(3)]
    assert results == ["ask", "locked", "locked"]
    assert (await desk.ivr("identity", call=second, keyed="1111"))[
        "result"
    ] == "locked"  # the third of this number today
    assert (await desk.ivr("identity", call=second, keyed="0315"))["result"] == "locked"  # also the right one
    other = await desk.arrives("+8613800001133")
    assert (await desk.ivr("identity", call=other, keyed="0315"))["result"] == "ok"


@pytest.mark.parametrize(
    ("rows", "result"), [([], "no-record"), ({"order": "12", "status": "shipped"}, "no-record"), (7, "off")]
)
async def test_without_a_record_nobody_is_asked(desk: Desk, rows: Any, result: str):
    call = await desk.arrives("+8613800001134")
    desk.crm.rows = rows
    assert (await desk.ivr("identity", call=call))["result"] == result


async def test_only_the_story_server_asks(desk: Desk):
    call = await desk.arrives("+8613800001135")
    for role in ("operator", "1001", "crm", ""):
        async with desk.house.client(role) as client:
            for what in ("lookup", "lookup-answer", "told", "identity"):
                async with client.post(f"/ivr/{what}", json={"call": call}) as answer:
                    assert answer.status in (401, 403), (role, what)


def signed(body: bytes, at: int, id_: str, secret: bytes = SECRET) -> dict[str, str]:
    return {
        "Content-Type": "application/json", "webhook-id": id_, "webhook-timestamp": str(at),
        "webhook-signature": f"v1,bm90aGluZw== {signature(secret, id_, str(at), body)}",
    }  # fmt: skip


async def test_the_apps_signed_word_verifies_the_call_once(desk: Desk):
    call = await desk.arrives("+8613800001141")
    body, now = json.dumps({"number": "13800001141"}).encode(), int(desk.house.time.now().timestamp())

    async def said(headers: dict[str, str], what: bytes = body) -> tuple[int, str]:
        async with (
            desk.house.client() as client,
            client.post("/api/identity/confirm", data=what, headers=headers) as answer,
        ):
            return answer.status, str((await answer.json()).get("code", ""))

    assert await said({"Content-Type": "application/json"}) == (401, "not-signed")
    assert await said(signed(body, now, "m1", b"another secret of 24 bytes!")) == (401, "not-signed")
    assert await said(signed(body, now - 301, "m1")) == (401, "not-signed")
    assert await said(signed(body, now, "m1"), body.replace(b"1141", b"1142")) == (401, "not-signed")
    other = json.dumps({"number": "13900000000"}).encode()
    assert await said(signed(other, now, "m2"), other) == (404, "no-such-call")
    assert (await desk.card(call))["verified"]["level"] == "none"
    assert (await said(signed(body, now, "m1")))[0] == 200
    card = await desk.card(call)
    assert (card["verified"]["level"], card["verified"]["how"], card["verified"]["by"]) == ("full", "app-face", "app")
    assert await said(signed(body, now, "m1")) == (409, "seen-before")


async def test_an_agent_has_the_caller_verified_when_that_can_be(desk: Desk):
    house = desk.house
    await house.calls.ready("1001")
    call = house.calls.arrives("13800001151")
    await house.calls.answered(call)
    async with house.client("1001") as client:
        async with client.post(f"/api/calls/{call}/verify", json={}) as answer:
            assert answer.status == 200, await answer.text()
        assert HoldAsked(call, "1001", True) in house.told
        async with client.post(f"/api/calls/{call}/verify", json={}) as answer:
            assert (answer.status, (await answer.json())["code"]) == (409, "held-already")
        async with client.post("/api/calls/c1-1-1/verify", json={}) as answer:
            assert answer.status == 404
    held = next(row for row in desk.rows if row.kind is Kind.HOLD and row.call == call)
    assert held.detail["how"] == "verify"
    await eventually(lambda: (house.engine.call(call, house.time.now()) or {}).get("held") == "hold", "the hold")
