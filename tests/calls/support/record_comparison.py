"""Three records of the same calls, kept by three that know nothing of one another, and whether they agree.

SIPp's (or our own caller's): which INVITEs were answered. Asterisk's: its CEL, every channel and every bridge. Ours: the
calls in PostgreSQL. Beside them the call log, for the order of offers. The invariants are numbered as in the table of
faults: I1 one row and one ending for every answered INVITE, I2 nobody in two talks, I3 no inversion of the order, I4
counts exact and times within a second, I5 every talk recorded in full or marked, with a reason (I6, nothing left over,
is the system's own `nothing_left`).
"""

import csv
import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from acd.engine.commands import Ending, Kind, Outcome
from acd.sipp.actors import SippCaller
from acd.store.queries.calls import Call
from tests.calls.support.call_log import person
from tests.calls.support.manual_caller import ManualCaller
from tests.calls.support.running_system import RunningSystem
from tests.support.sipp import header
from tests.support.waiting import eventually

WITHIN_S = 1.0
"""Two clocks of one machine, a dialplan and a log between them."""
REST = timedelta(seconds=5)
"""A call whose second offer in a row reached no telephone is offered to nobody for so long, and others go ahead of it: the call
can't be moved, and every agent who was reserved for it would stand idle for a second."""


@dataclass(slots=True)
class Channel:
    """What Asterisk's record says of one channel."""

    name: str
    unique: str
    linked: str
    number: str = ""
    began: float = 0.0
    answered: float = 0.0
    ended: float = 0.0
    bridged: list[tuple[float, float]] = field(default_factory=list)
    """From, to; 0 while it goes on."""

    @property
    def is_caller(self) -> bool:
        """Of a call that came in: one that leaves is linked to the channel for which it was dialled."""
        return self.name.startswith("PJSIP/trunk-") and self.linked == self.unique

    @property
    def agent(self) -> str:
        found = re.fullmatch(r"PJSIP/(\d+)-\w+", self.name)
        return found[1] if found else ""

    @property
    def talk_s(self) -> float:
        return sum((to or self.ended) - from_ for from_, to in self.bridged)


def sipp_record(callers: Iterable[SippCaller]) -> Counter[str]:
    """Caller's number to how often his INVITE was answered with 200."""
    answered: Counter[str] = Counter()
    for caller in callers:
        numbers: dict[str, str] = {}
        done: set[str] = set()
        for block in re.split(r"^-{10,}.*$", caller.uac.messages("caller"), flags=re.M):
            call_id = header(block, "Call-ID")
            if "message sent" in block and "INVITE sip:" in block:
                found = re.search(r"^From:.*<sip:([^@>]*)@", block, re.M | re.I)
                numbers[call_id] = found[1] if found else ""
            elif "SIP/2.0 200" in block and header(block, "CSeq").endswith("INVITE") and call_id not in done:
                done.add(call_id)
                answered[numbers.get(call_id, "")] += 1
    return answered


def asterisk_record(file: Path) -> list[Channel]:
    """Every channel since the record was begun, in the order of their beginning."""
    channels: dict[str, Channel] = {}
    if not file.exists():
        return []
    with file.open(encoding="utf-8", errors="replace", newline="") as lines:
        for row in csv.reader(lines):
            if len(row) < 6:
                continue
            event, at, name, unique, linked, number = row[0], float(row[1]), *row[2:6]
            channel = channels.setdefault(unique, Channel(name, unique, linked))
            match event:
                case "CHAN_START":
                    channel.began = at
                case "ANSWER":
                    channel.answered, channel.number = at, number
                case "BRIDGE_ENTER":
                    channel.bridged.append((at, 0.0))
                case "BRIDGE_EXIT" if channel.bridged:
                    channel.bridged[-1] = (channel.bridged[-1][0], at)
                case "CHAN_END":
                    channel.ended = at
    return list(channels.values())


@dataclass(slots=True)
class Verdict:
    calls: int
    lost: int
    """Calls without a row, or cut by a fault of ours."""
    answered_to_nobody: list[str]
    """Agents' phones that went up and never met a caller."""


async def agree(
    system: RunningSystem,
    cel: Path,
    callers: Iterable[SippCaller],
    lines: Iterable[ManualCaller],
    by_number: bool = True,
    not_taken: Collection[str] = (),
) -> Verdict:
    """Compares them. `cel`: Asterisk's record; `callers` and `lines` dialled the hotline. AssertionError, with what differs, when they do not agree.

    Not `by_number`: callers whose number nobody would believe are counted, and not told apart. `not_taken`: numbers of callers who
    were answered with a question and let go, which makes no row.
    """
    await system.caught_up()
    rows = {
        call: await system.store.call(call) for call in dict.fromkeys(row.call for row in system.log.of(Kind.ARRIVED))
    }
    ours = [row for row in rows.values() if row is not None]
    assert len(ours) == len(rows), "calls of the log that PostgreSQL lacks"

    def ended() -> bool:
        return all(one.ended for one in asterisk_record(cel) if one.is_caller)

    await eventually(ended, "the last line of Asterisk's record")
    channels = asterisk_record(cel)
    answered = [one for one in channels if one.is_caller and one.answered]
    dialled = sipp_record(callers) + Counter(line.number for line in lines if line.answered_at)
    sip = Counter(person(number) for number in dialled.elements())
    asterisk = Counter(person(one.number) for one in answered)
    pg = Counter(row.caller for row in ours) + Counter(person(number) for number in not_taken)
    if not by_number:
        sip, asterisk, pg = (Counter({"somebody": book.total()}) for book in (sip, asterisk, pg))
    assert sip == asterisk, f"I1: SIPp has {sip - asterisk} more, Asterisk {asterisk - sip}"
    missing = asterisk - pg
    assert pg == asterisk, f"I1: PostgreSQL lacks {missing}, has {pg - asterisk} too many"
    _nobody_twice(channels)
    if by_number:
        _talks_agree(answered, ours)
    _order_kept(system, {row.call: row.asked_at for row in ours})
    await _recorded_or_marked(system)
    nobody = [
        one.name for one in channels if one.agent and one.answered and not one.bridged and not _own_call(one, channels)
    ]
    lost = sum(row.ending == Ending.LOST for row in ours) + missing.total()
    return Verdict(len(ours), lost, nobody)


def _own_call(channel: Channel, channels: list[Channel]) -> bool:
    """An agent who dialled a feature code, not one who was rung."""
    return not any(one.is_caller and one.linked == channel.linked for one in channels)


def _nobody_twice(channels: list[Channel]) -> None:
    """I2 by Asterisk's own bridges: no agent in two talks at once, no caller with two agents."""
    talks: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for one in channels:
        if one.agent:
            stretches = [(from_, to or one.ended) for from_, to in one.bridged]
            talks[one.agent] += stretches
            talks[one.linked] += stretches
    for who, stretches in talks.items():
        stretches.sort()
        for (_, ended), (began, _) in itertools.pairwise(stretches):
            assert began >= ended - 0.05, f"I2: {who} talks twice at once, from {began} and until {ended}"


def _talks_agree(callers: list[Channel], ours: list[Call]) -> None:
    """I4: how long each talked, by Asterisk's bridges and by our row; and when he left, by both."""
    by_number: defaultdict[str, list[Channel]] = defaultdict(list)
    for channel in sorted(callers, key=lambda one: one.began):
        by_number[person(channel.number)].append(channel)
    for row in sorted(ours, key=lambda one: one.arrived_at):
        channel = _channel_of(row.call, by_number[row.caller])
        assert row.ended_at is not None, f"I1: {row.call} has not ended"
        assert row.ended_at.timestamp() - channel.ended <= 60, f"I1: {row.call} ended a minute late"
        talk_s = row.talk_s or 0.0
        assert abs(talk_s - channel.talk_s) <= WITHIN_S, f"I4: {row.call} talked {talk_s} s, by CEL {channel.talk_s}"


def _channel_of(call: str, same_number: list[Channel]) -> Channel:
    """Takes the call's channel out of those of its caller's number: the one whose Uniqueid the call's id is made of.

    The first of them for an id that Asterisk did not make. Calls of one number that come at once are told in any order.
    """
    seconds, count = call.removeprefix("c").split("-")[:2] if call.startswith("c") else ("", "")
    own = next((one for one in same_number if one.linked.endswith(f"{seconds}.{count}")), same_number[0])
    same_number.remove(own)
    return own


def _order_kept(system: RunningSystem, asked: dict[str, datetime | None]) -> None:
    """I3: at no offer did somebody wait for the same who had asked earlier and had not been with that agent before; a call
    that rests, since it can't be connected, does not wait."""
    places: dict[str, tuple[object, ...]] = {}
    numbers = {row.call: str(row.detail["caller"]) for row in system.log.of(Kind.ARRIVED)}
    former: dict[str, datetime | None] = {}
    """Caller's number to the place that he had last."""
    waiting: set[str] = set()
    in_vain: Counter[str] = Counter()
    """Offers of a call in a row that reached no telephone."""
    rests_until: dict[str, datetime] = {}
    had: defaultdict[str, set[str]] = defaultdict(set)
    for at, row in system.log.rows():
        match row.kind:
            case Kind.QUEUED:
                number = numbers.get(row.call, "")
                if "returned_s" in row.detail and number in former:
                    asked[row.call] = former[number]  # who comes back within a while has his old place
                former[number] = asked.get(row.call)
                skills = tuple(sorted(dict(row.detail["skills"]).items()))
                places[row.call] = (row.queue, skills, row.detail["language"], row.detail["priority"])
                waiting.add(row.call)
            case Kind.OFFERED if row.call in places:
                waiting.discard(row.call)
                had[row.call].add(row.agent)
                his = asked.get(row.call)
                for other in waiting:
                    theirs = asked.get(other)
                    if places[other] != places[row.call] or row.agent in had[other] or his is None or theirs is None:
                        continue
                    if other in rests_until and at < rests_until[other]:
                        continue
                    assert (his - theirs).total_seconds() <= 0.05, (
                        f"I3: {row.agent} was offered {row.call} (asked {his}) before {other} (asked {theirs})"
                    )
            case Kind.RETURNED:
                waiting.add(row.call)
            case Kind.OFFER_ENDED if row.detail["outcome"] != Outcome.ANSWERED:
                waiting.add(row.call)
                if row.detail["outcome"] == Outcome.NOT_DIALLED:
                    in_vain[row.call] += 1
                    if in_vain[row.call] > 1:
                        rests_until[row.call] = at + REST
                elif row.detail["outcome"] != Outcome.TAKEN_BACK:
                    in_vain[row.call] = 0
            case Kind.ENDED:
                waiting.discard(row.call)


async def _recorded_or_marked(system: RunningSystem) -> None:
    """I5: each leg that talked has one verdict: as long as its talk, or not complete and why."""
    for row in system.log.of(Kind.TALK_ENDED):
        leg = await system.store.recording(row.offer)
        assert leg is not None and leg.filed_at is not None, f"I5: nothing is known of the recording of {row.offer}"
        if leg.state == "complete":
            assert leg.seconds is not None and leg.talk_s is not None
            assert abs(leg.seconds - leg.talk_s) <= WITHIN_S, f"I5: {row.offer}: {leg.seconds} s of {leg.talk_s} s"
        else:
            assert leg.reason or leg.state == "none", f"I5: {row.offer} is {leg.state}, and nobody says why"
