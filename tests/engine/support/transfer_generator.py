"""A world in which agents hand their callers over: what could happen to a transfer, a hold, a consult, chosen by numbers."""

from collections.abc import Callable

from acd.engine.entities import Call, Offered
from acd.engine.events import (
    AgentAnswered,
    AgentDialled,
    AgentReady,
    AgentRinging,
    BridgeEnded,
    CallBridged,
    CallerHungUp,
    Event,
    OfferFailed,
    PhoneChanged,
    WrapUpEnded,
)
from acd.engine.masking.events import MaskAsked, MaskFailed
from acd.engine.transfer_events import (
    AttendedTransferred,
    CallHeld,
    CallRetrieved,
    CardWritten,
    ConsultBegan,
    ConsultDialled,
    ConsultEnded,
    HoldAsked,
    MuteAsked,
    RetrieveAsked,
    TargetKind,
    ThreeWayAsked,
    TransferCoded,
    TransferCompleted,
    TransferDeclined,
    TransferDialled,
    TransferExplained,
    TransferKeyed,
    TransferRequested,
    TransferTakenBack,
)
from tests.engine.support.configurations import AGENTS
from tests.engine.support.floor import Floor
from tests.engine.support.generator import BY, REASONS, EventGenerator

WHY = ["refund", "complaint", "refund", "", "weather"]
SKILLS = ["billing", "orders", "calm", "juggling"]
DIGITS = ["", "4711", "1001", "1002*1", "1003*2", "1004", "2001", "2002*1", "02150005678"]


class TransferEventGenerator(EventGenerator):
    """`EventGenerator`, and in most of its moves somebody is handed over."""

    def __init__(self, floor: Floor) -> None:
        super().__init__(floor)
        own: list[Callable[[int, int], None]] = [
            self.begin_talk, self.begin_talk, self.cold, self.cold, self.warm, self.warm, self.warm, self.step_consult,
            self.step_consult, self.step_consult, self.verb, self.verb, self.joined, self.joined, self.joined, self.goes,
            self.goes, self.held, self.held, self.by_telephone, self.by_telephone, self.write, self.consult_fails,
        ]  # fmt: skip
        self.moves = [*self.moves, *own, *own, *own, *own]

    def talks(self) -> list[Offered]:
        calls = self.calls("talking")
        return [call.offer for call in calls if call.offer is not None]

    def talk_of(self, a: int) -> Offered | None:
        talks = self.talks()
        return talks[a % len(talks)] if talks else None

    def under_way(self, a: int) -> Call | None:
        calls = [call for call in self.calls() if call.transfer is not None]
        return calls[a % len(calls)] if calls else None

    def begin_talk(self, a: int, b: int) -> None:
        """A caller comes and is put through to somebody; the others are back from wherever they were."""
        for agent in AGENTS:
            self.tell(AgentReady(agent), PhoneChanged(agent, True), WrapUpEnded(agent))
        self.arrive_and_ask(a, b)
        for call in self.calls("offered"):
            offer = call.offer
            if offer is not None and not offer.reserved:
                what = (offer.agent.agent, call.call, offer.offer)
                self.tell(AgentDialled(*what), AgentRinging(*what), AgentAnswered(*what), CallBridged(*what))
        self.floor.wait(seconds=2 + a % 5)

    def target(self, a: int) -> tuple[TargetKind, str]:
        queues = [*self.floor.acd._state.queues, "nowhere"]
        targets: list[tuple[TargetKind, str]] = [
            ("agent", self.agent(a)), ("agent", self.agent(a // 2)), ("agent", "9999" if a % 7 == 6 else self.agent(a + 1)),
            ("queue", queues[a % len(queues)]), ("skill", SKILLS[a % len(SKILLS)]),
            ("number", "02150005678" if a % 3 else "00441"),
        ]  # fmt: skip
        return targets[a // 3 % len(targets)]

    def cold(self, a: int, b: int) -> None:
        self._ask(a, b, warm=False)

    def warm(self, a: int, b: int) -> None:
        self._ask(a, b, warm=True)

    def _ask(self, a: int, b: int, warm: bool) -> None:
        offer = self.talk_of(a)
        if offer is not None:
            kind, to = self.target(b)
            agent = self.agent(b) if b % 11 == 10 else offer.agent.agent
            self.tell(
                TransferRequested(offer.call.call, agent, kind, to, WHY[a % len(WHY)], warm=warm, amount=float(b % 99))
            )

    def step_consult(self, a: int, b: int) -> None:
        """The receiver's phone goes one step further, or all the way to the talk with the first agent."""
        call = self.under_way(a)
        if call is None or call.transfer is None:
            return
        if call.transfer.kind == "number" and call.consult is None:
            self.tell(ConsultBegan(call.call))
            return
        offer = call.consult
        if offer is None or offer.consult_at is not None:
            return
        what = (offer.agent.agent, call.call, offer.offer)
        steps: list[Event] = [
            AgentDialled(*what), AgentRinging(*what), AgentAnswered(*what), ConsultBegan(call.call, what[0], what[2]),
        ]  # fmt: skip
        self.tell(*(steps[: 1 + b % 4] if b % 3 else steps))

    def consult_fails(self, a: int, b: int) -> None:
        call = self.under_way(a)
        if call is not None and call.consult is not None:
            offer = call.consult
            if offer.consult_at is None:
                self.tell(OfferFailed(offer.agent.agent, call.call, offer.offer, REASONS[b % len(REASONS)], 17))
            else:
                self.tell(BridgeEnded(offer.agent.agent, call.call, offer.offer, BY[b % 3]))
        elif call is not None:
            self.tell(ConsultEnded(call.call, "busy"))

    def verb(self, a: int, b: int) -> None:
        call = self.under_way(a) or self.one(a)
        if call is not None:
            receiver = call.transfer.receiver if call.transfer is not None else self.agent(b)
            verbs: list[Event] = [
                TransferCompleted(call.call), TransferCompleted(call.call), TransferTakenBack(call.call),
                ThreeWayAsked(call.call), ThreeWayAsked(call.call), TransferDeclined(call.call, receiver, "no"),
            ]  # fmt: skip
            self.tell(verbs[b % len(verbs)])

    def joined(self, a: int, b: int) -> None:
        """What was wished for has happened: caller and agent hear each other."""
        for call in self.calls("talking", "offered"):
            offer = call.offer
            if offer is None:
                continue
            if offer.consulted_by and offer.bridged_at is None:
                self.tell(CallBridged(offer.agent.agent, call.call, offer.offer))
            elif call.joins or (call.transfer is not None and call.transfer.state == "three-way"):
                self.tell(CallRetrieved(call.call, offer.agent.agent))
        if b % 2:
            self.goes(a, b)

    def goes(self, a: int, b: int) -> None:
        """The channel of an agent whom the caller has left, or of the first agent in a consult, is gone; or the caller's."""
        leaving = [offer for call in self.calls() for offer in call.leaving]
        warm = [call.offer for call in self.calls("talking") if call.transfer is not None and call.offer is not None]
        if leaving:
            offer = leaving[a % len(leaving)]
            self.tell(BridgeEnded(offer.agent.agent, offer.call.call, offer.offer, BY[b % 3]))
        elif warm:
            offer = warm[a % len(warm)]
            if b % 5 == 4:
                self.tell(CallerHungUp(offer.call.call))
            else:
                self.tell(BridgeEnded(offer.agent.agent, offer.call.call, offer.offer, BY[b % 3]))

    def held(self, a: int, b: int) -> None:
        offer = self.talk_of(a)
        if offer is not None:
            what = (offer.call.call, offer.agent.agent)
            wishes: list[Event] = [
                HoldAsked(*what), CallHeld(*what), RetrieveAsked(*what), CallRetrieved(*what), MuteAsked(*what, b % 2 == 0),
                HoldAsked(what[0], self.agent(b)), MaskAsked(*what, True), MaskAsked(*what, False), MaskFailed(what[0], "refused"),
            ]  # fmt: skip
            self.tell(wishes[b % len(wishes)])
            if b % 7 == 6:
                self.floor.wait(seconds=50)

    def by_telephone(self, a: int, b: int) -> None:
        offer = self.talk_of(a)
        if offer is None:
            return
        call, agent, digits = offer.call.call, offer.agent.agent, DIGITS[b % len(DIGITS)]
        doings: list[list[Event]] = [
            [TransferDialled(call, agent, digits)],
            [CallHeld(call, agent), ConsultDialled(agent, digits)],
            [TransferKeyed(call, agent), TransferCoded(call, agent, digits, str(b % 4), warm=b % 2 == 0)],
            [AttendedTransferred(call, agent)],
            [TransferExplained(call, agent, "refund")],
        ]
        self.tell(*doings[(a + b) % len(doings)])

    def write(self, a: int, b: int) -> None:
        call = self.one(a)
        if call is not None:
            what = ["note", "disposition", "disposition"][b % 3]
            code = "line dropped" if b % 2 else "solved"
            self.tell(CardWritten(call.call, self.agent(b), what, {"code": code, "text": "x"}))
