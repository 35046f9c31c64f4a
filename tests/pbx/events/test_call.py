"""One real call after the other through a real Asterisk: rendered dialplan, AMI link, SIPp on both ends."""

from pathlib import Path

from acd.engine.events import (
    AgentAnswered,
    AgentDialled,
    AgentRinging,
    BridgeEnded,
    CallArrived,
    CallBridged,
    CallerHungUp,
    CallQueued,
    OfferFailed,
    PbxFound,
)
from acd.sipp.actors import Caller, Phone
from tests.pbx.support.asterisk_fixture import AsteriskFixture
from tests.support.audio import seconds_of
from tests.support.waiting import eventually


async def test_a_caller_is_rung_through_recorded_and_nothing_is_left(house: AsteriskFixture):
    floor = await house.linked()
    assert floor.events[0] == PbxFound(())
    amy = await house.agents("1001", Phone(ring_s=0.5, talk_s=(3, 3)))
    await house.caller(Caller(number="95002", caller="13800001111"))
    queued = await floor.until(CallQueued)
    call = queued.call
    offer = floor.offer(call, "1001")
    await floor.until(CallerHungUp)
    what = ("1001", call, offer)
    assert [event for event in floor.events if getattr(event, "call", "") == call] == [
        CallArrived(call, "+8613800001111", "95002", "13800001111", trunk="carrier"),
        CallQueued(call, "billing", (), "en"),
        AgentDialled(*what),
        AgentRinging(*what),
        AgentAnswered(*what),
        CallBridged(*what),
        BridgeEnded(*what, by="agent"),
        CallerHungUp(call, 16),
    ]
    live = house.settings.recordings_folder / "live"
    files = {path.name: path for path in live.glob(f"{offer}*")}
    assert set(files) == {f"{offer}.wav", f"{offer}-caller.wav", f"{offer}-agent.wav"}
    # 3 s from the answer: the caller waits for nothing then.
    assert all(2.5 < seconds_of(path) < 3.5 for path in files.values())
    [invite] = amy.invites()
    assert '"Billing 138****1111"' in invite and "13800001111" not in invite
    await house.empty()
    assert Path(house.settings.etc / "asterisk.conf").stat().st_mode & 0o777 == 0o600


async def test_a_declined_offer_goes_to_the_next_agent_by_one_redirect(house: AsteriskFixture):
    floor = await house.linked()
    await house.agents("1001", Phone(code=603))
    await house.agents("1002", Phone(ring_s=0.2))
    caller = await house.caller(Caller())
    call = (await floor.until(CallQueued)).call
    first = floor.offer(call, "1001")
    assert await floor.until(OfferFailed) == OfferFailed("1001", call, first, "rejected", 21)
    second = floor.offer(call, "1002")
    await floor.until(CallBridged)
    await caller.hang_up()
    assert await floor.until(BridgeEnded) == BridgeEnded("1002", call, second, "caller")
    await floor.until(CallerHungUp)
    await eventually(lambda: floor.pbx.book.calls == {})


async def test_only_after_a_talk_an_offer_waits_for_a_packet_between_two_recordings(house: AsteriskFixture):
    """SIPp's caller sends none, and would cost each next ring a tenth of a second."""
    floor = await house.linked()
    amy = await house.agents("1001", Phone(code=486))
    await house.agents("1002", Phone(ring_s=0.2, talk_s=(0.6, 0.6)))
    caller = await house.caller(Caller())
    call = (await floor.until(CallQueued)).call
    for number in (1, 2):
        floor.offer(call, "1001")
        await floor.until(OfferFailed, count=number)
    assert await _rounds(house) == []
    await amy.stop()
    floor.offer(call, "1002")
    await floor.until(BridgeEnded)  # so short that the caller was not served, and waits again
    assert await _rounds(house) == []
    await house.agents("1001", Phone(ring_s=0.2))
    floor.offer(call, "1001")
    await floor.until(CallBridged, count=2)
    assert await _rounds(house) != []
    await caller.hang_up()


async def _rounds(house: AsteriskFixture) -> list[str]:
    """How long the caller's channel last waited in [unrecorded], in rounds of 4 ms; nothing where it never did."""
    [channel] = {line.split("!")[0] for line in await house.channels() if "trunk-carrier" in line.split("!")[0]}
    told = await house.cli(f"core show channel {channel}")
    return [line for line in told.splitlines() if line.startswith("ROUNDS=")]
