"""The hotline calls itself, when an operator asks and at the time of [self_call]: dials, measures, judges, keeps what was found.

What was found is kept in `<state>/self-calls.json`, the last 200 calls. A nightly call that goes wrong is tried once more, and
then raises the alarm "self-call failed"; one that an operator asked for tells the operator only.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from acd.calls_out import no_self_call
from acd.config import Config
from acd.engine.alarm_events import AlarmCleared
from acd.engine.callback_events import SelfCallAsked
from acd.engine.commands import CallSelf, Command
from acd.engine.events import AlarmRaised, Event
from acd.errors import SanxiangError
from acd.files import write_private
from acd.pbx.actions.self_call import Ended, Way, WildSelfCall
from acd.pbx.link import Pbx
from acd.self_call import LOCAL, Facts, as_json, faults, heard
from acd.switchboard import Switchboard
from acd.words.self_call import fault_in_words
from recordings import wav
from recordings.checks import length_fault
from recordings.self_call_sound import measured, samples_of, write_signals

log = structlog.get_logger(__name__)

FOLDER = "self-call"
"""In the recordings folder: Asterisk's recorders write there (SELF_CALLS in extensions.conf)."""
KEPT = 200
KEPT_SOUNDS = timedelta(days=14)
LATE = timedelta(minutes=30)
"""A nightly call that could not be made in time, as while the daemon was away, is made so much later at most."""
AGAIN_AFTER_S = 10.0
LOOK_EVERY_S = 20.0
SEALED_WITHIN_S = 5.0
_ALARM = "self-call failed"
LOOP = "local loop"
"""What an alarm about the way without a trunk is about."""
Reported = dict[str, Any]
"""A report as it is kept: `as_json` of its facts, and when, and why it was made ("asked" or "nightly")."""


class UnderWay(SanxiangError):
    """The hotline is calling itself already. Wait for that call to end, a minute at most, and try again."""


class NoSuchTrunk(SanxiangError):
    """There is no trunk {trunk}. {known}"""


def is_due(at: str, local: datetime, done: date | None) -> bool:
    """Whether today's call is to be made at this local time. `at`: "03:30"; `done`: the day of the last one."""
    if not at or done == local.date():
        return False
    hour, minute = map(int, at.split(":"))
    begin = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return begin <= local < begin + LATE


class SelfCallRunner:
    """Makes such calls, one at a time."""

    def __init__(
        self,
        pbx: Pbx,
        switchboard: Switchboard,
        config: Callable[[], Config],
        recordings_folder: Path,
        file: Path,
        now: Callable[[], datetime],
    ) -> None:
        """`file`: where the reports are kept."""
        self._pbx, self._switchboard, self._config, self._now = pbx, switchboard, config, now
        self._folder, self._file = recordings_folder / FOLDER, file
        self._under_way: str | None = None
        """The trunk over which a call goes just now, empty for the loop; None: no call does."""
        self._latest: dict[str, Reported] = {report["trunk"]: report for report in reversed(self.kept())}

    def rows(self) -> list[dict[str, Any]]:
        """Of the loop and each trunk that can be dialled: `trunk`, `under_way`, and `report`, that of the last call or None."""
        ways = [LOCAL, *(name for name, trunk in self._config().trunks.items() if trunk.dials_out)]
        return [{"trunk": way, "under_way": self._under_way == way, "report": self._latest.get(way)} for way in ways]

    @property
    def failing(self) -> int:
        """On how many ways (trunks, and the loop) the last call found a fault."""
        return sum(row["report"] is not None and not row["report"]["ok"] for row in self.rows())

    def kept(self) -> list[Reported]:
        """The reports of earlier calls, the latest first. Reads a file."""
        try:
            return list(json.loads(self._file.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return []

    async def call(self, trunk: str = LOCAL, *, why: str = "asked") -> Reported:
        """One call, over this trunk or by the local loop, and what it has found. Raises UnderWay or NoSuchTrunk."""
        config = self._config()
        if trunk != LOCAL and trunk not in config.trunks:
            known = f"There are: {', '.join(config.trunks)}." if config.trunks else "None is configured: see [trunks]."
            raise NoSuchTrunk(trunk=trunk, known=known)
        if self._under_way is not None:
            raise UnderWay
        self._under_way = trunk
        try:
            facts = await self._facts(config, trunk)
        finally:
            self._under_way = None
        report: Reported = {
            "at": self._now().isoformat(),
            "why": why,
            **as_json(facts, faults(facts, config.hotline.country)),
        }
        if report["ok"] and not (trunk in self._latest and self._latest[trunk]["ok"]):
            self._switchboard.tell(AlarmCleared(_ALARM, trunk or LOOP))
        self._latest[trunk] = report
        await asyncio.to_thread(self._keep, report)
        log.info(
            "the hotline called itself",
            trunk=trunk,
            ok=report["ok"],
            faults=[each["code"] for each in report["faults"]],
        )
        return report

    async def nightly(self) -> None:
        """Calls at the time of [self_call], for as long as the daemon runs."""
        while True:
            config = self._config()
            local = self._now().astimezone(ZoneInfo(config.hotline.timezone))
            done = await asyncio.to_thread(self._last_night, local) if config.self_call.at else None
            if is_due(config.self_call.at, local, done):
                await self._tonight(config)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _tonight(self, config: Config) -> None:
        for trunk in config.self_call.trunks or [LOCAL]:
            try:
                report = await self.call(trunk, why="nightly")
                if not report["ok"]:
                    await asyncio.sleep(AGAIN_AFTER_S)
                    report = await self.call(trunk, why="nightly")
            except SanxiangError as error:
                log.warning("tonight's call of the hotline to itself was not made", trunk=trunk, why=str(error))
                continue
            if not report["ok"]:
                said = " ".join(fault_in_words(each)[0] for each in report["faults"])
                way = f"over trunk {trunk}" if trunk else "by the local loop"
                self._switchboard.tell(AlarmRaised(_ALARM, f"{way}: {said}", subject=trunk or LOOP))

    def _last_night(self, local: datetime) -> date | None:
        for report in self.kept():
            if report.get("why") == "nightly":
                return datetime.fromisoformat(report["at"]).astimezone(local.tzinfo).date()
        return None

    async def _facts(self, config: Config, trunk: str) -> Facts:
        settings = self._pbx.settings
        number = config.self_call.number or next(iter(config.numbers))
        endpoint = f"trunk-{trunk}"
        way = Way(trunk, number, settings.ways_out.get(endpoint, "") or number)
        nothing = Facts(trunk, number, way.shown)
        if why := no_self_call(settings.rules_out, number):
            return replace(nothing, refused=why)
        if not self._pbx.synced:
            return replace(nothing, refused="no-link")
        if trunk != LOCAL and endpoint not in settings.ways_out:
            return replace(nothing, refused="no-trunk")
        if trunk != LOCAL and not await self._counted(number):
            return replace(nothing, refused="limit")
        try:
            await asyncio.to_thread(self._prepare)
            ended = await self._pbx.self_calls.call(way, settings.dial_as, settings.own_address, settings.rules_out)
        except (WildSelfCall, SanxiangError, OSError) as error:
            log.warning("the hotline could not call itself", trunk=trunk, why=str(error))
            return replace(nothing, refused="no-link")
        if ended.facts.arrived is None:
            return ended.facts
        return await asyncio.to_thread(self._with_sound, ended, await self._sealed(ended))

    async def _counted(self, number: str) -> bool:
        """Whether the limits of calls out allow the call; it is counted then."""
        event = SelfCallAsked(number)
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def listen(at: datetime, told: Event, commands: list[Command]) -> None:
            if told is event and not answer.done():
                answer.set_result(any(isinstance(each, CallSelf) for each in commands))

        stop = self._switchboard.listen(listen)
        try:
            self._switchboard.tell(event)
            async with asyncio.timeout(5.0):
                return await answer
        except TimeoutError:
            return False
        finally:
            stop()

    def _prepare(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_signals(self._folder)
        oldest = (self._now() - KEPT_SOUNDS).timestamp()
        for file in self._folder.glob("*-*.wav"):
            if not file.name.startswith("signal-") and file.stat().st_mtime < oldest:
                file.unlink(missing_ok=True)

    def _file_of(self, ended: Ended, end: str, side: str = "") -> Path:
        return self._folder / f"{ended.token}-{end}{f'-{side}' if side else ''}.wav"

    async def _sealed(self, ended: Ended) -> str:
        """Waits until Asterisk has closed the recordings; what is wrong with one, empty: nothing."""
        ends = ("out", "in") if ended.facts.complete else ("out",)
        files = [self._file_of(ended, end, side) for end in ends for side in ("", "said", "heard")]
        until = asyncio.get_running_loop().time() + SEALED_WITHIN_S
        while True:
            shapes = await asyncio.to_thread(lambda: [wav.shape(file) for file in files])
            if all(shape is not None and shape.sealed for shape in shapes):
                return ""
            if asyncio.get_running_loop().time() > until:
                wrong = [shape.fault or "there is no sound in it" if shape else "there is no file" for shape in shapes]
                return next(
                    f"{file.name}: {why}"
                    for file, shape, why in zip(files, shapes, wrong, strict=True)
                    if shape is None or not shape.sealed
                )
            await asyncio.sleep(0.1)

    def _with_sound(self, ended: Ended, recording: str) -> Facts:
        sides = [samples_of(self._file_of(ended, end, side)) for end in ("out", "in") for side in ("said", "heard")]
        for end, ran_s in ended.recorded_s.items():
            whole = wav.read(self._file_of(ended, end))
            if not recording and whole is not None:
                recording = length_fault(whole.seconds, ran_s, "call")
        return heard(replace(ended.facts, recording=recording), measured(*sides), ended.lines)

    def _keep(self, report: Mapping[str, Any]) -> None:
        try:
            write_private(self._file, json.dumps([report, *self.kept()][:KEPT], ensure_ascii=False))
        except OSError as error:
            log.error("the report of a call to ourselves could not be kept", why=error.strerror)
