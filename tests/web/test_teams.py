"""A supervisor of one team, and the other team: every route is tried with what is the other's, and answers as if it did not exist;
no list, count or stream tells of it."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from acd.engine.events import AgentNotReady, AgentReady, AlarmRaised
from acd.engine.faults.events import FaultDeclared, FaultScope, FaultWords
from acd.engine.promises.events import CallbackPromised
from acd.engine.supervision.events import AgentsMessaged
from acd.web.access.roles import holders
from acd.web.server.app import ROUTES
from acd.web.server.routes import Route
from tests.web.support.file_text import text_of
from tests.web.support.web_server import TEAMS_CONFIG, RunningServer, running_server

NO_FLOOR = ("/api", "/api/openapi.json", "/api/me", "/health", "/", "/log-in")
"""Without anything of the floor."""
BODIES: dict[str, dict[str, Any]] = {
    "not-ready": {"reason": "break"},
    "queues": {"queues": ["orders"]},
    "priority": {"priority": 3},
    "move": {"queue": "orders"},
    "withdraw": {"reason": "x"},
    "hang-up": {"reason": "x"},
    "transfer": {"to": {"queue": "orders"}, "reason": "refund"},
    "decline": {"reason": "x"},
    "explain": {"reason": "refund"},
    "mute": {"muted": True},
    "mask": {"masked": True},
    "leave-queue": {"queue": "orders", "reason": "training"},
    "join-queue": {"queue": "orders"},
    "card": {"version": 0, "what": "note", "text": "x"},
    "draft": {"text": "x"},
}
"""What each action needs, by the last word of its path."""
OWN_MESSAGE, FOREIGN_MESSAGE = "m0000000001-1001", "m0000000001-1003"


def messages(house: RunningServer) -> list[AgentsMessaged]:
    """One to an agent of each part."""
    until = house.time.now() + timedelta(hours=20)
    return [
        AgentsMessaged(OWN_MESSAGE, "for 1001 alone", until, "sam", ("1001",)),
        AgentsMessaged(FOREIGN_MESSAGE, "王芳 alone", until, "sam", ("1003",)),
    ]


@dataclass
class Floor:
    """A house with two teams, a past and a live call of each, and a caller who waits in each queue."""

    house: RunningServer
    supervisor: aiohttp.ClientSession
    own: dict[str, str]
    """What stands in the paths of the own team: agent, queue, calls, offer, alarm."""
    foreign: dict[str, str]

    def told(self, text: str) -> list[str]:
        """The places in this text that tell of the other team, with what stands around them."""
        return [
            text[max(0, found.start() - 60) : found.end() + 20]
            for secret in self._secrets()
            for found in re.finditer(rf"(?<![0-9A-Za-z.]){re.escape(secret)}(?![0-9])", text)
        ]

    def _secrets(self) -> list[str]:
        others = [self.foreign[name] for name in ("agent", "queue", "call", "past", "waiting", "offer")]
        return [
            *others,
            "王芳",
            "After-sales",
            "售后",
            "138****7777",
            "138****8888",
            "138****9999",
            "138****0009",
            "p-other",
        ]


@pytest.fixture(scope="module")
async def floor(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Floor]:
    folder = Path(tmp_path_factory.mktemp("teams"))
    async with running_server(folder / "state", database, TEAMS_CONFIG) as house:
        house.time.stop()
        calls = house.calls
        await calls.ready("1001", "1003")
        past = await calls.whole("13811112222", "orders")
        others_past = await calls.whole("13877777777", "after-sales")
        live, others_live = calls.arrives("13811113333", "orders"), calls.arrives("13877778888", "after-sales")
        await calls.answered(live)
        await calls.answered(others_live)
        waiting, others_waiting = calls.arrives("13811114444", "orders"), calls.arrives("13877779999", "after-sales")
        for call in (live, others_live, waiting, others_waiting):
            await calls.written(call)
        later = house.time.now() + timedelta(hours=9)
        calls.tell(
            CallbackPromised("p-own", "+8613811110000", "orders", "sam", begins=later),
            CallbackPromised("p-other", "+8613877770009", "after-sales", "sam", begins=later),
        )
        calls.tell(AlarmRaised("bad line", "own", live), AlarmRaised("caller forgotten on hold", "x", others_live))
        for queue in ("orders", "after-sales"):
            calls.tell(FaultDeclared(FaultWords("断网"), FaultScope(queues=(queue,))))
        calls.tell(*messages(house))
        await calls.settled()
        async with house.client("operator") as operator:
            alarms = (await (await operator.get("/api/alarms")).json())["alarms"]
        async with house.client("supervisor") as supervisor:
            yield Floor(
                house,
                supervisor,
                {"agent": "1001", "queue": "orders", "call": live, "past": past.call, "waiting": waiting, "offer": past.offer, "message": OWN_MESSAGE, "callback": "p-own", "fault": "1"},
                {
                    "agent": "1003", "queue": "after-sales", "call": others_live, "past": others_past.call,
                    "waiting": others_waiting, "offer": others_past.offer, "number": str(alarms[0]["number"]), "callback": "p-other", "fault": "2", "message": FOREIGN_MESSAGE,
                },
            )  # fmt: skip


ABSENT = {
    "agent": "1999",
    "queue": "aftersales",
    "call": "c9-9-9999",
    "offer": "c9-9-9999-1",
    "number": "999999",
    "message": "m0000000009-9999",
    "callback": "p-nobody",
    "fault": "999",
}
MAY = [route for route in ROUTES if "supervisor" in holders(route.need, route.method)]
WITH_WORDS = [route for route in MAY if "{" in route.path and route.need not in ("own-sign-in", "customers-see")]
CASES = [
    (route, which)
    for route in WITH_WORDS
    for which in ("call", "past", "waiting")
    if which == "call" or "{call" in route.path
]
LISTS = [route for route in MAY if route.method == "GET" and "{" not in route.path and route.path not in NO_FLOOR]


def filled(route: Route, words: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)(?::(?:[^{}]|\{[^{}]*\})*)?\}", lambda found: words[found[1]], route.path)


async def asked(client: aiohttp.ClientSession, route: Route, words: dict[str, str]) -> tuple[int, str, str]:
    """Status, code and text of the answer."""
    body = BODIES.get(route.path.rpartition("/")[2], {}) if route.method == "POST" else None
    async with client.request(route.method, filled(route, words), json=body) as answer:
        text = (await answer.read()).decode(errors="replace")
        return answer.status, json.loads(text)["code"] if answer.status >= 400 else "", text


@pytest.mark.parametrize(
    ("route", "which"), CASES, ids=[f"{route.method} {route.path} {which}" for route, which in CASES]
)
async def test_what_is_another_teams_is_answered_like_what_does_not_exist(floor: Floor, route: Route, which: str):
    words = {**floor.foreign, "call": floor.foreign[which]}
    known = await asked(floor.supervisor, route, words)
    unknown = await asked(floor.supervisor, route, ABSENT)
    assert known[0] == 404, known
    assert known[:2] == unknown[:2]
    plain = re.sub(r'"(incident|detail)":"[^"]*"', "", known[2])
    assert floor.told(plain) == []


@pytest.mark.parametrize("route", [r for r in WITH_WORDS if r.method == "GET"], ids=lambda route: route.path)
async def test_what_is_the_own_teams_is_seen_without_the_other(floor: Floor, route: Route):
    for which in ("call", "past", "waiting"):
        words = {**floor.own, "call": floor.own[which]}
        status, code, text = await asked(floor.supervisor, route, words)
        over = which == "past" and route.path.endswith("/targets")
        assert status == (404 if over else 200), (code, text)
        assert floor.told(text) == []


@pytest.mark.parametrize("route", LISTS, ids=lambda route: route.path)
async def test_no_list_and_no_stream_tells_of_another_team(floor: Floor, route: Route):
    async with floor.supervisor.get(route.path) as answer:
        assert answer.status == 200, await answer.text()
        if route.content != "text/event-stream":
            text = await text_of(answer)
        else:
            text = ""
            while "\r\n\r\n" not in text:
                text += (await answer.content.readany()).decode()
    assert floor.told(text) == []
    if route.path in ("/api/state", "/api/agents", "/api/events"):
        assert floor.own["agent"] in text


async def test_counts_and_figures_are_the_own_teams(floor: Floor):
    async with floor.house.client("operator") as operator:
        whole = await (await operator.get("/api/kpi")).json()
        of_queue = next(row for row in whole["queues"] if row["queue"] == "orders")
        state = await (await operator.get("/api/state")).json()
    seen = await (await floor.supervisor.get("/api/kpi")).json()
    assert whole["calls"] == 2
    assert (seen["calls"], seen["queues"]) == (1, [of_queue])
    for name in ("connect_rate", "within_15_s", "asa_s", "aht_s", "three_ring_rate"):
        assert seen[name]["value"] == of_queue[name]["value"]
    own = (await (await floor.supervisor.get("/api/state")).json())["counts"]
    assert set(own["queues"]) == {"orders"}
    assert own["total"]["asked"] == state["counts"]["queues"]["orders"]["asked"] == 3
    assert own["total"] == {**state["counts"]["queues"]["orders"]}
    refused = await floor.supervisor.get("/api/kpi?queue=after-sales")
    assert (refused.status, (await refused.json())["code"]) == (400, "unknown-queue")


async def test_a_stream_says_nothing_when_only_the_other_team_changes(floor: Floor):
    async with floor.supervisor.get("/api/events") as answer:
        await answer.content.readuntil(b"\r\n\r\n")
        for _ in range(3):
            floor.house.calls.tell(AgentNotReady("1003", "break"), AgentReady("1003"))
            await floor.house.calls.settled()
        floor.house.calls.tell(AgentNotReady("1001", "meal"))
        text = ""
        while '"meal"' not in text:
            text += (await answer.content.readany()).decode()
    assert text.count("event: change") == 1
    assert floor.told(text) == []


async def test_actions_for_all_are_for_the_own_agents(floor: Floor):
    floor.house.calls.tell(AgentReady("1001"))
    await floor.house.calls.settled()
    async with floor.supervisor.post("/api/agents/all/not-ready", json={"reason": "break"}) as answer:
        assert (answer.status, (await answer.json())["agents"]) == (202, ["1001"])
    await floor.house.calls.settled()
    floor.house.calls.tell(AgentReady("1001"))


@pytest.mark.parametrize(
    "to", [{"agent": "1003"}, {"agent": "1999"}, {"queue": "after-sales"}, {"queue": "nowhere"}, {"skill": "orders"}]
)
async def test_a_supervisor_hands_no_caller_over_to_another_team(floor: Floor, to: dict[str, str]):
    body = {"to": to, "reason": "refund"}
    async with floor.supervisor.post(f"/api/calls/{floor.own['call']}/transfer", json=body) as answer:
        told = await answer.json()
        assert (answer.status, told["code"], told["field"]) == (400, "beyond-teams", "to")
        assert told["detail"] == "Choose an agent or a queue of your teams, or an outside number of the list."


@pytest.mark.parametrize("queues", [["after-sales"], ["orders", "after-sales"], []])
async def test_a_supervisor_moves_no_agent_to_another_teams_queue(floor: Floor, queues: list[str]):
    async with floor.supervisor.post("/api/agents/1001/queues", json={"queues": queues}) as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, "unknown-queue" if queues else "no-queue")


async def test_a_waiting_call_is_moved_to_no_queue_of_another_team(floor: Floor):
    async with floor.supervisor.post(
        f"/api/calls/{floor.own['waiting']}/move", json={"queue": "after-sales"}
    ) as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, "unknown-queue")


async def test_a_supervisor_sees_numbers_masked_and_finds_none_by_a_part(floor: Floor):
    async with floor.supervisor.get(f"/api/recordings/{floor.own['offer']}") as answer:
        assert (await answer.json())["recording"]["caller"] == "138****2222"
    for path, found in (
        ("/api/recordings?caller=1381111", 0),
        ("/api/recordings?caller=2222", 1),
        ("/api/recordings?caller=7777", 0),
    ):
        async with floor.supervisor.get(path) as answer:
            assert len((await answer.json())["recordings"]) == found, path
    async with floor.supervisor.get(f"/api/recordings/{floor.own['offer']}/audio") as answer:
        assert answer.status == 200


async def test_a_supervisor_who_loses_the_team_loses_the_stream(floor: Floor):
    floor.house.accounts.add("temporary", ["supervisor"], "for-a-week-or-two-9", teams=["orders"])
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(floor.house.url, headers={"Origin": floor.house.url}, cookie_jar=jar) as client:
        await client.post("/api/log-in", json={"account": "temporary", "password": "for-a-week-or-two-9"})
        async with client.get("/api/events") as answer:
            await answer.content.readuntil(b"\r\n\r\n")
            floor.house.accounts.set_roles("temporary", ["supervisor"], ["after-sales"])
            rest = (await answer.content.read()).decode()  # it ends
        assert "1003" not in rest
        assert (await client.get("/api/state")).status == 401


async def test_the_end_of_a_page_tells_of_no_call_and_recording_of_another_team(floor: Floor):
    """A page begins behind a call that is named: one of another team must be no mark."""
    for path, own, foreign in (
        ("/api/calls", floor.own["call"], floor.foreign["call"]),
        ("/api/recordings", floor.own["offer"], floor.foreign["offer"]),
    ):
        pages = []
        for before in (foreign, ABSENT["call" if path == "/api/calls" else "offer"]):
            async with floor.supervisor.get(path, params={"before": before}) as answer:
                assert answer.status == 200
                pages.append((await answer.json())[path.rpartition("/")[2]])
        assert pages == [[], []]
        async with floor.supervisor.get(path, params={"before": own}) as answer:
            found = (await answer.json())[path.rpartition("/")[2]]
        assert len(found) == (1 if path == "/api/calls" else 0), "an own one is no mark any more"
