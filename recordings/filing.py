"""The filing clerk: files every leg once Asterisk has closed its sound, behind the calls and in threads of its own.

What lives here: the legs whose sound is not yet filed, each with the moment at which it is looked at next. A leg is
filed when its files are sealed (header and size agree), or when they have not grown for `close_within_s`: then
Asterisk was killed, or the disk took no more. What could not be filed for want of room is tried again every half
minute. What a crash leaves over is found by `sweep`.

A consult's leg is expected where consults are recorded; where it does not, none is missed, but one that was made all the
same (the configuration was changed meanwhile) is filed.

`tell` gets RecordingFiled for every leg, and the alarms of leg_alarms.py. When a Filing is made inside an
event loop, `tell` is called in that loop; otherwise in one of the clerk's threads.
"""

import asyncio
import contextlib
import heapq
import itertools
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from acd.config.quality import RecordingChecks
from acd.engine.events import Event, RecordingFiled
from acd.store.journal.legs import LegDue
from recordings import leg, manifest, names, wav
from recordings.disk import FULL, MIN_FREE_BYTES, DiskWatch
from recordings.leg_alarms import LegAlarms, Owed

logger = logging.getLogger("recordings")

DECLINED = "declined"
"""The reason of a leg without a file whose caller did not want to be recorded."""
FIRST_LOOK_S = 0.5
LOOK_AGAIN_S = 0.25
NO_ROOM_AGAIN_S = 30.0
WATCH_EVERY_S = 5.0
LONGEST_GROWTH_S = 300.0
"""A file that still grows so long after the talk's end is filed as far as it has come."""


def _stand_back() -> None:
    """In a thread of the clerk's: sound is filed with what CPU the calls leave over."""
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


@dataclass(slots=True)
class _Job:
    due: LegDue
    began: float
    unanswered: bool = False
    optional: bool = False
    """There need be no file: of a consult where consults are not recorded."""
    orphan: bool = False
    sizes: tuple[int, ...] = ()
    grew: float = 0.0
    told_no_room: bool = False
    place: Path | None = field(default=None)

    @property
    def owed(self) -> bool:
        """Where there is no sound, that is a fault."""
        return not (self.unanswered or self.orphan or self.optional)


class Filing:
    def __init__(
        self,
        root: Path,
        tell: Callable[[Event], None],
        min_free_bytes: int = MIN_FREE_BYTES,
        *,
        close_within_s: float = 10.0,
        zone: tzinfo = UTC,
        workers: int = 2,
        consults: Callable[[], bool] = lambda: True,
        limits: Callable[[], RecordingChecks] = RecordingChecks,
    ) -> None:
        """`close_within_s`: how long unsealed files may stand still before they are taken as they are.
        `zone`: where the days of the folders begin. `consults`, `limits`: whether a consult's sound is kept, and what recordings are held against, as of now. A folder that cannot be written raises the alarm, not an error:
        calls go on without being recorded, and every leg says so."""
        self.root = root
        self._zone, self._close_within, self._consults, self._limits = zone, close_within_s, consults, limits
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None
        self._listener = tell
        self._watch = DiskWatch(root, self._tell, min_free_bytes)
        self.alarms = LegAlarms(self._tell)
        try:
            names.live_folder(root).mkdir(mode=0o750, parents=True, exist_ok=True)
        except OSError as reason:
            logger.error("the recordings folder %s cannot be made: %s", root, reason.strerror)
        self._change = threading.Condition()
        self._jobs: dict[str, _Job] = {}
        self._order: list[tuple[float, int, str]] = []
        self._count = itertools.count()
        self._at_work: set[str] = set()
        self._full_at = -1e9
        self._closing = False
        self.books = threading.Lock()
        """Held by whoever changes a manifest."""
        self._places: dict[str, Path] = {}
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="filing", initializer=_stand_back)
        self._clerk = threading.Thread(target=self._serve, name="filing-clerk", daemon=True)
        self._clerk.start()

    # -- what the daemon calls -----------------------------------------------------------------------------------

    def leg_ended(self, due: LegDue) -> None:
        """The talk, or the consult, is over: file its recording. Returns at once. NotAnId."""
        if names.call_of(due.offer) != names.call_id(due.call):
            raise names.NotAnId(given=due.offer[:80], what=f"an offer of call {due.call}")
        if due.declined:
            self._tell(RecordingFiled(due.call, due.offer, "", 0.0, "", complete=True, reason=DECLINED))
            return
        self._add(due, FIRST_LOOK_S)

    def offer_ended_unanswered(self, offer: str) -> None:
        """Nobody answered: its empty files are removed, those of a consult too. Files with sound are filed all the
        same. NotAnId."""
        made = [offer, names.consult_of(offer)] if names.of_an_agent(offer) else [offer]
        for each in made:
            due = LegDue(names.call_of(each), each, None, datetime.now(UTC))
            self._add(due, FIRST_LOOK_S, unanswered=True)

    def call_ended(self, call: str) -> None:
        """The call is over: the empty files of a stay in the plain queue, which made them without the daemon, are removed.
        NotAnId."""
        self.offer_ended_unanswered(f"{names.call_id(call)}-f1")

    def message_left(self, call: str, seconds: float, ended_at: datetime) -> None:
        """The caller has left a message: file it, as a leg with the caller's side alone. Returns at once. NotAnId."""
        self._add(LegDue(call, names.message_of(call), seconds, ended_at), FIRST_LOOK_S)

    def word_left(self, call: str, seconds: float, ended_at: datetime) -> None:
        """The caller has said something after the survey: file it, as a message. Returns at once. NotAnId."""
        self._add(LegDue(call, names.word_of(call), seconds, ended_at), FIRST_LOOK_S)

    def no_word(self, call: str) -> None:
        """The caller was asked for a word and said none: what there may be of a sound is removed. NotAnId."""
        names.live_files(self.root, names.word_of(call)).remove()

    def no_message(self, call: str) -> None:
        """The caller was asked for a message and left none: what there may be of a sound is removed. NotAnId."""
        names.live_files(self.root, names.message_of(call)).remove()

    def tell_what_is_wrong(self, now_s: float) -> None:
        """Raises alarms while the disk does not answer and where a recording is missing, by time.monotonic(). To be called once a second;
        returns at once."""
        self._watch.tell_if_stalled(now_s)
        with self._change:
            owed = [Owed(job.due.call, offer, now_s - job.began) for offer, job in self._jobs.items() if job.owed]
        self.alarms.still_owed(owed, self._limits().missing_after_s)

    def left_over(self) -> set[str]:
        """Offers with files in `live`, for `sweep`: of talks that go on, and what nobody has filed. Blocks. What a crash left
        half made is removed on the way."""
        found: set[str] = set()
        try:
            for each in names.live_folder(self.root).iterdir():
                if each.suffix == ".filing":
                    with self._change:
                        if each.stem not in self._jobs:
                            each.unlink(missing_ok=True)
                elif (offer := names.offer_of_live(each)) is not None:
                    found.add(offer)
        except OSError as reason:
            logger.error("the recordings folder cannot be read: %s", reason.strerror)
        return found

    def sweep(self, expected: Iterable[LegDue], found: Iterable[str] = (), calls: Iterable[str] = ()) -> None:
        """Files what a crash or the plain queue left over. `found`: what `left_over` gave. `calls`: those that go on, asked for
        after `found`, so that a talk that began in between is not taken for one without a call.

        Legs that are in their manifest already are told again: the crash may have come before the log had them. Files of a call
        that goes on are left alone, for Asterisk may have them open, empty though they be; those of which the log knows nothing
        are adopted once their call is over and they have stood still.
        """
        expected = list(expected)
        for each in expected:
            self._add(each, 0.0)
        calls = set(calls)
        for offer in sorted(set(found) - {each.offer for each in expected}):
            if names.call_of(offer) in calls:
                continue
            newest = max(
                (each.stat().st_mtime for each in names.live_files(self.root, offer).all() if each.exists()),
                default=time.time(),
            )
            due = LegDue(names.call_of(offer), offer, None, datetime.fromtimestamp(newest, UTC))
            self._add(due, FIRST_LOOK_S, orphan=True)

    def manifest(self, call: str) -> dict[str, Any]:
        """The call's book: legs as spans, agents, checksums, checks. Without legs when nothing is filed. NotAnId."""
        return manifest.read(self.root, call)

    @property
    def waiting(self) -> int:
        """Legs that are not filed yet."""
        with self._change:
            return len(self._jobs)

    def settle(self, within_s: float) -> bool:
        """Waits, blocking, until every leg is filed; False when it takes longer."""
        with self._change:
            return self._change.wait_for(lambda: not self._jobs, within_s)

    def close(self, within_s: float = 5.0) -> None:
        """Files what is sealed, then stops. What is left over is found by the next start's sweep."""
        with self._change:
            self._closing = True
            self._order = [(0.0, next(self._count), offer) for offer in self._jobs]
            self._change.notify_all()
            self._change.wait_for(lambda: not self._order and not self._at_work, within_s)
        self._clerk.join(within_s)
        self._pool.shutdown(wait=True, cancel_futures=True)

    # -- the clerk -----------------------------------------------------------------------------------------------

    def _add(self, due: LegDue, in_s: float, *, unanswered: bool = False, orphan: bool = False) -> None:
        with self._change:
            known = self._jobs.get(due.offer)
            if self._closing or (known is not None and (unanswered or orphan)):
                return
            now = time.monotonic()
            # A leg that ended outranks what was thought of the same offer before.
            optional = names.is_consult(due.offer) and not self._consults()
            self._jobs[due.offer] = _Job(due, now, unanswered=unanswered, optional=optional, orphan=orphan, grew=now)
            heapq.heappush(self._order, (now + in_s, next(self._count), due.offer))
            self._change.notify_all()

    def _serve(self) -> None:
        look_at = 0.0
        while True:
            now = time.monotonic()
            if now >= look_at:
                self._watch.look()
                if self._watch.full:
                    self._full_at = now
                look_at = now + WATCH_EVERY_S
            with self._change:
                if self._closing and not self._order:
                    return
                first = self._order[0][0] if self._order else look_at
                if first > now:
                    self._change.wait(min(first, look_at) - now)
                    continue
                offer = heapq.heappop(self._order)[2]
                job = self._jobs.get(offer)
                if job is None or offer in self._at_work:
                    continue
                self._at_work.add(offer)
            self._pool.submit(self._work, job)

    def _work(self, job: _Job) -> None:
        offer = job.due.offer
        try:
            again = self._attempt(job)
        except Exception:
            logger.exception("the recording of %s could not be filed; it is tried again", offer)
            again = NO_ROOM_AGAIN_S
        with self._change:
            self._at_work.discard(offer)
            current = self._jobs.get(offer)
            done = again is None and current is job
            if done:
                del self._jobs[offer]
            elif not self._closing:
                pause = LOOK_AGAIN_S if again is None else again
                heapq.heappush(self._order, (time.monotonic() + pause, next(self._count), offer))
            self._change.notify_all()
        if done:
            self.alarms.done_with(offer)

    def _attempt(self, job: _Job) -> float | None:
        """One look at a leg; what comes out is the pause to the next, None when it is done with."""
        files = names.live_files(self.root, job.due.offer)
        shapes = [wav.shape(each) for each in files.all()]
        ended = not (job.unanswered or job.orphan)
        if all(each is None for each in shapes):
            told = ended and self._told_before(job.due)
            if job.optional and not told:
                # Told all the same, or it would be owed at a later start, when consults are recorded by then.
                self._tell(RecordingFiled(job.due.call, job.due.offer, "", 0.0, "", True, "consults are not kept"))
            if told or not job.owed:
                return None
        elif not job.owed:
            short = files.message and job.orphan and (shapes[1] is None or shapes[1].held < wav.RATE * wav.SAMPLE)
            if short or all(each is None or each.empty for each in shapes):
                if not job.unanswered and self._still_open(job, shapes):
                    return LOOK_AGAIN_S
                files.remove()
                return LOOK_AGAIN_S if job.optional else None
        if not _ready(shapes, files.message) and self._still_open(job, shapes):
            return LOOK_AGAIN_S
        return self._file(job)

    def _still_open(self, job: _Job, shapes: list[wav.Shape | None]) -> bool:
        now = time.monotonic()
        sizes = tuple(-1 if each is None else each.size for each in shapes)
        if sizes != job.sizes:
            job.sizes, job.grew = sizes, now
        if now - job.grew >= self._close_within:
            return False
        # Of an orphan nobody has said that its talk is over: it may go on for as long as its file grows.
        return job.orphan or now - job.began < LONGEST_GROWTH_S

    def _file(self, job: _Job) -> float | None:
        due = job.due
        was_full = self._watch.full or time.monotonic() - self._full_at < (due.expected_s or 0.0) + 60.0
        local = replace(due, ended_at=due.ended_at.astimezone(self._zone))
        try:
            judged = leg.file_leg(self.root, local, datetime.now(UTC), was_full, self._limits())
        except OSError as reason:
            if not job.told_no_room:
                said = f"the recordings folder refused it: {reason.strerror}"
                self._say(leg.Judged(due, "", 0.0, "", "", (said,), datetime.now(UTC), keep=True))
                job.told_no_room = True
            return NO_ROOM_AGAIN_S
        if judged.keep:
            self._full_at = time.monotonic()
            if not job.told_no_room:
                self._say(judged)
                job.told_no_room = True
            return NO_ROOM_AGAIN_S
        self._enter(judged)
        self._say(judged)
        return None

    def _enter(self, judged: leg.Judged) -> None:
        with self.books:
            try:
                self._places[judged.due.call] = manifest.enter(self.root, judged, self._places.get(judged.due.call))
            except OSError as reason:
                kind = "disk full" if reason.errno in FULL else (reason.strerror or "refused")
                logger.error("the manifest of %s could not be written: %s", judged.due.call, kind)
            while len(self._places) > 2000:
                del self._places[next(iter(self._places))]

    def _told_before(self, due: LegDue) -> bool:
        """A leg that stands in its manifest is told once more from there; its sound is in place."""
        entry = manifest.leg_in(manifest.read(self.root, due.call), due.offer)
        if entry is None or not entry["file"] or not (self.root / entry["file"]).is_file():
            return False
        self._tell(
            RecordingFiled(
                call=due.call,
                offer=due.offer,
                path=entry["file"],
                seconds=entry["to_s"],
                sha256=entry["sha256"],
                complete=entry["complete"],
                reason="; ".join(entry["checks"]["reasons"]),
                silent=entry["checks"]["silent"],
            )
        )
        return True

    def _say(self, judged: leg.Judged) -> None:
        self._tell(judged.event())
        self.alarms.judged(judged)

    def _tell(self, event: Event) -> None:
        if self._loop is None:
            self._listener(event)
            return
        try:
            self._loop.call_soon_threadsafe(self._listener, event)
        except RuntimeError:
            # The loop is closed: the leg is in its manifest, and the next start tells it again.
            logger.warning("nobody listened any more to %r", event)


def _ready(shapes: list[wav.Shape | None], message: bool) -> bool:
    """Asterisk has closed all that it wrote: both sides are there, and every header agrees with its file."""
    mixed, caller, agent = shapes
    if message:
        return caller is not None and caller.sealed
    return (
        caller is not None and agent is not None and caller.sealed and agent.sealed and (mixed is None or mixed.sealed)
    )
