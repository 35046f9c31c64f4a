"""The company's own system beside the records: a little real HTTP server and a real PostgreSQL that are slow, wrong, huge, dead and
flapping. No call waits for them, and what they say is believed as far as it can be."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from acd import config as configuration
from acd.company_systems.breaker import FAILURES, REST_S
from acd.config import Config
from acd.customers.look_up import AT_A_TIME, DISTRUSTED_S, KEPT_S, CustomerLookUp
from acd.customers.watch import CallbackWatch
from acd.engine.alarm_events import AlarmCleared
from acd.engine.customer_events import CallerKnown, NumberBarred
from acd.engine.events import AlarmRaised, CallArrived, Event, PbxFound
from acd.store.customers import records
from acd.store.customers.record import Customer
from acd.store.store import Store
from tests.support.waiting import eventually

MOBILE, OTHER = "+8613800001111", "+8613900002222"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
BASE: dict[str, Any] = {
    "queues": {"orders": {"label": {"zh": "订单", "en": "Orders"}}},
    "classes": {"gold": {"priority": 3}, "silver": {}},
    "agents": {"1001": {"name": "Amy"}},
}
BRANDS = {"acme": "95100", "bolt": "95200"}
TOKEN = "a-token-of-the-crm-9"
RECORD = {"id": "C-1", "name": "李雷", "class": "gold", "language": "zh", "last_order": "B-9", "area": "上海"}
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class CrmServer:
    """The company's system: a real HTTP server, its answer set by the test."""

    def __init__(self) -> None:
        self.asked: list[web.Request] = []
        self.answer: Answer = self.well
        self.url = ""

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        return await self.answer(request)

    @staticmethod
    async def well(request: web.Request) -> web.StreamResponse:
        return (
            web.json_response({"found": RECORD | {"do_not_call": False}})
            if request.query["tel"] == "13800001111"
            else web.Response(status=404)
        )


@pytest.fixture
async def crm() -> AsyncIterator[CrmServer]:
    server = CrmServer()
    app = web.Application()
    app.router.add_get("/api/customer", server.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/customer?v=2"
    yield server
    await runner.cleanup()


def http_config(url: str, folder: Path, **more: Any) -> Config:
    token = folder / "crm.token"
    token.write_text(TOKEN)
    fields = {name: f"found.{name}" for name in (*RECORD, "do_not_call")}
    table = {"url": url, "number_in": "tel", "number_as": "national", "token_file": str(token), "fields": fields}
    return configuration.check({**BASE, "customers": {"http": table, "within_s": 0.3, **more}})


class Clock:
    """Seconds that the test moves."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return monotonic() + self.ahead


class Hotline:
    """A look-up, and what it has told."""

    def __init__(self, store: Store, config: Config) -> None:
        self.config, self.clock, self.told, self.rows = config, Clock(), list[Event](), list[dict[str, Any]]()
        self.look_up = CustomerLookUp(store, lambda: self.config, self.told.append, lambda: self.rows, self.clock)

    def arrives(self, call: str, caller: str = MOBILE, **more: Any) -> None:
        event = CallArrived(call, caller, "95000", **more)
        before = monotonic()
        self.look_up.listen(NOW, event, [])
        assert monotonic() - before < 0.25  # it is begun, and not waited for

    async def known(self) -> CallerKnown:
        await eventually(lambda: self.told, "the customer is told")
        told = self.told[-1]
        assert isinstance(told, CallerKnown)
        return told


@contextlib.asynccontextmanager
async def hotline(store: Store, config: Config) -> AsyncIterator[Hotline]:
    made = Hotline(store, config)
    try:
        yield made
    finally:
        await made.look_up.close()


async def add(store: Store, *customers: Customer) -> None:
    async with store.transaction() as connection:
        for each in customers:
            await records.add(connection, each, "test")


async def test_a_call_that_arrives_is_told_whose_it_is(store: Store):
    await add(store, Customer("K-7", "张三", (MOBILE,), "gold", "zh", "B-1", "Beijing", True, "", "T-9", "1001"))
    async with hotline(store, configuration.check(BASE)) as house:
        house.arrives("c1")
        assert await house.known() == CallerKnown(
            "c1", "K-7", "张三", "gold", "zh", "B-1", "Beijing", "T-9", "1001", True
        )
        assert await house.look_up.facts(MOBILE, "95000", "c1") == {
            "customer": {
                "id": "K-7", "name": "张三", "class": "gold", "language": "zh", "last_order": "B-1", "area": "Beijing",
                "do_not_call": True,
            },
            "complaint": {"ticket": "T-9", "owner": "1001"},
        }  # fmt: skip
        assert await house.look_up.facts(OTHER, "95000", "c1") == {} == await house.look_up.facts("unknown", "", "")


async def test_a_call_to_one_brand_is_not_told_of_another_brands_customer(store: Store):
    brands = {name: {"name": {"zh": name, "en": name}, "numbers": {number: "zh"}} for name, number in BRANDS.items()}
    await add(store, Customer("K-7", "张三", (MOBILE,), brands=("acme",)), Customer("K-8", numbers=(OTHER,)))
    async with hotline(store, configuration.check({**BASE, "brands": brands})) as house:
        for caller, dialled, known in (
            (MOBILE, "95200", False), (MOBILE, "95100", True), (MOBILE, "95000", True), (OTHER, "95200", True),
        ):  # fmt: skip
            house.look_up.listen(NOW, CallArrived(f"c{dialled}", caller, dialled), [])
            assert bool(await house.look_up.facts(caller, dialled, "")) == known, (caller, dialled)
        await eventually(lambda: len(house.told) == 3, "three customers are told")


async def test_who_withholds_the_number_or_shows_another_s_is_not_looked_up(store: Store):
    await add(store, Customer("K-7", "张三", (MOBILE,)))
    async with hotline(store, configuration.check(BASE)) as house:
        house.arrives("c1", withheld=True)
        house.arrives("c2", identity="failed-a")
        house.arrives("c3", "unknown")
        house.arrives("c4", identity="passed-a")
        assert (await house.known()).call == "c4"
        assert len(house.told) == 1


async def test_the_menu_of_who_shows_another_s_number_knows_nobody(store: Store):
    await add(store, Customer("K-7", "张三", (MOBILE,)))
    async with hotline(store, configuration.check(BASE)) as house:
        house.arrives("c1", identity="failed-a")
        assert await house.look_up.facts(MOBILE, "95000", "") == {}
        house.clock.ahead += DISTRUSTED_S
        assert (await house.look_up.facts(MOBILE, "95000", ""))["customer"]["id"] == "K-7"


async def test_calls_that_came_while_no_daemon_ran_are_looked_up_when_they_are_found(store: Store):
    await add(store, Customer("K-7", "张三", (MOBILE,)))
    async with hotline(store, configuration.check(BASE)) as house:
        plain = {"caller": MOBILE, "stage": "waiting", "identity": ""}
        house.rows = [
            {**plain, "call": "c1", "customer": "K-1"}, {**plain, "call": "c2", "stage": "talking"},
            {**plain, "call": "c3", "caller": "withheld"}, {**plain, "call": "c4"},
        ]  # fmt: skip
        house.look_up.listen(NOW, PbxFound(()), [])
        assert (await house.known()).call == "c4" and len(house.told) == 1


async def test_a_record_that_is_changed_counts_at_the_next_call_and_others_after_half_a_minute(store: Store):
    async with hotline(store, configuration.check(BASE)) as house:
        assert await house.look_up.customer(MOBILE) is None
        await add(store, Customer("K-7", "张三", (MOBILE,)))
        assert await house.look_up.customer(MOBILE) is None
        house.clock.ahead += KEPT_S
        assert await house.look_up.customer(MOBILE) is not None
        async with store.transaction() as connection:
            await records.remove(connection, "K-7")
        house.look_up.forget([MOBILE])
        assert await house.look_up.customer(MOBILE) is None


async def test_more_calls_than_can_be_looked_up_go_on_without(store: Store):
    async with hotline(store, configuration.check(BASE)) as house:
        for number in range(AT_A_TIME + 7):
            house.arrives(f"c{number}", f"+8613800{number:06d}")
        assert house.look_up.skipped == 7


# -- the company's system over HTTP ------------------------------------------------------------------------------------


async def test_the_company_s_system_is_asked_with_the_number_alone_and_counts_more(
    store: Store, crm: CrmServer, tmp_path: Path
):
    await add(store, Customer("K-7", "张三", (MOBILE,), "silver", do_not_call=True), Customer("K-8", numbers=(OTHER,)))
    async with hotline(store, http_config(crm.url, tmp_path)) as house:
        house.arrives("c1")
        # Not to be called, for the record says so.
        assert await house.known() == CallerKnown("c1", "C-1", "李雷", "gold", "zh", "B-9", "上海", "", "", True)
        (request,) = crm.asked
        assert dict(request.query) == {"v": "2", "tel": "13800001111"}
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        known = await house.look_up.customer(OTHER)  # whom it does not know
        assert known is not None and known.id == "K-8"


async def test_a_menu_and_the_arrival_of_one_call_ask_once(store: Store, crm: CrmServer, tmp_path: Path):
    async with hotline(store, http_config(crm.url, tmp_path)) as house:
        house.arrives("c1")
        facts = await asyncio.gather(*(house.look_up.facts(MOBILE, "95000", "c1") for _ in range(5)))
        await house.known()
        assert len(crm.asked) == 1
        assert all(each["customer"]["id"] == "C-1" for each in facts)


async def slow(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(30)
    return web.Response()


async def drips(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    while True:
        await answer.write(b" ")
        await asyncio.sleep(0.05)


async def huge(request: web.Request) -> web.StreamResponse:
    return web.json_response({"found": RECORD, "more": "x" * 200_000})


async def a_bomb(request: web.Request) -> web.StreamResponse:
    answer = web.Response(body=b"\x1f\x8b not opened", content_type="application/json")
    answer.headers["Content-Encoding"] = "gzip"
    return answer


async def elsewhere(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("http://169.254.169.254/latest/meta-data")


async def cut(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def says(text: str | bytes, status: int = 200) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        body = text if isinstance(text, bytes) else text.encode()
        return web.Response(body=body, status=status, content_type="application/json")

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        slow, drips, huge, a_bomb, elsewhere, cut, says("no JSON"), says("[1]"), says('"x"'), says("[" * 60_000), says(b"\xff\xfe"),
        says("{}", 500), says("{}", 401), says("{}", 200), says('{"found": {"id": {"a": 1}}}'), says('{"found": {"id": "../x"}}'),
        says("null"), says(""), says("", 204),
    ],
    ids=lambda answer: answer.__name__,
)  # fmt: skip
async def test_whatever_it_answers_the_record_counts_and_nothing_is_told_twice(
    store: Store, crm: CrmServer, tmp_path: Path, answer: Answer
):
    await add(store, Customer("K-7", "张三", (MOBILE,)))
    crm.answer = answer
    async with hotline(store, http_config(crm.url, tmp_path)) as house:
        house.arrives("c1")
        assert (await house.known()).customer == "K-7"
        assert len(crm.asked) == (
            2 if answer is cut else 1
        )  # a question that was cut off is asked once more, by the library


async def test_a_value_that_can_t_be_is_left_out_and_told_once_without_the_value(
    store: Store, crm: CrmServer, tmp_path: Path
):
    bad = RECORD | {"class": "platinum", "name": "a\r\nX: b", "language": "xx", "area": 7, "do_not_call": "maybe"}
    crm.answer = says(json.dumps({"found": bad}))
    async with hotline(store, http_config(crm.url, tmp_path)) as house:
        with capture_logs() as logs:
            for number in (MOBILE, OTHER):
                known = await house.look_up.customer(number)
                assert known == Customer("C-1", numbers=(number,), last_order="B-9", area="7")
        assert sorted(row["field"] for row in logs) == ["class", "do_not_call", "language", "name"]
        assert "platinum" not in str(logs) and MOBILE not in str(logs)


async def test_a_system_that_is_dead_is_left_alone_and_found_again(store: Store, crm: CrmServer, tmp_path: Path):
    crm.answer = says("{}", 500)
    async with hotline(store, http_config(crm.url, tmp_path)) as house:
        with capture_logs() as logs:
            for number in range(FAILURES + 10):
                assert await house.look_up.customer(f"+8613800{number:06d}") is None
            assert len(crm.asked) == FAILURES
            away = [house.look_up.crm_away]
            house.clock.ahead += REST_S
            assert await house.look_up.customer("+8613811111111") is None
            assert len(crm.asked) == FAILURES + 1  # one tried, in vain
            house.clock.ahead += REST_S
            crm.answer = crm.well
            assert await house.look_up.customer(MOBILE) is not None
            assert [*away, house.look_up.crm_away] == [True, False]
        assert [row["event"].partition(";")[0] for row in logs] == [
            "the customer system does not answer", "the customer system answers again",
        ]  # fmt: skip
        raised, cleared = house.told
        assert (
            isinstance(raised, AlarmRaised) and raised.name == "customer system away" and "status 500" in raised.detail
        )
        assert cleared == AlarmCleared("customer system away")


async def test_a_system_that_answers_every_second_time_is_asked_each_time(store: Store, crm: CrmServer, tmp_path: Path):
    flaps = iter([500, 200] * 10)

    async def flapping(request: web.Request) -> web.StreamResponse:
        return web.Response(status=500) if next(flaps) == 500 else await crm.well(request)

    crm.answer = flapping
    async with hotline(store, http_config(crm.url, tmp_path)) as house:
        found = []
        for _ in range(20):
            house.look_up.forget()
            found.append(await house.look_up.customer(MOBILE) is not None)
        assert found == [False, True] * 10 and len(crm.asked) == 20


async def test_a_port_where_nobody_listens_and_a_token_that_is_not_there(store: Store, crm: CrmServer, tmp_path: Path):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        config = http_config(f"http://127.0.0.1:{nobody.getsockname()[1]}/x", tmp_path)
        async with hotline(store, config) as house:
            assert await house.look_up.customer(MOBILE) is None
    config = http_config(crm.url, tmp_path)
    for token in (None, "", "two words", "a\nb"):
        (tmp_path / "crm.token").unlink(missing_ok=True)
        if token is not None:
            (tmp_path / "crm.token").write_text(token)
        async with hotline(store, config) as house:
            assert await house.look_up.customer(MOBILE) is None
    assert crm.asked == []


async def test_another_configuration_asks_the_other_system(store: Store, crm: CrmServer, tmp_path: Path):
    async with hotline(store, configuration.check(BASE)) as house:
        assert await house.look_up.customer(MOBILE) is None
        house.config = http_config(crm.url, tmp_path)
        house.look_up.forget()
        known = await house.look_up.customer(MOBILE)
        assert known is not None and known.id == "C-1"


# -- a view in the company's PostgreSQL --------------------------------------------------------------------------------


@pytest.fixture
async def view(postgres: str, store: Store, tmp_path: Path) -> Config:
    """A configuration with a view whose numbers stand in several writings."""
    async with store.writer.begin() as connection:
        for statement in (
            "DROP SCHEMA IF EXISTS crm CASCADE",
            "CREATE SCHEMA crm",
            "CREATE TABLE crm.people (no bigint, full_name text, tier text, phone text, blocked boolean)",
            "INSERT INTO crm.people VALUES (4711, '韩梅梅', 'silver', '13800001111', true), (4712, 'x', 'silver', '+8613900002222', false)",
            "CREATE VIEW crm.\"Hotline\" AS SELECT *, (SELECT count(*) FROM pg_sleep(CASE WHEN phone = '10086' THEN 30 ELSE 0 END)) FROM crm.people",
        ):
            await connection.exec_driver_sql(statement)
    url = tmp_path / "crm.url"
    url.write_text(postgres)
    columns = {"id": "no", "name": "full_name", "class": "tier", "do_not_call": "blocked"}
    table = {"url_file": str(url), "table": "crm.Hotline", "number": "phone", "columns": columns}
    return configuration.check({**BASE, "customers": {"view": table, "within_s": 1.0}})


async def test_a_view_is_asked_in_every_writing_of_the_number(store: Store, view: Config):
    async with hotline(store, view) as house:
        for number, name in ((MOBILE, "韩梅梅"), (OTHER, "x")):
            known = await house.look_up.customer(number)
            assert known is not None and (known.name, known.customer_class) == (name, "silver")
            assert (known.id, known.do_not_call) == (("4711", True) if number == MOBILE else ("4712", False))
        assert await house.look_up.customer("+8613700000000") is None
        assert not house.look_up.crm_away


async def test_a_view_that_is_slow_gone_or_not_to_be_reached_delays_nobody(
    store: Store, view: Config, tmp_path: Path, postgres: str
):
    async with hotline(store, view) as house:
        async with store.writer.begin() as connection:
            await connection.exec_driver_sql("LOCK TABLE crm.people")
            before = monotonic()
            assert await house.look_up.customer(MOBILE) is None
            assert monotonic() - before < 5
        house.look_up.forget()
        assert await house.look_up.customer(MOBILE) is not None
        async with store.writer.begin() as connection:
            await connection.exec_driver_sql("DROP SCHEMA crm CASCADE")
        house.look_up.forget()
        with capture_logs() as logs:
            for _ in range(FAILURES):
                house.look_up.forget()
                assert await house.look_up.customer(MOBILE) is None
        assert house.look_up.crm_away and postgres not in str(logs) and MOBILE not in str(logs)
    for text in ("", "mysql://nobody", "postgresql://nobody:secret-word@127.0.0.1:1/x"):
        (tmp_path / "crm.url").write_text(text)
        async with hotline(store, view) as house:
            with capture_logs() as logs:
                for _ in range(FAILURES):
                    house.look_up.forget()
                    assert await house.look_up.customer(MOBILE) is None
            assert len(logs) == 1 and "secret-word" not in str(logs)


async def test_the_view_s_connection_can_only_read(store: Store, view: Config):
    async with store.writer.begin() as connection:
        for statement in (
            "CREATE FUNCTION crm.writes() RETURNS text LANGUAGE plpgsql AS "
            "$$ BEGIN INSERT INTO crm.people VALUES (1); RETURN '13800001111'; END $$",
            "CREATE OR REPLACE VIEW crm.\"Hotline\" AS SELECT 1::bigint AS no, 'a'::text AS full_name, 'silver'::text AS tier, "
            "crm.writes() AS phone, false AS blocked, 1::bigint AS count",
        ):
            await connection.exec_driver_sql(statement)
    async with hotline(store, view) as house:
        assert await house.look_up.customer(MOBILE) is None
    async with store.writer.begin() as connection:
        assert (await connection.exec_driver_sql("SELECT count(*) FROM crm.people")).scalar_one() == 2


# -- callbacks -----------------------------------------------------------------------------------------------------------


async def test_the_engine_is_told_of_open_callbacks_that_may_not_be_made_any_more(store: Store):
    await add(store, Customer("K-7", numbers=(MOBILE,), do_not_call=True), Customer("K-8", numbers=(OTHER,)))
    told: list[Event] = []
    async with hotline(store, configuration.check(BASE)) as house:
        open_: list[tuple[str, bool]] = []
        watch = CallbackWatch(lambda: open_, house.look_up.barred, told.append)
        await watch.look()
        assert told == []
        open_ += [(MOBILE, False), (OTHER, True), ("+8613700000000", False)]
        await watch.look()
        assert told == [NumberBarred(MOBILE), NumberBarred(OTHER, False)]
