"""Makes the reports of [reports] when they are due, and afterwards those that were missed; none twice.

A span is done when its files lie in their folder and `reports.json` says so; the mail comes after that, and has a state of its own.
What fails is told once by the alarm "report failed" and tried again with longer and longer pauses.
"""

import asyncio
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import structlog

from acd.config import Config
from acd.config.reports import ReportTable
from acd.daemon.notices.mail import Postman
from acd.daemon.notices.notice import NotSent
from acd.daemon.reports.kept import Kept, MadeReport, MailState
from acd.daemon.reports.letter import MOST_BYTES, letter
from acd.engine.alarm_events import AlarmCleared
from acd.engine.events import AlarmRaised, Event
from acd.errors import SanxiangError
from acd.files import write_private
from acd.reports.contents import Report, Wanted
from acd.reports.figures import written
from acd.reports.files import CONTENT, File
from acd.reports.make import Maker
from acd.reports.spans import Span, due, latest, next_due
from acd.store.shipping.shipper import Shipper
from acd.words.reports import said

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 20.0
CAUGHT_UP_WITHIN_S = 20.0
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""Before the second try, the third …; the last one again and again."""
MAIL_WITHIN = timedelta(days=2)
"""After which a mail that can't be sent is given up."""
_ALARM = "report failed"
_SUFFIXES = {"csv": ".csv", "xlsx": ".xlsx", "page": ".html"}


class NoSuchReport(SanxiangError):
    """There is no report {name} in the configuration. {known}"""


class NoMailHere(SanxiangError):
    """Report {name} is mailed to nobody. Add `to` under [reports.{name}], or leave --mail out."""


class ReportFailed(SanxiangError):
    """{why}"""


@dataclass(slots=True)
class _Trouble:
    why: str
    tries: int
    again_at: datetime


class ReportRunner:
    def __init__(
        self,
        maker: Maker,
        shipper: Callable[[], Shipper | None],
        config: Callable[[], Config],
        state: Path,
        tell: Callable[[Event], None],
        now: Callable[[], datetime],
    ) -> None:
        """`state`: the state folder. `shipper`: None before there is one. `now`: aware UTC."""
        self.maker = maker
        self._shipper, self._config, self._tell, self._now = shipper, config, tell, now
        self._own_folder = state / "reports"
        self._kept = Kept.read(state / "reports.json")
        self._interrupted = self._kept.interrupted()
        self._trouble: dict[str, _Trouble] = {}
        self._cleared: set[str] = set()
        self._postman = Postman()
        self._one = asyncio.Lock()
        """One report is made, kept and mailed at a time."""
        self._disk = asyncio.Lock()

    # --- what is asked ---

    def configured(self) -> list[dict[str, Any]]:
        """Of each report of the configuration: its table, when the next is due, and why the last try failed (empty: it did not)."""
        config = self._config()
        zone = ZoneInfo(config.hotline.timezone)
        return [
            {
                "name": name,
                **table.model_dump(include={"every", "at", "what", "queues", "formats", "language"}),
                "folder": str(table.folder or self._own_folder),
                "mails": len(table.to),
                "next_at": next_due(table.every, _at(table), zone, self._now()),
                "trouble": self._trouble[name].why if name in self._trouble else "",
            }
            for name, table in config.reports.items()
        ]

    def made(self) -> list[MadeReport]:
        """The made reports, the newest first."""
        return list(reversed(self._kept.made))

    def made_file(self, number: int, name: str) -> tuple[Path, str] | None:
        """Where the file of a made report lies, and the type of its content; None: there is no such."""
        found = self._kept.of(number)
        if found is None or name not in found.files:
            return None
        content = next((CONTENT[form] for form, end in _SUFFIXES.items() if name.endswith(end)), "")  # type: ignore[index]
        return Path(found.folder) / name, content

    async def make_now(self, name: str, *, mail: bool) -> MadeReport:
        """The report of the newest span that is over, made again and kept; mailed when asked. It does not count as the one that is
        due. Raises NoSuchReport, NoMailHere, ReportFailed, and what the maker raises."""
        table = self._table(name)
        if mail and not table.to:
            raise NoMailHere(name=name)
        span = latest(table.every, ZoneInfo(self._config().hotline.timezone), self._now())
        async with self._one:
            try:
                made = await self._make(name, table, span, "asked")
                if mail:
                    await self._mail(made, table)
            except (NotSent, OSError) as error:
                raise ReportFailed(why=_why(error)) from None
        return self._kept.of(made.number) or made

    def wanted(self, name: str, span: Span | None = None) -> tuple[Wanted, ReportTable]:
        """What the report of this name is to hold; without a span: of the newest one that is over. Raises NoSuchReport."""
        table = self._table(name)
        zone = ZoneInfo(self._config().hotline.timezone)
        return Wanted(span or latest(table.every, zone, self._now()), tuple(table.what), tuple(table.queues)), table

    def _table(self, name: str) -> ReportTable:
        tables = self._config().reports
        if name not in tables:
            known = f"There are: {', '.join(tables)}." if tables else "None is configured: see [reports]."
            raise NoSuchReport(name=name, known=known)
        return tables[name]

    # --- what is due ---

    async def look(self) -> None:
        """Makes what is due, and mails what waits. Raises OSError when it can't be noted on the disk what was made."""
        config, now = self._config(), self._now()
        if self._kept.known(list(config.reports), now) or self._interrupted:
            await self._save()
        for one in self._interrupted:
            why = f"{one.name}: it is not known whether the report of {one.span} was mailed. It is not sent again by itself: "
            self._tell(AlarmRaised(_ALARM, f"{why}`sanxiang report try {one.name} --mail`", subject=one.name))
        self._interrupted = []
        for name in set(self._trouble) - set(config.reports):
            del self._trouble[name]
        for name, table in config.reports.items():
            await self._look_at(name, table, config, now)

    async def _look_at(self, name: str, table: ReportTable, config: Config, now: datetime) -> None:
        trouble = self._trouble.get(name)
        if trouble is not None and now < trouble.again_at:
            return
        progress = self._kept.progress[name]
        zone = ZoneInfo(config.hotline.timezone)
        spans, left_out = due(table.every, _at(table), zone, now, progress.since, progress.done)
        if left_out:
            log.error("reports were missed for so long that they are left out", report=name, up_to=str(left_out[-1]))
            progress.done = left_out[-1].last
        failed: Exception | None = None
        for step in (partial(self._make_due, name, table, spans), partial(self._mail_waiting, name, table, now)):
            try:
                await step()
            except Exception as error:  # Whatever it is: one report that fails keeps no other from being made.
                if not isinstance(error, SanxiangError | NotSent | OSError):
                    log.exception("a report failed by a fault of ours", report=name)
                failed = failed or error
        if failed is not None:
            self._failed(name, failed, now)
        else:
            self._went_well(name)

    async def _make_due(self, name: str, table: ReportTable, spans: list[Span]) -> None:
        if spans and (shipper := self._shipper()) and not await shipper.catch_up(CAUGHT_UP_WITHIN_S):
            raise ReportFailed(why="PostgreSQL does not have all calls yet (`sanxiang status`)")
        for span in spans:
            async with self._one:
                await self._make(name, table, span, "due")

    async def _mail_waiting(self, name: str, table: ReportTable, now: datetime) -> None:
        for made in [one for one in self._kept.made if one.name == name and one.mail == "waiting"]:
            if not table.to:
                await self._noted(made, "none")
            elif now - made.made_at > MAIL_WITHIN:
                log.error("the mail of a report is given up", report=name, span=str(made.span))
                await self._noted(made, "given up")
            else:
                async with self._one:
                    await self._mail(made, table)

    def _failed(self, name: str, error: Exception, now: datetime) -> None:
        why, before = _why(error), self._trouble.get(name)
        tries = before.tries + 1 if before else 0
        self._trouble[name] = _Trouble(why, tries, now + PAUSES[min(tries, len(PAUSES) - 1)])
        if before is None or before.why != why:
            log.error("a report failed; it is tried again", report=name, why=why)
            self._tell(AlarmRaised(_ALARM, f"{name}: {why}", subject=name))

    def _went_well(self, name: str) -> None:
        if self._trouble.pop(name, None) is not None or name not in self._cleared:
            # Also the first time since the start: the daemon before may have left the alarm open.
            self._cleared.add(name)
            self._tell(AlarmCleared(_ALARM, name))

    # --- one report ---

    async def _make(self, name: str, table: ReportTable, span: Span, why: Literal["due", "asked"]) -> MadeReport:
        """Makes it, puts its files into their folder, and notes that. In this order: what is noted is there."""
        wanted = Wanted(span, tuple(table.what), tuple(table.queues))
        report, files = await self.maker.files(wanted, table.formats, table.language, name)
        folder = table.folder or self._own_folder
        await asyncio.to_thread(_put, files, folder, own=table.folder is None)
        made = MadeReport(
            number=0,
            name=name,
            first=span.first,
            last=span.last,
            made_at=self._now(),
            why=why,
            summary=_summary(report, table),
            folder=str(folder),
            files=tuple(file.name for file in files),
            mail="waiting" if why == "due" and table.to else "none",
        )
        made, gone = self._kept.add(made)
        progress = self._kept.progress.get(name) if why == "due" else None
        done = progress.done if progress else None
        if progress is not None:
            progress.done = span.last
        try:
            await self._save()
        except OSError:
            # What is not on the disk is not done: it is made again.
            self._kept.made.remove(made)
            if progress is not None:
                progress.done = done
            raise
        await asyncio.to_thread(self._remove, gone)
        log.info("a report was made", report=name, span=str(span), why=why, files=list(made.files))
        return made

    def _remove(self, gone: list[MadeReport]) -> None:
        """Files in our own folder that no report in the list has any more."""
        still = {name for one in self._kept.made if one.folder == str(self._own_folder) for name in one.files}
        for one in gone:
            if one.folder == str(self._own_folder):
                for name in set(one.files) - still:
                    (self._own_folder / name).unlink(missing_ok=True)

    async def _mail(self, made: MadeReport, table: ReportTable) -> None:
        """Sends it. Noted before and after: a daemon that ends in between does not know, and does not send it twice. Raises NotSent,
        OSError."""
        config = self._config()
        server = config.alarms.mail
        if server is None:
            raise NotSent("there is no mail server under [alarms.mail]")
        files = await asyncio.to_thread(_read, made)
        if sum(len(file.data) for file in files) > MOST_BYTES:
            await self._noted(made, "given up")
            raise NotSent(
                f"its files have more than {MOST_BYTES // 1_000_000} MB, which mail servers refuse; they are in {made.folder}"
            )
        # One that was asked for goes out each time; the one that is due has one identity, however often it is tried.
        once = "" if made.why == "due" else f"-{secrets.token_hex(4)}"
        message = letter(
            name=made.name,
            hotline=config.hotline.name,
            summary=made.summary,
            span=str(made.span),
            files=files,
            language=table.language,
            sender=server.sender,
            to=table.to,
            at=self._now(),
            message_id=f"report-{made.name}-{made.first}-{made.last}{once}",
        )
        await self._noted(made, "sending")
        try:
            await self._postman.send(message, server, table.to)
        except NotSent as error:
            taken = error.for_good  # "the others have it": no second one for those
            await self._noted(made, "sent" if taken else "waiting" if made.why == "due" else "none")
            raise
        await self._noted(made, "sent")

    async def _save(self) -> None:
        """One after the other, so that what is written last is what is known last."""
        async with self._disk:
            await asyncio.to_thread(self._kept.save, self._kept.text())

    async def _noted(self, made: MadeReport, mail: MailState) -> None:
        """Raises OSError, and then nothing is other than before."""
        self._kept.set_mail(made.number, mail)
        try:
            await self._save()
        except OSError:
            if mail == "sending":
                self._kept.set_mail(made.number, made.mail)
            raise


def _at(table: ReportTable) -> time:
    return time.fromisoformat(table.at)


def _put(files: list[File], folder: Path, *, own: bool) -> None:
    """The files, whole, readable by their owner. Raises OSError; a folder of the operator's is not made."""
    if own:
        folder.mkdir(mode=0o700, exist_ok=True)
    for file in files:
        try:
            write_private(folder / file.name, file.data)
        except OSError as error:
            # The folder, and not a name that is another at each try: the same trouble is told once.
            raise OSError(error.errno, error.strerror, str(folder)) from None


def _read(made: MadeReport) -> list[File]:
    found = []
    for name in made.files:
        content = next(CONTENT[form] for form, end in _SUFFIXES.items() if name.endswith(end))  # type: ignore[index]
        found.append(File(name, content, (Path(made.folder) / name).read_bytes()))
    return found


def _summary(report: Report, table: ReportTable) -> str:
    """The hotline's main figures in a line; of a report about agents alone the span alone."""
    span = said("span", table.language, first=report.span.first, last=report.span.last, zone=report.zone)
    for section in report.sections:
        if section.by == "queues":
            kinds = {figure.name: figure.kind for figure in section.figures}
            shown = {name: written(kinds[name], value) for name, value in section.total.values.items()}
            return f"{span}\n{said('mail-figures', table.language, **shown)}"
    return span


def _why(error: Exception) -> str:
    """The reason in a line, without any secret."""
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or os.strerror(error.errno or 0)}"
    if not isinstance(error, SanxiangError | NotSent):
        return f"{type(error).__name__}; daemon.log has more"  # Its words may hold what stands in a row.
    return " ".join(str(error).split())
