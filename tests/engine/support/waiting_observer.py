"""The book of those who wait: since when, in which queue, by which rows of its policy; kept from the log's rows alone.

At the end of each event the engine's calls are held against it: place, turn, what is asked for, rows that are due.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from acd.engine.acd import Acd
from acd.engine.commands import CallBack, Command, Kind, Log, SendTo, TakeBack
from acd.engine.entities import Call
from acd.engine.events import CallQueued, ConfigChanged, Event, PbxFound, PbxLost
from acd.engine.model import Overflow, Queue, Skills, has_skills
from acd.engine.offers.choice_log import KNOWS
from acd.engine.operator_events import CallPrioritised
from acd.engine.pbx_report import FoundCall, MissedHangup
from acd.engine.state import State

GAVE_UP = ("abandoned in queue", "abandoned while ringing")
SENDS = {"voicemail": "voicemail", "number": "number", "offer-callback": "callback"}
CIRCLE = 10
ALL_EVERY = 4
"""Events after which all calls are held against the book, and not only those that the event spoke of."""


@dataclass
class Stay:
    """One caller's wait: from asking for a person to his ending."""

    caller: str
    asked: datetime
    place: datetime
    queue: str
    since: datetime
    """He came to this queue."""
    skills: Skills = ()
    rows: list[int] = field(default_factory=list)
    """Applied in this queue, from 0."""
    silent: list[int] = field(default_factory=list)
    """Rows of those that say nothing in the log, for they could not be carried out."""
    given: int | None = None
    moves: int = 0
    agents: list[str] = field(default_factory=list)
    """Kept for."""
    kept_until: datetime | None = None
    attempts: int = 0
    allowed: int = 1
    """Attempts, by the rules when the last one failed."""
    state: str = ""
    """Of the callback."""
    handed: Skills | None = None
    """Handed over to whoever has these."""


@dataclass(frozen=True)
class After:
    """When something was seen; it becomes words only where it is complained of."""

    call: str
    event: Event | None

    def __str__(self) -> str:
        return f"{self.call} after {self.event}"


@dataclass
class Talks:
    first: str
    last: str
    at: datetime


class WaitingObserver:
    def __init__(self, acd: Acd) -> None:
        self.acd = acd
        self.stays: dict[str, Stay] = {}
        self.callers: dict[str, str] = {}
        self.policies: dict[str, tuple[Overflow, ...]] = {}
        self.left: dict[str, tuple[str, datetime, datetime]] = {}
        """Per caller the place that he gave up: queue, place, when."""
        self.sure_of_left = True
        self.lost_at: datetime | None = None
        """When the link was lost; an Asterisk that was restarted meanwhile cut its calls then."""
        self.served: dict[str, Talks] = {}
        self.sure_of_served = True
        self.looks = 0

    @property
    def state(self) -> State:
        return self.acd._state

    # -- reading --

    def read(self, event: Event, commands: list[Command]) -> None:
        if isinstance(event, ConfigChanged):
            self.sure_of_left = self.sure_of_served = False  # what was let go of under the rules before is gone
        if isinstance(event, PbxLost) and self.lost_at is None:
            self.lost_at = self.state.now
        sends: list[tuple[str, str]] = []
        dials: list[str] = []
        for number, command in enumerate(commands):
            match command:
                case Log() if command.call or command.kind is Kind.CONFIGURATION:
                    self._read_row(command, event, commands[number + 1 :], sends, dials)
                case SendTo():
                    assert self.state.pbx, f"{command} without Asterisk"
                    if isinstance(event, PbxFound):
                        assert all(gone.call != command.call for gone in event.gone), f"{command}, and he is gone"
                    self._is_there(command)
                    handed = command.where == "waiting" or self.state.calls[command.call].transfer is not None
                    if handed and (command.call, command.where) not in sends:
                        continue
                    assert (command.call, command.where) in sends, f"{command} without a row that says so"
                    sends.remove((command.call, command.where))
                case CallBack():
                    assert self.state.pbx
                    assert command.call in dials, f"{command} without its row"
                    dials.remove(command.call)
        assert not sends, f"{sends} is said and not done, by {event}"
        assert not dials
        if isinstance(event, PbxFound):
            self.lost_at = None
        if isinstance(event, ConfigChanged) or len(self.policies) != len(self.state.queues):
            self.policies = {name: queue.overflow for name, queue in self.state.queues.items()}
        self.looks += 1
        spoken_of = {getattr(command, "call", "") for command in commands if not isinstance(command, TakeBack)}
        of_all = isinstance(event, ConfigChanged | PbxFound) or self.looks % ALL_EVERY == 0
        for call in self.state.calls.values():
            if call.dialling and isinstance(event, PbxFound):
                self.stays[call.call].state = "calling"  # a channel of his is there, whatever we thought
            if of_all or call.call in spoken_of:
                self._compare(call, After(call.call, event))
            if call.stage == "waiting" and self.state.pbx:
                self._nothing_missed(call, After(call.call, event))

    def _read_row(
        self, row: Log, event: Event, after: list[Command], sends: list[tuple[str, str]], dials: list[str]
    ) -> None:
        stay = self.stays.get(row.call)
        match row.kind:
            case Kind.ARRIVED:
                self.callers[row.call] = row.detail["caller"]
                if stay is not None:
                    stay.caller = row.detail["caller"]
            case Kind.QUEUED:
                self._asked(row, event, after)
            case Kind.OVERFLOW:
                assert stay is not None
                self._row_applied(stay, row, sends)
            case Kind.OPERATOR if stay is not None:
                if isinstance(event, CallPrioritised):
                    stay.given = event.priority
                elif row.detail["did"] == "moved":
                    self._moved(stay, row.detail["now"])
                elif self.state.calls.get(row.call) is not None:
                    sends.append((row.call, "let go"))
            case Kind.CONFIGURATION:
                self._configured()
            case Kind.KEPT:
                assert stay is not None and row.agent not in stay.agents, f"{row} a second time"
                stay.agents.append(row.agent)
                stay.kept_until = self.state.now + timedelta(seconds=row.detail["for_s"])
                self._knows(stay, row, row.detail["why"])
            case Kind.OFFERED if row.detail["rule"] in KNOWS.values():
                assert stay is not None
                self._knows(stay, row, next(why for why, rule in KNOWS.items() if rule == row.detail["rule"]))
            case Kind.CALLBACK:
                assert stay is not None
                self._called_back(stay, row, dials)
            case Kind.TRANSFER:
                self._transferred(row, stay, sends)
            case Kind.TALK_ENDED:
                self._talked(row, event)
            case Kind.ENDED:
                self._ended(row, event)

    def _transferred(self, row: Log, stay: Stay | None, sends: list[tuple[str, str]]) -> None:
        """He comes to another queue, or back to the one from which he was handed over, and its policy begins anew."""
        call, cold = self.state.calls.get(row.call), not row.detail.get("warm")
        if stay is None or call is None:
            return
        stay.handed = call.handed_skills
        if row.detail["state"] == "asked" and cold:
            if row.detail["how"] != "telephone" or call.queued_at == self.state.now:
                self._moved(stay, row.detail["to"] if row.detail["kind"] == "queue" else row.queue)
        elif row.detail["state"] == "sent on" or (
            row.detail.get("returned_to") and call.stage != "talking" and call.queued_at == self.state.now
        ):
            self._moved(stay, row.queue)

    def _is_there(self, command: SendTo) -> None:
        """Nobody is sent anywhere who has hung up, or talks."""
        call = self.state.calls[command.call]
        stages = {
            "let go": ("after",),
            "waiting": ("waiting",),
            "callback": ("waiting", "offered", "elsewhere"),
            "voicemail": ("elsewhere",),
        }
        assert call.stage in stages.get(command.where, ("elsewhere",)), f"{command}, and he is {call.stage}"
        assert not call.virtual, f"{command}, and nobody is on the line"

    # -- asking, and coming back --

    def _asked(self, row: Log, event: Event, after: list[Command]) -> None:
        assert row.call not in self.stays, f"{row.call} asks twice"
        now, caller = self.state.now, self.callers[row.call]
        asked: datetime = now
        skills: Skills = ()
        if isinstance(event, CallQueued):
            skills = event.skills
        elif isinstance(event, PbxFound):
            told: tuple[FoundCall | MissedHangup, ...] = (*event.gone, *event.calls)
            found = {one.call: one for one in told}[row.call]
            asked, skills = now - timedelta(seconds=max(0.0, found.waiting_for_s)), found.skills
        place, rules = asked, self.state.rules
        left = self.left.get(caller)
        if "returned_s" in row.detail:
            assert left is not None and left[0] == row.queue, f"{row} takes a place that nobody gave up"
            assert now - left[2] <= rules.return_within
            assert abs(row.detail["returned_s"] - max(0.0, (now - left[2]).total_seconds())) < 1e-6
            place = left[1]
            assert place < asked
        elif left is not None and self.sure_of_left and left[0] == row.queue and left[1] < asked:
            assert not timedelta(0) < now - left[2] <= rules.return_within, (
                f"{row.call} came back and has lost his place"
            )
        if left is not None and left[0] == row.queue and now - left[2] <= rules.return_within:
            del self.left[caller]
        assert 0 <= row.detail["median_s"] <= row.detail["p90_s"] + 1e-3, f"{row}: half wait longer than a tenth"
        stay = self.stays[row.call] = Stay(caller, asked, place, row.queue, asked, skills)
        if not isinstance(event, PbxFound):
            self._on_entry(stay, row, after)

    def _on_entry(self, stay: Stay, row: Log, after: list[Command]) -> None:
        """Rows that look at how the queue is when he comes to it: applied exactly when it is so."""
        if not self.state.pbx or row.call not in self.state.calls:
            return  # his hang-up overtook his asking
        applied = []
        for other in after:
            if isinstance(other, Log) and other.kind is Kind.OVERFLOW and other.call == row.call:
                applied.append(other.detail["row"] - 1)
                if other.detail["do"] == "move":
                    break  # what follows belongs to another queue
        for number, policy in enumerate(self.state.queues[row.queue].overflow):
            if policy.when == "longer-than":
                holds = row.detail["position"] - 1 > policy.calls
            elif policy.when == "wait-over":
                holds = row.detail["median_s"] > policy.wait.total_seconds() + 1e-3
                if abs(row.detail["median_s"] - policy.wait.total_seconds()) <= 1e-3:
                    continue
            else:
                continue
            assert holds == (number in applied), f"{policy} at {row}: {applied}"
            if holds and policy.do in ("move", "voicemail", "number"):
                return

    def _talked(self, row: Log, event: Event) -> None:
        caller, rules = self.callers[row.call], self.state.rules
        if row.detail["talk_s"] < rules.well_after.total_seconds() or not caller.isdigit():
            return
        if isinstance(event, PbxFound):
            self.sure_of_served = False  # its end lies in the past
        before = self.served.get(caller)
        fresh = before is not None and self.state.now - before.at <= rules.same_agent_within
        first = before.first if before is not None and fresh else row.agent
        self.served[caller] = Talks(first, row.agent, self.state.now)

    def _knows(self, stay: Stay, row: Log, why: str) -> None:
        if why in ("asked for", "transfer", "handed back", "line dropped") or not self.sure_of_served:
            return
        served = self.served.get(stay.caller)
        assert served is not None, f"{row}: nobody has served {stay.caller}"
        if served.at >= stay.asked:
            return  # whom he was kept for was decided when he asked
        assert row.agent == (served.last if why == "last agent" else served.first), f"{row.agent} does not know him"

    def _ended(self, row: Log, event: Event) -> None:
        stay = self.stays.pop(row.call, None)
        caller = self.callers[row.call]
        if stay is None or row.detail["ending"] not in GAVE_UP or not caller.isdigit():
            return
        at = self.state.now
        if isinstance(event, PbxFound):
            gone_s = {gone.call: gone.gone_s for gone in event.gone}.get(row.call)
            if gone_s is not None:
                at -= timedelta(seconds=gone_s)
            elif event.restarted and self.lost_at is not None:
                at = self.lost_at
        if self.state.rules.return_within:
            self.left[caller] = (row.queue, stay.place, at)

    # -- policies --

    def _row_applied(self, stay: Stay, row: Log, sends: list[tuple[str, str]]) -> None:
        number = row.detail["row"] - 1
        assert row.queue == stay.queue
        assert number not in stay.rows, f"{row} a second time"
        policy = self.state.queues[row.queue].overflow[number]
        assert (policy.do, policy.when, policy.why) == (row.detail["do"], row.detail["when"], row.detail["why"])
        if policy.when == "unstaffed":
            required = self._required(stay, self.state.queues[row.queue])
            for agent in self.state.agents.values():
                able = any(agent.serves(name) and has_skills(agent.skills, skills) for name, skills in required.items())
                gone = agent.state == "logged out" or agent.is_unrung
                assert not able or gone, f"{row}, and {agent.agent} is {agent.state}"
        if policy.when == "waited":
            assert self.state.now >= stay.since + policy.after, f"{row} before its time"
        stay.rows.append(number)
        if policy.do == "move":
            stay.moves += 1
            assert stay.moves <= CIRCLE, f"{row.call} goes in a circle"
            self._moved(stay, policy.queue)
        elif policy.do in SENDS:
            sends.append((row.call, SENDS[policy.do]))

    def _moved(self, stay: Stay, queue: str) -> None:
        stay.queue, stay.since, stay.rows, stay.silent = queue, self.state.now, [], []

    def _configured(self) -> None:
        """Rows that the new policy has too stay applied; all others are new."""
        for stay in self.stays.values():
            before, policy = self.policies[stay.queue], self.state.queues[stay.queue].overflow
            applied, silent = [before[number] for number in stay.rows], [before[number] for number in stay.silent]
            stay.rows = [number for number, row in enumerate(policy) if row in applied]
            stay.silent = [number for number, row in enumerate(policy) if row in silent]

    def _called_back(self, stay: Stay, row: Log, dials: list[str]) -> None:
        was, stay.state = stay.state, row.detail["state"]
        before = {
            "accepted": ("",), "calling": ("accepted", "failed"), "answered": ("calling", "accepted", "failed"),
            "failed": ("calling", "accepted"), "given up": ("failed",),
        }  # fmt: skip
        assert was in before[stay.state], f"{row} after {was!r}"
        if stay.state == "calling":
            stay.attempts += 1
            assert stay.attempts == row.detail["attempt"]
            assert stay.attempts <= stay.allowed, f"{row}: once too often"
            dials.append(row.call)
        elif stay.state == "failed":
            stay.allowed = self.state.rules.callback_attempts

    # -- comparing --

    def _compare(self, call: Call, when: After) -> None:
        stay = self.stays.get(call.call)
        if stay is None:
            assert call.asked_at is None and call.stage in ("menu", "after"), when
            return
        state = self.state
        queue = state.queues[stay.queue]
        assert (call.asked_at, call.placed_at) == (stay.asked, stay.place), f"{when}: lost his place"
        assert (call.queue, call.queued_at) == (stay.queue, stay.since), when
        rows = [queue.overflow[number] for number in stay.rows]
        priority = queue.priority + state.rules.priorities.get(stay.caller, 0) if stay.given is None else stay.given
        priority += sum(row.by for row in rows if row.do == "raise-priority")
        assert call.priority == priority, when
        ahead = priority * state.rules.priority_worth + (
            state.rules.emergency_worth if queue.emergency else timedelta(0)
        )
        assert call.turned_at == stay.place - ahead, f"{when}: not his turn"
        assert dict(call.line.ask.any_of) == self._required(stay, queue), when
        assert set(stay.rows) <= set(call.rows) and len(call.rows) == len(set(call.rows)), when
        for number in set(call.rows) - set(stay.rows) - set(stay.silent):
            do = queue.overflow[number].do
            in_vain = call.callback and do in (
                *SENDS,
                "offer-callback",
            )  # he was not on the line, whether or not he is now
            assert in_vain or (do == "move" and call.moves >= CIRCLE), f"{when}: row {number + 1} without a word"
            stay.silent.append(number)
        directed = call.kept_why in ("transfer", "handed back")
        if call.kept_for and not directed and call.kept_for in stay.agents and stay.kept_until is not None:
            assert state.now < stay.kept_until, f"{when}: kept too long"

    def _nothing_missed(self, call: Call, when: After) -> None:
        stay, now = self.stays[call.call], self.state.now
        queue = self.state.queues[stay.queue]
        if not queue.overflow:
            return
        staffed = any(agent.state != "logged out" and call.line in agent.lines for agent in self.state.agents.values())
        for number, row in enumerate(queue.overflow):
            due = (row.when == "waited" and now >= stay.since + row.after) or (
                row.when == "unstaffed" and call.in_line and not staffed
            )
            assert not due or number in call.rows, f"{when}: row {number + 1} is due and was not applied"
            ahead = row.when == "waited" and number not in call.rows
            assert not ahead or ("row", call.call) in self.state.deadlines, (
                f"{when}: nobody will look at row {number + 1}"
            )

    def _required(self, stay: Stay, queue: Queue) -> dict[str, Skills]:
        """What he asks for by now: queue and skills."""
        rows = [queue.overflow[number] for number in stay.rows]
        required: dict[str, Skills] = {}
        also = [row.queue for row in rows if row.do == "add-queue"]
        names = [stay.queue, *also]
        if stay.handed is not None:
            names = [name for name in self.state.queues if name not in self.state.unknown_queues]
        for name in names:
            levels: dict[str, int] = {}
            own = self.state.queues[name].skills if stay.handed is None else stay.handed
            for skill, level in (*own, *stay.skills):
                levels[skill] = max(level, levels.get(skill, 0))
            for row in rows:
                if row.do == "lower-skill":
                    for skill in [row.skill] if row.skill else list(levels):
                        if skill in levels:
                            levels[skill] = min(levels[skill], row.to)
            required[name] = tuple(sorted((skill, level) for skill, level in levels.items() if level > 0))
        return required
