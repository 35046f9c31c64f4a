"""The command line against a server with a real engine and PostgreSQL: times, exit status, what it closes and ends, and that no wrong
value is answered in words of a library. With the whole product: tests/calls/test_cli.py."""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from acd.config.versions import Texts, Versions
from acd.engine.commands import Kind
from acd.engine.events import AlarmRaised
from acd.engine.operator_events import QueueOpened, TalkCut
from tests.cli.command_line import NOT_OURS, Said, commands, options, typed
from tests.cli.test_state_folder import MAKES_ONE, words
from tests.cli.test_words_of_ours import LONG_RUNNING, TYPED
from tests.web.support.web_server import RunningServer

ZONE = "Asia/Shanghai"


@pytest.fixture(scope="module")
def line(house: RunningServer) -> RunningServer:
    """The server, where the command line finds it."""
    run = house.folder / "run"
    run.mkdir(exist_ok=True)
    (run / "address.json").write_text(json.dumps({"url": house.url}))
    text = f'[hotline]\ntimezone = "{ZONE}"\n[queues.orders]\nlabel = {{ zh = "a", en = "a" }}\n'
    Versions(house.folder / "config").take(Texts(text), "sanxiang.toml", "up", "up")
    return house


async def said(house: RunningServer, *typed_words: str) -> Said:
    return await asyncio.to_thread(typed, *typed_words, "--state", str(house.folder))


async def test_a_call_is_listed_by_the_hotlines_clock_as_its_day_is(line: RunningServer):
    await line.calls.ready("1001")
    offer = await line.calls.whole()
    row = await line.store.call(offer.call)
    assert row is not None
    local = row.arrived_at.astimezone(ZoneInfo(ZONE))
    shown = await said(line, "call", "list", "--day", f"{local:%Y-%m-%d}")
    assert f"ARRIVED ({ZONE})" in shown.screen
    [listed] = [each for each in shown.screen.splitlines() if offer.call in each]
    assert f"{local:%Y-%m-%d %H:%M:%S}" in listed
    [told] = json.loads((await said(line, "call", "list", "--json", "--search", offer.call)).screen)
    assert datetime.fromisoformat(told["arrived_at"]) == row.arrived_at
    assert datetime.fromisoformat(told["arrived_at"]).utcoffset() == UTC.utcoffset(None)
    story = (await said(line, "call", "show", offer.call)).screen.splitlines()
    assert story[0] == f"Call {offer.call} (times: {ZONE})"
    assert story[1].startswith(f"{local:%Y-%m-%d %H:%M:%S}.")
    why = (await said(line, "explain", offer.call)).screen.splitlines()
    assert why[0] == f"Call {offer.call} (times: {ZONE})"
    assert why[1][:16] == f"{local:%Y-%m-%d %H:%M}"
    assert f"SINCE ({ZONE})" in (await said(line, "agent", "list")).screen
    assert f"({ZONE})" in (await said(line, "agent", "show", "1001")).screen
    figures = (await said(line, "kpi", "--interval", "60")).screen.splitlines()
    assert figures[0].startswith(f"FROM ({ZONE})")
    now = line.time.now().astimezone(ZoneInfo(ZONE))
    assert f"{now:%H}:00" >= figures[-1].split()[0], "an interval that is yet to come"


async def test_the_exit_status_says_whether_it_is_well(line: RunningServer):
    assert (await said(line, "status")).status == 0
    line.well["pbx"] = False
    try:
        ill = await said(line, "status")
        assert ill.status == 3
        assert "pbx        DOWN" in ill.screen
        assert "`./sanxiang doctor` says what to do" in ill.screen
    finally:
        line.well["pbx"] = True


async def test_nobody_staffed_has_no_expected_wait(line: RunningServer):
    assert (await said(line, "agent", "log-out", "--all")).status == 0
    await line.calls.settled()
    table = (await said(line, "queue", "list")).screen
    assert table.count("nobody staffed") == 2


async def test_all_queues_are_closed_and_opened_at_once(line: RunningServer):
    closed = await said(line, "queue", "close", "--all")
    assert (closed.status, closed.screen.count(": closed; callers already waiting")) == (0, 2), closed
    await line.calls.settled()
    assert "Every queue is closed already." in (await said(line, "queue", "close", "--all")).screen
    opened = await said(line, "queue", "open", "--all")
    assert opened.screen == "orders: open\nafter-sales: open\n"
    await line.calls.settled()
    assert {event.queue for event in line.told if isinstance(event, QueueOpened)} == {"orders", "after-sales"}
    for wrong in (("queue", "close"), ("queue", "close", "orders", "--all")):
        assert (await said(line, *wrong)).status == 2


async def test_a_talk_is_ended_and_whoever_does_it_is_in_the_log(line: RunningServer):
    await line.calls.ready("1001")
    call = line.calls.arrives("13812349999")
    offer = await line.calls.answered(call)
    line.time.forward(5)
    done = await said(line, "call", "hang-up", call, "--reason", "abuse", "--yes")
    assert done == Said(0, f"{call}: hung up\n")
    await line.calls.settled()
    assert TalkCut(call, "abuse", "command line") in line.told or any(
        isinstance(event, TalkCut) and event.call == call for event in line.told
    )
    await line.calls.over(offer)
    await line.calls.written(call)
    log = await line.store.timeline(call)
    assert [row.detail["reason"] for row in log if row.kind == Kind.OPERATOR] == ["abuse"]
    audit = (line.folder / "audit.log").read_text()
    assert any('"TalkCut"' in each and call in each for each in audit.splitlines())


async def test_what_is_no_talk_is_not_ended_and_nothing_is_done_without_a_yes(line: RunningServer):
    waiting = line.calls.arrives("13812348888", "after-sales")
    await line.calls.settled()
    for call, sentence in (
        (waiting, "this is for talks"),
        ("c1-1-1", "There is no call c1-1-1."),
        ("Not an id", "can't be a call id"),
    ):
        refused = await said(line, "call", "hang-up", call, "--reason", "x", "--yes")
        assert (refused.status, sentence in refused.screen) == (1, True), refused
    unasked = await said(line, "call", "hang-up", waiting, "--reason", "x")
    assert (unasked.status, "--yes" in unasked.screen) == (2, True)
    assert not [event for event in line.told if isinstance(event, TalkCut) and event.call == waiting]


@pytest.mark.parametrize(
    ("typed_words", "sentence"),
    [
        (("agent", "add", "abc"), "'abc' can't be an extension: two to six digits"),
        (("agent", "add", "1010", "--skill", "orders:12"), "skill orders: level 12 is out of range, 1 to 9"),
        (("call", "list", "--day", "29.11.2026"), "--day 29.11.2026: write the day as 20"),
        (("agent", "show", "1001", "--day", "2026-2-1"), "--day 2026-2-1: write the day as 20"),
        (("kpi", "--interval", "7"), "'7' is not one of '15', '30', '60'"),
        (("trunk", "status", "carier"), "There is no trunk carier"),
        (("call", "priority", "c1-1-1", "101"), "priority: 101 is out of range. It must be at most 100."),
        (("call", "withdraw", "c1-1-1", "--reason", "x" * 81), "reason has 81 characters. Write at most 80."),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
)
async def test_a_wrong_value_is_answered_with_what_to_write(
    line: RunningServer, typed_words: tuple[str, ...], sentence: str
):
    refused = await said(line, *typed_words)
    assert refused.status in (1, 2)
    assert sentence in " ".join(refused.screen.replace("│", "").split()), refused


@pytest.mark.parametrize(
    "path", [path for path, _ in commands() if path not in LONG_RUNNING | MAKES_ONE | {("doctor",)}], ids=" ".join
)
async def test_no_option_brings_a_librarys_words_on_the_screen(
    path: tuple[str, ...], line: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)  # what is typed may be the name of a file, which is then written
    command = next(command for found, command in commands() if found == path)
    named = [each for each in options(command) if not getattr(each, "is_flag", False)]
    if not any("--state" in each.opts for each in named) or path[0] == "account":
        return
    for option in named:
        if {"--state", "--config"} & set(option.opts):
            continue
        for value in TYPED:
            shown = await said(line, *words(path, tmp_path), option.opts[0], value)
            assert not NOT_OURS.search(shown.screen.replace(value, "") if value else shown.screen), (option.opts, shown)


async def test_an_operator_is_not_sent_to_the_supervisor(line: RunningServer):
    await line.calls.ready("1001")
    call = line.calls.arrives("13812347777")
    offer = await line.calls.answered(call)
    refused = await said(line, "call", "transfer", call, "--to", "number:13900000009", "--reason", "refund")
    assert refused.status == 1
    assert "Add it to [transfers.numbers]" in refused.screen
    assert "supervisor" not in refused.screen
    await line.calls.over(offer)


async def test_a_wrap_up_that_is_none_is_not_ended(line: RunningServer):
    refused = await said(line, "agent", "end-wrap-up", "1002")
    assert (refused.status, "is not in wrap-up" in refused.screen) == (1, True), refused


async def test_accounts_are_listed_with_their_roles(line: RunningServer):
    listed = [each.split() for each in (await said(line, "account", "list")).screen.splitlines()]
    assert listed[0] == ["ACCOUNT", "ROLES", "TEAMS", "LAST", "LOG-IN", f"({ZONE})"]
    assert [row[:3] for row in listed[1:]] == [
        ["administrator", "administrator", "-"],
        ["operator", "operator", "-"],
        ["qa", "qa", "-"],
        ["supervisor", "supervisor", "orders"],
    ]


async def test_alarms_keys_and_the_audit_log_are_told_by_the_same_clock(line: RunningServer):
    line.calls.tell(AlarmRaised("trunk-closed", "carrier|12:00"))
    await line.calls.settled()
    found = json.loads((await said(line, "alarms", "--json")).screen)
    [alarm] = [each for each in found if each["kind"] == "trunk-closed"]
    raised = f"{datetime.fromisoformat(alarm['raised_at']).astimezone(ZoneInfo(ZONE)):%Y-%m-%d %H:%M:%S}"
    table = (await said(line, "alarms")).screen
    assert f"SINCE ({ZONE})" in table and raised in table
    told = f"CRITICAL {alarm['number']}: {alarm['title']['en']} (carrier) since {raised} ({ZONE}), not seen yet"
    assert told in (await said(line, "status")).screen
    assert (await said(line, "alarms", "clear", str(alarm["number"]))).status == 0

    made = await said(line, "account", "token", "add", "grafana", "--role", "metrics", "--until", "2999-12-31")
    assert f"It works until 3000-01-01 00:00 ({ZONE})." in made.screen
    [key] = json.loads((await said(line, "account", "token", "list", "--json")).screen)
    assert key["until"] == "2999-12-31T16:00:00Z"
    assert f"MADE ({ZONE})" in (await said(line, "account", "token", "list")).screen

    [*_, noted] = json.loads((await said(line, "audit", "--what", "token added", "--json")).screen)
    at = datetime.fromisoformat(noted["at"]).astimezone(ZoneInfo(ZONE))
    screen = (await said(line, "audit", "--what", "token added")).screen
    assert screen.startswith(f"Times: {ZONE}\n{at:%Y-%m-%d %H:%M:%S}  command line")
    minute = f"{at:%Y-%m-%dT%H:%M}"
    after = f"{at + timedelta(minutes=1):%Y-%m-%dT%H:%M}"
    assert "token added" in (await said(line, "audit", "--what", "token", "--since", minute)).screen
    assert "No line" in (await said(line, "audit", "--what", "token", "--since", after)).screen


@pytest.mark.parametrize(
    ("words_", "shown"),
    [
        ("status", ("正常", "队列", "等待", "通来电进行中")),
        ("queue list", ("队列", "预计等待", "接入")),
        ("queue show orders", ("排队位置", "客户", "优先级")),
        ("agent list", ("座席", "状态", "话机", "可达")),
        ("agent show 1001", ("起始", "技能", "分钟", "次数")),
        ("call list", ("来电时间", "客户", "结果")),
        ("kpi", ("接通率", "服务水平", "3 声内接通率", "放弃")),
        ("trunk list", ("没有配置中继",)),
        ("alarms", ("告警",)),
        ("queue open --all", ("所有队列都已开放",)),
        ("agent end-wrap-up 1002", ("不在话后处理",)),
        ("call show c1-1", ("没有来电 c1-1",)),
    ],
)
async def test_it_is_said_in_chinese(line: RunningServer, words_: str, shown: tuple[str, ...]):
    screen = (await said(line, *words_.split(), "--language", "zh")).screen
    for word in shown:
        assert word in screen, screen
    headings = set(re.findall(r"\b[A-Z]{4,}\b", screen))
    assert headings == set(), screen
    # An alarm's detail stays as it was stored (acd/words/alarms.py), and so do commands and where the server lies.
    ours = re.sub(r"(?m)^\d+：.*$|`[^`]*`", "", screen).replace(str(line.folder), "")
    assert not re.search(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}", ours), screen
