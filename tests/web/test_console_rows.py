"""What the page reads stands in what the interface sends, under that name: its TypeScript against real answers."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from acd.engine.events import AlarmRaised, CallerHungUp, PhoneChanged, WrapUpEnded
from acd.engine.line_events import LegMeasured, LineFigures
from acd.engine.listening.events import ListenAsked, ListenerAnswered
from acd.engine.self_service_events import LookedUp
from acd.engine.transfer_events import CardWritten
from acd.pbx.trunk_states import TrunkState, TrunkStates
from tests.web.support.self_calls import KEYS_LOST, runner
from tests.web.support.web_server import RunningServer, running_server

SOURCE = Path(__file__).parents[2] / "acd/web/console/src"
FILES = ("shared/api.ts", "desk/rows.ts", "reports/reports.ts")
_INTERFACE = re.compile(r"^(?:export )?interface (\w+)(?: extends ([\w, ]+))? \{\n(.*?)^\}", re.M | re.S)
LISTENER = "ls-0123456789abcdef"
_FIELD = re.compile(r"^  (\w+)\??:", re.M)


def interfaces() -> dict[str, set[str]]:
    """Name to its fields, inherited ones among them."""
    found: dict[str, set[str]] = {}
    for file in FILES:
        for name, bases, body in _INTERFACE.findall((SOURCE / file).read_text()):
            inherited = [found[base.strip()] for base in bases.split(",") if base.strip()]
            found[name] = set(_FIELD.findall(body)).union(*inherited)
    return found


async def answers(house: RunningServer) -> dict[str, Any]:
    """A real row for each interface: a dropped call and the one that goes on with it, which is being handed over."""
    await house.calls.ready("1001")
    first = await house.calls.whole()
    figures = LineFigures(60.0, "alaw", 2850, 150, 3000, 2.0, 3000, 0, 3000, 2.0, 30.0)
    house.calls.tell(AlarmRaised("loop blocked", "1.2 s"))
    house.calls.tell(LegMeasured(first.call, first.offer, "caller", "trunk carrier", first.agent, figures))
    call = await house.calls.answered(house.calls.arrives())
    for what, detail in (
        ("verified", {"level": "full", "how": "app-face"}),
        ("note", {"text": "x"}),
    ):
        house.calls.tell(CardWritten(call.call, "1001", what, detail))
    house.calls.tell(CallerHungUp(call.call), WrapUpEnded("1001"))
    again = await house.calls.answered(house.calls.arrives())
    house.calls.tell(LookedUp(again.call, "orders", "order", "found", "", 0.3, {"status": "shipped"}))
    await house.calls.ready("1002")
    await house.calls.written(again.call)
    path = f"/api/calls/{again.call}"
    house.calls.tell(PhoneChanged("1003", True), ListenAsked(LISTENER, again.call, "supervisor", "1003", "whisper"))
    house.calls.tell(ListenerAnswered(LISTENER))
    async with house.client("1001") as client:
        body = {"to": {"agent": "1002"}, "reason": "technical support", "warm": True, "note": "x"}
        async with client.post(f"{path}/transfer", json=body) as answer:
            assert answer.status in (200, 202), await answer.text()
        await house.calls.settled()

        async def get(address: str) -> Any:
            async with client.get(address) as answer:
                assert answer.status == 200, (address, await answer.text())
                return await answer.json()

        desk, card, contacts, targets = (
            await get("/api/desk"),
            await get(f"{path}/card"),
            await get(f"{path}/contacts"),
            await get(f"{path}/targets"),
        )
        vocabulary, me = await get("/api/vocabulary"), await get("/api/me")
    async with house.client("1002") as client:
        receiver = await get("/api/desk")
    async with house.client("qa") as client:
        one_recording = await get(f"/api/recordings/{first.offer}")
        recording = one_recording["recording"]
    async with house.client("operator") as client:
        state, kpi = await get("/api/state"), await get("/api/kpi")
        today = (await get("/api/agents/today"))["agents"][0]
        async with client.post("/api/reports/weekly/try", json={}) as answer:
            assert answer.status == 200, await answer.text()
        figures, reports = await get("/api/reports/figures"), await get("/api/reports")
        listed = (await get("/api/calls"))["calls"][0]
        one, explained = await get(f"/api/calls/{first.call}"), await get(f"/api/calls/{first.call}/explain")
    live = next(row for row in state["calls"] if row["call"] == again.call)
    return {
        "LiveQueue": state["queues"][0],
        "LiveAgent": state["agents"][0],
        "LiveCall": live,
        "LiveListener": live["listeners"][0],
        "AgentToday": today,
        "LiveTrunk": state["trunks"][0],
        "Alarm": state["alarms"][0],
        "LiveSelfCall": state["self_calls"][1],
        "FaultWords": state["self_calls"][1]["faults"][0]["zh"],
        "Transfer": desk["call"]["transfer"],
        "Floor": state,
        "Counts": state["counts"],
        "Vocabulary": vocabulary,
        "Call": listed,
        "Line": one["timeline"][0],
        "Offer": one["offers"][0],
        "CallRecording": one["recordings"][0],
        "Recording": recording,
        "OneRecording": one_recording,
        "LegLine": one["lines"][0],
        "OneCall": one,
        "Explained": explained,
        "Step": explained["steps"][0],
        "Choice": next(step["choice"] for step in explained["steps"] if step["choice"]),
        "Kpi": kpi,
        "Figure": kpi["connect_rate"],
        "Me": me,
        "ReportAnswer": figures,
        "ReportFigure": figures["figures"][0],
        "BothWords": figures["figures"][0]["label"],
        "ReportRow": figures["total"],
        "ReportDay": figures["days"][0],
        "ConfiguredReport": reports["reports"][0],
        "MadeReport": reports["made"][0],
        "Named": card["region"],
        "Verified": card["verified"],
        "VerifiedBefore": card["verified"]["before"],
        "Entry": card["entries"][0],
        "HandedOver": card["transfers"][0],
        "LookedUp": card["lookups"][0],
        "Leg": card["legs"][0],
        "Contact": contacts["contacts"][0],
        "Card": card,
        "Desk": desk,
        "DeskCall": desk["call"],
        "DeskOffer": receiver["offer"],
        "From": receiver["offer"]["from"],
        "Consult": desk["consult"],
        "Reason": desk["reasons"][0],
        "Disposition": desk["dispositions"][0],
        "Way": desk["verify"][0],
        "Targets": targets,
        "Goal": targets["agents"][0],
    }


NOT_HERE = {"Considered", "ToExplain", "LiveBreak", "RecordingSpan"}
"""Rows of a whole choice, of a transfer by telephone, of a break, and of a hold in a recording: stories that the browser's tests tell."""
OF_OTHERS = {"Entry": {"due_at", "code"}, "Counts": {"brands"}, "DeskCall": {"listeners"}}
"""Fields that the row of this story has not: those of a promise, of a disposition, and of a hotline with brands; an
agent is told of supervisors by a field of their own."""


async def test_every_field_that_the_page_reads_is_sent_under_that_name(database: str, tmp_path: Path):
    trunks = TrunkStates(str)
    trunks.configured([TrunkState("carrier")])
    given: dict[str, Any] = {
        "trunks": lambda: trunks.rows(datetime.now(UTC)),
        "self_calls": runner(tmp_path / "calls", KEYS_LOST),
    }
    async with running_server(tmp_path / "state", database, **given) as house:
        house.time.stop()
        found = await answers(house)
    known = interfaces()
    assert known.keys() - found.keys() == NOT_HERE
    assert not [name for name, row in found.items() if row is None]
    lacking = {name: sorted(known[name] - row.keys() - OF_OTHERS.get(name, set())) for name, row in found.items()}
    assert {name: fields for name, fields in lacking.items() if fields} == {}
