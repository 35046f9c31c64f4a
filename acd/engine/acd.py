"""The ACD: it is told what has happened and answers with commands. No I/O, no clock, no chance, no async.

What lives here, and who may change it
--------------------------------------
*Calls* (entities.Call). From the first event of one to its ending (calls/call_lifecycle.py); then only its id is kept for ten
minutes, and of its caller which agents served them and the place that they gave up (caller_history.py). A call is in one
stage: menu, waiting, offered, talking, elsewhere, after. It stands in line (routing/queueing.py, routing/router.py) exactly
while it waits and is not resting, kept for one agent (routing/agent_affinity.py) or being called back (calls/callbacks.py).
`calls/caller_events.py` moves it when the caller does something, `offers/offer_lifecycle.py` when an offer of it does,
`routing/policy.py` when its queue's policy says so, `operators.py` when an operator does, `recovery/resync.py` when its
channel is found elsewhere than thought.

*Agents* (entities.Agent, routing/agents.py). Three sides, each with its own source: what the agent wants
(`calls/agent_events.py`), what they do (`offers/offer_lifecycle.py`, through an offer or its wrap-up), whether their phone is
there (`calls/agent_events.py` by what was seen of it, `offers/offer_lifecycle.py` by what an offer met). Whether the agent is
available is worked out in one place, `Agent.word`; the word "idle" is it.

*Offers* (offers/offer_lifecycle.py). An offer is held by its call and by its agent, by both or by neither. It is made in
`make_offer`, over in `_close`, and taken up again in `reopen` or from outside in `adopt_talk`; a consult makes its own
(transfers/consult.py). That is why no agent has two calls and no call two agents. `calls/offer_events.py` reads what Asterisk
tells of an offer, `matching.py` alone has one made.

*Transfers* (transfers/transfer.py). A caller has one holder at each moment. Beside the holder there may be the receiver who
is consulted (consult.py makes that offer, and `call.consult` holds it), and agents whom the caller has left and whose
channels have not ended yet (`call.leaving`). On hold or in a consult a talk goes on; `offers/talk_time.py` keeps how long
caller and agent did not hear each other.

*Masks* (masking/asked.py). A mask is the call's, whoever has the caller and however many recorders there are.

*Story calls* (story_calls/dialling.py): calls out that run a story and ring no agent. *Faults* (faults/): what callers are told at
once, who wants to hear the end of it, and the calls with that news.

*Configuration* (configuration.py): queues, agents, rules; replaced whole between two events.

*Deadlines* (deadlines.py). Each step of an offer, each wrap-up, each doubt about a phone, each pause, each row of a
policy, each call that is kept, each hold, each mask, each callback and each promise has one. What has no deadline of its own is what a person may do
for as long as they like: talk, listen to a menu, wait, leave a message.

*Counters* (service_level.py, expected_wait.py, and each line's counts) follow. The expected wait decides nothing but the
rows of a policy that ask for it.

The order of one event
----------------------
First the event itself, then the deadlines that are due, then what both have left to do (SETTLERS), then the matching. An
event outranks a deadline of the same instant: a phone that was answered is answered, whatever its deadline says, and no
answered phone is taken back.

When things contradict each other
---------------------------------
*An event that does not fit* (doubled, late, of a call or agent that is not known) changes nothing and leaves one row.
An offer never goes back a step, a call that is over stays over, and an ending that overtook its beginning ends it.
*An answer that crosses its taking back* is logged as crossed; what was held against the agent is undone, and if the
caller has no other agent yet, a moment is waited for what Asterisk makes of it.
*Two offers for one caller* cannot be: the second says which one it supersedes, and one Redirect does both.
*Asterisk and the engine disagree*: see recovery/resync.py. Where a caller is, Asterisk knows; since when the caller waits,
the engine knows.
*The clock was set back*: inner time goes on from where it was; no duration is ever negative.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Self

from acd.engine import configuration, line_quality, operators, snapshot
from acd.engine.alarm_events import AlarmCleared, AlarmSeen
from acd.engine.callback_events import (
    CallbackAccepted,
    CallbackAnswered,
    CallbackAsked,
    CallbackFailed,
    CallOutRefused,
    CallSentOn,
    SelfCallAsked,
)
from acd.engine.calls import (
    agent_events,
    callbacks,
    caller_events,
    customers,
    diversions,
    offer_events,
    self_service,
    surveys,
)
from acd.engine.commands import Command, Kind
from acd.engine.customer_events import CallerKnown, NumberBarred
from acd.engine.deadlines import Name
from acd.engine.doubt_events import CallbacksDoubted, CallbacksTrusted
from acd.engine.entities import Agent, Call
from acd.engine.events import (
    AgentAnswered,
    AgentDialled,
    AgentLoggedIn,
    AgentLoggedOut,
    AgentNotReady,
    AgentPickedUp,
    AgentReady,
    AgentRinging,
    AgentsChanged,
    AlarmRaised,
    BridgeEnded,
    CallArrived,
    CallBridged,
    CallerHungUp,
    CallQueued,
    CallReturned,
    CallServed,
    CallTurnedAway,
    ConfigChanged,
    Event,
    MenuChosen,
    MenuLeft,
    MessageAsked,
    MessageLeft,
    OfferFailed,
    PbxFound,
    PbxLost,
    PhoneChanged,
    PhoneRegistered,
    PhoneSilent,
    PhoneTestAsked,
    PhoneTested,
    RecordingDeclined,
    RecordingFiled,
    TimePassed,
    WrapUpEnded,
    WrapUpExtended,
)
from acd.engine.faults import callers as fault_callers
from acd.engine.faults import clearing, declaring
from acd.engine.faults import told as faults_told
from acd.engine.faults.events import (
    FaultChanged,
    FaultCleared,
    FaultDeclared,
    FaultForgotten,
    FaultHeard,
    FaultRegistered,
)
from acd.engine.line_events import LegMeasured, LineChanged
from acd.engine.listening import asked as listening
from acd.engine.listening import attach
from acd.engine.listening.events import (
    ListenAsked,
    ListenEnded,
    ListenerAnswered,
    ListenerGone,
    ListenerJoined,
    ListenerLeft,
    ListenSwitched,
)
from acd.engine.masking import asked as masking
from acd.engine.masking.events import MaskAsked, MaskFailed
from acd.engine.matching import match
from acd.engine.model import LINE_DROPPED, AgentProfile, Queue, Rules
from acd.engine.offers import offer_lifecycle
from acd.engine.operator_events import (
    AgentMoved,
    CallMoved,
    CallPrioritised,
    CallWithdrawn,
    HoursSet,
    QueueClosed,
    QueueOpened,
    TalkCut,
)
from acd.engine.promises import ledger, placing
from acd.engine.promises.events import CallbackPromised, PromiseEnded, PromiseMoved
from acd.engine.promises.promise import Promise
from acd.engine.recovery import checkpoint, resync
from acd.engine.routing import agent_affinity, calls_out, policy, telephones
from acd.engine.routing.agents import disposed, enrol, restate, trust, wrap_up_over
from acd.engine.routing.queueing import rested
from acd.engine.self_service_events import AnswerTold, LookedUp
from acd.engine.state import State
from acd.engine.story_calls import dialling as story_calls
from acd.engine.story_calls.events import (
    StoryCallAnswered,
    StoryCallAsked,
    StoryCallFailed,
    StoryCallOver,
    StoryCallWithdrawn,
)
from acd.engine.supervision import breaks, hands, messages, queue_pauses
from acd.engine.supervision import settle as supervision
from acd.engine.supervision import told as supervision_told
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
    MissedCallerSettled,
    QueueJoined,
    QueueLeft,
)
from acd.engine.surveys.book import Survey
from acd.engine.surveys.events import SurveyAnswered, SurveyBegan, SurveySent, SurveyWordLeft
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
from acd.engine.transfers import consult, holds, phone_transfers, requests, transfer
from acd.engine.transfers.targets import Refusal
from acd.identifiers import is_number


def _recorded(s: State, event: RecordingFiled) -> None:
    s.log(
        Kind.RECORDED,
        event.call,
        offer=event.offer,
        detail={
            "path": event.path,
            "seconds": event.seconds,
            "sha256": event.sha256,
            "complete": event.complete,
            "reason": event.reason,
            "silent": event.silent,
        },
    )
    telephones.recorded(s, event.offer, event.silent)


def _alarm(s: State, event: AlarmRaised) -> None:
    more = {"subject": event.subject, "severity": event.severity, "figures": event.figures}
    told = {"name": event.name, "detail": event.detail} | {name: value for name, value in more.items() if value}
    s.log(Kind.ALARM, event.call, detail=told)


def _alarm_seen(s: State, event: AlarmSeen) -> None:
    s.log(Kind.ALARM_SEEN, detail={"name": event.name, "subject": event.subject, "by": event.by})


def _alarm_cleared(s: State, event: AlarmCleared) -> None:
    s.log(Kind.ALARM_CLEARED, detail={"name": event.name, "subject": event.subject, "by": event.by})


def _card(s: State, event: CardWritten) -> None:
    s.log(
        Kind.CARD,
        event.call,
        event.by if event.by in s.agents else "",
        detail={**event.detail, "by": event.by, "what": event.what},
    )
    if event.what == "disposition":
        closed = event.detail.get("code") != LINE_DROPPED
        call = s.calls.get(event.call)
        if call is not None:
            call.disposed = closed
        elif closed:
            s.caller_history.disposed(event.call)
        if (agent := s.agents.get(event.by)) is not None:
            disposed(s, agent, event.call)


def _missed_caller(s: State, event: MissedCallerSettled) -> None:
    told = {"state": event.how, "by": event.by, "note": event.note, "callback": event.callback}
    s.log(Kind.MISSED_CALLER, event.call, detail={name: value for name, value in told.items() if value})


def _nothing(s: State, event: TimePassed) -> None:
    """TimePassed only brings the time: deadlines are done after every event."""


HANDLERS: dict[type, Callable[[State, Any], None]] = {
    CallArrived: caller_events.arrived,
    CallerKnown: customers.caller_known,
    NumberBarred: customers.number_barred,
    MenuChosen: caller_events.menu_chosen,
    MenuLeft: caller_events.menu_left,
    CallQueued: caller_events.queued,
    CallServed: caller_events.served,
    CallTurnedAway: caller_events.turned_away,
    CallerHungUp: caller_events.hung_up,
    AgentDialled: offer_events.dialled,
    AgentRinging: offer_events.ringing,
    AgentPickedUp: offer_events.picked_up,
    AgentAnswered: offer_events.answered,
    CallBridged: offer_events.bridged,
    BridgeEnded: offer_events.bridge_ended,
    OfferFailed: offer_events.offer_failed,
    AgentLoggedIn: agent_events.logged_in,
    AgentLoggedOut: agent_events.logged_out,
    AgentReady: agent_events.ready,
    AgentNotReady: agent_events.not_ready,
    WrapUpEnded: agent_events.wrap_up_ended,
    WrapUpExtended: agent_events.wrap_up_extended,
    PhoneChanged: agent_events.phone_changed,
    PhoneRegistered: agent_events.phone_registered,
    PhoneSilent: agent_events.phone_silent,
    PhoneTestAsked: agent_events.phone_test_asked,
    PhoneTested: agent_events.phone_tested,
    AgentsChanged: configuration.agents_changed,
    ConfigChanged: configuration.changed,
    CallPrioritised: operators.prioritised,
    CallMoved: operators.moved,
    CallWithdrawn: operators.withdrawn,
    TalkCut: operators.talk_cut,
    QueueClosed: operators.closed,
    QueueOpened: operators.opened,
    HoursSet: operators.hours_set,
    AgentMoved: operators.agent_moved,
    CallbackAsked: callbacks.asked,
    CallbackAccepted: callbacks.accepted,
    CallbackAnswered: callbacks.answered,
    CallbackFailed: callbacks.failed,
    CallOutRefused: diversions.call_out_refused,
    CallSentOn: diversions.sent_on,
    MessageAsked: diversions.message_asked,
    MessageLeft: diversions.message_left,
    CallReturned: diversions.returned,
    PbxLost: resync.lost,
    PbxFound: resync.found,
    TransferRequested: requests.requested,
    TransferDialled: phone_transfers.transfer_dialled,
    ConsultDialled: phone_transfers.consult_dialled,
    TransferKeyed: phone_transfers.transfer_keyed,
    TransferCoded: phone_transfers.transfer_coded,
    AttendedTransferred: phone_transfers.attended,
    ConsultBegan: consult.consult_began,
    ConsultEnded: consult.consult_ended,
    TransferCompleted: consult.completed,
    TransferTakenBack: consult.taken_back,
    TransferDeclined: consult.declined,
    ThreeWayAsked: consult.three_way,
    TransferExplained: transfer.explained,
    HoldAsked: holds.hold_asked,
    RetrieveAsked: holds.retrieve_asked,
    MuteAsked: holds.mute_asked,
    MaskAsked: masking.asked,
    MaskFailed: masking.failed,
    CallHeld: holds.held,
    CallRetrieved: holds.retrieved,
    CardWritten: _card,
    LookedUp: self_service.looked_up,
    AnswerTold: self_service.told,
    SurveyBegan: surveys.began,
    SurveyAnswered: surveys.answered,
    SurveyWordLeft: surveys.word_left,
    SurveySent: surveys.sent,
    LegMeasured: line_quality.measured,
    LineChanged: line_quality.changed,
    RecordingFiled: _recorded,
    RecordingDeclined: caller_events.recording_declined,
    AlarmRaised: _alarm,
    AlarmSeen: _alarm_seen,
    AlarmCleared: _alarm_cleared,
    CallbackPromised: placing.promised,
    PromiseMoved: placing.moved,
    PromiseEnded: placing.ended,
    CallbacksDoubted: callbacks.doubted,
    CallbacksTrusted: callbacks.trusted,
    SelfCallAsked: calls_out.self_call_asked,
    StoryCallAsked: story_calls.asked,
    StoryCallAnswered: story_calls.answered,
    StoryCallOver: story_calls.over,
    StoryCallFailed: story_calls.failed,
    StoryCallWithdrawn: story_calls.withdrawn,
    FaultDeclared: declaring.declared,
    FaultChanged: declaring.changed,
    FaultCleared: clearing.cleared,
    FaultHeard: fault_callers.heard,
    FaultRegistered: fault_callers.registered,
    FaultForgotten: fault_callers.forgotten,
    AgentsMessaged: messages.sent,
    MessageSeen: messages.seen,
    MessageWithdrawn: messages.withdrawn,
    HelpAsked: hands.asked,
    HelpEnded: hands.ended,
    BreakAsked: breaks.asked,
    BreakGranted: breaks.granted,
    BreakDeclined: breaks.declined,
    BreakWithdrawn: breaks.withdrawn,
    QueueLeft: queue_pauses.left,
    QueueJoined: queue_pauses.joined,
    MissedCallerSettled: _missed_caller,
    ListenAsked: listening.asked,
    ListenSwitched: listening.switched,
    ListenEnded: listening.ended,
    ListenerAnswered: listening.answered,
    ListenerJoined: listening.joined,
    ListenerLeft: listening.left,
    ListenerGone: listening.gone,
    TimePassed: _nothing,
}
"""What each event does; every event has its row."""


REFUSALS: dict[type, Callable[[State, Any], Refusal | None]] = {
    CallbackAsked: callbacks.refusal,
    CallbackPromised: placing.promised_refusal,
    PromiseMoved: placing.change_refusal,
    PromiseEnded: placing.change_refusal,
    TalkCut: operators.talk_cut_refusal,
    TransferRequested: requests.refusal,
    TransferCompleted: consult.verb_refusal,
    TransferTakenBack: consult.verb_refusal,
    TransferDeclined: consult.verb_refusal,
    ThreeWayAsked: consult.verb_refusal,
    TransferExplained: transfer.explain_refusal,
    HoldAsked: holds.refusal,
    RetrieveAsked: holds.refusal,
    MuteAsked: holds.refusal,
    MaskAsked: masking.refusal,
    SurveyBegan: surveys.refusal,
    SurveyAnswered: surveys.link_refusal,
    FaultDeclared: declaring.refusal,
    FaultChanged: declaring.change_refusal,
    FaultCleared: clearing.refusal,
    FaultRegistered: fault_callers.refusal,
    AgentsMessaged: messages.refusal,
    BreakAsked: breaks.ask_refusal,
    BreakGranted: breaks.open_refusal,
    BreakDeclined: breaks.open_refusal,
    BreakWithdrawn: breaks.open_refusal,
    QueueLeft: queue_pauses.refusal,
    QueueJoined: queue_pauses.refusal,
    ListenAsked: listening.refusal,
    ListenSwitched: listening.switch_refusal,
    ListenEnded: listening.switch_refusal,
}
"""Events that ask for something, and why they would be refused."""


SETTLERS: tuple[Callable[[State], None], ...] = (
    supervision.settle,
    agent_affinity.end_vain_reservations,
    consult.return_failed_consults,
    transfer.settle,
    policy.apply_unstaffed_rows,
    surveys.settle,
)
"""What empties the followups of an event before the matching, in this order, again while there are any:

0. breaks begin or end and queues are left or joined, by which agents come and go;
1. reservations for agents who have gone end; a transfer that was kept for one becomes an unreached transfer for 2 and 3;
2. consults that failed go back to their first agent; unreached transfers of all other kinds are left for 3;
3. transfers that have completed or failed end, and calls in transfer are taken out of the unstaffed ones, so that 4
4. applies rows of a queue's policy only to calls that are in no transfer;
5. callers whose call is over are invited to the survey, or stand in line for the callback that they asked for in it.
"""


class Acd:
    """The engine: one instance for one Asterisk. Not thread-safe: one writer."""

    def __init__(self, queues: Iterable[Queue], agents: Iterable[AgentProfile], rules: Rules) -> None:
        self._state = State(queues, rules)
        for profile in agents:
            enrol(self._state, profile, since=None)

    def handle(self, event: Event, now: datetime) -> list[Command]:
        """The commands that follow from this event, in the order to be carried out; an offer's row comes before the offer.

        `now` is an aware UTC time. TypeError: an event of a class that the engine does not have.
        """
        handler = HANDLERS.get(type(event))
        if handler is None:
            raise TypeError(f"the ACD does not know {event!r}")
        s = self._state
        s.begin(now)
        handler(s, event)
        self._do_what_is_due()
        while s.followups.need_settling():
            for settle in SETTLERS:
                settle(s)
            self._do_what_is_due()  # a call that was moved may be owed something there at once
        match(s)
        transfer.send_to_waiting_room(s)
        s.followups.changed_agents.clear()  # who was idle and rings now is neither on a break nor helped by it
        attach.settle(s)  # last: the moves of caller and agent go out before
        return s.out

    def _do_what_is_due(self) -> None:
        s = self._state
        while (name := s.deadlines.pop_due(s.now)) is not None:
            _due(s, name)

    def refusal(self, event: Event) -> Refusal | None:
        """Why this event, which asks for something, would be refused now; None: it would not. Nothing changes by looking."""
        look = REFUSALS.get(type(event))
        return None if look is None else look(self._state, event)

    @property
    def next_deadline(self) -> datetime | None:
        """When TimePassed must be told, if no other event comes before; None: nothing is due."""
        due = self._state.deadlines.next
        return None if due is None else self._state.outer(due)

    def snapshot(self, now: datetime) -> dict[str, Any]:
        """Queues, agents, calls and counts as JSON-able data: see snapshot.py. Nothing changes by looking."""
        return snapshot.snapshot(self._state, now)

    def hours_set(self, now: datetime) -> dict[str, dict[str, Any]]:
        """What an operator has set in the place of opening hours: see snapshot.py. Nothing changes by looking."""
        return snapshot.hours_set(self._state, now)

    def checkpoint(self) -> dict[str, Any]:
        """The whole state as JSON-able data: `restore` and the events since give the same engine again."""
        return checkpoint.kept(self._state)

    @classmethod
    def restore(cls, kept: dict[str, Any]) -> Self:
        """The engine of a checkpoint, with the queues, agents and rules of then, so that a replay repeats history; tell
        it `ConfigChanged` after the replay for what the configuration says today. Raises CheckpointOfAnotherFormat."""
        queues, rules = checkpoint.configuration(kept)
        acd = cls(queues, (), rules)
        checkpoint.restore(acd._state, kept)
        return acd

    def rename_callers(self, number_of: Callable[[str], str]) -> None:
        """Know every caller by the number that `number_of` makes of the present one ("unknown": nobody). For the state of a
        version that kept numbers as carriers wrote them, after its events were replayed as they were."""
        self._state.caller_history.rename(number_of)
        for call in self._state.calls.values():
            call.caller = number_of(call.caller)
            if is_number(number := number_of(call.callback)):
                call.callback = number
        self._state.surveys.rename(number_of)

    def queue_position(self, call: str, now: datetime) -> dict[str, Any] | None:
        """Position of this call among those that compete for the same agents, and its expected wait: see
        snapshot.queue_position. None: no such call. Nothing changes by looking."""
        return snapshot.queue_position(self._state, call, now)

    def at_desk(self, agent: str, now: datetime) -> dict[str, Any] | None:
        """One agent and the call that they have, as in `snapshot`; its cost does not grow with the number of calls. None: no
        such agent."""
        return snapshot.at_desk(self._state, agent, now)

    def call(self, call: str, now: datetime) -> dict[str, Any] | None:
        """One call as in `snapshot`; its cost does not grow with the number of calls. None: no such call."""
        return snapshot.one_call(self._state, call, now)

    def callback_from(self, call: str, now: datetime) -> datetime | None:
        """From when this caller would be called back, where their turn is to be expected outside the hours of callbacks. None:
        within them, or no such call. Nothing changes by looking."""
        return snapshot.callback_from(self._state, call, now)

    def callback_numbers(self) -> list[tuple[str, bool]]:
        """The canonical numbers of open callbacks and waiting story calls, and whether each is known as one that may not be called. Nothing changes by looking."""
        return callbacks.open_numbers(self._state)

    def survey_callback(self, call: str) -> bool:
        """Whether the caller of this call can be offered a callback by a supervisor after a low mark. Nothing changes by looking."""
        known = self._state.calls.get(call)
        if known is None:
            return surveys.may_be_called_again(self._state, call)
        return surveys.may_follow_up(self._state, known)

    def survey(self, call: str) -> Survey | None:
        """The survey that is asked in this call, or by this story call; None: there is none. Nothing changes by looking."""
        return surveys.asked_of(self._state, call)

    def survey_invitations(self) -> list[Survey]:
        """Callers who are to get a message of the company's with a link to the survey, the oldest first: those whom nothing was sent yet.
        Nothing changes by looking."""
        return self._state.surveys.unsent()

    def promises(self) -> list[Promise]:
        """Open promised callbacks, in the order in which they were made. Copies: nothing changes by looking."""
        return [replace(promise) for promise in self._state.promises.values()]

    def promise_of(self, number: str) -> Promise | None:
        """The open promise to this number, in whatever writing."""
        known = ledger.open_of(self._state, number)
        return None if known is None else replace(known)

    def faults(self, now: datetime) -> list[dict[str, Any]]:
        """The open faults and the latest that are over: see faults/told.py. Nothing changes by looking."""
        return faults_told.faults(self._state)

    def fault_callers(self, fault: str) -> list[dict[str, Any]]:
        """Who wants to be told of this fault, and what came of it: see faults/told.py. Nothing changes by looking."""
        return faults_told.callers(self._state, fault)

    def agent_messages(self) -> list[dict[str, Any]]:
        """Supervisors' messages, newest first: see supervision/told.py. Nothing changes by looking."""
        return supervision_told.messages(self._state)

    def break_board(self, now: datetime) -> dict[str, Any]:
        """Kinds and limits of breaks at this moment: see supervision/told.py. Nothing changes by looking."""
        return supervision_told.board(self._state, now)

    def explain(self, call: str) -> None:
        """Keep every decision about this call whole from now on, in `decisions`."""
        self._state.explained.add(call)

    @property
    def decisions(self) -> list[dict[str, Any]]:
        """Decisions about the calls of `explain`, oldest first: see offers/explanation.py."""
        return self._state.decisions


def _pause_over(s: State, call: Call, name: Name) -> None:
    call.paused.pop(name[2], None)
    if call.in_line:
        s.followups.calls_to_match.append(call)


CALLS_DEADLINES: dict[str, Callable[[State, Call, Name], None]] = {
    "pause": _pause_over,
    "rest": lambda s, call, name: rested(s, call),
    "row": lambda s, call, name: policy.apply_waited_rows(s, call),
    "keep": lambda s, call, name: agent_affinity.end_reservation(s, call),
    "callback": lambda s, call, name: callbacks.not_reached(s, call, "no answer"),
    "hold": lambda s, call, name: holds.held_long(s, call),
    "mask": lambda s, call, name: masking.limit_reached(s, call),
    "join": lambda s, call, name: transfer.not_joined(s, call),
    "consult": lambda s, call, name: consult.number_did_not_answer(s, call),
}


OTHER_DEADLINES: dict[str, Callable[[State, str], None]] = {
    "promise": placing.due,
    "late": ledger.late,
    "stories": lambda s, whose: story_calls.look(s),
    "story": story_calls.overdue,
    "fault": declaring.overdue,
    "message": messages.over,
    "break": breaks.overdue,
    "work": breaks.worked_long,
    "breaks": lambda s, whose: breaks.look(s),
    "listener": listening.overdue,
}


TELEPHONES_DEADLINES: dict[str, Callable[[State, Agent], None]] = {
    "dead": telephones.died,
    "log-out": agent_events.absent_too_long,
    "places": telephones.settled,
    "test": lambda s, agent: telephones.end_test(s, agent, "failed"),
}


def _due(s: State, name: Name) -> None:
    kind, whose = name[0], name[1]
    if kind in OTHER_DEADLINES:
        OTHER_DEADLINES[kind](s, whose)
        return
    call = s.calls.get(whose)
    if kind in CALLS_DEADLINES:
        if call is not None:
            CALLS_DEADLINES[kind](s, call, name)
        return
    agent = s.agents.get(whose)
    if agent is None:
        return
    if kind == "offer" and agent.offer is not None and agent.offer.handed:
        transfer.release(s, agent.offer)
    elif kind == "offer" and agent.offer is not None:
        offer_lifecycle.overdue(s, agent.offer)
    elif kind == "wrap-up" and agent.work == "wrap-up":
        wrap_up_over(s, agent)
    elif kind == "doubt":
        trust(s, agent)
        restate(s, agent)
    elif kind in TELEPHONES_DEADLINES:
        TELEPHONES_DEADLINES[kind](s, agent)
