"""After real talks callers say by keys what they thought of them: whoever hung up first, after a transfer, with the daemon away."""

import asyncio
import base64
import json
import secrets
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from acd.engine.commands import Kind, Log
from acd.identity.signed import check, signature
from acd.sipp.actors import Phone
from tests.calls.support.call_log import of_call
from tests.calls.support.full_system import FullSystem
from tests.calls.support.manual_caller import ManualCaller
from tests.calls.support.many_callers import ManyCallers
from tests.calls.support.transfer_system import AGENTS, transfer_system
from tests.calls.support.transfers import for_a_while
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow
LARGE_SHIFT = (*AGENTS, *(str(2101 + number) for number in range(44)))
SECRET = b"of the company's sender, 24"
CONFIGURATION = """
[survey]
on = true
questions = ["satisfied", "solved", "recommend", "word"]
every_days = 0
when_left = "webhook"
call_after_min = 0.05

[survey.queues.complaints]
when_left = "call"

[survey.webhook]
url = "http://127.0.0.1:{port}/survey"
secret_file = "{secret}"
"""


@dataclass
class Sender:
    """The company's sender of messages: takes what is signed, and keeps it."""

    port: int = 0
    taken: list[dict[str, Any]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        check(request.headers, body, SECRET, time.time())
        self.taken.append(json.loads(body))
        return web.Response()


@dataclass
class Running:
    system: FullSystem
    sender: Sender


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory, whole: bool) -> AsyncIterator[Running]:
    folder, sender = tmp_path_factory.mktemp("survey"), Sender()
    app = web.Application()
    app.router.add_post("/survey", sender.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sender.port = runner.addresses[0][1]
    secret = folder / "secret"
    secret.write_text(f"whsec_{base64.b64encode(SECRET).decode()}")
    secret.chmod(0o600)
    try:
        more = CONFIGURATION.format(port=sender.port, secret=secret)
        async with transfer_system(folder, LARGE_SHIFT if whole else AGENTS, more=more) as system:
            yield Running(system, sender)
    finally:
        await runner.cleanup()


async def caller_with(system: FullSystem, number: str, agent: str) -> tuple[ManualCaller, str]:
    """A caller who talks with this agent."""
    line = await ManualCaller(number, system.prepared.sip_port, "95001", address="127.0.0.2").open()
    line.invite()
    await line.is_answered()
    call = await system.log.call_of(number)
    await asyncio.sleep(0.5)
    line.key("1")
    await system.log.talk_of(call, agent)
    await for_a_while()
    return line, call


async def asked(system: FullSystem, call: str) -> None:
    await system.log.row(Kind.SURVEY, lambda row: row.call == call and row.detail["state"] == "asked")


async def answered(system: FullSystem, call: str) -> Log:
    return await system.log.row(Kind.SURVEY, lambda row: row.call == call and row.detail["state"] == "answered")


async def credited(system: FullSystem) -> dict[str, int]:
    """Agent to marks, as the API tells it."""
    status, said = await system.request("GET", "/api/surveys?by=agent")
    assert status == 200, said
    return {row["who"]: row["csat"]["answers"] for row in said["rows"] if row["csat"]["answers"]}


async def test_the_agent_hangs_up_after_a_transfer_and_both_agents_get_the_marks_and_the_word_is_recorded(
    running: Running,
):
    system = running.system
    async with system.scene():
        await system.transfers.phone("1001")
        line, call = await caller_with(system, "13812340001", "1001")
        bob = await system.transfers.phone("1002")
        await system.transfers.hand_over(call, {"agent": "1002"})
        await system.log.talk_of(call, "1002")
        await for_a_while(1.5)
        bob.hang_up()
        await asked(system, call)
        for key in ("2", "1", "9"):  # a low mark; no supervisor's queue is configured, so no callback is offered
            await asyncio.sleep(1.2)
            line.key(key)
        await asyncio.sleep(2)
        for _ in range(4):
            line.tone("5")  # something is said after the beep
            await asyncio.sleep(0.7)
        line.bye()
        row = await answered(system, call)
        assert (row.detail["satisfied"], row.detail["solved"], row.detail["recommend"], row.agent) == (
            2,
            "yes",
            9,
            "1002",
        )
        await system.log.ending_of(call)
        filed = await system.log.row(Kind.RECORDED, lambda row: row.call == call and row.offer.endswith("-m2"))
        assert (
            filed.detail["complete"] and Path(system.prepared.recordings, filed.detail["path"]).stat().st_size > 30_000
        )
        alarm = await system.log.row(Kind.ALARM, of_call(call))
        assert alarm.detail["name"] == "low mark"
        free = [at for at, row in system.log.rows() if row.kind is Kind.AGENT_STATE and row.agent == "1002"][-1]
        assert free < system.log.time_of(Kind.SURVEY, call), "the agent is free before the caller is asked"

        async with asyncio.timeout(30):
            while await credited(system) != {"1001": 1, "1002": 1}:
                await asyncio.sleep(0.3)
        line.close()


async def test_a_caller_who_hangs_up_first_gets_a_link_and_its_answer_counts_once(running: Running):
    system = running.system
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001", "13812340002")
        await for_a_while(1.2)
        await caller.hang_up()
        await eventually(lambda: [each for each in running.sender.taken if each["call"] == call], "the invitation")
        (invited,) = [each for each in running.sender.taken if each["call"] == call]
        assert (invited["type"], invited["caller"], invited["questions"]) == (
            "survey.invited", "+8613812340002", ["satisfied", "solved", "recommend"],
        )  # fmt: skip
        await system.log.row(Kind.SURVEY, lambda row: row.call == call and row.detail["state"] == "sent")
        body = json.dumps({"id": invited["id"], "satisfied": 5, "solved": True}).encode()
        statuses = [await posted(system, body) for _ in range(2)]
        assert statuses == [200, 409]
        row = await answered(system, call)
        assert (row.detail["satisfied"], row.detail["solved"], row.detail["way"]) == (5, "yes", "webhook")


async def posted(system: FullSystem, body: bytes) -> int:
    id_, stamp = secrets.token_hex(8), str(int(time.time()))
    headers = {"Content-Type": "application/json", "webhook-id": id_, "webhook-timestamp": stamp}
    headers["webhook-signature"] = signature(SECRET, id_, stamp, body)
    async with (
        aiohttp.ClientSession() as client,
        client.post(f"{system.prepared.web_url}/api/survey/answers", data=body, headers=headers) as answer,
    ):
        return answer.status


async def test_a_daemon_that_is_started_anew_between_talk_and_mark_loses_neither(running: Running):
    system = running.system
    async with system.scene():
        await system.transfers.phone("1001")
        line, call = await caller_with(system, "13812340003", "1001")
        system.faults.hold_back("daemon")
        system.faults.kill("daemon")
        line_agent = system.people[-1]
        line_agent.hang_up()  # type: ignore[attr-defined]
        await asyncio.sleep(1.5)
        system.faults.bring_back("daemon")
        await system.serving()
        await asked(system, call)
        await asyncio.sleep(1.2)
        line.key("4")
        await asyncio.sleep(1.2)
        system.faults.hold_back("daemon")
        system.faults.kill("daemon")
        line.bye()
        await asyncio.sleep(0.5)
        system.faults.bring_back("daemon")
        await system.serving()
        row = await answered(system, call)
        assert (row.detail["satisfied"], row.detail.get("solved")) == (4, None)
        await system.log.ending_of(call)
        line.close()


async def test_a_caller_who_hangs_up_first_is_called_back_and_answers_while_the_daemon_is_away(running: Running):
    system = running.system
    async with system.scene():
        outside = await system.carrier.outside(Phone(ring_s=0.3, presses="1419,,,#", presses_after_s=0.8))
        await system.transfers.phone("1001")
        caller, call = await system.transfers.comes_in("13812340004", key="3")
        await system.log.talk_of(call, "1001")
        await for_a_while(1.2)
        await caller.hang_up()
        await system.log.row(Kind.SURVEY, lambda row: row.call == call and row.detail["state"] == "to be called")
        await asked(system, call)
        system.faults.hold_back("daemon")
        system.faults.kill("daemon", signal.SIGKILL)
        await asyncio.sleep(5.5)  # until the customer has answered everything, spoken and is gone
        system.faults.bring_back("daemon")
        row = await answered(system, call)
        assert (row.detail["satisfied"], row.detail["solved"], row.detail["recommend"], row.detail["way"], row.agent) == (
            4, "yes", 9, "call", "1001",
        )  # fmt: skip
        story = await system.log.row(Kind.STORY_CALL, lambda row: row.detail["state"] == "told")
        assert (story.detail["id"], story.detail["number"]) == (f"survey-{call}", "+8613812340004")
        [invite] = outside.invites()
        assert "From: <sip:95001@" in invite
        filed = await system.log.row(Kind.RECORDED, lambda row: row.call == call and row.offer.endswith("-m2"))
        assert filed.detail["complete"], "the spoken word"
        assert len(system.log.of(Kind.ARRIVED)) == len({row.call for row in system.log.of(Kind.ARRIVED)})
        assert not [row for row in system.log.of(Kind.ARRIVED) if row.call.startswith("survey-")]


@pytest.mark.drill
async def test_many_callers_are_in_the_survey_at_once_and_each_mark_counts_once(running: Running, whole: bool):
    system, callers = running.system, 50 if whole else 6
    async with system.scene(), ManyCallers(system.prepared.sip_port) as many:
        agents = (LARGE_SHIFT if whole else AGENTS)[:callers]
        lines = [many.caller(f"1390002{number:04}") for number in range(callers)]
        await system.staffed(agents, Phone(ring_s=0.2, talk_s=(4.0, 4.0)))
        for line in lines:
            line.invite()
        for line in lines:
            await line.is_answered()
            line.speak()
        await asyncio.sleep(1.0)  # a person takes as long to press a key
        for line in lines:
            line.key("1")
        calls = {await system.log.call_of(line.number): number for number, line in enumerate(lines)}

        def told(state: str) -> dict[str, Any]:
            return {
                row.call: row.detail
                for row in system.log.of(Kind.SURVEY)
                if row.call in calls and row.detail["state"] == state
            }

        await eventually(lambda: len(told("asked")) == callers, "everybody to be asked", 60)
        for keys in ("satisfied", "solved"):
            await asyncio.sleep(1.5)
            for number, line in enumerate(lines):
                line.key(str(3 + number % 3) if keys == "satisfied" else "1")
        await asyncio.sleep(1.5)
        for line in lines:
            line.bye()
        await eventually(lambda: len(told("answered")) == callers, "all answers", 60)
        assert {call: row["satisfied"] for call, row in told("answered").items()} == {
            call: 3 + number % 3 for call, number in calls.items()
        }
        assert {row["solved"] for row in told("answered").values()} == {"yes"}
        rows = [row for row in system.log.of(Kind.SURVEY) if row.call in calls and row.detail["state"] == "answered"]
        assert len(rows) == callers
