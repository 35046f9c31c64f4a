"""Reports through the API and the command line: a real engine's calls, a real PostgreSQL, files that are read back."""

import asyncio
import csv
import io
import json
import stat
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl  # type: ignore[import-untyped]
import pytest

from acd.engine.events import AlarmRaised, CallerHungUp
from acd.reports.contents import Wanted
from acd.reports.make import WAITING, Busy, Maker, TooManyRows, check
from acd.reports.spans import Span, latest
from acd.web.server.routes import CONTEXT
from tests.web.support.web_server import RunningServer
from tests.web.test_command_line import said, sanxiang

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
async def busy_day(house: RunningServer) -> AsyncIterator[RunningServer]:
    """Eleven answered calls and one that was given up, all on one day."""
    (house.folder / "run").mkdir(exist_ok=True)
    (house.folder / "run" / "address.json").write_text(json.dumps({"url": house.url}))
    house.time.to_mid_month()
    await house.calls.ready("1001", "1002", "1003")
    for number in range(11):
        offer = await house.calls.answered(house.calls.arrives(queue="after-sales" if number == 0 else "orders"))
        await house.calls.over(offer)
        house.time.forward(60)  # the wrap-up
        await house.calls.settled()
        last = offer.call
    given_up = house.calls.arrives(queue="after-sales")
    await house.calls.settled()
    house.calls.tell(CallerHungUp(given_up))
    await house.calls.written(given_up)
    await house.calls.written(last)
    yield house


def today(house: RunningServer) -> str:
    return house.time.now().astimezone(SHANGHAI).date().isoformat()


async def get(house: RunningServer, path: str, who: str = "operator", **query: str) -> tuple[int, Any]:
    async with house.client(who) as client, client.get(path, params=query) as answer:
        if answer.content_type in ("application/json", "application/problem+json"):
            return answer.status, await answer.json()
        return answer.status, (answer.headers, await answer.read())


def audited(house: RunningServer, action: str) -> list[dict[str, Any]]:
    lines = map(json.loads, (house.folder / "audit.log").read_text().splitlines())
    return [line for line in lines if line["action"] == action]


async def test_a_report_says_what_kpi_says_of_the_same_span(busy_day: RunningServer):
    house = busy_day
    _, kpi = await get(house, "/api/kpi", day=today(house))
    status, found = await get(house, "/api/reports/figures", first=today(house), last=today(house))
    assert status == 200
    rows = {row["name"]: row["values"] for row in [*found["rows"], found["total"]]}
    for figures in [*kpi["queues"], kpi]:
        row = rows[figures["queue"]]
        assert (row["calls"], row["answered"]) == (figures["calls"], figures["answered"])
        for name in ("connect_rate", "within_15_s", "three_ring_rate", "asa_s", "aht_s"):
            assert row[name] == figures[name]["value"], name
        assert row["talk_s"] == figures["counts"]["talk_s"]
    assert rows[""]["calls"] == 12 and found["whole"] is False
    few = {row["name"]: row["few"] for row in found["rows"]}
    assert "connect_rate" in few["after-sales"] and "connect_rate" not in few["orders"]
    assert {figure["name"]: figure["target"] for figure in found["figures"]}["connect_rate"] == 0.9
    assert all(figure["definition"]["zh"] and figure["definition"]["en"] for figure in found["figures"])


async def test_agents_talks_sum_up_to_the_hotlines(busy_day: RunningServer):
    house = busy_day
    _, queues = await get(house, "/api/reports/figures", first=today(house), last=today(house))
    _, agents = await get(house, "/api/reports/figures", by="agents", first=today(house), last=today(house))
    assert agents["total"]["values"]["talk_s"] == queues["total"]["values"]["talk_s"]
    assert sum(row["values"]["talks"] for row in agents["rows"]) == agents["total"]["values"]["talks"] == 11
    assert {row["label"]["zh"] for row in agents["rows"]} <= {"1001 李娜", "1002 Tom <b>Baker</b>", "1003 王芳"}
    _, only = await get(house, "/api/reports/figures", by="agents", queue="after-sales", first=today(house))
    assert only["total"]["values"]["talks"] == 1


async def test_without_days_it_is_the_last_seven_and_each_has_its_row(busy_day: RunningServer):
    _, found = await get(busy_day, "/api/reports/figures")
    assert found["last"] == today(busy_day) and len(found["days"]) == 7
    assert found["days"][-1]["figures"]["values"]["calls"] == 12
    assert found["days"][0]["figures"]["values"]["connect_rate"] is None


async def test_each_download_is_a_file_to_keep_and_a_line_in_the_audit_log(busy_day: RunningServer):
    house, day = busy_day, today(busy_day)
    before = len(audited(house, "downloaded a report"))
    for form, begin in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("page", b"<!doctype html>")):
        status, (headers, data) = await get(house, "/api/reports/file", format=form, first=day, last=day, language="zh")
        assert status == 200 and data.startswith(begin)
        assert headers["Content-Disposition"].startswith('attachment; filename="report-')
        assert headers["Cache-Control"] == "no-store"
    lines = audited(house, "downloaded a report")[before:]
    assert [line["file"].rpartition(".")[2] for line in lines] == ["csv", "xlsx", "html"]
    assert all((line["who"], line["first"], line["by"]) == ("operator", day, ["queues"]) for line in lines)


@pytest.mark.parametrize(
    ("query", "status", "code", "field"),
    [
        ({"first": "2024-01-01", "last": "2026-01-01"}, 400, "narrow-the-period", "first"),
        ({"first": "2026-11-29", "last": "2026-11-28"}, 400, "bad-request", "first"),
        ({"first": "0001-01-01", "last": "0001-01-01"}, 400, "bad-request", "first"),
        ({"first": "9999-12-31", "last": "9999-12-31"}, 400, "bad-request", "first"),
        ({"first": "yesterday"}, 400, "bad-request", "first"),
        ({"by": "brands"}, 400, "bad-request", "by"),
        ({"queue": "order"}, 400, "unknown-queue", "queue"),
        ({"queue": "Or ders"}, 400, "bad-request", "queue"),
        ({"days": "7"}, 400, "bad-request", "days"),
    ],
)
async def test_what_can_not_be_asked_is_refused_with_its_field(
    house: RunningServer, query: dict[str, str], status: int, code: str, field: str
):
    for path in ("/api/reports/figures", "/api/reports/file"):
        found, problem = await get(house, path, **query)
        assert (found, problem["code"], problem.get("field")) == (status, code, field), problem


async def test_only_operators_and_programs_that_read_see_reports(house: RunningServer):
    for who, status in (("qa", 403), ("1001", 403), ("read", 200), ("operator", 200)):
        assert (await get(house, "/api/reports", who))[0] == status
    async with house.client("read") as client, client.post("/api/reports/weekly/try", json={}) as answer:
        assert answer.status == 403


async def test_a_report_of_the_configuration_is_made_listed_and_its_files_are_had(busy_day: RunningServer):
    house = busy_day
    async with house.client("operator") as client:
        async with client.post("/api/reports/weekly/try", json={}) as answer:
            made = await answer.json()
        async with client.post("/api/reports/monthly/try", json={}) as answer:
            unknown = await answer.json()
        async with client.post("/api/reports/weekly/try", json={"mail": True}) as answer:
            nobody = await answer.json()
    assert (unknown["status"], unknown["code"], nobody["code"]) == (404, "unknown-report", "no-mail")
    span = latest("weekly", SHANGHAI, house.time.now())
    assert (made["first"], made["last"], made["why"], made["mail"]) == (
        str(span.first),
        str(span.last),
        "asked",
        "none",
    )
    assert [name.rpartition(".")[2] for name in made["files"]] == ["xlsx", "html"]
    _, listed = await get(house, "/api/reports")
    assert listed["made"][0] == made
    assert [(one["name"], one["every"], one["mails"], one["trouble"]) for one in listed["reports"]] == [
        ("weekly", "weekly", 0, "")
    ]
    path = f"/api/reports/made/{made['number']}/{made['files'][0]}"
    status, (_, data) = await get(house, path)
    assert status == 200 and openpyxl.load_workbook(io.BytesIO(data)).sheetnames[0] == "按队列"
    assert audited(house, "downloaded a report")[-1]["number"] == made["number"]
    assert (await get(house, f"/api/reports/made/{made['number']}/secrets.json"))[1]["code"] == "unknown-report"
    assert (await get(house, f"/api/reports/made/99999/{made['files'][0]}"))[1]["code"] == "unknown-report"
    (Path(made["folder"]) / made["files"][0]).unlink()
    assert (await get(house, path))[1]["code"] == "file-missing"


async def test_the_due_report_of_a_real_database_is_made_by_a_look_and_its_numbers_are_kpis(busy_day: RunningServer):
    house = busy_day
    runner: Any = house.app[CONTEXT].reports
    await runner.look()
    moment = datetime.fromisoformat(runner.configured()[0]["next_at"].isoformat())
    house.time.forward((moment - house.time.now()).total_seconds() + 1)
    await runner.look()
    made = runner.made()[0]
    assert (made.why, made.name) == ("due", "weekly")
    book = openpyxl.load_workbook(Path(made.folder) / made.files[0])
    sheet = book["按队列"]
    total = next(line for line in sheet.iter_rows(values_only=True) if line[1] == "全部来电")
    edges = made.span.edges(SHANGHAI)
    kpi = await house.store.kpi(edges[0], edges[-1])
    assert total[2] == kpi.ended == 12 and total[3] == kpi.answered
    assert total[4] == pytest.approx(kpi.connect_rate)
    assert sheet.cell(1, 1).value == "三响热线 · 按队列"
    assert not [event for event in house.told if isinstance(event, AlarmRaised)]


# -- at most so much, and one at a time -------------------------------------------------------------------------------------


async def test_more_reports_than_may_wait_are_refused_and_the_others_are_made(house: RunningServer):
    context = house.app[CONTEXT]
    maker = Maker(lambda: house.store, lambda: context.config, house.time.now)
    day = house.time.now().date()
    asked = [asyncio.create_task(maker.report(Wanted(Span(day, day)))) for _ in range(WAITING + 3)]
    done = await asyncio.gather(*asked, return_exceptions=True)
    refused = [one for one in done if isinstance(one, Busy)]
    assert len(refused) == 2
    assert len([one for one in done if not isinstance(one, Exception)]) == WAITING + 1


async def test_so_many_agents_over_so_many_days_are_refused_before_the_database_is_asked(house: RunningServer):
    config = house.app[CONTEXT].config
    many = config.model_copy(update={"agents": {str(10000 + n): config.agents["1001"] for n in range(500)}})
    day = house.time.now().date()
    check(many, Wanted(Span(day - timedelta(days=30), day), ("queues", "agents")))
    with pytest.raises(TooManyRows, match="500 queues and agents over 366 days are 183000 rows"):
        check(many, Wanted(Span(day - timedelta(days=365), day), ("agents",)))


# -- typed ------------------------------------------------------------------------------------------------------------------


async def test_a_report_is_made_at_the_command_line_as_a_private_file(busy_day: RunningServer, tmp_path: Path):
    house = busy_day
    first = (house.time.now() - timedelta(days=14)).astimezone(SHANGHAI).date()
    last = house.time.now().astimezone(SHANGHAI).date()
    out = tmp_path / "week.csv"
    output = await said(
        house, "report", "make", "--from", str(first), "--to", str(last), "--format", "csv", "--out", str(out)
    )
    assert output.startswith(f"{out}: ") and stat.S_IMODE(out.stat().st_mode) == 0o600
    rows = list(csv.reader(io.StringIO(out.read_text(encoding="utf-8-sig"))))
    total = next(row for row in rows if row[3] == "All calls")
    assert (total[0], total[1], total[4]) == (str(first), str(last), "12")
    await said(house, "report", "make", "weekly", "--out", str(tmp_path))
    assert [file.suffix for file in tmp_path.glob("weekly-*")] == [".xlsx"]


async def test_reports_are_listed_and_tried_at_the_command_line(busy_day: RunningServer):
    output = await said(busy_day, "report", "try", "weekly")
    assert "weekly-" in output and str(busy_day.folder / "reports") in output and "Not mailed." in output
    listed = await said(busy_day, "report", "list")
    assert "weekly" in listed and "NEXT (" in listed and "xlsx, page" in listed


async def test_what_the_hotline_refuses_is_said_at_the_command_line(busy_day: RunningServer):
    for words, why in (
        (("report", "make", "nowhere"), "There is no report nowhere"),
        (("report", "try", "weekly", "--mail"), "mailed to nobody"),
        (("report", "make", "--from", "2020-01-01", "--to", "2026-01-01"), "Narrow the span"),
    ):
        status, output, complaints = await sanxiang(busy_day, *words)
        assert (status, output) == (1, "") and why in complaints and "Traceback" not in complaints


async def test_kpi_of_a_month_is_the_sum_of_its_days(busy_day: RunningServer):
    house = busy_day
    bounds = json.loads(await said(house, "report", "list", "--json"))["made"]
    due = next(one for one in bounds if one["why"] == "due")
    week = datetime.fromisoformat(due["first"]).date().isocalendar()
    whole = json.loads(
        await said(house, "kpi", "--week", f"{week.year}-W{week.week:02d}", "--interval", "day", "--json")
    )
    assert whole["calls"] == 12 and len(whole["intervals"]) == 7
    assert sum(each["figures"]["calls"] for each in whole["intervals"]) == 12
    shown = await said(house, "kpi", "--from", due["first"], "--to", due["last"], "--interval", "day")
    assert len(shown.splitlines()) == 8 and due["last"] in shown
