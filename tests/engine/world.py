"""Callers, agents, phones and an Asterisk made of numbers: three of them choose what happens next on a `Floor`.

Most of what happens is what could happen there; some of it is told late, twice, or never fitted at all.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from acd.engine.events import (
    AgentAnswered,
    AgentDialled,
    AgentLoggedIn,
    AgentLoggedOut,
    AgentNotReady,
    AgentReady,
    AgentRinging,
    AgentsChanged,
    BridgeEnded,
    CallArrived,
    CallBridged,
    CallerHungUp,
    CallQueued,
    CallServed,
    CallTurnedAway,
    EndedBy,
    Event,
    FailReason,
    FoundCall,
    MenuChosen,
    OfferFailed,
    PbxFound,
    PbxLost,
    PhoneChanged,
    Place,
    TimePassed,
    WrapUpEnded,
)
from acd.engine.model import AgentProfile, Queue, Rules, Skills
from acd.engine.state import MEMORY
from tests.floor import Floor

QUEUES = [
    Queue("billing", (("billing", 3),), wrap_up=timedelta(seconds=20)),
    Queue("orders", (("orders", 1),), wrap_up=timedelta(0)),
    Queue("complaints", (("billing", 3), ("calm", 5)), priority=10, wrap_up=timedelta(seconds=30)),
]
AGENTS: dict[str, Skills] = {
    "1001": (("billing", 5), ("calm", 9)),
    "1002": (("billing", 3), ("orders", 2)),
    "1003": (("orders", 9), ("en", 4)),
    "1004": (("billing", 3), ("calm", 5), ("en", 1), ("orders", 1)),
}
EXTRA: list[Skills] = [(), (), (("en", 1),), (("en", 4),), (("billing", 4),)]
RULES = Rules(priorities={"138": 5})
REASONS: list[FailReason] = ["rejected", "busy", "unreachable", "ring no answer", "not dialled", "failed"]
BY: list[EndedBy] = ["caller", "agent", "lost"]
PLACES: list[Place] = ["menu", "waiting", "connecting", "ringing", "talking", "fallback", "after"]
PAUSES = [0.0, 0.2, 0.5, 1.0, 1.5, 2.0, 4.0, 5.0, 10.0, 15.0, 31.0]


def small_floor() -> Floor:
    return Floor(QUEUES, AGENTS, RULES)


class World:
    """What could happen next on the floor, chosen by numbers."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.made = 0
        self.moves: list[Callable[[int, int], None]] = [
            self.arrive, self.arrive_and_ask, self.arrive_and_ask, self.arrive_and_ask, self.choose, self.ask,
            self.served, self.turn_away, self.hang_up, self.hang_up, self.go_on, self.go_on, self.go_on, self.go_on,
            self.go_on, self.answer, self.fail, self.fail, self.end_talk, self.end_talk, self.come, self.come, self.come,
            self.leave, self.no_longer_ready, self.no_longer_ready, self.end_wrap_up, self.phone, self.pass_time, self.pass_time,
            self.pass_time, self.late, self.lose_pbx, self.find_pbx, self.find_pbx, self.tell_again, self.tell_nonsense,
            self.change_agents, self.cross,
        ]  # fmt: skip

    def step(self, move: int, a: int, b: int) -> None:
        self.moves[move % len(self.moves)](a, b)

    # -- what is there --

    def calls(self, *stages: str) -> list[dict[str, Any]]:
        return [c for c in self.floor.acd.snapshot(self.floor.now)["calls"] if not stages or c["stage"] in stages]

    def agent(self, a: int) -> str:
        names = list(AGENTS)
        return names[a % len(names)]

    def tell(self, event: Event) -> None:
        self.floor.tell(event)

    def new_call(self) -> str:
        self.made += 1
        return f"c{self.made}"

    # -- callers --

    def arrive(self, a: int, b: int) -> None:
        self.tell(CallArrived(self.new_call(), ["138", "139", "unknown"][a % 3], "95001"))

    def arrive_and_ask(self, a: int, b: int) -> None:
        call = self.new_call()
        self.tell(CallArrived(call, ["138", "139", "unknown"][a % 3], "95001"))
        self.tell(CallQueued(call, QUEUES[b % 3].name, EXTRA[a % len(EXTRA)], "zh"))

    def choose(self, a: int, b: int) -> None:
        if calls := self.calls("menu"):
            call = calls[a % len(calls)]["call"]
            path = self.floor.acd._state.calls[call].path
            self.tell(MenuChosen(call, f"{path}/{b % 4}" if path else "zh"))

    def ask(self, a: int, b: int) -> None:
        if calls := self.calls("menu"):
            queue = "nowhere" if b % 17 == 16 else QUEUES[b % 3].name
            self.tell(CallQueued(calls[a % len(calls)]["call"], queue, EXTRA[b % len(EXTRA)]))

    def served(self, a: int, b: int) -> None:
        if calls := self.calls("menu"):
            self.tell(CallServed(calls[a % len(calls)]["call"]))

    def turn_away(self, a: int, b: int) -> None:
        if calls := self.calls("menu", "waiting"):
            self.tell(CallTurnedAway(calls[a % len(calls)]["call"], "closed"))

    def hang_up(self, a: int, b: int) -> None:
        if calls := self.calls():
            self.tell(CallerHungUp(calls[a % len(calls)]["call"]))

    # -- offers --

    def offer_steps(self, a: int) -> tuple[str, str, str, list[type]] | None:
        """An offer that goes on, and the steps that it has not reached."""
        state = self.floor.acd._state
        going = [agent.offer for agent in state.agents.values() if agent.offer is not None]
        going = [offer for offer in going if offer.bridged_at is None]
        if not going:
            return None
        offer = going[a % len(going)]
        steps: list[type] = [AgentDialled, AgentRinging, AgentAnswered, CallBridged]
        reached = [offer.dialled_at, offer.ringing_at, offer.answered_at]
        first = max((number + 1 for number, at in enumerate(reached) if at is not None), default=0)
        return offer.agent.agent, offer.call.call, offer.offer, steps[first:]

    def go_on(self, a: int, b: int) -> None:
        if (going := self.offer_steps(a)) is not None:
            agent, call, offer, steps = going
            self.tell(steps[0](agent, call, offer))

    def answer(self, a: int, b: int) -> None:
        """Some steps are left out."""
        if (going := self.offer_steps(a)) is not None:
            agent, call, offer, steps = going
            self.tell(steps[b % len(steps)](agent, call, offer))

    def fail(self, a: int, b: int) -> None:
        if (going := self.offer_steps(a)) is not None:
            agent, call, offer, _ = going
            self.tell(OfferFailed(agent, call, offer, REASONS[b % len(REASONS)], 17))

    def end_talk(self, a: int, b: int) -> None:
        if calls := [c for c in self.calls("talking", "offered") if c["agent"]]:
            c = calls[a % len(calls)]
            self.tell(BridgeEnded(c["agent"], c["call"], c["offer"], BY[b % 3]))

    def cross(self, a: int, b: int) -> None:
        """An agent picks up what was just taken back from him."""
        state = self.floor.acd._state
        late = [agent for agent in state.agents.values() if agent.last_offer]
        if late:
            agent = late[a % len(late)]
            self.tell(AgentAnswered(agent.agent, agent.last_offer.rpartition("-")[0], agent.last_offer))

    # -- agents --

    def come(self, a: int, b: int) -> None:
        self.tell(AgentLoggedIn(self.agent(a)) if b % 4 == 0 else AgentReady(self.agent(a)))

    def leave(self, a: int, b: int) -> None:
        self.tell(AgentLoggedOut(self.agent(a)))

    def no_longer_ready(self, a: int, b: int) -> None:
        self.tell(AgentNotReady(self.agent(a), ["lunch", "training"][b % 2]))

    def end_wrap_up(self, a: int, b: int) -> None:
        self.tell(WrapUpEnded(self.agent(a)))

    def phone(self, a: int, b: int) -> None:
        self.tell(PhoneChanged(self.agent(a), b % 3 != 0))

    def change_agents(self, a: int, b: int) -> None:
        profiles = [AgentProfile(name, name, skills) for name, skills in AGENTS.items()]
        if b % 3:
            profiles[a % 4] = AgentProfile(self.agent(a), "renamed", (("orders", 1 + b % 9), ("en", 4)))
        if b % 4 == 1:
            del profiles[(a + 1) % 4]
        if b % 4 == 2:
            profiles.append(AgentProfile("1009", "new", (("billing", 4), ("calm", 6))))
        self.tell(AgentsChanged(tuple(profiles)))

    # -- time --

    def pass_time(self, a: int, b: int) -> None:
        self.floor.wait(seconds=PAUSES[a % len(PAUSES)])

    def late(self, a: int, b: int) -> None:
        """Time passes and nobody rings the alarm clock: what comes next comes late."""
        self.floor.now += timedelta(seconds=PAUSES[a % len(PAUSES)])

    # -- Asterisk --

    def lose_pbx(self, a: int, b: int) -> None:
        self.tell(PbxLost("link cut"))

    def find_pbx(self, a: int, b: int) -> None:
        """All calls as they are thought to be, but for one or two that moved, went or came while nobody looked."""
        places: list[FoundCall] = []
        usual: dict[str, Place] = {
            "menu": "menu", "waiting": "waiting", "offered": "ringing", "talking": "talking", "after": "after",
        }  # fmt: skip
        for number, c in enumerate(self.calls()):
            place = usual[c["stage"]]
            if (a + number) % 7 == 1:
                continue
            if (a + number) % 7 == 2:
                place = PLACES[b % len(PLACES)]
            places.append(
                FoundCall(
                    c["call"],
                    place,
                    c["caller"],
                    "95001",
                    c["queue"],
                    (),
                    "zh",
                    c["waited_s"],
                    c["agent"] or "",
                    c["offer"] or "",
                )
            )
        if a % 3 == 0:
            agent = self.agent(b) if b % 2 else ""
            call = self.new_call()
            offer = f"{call}-2" if agent else ""
            places.append(
                FoundCall(call, PLACES[a % 7], "137", "95001", "billing", (), "zh", float(b % 50), agent, offer)
            )
        self.tell(PbxFound(tuple(places), restarted=a % 11 == 5))

    # -- noise --

    def tell_again(self, a: int, b: int) -> None:
        """Something that was told in the last minutes, once more, now; but no whole lists."""
        recent = [event for at, event in self.floor.told[-200:] if self.floor.now - at < MEMORY]
        events = [event for event in recent if not isinstance(event, PbxFound | AgentsChanged)]
        if events:
            self.tell(events[-1 - a % len(events)])

    def tell_nonsense(self, a: int, b: int) -> None:
        call = f"c{max(0, self.made - b % 9)}"
        if call not in self.floor.acd._state.over and call not in self.floor.acd._state.calls:
            call = "stranger" + self.new_call()  # a name is remembered for some minutes only
        agent, offer = [*AGENTS, "9999"][a % 5], f"{call}-{a % 4}"
        nonsense: list[Event] = [
            AgentDialled(agent, call, offer), AgentRinging(agent, call, offer), AgentAnswered(agent, call, offer),
            CallBridged(agent, call, offer), BridgeEnded(agent, call, offer, "lost"), CallerHungUp(call),
            OfferFailed(agent, call, offer, "rejected"), CallQueued(call, "orders"), CallArrived(call, "1"),
            AgentReady("9999"), WrapUpEnded(agent), TimePassed(), MenuChosen(call, "1"), CallServed(call),
            PhoneChanged("9999", True), AgentLoggedOut("9999"), CallTurnedAway("nobody", "closed"),
        ]  # fmt: skip
        self.tell(nonsense[(a * 5 + b) % len(nonsense)])
