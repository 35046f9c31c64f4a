"""How many more calls are taken: by the API for operators and QA, and as the last line of `status`."""

import asyncio
import json

from tests.cli.command_line import typed
from tests.web.support.web_server import RunningServer


async def test_a_call_leaves_one_less(house: RunningServer):
    async with house.client("qa") as client:

        async def asked() -> dict[str, float]:
            async with client.get("/api/capacity") as answer:
                assert answer.status == 200
                return dict(await answer.json())

        before = await asked()
        call = house.calls.arrives()
        await house.calls.settled()
        after = await asked()
    assert (after["calls"], after["calls_left"]) == (before["calls"] + 1, before["calls_left"] - 1)
    (house.folder / "run").mkdir(exist_ok=True)
    (house.folder / "run" / "address.json").write_text(json.dumps({"url": house.url}))
    said = await asyncio.to_thread(typed, "status", "--state", str(house.folder))
    line = f"Capacity: {after['calls']} call of {after['calls_limit']}, {after['calls_left']} more are taken"
    assert line in said.screen, said.screen
    async with house.client("token") as client, client.get("/metrics") as answer:
        assert f"sanxiang_calls_left {float(after['calls_left'])}" in await answer.text()
    assert call in house.engine.snapshot(house.time.now())["calls"][0]["call"]
