"""A test of the tests: bugs planted in what hands callers over; the stories must find each of them."""

from collections.abc import Callable
from typing import Any

import pytest

from acd.engine.offers import offer_lifecycle, talk_time
from acd.engine.recovery import checkpoint, resync_transfers
from acd.engine.routing import agent_affinity
from acd.engine.transfers import consult, holds, requests, transfer
from tests.engine import test_found_in_a_transfer as direct
from tests.engine import test_handed_over_stories as stories
from tests.engine.test_planted_bugs import Planter, told_by_seeds

pytestmark = pytest.mark.slow

EXAMPLES = 1500
"""As many as it takes. A bug that none of so many stories meets is found by a test that tells it directly."""

BUGS: list[Any] = []


def bug(found_by: Callable[..., None] = stories.test_every_transfer_and_every_call_ends) -> Callable[..., Any]:
    def note(plant: Callable[[Planter], None]) -> Callable[[Planter], None]:
        BUGS.append(pytest.param(plant, found_by, id=plant.__name__.replace("_", "-")))
        return plant

    return note


@bug()
def the_receiver_is_not_let_go_when_the_caller_hangs_up(planter: Planter) -> None:
    caller_gone = transfer.caller_gone

    def planted(s, call):
        kept, call.consult = call.consult, None
        caller_gone(s, call)
        call.consult = kept

    planter.instead_of(caller_gone, planted)


@bug()
def who_hands_over_is_free_before_his_channel_is_gone(planter: Planter) -> None:
    hand_over = transfer.hand_over

    def planted(s, call):
        offer = call.offer
        hand_over(s, call)
        offer.agent.work = "idle"

    planter.instead_of(hand_over, planted)


@bug()
def who_hands_over_is_never_free(planter: Planter) -> None:
    arm = offer_lifecycle.arm
    planter.instead_of(arm, lambda s, offer: None if offer.handed else arm(s, offer))


@bug()
def a_transfer_in_vain_ends_without_a_word(planter: Planter) -> None:
    log = transfer.log
    planter.instead_of(
        log, lambda s, call, way, state, **more: None if state == "failed" else log(s, call, way, state, **more)
    )


@bug()
def a_transfer_that_has_arrived_goes_on(planter: Planter) -> None:
    has_arrived = transfer._has_arrived

    def planted(s, call):
        kept = call.transfer
        has_arrived(s, call)
        call.transfer = kept

    planter.instead_of(has_arrived, planted)


@bug()
def the_consult_counts_as_talk(planter: Planter) -> None:
    start_hold = talk_time.start_hold

    def planted(offer, now, kind, how):
        start_hold(offer, now, kind, "telephone")

    planter.instead_of(start_hold, planted)
    planter.instead_of(talk_time.recorded_s, lambda offer, now: 0.0)


@bug()
def a_caller_goes_back_to_an_agent_who_has_gone_home(planter: Planter) -> None:
    planter.instead_of(transfer.can_take_back, lambda first, call: True)


@bug()
def a_caller_in_vain_handed_over_stands_in_no_line(planter: Planter) -> None:
    return_caller = transfer.return_caller

    def planted(s, call, why):
        return_caller(s, call, why)
        if call.in_line:
            call.line.leave(call)

    planter.instead_of(return_caller, planted)


@bug()
def a_second_transfer_begins_beside_the_first(planter: Planter) -> None:
    requested = requests.requested

    def planted(s, event):
        call = s.calls.get(event.call)
        if call is not None and call.offer is not None and call.stage == "talking":
            call.transfer = None
        requested(s, event)

    planter.instead_of(requested, planted)


@bug()
def taken_back_the_receivers_phone_goes_on(planter: Planter) -> None:
    def planted(s, offer):
        offer.call.consult = None

    planter.instead_of(consult.dismiss_receiver, planted)


@bug()
def a_consult_that_is_lost_is_not_noticed(planter: Planter) -> None:
    planter.instead_of(consult.return_failed_consults, lambda s: s.followups.unreached_transfers.clear())


@bug()
def a_refer_leaves_the_caller_with_who_sent_him(planter: Planter) -> None:
    send_on = transfer.send_on

    def planted(s, call):
        send_on(s, call)
        call.stage = "talking"

    planter.instead_of(send_on, planted)


@bug()
def who_gets_him_back_is_asked_without_end(planter: Planter) -> None:
    keep_for = agent_affinity.keep_for

    def planted(s, call, agent, why, hold):
        keep_for(s, call, agent, why, hold)
        s.deadlines.clear(("keep", call.call))

    planter.instead_of(keep_for, planted)


@bug()
def a_caller_is_kept_for_a_receiver_who_is_busy(planter: Planter) -> None:
    planter.instead_of(transfer.can_take_back, lambda first, call: first.logged_in)


@bug()
def hold_ends_and_the_agent_is_still_on_hold(planter: Planter) -> None:
    resume_talk = holds.resume_talk

    def planted(s, offer):
        resume_talk(s, offer)
        offer.agent.work = "hold"

    planter.instead_of(resume_talk, planted)


@bug(direct.test_found_with_the_receiver_it_was_completed)
def what_was_found_completed_is_not_believed(planter: Planter) -> None:
    planter.instead_of(resync_transfers._talking, lambda s, call, offer, found: False)


@bug(stories.test_a_checkpoint_anywhere_and_the_events_since_give_the_same_floor)
def a_checkpoint_forgets_the_consult(planter: Planter) -> None:
    planter.monkeypatch.setattr(
        checkpoint, "OFFER_FIELDS", tuple(name for name in checkpoint.OFFER_FIELDS if name != "consulted")
    )


@pytest.mark.parametrize(("plant", "found_by"), BUGS)
def test_a_planted_bug_is_found(plant, found_by, monkeypatch):
    plant(Planter(monkeypatch))
    with pytest.raises((AssertionError, AttributeError, KeyError, ValueError)):
        if hasattr(found_by, "hypothesis"):
            told_by_seeds(found_by, stories.MOVES, EXAMPLES)
        else:
            found_by()
