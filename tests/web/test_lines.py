"""How well lines carried speech, as operator, QA and agent meet it: with the call, as list and table, in /metrics, at the desk."""

import csv
import io
from dataclasses import replace
from typing import Any

from acd.engine.commands import Offer
from acd.engine.line_events import LegMeasured, LineChanged, LineFigures
from tests.support.waiting import eventually
from tests.web.support.web_server import RunningServer

GOOD = LineFigures(60.0, "alaw", 3000, 0, 3000, 2.0, 3000, 0, 3000, 2.0, 30.0)
BAD = replace(GOOD, packets=2550, lost=450, round_trip_ms=420.0)


async def measured(house: RunningServer, party: str = "trunk carrier", caller: str = "13812341234") -> Offer:
    """A call that is over and filed, with a bad line of the caller's and a good one of the agent's."""
    await house.calls.ready("1001")
    offer = await house.calls.whole(caller=caller)
    house.calls.tell(
        LegMeasured(offer.call, offer.offer, "caller", party, offer.agent, BAD),
        LegMeasured(offer.call, offer.offer, "agent", f"agent {offer.agent}", offer.agent, GOOD),
    )
    await house.calls.written(offer.call)

    async def both() -> bool:
        return len(await house.store.leg_quality(offer=offer.offer)) == 2

    await eventually(both, "the lines' rows")
    return offer


async def test_a_call_shows_its_lines_in_words_of_both_languages_and_so_does_its_recording(house: RunningServer):
    offer = await measured(house)
    async with house.client("operator") as client:
        story = await (await client.get(f"/api/calls/{offer.call}")).json()
    caller, agent = story["lines"]
    assert (caller["side"], caller["party"], caller["loss_percent"], caller["round_trip_ms"]) == (
        "caller",
        "trunk carrier",
        15.0,
        420.0,
    )
    assert caller["problems"] == ["loss", "delay", "mos"]
    assert caller["en"].startswith("15% of the caller's words lost; 420 ms to the caller and back")
    assert "客户的语音丢失 15%" in caller["zh"] and "420 毫秒" in caller["zh"]
    assert (agent["side"], agent["problems"], agent["en"]) == ("agent", [], "")
    assert agent["mos"] > 4.2
    told = [line for line in story["timeline"] if line["kind"] == "leg quality"]
    assert "Bad: 15% of the caller's words lost" in told[0]["en"] and "不佳" in told[0]["zh"]
    async with house.client("qa") as client:
        recording = await (await client.get(f"/api/recordings/{offer.offer}")).json()
    assert [line["side"] for line in recording["lines"]] == ["caller", "agent"]
    assert recording["lines"][0]["mos"] == caller["mos"]


async def test_the_list_and_the_table_have_the_same_rows_by_the_same_filter(house: RunningServer):
    offer = await measured(house)
    async with house.client("operator") as client:

        async def found(**query: str) -> list[tuple[str, str]]:
            async with client.get("/api/lines", params=query) as answer:
                assert answer.status == 200, await answer.text()
                return [(row["call"], row["side"]) for row in (await answer.json())["lines"]]

        mine = [(offer.call, "agent"), (offer.call, "caller")]
        assert (await found())[:2] == mine
        assert (await found(bad="true", party="trunk carrier"))[0] == mine[1]
        assert (await found(problem="delay"))[0] == mine[1]
        assert await found(problem="one-way") == []
        assert await found(party="agent 1001", bad="true") == []
        assert await found(day="2001-01-01") == []
        assert await found(limit="1", offset="1") == mine[1:]
        async with client.get("/api/lines.csv", params={"bad": "true"}) as answer:
            assert (answer.status, answer.content_type) == (200, "text/csv")
            rows = list(csv.DictReader(io.StringIO((await answer.read()).decode("utf-8-sig"))))
        assert (rows[0]["call"], rows[0]["problems"], rows[0]["loss_percent"]) == (offer.call, "loss delay mos", "15.0")
        for query, code in (
            ({"party": "trunk nobody"}, "unknown-party"),
            ({"party": "carrier"}, None),
            ({"problem": "echo"}, None),
            ({"limit": "501"}, None),
            ({"offset": "-1"}, None),
            ({"day": "yesterday"}, None),
        ):
            async with client.get("/api/lines", params=query) as answer:
                problem = await answer.json()
                assert answer.status == 400, query
                assert code is None or (problem["code"], "trunk NAME" in problem["detail"]) == (code, True)


async def test_recordings_are_listed_with_their_lines_and_found_by_a_bad_one(house: RunningServer):
    bad = await measured(house)
    await house.calls.filed(bad)
    other = await house.calls.whole(caller="13812345678")
    await house.calls.filed(other)
    async with house.client("qa") as client:

        async def found(**query: str) -> dict[str, dict[str, Any]]:
            async with client.get("/api/recordings", params=query) as answer:
                assert answer.status == 200, await answer.text()
                return {row["offer"]: row for row in (await answer.json())["recordings"]}

        everything = await found()
        row = everything[bad.offer]
        assert (row["caller_problems"], row["agent_problems"]) == (["loss", "delay", "mos"], [])
        assert row["caller_mos"] < 3 < 4.2 < row["agent_mos"]
        assert [everything[other.offer][name] for name in ("caller_mos", "agent_problems")] == [None, None]
        listed = await found(bad_line="true")
        assert bad.offer in listed and other.offer not in listed
        async with client.get("/api/recordings.csv") as answer:
            table = list(csv.DictReader(io.StringIO((await answer.read()).decode("utf-8-sig"))))
        rows = {each["offer"]: each for each in table}
        assert (rows[bad.offer]["caller_problems"], rows[bad.offer]["agent_problems"]) == ("loss delay mos", "good")
        assert (rows[other.offer]["caller_problems"], rows[other.offer]["caller_mos"]) == ("", "")
        async with client.get("/api/recordings", params={"bad_line": "perhaps"}) as answer:
            assert answer.status == 400 and "bad_line" in await answer.text()


async def test_metrics_have_each_trunks_lines_and_no_agents(house: RunningServer):
    await measured(house, party="trunk second")
    async with house.client("token") as client, client.get("/metrics") as answer:
        lines = (await answer.text()).splitlines()
    assert 'sanxiang_trunk_legs{trunk="second"} 1.0' in lines
    assert 'sanxiang_trunk_legs_bad{trunk="second"} 1.0' in lines
    assert 'sanxiang_trunk_loss_ratio{trunk="second"} 0.15' in lines
    assert any(line.startswith('sanxiang_trunk_mos{trunk="second"} 2.') for line in lines)
    assert 'sanxiang_trunk_round_trip_seconds{trunk="second"} 0.42' in lines
    assert not [line for line in lines if line.startswith("sanxiang_trunk") and "1001" in line]


async def test_the_desk_and_the_wallboard_see_a_bad_line_while_it_is_bad(house: RunningServer):
    await house.calls.ready("1001")
    offer = await house.calls.answered(house.calls.arrives())
    bad = LineChanged(offer.call, offer.offer, "caller", "trunk carrier", "1001", BAD, ("loss", "mos"))

    async def line(who: str, path: str) -> dict[str, list[str]] | None:
        async with house.client(who) as client:
            said = await (await client.get(path)).json()
        rows = [said["call"]] if path == "/api/desk" else said["calls"]
        return next((row["line"] for row in rows if row and row["call"] == offer.call), None)

    assert await line("1001", "/api/desk") == {}
    house.calls.tell(bad)
    await house.calls.settled()
    for who, path in (("1001", "/api/desk"), ("operator", "/api/state")):
        assert await line(who, path) == {"caller": ["loss", "mos"]}
    house.calls.tell(replace(bad, figures=GOOD, problems=()))
    await house.calls.settled()
    assert await line("1001", "/api/desk") == {}
