"""Who is told of an alarm at which hour, by the hotline's clock; what waits for the morning; and whom an alarm goes to that nobody has seen."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from acd.alarms.book import Book
from acd.config import BadConfiguration, Config
from acd.config.alarms import AlarmsTable
from acd.config.on_call import OnCall
from acd.daemon.notices.mail import Letters
from acd.daemon.notices.notice import Notice
from acd.daemon.notices.sending import Notices
from acd.daemon.notices.waiting import WaitingNotices
from acd.engine.commands import Kind, Log
from tests.daemon.test_notices import Scripted, config_with, mail_to
from tests.support.smtp_server import mail_server

ZONE = ZoneInfo("Asia/Shanghai")
SCHEDULE = [
    {"name": "office", "hours": ["mon-fri 08:00-18:00"], "mail": ["office@example.com"], "least": "warning"},
    {
        "name": "night",
        "hours": ["mon-sun 18:00-08:00", "sat-sun 08:00-18:00"],
        "mail": ["night@example.com"],
        "least": "critical",
    },
    {"name": "second", "mail": ["chief@example.com"], "unseen_after_min": 15},
]
MAIL = {"host": "localhost", "security": "none", "sender": "hotline@example.com", "to": ["all@example.com"]}


def at(day: int, time: str) -> datetime:
    """March 2026: the 2nd is a Monday."""
    return datetime.fromisoformat(f"2026-03-{day:02d}T{time}").replace(tzinfo=ZONE).astimezone(UTC)


def scheduled(**more: object) -> Config:
    return config_with(mail=MAIL, on_call=SCHEDULE, **more)


class Anybody(Scripted):
    """A way that takes whatever it is given."""

    def configured(self, table: AlarmsTable) -> bool:
        return True


class Watch:
    """Alarms of one night, and what was told to whom."""

    def __init__(self, config: Config) -> None:
        self.config, self.book, self.now, self.way = config, Book(), at(2, "09:00"), Anybody()
        self.begin()

    def begin(self) -> None:
        """A daemon begins."""
        self.notices = Notices(lambda: self.config, lambda: self.book, lambda: self.now, (self.way,))
        self.notices.begin()

    def row(self, day: int, time: str, name: str, kind: Kind = Kind.ALARM, **more: object) -> None:
        self.now = at(day, time)
        for change in self.book.take(self.now, Log(kind, detail={"name": name, **more})):
            self.notices.changed(self.now, change)

    async def look(self, day: int, time: str) -> None:
        self.now = at(day, time)
        await self.notices.look()

    @property
    def told(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """What has been put on its way since the last question: what, which alarm, who is on call."""
        box = self.notices.outboxes[0]
        found: list[tuple[str, str, tuple[str, ...]]] = [
            (each.what, str(each.row["kind"]), each.on_call) for each in box.unsent
        ]
        box._waiting.clear()
        return found


@pytest.fixture
def watch() -> Watch:
    return Watch(scheduled())


@pytest.mark.parametrize(
    ("day", "time", "who"),
    [
        (2, "08:00", "office"), (2, "17:59", "office"), (2, "18:00", "night"), (3, "03:00", "night"), (3, "07:59", "night"),
        (6, "23:59", "night"), (7, "07:00", "night"), (7, "12:00", "night"), (8, "23:59", "night"), (9, "00:00", "night"), (9, "08:00", "office"),
    ],
)  # fmt: skip
def test_a_critical_alarm_goes_to_whoever_is_on_call_also_past_midnight_and_over_the_week_end(
    watch: Watch, day: int, time: str, who: str
):
    watch.row(day, time, "calls refused", severity="critical")
    assert watch.told == [("raised", "calls-refused", (who,))]


async def test_a_warning_of_the_night_waits_for_the_morning_and_one_that_is_over_by_then_is_not_told(watch: Watch):
    watch.row(2, "23:00", "no such queue", subject="a")
    watch.row(2, "23:10", "bad line", subject="b")
    watch.row(3, "02:00", "bad line", Kind.ALARM_CLEARED, subject="b")
    await watch.look(3, "07:59")
    assert watch.told == []
    await watch.look(3, "08:00")
    assert watch.told == [("raised", "no-such-queue", ("office",))]
    await watch.look(3, "08:01")
    assert watch.told == [], "once"
    watch.row(3, "09:00", "no such queue", Kind.ALARM_CLEARED, subject="a")
    assert watch.told == [("cleared", "no-such-queue", ("office",))]


async def test_what_was_told_by_day_is_not_told_again_in_the_morning_and_a_restart_forgets_nothing(watch: Watch):
    watch.row(2, "12:00", "bad line", subject="a")
    assert watch.told == [("raised", "bad-line", ("office",))]
    watch.row(2, "22:00", "bad line", Kind.ALARM_SEEN, subject="a", by="chen")
    watch.row(2, "22:10", "no such queue", subject="b")
    watch.now = at(2, "23:00")
    watch.begin()
    await watch.look(3, "07:59")
    assert watch.told == []
    await watch.look(3, "08:00")
    assert watch.told == [("raised", "no-such-queue", ("office",))]
    watch.now = at(3, "10:00")
    watch.begin()
    await watch.look(3, "10:01")
    watch.now = at(3, "22:00")
    watch.begin()
    await watch.look(4, "08:00")
    assert watch.told == [], "each was told once"


async def test_what_nobody_takes_care_of_is_told_on_once(watch: Watch):
    watch.row(3, "02:00", "calls refused", severity="critical")
    watch.row(3, "02:01", "trunk not registered", subject="carrier", severity="critical")
    assert [who for _, _, who in watch.told] == [("night",), ("night",)]
    watch.row(3, "02:05", "calls refused", Kind.ALARM_SEEN, by="chen")
    await watch.look(3, "02:14")
    assert watch.told == []
    await watch.look(3, "02:16")
    assert watch.told == [("unseen", "trunk-not-registered", ("second",))]
    await watch.look(3, "02:40")
    assert watch.told == []
    watch.begin()
    await watch.look(3, "02:41")
    assert watch.told == [], "the daemon before has told it on"


async def test_one_that_becomes_worse_is_told_on_so_long_after_that(watch: Watch):
    watch.row(2, "10:00", "queue waiting", subject="orders", severity="warning")
    await watch.look(2, "11:00")
    assert [what for what, _, _ in watch.told] == ["raised"]
    watch.row(2, "11:00", "queue waiting", subject="orders", severity="critical")
    await watch.look(2, "11:14")
    assert [what for what, _, _ in watch.told] == ["worse"]
    await watch.look(2, "11:15")
    assert [what for what, _, _ in watch.told] == ["unseen"]


def test_without_a_row_in_force_it_goes_where_it_went_without_a_schedule():
    config = config_with(mail=MAIL, on_call=SCHEDULE[:1])
    watch = Watch(config)
    watch.row(2, "20:00", "no such queue", subject="a")
    watch.row(3, "12:00", "no such queue", subject="b")
    assert [who for _, _, who in watch.told] == [(), ("office",)]


async def test_the_letter_goes_to_them_and_what_waits_on_the_disk_still_knows_it(tmp_path: Path):
    row = {
        "severity": "critical",
        "said": {"zh": "x", "en": "x"},
        "number": 1,
        "times": 1,
        "raised_at": "",
        "cleared_at": None,
    }
    row |= {"title": {"en": "t", "zh": "t"}, "subject": "", "kind": "x"}
    notice = Notice("unseen", datetime.now(UTC), "热线", row, ("night",), ("night@example.com", "b@example.com"))
    kept = WaitingNotices(tmp_path / "waiting.json")
    kept.keep({"mail": [notice]})
    kept.close()
    [again] = WaitingNotices(tmp_path / "waiting.json").read(datetime.now(UTC))["mail"]
    assert again == notice and '"on_call": ["night"]' in again.as_json()
    async with mail_server() as server:
        await Letters().send(again, mail_to(server, security="none"))
    told = [line for line in server.in_clear if line.upper().startswith("RCPT")]
    assert [re.sub(r".*<(.*)>.*", r"\1", line) for line in told] == ["night@example.com", "b@example.com"]


@pytest.mark.parametrize(
    ("row", "part"),
    [
        ({"hours": ["night"]}, "is not a span of days and hours"),
        ({"hours": ["mon-xyz 18:00-08:00"]}, "names a day"),
        ({"hours": ["mon-fri 18:00-18:00"]}, "begins when it ends"),
        ({"hours": ["mon-fri 25:00-08:00"]}, "must lie within"),
        ({"hours": ["hol 10:00-16:00"]}, "public holidays"),
        ({"mail": ["night"]}, "mail (entry 1)"),
        ({"unseen_after_min": -1}, "unseen_after_min"),
        ({"name": "the night"}, "name"),
        ({"name": "office"}, "row 1 has the name office already"),
        ({"pager": "x"}, "pager"),
    ],
)
def test_a_row_that_can_not_be_is_told_with_its_place(row: dict[str, object], part: str):
    with pytest.raises(BadConfiguration) as bad:
        config_with(mail=MAIL, on_call=[SCHEDULE[0], {"name": "night", **row}])
    assert part in str(bad.value) and "alarms.on_call (entry 2)" in str(bad.value)


def test_mails_need_a_mail_server():
    with pytest.raises(BadConfiguration, match=r"alarms.on_call \(entry 1\).mail: there is no mail server"):
        config_with(on_call=SCHEDULE[:1])


def test_every_minute_of_a_week_is_covered_where_the_nights_and_days_are():
    rows = [OnCall.model_validate(each) for each in SCHEDULE[:2]]
    for minute in range(0, 7 * 24 * 60, 10):
        local = datetime(2026, 3, 2, tzinfo=ZONE) + timedelta(minutes=minute)
        assert len([row.name for row in rows if row.in_force(local)]) == 1, local
