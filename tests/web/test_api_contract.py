"""Whatever is asked of the API, by whomever: the answer is one of its document, and never a fault of ours."""

import asyncio
import json
import re
from pathlib import Path

import pytest

from acd.engine.events import AlarmRaised
from acd.web.server.app import ROUTES
from tests.web.support.web_server import RunningServer, running_server

pytestmark = [pytest.mark.database, pytest.mark.slow, pytest.mark.drill]
FEW, MANY = 2, 25
"""Examples of each operation, as described and as not described: in the suite, and in the drill."""


async def some_calls(house: RunningServer) -> dict[str, list[str]]:
    """A call that is over, with its recording, one that talks, one that waits; an alarm."""
    await house.calls.ready("1001", "1002")
    over = await house.calls.whole()
    talking = house.calls.arrives("13800000002")
    offer = await house.calls.answered(talking)
    waiting = house.calls.arrives("13800000003", "after-sales")
    house.calls.tell(AlarmRaised("recordings disk stalls", "no answer for 5 s"))
    await house.calls.settled()
    return {
        "call": [talking, waiting, over.call],
        "offer": [over.offer, offer.offer],
        "agent": ["1002"],
        "queue": ["orders"],
        "number": ["1"],
        "name": ["index.js"],
        "report": ["weekly"],
        "account": ["qa"],
    }


def one_of_each(found: list[str]) -> list[str]:
    """Of each operation and status the first."""
    return list({re.sub(" as .*? \\(", " (", line.partition(":")[0]): line for line in reversed(found)}.values())[:40]


@pytest.mark.timeout(900)  # 183 operations for each role: a minute on a quiet machine, several on one that others use
async def test_every_answer_to_every_role_is_one_of_the_document(database: str, tmp_path: Path, whole: bool):
    # Here, with schemathesis: no other test needs it, and each process would import it.
    from tests.web.support.contract import Contract, clients

    async with running_server(tmp_path / "state", database) as house:
        known = await some_calls(house)
        async with house.client("token") as client, client.get("/api/openapi.json") as answer:
            document = json.loads(await answer.text())
        contract = Contract(house, document, known)
        contract.clients = await asyncio.to_thread(clients, house)
        await asyncio.to_thread(contract.play, MANY if whole else FEW)
        assert not contract.found, f"{len(contract.found)} answers:\n" + "\n".join(one_of_each(contract.found))
    asked = {operation for operation, _ in contract.statuses}
    assert len(asked) == len(ROUTES), "an operation was left out"
    good = {operation for operation, status in contract.statuses if status < 400}
    # A code of an app, a passkey, an identity provider's answer, a message's id: nobody guesses those. Nor is there a telephone to listen on.
    guessable = [
        route
        for route in ROUTES
        if not route.path.startswith(("/api/log-in", "/api/sign-in"))
        and "{message" not in route.path
        and not route.path.endswith(("/listen", "/whisper", "/barge", "/take-over", "/leave"))
    ]
    assert len(good) > len(guessable) // 2, f"most operations were never answered well: {asked - good}"
    idle = [client.role for client in contract.clients if client.role and not client.let_in]
    assert not idle, f"these roles could do nothing, so nothing was tried for them: {idle}"


async def test_an_answer_that_the_document_does_not_know_is_noticed(database: str, tmp_path: Path):
    """A status that is left out, a field of another type, another content: each is found, and nothing else."""
    from tests.web.support.contract import Contract, clients

    async with running_server(tmp_path / "state", database) as house:
        async with house.client("token") as client, client.get("/api/openapi.json") as answer:
            document = json.loads(await answer.text())
        paths = ("/api/queues/{queue}", "/api/capacity", "/metrics")
        document["paths"] = {path: document["paths"][path] for path in paths}
        del document["paths"]["/api/queues/{queue}"]["get"]["responses"]["404"]
        document["components"]["schemas"]["CapacityNow"]["properties"]["calls_limit"] = {"type": "string"}
        document["paths"]["/metrics"]["get"]["responses"]["200"]["content"] = {"text/html": {}}
        contract = Contract(house, document, {})
        contract.clients = [each for each in await asyncio.to_thread(clients, house) if each.role == "operator.token"]
        await asyncio.to_thread(contract.play, FEW)
    assert {line.partition(" as ")[0] for line in contract.found} == {f"GET {path}" for path in paths}
