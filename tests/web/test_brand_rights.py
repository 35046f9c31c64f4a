"""An account that is limited to one brand, and the other brand: every route is tried with what is the other's and answers as if it did not
exist; no list, count, file, figure or stream tells of it. A route that is in none of the lists below fails: somebody must decide."""

import base64
import csv
import io
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from acd.customers.fields import ID
from acd.engine.events import AlarmRaised, CallArrived, CallerHungUp, CallQueued, WrapUpEnded
from acd.engine.faults.events import FaultDeclared, FaultScope, FaultWords
from acd.engine.promises.events import CallbackPromised
from acd.store.customers import records
from acd.store.customers.record import Customer
from acd.web.access.roles import OF_THE_INSTALLATION, holders
from acd.web.access.tokens import Tokens
from acd.web.server.app import ROUTES
from acd.web.server.openapi import plain_path
from acd.web.server.routes import Route
from tests.web.support.file_text import text_of
from tests.web.support.web_server import CONFIG, RunningServer, running_server
from tests.web.test_teams import BODIES, FOREIGN_MESSAGE, OWN_MESSAGE, filled, messages

BRANDS_CONFIG: dict[str, Any] = {
    **CONFIG,
    "queues": {
        **CONFIG["queues"],
        "common": {"label": {"zh": "综合", "en": "Common"}, "skills": {"common": 1}, "wrap_up_s": 30},
    },
    "agents": {
        "1001": {"name": "李娜", "skills": {"orders": 5}},
        "1002": {"name": "Tom <b>Baker</b>", "skills": {"common": 3}},
        "1003": {"name": "王芳", "skills": {"after-sales": 7}},
        "1004": {"name": "赵敏", "skills": {"common": 1}},
    },
    "brands": {
        "acme": {
            "name": {"zh": "极光", "en": "Acme"},
            "numbers": {"95100": "zh"},
            "queues": ["orders"],
            "agents": ["1001", "1002"],
        },
        "bolt": {
            "name": {"zh": "飞驰", "en": "Bolt"},
            "numbers": {"95200": "zh"},
            "queues": ["after-sales"],
            "agents": ["1002", "1003", "1004"],
        },
    },
}
"""1002 is in both teams, and the queue `common` is open to both."""
CUSTOMERS = (
    Customer("c-acme", "极光的客户", ("+8613811112222",), brands=("acme",)),
    Customer("c-bolt", "飞驰的客户", ("+8613877777777",), brands=("bolt",)),
    Customer("c-both", "两家的客户", ("+8613811115432",), brands=("acme", "bolt")),
    Customer("c-none", "整条热线的客户", ("+8613866660000",)),
)
NUMBERS = {"acme": "95100", "bolt": "95200", "": "95000"}
PASSWORD = "of-one-brand-alone-9"

NOTHING_OF_CALLS = {
    *("GET /", "GET /log-in/oidc", "GET /assets/{name}", "GET /health", "GET /log-in", "GET /api/log-in/ways"),
    *(
        "GET /api",
        "GET /api/openapi.json",
        "GET /api/me",
        "GET /api/sign-in",
        "POST /api/log-in",
        "POST /api/log-in/code",
    ),
    *(
        "POST /api/log-in/passkey/begin",
        "POST /api/log-in/passkey",
        "POST /api/log-in/oidc/begin",
        "POST /api/log-in/oidc",
    ),
    *(
        "POST /api/log-out",
        "POST /api/sign-in/totp/begin",
        "POST /api/sign-in/totp/confirm",
        "POST /api/sign-in/totp/off",
    ),
    *("POST /api/sign-in/recovery-codes", "POST /api/sign-in/passkeys/begin", "POST /api/sign-in/passkeys"),
    "POST /api/sign-in/passkeys/{key}/remove",
    "POST /api/identity/confirm",
    "POST /api/survey/answers",
}
OF_OTHERS = ("desk", "stories", "calls-join", "reviews-see", "reviews-grade")
"""Permissions of agents and of the story server, who are never limited; and one of supervisors alone, which the account of these tests has not:
its routes look for the call as `listen` does, and tests/web/test_teams.py tries them. Talks to grade, and their scores: tests/web/test_reviews.py."""
LISTS = {
    *(
        "GET /api/vocabulary",
        "GET /api/state",
        "GET /api/events",
        "GET /api/wall/events",
        "GET /api/wall/kpi",
        "GET /api/queues",
        "GET /api/agents",
        "GET /api/calls",
        "GET /api/calls.csv",
        "GET /api/calls.xlsx",
    ),
    *(
        "GET /api/recordings",
        "GET /api/recordings.csv",
        "GET /api/recordings.xlsx",
        "GET /api/kpi",
        "GET /api/kpi/waits",
        "GET /api/reports",
    ),
    *("GET /api/customers", "GET /api/customers/export"),
    *("POST /api/customers", "POST /api/customers/import", "POST /api/customers/list"),
    "GET /api/surveys",
    *("GET /api/callbacks", "POST /api/callbacks"),
    *("GET /api/menus/figures", "GET /api/hours", "POST /api/hours/today"),
    *("GET /api/reports/figures", "GET /api/reports/file", "GET /api/lines", "GET /api/lines.csv", "GET /api/alarms"),
    *("GET /api/faults", "POST /api/faults"),
    "GET /api/agents/today",
    *(f"POST /api/agents/chosen/{word}" for word in ("ready", "not-ready", "log-out", "queues")),
    *("GET /api/messages", "POST /api/messages", "GET /api/breaks", "GET /api/breaks/day", "GET /api/missed-callers"),
    "GET /api/retention/held",
    *("GET /metrics", "POST /api/agents/all/log-out", "POST /api/agents/all/not-ready"),
}
"""Looked through for what is the other brand's."""
ONE = {
    *("GET /api/agents/{agent}/day.csv", "GET /api/agents/{agent}/day.xlsx"),
    *("GET /api/queues/{queue}", "GET /api/agents/{agent}", "GET /api/calls/{call}", "GET /api/calls/{call}/explain"),
    *("GET /api/calls/{call}/targets", "GET /api/calls/{call}/card", "GET /api/calls/{call}/draft"),
    *("GET /api/calls/{call}/findings", "GET /api/calls/{call}/manifest", "GET /api/calls/{call}/retention"),
    *(f"POST /api/calls/{{call}}/retention/{word}" for word in ("class", "hold", "release")),
    *("GET /api/calls/{call}/contacts", "GET /api/recordings/{offer}", "GET /api/recordings/{offer}/audio"),
    "GET /api/reports/made/{number}/{name}",
    *(f"POST /api/agents/{{agent}}/{word}" for word in ("ready", "log-in", "log-out", "end-wrap-up", "test-phone")),
    *("POST /api/agents/{agent}/not-ready", "POST /api/agents/{agent}/queues"),
    *(f"POST /api/agents/{{agent}}/{word}" for word in ("leave-queue", "join-queue", "help-asked", "help-ended")),
    *(f"POST /api/agents/{{agent}}/break/{word}" for word in ("grant", "decline", "withdraw")),
    *("POST /api/messages/{message}/withdraw", "POST /api/missed-callers/{call}/call-back"),
    "POST /api/missed-callers/{call}/dealt-with",
    *("POST /api/queues/{queue}/close", "POST /api/queues/{queue}/open"),
    *(f"POST /api/calls/{{call}}/{word}" for word in ("priority", "move", "withdraw", "hang-up", "transfer", "hold")),
    *(f"POST /api/calls/{{call}}/{word}" for word in ("listen", "leave")),
    *(
        f"POST /api/calls/{{call}}/transfer/{word}"
        for word in ("complete", "take-back", "three-way", "decline", "explain")
    ),
    *(f"POST /api/calls/{{call}}/{word}" for word in ("retrieve", "mute", "mask", "card", "draft", "verify")),
    *(f"POST /api/recordings/{{offer}}/{word}" for word in ("hold", "release", "delete")),
    *("GET /api/customers/{customer}", "POST /api/customers/{customer}"),
    *("POST /api/customers/{customer}/remove", "POST /api/customers/{customer}/erase"),
    *(
        "GET /api/callbacks/{callback}",
        *(f"POST /api/callbacks/{{callback}}/{word}" for word in ("move", "cancel", "done")),
    ),
    *("POST /api/alarms/{number}/seen", "POST /api/alarms/{number}/clear"),
    *("GET /api/faults/{fault}", "GET /api/faults/{fault}/callers"),
    *("POST /api/faults/{fault}/change", "POST /api/faults/{fault}/clear"),
}
"""Tried with the other brand's ids."""


def said(route: Route) -> str:
    return f"{route.method} {plain_path(route.path)}"


def test_for_every_route_it_is_decided_what_an_account_of_one_brand_sees():
    decided = NOTHING_OF_CALLS | LISTS | ONE
    open_ones = {said(route) for route in ROUTES if route.need not in (*OF_THE_INSTALLATION, *OF_OTHERS)}
    assert open_ones - decided == set(), "decide, and add it to a list above; tests follow by themselves"
    assert decided - open_ones == set(), "no such routes any more"
    assert not (NOTHING_OF_CALLS & LISTS or LISTS & ONE or NOTHING_OF_CALLS & ONE)


@dataclass
class Floor:
    """A house with two brands, a past call of each in a queue of its own and of bolt in the shared one, and live calls."""

    house: RunningServer
    account: aiohttp.ClientSession
    own: dict[str, str]
    foreign: dict[str, str]
    foreign_calls: list[str] = field(default_factory=list)

    def told(self, text: str) -> list[str]:
        """The places in this text that tell of the other brand, with what stands around them."""
        others = [self.foreign[name] for name in ("agent", "queue", "offer")]
        secrets = [*others, *self.foreign_calls, "1004", "王芳", "赵敏", "After-sales", "售后", "bolt", "Bolt", "飞驰"]
        secrets += ["c-bolt", "c-none", "飞驰的客户"]
        secrets += ["138****7777", "138****8888", "138****9999", "138****6666", NUMBERS["bolt"]]
        secrets += ["138****0009", "p-bolt"]
        return [
            text[max(0, found.start() - 60) : found.end() + 20]
            for secret in secrets
            for found in re.finditer(rf"(?<![0-9A-Za-z.]){re.escape(secret)}(?![0-9])", text)
        ]


class Story:
    """Calls by brand and queue."""

    def __init__(self, house: RunningServer) -> None:
        self.house, self._number = house, 0

    def arrives(self, caller: str, brand: str, queue: str) -> str:
        self._number += 1
        call = f"c{1700000000 + self._number}-{self._number}-{self._number:04d}"
        self.house.calls.tell(CallArrived(call, f"+86{caller}", NUMBERS[brand]), CallQueued(call, queue, (), "zh"))
        return call

    async def talks(self, caller: str, brand: str, queue: str) -> tuple[str, str]:
        """Call and offer of a talk that goes on."""
        call = self.arrives(caller, brand, queue)
        offer = await self.house.calls.answered(call)
        await self.house.calls.written(call)
        return call, offer.offer

    async def past(self, caller: str, brand: str, queue: str) -> tuple[str, str]:
        """Call and offer of a talk that is over, with its recording."""
        call = self.arrives(caller, brand, queue)
        offer = await self.house.calls.answered(call)
        await self.house.calls.over(offer)
        self.house.calls.tell(WrapUpEnded(offer.agent))
        await self.house.calls.filed(offer)
        await self.house.calls.written(call)
        return call, offer.offer


async def logged_in(house: RunningServer, account: str) -> aiohttp.ClientSession:
    jar = aiohttp.CookieJar(unsafe=True)
    client = aiohttp.ClientSession(house.url, headers={"Origin": house.url}, cookie_jar=jar)
    async with client.post("/api/log-in", json={"account": account, "password": PASSWORD}) as answer:
        assert answer.status == 200, await answer.text()
    return client


@pytest.fixture(scope="module")
async def floor(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Floor]:
    folder = Path(tmp_path_factory.mktemp("brands"))
    async with running_server(folder / "state", database, BRANDS_CONFIG) as house:
        house.time.stop()
        story = Story(house)
        await house.calls.ready("1001", "1002", "1003")
        past, offer = await story.past("13811112222", "acme", "orders")
        others_past, others_offer = await story.past("13877777777", "bolt", "after-sales")
        shared_past, _ = await story.past("13866666666", "bolt", "common")
        of_none, _ = await story.past("13866666666", "", "orders")
        live, _ = await story.talks("13811113333", "acme", "orders")
        others_live, _ = await story.talks("13877778888", "bolt", "after-sales")
        shared_live, _ = await story.talks("13866666666", "bolt", "common")
        others_waiting = story.arrives("13877779999", "bolt", "common")
        house.time.forward(30)
        waiting = story.arrives("13811114444", "acme", "common")
        for call in (waiting, others_waiting):
            await house.calls.written(call)
        for which, number, queue in (("acme", "+8613811110000", "orders"), ("bolt", "+8613877770009", "after-sales")):
            later = house.time.now() + timedelta(hours=9)
            house.calls.tell(CallbackPromised(f"p-{which}", number, queue, "sam", begins=later, brand=which))
        house.calls.tell(
            AlarmRaised("bad line", "own", live),
            AlarmRaised("caller forgotten on hold", "x", others_live),
            AlarmRaised("call dropped", "x", shared_past),
            *messages(house),
            FaultDeclared(FaultWords("断网"), FaultScope(brand="acme")),
            FaultDeclared(FaultWords("飞驰断网"), FaultScope(brand="bolt", queues=("after-sales",))),
        )
        await house.calls.settled()
        async with house.client("operator") as operator:
            alarms = (await (await operator.get("/api/alarms")).json())["alarms"]
            assert len(alarms) == 3
        async with house.store.transaction() as connection:
            for customer in CUSTOMERS:
                await records.add(connection, customer, "test")
        house.accounts.add("of-acme", ["operator", "qa"], PASSWORD, brands=["acme"])
        account = await logged_in(house, "of-acme")
        numbers = {alarm["call"]: str(alarm["number"]) for alarm in alarms}
        own = {
            "customer": "c-acme",
            "agent": "1001",
            "queue": "orders",
            "callback": "p-acme",
            "message": OWN_MESSAGE,
            "call": live,
            "past": past,
            "waiting": waiting,
            "offer": offer,
            "fault": "1",
        }
        foreign = {
            "customer": "c-bolt",
            "agent": "1003", "queue": "after-sales", "call": others_live, "past": others_past, "waiting": others_waiting,
            "offer": others_offer, "number": numbers[others_live], "shared": shared_live, "none": of_none, "callback": "p-bolt", "fault": "2", "message": FOREIGN_MESSAGE,
        }  # fmt: skip
        foreign_calls = [others_live, others_past, others_waiting, shared_live, shared_past, of_none]
        try:
            yield Floor(house, account, own, foreign, foreign_calls)
        finally:
            await account.close()


ABSENT = {"agent": "1999", "queue": "aftersales", "call": "c9-9-9999", "offer": "c9-9-9999-1", "number": "999999"}
ABSENT["customer"] = "c-nobody"
ABSENT |= {"message": "m0000000009-9999", "name": "weekly.xlsx", "callback": "p-nobody", "fault": "999"}
WALKED = [route for route in ROUTES if said(route) in ONE]
CASES = [
    (route, which)
    for route in WALKED
    for which in ("call", "past", "waiting", "shared", "none")
    if which == "call" or "{call" in route.path
]


async def asked(client: aiohttp.ClientSession, route: Route, words: dict[str, str]) -> tuple[int, str, str]:
    """Status, code and text of the answer."""
    word = route.path.rpartition("/")[2]
    body = BODIES.get(word, {}) if route.method == "POST" else None
    if route.path.endswith(f"{ID}}}"):
        body = {"area": "x"} if route.method == "POST" else None
    if word in ("hold", "delete") and "/recordings/" in route.path:
        body = {"reason": "x"}
    if "/retention/" in route.path:
        body = {"reason": "x", **({"class_name": "complaint"} if word == "class" else {})}
    async with client.request(route.method, filled(route, words), json=body) as answer:
        text = (await answer.read()).decode(errors="replace")
        return answer.status, json.loads(text)["code"] if answer.status >= 400 else "", text


@pytest.mark.parametrize(("route", "which"), CASES, ids=[f"{said(route)} {which}" for route, which in CASES])
async def test_what_is_another_brands_is_answered_like_what_does_not_exist(floor: Floor, route: Route, which: str):
    known = await asked(floor.account, route, {**ABSENT, **floor.foreign, "call": floor.foreign[which]})
    unknown = await asked(floor.account, route, ABSENT)
    assert known[0] == 404, known
    assert known[:2] == unknown[:2]
    assert floor.told(re.sub(r'"(incident|detail)":"[^"]*"', "", known[2])) == []


@pytest.mark.parametrize("route", [r for r in WALKED if r.method == "GET" and "made" not in r.path], ids=said)
async def test_what_is_the_own_brands_is_seen_without_the_other(floor: Floor, route: Route):
    for which in ("call", "past", "waiting") if "{call" in route.path else ("call",):
        status, code, text = await asked(floor.account, route, {**floor.own, "call": floor.own[which]})
        over = which == "past" and route.path.endswith("/targets")
        assert status == (404 if over else 200), (which, code, text)
        assert floor.told(text) == []


@pytest.mark.parametrize("route", [r for r in ROUTES if said(r) in LISTS and r.method == "GET"], ids=said)
async def test_no_list_no_file_and_no_stream_tells_of_another_brand(floor: Floor, route: Route):
    query = "?format=csv&by=agents" if route.path.endswith("/file") else "?all=true" if "alarms" in route.path else ""
    async with floor.account.get(route.path + query) as answer:
        assert answer.status == 200, await answer.text()
        if route.content != "text/event-stream":
            text = await text_of(answer)
        else:
            text = ""
            while "\r\n\r\n" not in text:
                text += (await answer.content.readany()).decode()
    assert floor.told(text) == []
    if route.path in ("/api/state", "/api/agents", "/api/events", "/api/reports/file"):
        assert "1001" in text and "1002" in text
    if route.path in (
        "/api/calls",
        "/api/calls.csv",
        "/api/calls.xlsx",
        "/api/recordings",
        "/api/recordings.csv",
        "/api/recordings.xlsx",
        "/api/alarms",
    ):
        assert floor.own["past" if "alarms" not in route.path else "call"] in text


@pytest.mark.parametrize("route", [r for r in ROUTES if r.need in OF_THE_INSTALLATION], ids=said)
async def test_what_is_the_whole_hotlines_is_closed_to_who_sees_a_part(floor: Floor, route: Route):
    words = {**ABSENT, **floor.own, "account": "of-acme", "report": "weekly", "key": "x", "customer": "c-1"}
    status, code, text = await asked(floor.account, route, words)
    has_it = {"operator", "qa"} & holders(route.need, route.method)  # callers are erased by administrators
    assert (status, code) == (403, "limited-to-brands" if has_it else "not-allowed"), text


async def test_customers_are_those_of_the_own_brands_and_what_another_has_too_is_read_alone(floor: Floor):
    account = floor.account

    async def ask(path: str, body: Any = None) -> tuple[int, Any]:
        async with account.request("GET" if body is None else "POST", f"/api/customers{path}", json=body) as answer:
            return answer.status, await answer.json()

    listed = (await ask("?limit=500"))[1]["customers"]
    assert [(row["id"], row["brands"], row["changeable"]) for row in listed] == [
        ("c-acme", ["acme"], True), ("c-both", ["acme"], False),
    ]  # fmt: skip
    assert (await ask("/c-both"))[1]["name"] == "两家的客户"
    for path in ("/c-both", "/c-both/remove"):
        status, problem = await ask(path, {} if "remove" in path else {"area": "x"})
        assert (status, problem["code"]) == (403, "shared-customer")
    assert (await ask("/c-acme/erase", {}))[1]["code"] == "limited-to-brands"
    # What is added is a customer of the own brands, and stays one.
    assert (await ask("", {"id": "c-new", "name": "新"}))[1]["brands"] == ["acme"]
    for brands in ([], ["bolt"], ["bolts"]):
        status, problem = await ask("/c-new", {"brands": brands})
        assert (status, problem["field"]) == (400, "brands")
        assert "bolt" not in problem["detail"].replace(f"{brands[0]!r}" if brands else "-", "")
    # Neither a number nor an id tells whose it is.
    status, problem = await ask("/c-new", {"numbers": ["13877777777"]})
    assert (status, problem["code"]) == (409, "number-taken") and "c-bolt" not in problem["detail"]
    for body in (
        {"customers": [{"id": "c-bolt", "name": "mine now"}]},
        {"customers": [{"id": "c-none", "name": "mine now"}]},
        {"customers": [{"id": "c-both", "name": "mine now"}]},
    ):
        assert (await ask("/import", body))[1]["code"] == "customer-there"
    content = base64.b64encode(b"id,numbers\nc-9,13877777777\n").decode()
    told = (await ask("/list", {"content": content, "dry_run": True}))[1]["mistakes"]
    assert len(told) == 1 and "c-bolt" not in str(told)
    assert (await ask("/import", {"customers": [{"id": "c-new", "area": "a"}, {"id": "c-8", "area": "b"}]}))[0] == 200
    async with account.get("/api/customers/export") as answer:
        rows = list(csv.DictReader(io.StringIO((await answer.read()).decode("utf-8-sig"))))
    assert {row["id"]: row["brands"] for row in rows} == {
        "c-8": "acme",
        "c-acme": "acme",
        "c-both": "acme",
        "c-new": "acme",
    }
    async with floor.house.client("operator") as operator:
        for id_, brands in (("c-bolt", ["bolt"]), ("c-none", []), ("c-both", ["acme", "bolt"])):
            record = await (await operator.get(f"/api/customers/{id_}")).json()
            assert record["brands"] == brands and record["name"] != "mine now"


async def test_the_live_state_of_what_is_shared_tells_of_the_own_calls_alone(floor: Floor):
    state = await (await floor.account.get("/api/state")).json()
    queues = {row["name"]: row for row in state["queues"]}
    assert set(queues) == {"orders", "common"}
    assert queues["common"]["waiting"] == 1 and queues["common"]["longest_wait_s"] < 30
    calls = {row["call"]: row for row in state["calls"]}
    assert set(calls) == {floor.own["call"], floor.own["waiting"]}
    assert calls[floor.own["waiting"]]["position"] == 1, "who waits before is another brand's"
    agents = {row["agent"]: row for row in state["agents"]}
    assert set(agents) == {"1001", "1002"}
    busy = agents["1002"]
    assert (busy["state"], busy["call"], busy["brands"]) == ("talking", None, ["acme"])
    assert agents["1001"]["call"] == floor.own["call"]


async def test_counts_and_figures_are_the_own_brands(floor: Floor):
    seen = await (await floor.account.get("/api/kpi")).json()
    assert (seen["calls"], seen["answered"], seen["counts"]["arrived"]) == (1, 1, 3)
    assert {row["queue"]: row["calls"] for row in seen["queues"]} == {"orders": 1, "common": 0}
    counts = (await (await floor.account.get("/api/state")).json())["counts"]
    assert (counts["total"]["arrived"], counts["total"]["asked"], counts["total"]["ended"]) == (3, 3, 1)
    assert counts["queues"]["orders"]["ended"] == 1, "a caller to a number of no brand stood in it, too"
    assert (counts["queues"]["common"]["asked"], counts["queues"]["common"]["ended"]) == (1, 0)
    async with floor.house.client("operator") as operator:
        whole = (await (await operator.get("/api/state")).json())["counts"]
    assert whole["total"]["arrived"] == 9 and set(whole["brands"]) == {"acme", "bolt"}
    assert whole["brands"]["acme"]["total"] == counts["total"]
    for query, code in (("brand=bolt", "unknown-brand"), ("queue=after-sales", "unknown-queue")):
        refused = await floor.account.get(f"/api/kpi?{query}")
        assert (refused.status, (await refused.json())["code"]) == (400, code)


async def test_filters_that_name_the_other_brand_find_nothing(floor: Floor):
    for path, key, ended in (("/api/calls", "calls", "&ending=answered"), ("/api/recordings", "recordings", "")):
        for query in ("brand=bolt", "queue=after-sales", f"queue=common{ended}"):
            assert (await (await floor.account.get(f"{path}?{query}")).json())[key] == [], (path, query)
    for query in (
        "search=13877777777",
        "search=7777",
        "search=95200",
        "search=1003",
        f"search={floor.foreign['past']}",
    ):
        assert (await (await floor.account.get(f"/api/calls?{query}")).json())["calls"] == [], query
    for path, mark in (("/api/calls", floor.foreign["past"]), ("/api/recordings", floor.foreign["offer"])):
        answer = await floor.account.get(path, params={"before": mark})
        assert (await answer.json())[path.rpartition("/")[2]] == [], "the end of another brand's page is no mark"


async def test_a_queue_that_brands_share_is_opened_and_closed_by_nobody_who_sees_one_brand(floor: Floor):
    for word in ("close", "open"):
        async with floor.account.post(f"/api/queues/common/{word}") as answer:
            assert (answer.status, (await answer.json())["code"]) == (403, "shared-queue")
    for queue, status in (("common", 403), ("", 403), ("after-sales", 404)):
        async with floor.account.post("/api/hours/today", json={"state": "closed", "queue": queue}) as answer:
            assert answer.status == status, queue
    for query in ("queue=after-sales", f"number={NUMBERS['bolt']}"):
        async with floor.account.get(f"/api/hours?{query}") as answer:
            assert answer.status == 404
            assert NUMBERS["bolt"] not in (await answer.text()).replace(f"{NUMBERS['bolt']} is none", "")
    async with floor.account.post("/api/queues/orders/open") as answer:
        assert answer.status == 202


async def test_actions_for_all_are_for_the_own_agents(floor: Floor):
    async with floor.account.post("/api/agents/all/not-ready", json={"reason": "break"}) as answer:
        agents = (await answer.json())["agents"]
    assert answer.status == 202 and set(agents) <= {"1001", "1002"}
    await floor.house.calls.settled()
    await floor.house.calls.ready("1001", "1002")


@pytest.mark.parametrize("to", [{"agent": "1003"}, {"agent": "1999"}, {"queue": "after-sales"}, {"queue": "nowhere"}])
async def test_no_caller_is_handed_over_to_what_is_another_brands(floor: Floor, to: dict[str, str]):
    body = {"to": to, "reason": "refund"}
    async with floor.account.post(f"/api/calls/{floor.own['call']}/transfer", json=body) as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, "beyond-teams")


async def test_a_stream_says_nothing_when_only_the_other_brand_changes(floor: Floor):
    story = Story(floor.house)
    async with floor.account.get("/api/events") as answer:
        await answer.content.readuntil(b"\r\n\r\n")
        story._number = 90
        other = story.arrives("13866666666", "bolt", "common")
        await floor.house.calls.settled()
        own = story.arrives("13811115555", "acme", "common")
        text = ""
        while own not in text:
            text += (await answer.content.readany()).decode()
    floor.foreign_calls.append(other)
    assert floor.told(text) == []
    floor.house.calls.tell(CallerHungUp(other), CallerHungUp(own))
    await floor.house.calls.settled()


async def test_a_token_of_one_brand_reads_its_cards_and_its_figures_alone(floor: Floor):
    tokens = Tokens(floor.house.folder)
    records, figures = (tokens.add(f"acme-{role}", role, brands=["acme"]) for role in ("crm", "metrics"))
    crm, metrics = ({"Authorization": f"Bearer {key}"} for key in (records, figures))
    async with aiohttp.ClientSession(floor.house.url) as client:
        own = await client.get(f"/api/calls/{floor.own['past']}/card", headers=crm)
        assert (own.status, (await own.json())["brand"]) == (200, "acme")
        for call in (floor.foreign["past"], floor.foreign["none"], floor.foreign["call"]):
            assert (await client.get(f"/api/calls/{call}/card", headers=crm)).status == 404
        text = await (await client.get("/metrics", headers=metrics)).text()
        assert floor.told(text) == []
        assert 'sanxiang_queue_waiting{brand="",queue="common"} 1.0' in text
        assert 'sanxiang_brand_calls{brand="acme"} 2.0' in text
        assert "sanxiang_trunk" not in text and 'brand=""}' not in text
        rotated = tokens.rotate("acme-crm")
        assert (await client.get(f"/api/calls/{floor.foreign['past']}/card", headers=crm)).status == 401
        crm = {"Authorization": f"Bearer {rotated}"}
        assert (await client.get(f"/api/calls/{floor.foreign['past']}/card", headers=crm)).status == 404


async def test_me_says_what_the_account_is_limited_to_and_may(floor: Floor):
    me = await (await floor.account.get("/api/me")).json()
    assert me["brands"] == ["acme"]
    assert "recordings-hear" in me["may"] and not OF_THE_INSTALLATION & set(me["may"])


async def test_who_loses_the_brand_loses_session_and_stream_and_a_brand_that_is_gone_opens_nothing(floor: Floor):
    house = floor.house
    house.accounts.add("for-a-week", ["operator"], PASSWORD, brands=["acme"])
    client = await logged_in(house, "for-a-week")
    async with client.get("/api/events") as answer:
        await answer.content.readuntil(b"\r\n\r\n")
        house.accounts.set_roles("for-a-week", ["operator"], brands=["given-up"])
        await answer.content.read()  # it ends
    assert (await client.get("/api/state")).status == 401
    await client.close()
    client = await logged_in(house, "for-a-week")
    state = await (await client.get("/api/state")).json()
    assert (state["queues"], state["agents"], state["calls"]) == ([], [], [])
    assert (await (await client.get("/api/calls")).json())["calls"] == []
    assert (await (await client.get("/api/kpi")).json())["calls"] == 0
    await client.close()


async def test_a_supervisor_is_bounded_by_teams_and_brands_at_once(database: str, tmp_path: Path):
    teams = {"day": {"label": {"zh": "白班", "en": "Day"}, "queues": ["common", "after-sales"]}}
    agents = {
        agent: {**profile, "team": "day"} for agent, profile in BRANDS_CONFIG["agents"].items() if agent != "1001"
    }
    written = {**BRANDS_CONFIG, "teams": teams, "agents": {"1001": BRANDS_CONFIG["agents"]["1001"], **agents}}
    async with running_server(tmp_path / "state", database, written) as house:
        house.time.stop()
        story = Story(house)
        story._number = 50
        await house.calls.ready("1001", "1002", "1003")
        mine, _ = await story.past("13811112222", "acme", "common")
        other_team, _ = await story.past("13811112222", "acme", "orders")
        other_brand, _ = await story.past("13877777777", "bolt", "common")
        house.accounts.add("lead", ["supervisor"], PASSWORD, teams=["day"], brands=["acme"])
        client = await logged_in(house, "lead")
        # The database has the calls of the other tests, too.
        for path in ("calls", "recordings"):
            rows = (await (await client.get(f"/api/{path}")).json())[path]
            assert {row["call"] for row in rows} & {mine, other_team, other_brand} == {mine}
        state = await (await client.get("/api/state")).json()
        assert ([row["name"] for row in state["queues"]], [row["agent"] for row in state["agents"]]) == (
            ["common"],
            ["1002"],
        )
        assert state["counts"]["total"]["ended"] == 1
        await client.close()
