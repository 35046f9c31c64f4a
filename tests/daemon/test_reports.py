"""Reports that make themselves: when due, after an absence, into a folder and by a real conversation by SMTP; none twice, none lost.

The figures are written ones (tests/reports/sample.py); that they are the database's own is shown in tests/store and tests/web.
"""

import email
import email.policy
import json
import stat
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

import pytest

from acd import config as configuration
from acd.config import Config
from acd.daemon.reports.kept import KEPT, Kept, MadeReport
from acd.daemon.reports.runner import NoMailHere, NoSuchReport, ReportFailed, ReportRunner
from acd.engine.alarm_events import AlarmCleared
from acd.engine.events import AlarmRaised, Event
from acd.reports.contents import Language, Report, Wanted
from acd.reports.files import File, Format, files
from acd.reports.make import Maker
from acd.store.errors import DatabaseAway
from acd.store.shipping.shipper import Shipper
from tests.reports.sample import report
from tests.support.smtp_server import MailServer, mail_server

MONDAY = datetime(2026, 11, 30, 0, 0, tzinfo=UTC)  # 08:00 in Shanghai
IN_CLEAR = {"host": "127.0.0.1", "security": "none", "sender": "hotline@example.com", "to": ["night@example.com"]}


class WrittenMaker:
    """Makes files of written figures; fails as a test says."""

    def __init__(self) -> None:
        self.fails: Exception | None = None
        self.made: list[Wanted] = []

    async def files(
        self, wanted: Wanted, formats: Sequence[Format], language: Language, stem: str
    ) -> tuple[Report, list[File]]:
        if self.fails is not None:
            raise self.fails
        self.made.append(wanted)
        made = replace(report(by=wanted.by), span=wanted.span)
        return made, files(made, formats, language, stem)


class CaughtUp:
    """A shipper that has or has not carried everything to PostgreSQL."""

    well = True

    async def catch_up(self, within_s: float) -> bool:
        return self.well


class Scene:
    """A daemon's reports; `restart` is another daemon with the same state folder."""

    def __init__(self, folder: Path, mail: dict[str, Any] | None = None, **reports: dict[str, Any]) -> None:
        self.folder, self.mail = folder, mail
        self.config = self.configured(**reports)
        self.now = MONDAY - timedelta(days=10)
        self.maker, self.shipper = WrittenMaker(), CaughtUp()
        self.told: list[Event] = []
        self.restart()

    def configured(self, **reports: dict[str, Any]) -> Config:
        return configuration.check(
            {
                "hotline": {"name": "三响热线", "numbers": {"95001": "zh"}},
                "trunks": {"carrier": {"addresses": ["192.0.2.10"]}},
                "queues": {"orders": {"label": {"zh": "订单", "en": "Orders"}}},
                "reports": reports,
                "alarms": {"mail": self.mail} if self.mail else {},
            }
        )

    def restart(self) -> None:
        self.runner = ReportRunner(
            cast(Maker, self.maker),
            lambda: cast(Shipper, self.shipper),
            lambda: self.config,
            self.folder,
            self.told.append,
            lambda: self.now,
        )

    async def look(self, at: datetime | None = None) -> None:
        self.now = at or self.now
        await self.runner.look()

    def alarms(self) -> list[str]:
        return [event.detail for event in self.told if isinstance(event, AlarmRaised)]

    def spans(self, *, why: str = "due") -> list[str]:
        return [f"{one.first}" for one in reversed(self.runner.made()) if one.why == why]

    def states(self) -> list[str]:
        return [one.mail for one in reversed(self.runner.made())]


async def due_scene(state: Path, mail: dict[str, Any] | None = None, **table: Any) -> Scene:
    """A weekly report, configured ten days ago."""
    scene = Scene(state, mail, weekly={"every": "weekly", **table})
    await scene.look()
    await scene.look(datetime(2026, 11, 23, 0, 0, tzinfo=UTC))  # what was due while it was looked at
    return scene


def mail_to(server: MailServer) -> dict[str, Any]:
    return {**IN_CLEAR, "port": server.port}


def read(letter: str) -> EmailMessage:
    return email.message_from_bytes(letter.encode(), policy=email.policy.default)


# -- into a folder ----------------------------------------------------------------------------------------------------------


async def test_a_report_is_made_when_it_is_due_whole_and_private_and_only_once(tmp_path: Path):
    scene = await due_scene(tmp_path, formats=["xlsx", "csv"])
    assert scene.spans() == ["2026-11-16"]
    await scene.look(MONDAY - timedelta(hours=1, seconds=1))
    assert scene.spans() == ["2026-11-16"]
    for _ in range(3):
        await scene.look(MONDAY)
    assert scene.spans() == ["2026-11-16", "2026-11-23"]
    folder = tmp_path / "reports"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    names = sorted(file.name for file in folder.iterdir())
    assert names == [
        f"weekly-2026-11-{first}_2026-11-{last}{end}"
        for first, last in ((16, 22), (23, 29))
        for end in ("-queues.csv", ".xlsx")
    ]
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert scene.runner.made_file(scene.runner.made()[0].number, names[-1]) == (
        folder / names[-1],
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    assert scene.runner.made_file(scene.runner.made()[0].number, "../secrets.json") is None


async def test_another_daemon_makes_what_was_missed_and_nothing_that_is_made(tmp_path: Path):
    scene = await due_scene(tmp_path)
    scene.restart()
    await scene.look(MONDAY + timedelta(days=15))
    assert scene.spans() == ["2026-11-16", "2026-11-23", "2026-11-30", "2026-12-07"]
    scene.restart()
    await scene.look(MONDAY + timedelta(days=15))
    assert len(scene.maker.made) == 4


async def test_a_report_that_is_new_begins_with_the_next_span_and_one_that_came_back_too(tmp_path: Path):
    scene = Scene(tmp_path, weekly={"every": "weekly"})
    await scene.look(MONDAY)
    assert scene.spans() == []
    scene.config = scene.configured()
    await scene.look(MONDAY + timedelta(days=1))
    scene.config = scene.configured(weekly={"every": "weekly"})
    await scene.look(MONDAY + timedelta(days=30))
    assert scene.spans() == []
    await scene.look(MONDAY + timedelta(days=35))
    assert scene.spans() == ["2026-12-28"]


async def test_a_list_that_can_not_be_read_begins_anew_and_makes_nothing_of_the_past(tmp_path: Path):
    await due_scene(tmp_path)
    for broken in (
        "",
        "{",
        "[]",
        '{"format": 99}',
        '{"format": 1}',
        '{"format": 1, "number": 0, "reports": [], "made": 3}',
    ):
        (tmp_path / "reports.json").write_text(broken)
        scene = Scene(tmp_path, weekly={"every": "weekly"})
        await scene.look(MONDAY)
        assert scene.spans() == []
        assert json.loads((tmp_path / "reports.json").read_text())["format"] == 1


async def test_while_the_database_lacks_calls_or_is_away_no_report_is_made_and_afterwards_it_is(tmp_path: Path):
    scene = await due_scene(tmp_path)
    scene.shipper.well = False
    await scene.look(MONDAY)
    await scene.look(MONDAY + timedelta(seconds=30))
    assert scene.spans() == ["2026-11-16"]
    assert scene.alarms() == ["weekly: PostgreSQL does not have all calls yet (`sanxiang status`)"]
    scene.shipper.well, scene.maker.fails = True, DatabaseAway("no answer")
    await scene.look(MONDAY + timedelta(minutes=2))
    assert len(scene.alarms()) == 2, "another reason is told, too"
    await scene.look(MONDAY + timedelta(minutes=10))
    await scene.look(MONDAY + timedelta(minutes=40))
    assert len(scene.alarms()) == 2, "the same is told once"
    assert scene.runner.configured()[0]["trouble"]
    scene.maker.fails = None
    await scene.look(MONDAY + timedelta(hours=2))
    assert scene.spans() == ["2026-11-16", "2026-11-23"]
    assert scene.told[-1] == AlarmCleared("report failed", "weekly")
    assert scene.runner.configured()[0]["trouble"] == ""


async def test_a_folder_of_the_operators_is_not_made_and_what_lies_in_it_stays(tmp_path: Path):
    mine, state = tmp_path / "mine", tmp_path / "state"
    state.mkdir()
    scene = await due_scene(state, folder=str(mine))
    await scene.look(MONDAY)
    assert len(scene.alarms()) == 1 and "No such file or directory" in scene.alarms()[0] and not mine.exists()
    mine.mkdir()
    await scene.look(MONDAY + timedelta(hours=3))
    assert scene.spans() == ["2026-11-16", "2026-11-23"]
    assert len(list(mine.iterdir())) == 2
    assert not (state / "reports").exists()


async def test_of_very_many_reports_the_newest_are_listed_and_only_our_own_files_go(tmp_path: Path):
    scene = await due_scene(tmp_path)
    kept = Kept.read(tmp_path / "reports.json")
    first = kept.made[0]
    for _ in range(KEPT):
        kept.add(replace(first, why="asked", files=("other.xlsx",), folder="/nowhere"))
    kept.save()
    assert len(kept.made) == KEPT
    # The report of the first week is no longer listed; the next one that is made takes its file away.
    kept = Kept.read(tmp_path / "reports.json")
    kept.made.insert(0, first)
    kept.save()
    scene.restart()
    await scene.look(MONDAY)
    assert [file.name for file in (tmp_path / "reports").iterdir()] == ["weekly-2026-11-23_2026-11-29.xlsx"]


# -- by mail ----------------------------------------------------------------------------------------------------------------


async def test_a_report_is_mailed_with_its_files_and_its_main_figures_once(tmp_path: Path):
    async with mail_server() as server:
        scene = await due_scene(tmp_path, mail_to(server), to=["boss@example.com", "qa@example.com"], language="zh")
        await scene.look(MONDAY)
        scene.restart()
        await scene.look(MONDAY + timedelta(minutes=1))
    assert scene.states() == ["sent", "sent"] and len(server.letters) == 2
    letter = read(server.letters[-1])
    assert letter["To"] == "boss@example.com, qa@example.com"
    assert letter["Subject"] == "[三响热线] weekly：2026-11-23 – 2026-11-29"
    assert letter["Auto-Submitted"] == "auto-generated"
    body = letter.get_body(("plain",))
    assert body is not None and "来电 707，人工接听 636，接通率 90.0%" in body.get_content()
    [attached] = letter.iter_attachments()
    assert attached.get_filename() == "weekly-2026-11-23_2026-11-29.xlsx"
    assert attached.get_payload(decode=True) == (tmp_path / "reports" / str(attached.get_filename())).read_bytes()


async def test_a_mail_that_can_not_be_sent_waits_and_the_report_is_not_made_again(tmp_path: Path):
    scene = await due_scene(tmp_path, IN_CLEAR | {"port": 9}, to=["boss@example.com"])
    await scene.look(MONDAY)
    assert scene.states() == ["given up", "waiting"] and scene.spans() == ["2026-11-16", "2026-11-23"]
    assert len(scene.alarms()) == 1 and "can't be reached" in scene.alarms()[0]
    async with mail_server() as server:
        scene.mail = mail_to(server)
        scene.config = scene.configured(weekly={"every": "weekly", "to": ["boss@example.com"]})
        scene.restart()
        await scene.look(MONDAY + timedelta(hours=2))
    # The older one has waited a week, longer than MAIL_WITHIN: by then it is no news.
    assert scene.states() == ["given up", "sent"] and len(server.letters) == 1
    assert len(scene.maker.made) == 2


async def test_a_daemon_that_ended_while_it_mailed_does_not_mail_twice_and_says_so(tmp_path: Path):
    async with mail_server() as server:
        scene = await due_scene(tmp_path, mail_to(server), to=["boss@example.com"])
        kept = Kept.read(tmp_path / "reports.json")
        kept.set_mail(kept.made[-1].number, "sending")
        kept.save()
        before = len(server.letters)
        scene.restart()
        await scene.look()
        await scene.look(scene.now + timedelta(hours=5))
    assert scene.states() == ["unknown"] and len(server.letters) == before
    assert len(scene.alarms()) == 1 and "sanxiang report try weekly --mail" in scene.alarms()[0]


async def test_an_address_that_is_refused_is_told_and_the_others_get_no_second_one(tmp_path: Path):
    async with mail_server(refuses="wrong@example.com") as server:
        scene = await due_scene(tmp_path, mail_to(server), to=["boss@example.com", "wrong@example.com"])
        await scene.look(scene.now + timedelta(hours=3))
    assert scene.states() == ["sent"] and len(server.letters) == 1
    assert "takes no mail for wrong@example.com; the others have it" in scene.alarms()[0]


async def test_the_same_report_has_the_same_identity_however_often_it_is_tried(tmp_path: Path):
    async with mail_server() as server:
        scene = await due_scene(tmp_path, mail_to(server), to=["boss@example.com"])
        kept = Kept.read(tmp_path / "reports.json")
        kept.set_mail(kept.made[-1].number, "waiting")
        kept.save()
        scene.restart()
        await scene.look()
    identities = [read(letter)["Message-ID"] for letter in server.letters]
    assert identities == ["<report-weekly-2026-11-16-2026-11-22@example.com>"] * 2


# -- on request -------------------------------------------------------------------------------------------------------------


async def test_a_try_makes_the_newest_span_mails_only_when_asked_and_counts_for_nothing(tmp_path: Path):
    async with mail_server() as server:
        scene = Scene(
            tmp_path, mail_to(server), daily={"every": "daily", "to": ["boss@example.com"]}, mine={"every": "monthly"}
        )
        await scene.look(MONDAY - timedelta(hours=12))
        made = await scene.runner.make_now("daily", mail=False)
        assert (str(made.first), made.mail, server.letters) == ("2026-11-28", "none", [])
        made = await scene.runner.make_now("daily", mail=True)
        assert made.mail == "sent" and len(server.letters) == 1
        with pytest.raises(NoMailHere, match=r"Add `to` under \[reports.mine\]"):
            await scene.runner.make_now("mine", mail=True)
        with pytest.raises(NoSuchReport, match="There are: daily, mine"):
            await scene.runner.make_now("weekly", mail=False)
        await scene.look(MONDAY)
        assert scene.spans() == ["2026-11-29"] and scene.spans(why="asked") == ["2026-11-28"] * 2


async def test_a_try_that_fails_says_why_and_raises_no_alarm(tmp_path: Path):
    scene = Scene(tmp_path, IN_CLEAR | {"port": 9}, daily={"every": "daily", "to": ["boss@example.com"]})
    await scene.look()
    with pytest.raises(ReportFailed, match="can't be reached"):
        await scene.runner.make_now("daily", mail=True)
    scene.config = scene.configured(daily={"every": "daily", "folder": "/nowhere/at/all"})
    with pytest.raises(ReportFailed, match="/nowhere/at/all"):
        await scene.runner.make_now("daily", mail=False)
    assert scene.alarms() == []


def test_a_made_report_comes_back_from_the_disk_as_it_was(tmp_path: Path):
    kept = Kept(tmp_path / "reports.json")
    kept.known(["weekly"], MONDAY)
    made = MadeReport(
        0, "weekly", MONDAY.date(), MONDAY.date(), MONDAY, "due", "/srv", ("a.csv", "b.xlsx"), "waiting", "来电 7"
    )
    numbered, _ = kept.add(made)
    kept.progress["weekly"].done = MONDAY.date()
    kept.save()
    again = Kept.read(tmp_path / "reports.json")
    assert again.made == [numbered] and again.progress == kept.progress and again.number == 1
