"""Callers, agents, operators, phones and an Asterisk made of numbers: one number chooses what happens next on a `Floor`.

Most of what happens is what could happen there; some of it is told late, twice, or never fitted at all.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from acd.engine.callback_events import CallbackAccepted, CallbackAnswered, CallbackFailed, CallSentOn
from acd.engine.entities import Call
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
    CallReturned,
    CallServed,
    CallTurnedAway,
    ConfigChanged,
    EndedBy,
    Event,
    FailReason,
    MenuChosen,
    MessageLeft,
    OfferFailed,
    PbxFound,
    PbxLost,
    PhoneChanged,
    PhoneRegistered,
    PhoneTestAsked,
    PhoneTested,
    RecordingFiled,
    TimePassed,
    WrapUpEnded,
)
from acd.engine.model import AgentProfile, Skills
from acd.engine.operator_events import (
    AgentMoved,
    CallMoved,
    CallPrioritised,
    CallWithdrawn,
    QueueClosed,
    QueueOpened,
    TalkCut,
)
from acd.engine.routing.agents import BUSY
from acd.engine.state import ENDED_KEPT_FOR
from acd.engine.supervision.events import (
    AgentsMessaged,
    BreakAsked,
    BreakDeclined,
    BreakGranted,
    BreakWithdrawn,
    HelpAsked,
    HelpEnded,
    MessageSeen,
    MessageWithdrawn,
    QueueJoined,
    QueueLeft,
)
from tests.engine.support.configurations import AGENTS, QUEUES, floor_configuration
from tests.engine.support.floor import Floor
from tests.engine.support.pbx_reports import found_by_resync

EXTRA: list[Skills] = [(), (), (("en", 1),), (("en", 4),), (("billing", 4),)]
CALLERS = ["138", "138", "139", "unknown"]
REASONS: list[FailReason] = [
    "rejected", "busy", "forwarded", "unreachable", "ring no answer", "not dialled", "failed",
]  # fmt: skip
PLACES = ["10.0.0.5", "10.0.0.9"]
BY: list[EndedBy] = ["caller", "agent", "lost"]
PAUSES = [0.0, 0.2, 0.5, 1.0, 1.5, 2.0, 4.0, 5.0, 10.0, 15.0, 31.0, 61.0, 300.0]


class EventGenerator:
    """What could happen next on the floor, chosen by numbers."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.made = 0
        self.configured = 0
        self.in_force = ConfigChanged(tuple(floor.queues), tuple(floor.profiles), floor.rules)
        self.moves: list[Callable[[int, int], None]] = [
            self.pass_time, self.arrive, self.arrive_and_ask, self.arrive_and_ask, self.arrive_and_ask, self.arrive_and_ask,
            self.choose, self.ask, self.served, self.turn_away, self.hang_up, self.hang_up, self.go_on, self.go_on,
            self.go_on, self.go_on, self.go_on, self.answer, self.fail, self.fail, self.end_talk, self.end_talk,
            self.come, self.come, self.come, self.leave, self.no_longer_ready, self.no_longer_ready, self.end_wrap_up,
            self.phone, self.pass_time, self.pass_time, self.pass_time, self.late, self.lose_pbx, self.find_pbx,
            self.find_pbx, self.tell_again, self.tell_nonsense, self.change_agents, self.cross, self.take_callback,
            self.take_callback, self.callback_outcome, self.callback_outcome, self.elsewhere, self.elsewhere,
            self.operate_on_call, self.operate_on_call, self.operate_on_floor, self.change_config,
            self.bridge, self.bridge, self.bridge, self.talk, self.talk, self.ask_for_one, self.ask_for_one,
            self.all_come, self.all_come, self.all_come, self.supervise, self.supervise, self.supervise,
        ]  # fmt: skip

    def step(self, number: int) -> None:
        number, move = divmod(number, len(self.moves))
        b, a = divmod(number, 1000)
        self.moves[move](a, b)

    # -- what is there --

    def calls(self, *stages: str) -> list[Call]:
        return [call for call in self.floor.acd._state.calls.values() if not stages or call.stage in stages]

    def one(self, a: int, *stages: str) -> Call | None:
        calls = self.calls(*stages)
        return calls[a % len(calls)] if calls else None

    def agent(self, a: int) -> str:
        names = list(AGENTS)
        return names[a % len(names)]

    def tell(self, *events: Event) -> None:
        self.floor.tell(*events)

    def new_call(self) -> str:
        self.made += 1
        return f"c{self.made}"

    # -- callers --

    def arrive(self, a: int, b: int) -> None:
        self.tell(CallArrived(self.new_call(), CALLERS[a % 4], "95001"))

    def arrive_and_ask(self, a: int, b: int) -> None:
        call = self.new_call()
        asks = CallQueued(call, QUEUES[b % 3].name, EXTRA[a % len(EXTRA)], "zh")
        self.tell(CallArrived(call, CALLERS[a % 4], "95001"), asks)

    def ask_for_one(self, a: int, b: int) -> None:
        """For the agent who owns the matter; mostly one who is busy with another."""
        busy = [agent.agent for agent in self.floor.acd._state.agents.values() if agent.state in BUSY]
        wanted = busy[a % len(busy)] if busy and b % 4 else self.agent(a)
        call = self.new_call()
        asks = CallQueued(call, QUEUES[b % 3].name, (), "en", wanted)
        self.tell(CallArrived(call, CALLERS[b % 4], "95001"), asks)

    def choose(self, a: int, b: int) -> None:
        if (call := self.one(a, "menu")) is not None:
            self.tell(MenuChosen(call.call, f"{call.path}/{b % 4}" if call.path else "zh"))

    def ask(self, a: int, b: int) -> None:
        if (call := self.one(a, "menu")) is not None:
            queue = "nowhere" if b % 17 == 16 else QUEUES[b % 3].name
            self.tell(CallQueued(call.call, queue, EXTRA[b % len(EXTRA)]))

    def served(self, a: int, b: int) -> None:
        if (call := self.one(a, "menu")) is not None:
            self.tell(CallServed(call.call))

    def turn_away(self, a: int, b: int) -> None:
        if (call := self.one(a, "menu", "waiting")) is not None:
            self.tell(CallTurnedAway(call.call, "closed"))

    def hang_up(self, a: int, b: int) -> None:
        if (call := self.one(a)) is not None:
            self.tell(CallerHungUp(call.call))

    def take_callback(self, a: int, b: int) -> None:
        """He was asked, or asks for it himself; mostly he hangs up then."""
        if (call := self.one(a, "waiting", "offered")) is not None:
            self.tell(CallbackAccepted(call.call, ["", "02155550000", "nonsense"][b % 3 if b % 4 else 1]))
            if a % 5:
                self.tell(CallerHungUp(call.call))

    def callback_outcome(self, a: int, b: int) -> None:
        dialling = [call for call in self.calls() if call.dialling]
        if dialling:
            call = dialling[a % len(dialling)].call
            self.tell(CallbackAnswered(call) if b % 3 else CallbackFailed(call, "busy", 17))

    def elsewhere(self, a: int, b: int) -> None:
        if (call := self.one(a, "elsewhere")) is not None:
            came: list[Event] = [
                CallReturned(call.call, "no answer"), CallSentOn(call.call), MessageLeft(call.call, 7.5, "m.wav"),
                CallerHungUp(call.call),
            ]  # fmt: skip
            self.tell(came[b % 4])

    # -- offers --

    def offer_steps(self, a: int) -> tuple[str, str, str, list[type]] | None:
        """An offer that goes on, and the steps that it has not reached."""
        going = [agent.offer for agent in self.floor.acd._state.agents.values() if agent.offer is not None]
        going = [offer for offer in going if offer.bridged_at is None and (not offer.reserved or a % 9 == 8)]
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

    def bridge(self, a: int, b: int) -> None:
        """All the way to the bridge."""
        if (going := self.offer_steps(a)) is not None:
            agent, call, offer, steps = going
            for step in steps:
                self.tell(step(agent, call, offer))

    def talk(self, a: int, b: int) -> None:
        """A talk of some seconds comes to its end, and mostly the call with it."""
        talks = [call.offer for call in self.calls("talking") if call.offer is not None]
        if talks:
            offer = talks[a % len(talks)]
            self.floor.wait(seconds=2 + b % 7)
            self.tell(BridgeEnded(offer.agent.agent, offer.call.call, offer.offer, BY[b % 2]))
            if b % 4:
                self.tell(CallerHungUp(offer.call.call))

    def fail(self, a: int, b: int) -> None:
        if (going := self.offer_steps(a)) is not None:
            agent, call, offer, _ = going
            self.tell(OfferFailed(agent, call, offer, REASONS[b % len(REASONS)], 17))
            if a % 3:
                return
            self.tell(AgentReady(agent), PhoneChanged(agent, True))  # back at once
            again = self.floor.acd._state.calls.get(call)
            if again is not None and again.offer is not None and not again.offer.reserved:
                self.tell(OfferFailed(again.offer.agent.agent, call, again.offer.offer, REASONS[a % 2], 17))

    def end_talk(self, a: int, b: int) -> None:
        talks = [call.offer for call in self.calls("talking", "offered") if call.offer is not None]
        if talks:
            offer = talks[a % len(talks)]
            self.tell(BridgeEnded(offer.agent.agent, offer.call.call, offer.offer, BY[b % 3]))

    def cross(self, a: int, b: int) -> None:
        """An agent picks up what was just taken back from him."""
        late = [agent for agent in self.floor.acd._state.agents.values() if agent.last_offer]
        if late:
            agent = late[a % len(late)]
            self.tell(AgentAnswered(agent.agent, agent.last_offer.rpartition("-")[0], agent.last_offer))

    # -- agents --

    def come(self, a: int, b: int) -> None:
        self.tell(AgentLoggedIn(self.agent(a)) if b % 4 == 3 else AgentReady(self.agent(a)))

    def all_come(self, a: int, b: int) -> None:
        for agent in AGENTS:
            self.tell(AgentReady(agent), PhoneChanged(agent, True))
            if b % 2:
                self.tell(WrapUpEnded(agent))

    def leave(self, a: int, b: int) -> None:
        self.tell(AgentLoggedOut(self.agent(a)))

    def no_longer_ready(self, a: int, b: int) -> None:
        self.tell(AgentNotReady(self.agent(a), ["lunch", "training"][b % 2]))

    def end_wrap_up(self, a: int, b: int) -> None:
        self.tell(WrapUpEnded(self.agent(a)))

    def phone(self, a: int, b: int) -> None:
        if b % 4 == 3:
            self.telephone(a, b // 4)
        else:
            self.tell(PhoneChanged(self.agent(a), b % 3 != 0))

    def telephone(self, a: int, b: int) -> None:
        """A telephone does something by itself."""
        [self.refuse, self.refuse, self.register, self.test_phone, self.file][b % 5](a, b // 5)

    def refuse(self, a: int, b: int) -> None:
        """A telephone that takes no calls: whatever is offered to it comes back."""
        agent = self.floor.acd._state.agents.get(self.agent(a))
        for _ in range(1 + b % 4):
            if agent is None or agent.offer is None or agent.offer.answered_at is not None or agent.offer.reserved:
                return
            offer = agent.offer
            self.tell(OfferFailed(agent.agent, offer.call.call, offer.offer, REASONS[b % 3], 17))
            self.floor.wait(seconds=5)

    def register(self, a: int, b: int) -> None:
        self.tell(PhoneRegistered(self.agent(a), PLACES[b % 2]))

    def test_phone(self, a: int, b: int) -> None:
        if b % 2:
            self.tell(PhoneTestAsked(self.agent(a), "supervisor"))
        else:
            self.tell(PhoneTested(self.agent(a), "answered" if b % 3 else "busy"))

    def file(self, a: int, b: int) -> None:
        """The recording of an agent's latest talk is filed."""
        agent = self.floor.acd._state.agents.get(self.agent(a))
        if agent is not None and agent.last_talk:
            call = agent.last_talk.rpartition("-")[0]
            silent = ["agent", "both", "agent", "", "caller"][b % 5]
            self.tell(RecordingFiled(call, agent.last_talk, "x.wav", 3.0, "0", True, "", silent))

    def change_agents(self, a: int, b: int) -> None:
        profiles = [AgentProfile(name, name, skills) for name, skills in AGENTS.items()]
        if b % 3:
            profiles[a % 4] = AgentProfile(self.agent(a), "renamed", (("orders", 1 + b % 9), ("en", 4)))
        if b % 4 == 1:
            del profiles[(a + 1) % 4]
        if b % 4 == 2:
            profiles.append(AgentProfile("1009", "new", (("billing", 4), ("calm", 6)), ("billing",)))
        self.tell(AgentsChanged(tuple(profiles)))

    # -- operators --

    def operate_on_call(self, a: int, b: int) -> None:
        if (call := self.one(a, "waiting", "waiting", "offered", "talking") if b % 7 else self.one(a)) is not None:
            orders: list[Event] = [
                CallPrioritised(call.call, a % 12, "supervisor"),
                CallMoved(call.call, [*(queue.name for queue in QUEUES), "nowhere"][a % 4], "supervisor"),
                CallWithdrawn(call.call, "asked to", "supervisor"),
                TalkCut(call.call, "asked to", "supervisor"),
            ]
            self.tell(orders[b % 4])

    def operate_on_floor(self, a: int, b: int) -> None:
        queue = QUEUES[a % 3].name
        takes: list[tuple[str, ...]] = [(), (queue,), ("billing", "complaints"), ("nowhere",)]
        orders: list[Event] = [
            QueueClosed(queue, "supervisor"), QueueOpened(queue, "supervisor"),
            AgentMoved(self.agent(a), takes[b // 3 % 4], "supervisor"),
        ]  # fmt: skip
        self.tell(orders[b % 3])

    def supervise(self, a: int, b: int) -> None:
        agent, queue = self.agent(a), QUEUES[b % 3].name
        reason = ("break", "meal", "walk", "nothing")[b % 4]
        until = self.floor.now + timedelta(seconds=PAUSES[b % len(PAUSES)] + 1)
        orders: list[Event] = [
            BreakAsked(agent, reason), BreakAsked(agent, reason), BreakAsked(agent, reason), BreakGranted(agent, "sue"),
            BreakDeclined(agent, "sue"), BreakWithdrawn(agent), AgentNotReady(agent, reason), HelpAsked(agent), HelpEnded(agent),
            QueueLeft(agent, queue, "training"), QueueLeft(agent, queue, "paperwork"), QueueJoined(agent, queue),
            AgentsMessaged(f"m{b}", "text", until, "sue"), MessageSeen(f"m{b}", agent), MessageWithdrawn(f"m{b}"),
        ]  # fmt: skip
        self.tell(orders[b // 4 % len(orders)])

    def change_config(self, a: int, b: int) -> None:
        """Another house, back to one of before, or the same with little changed."""
        self.configured += 1
        if b % 3:
            self.in_force = floor_configuration(a * 1000 + b if b % 3 == 1 else a % 3).as_event(self.configured)
        else:
            rules = replace(self.in_force.rules, short_abandon=timedelta(seconds=self.configured))
            self.in_force = replace(self.in_force, rules=rules, version=self.configured)
        self.tell(self.in_force)

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
        self.tell(found_by_resync(self.floor, a, b, self.new_call, self.agent(b)))

    # -- noise --

    def tell_again(self, a: int, b: int) -> None:
        """Something that was told in the last minutes, once more, now; but no whole lists."""
        recent = [event for at, event in self.floor.told[-200:] if self.floor.now - at < ENDED_KEPT_FOR]
        events = [event for event in recent if not isinstance(event, PbxFound | AgentsChanged | ConfigChanged)]
        if events:
            self.tell(events[-1 - a % len(events)])

    def tell_nonsense(self, a: int, b: int) -> None:
        call = f"c{max(0, self.made - b % 9)}"
        if call not in self.floor.acd._state.ended_calls and call not in self.floor.acd._state.calls:
            call = "stranger" + self.new_call()  # a name is remembered for some minutes only
        agent, offer = [*AGENTS, "9999"][a % 5], f"{call}-{a % 4}"
        nonsense: list[Event] = [
            AgentDialled(agent, call, offer), AgentRinging(agent, call, offer), AgentAnswered(agent, call, offer),
            CallBridged(agent, call, offer), BridgeEnded(agent, call, offer, "lost"), CallerHungUp(call),
            OfferFailed(agent, call, offer, "rejected"), CallQueued(call, "orders"), CallArrived(call, "1"),
            AgentReady("9999"), WrapUpEnded(agent), TimePassed(), MenuChosen(call, "1"), CallServed(call),
            PhoneChanged("9999", True), AgentLoggedOut("9999"), CallTurnedAway("nobody", "closed"),
            CallbackAnswered(call), CallbackFailed(call, "busy"), CallSentOn(call), MessageLeft(call, 3.0),
            CallReturned(call, "no answer"), AgentMoved("9999", ()), QueueClosed("nowhere"), CallMoved(call, "nowhere"),
        ]  # fmt: skip
        self.tell(nonsense[(a * 5 + b) % len(nonsense)])
