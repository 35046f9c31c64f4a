"""The survey over HTTP: what the story server is told to ask, answers by a signed link, and who sees which figures."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from acd.engine.commands import Kind, Log
from acd.engine.events import BridgeEnded, CallerHungUp, RecordingDeclined, WrapUpEnded
from acd.engine.story_calls.events import StoryCallOver
from acd.engine.surveys.events import SurveyAnswered, SurveySent
from acd.web.api.surveys.link import call_of, survey_id
from tests.web.support.web_server import CONFIG, RunningServer, running_server
from tests.web.test_self_service import signed

pytestmark = pytest.mark.slow
SECRET = b"of the company's sender, 24"


@dataclass
class Asking:
    house: RunningServer
    rows: list[Log]
    callers: int = 0

    async def left(self, by: str = "agent", recorded: bool = True, queue: str = "orders") -> str:
        """A caller whose talk with 1001 is over."""
        self.callers += 1
        call = self.house.calls.arrives(f"1380000{self.callers:04d}", queue)
        if not recorded:
            self.house.calls.tell(RecordingDeclined(call))
        offer = await self.house.calls.answered(call)
        self.house.time.forward(30)
        self.house.calls.tell(BridgeEnded(offer.agent, call, offer.offer, "agent" if by == "agent" else "caller"))
        if by == "caller":
            self.house.calls.tell(CallerHungUp(call))
        self.house.calls.tell(WrapUpEnded(offer.agent))
        await self.house.calls.settled()
        return call

    async def asked(self, call: str, role: str = "stories") -> tuple[int, dict[str, Any]]:
        async with self.house.client(role) as client, client.post("/ivr/survey", json={"call": call}) as answer:
            return answer.status, await answer.json()

    async def answers(self, body: dict[str, Any], id_: str, secret: bytes = SECRET, late_s: int = 0) -> tuple[int, Any]:
        """Status, and the code of a refusal or the answer."""
        sent, now = json.dumps(body).encode(), int(self.house.time.now().timestamp()) - late_s
        async with (
            self.house.client() as client,
            client.post("/api/survey/answers", data=sent, headers=signed(sent, now, id_, secret)) as answer,
        ):
            said = await answer.json()
            return answer.status, said if answer.status == 200 else said["code"]


@pytest.fixture(scope="module")
async def asking(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Asking]:
    folder = Path(tmp_path_factory.mktemp("survey"))
    (folder / "secret").write_text(f"whsec_{base64.b64encode(SECRET).decode()}")
    webhook = {"url": "https://messages.example.com/survey", "secret_file": str(folder / "secret")}
    survey = {
        "on": True, "questions": ["satisfied", "solved", "recommend", "word"], "low_queue": "after-sales", "when_left": "webhook",
        "webhook": webhook, "queues": {"after-sales": {"when_left": "call"}},
    }  # fmt: skip
    async with running_server(folder / "state", database, {**CONFIG, "survey": survey}) as house:
        rows: list[Log] = []
        house.board.listen(lambda at, event, commands: rows.extend(row for row in commands if isinstance(row, Log)))
        await house.calls.ready("1001")
        yield Asking(house, rows)


def test_an_id_that_the_hotline_has_not_made_belongs_to_no_call():
    made = survey_id(SECRET, "c1-2-3")
    assert call_of(SECRET, made) == "c1-2-3"
    call, _, code = made.partition(".")
    for other in (f"c1-2-4.{code}", f"{call}.{'0' * 32}", call, f".{code}", ""):
        assert call_of(SECRET, other) == ""
    assert call_of(b"another secret of 24 bytes", made) == ""


async def test_the_story_is_told_the_questions_as_often_as_it_asks_and_the_survey_begins_once(asking: Asking):
    call = await asking.left()
    wanted = {"questions": ["satisfied", "solved", "recommend", "word"], "low": 2, "callback": True}
    assert await asking.asked(call) == (200, wanted)
    assert await asking.asked(call) == (200, wanted)
    assert [row.detail["state"] for row in asking.rows if row.kind is Kind.SURVEY and row.call == call] == ["asked"]
    asking.house.calls.tell(SurveyAnswered(call, 5), CallerHungUp(call))
    await asking.house.calls.settled()
    assert (await asking.asked(call))[1]["questions"] == []


async def test_who_declined_to_be_recorded_is_not_asked_for_a_word(asking: Asking):
    call = await asking.left(recorded=False)
    assert (await asking.asked(call))[1]["questions"] == ["satisfied", "solved", "recommend"]
    asking.house.calls.tell(CallerHungUp(call))


async def test_the_story_of_a_call_back_is_told_the_questions_and_no_other_story_is(asking: Asking):
    call = await asking.left(by="caller", queue="after-sales")
    wanted = {"questions": ["satisfied", "solved", "recommend", "word"], "low": 2, "callback": True}
    assert (await asking.asked(call))[1]["questions"] == [], "the call itself is over"
    for _ in range(2):
        assert await asking.asked(f"survey-{call}") == (200, wanted)
    asking.house.calls.tell(SurveyAnswered(call, solved="yes"), StoryCallOver(f"survey-{call}", "told"))
    await asking.house.calls.settled()
    assert (await asking.asked(f"survey-{call}"))[1]["questions"] == []
    assert (await asking.asked("survey-c1-1-1"))[1]["questions"] == []
    states = [row.detail["state"] for row in asking.rows if row.kind is Kind.SURVEY and row.call == call]
    assert states == ["to be called", "asked", "answered"]
    assert await asking.answers({"id": survey_id(SECRET, call), "satisfied": 1}, "c1") == (404, "no-such-survey")


async def test_only_the_story_server_may_ask(asking: Asking):
    for role in ("operator", "1001", "crm", ""):
        assert (await asking.asked("c1-1-1", role))[0] in (401, 403)
    async with asking.house.client("stories") as client, client.post("/ivr/survey", json={"call": "x\r\ny"}) as answer:
        assert answer.status == 400


async def test_answers_by_the_link_are_signed_and_taken_once(asking: Asking):
    call = await asking.left(by="caller")
    (invited,) = [each for each in asking.house.engine.survey_invitations() if each.call == call]
    assert invited.questions == ("satisfied", "solved", "recommend", "word")
    asking.house.calls.tell(SurveySent(call))
    body = {"id": survey_id(SECRET, call), "satisfied": 1, "solved": False, "recommend": 0, "callback": True}
    assert await asking.answers(body, "m1", b"another secret of 24 bytes") == (401, "not-signed")
    assert await asking.answers(body, "m2", late_s=301) == (401, "not-signed")
    forged = {**body, "id": f"{call}.{'0' * 32}"}
    assert await asking.answers(forged, "m3") == (404, "no-such-survey")
    assert await asking.answers({"id": body["id"], "callback": True}, "m4") == (400, "bad-request")
    assert await asking.answers(body, "m5") == (200, {"taken": True, "low": True, "callback": True})
    assert await asking.answers(body, "m5") == (409, "seen-before")
    assert await asking.answers(body, "m6") == (409, "answered-already")
    said = [row.detail for row in asking.rows if row.kind is Kind.SURVEY and row.call == call]
    assert [row["state"] for row in said] == ["invited", "sent", "answered"]
    assert (said[-1]["satisfied"], said[-1]["solved"], said[-1]["recommend"]) == (1, "no", 0)
    assert asking.house.engine.call(f"s{call[1:]}", asking.house.time.now()) is not None, (
        "the supervisor's callback waits"
    )


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"satisfied": 0}, "satisfied"), ({"satisfied": 6}, "satisfied"), ({"recommend": 10}, "recommend"), ({"solved": "ja"}, "solved"),
     ({"id": "x"}, "id"), ({"id": "c1.\n"}, "id"), ({"more": 1}, "more"), ({"satisfied": "5\r\n"}, "satisfied")],
)  # fmt: skip
async def test_answers_that_are_none_say_which_field(asking: Asking, wrong: dict[str, Any], field: str):
    body = json.dumps({"id": survey_id(SECRET, "c1-1-1"), "satisfied": 3} | wrong).encode()
    now = int(asking.house.time.now().timestamp())
    async with (
        asking.house.client() as client,
        client.post("/api/survey/answers", data=body, headers=signed(body, now, "w", SECRET)) as answer,
    ):
        said = await answer.json()
        assert (answer.status, said["field"]) == (400, field)


async def test_a_body_without_end_is_not_read_whole(asking: Asking):
    body = b'{"id":"' + b"x" * 1_500_000
    async with (
        asking.house.client() as client,
        client.post("/api/survey/answers", data=body, headers={"Content-Type": "application/json"}) as answer,
    ):
        assert answer.status == 413


async def test_figures_by_queue_and_by_agent_and_an_agents_own(asking: Asking):
    house = asking.house
    for mark in (5, 5, 4, 1, 5):
        call = await asking.left()
        await asking.asked(call)
        house.calls.tell(SurveyAnswered(call, mark, "yes"), CallerHungUp(call))
        await house.calls.written(call)
    async with house.client("operator") as client:
        by_queue = await (await client.get("/api/surveys?by=queue")).json()
        by_agent = await (await client.get("/api/surveys?by=agent")).json()
        for query in ("by=caller", "since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", "brand=none"):
            assert (await client.get(f"/api/surveys?{query}")).status == 400, query
    (orders,) = [row for row in by_queue["rows"] if row["who"] == "orders"]
    assert by_queue["all"]["csat"]["answers"] >= 5 and orders["csat"] == by_queue["all"]["csat"]
    (row,) = [row for row in by_agent["rows"] if row["who"] == "1001"]
    assert row["csat"]["value"] == orders["csat"]["value"] and not row["csat"]["too_few"]
    assert row["nps"]["too_few"] and row["nps"]["value"] is None, "one caller alone has said so"
    assert row["fcr"]["value"] is None and row["fcr_open"] >= 5
    async with house.client("1001") as client:
        own = (await (await client.get("/api/desk/survey?days=1")).json())["own"]
        assert own == row
        assert (await client.get("/api/surveys")).status == 403
    async with house.client("operator") as client:
        assert (await client.get("/api/desk/survey")).status == 403
