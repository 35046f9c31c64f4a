"""What resync finds in an Asterisk made of numbers: calls where they are thought to be, but for some that moved, went or
came while nobody looked."""

from collections.abc import Callable
from dataclasses import replace

from acd.engine.entities import Call
from acd.engine.events import PbxFound
from acd.engine.pbx_report import FoundCall, MissedHangup, Place, Talk
from tests.engine.support.floor import Floor

PLACES: list[Place] = [
    "menu", "waiting", "connecting", "ringing", "talking", "fallback", "after", "elsewhere", "calling",
]  # fmt: skip
USUAL: dict[str, Place] = {
    "menu": "menu", "waiting": "waiting", "offered": "ringing", "talking": "talking", "after": "after",
    "elsewhere": "elsewhere",
}  # fmt: skip


def found_by_resync(floor: Floor, a: int, b: int, new_call: Callable[[], str], agent: str) -> PbxFound:
    state = floor.acd._state
    found: list[FoundCall] = []
    gone: list[MissedHangup] = []
    for number, call in enumerate(state.calls.values()):
        waited_s = 0.0 if call.asked_at is None else (floor.now - state.outer(call.asked_at)).total_seconds()
        if (a + number) % 7 == 1:
            if b % 2:
                gone.append(_gone(call, max(0.0, waited_s), a, b + number))
            continue
        if call.virtual and not call.dialling and (a + number) % 7 != 2:
            continue  # he has hung up
        place = "calling" if call.dialling else USUAL[call.stage]
        if call.offer is not None and call.offer.apart_at is not None and call.offer.apart_how == "page":
            found.append(_held(call, max(0.0, waited_s), a + number, b))
            continue
        if (a + number) % 7 == 2:
            place = PLACES[b % len(PLACES)]
        his, offer = (call.offer.agent.agent, call.offer.offer) if call.offer is not None else ("", "")
        found.append(
            FoundCall(call.call, place, call.caller, "95001", call.queue, (), "zh", max(0.0, waited_s), his, offer)
        )
    if a % 3 == 0:
        call_id, asked_s = new_call(), float(b % 50)
        place = PLACES[a % len(PLACES)]
        his, offer = (agent, f"{call_id}-2") if b % 2 else ("", "")
        found.append(FoundCall(call_id, place, "137", "95001", "billing", (), "zh", asked_s, his, offer))
    if a % 4 == 1:
        gone.append(_gone(Call(new_call(), 0, state.now, "139"), float(b % 50), a, b))
    return PbxFound(tuple(found), restarted=a % 11 == 5, gone=tuple(gone))


def _held(call: Call, asked_s: float, a: int, b: int) -> FoundCall:
    """On hold as we thought it, or with the one or the other by now, or left by them."""
    assert call.offer is not None
    usual = FoundCall(
        *(call.call, "held", call.caller, "95001", call.queue, (), "zh", asked_s),
        *(call.offer.agent.agent, call.offer.offer),
        consult_up=b % 2 == 0,
    )
    if call.consult is not None:
        usual = replace(usual, consulted=call.consult.agent.agent, consult_offer=call.consult.offer)
    match (a + b) % 6:
        case 0:
            return replace(usual, agent="", offer="")
        case 1:
            return replace(usual, consulted="", consult_offer="")
        case 2:
            return replace(usual, place="talking")
        case 3 if call.consult is not None:
            return replace(usual, place="talking", agent=usual.consulted, offer=usual.consult_offer)
        case 4:
            return replace(usual, place="waiting", agent="", offer="")
    return usual


def _gone(call: Call, asked_s: float, a: int, b: int) -> MissedHangup:
    """He hung up in the meantime, in one of the ways that there are."""
    gone_s = min(asked_s, float(a % 20))
    facts = {"caller": call.caller, "dialled": "95001", "queue": call.queue or "orders", "waiting_for_s": asked_s}
    match b % 6:
        case 0 if call.offer is not None:
            talk = Talk(call.offer.agent.agent, call.offer.offer, gone_s + 5, gone_s if b % 4 else 0.0)
            return MissedHangup(call.call, gone_s, **facts, talk=talk)  # type: ignore[arg-type]
        case 1:
            return MissedHangup(call.call, gone_s, **facts, callback="02155550001")  # type: ignore[arg-type]
        case 2:
            return MissedHangup(call.call, gone_s, **facts, sent_on=True)  # type: ignore[arg-type]
        case 3:
            return MissedHangup(call.call, gone_s, **facts, message_s=4.0)  # type: ignore[arg-type]
        case 4:
            return MissedHangup(call.call, gone_s, caller=call.caller, served=True)
    return MissedHangup(call.call, gone_s, **facts)  # type: ignore[arg-type]
