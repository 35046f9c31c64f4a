"""How well the lines of callers and agents carry speech: looked at during a talk, and measured when it ends.

Nothing is asked before a phone rings or while one is answered, and nothing is done for each packet: Asterisk counts RTP and RTCP
anyway, and its counts are read

    when caller and agent were bridged      of the caller's channel, which was up before: from here on the talk's figures count
    every `look_s` in a talk                of both channels; LineChanged where a line has become bad, or is good again
    when the agent has left the caller      of the caller's channel
    when a channel ends                     told by the dialplan ([measured]), for then it can't be asked any more

and LegMeasured is told once for each side of each talk, and for a caller who talked with no agent. One look costs one Getvar
for each channel in talk (0.05 ms of two idle cores when many are asked at once); no more than LOOKS_A_SECOND are made, so with
more than 200 talks each is looked at less often than every ten seconds.

Asterisk passes packets on as they come, gaps and jitter included. So what a party reports of the sound sent to it holds what
the other party's line had done to it before; that is taken away (`own`), and each line answers for itself.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from acd.engine.events import BridgeEnded, CallArrived, CallBridged, CallerHungUp, Event, PbxFound
from acd.engine.line_events import LegMeasured, LineChanged, LineEvent, LineFigures, Side
from acd.engine.line_verdict import PROBLEMS, verdict
from acd.engine.model import LineRules
from acd.identifiers import NAME
from acd.pbx.ami.connection import Ami, AmiDown, AmiRefused, AmiSilent, Message
from acd.pbx.ami.variables import get_variables
from acd.pbx.channel_book import ChannelBook
from acd.pbx.channels import AGENTS_CHANNEL, AgentLeg, CallerLeg, Progress
from acd.pbx.rtcp import Totals, totals

LOOKS_A_SECOND = 40
"""Channels that are asked in one second at most."""
CLEAN_LOOKS = 2
"""A line is good again after so many good looks in a row."""
COUNTED_S = 5.0
"""Asterisk counts lost packets so often: at any moment those of half of it, in the mean, are not counted yet."""
ALONE_S = 2.0
"""One side of a talk waits so long for the other to be measured."""
_REMEMBERED = 5000
"""Channels that are kept at most, should Asterisk never tell of their end."""
_RTCP = "CHANNEL(rtcp,all)"
_TRUNK = re.compile(rf"PJSIP/(trunk-)({NAME})-[0-9a-f]{{8}}")
_CODEC = re.compile(r"[a-z0-9]{1,20}")


@dataclass(slots=True)
class Line:
    """One channel of a caller or of an agent."""

    call: str
    side: Side
    party: str
    channel: str
    offer: str
    """The talk's; of a caller, empty before the first."""
    agent: str
    since: float
    """When the talk began, or the caller arrived: monotonic seconds."""
    base: Totals = field(default_factory=Totals)
    """Counts of before the talk."""
    told: bool = False
    """LegMeasured was told of this talk."""
    looked: Totals | None = None
    looked_at: float = 0.0
    due_at: float = 0.0
    """When the next look is due; 0: the line is not in talk."""
    samples: int = 0
    jitter_ms: float = 0.0
    sent_jitter_ms: float = 0.0
    round_trip_ms: float = 0.0
    """Sums over the samples."""
    trips: int = 0
    """Samples that had a round trip."""
    reported: bool = False
    unheard_s: float = 0.0
    """Without a packet, in the talk's looks."""
    silent_s: float = 0.0
    """Without a packet, until the latest look."""
    held: bool = False
    """The party's telephone or trunk has put its line on hold, and may be silent."""
    was_held: bool = False
    """Since the latest look."""
    problems: tuple[str, ...] = ()
    clean: int = 0
    window: LineFigures | None = None
    """Of the latest look."""
    peer: Line | None = None
    """The other party's of the talk."""

    def begin(self, offer: str, agent: str, now: float, look_s: float) -> None:
        """A talk begins on this channel."""
        self.offer, self.agent, self.since, self.told = offer, agent, now, False
        self.looked, self.looked_at, self.samples, self.trips, self.reported = None, now, 0, 0, False
        self.jitter_ms = self.sent_jitter_ms = self.round_trip_ms = self.unheard_s = self.silent_s = 0.0
        self.was_held, self.problems, self.clean, self.window = self.held, (), 0, None
        self.due_at = now + look_s if look_s else 0.0

    def take(self, found: Totals, now: float) -> LineFigures:
        """Adds a look; the figures since the one before."""
        lasted = max(0.0, now - self.looked_at)
        more = found.since(self.looked or self.base)
        self.samples += 1
        self.jitter_ms += found.jitter_ms
        self.sent_jitter_ms += found.sent_jitter_ms
        if found.round_trip_ms:
            self.trips += 1
            self.round_trip_ms += found.round_trip_ms
        self.reported = self.reported or found.reported
        if more.packets or self.held or self.was_held:
            self.silent_s = 0.0
        else:
            self.silent_s += lasted
            self.unheard_s += lasted
        self.looked, self.looked_at, self.was_held = found, now, self.held
        return self._figures(more, lasted, self.silent_s)

    def whole(self, found: Totals, now: float, codec: str) -> LineFigures:
        """The figures of the whole talk: counts of all of it, jitter and round trip as means of the looks."""
        self.take(found, now)
        n, trip = self.samples, self.round_trip_ms / self.trips if self.trips else 0.0
        lasted = max(0.0, now - self.since)
        # Of a channel that is as old as the talk, the losses of the latest seconds are not counted yet.
        counted = max(0.0, lasted - COUNTED_S / 2) / lasted if lasted and self.base == Totals() else 1.0
        means = replace(
            found.since(self.base),
            jitter_ms=self.jitter_ms / n,
            sent_jitter_ms=self.sent_jitter_ms / n,
            round_trip_ms=trip,
        )
        return self._figures(means, lasted, min(lasted, self.unheard_s), counted, codec)

    def _figures(
        self, more: Totals, lasted: float, unheard_s: float, counted: float = 1.0, codec: str = ""
    ) -> LineFigures:
        return LineFigures(
            seconds=round(lasted, 3),
            codec=codec,
            packets=more.packets,
            lost=more.lost,
            lost_of=max(more.lost, round((more.packets + more.lost) * counted)),
            jitter_ms=round(more.jitter_ms, 2),
            sent=more.sent,
            sent_lost=more.sent_lost if self.reported else None,
            sent_lost_of=max(more.sent_lost, more.sent) if self.reported else 0,
            sent_jitter_ms=round(more.sent_jitter_ms, 2) if self.reported else None,
            round_trip_ms=round(more.round_trip_ms, 2) if more.round_trip_ms else None,
            unheard_s=round(unheard_s, 1),
        )


Answered = Callable[[Line, Totals | None], None]
"""What is done with a channel's counts; None: it did not answer."""


class LineWatch:
    """The channels of all calls, by Uniqueid. `tell` gets LegMeasured and LineChanged."""

    def __init__(
        self,
        ami: Ami,
        book: ChannelBook,
        tell: Callable[[LineEvent], None],
        rules: Callable[[], tuple[LineRules, float]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`rules`: the thresholds in force, and `look_s`, of which 0 means no looks."""
        self._ami, self._book, self._tell, self._rules, self._clock = ami, book, tell, rules, clock
        self.lines: dict[str, Line] = {}
        self._halves: dict[tuple[str, str], tuple[LegMeasured, float]] = {}
        """By call and offer: one side of a talk that is over, which waits for the other, and since when."""
        self._asked: set[asyncio.Task[None]] = set()
        self.looks = 0
        """Channels that were asked since the start."""

    # --- what Asterisk says ---

    def heard(self, message: Message) -> None:
        """A message of Asterisk's, before the translator has read it."""
        match message.get("Event"):
            case "Hold" | "Unhold":
                if line := self.lines.get(message.get("Uniqueid", "")):
                    line.held = message["Event"] == "Hold"
                    line.was_held = line.was_held or line.held
            case "UserEvent" if message.get("UserEvent") == "LineMeasured":
                self._ended(message)
            case "Hangup":
                # After [measured], which runs on a channel that still lives.
                self.lines.pop(message.get("Uniqueid", ""), None)

    def _ended(self, message: Message) -> None:
        """The dialplan's last counts of a channel; a channel that the message does not fit is left alone."""
        line = self.lines.get(message.get("Uniqueid", ""))
        found = totals(message.get("Rtcp", ""))
        if line is None or found is None or line.call != message.get("Call") or line.side != message.get("Side"):
            return
        codec = message.get("Codec", "")
        self._measure(line, found, codec if _CODEC.fullmatch(codec) else "")
        line.due_at = 0.0

    # --- what the translator and resync tell ---

    def told(self, event: Event) -> None:
        """An event of the translator's, after it was told."""
        match event:
            case CallArrived(call):
                if leg := self._book.calls.get(call):
                    self._caller(leg)
            case CallBridged(agent, call, offer):
                self._bridged(agent, call, offer)
            case BridgeEnded(_, call, offer):
                leg = self._book.calls.get(call)
                line = self.lines.get(leg.uniqueid) if leg else None
                if line is not None and line.offer == offer and not line.told:
                    line.due_at = 0.0
                    self._ask(line, self._parted)
            case PbxFound():
                self._found()
            case CallerHungUp():
                pass  # Its Hangup has removed the line.

    def _caller(self, leg: CallerLeg) -> Line:
        line = self.lines.get(leg.uniqueid)
        if line is None:
            line = self._add(
                leg.uniqueid, Line(leg.call, "caller", _party(leg.channel), leg.channel, "", "", self._clock())
            )
            line.looked_at = line.since
        return line

    def _add(self, uniqueid: str, line: Line) -> Line:
        while len(self.lines) >= _REMEMBERED:
            del self.lines[next(iter(self.lines))]
        self.lines[uniqueid] = line
        return line

    def _bridged(self, agent: str, call: str, offer: str) -> None:
        leg = self._book.calls.get(call)
        phone = self._book.phone_of(call, agent, offer)
        if leg is None or phone is None:
            return
        self._begin(leg, phone)

    def _begin(self, leg: CallerLeg, phone: AgentLeg) -> None:
        now, (_, look_s) = self._clock(), self._rules()
        line = self._caller(leg)
        goes_on = bool(line.offer) and not line.told  # A transfer has ended the talk before.
        if not goes_on:
            line.base = Totals()
            line.begin(phone.offer, phone.agent, now, look_s)

        def counted(line: Line, found: Totals | None) -> None:
            if goes_on:
                if found is not None:
                    self._measure(line, found, "")
                line.begin(phone.offer, phone.agent, now, look_s)
            if found is not None and line.offer == phone.offer and not line.samples:
                line.base = found

        self._ask(line, counted)
        mine = self.lines.get(phone.uniqueid)
        if mine is None:
            mine = Line(leg.call, "agent", f"agent {phone.agent}", phone.channel, phone.offer, phone.agent, now)
            self._add(phone.uniqueid, mine).begin(phone.offer, phone.agent, now, look_s)
        line.peer, mine.peer = mine, line

    def _found(self) -> None:
        """After a resync: channels that have ended are forgotten, and talks that nobody heard begin are measured from now on."""
        there = self._book.callers.keys() | self._book.agent_legs.keys()
        for gone in self.lines.keys() - there:
            del self.lines[gone]
        for leg in self._book.callers.values():
            talks = [
                phone for phone in leg.agents.values() if phone.progress == Progress.BRIDGED and not phone.consults
            ]
            for phone in talks:
                if phone.uniqueid not in self.lines:
                    self._begin(leg, phone)
            if not talks and leg.uniqueid not in self.lines:
                self._caller(leg).told = True  # How long it has been there is not known.

    # --- asking ---

    def _ask(self, line: Line, answered: Answered) -> None:
        task = asyncio.get_running_loop().create_task(self._asking([(line, answered)]), name="counts of a line")
        self._asked.add(task)
        task.add_done_callback(self._asked.discard)

    async def _asking(self, wanted: list[tuple[Line, Answered]]) -> None:
        """A channel that has ended, or a link that is lost, answers nothing: the channel's end brings the counts."""
        self.looks += len(wanted)
        values = [""] * len(wanted)
        with suppress(AmiDown, AmiSilent, AmiRefused):
            values = await get_variables(self._ami, [(line.channel, _RTCP) for line, _ in wanted])
        for (line, answered), value in zip(wanted, values, strict=True):
            answered(line, totals(value))

    def _parted(self, line: Line, found: Totals | None) -> None:
        if found is not None:
            self._measure(line, found, "")

    def _measure(self, line: Line, found: Totals, codec: str) -> None:
        """The talk on this line is over. Told once the other side is, too."""
        if line.told:
            return
        now = self._clock()
        figures = line.whole(found, now, codec)
        line.told = True
        mine = LegMeasured(line.call, line.offer, line.side, line.party, line.agent, figures)
        if not line.offer:
            self._tell(mine)
            return
        key = (line.call, line.offer)
        other, _ = self._halves.get(key, (None, 0.0))
        if other is None or other.side == mine.side:
            self._halves[key] = (mine, now)
            return
        del self._halves[key]
        for each, against in ((other, mine), (mine, other)):
            self._tell(replace(each, figures=own(each.figures, against.figures)))

    def _tell_alone(self, now: float) -> None:
        """The sides of talks whose other side was not measured."""
        for key, (half, since) in list(self._halves.items()):
            if now - since >= ALONE_S:
                del self._halves[key]
                self._tell(half)

    # --- looking ---

    async def run(self) -> None:
        """Looks at the lines in talk until cancelled."""
        while True:
            await asyncio.sleep(1.0)
            self._tell_alone(self._clock())
            await self.look()

    async def look(self) -> None:
        """One look at the lines that are due, the longest due first; at most LOOKS_A_SECOND."""
        now, (_, look_s) = self._clock(), self._rules()
        if not look_s or not self._ami.up:
            return
        due = sorted((line for line in self.lines.values() if 0 < line.due_at <= now), key=lambda line: line.due_at)
        due = due[:LOOKS_A_SECOND]
        for line in due:
            line.due_at = now + look_s
        await self._asking([(line, self._looked) for line in due])
        for line in due:
            self._judge(line)

    def _looked(self, line: Line, found: Totals | None) -> None:
        line.window = None
        if found is not None and not line.told and line.due_at:
            line.window = line.take(found, self._clock())

    def _judge(self, line: Line) -> None:
        if line.window is None:
            return
        figures = own(line.window, line.peer.window if line.peer else None)
        problems = verdict(figures, self._rules()[0]).problems
        line.clean = 0 if problems else line.clean + 1
        if problems:  # One row for each new problem, so that a line which is bad in turns does not fill the log.
            seen = tuple(each for each in PROBLEMS if each in problems or each in line.problems)
        else:
            seen = () if line.clean >= CLEAN_LOOKS else line.problems
        if seen != line.problems:
            line.problems = seen
            self._tell(LineChanged(line.call, line.offer, line.side, line.party, line.agent, figures, seen))


def own(figures: LineFigures, other: LineFigures | None) -> LineFigures:
    """The figures without what the other party's line may have done to the sound before it was sent on this one.

    The other line's losses of the latest COUNTED_S may not be counted yet: they are taken to be as frequent as those that are, so
    that no line is blamed for another's.
    """
    if other is None or figures.sent_lost is None:
        return figures
    sent_to_us = other.packets + other.lost
    lost_before = (
        min(1.0, other.lost / sent_to_us * other.seconds / max(1.0, other.seconds - COUNTED_S)) if sent_to_us else 0
    )
    return replace(
        figures,
        sent_lost=max(0, round(figures.sent_lost - figures.sent_lost_of * lost_before)),
        sent_jitter_ms=round(max(0.0, (figures.sent_jitter_ms or 0.0) - other.jitter_ms), 2),
    )


def _party(channel: str) -> str:
    if found := _TRUNK.fullmatch(channel):
        return f"trunk {found[2]}"
    if found := AGENTS_CHANNEL.fullmatch(channel):
        return f"agent {found[1]}"
    return "other"
