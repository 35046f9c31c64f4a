"""The document says what the router serves, no more and no less, and what it promises holds."""

import ast
import re
from pathlib import Path

from aiohttp import web
from openapi_pydantic import OpenAPI

from acd.web.server.app import ROUTES
from tests.web.support.web_server import RunningServer

WEB = Path(__file__).parents[2] / "acd" / "web"


def test_every_file_with_routes_is_served():
    served = {route.handler.__module__ for route in ROUTES}
    for file in sorted(WEB.rglob("*.py")):
        names = {
            target.id
            for node in ast.parse(file.read_text(encoding="utf-8")).body
            if isinstance(node, ast.Assign | ast.AnnAssign)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        }
        module = ".".join(("acd", "web", *file.relative_to(WEB).with_suffix("").parts))
        if "ROUTES" in names and module != "acd.web.server.app":
            assert module in served, f"{module} has ROUTES: add it to those of acd/web/server/app.py"


async def test_every_route_stands_in_the_document(house: RunningServer):
    served: dict[str, set[str]] = {}
    for route in house.app.router.routes():
        assert isinstance(route, web.ResourceRoute | web.AbstractRoute)
        if route.method == "HEAD" or route.resource is None:
            continue
        path = re.sub(r"\{(\w+):(?:[^{}]|\{[^{}]*\})*\}", r"{\1}", route.resource.canonical)
        served.setdefault(path, set()).add(route.method.lower())
    async with house.client("token") as client:
        document = await (await client.get("/api/openapi.json")).json()
    described = {
        path: {method for method in ("get", "post", "put", "delete") if method in item}
        for path, item in document["paths"].items()
    }
    assert described == served
    OpenAPI.model_validate(document)
    assert [name for name in document["components"]["schemas"] if "__" in name] == []  # two models of one name


async def test_answers_hold_to_the_document(house: RunningServer):
    await house.calls.ready("1001")
    async with house.client("token") as client:
        document = await (await client.get("/api/openapi.json")).json()
        for path in (
            "/api/state",
            "/api/queues",
            "/api/agents",
            "/api/calls",
            "/api/kpi",
            "/api/vocabulary",
            "/api/me",
        ):
            answer = await (await client.get(path)).json()
            content = document["paths"][path]["get"]["responses"]["200"]["content"]
            name = content["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
            schema = document["components"]["schemas"][name]
            assert set(schema["required"]) <= set(answer), path
            assert set(answer) <= set(schema["properties"]), path


async def test_an_agents_answers_hold_to_the_document_too(house: RunningServer):
    await house.calls.ready("1002")
    call = house.calls.arrives()
    await house.calls.answered(call)
    async with house.client("token") as client:
        document = await (await client.get("/api/openapi.json")).json()
    schemas = document["components"]["schemas"]
    async with house.client("1002") as client:
        for path in (
            "/api/desk",
            *(f"/api/calls/{{call}}/{what}" for what in ("card", "draft", "targets", "contacts")),
        ):
            async with client.get(path.format(call=call)) as response:
                assert response.status == 200, await response.text()
                answer = await response.json()
            content = document["paths"][path]["get"]["responses"]["200"]["content"]
            schema = schemas[content["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]]
            assert set(schema["required"]) <= set(answer), path
            assert path.endswith("card") or set(answer) <= set(schema["properties"]), path
    operation = document["paths"]["/api/calls/{call}/card"]["get"]
    assert operation["description"].endswith(
        "\n\nNeeds the permission cards-read, which the role agent or crm or operator or qa or read or supervisor has."
    )
    assert all(operation["description"] for item in document["paths"].values() for operation in item.values())
    assert all(len(operation["tags"]) == 1 for item in document["paths"].values() for operation in item.values())
    assert document["paths"]["/api/calls/{call}/transfer"]["post"]["tags"] == ["transfers"]
    offer = schemas["DeskOffer"]["properties"]
    assert "from" in offer and "from_" not in offer
    transfer = schemas["Transfer"]
    assert (transfer["additionalProperties"], transfer["required"]) == (False, ["to"])


async def test_a_body_is_described_with_its_bounds(house: RunningServer):
    async with house.client("token") as client:
        document = await (await client.get("/api/openapi.json")).json()
    agent = document["components"]["schemas"]["NewAgent"]
    assert agent["properties"]["agent"]["pattern"] == "^[0-9]{2,6}$"
    assert agent["additionalProperties"] is False
    names = {one["name"] for one in document["paths"]["/api/calls"]["get"]["parameters"]}
    assert names == {
        *(
            "day",
            "first",
            "last",
            "from_time",
            "to_time",
            "search",
            "agent",
            "queue",
            "brand",
            "ending",
            "limit",
            "before",
        ),
        *("transferred", "reason", "disposition", "promise", "finding", "shortest_s", "longest_s"),
    }
