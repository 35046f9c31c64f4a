"""Who may do what: every route against every role, drawn from the table of routes itself."""

import contextlib
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from acd.web.server.app import ROUTES
from acd.web.server.routes import ANYONE, Route
from tests.web.support.web_server import RunningServer

WHO = (
    "",
    "qa",
    "operator",
    "supervisor",
    "administrator",
    "1001",
    "token",
    "stories",
    "crm",
    "metrics",
    "read",
    "full",
)
ROLES = {
    "": set(),
    "qa": {"qa"},
    "operator": {"operator"},
    "supervisor": {"supervisor"},
    "administrator": {"administrator"},
    "1001": {"agent"},
    "token": {"operator", "administrator", "command line"},
    "stories": {"stories"},
    "crm": {"crm"},
    "metrics": {"metrics"},
    "read": {"read"},
    "full": {"operator"},
}
PLACES = {
    "agent": "1001",
    "call": "c1-2-3",
    "caller": "13800001111",
    "customer": "K-7",
    "offer": "c1-2-3-1",
    "queue": "orders",
    "name": "index.js",
    "number": "1",
    "account": "nobody",
    "key": "AAAA",
    "report": "weekly",
    "fault": "7",
    "callback": "p-1",
    "message": "m1234567890-0001",
}


def example(route: Route) -> str:
    return re.sub(r"\{(\w+)(?::(?:[^{}]|\{[^{}]*\})*)?\}", lambda found: PLACES[found[1]], route.path)


async def status(client: aiohttp.ClientSession, route: Route) -> tuple[int, str]:
    body: dict[str, str] | None = {} if route.method == "POST" else None
    async with client.request(route.method, example(route), json=body, allow_redirects=False) as answer:
        if route.content == "text/event-stream" and answer.status == 200:
            return 200, ""
        code = (await answer.json())["code"] if answer.content_type == "application/problem+json" else ""
        return answer.status, code


@pytest.fixture(scope="module")
async def clients(house: RunningServer) -> AsyncIterator[dict[str, aiohttp.ClientSession]]:
    """One for each who: logging in anew for each route would take a minute of hashes."""
    async with contextlib.AsyncExitStack() as stack:
        yield {who: await stack.enter_async_context(house.client(who)) for who in WHO}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_each_role_gets_what_is_its_own_and_nothing_else(clients: dict[str, aiohttp.ClientSession], route: Route):
    for who, client in clients.items():
        if who in ("operator", "supervisor", "administrator", "qa", "1001") and route.path == "/api/log-out":
            continue  # Its session would be gone; test_log_in tells that story.
        found, code = await status(client, route)
        if route.need == ANYONE or ROLES[who] & route.let_in:
            assert code not in ("not-logged-in", "not-allowed"), f"{who} is refused: {found} {code}"
        elif who == "":
            assert (found, code) == (401, "not-logged-in")
        else:
            assert (found, code) == (403, "not-allowed"), f"{who} got {found} {code}"


def test_nobody_is_let_in_by_default_but_where_it_is_said():
    open_to_all = {route.path for route in ROUTES if route.need == ANYONE}
    page = {"/", "/assets/{name:[A-Za-z0-9_-][A-Za-z0-9._-]*}", "/log-in/oidc"}
    steps = ("", "/ways", "/code", "/passkey/begin", "/passkey", "/oidc/begin", "/oidc")
    assert open_to_all == page | {"/health", "/log-in", "/api/identity/confirm", "/api/survey/answers"} | {
        f"/api/log-in{step}" for step in steps
    }


def test_what_a_token_opens_is_its_own_and_no_more():
    opened = {role: {(route.method, route.path) for route in ROUTES if role in route.let_in} for role in ROLES}
    assert opened["metrics"] == {("GET", "/metrics")}
    assert {path for _, path in opened["crm"]} == {"/api/calls/{call:[a-z0-9-]{1,40}}/card", "/api/me"}
    assert {method for method, _ in opened["read"]} == {"GET"}
    assert {path for _, path in opened["read"]} == {
        r.path for r in ROUTES if r.method == "GET" and "operator" in r.let_in
    }
    assert not [path for _, path in opened["read"] if path.startswith(("/api/recordings", "/api/desk", "/ivr"))]


async def test_recordings_are_for_qa_and_the_supervisors_of_those_who_talked():
    paths = {route.path: route.let_in for route in ROUTES if route.path.startswith("/api/recordings")}
    kept = {path: paths.pop(path) for path in list(paths) if path.endswith(("/hold", "/release", "/delete"))}
    assert len(paths) == 5 and len(kept) == 3
    assert set(paths.values()) == {frozenset({"qa", "supervisor"})}
    assert set(kept.values()) == {frozenset({"qa", "administrator"})}


async def test_a_post_from_another_page_is_refused_though_the_cookie_came_along(house: RunningServer):
    async with house.client("operator") as client:
        for origin in ("https://evil.example", "null", ""):
            async with client.post("/api/agents/1001/ready", headers={"Origin": origin}) as answer:
                assert (answer.status, (await answer.json())["code"]) == (403, "cross-site")
        async with client.post("/api/agents/1001/ready") as answer:
            assert answer.status == 202


async def test_every_answer_carries_the_headers_of_the_house(house: RunningServer):
    async with house.client("operator") as client:
        for path in ("/", "/health", "/api/state", "/api/nothing", "/api/recordings"):
            async with client.get(path) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["X-Frame-Options"] == "DENY"
                assert "Server" not in answer.headers


async def test_what_is_wrong_with_a_request_is_said_in_a_sentence(house: RunningServer):
    async with house.client("token") as client:

        async def refused(method: str, path: str, **how: Any) -> tuple[int, str]:
            async with client.request(method, path, **how) as answer:
                problem = await answer.json()
                assert answer.content_type == "application/problem+json"
                assert problem["detail"].endswith(".")
                assert "Traceback" not in str(problem)
                return answer.status, problem["code"]

        assert await refused("GET", "/api/nothing") == (404, "not-found")
        assert await refused("PUT", "/api/state") == (405, "method-not-allowed")
        assert await refused("POST", "/api/agents", data=b"agent=1") == (415, "not-json")
        json = {"Content-Type": "application/json"}
        assert await refused("POST", "/api/agents", data=b"{", headers=json) == (400, "not-json")
        assert await refused("POST", "/api/agents", data=b"[" * 100_000, headers=json) == (400, "not-json")
        assert await refused("POST", "/api/agents", data=b"x" * 1_100_000, headers=json) == (413, "too-large")
        assert await refused("GET", "/api/calls?day=2026-11-22&day=2026-11-23") == (400, "bad-request")


async def test_a_fault_of_ours_is_an_incident_id_and_no_more(house: RunningServer, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(house.store, "kpi_by_interval", broken)
    async with house.client("operator") as client, client.get("/api/kpi") as answer:
        text = await answer.text()
    assert answer.status == 500
    assert "our-fault" in text
    assert "secret" not in text
    assert "RuntimeError" not in text
