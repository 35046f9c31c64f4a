"""Talks that people grade, with a real PostgreSQL: the week's sample, two graders who do not see each other's scores, an appeal."""

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text

from acd import config as configuration
from acd.config.reviews.delivered import service_form
from acd.engine.events import CallerHungUp
from acd.store.queries import erasure
from acd.web.api.reviews.review_work import agreement_of
from acd.web.server.routes import CONTEXT
from tests.web.conftest import empty_database
from tests.web.support.kept_recordings import audited, keeping_server, posted, talk
from tests.web.support.web_server import TEAMS_CONFIG, RunningServer
from tests.web.test_command_line import said, sanxiang

TOML = """
[queues.orders]
label = { zh = "订单", en = "Orders" }
[reviews]
seed = "open to all"
share = 0.5
"""
WEEK = "2024-W47"
PASSWORD = "judge-without-looking-9"
BEST: dict[str, int | str] = {name: 100 if item.kind == "points" else "yes" for name, item in service_form().items()}


async def into_the_week(house: RunningServer) -> None:
    """All talks that there are belong to the week."""
    async with house.store.transaction() as connection:
        await connection.execute(text("UPDATE recordings SET offered_at = '2024-11-19T03:00:00Z'"))


async def test_the_sample_of_a_week_is_drawn_again_from_what_the_command_prints(tmp_path: Path, database: str) -> None:
    async with keeping_server(
        tmp_path, database, TOML, {**TEAMS_CONFIG, "reviews": {"seed": "open to all", "share": 0.5}}
    ) as house:
        talks = [(await talk(house))[0].offer for _ in range(3)]
        unanswered = await house.calls.offer(house.calls.arrives())
        house.calls.tell(CallerHungUp(unanswered.call))
        await house.calls.written(unanswered.call)
        await house.calls.ready("1001")
        await into_the_week(house)
        found = json.loads(await said(house, "review", "sample", "--week", WEEK, "--json"))
        assert (found["week"], found["seed"], found["share"], found["drawn"]) == (WEEK, "open to all", 0.5, None)
        marks = sorted((hashlib.sha256(f"open to all|{WEEK}|{each}".encode()).hexdigest(), each) for each in talks)
        assert [(row["digest"], row["talk"]) for row in found["talks"]] == marks
        assert [row["taken"] for row in found["talks"]] == [True, True, False]
        assert {(row["agent"], row["queue"], row["shift"]) for row in found["talks"]} == {("1001", "orders", "06:00")}

        shown = await said(house, "review", "sample", "--week", WEEK)
        assert f"Week {WEEK}, seed open to all: 2 of 3 talks to be graded." in shown
        assert marks[0][1] in shown and marks[2][1] not in shown
        assert "3 次通话中抽取 2 次质检" in await said(house, "review", "sample", "--week", WEEK, "--language", "zh")
        assert "0 of 0 talks" in await said(house, "review", "sample", "--week", "2024-W48")
        status, _, complaints = await sanxiang(house, "review", "sample", "--week", "2124-W47")
        assert status == 1 and "Week 2124-W47 is not over" in complaints

        drawn = await said(house, "review", "draw", "--week", WEEK)
        assert f"Week {WEEK}: 2 of 3 talks are given to 1 grader, 0 of them to two." in drawn
        assert "These are the talks of which it was drawn" in await said(house, "review", "sample", "--week", WEEK)
        late, _ = await talk(house)
        await into_the_week(house)
        again = json.loads(await said(house, "review", "sample", "--week", WEEK, "--json"))
        assert late.offer in {row["talk"] for row in again["talks"]}
        assert again["drawn"]["same_talks"] is False and again["drawn"]["talks"] == 3
        assert "(3 then, 4 now)" in await said(house, "review", "sample", "--week", WEEK)

        form = await said(house, "review", "form", "--language", "zh")
        assert "服务质检表（service）" in form and "按规定核验身份" in form
        assert "[reviews.forms.service.groups.attitude]" in await said(house, "review", "form", "--toml")


@dataclass
class Grading:
    """A house with two graders, a supervisor of each team, and three talks of the week, each of which both are to grade."""

    house: RunningServer
    qa: aiohttp.ClientSession
    second: aiohttp.ClientSession
    agent: aiohttp.ClientSession
    other_agent: aiohttp.ClientSession
    supervisor: aiohttp.ClientSession
    talks: list[str]

    async def of_grader(self, client: aiohttp.ClientSession, kind: str) -> dict[str, Any]:
        """The first of this kind that the grader is to grade."""
        work = await got(client, "/api/reviews/work")
        found: dict[str, Any] = next(each for each in work["open"] if each["kind"] == kind)
        return found

    async def first_grader(self, offer: str) -> tuple[aiohttp.ClientSession, aiohttp.ClientSession]:
        """Whoever is to grade this talk first, and the other one."""
        work = await got(self.qa, "/api/reviews/work")
        kinds = {each["offer"]: each["kind"] for each in work["open"]}
        return (self.qa, self.second) if kinds[offer] == "first" else (self.second, self.qa)


async def got(client: aiohttp.ClientSession, path: str, status: int = 200) -> Any:
    async with client.get(path) as answer:
        found = await answer.json()
        assert answer.status == status, found
        return found


@asynccontextmanager
async def logged_in(house: RunningServer, account: str) -> AsyncIterator[aiohttp.ClientSession]:
    async with house.client() as client:
        await posted(client, "/api/log-in", account=account, password=PASSWORD)
        yield client


@pytest.fixture
async def grading(tmp_path: Path, postgres: str) -> AsyncIterator[Grading]:
    written = {**TEAMS_CONFIG, "reviews": {"share": 1, "twice": 1}}
    async with empty_database(postgres) as database, keeping_server(tmp_path, database, TOML, written) as house:
        house.accounts.add("second", ["qa"], PASSWORD)
        talks = [(await talk(house))[0].offer for _ in range(3)]
        await into_the_week(house)
        async with (
            house.client("qa") as qa,
            logged_in(house, "second") as second,
            house.client("1001") as agent,
            house.client("1002") as other,
            house.client("supervisor") as supervisor,
        ):
            drawn = await posted(qa, "/api/reviews/draw", week=WEEK)
            assert (drawn["talks"], drawn["taken"], drawn["twice"], drawn["graders"]) == (3, 3, 3, 2)
            yield Grading(house, qa, second, agent, other, supervisor, talks)


def path(one: dict[str, Any]) -> str:
    return f"/api/reviews/{one['offer']}/{one['number']}"


async def test_two_graders_give_a_talk_its_scores_and_neither_sees_the_others(grading: Grading) -> None:
    offer = grading.talks[0]
    first, other = await grading.first_grader(offer)
    given = await posted(
        first, f"/api/reviews/{offer}/1/give", answers={**BEST, "tone": 37}, comment="curt",
        comments=[{"at_s": 1.5, "item": "tone", "text": "a sigh"}],
    )  # fmt: skip
    assert given["score"] == 93.7 and given["fatal"] == []  # a fifth, of which a half, of 63 points less
    mine = await got(first, f"/api/reviews/{offer}/1")
    items = [item["name"] for group in mine["form"]["groups"] for item in group["items"]]
    assert items == [name for name, _ in service_form().items()]  # in the form's order
    assert mine["given"]["comments"] == [{"at_s": 1.5, "item": "tone", "text": "a sigh"}]
    for blind in (f"/api/reviews/{offer}/2", "/api/reviews/work"):
        told = json.dumps(await got(other, blind))
        assert "93.7" not in told and "curt" not in told and "sigh" not in told
    await got(other, f"/api/reviews/{offer}/1", 404)
    await posted(other, f"/api/reviews/{offer}/1/give", 404, answers=BEST)
    second = await posted(other, f"/api/reviews/{offer}/2/give", answers={**BEST, "identity": "no"})
    assert second["score"] == 0 and second["fatal"] == ["identity"]
    (talk_of_agent,) = (await got(grading.agent, "/api/desk/reviews"))["talks"]
    assert talk_of_agent["score"] == 93.7  # the second one is for the agreement alone
    assert [(each["kind"], each["grader"]) for each in talk_of_agent["history"]] == [("first", "")]
    assert {row["action"] for row in audited(grading.house)} >= {"week drawn for grading", "talk graded"}


async def test_a_score_that_was_given_is_never_changed(grading: Grading) -> None:
    one = await grading.of_grader(grading.qa, "first")
    await posted(grading.qa, f"{path(one)}/give", answers=BEST)
    again = await posted(grading.qa, f"{path(one)}/give", 409, answers={**BEST, "tone": 0})
    assert again["code"] == "given-already"
    with pytest.raises(Exception, match="was given, and is not changed"):
        async with grading.house.store.transaction() as connection:
            await connection.execute(text("UPDATE reviews SET score = 1 WHERE given_at IS NOT NULL"))
    drawn_again = await posted(grading.qa, "/api/reviews/draw", 409, week=WEEK)
    assert drawn_again["code"] == "drawn-already"


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"answers": {**BEST, "tone": 101}}, "bad-request", "answers.tone"),
        ({"answers": {**BEST, "tone": "yes"}}, "bad-answer", "answers.tone"),
        ({"answers": {**BEST, "smile": "yes"}}, "bad-answer", "answers.smile"),
        ({"answers": {"tone": 100}}, "bad-answer", "answers.empathy"),
        ({"answers": BEST, "comments": [{"at_s": 3000, "text": "late"}]}, "beyond-the-recording", "comments.0.at_s"),
        ({"answers": BEST, "comments": [{"at_s": 1, "item": "smile", "text": "x"}]}, "unknown-item", "comments.0.item"),
        ({"answers": BEST, "comment": "two\nlines"}, "illegal-character", "comment"),
    ],
)  # fmt: skip
async def test_a_form_that_is_filled_wrongly_is_refused_with_its_field(
    grading: Grading, body: dict[str, Any], code: str, field: str
) -> None:
    one = await grading.of_grader(grading.qa, "first")
    refused = await posted(grading.qa, f"{path(one)}/give", 400, **body)
    assert (refused["code"], refused["field"].startswith(field)) == (code, True), refused
    assert (await got(grading.qa, path(one)))["given"] is None


async def test_an_agent_appeals_and_the_other_grader_decides_without_seeing_the_score(grading: Grading) -> None:
    offer = grading.talks[1]
    first, other = await grading.first_grader(offer)
    refused = await posted(grading.agent, f"/api/desk/reviews/{offer}/appeal", 404, reason="it is not graded yet")
    assert refused["code"] == "unknown-review"
    await posted(
        first, f"/api/reviews/{offer}/1/give", answers={**BEST, "least-data": "no"}, comment="asked for a card"
    )
    await posted(grading.other_agent, f"/api/desk/reviews/{offer}/appeal", 404, reason="not mine")
    await posted(grading.agent, f"/api/desk/reviews/{offer}/appeal", reason="it was the order's number")
    twice = await posted(grading.agent, f"/api/desk/reviews/{offer}/appeal", 409, reason="again")
    assert twice["code"] == "appealed-already"

    decision = await grading.of_grader(other, "appeal")
    shown = await got(other, path(decision))
    assert shown["appeal"] == "it was the order's number" and shown["given"] is None
    assert "asked for a card" not in json.dumps(shown) and "score" not in shown
    silent = await posted(other, f"{path(decision)}/give", 400, answers=BEST)
    assert (silent["code"], silent["field"]) == ("no-comment", "comment")
    await posted(other, f"{path(decision)}/give", answers=BEST, comment="an order's number is no card number")

    (own,) = (await got(grading.agent, "/api/desk/reviews"))["talks"]
    assert own["score"] == 100 and own["fatal"] == [] and own["appeal"]["decided_at"]
    assert [(each["kind"], each["score"]) for each in own["history"]] == [("first", 0), ("appeal", 100)]


async def test_a_supervisor_sees_the_scores_of_the_own_team_alone(grading: Grading) -> None:
    one = await grading.of_grader(grading.qa, "first")
    await posted(grading.qa, f"{path(one)}/give", answers=BEST)
    (seen,) = (await got(grading.supervisor, "/api/reviews"))["talks"]
    assert (seen["offer"], seen["score"], seen["history"][0]["grader"]) == (one["offer"], 100, "qa")
    assert (await got(grading.supervisor, "/api/reviews?agent=1002"))["talks"] == []
    grading.house.accounts.add("afters", ["supervisor"], PASSWORD, teams=["after-sales"])
    async with logged_in(grading.house, "afters") as foreign:
        assert (await got(foreign, "/api/reviews"))["talks"] == []
    grading.house.accounts.add("both", ["supervisor", "qa"], PASSWORD, teams=["orders"])
    async with grading.house.store.transaction() as connection:
        await connection.execute(text("UPDATE reviews SET grader = 'both' WHERE number = 2"))
    async with logged_in(grading.house, "both") as blind:
        assert (await got(blind, "/api/reviews"))["talks"] == []  # to be graded by them yet


async def test_the_agreement_of_graders_is_told_and_no_single_score(grading: Grading) -> None:
    marks: dict[str, dict[str, int | str]] = {"first": {"tone": 80}, "second": {"tone": 60, "empathy": "na"}}
    for client in (grading.qa, grading.second):
        for one in (await got(client, "/api/reviews/work"))["open"]:
            await posted(client, f"{path(one)}/give", answers={**BEST, **marks[one["kind"]]})
    found = await got(grading.qa, "/api/reviews/agreement")
    assert (found["talks"], found["answers"], found["kappa"]) == (3, 27, 0)  # one said yes to everything
    assert found["difference"] == pytest.approx(98 - 94.3, abs=0.05)
    assert found["alpha"] is not None and found["alpha"] < 0
    assert "reviews" not in found
    shown = await said(grading.house, "review", "agreement")
    assert "3 talks" in shown and "0.00" in shown
    assert agreement_of([], found["first"], found["last"]).kappa is None


async def test_what_was_said_of_a_caller_goes_with_the_caller_and_the_score_stays(grading: Grading) -> None:
    offer = grading.talks[2]
    first, _ = await grading.first_grader(offer)
    await posted(first, f"/api/reviews/{offer}/1/give", answers=BEST, comment="Mr Wang was angry")
    await posted(grading.agent, f"/api/desk/reviews/{offer}/appeal", reason="Mr Wang was not")
    call = offer.rpartition("-")[0]
    async with grading.house.store.transaction() as connection:
        await erasure.erase(connection, [call], ["+8613812341234"], grading.house.time.now())
    (own,) = (await got(grading.agent, "/api/desk/reviews"))["talks"]
    assert (own["score"], own["appeal"]["reason"], own["history"][0]["comment"]) == (100, "", "")


async def test_a_grader_who_is_limited_to_a_brand_has_its_talks_alone(grading: Grading) -> None:
    one = await grading.of_grader(grading.qa, "first")
    written = {**TEAMS_CONFIG, "brands": {"acme": {"name": {"zh": "极光", "en": "Acme"}, "numbers": {"95100": "zh"}}}}
    grading.house.app[CONTEXT].config = configuration.check(written)
    grading.house.accounts.set_roles("second", ["qa"], brands=["acme"])
    async with logged_in(grading.house, "second") as limited:
        assert (await got(limited, "/api/reviews/work"))["open"] == []
        number = 2 if one["kind"] == "first" else 1
        await got(limited, f"/api/reviews/{one['offer']}/{number}", 404)
        assert (await got(limited, "/api/reviews/agreement"))["talks"] == 0
        refused = await posted(limited, "/api/reviews/draw", 403, week="2024-W46")
        assert refused["code"] == "limited-to-brands"
        async with grading.house.store.transaction() as connection:
            await connection.execute(text("UPDATE calls SET brand = 'acme'"))
        assert len((await got(limited, "/api/reviews/work"))["open"]) == 3


async def test_a_week_is_drawn_when_it_is_over_and_by_whom_it_may_be(grading: Grading) -> None:
    this_week = f"{grading.house.time.now():%G-W%V}"
    for week, status, code in (
        (this_week, 409, "week-not-over"),
        ("2024-W60", 400, "unknown-week"),
        ("W47", 400, "bad-request"),
    ):
        assert (await posted(grading.qa, "/api/reviews/draw", status, week=week))["code"] == code
    await posted(grading.supervisor, "/api/reviews/draw", 403, week=WEEK)
    await got(grading.supervisor, "/api/reviews/work", 403)
    await got(grading.qa, "/api/reviews", 403)
    await got(grading.agent, "/api/reviews", 403)
    async with grading.house.store.transaction() as connection:
        await connection.execute(text("""UPDATE review_forms SET body = (body::jsonb || '{"version": 9}')::json"""))
    changed = await posted(grading.qa, "/api/reviews/draw", 409, week="2024-W46")
    assert changed["code"] == "form-changed" and "Raise its version" in changed["detail"]
