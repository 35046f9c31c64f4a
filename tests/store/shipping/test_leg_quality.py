"""How well lines carried speech, from the log to its table and back."""

from datetime import timedelta
from typing import Any

from acd.engine.commands import Kind, Log
from tests.store.support.store_fixture import MORNING, AnsweredCall, StoreFixture

DETAIL: dict[str, Any] = {
    "side": "caller", "party": "trunk carrier", "seconds": 60.0, "codec": "alaw", "packets": 2850, "lost": 150,
    "lost_of": 3000, "jitter_ms": 12.5, "sent": 3000, "sent_lost": 0, "sent_lost_of": 3000, "sent_jitter_ms": 1.5,
    "round_trip_ms": 45.0, "unheard_s": 0.0, "loss_percent": 5.0, "sent_loss_percent": 0.0, "mos": 3.83, "sent_mos": 4.36,
    "problems": ["loss"],
}  # fmt: skip


def row(call: str = "c1", **changed: Any) -> Log:
    detail = DETAIL | changed
    return Log(Kind.LEG_QUALITY, call, "1001", f"{call}-1", detail=detail)


async def test_both_sides_of_a_leg_come_to_its_table_once_also_when_they_are_told_after_the_calls_end(
    ground: StoreFixture,
) -> None:
    for line in AnsweredCall("c1").lines():
        ground.journal.append(*line)
    agent = row(
        side="agent", party="agent 1001", problems=[], sent_lost=None, sent_loss_percent=None, sent_jitter_ms=None,
        round_trip_ms=None, sent_mos=None, lost=0, loss_percent=0.0, mos=4.3,
    )  # fmt: skip
    ground.log(row(), agent, row(), at=MORNING + timedelta(seconds=73))
    await ground.arrive()
    caller, agents = await ground.store.leg_quality(call="c1")
    assert (caller.side, caller.party, caller.agent, caller.offer) == ("caller", "trunk carrier", "1001", "c1-1")
    assert (caller.packets, caller.lost, caller.loss_percent, caller.round_trip_ms) == (2850, 150, 5.0, 45.0)
    assert (caller.mos, caller.sent_mos, caller.problems, caller.one_way) == (3.83, 4.36, ["loss"], False)
    assert (agents.side, agents.sent_lost, agents.sent_mos, agents.problems) == ("agent", None, None, [])
    assert await ground.store.leg_quality(offer="c1-1") == [caller, agents]
    assert await ground.sql("SELECT count(*) FROM leg_quality") == [(2,)]
    (recording,) = await ground.store.recordings(call="c1")
    assert (recording.caller_mos, recording.caller_problems) == (3.83, ["loss"])
    assert (recording.agent_mos, recording.agent_problems) == (4.3, [])
    await ground.assert_exactly_once()


async def test_a_recording_has_the_lines_of_its_own_talk_and_those_with_a_bad_one_are_found(
    ground: StoreFixture,
) -> None:
    for n, call in enumerate(("c1", "c2", "c3", "c4")):
        for line in AnsweredCall(call).lines():
            ground.journal.append(*line)
        if call != "c4":
            of_calls: dict[str, list[list[str]]] = {
                "c1": [["loss"], []],
                "c2": [[], []],
                "c3": [[], ["one-way", "mos"]],
            }
            problems = of_calls[call]
            ground.log(*(row(call, side=side, problems=problems[at]) for at, side in enumerate(("caller", "agent"))))
        # The caller's time in menu and queue is no talk's.
        waited = Log(Kind.LEG_QUALITY, call, "", "", detail=DETAIL | {"problems": ["delay"]})
        ground.log(waited, at=MORNING + timedelta(minutes=n))
    await ground.arrive()
    found = {each.call: (each.caller_problems, each.agent_problems) for each in await ground.store.recordings()}
    assert found == {"c1": (["loss"], []), "c2": ([], []), "c3": ([], ["one-way", "mos"]), "c4": (None, None)}
    assert {each.call for each in await ground.store.recordings(bad_line=True)} == {"c1", "c3"}
    one = await ground.store.recording("c3-1")
    assert one is not None and one.agent_problems == ["one-way", "mos"]


async def test_lines_are_found_by_day_party_and_problem_the_latest_first(ground: StoreFixture) -> None:
    for n in range(5):
        ground.log(
            row(f"c{n}", party="trunk carrier" if n % 2 else "trunk other", problems=["one-way"] if n > 2 else []),
            at=MORNING + timedelta(minutes=n),
        )
    await ground.arrive()

    async def found(**by: Any) -> list[str]:
        return [each.call for each in await ground.store.lines(**by)]

    day = MORNING.date()
    assert await found(day=day) == ["c4", "c3", "c2", "c1", "c0"]
    assert await found(day=day + timedelta(days=1)) == []
    assert await found(party="trunk carrier") == ["c3", "c1"]
    assert await found(problem="one-way") == ["c4", "c3"] == await found(bad=True)
    assert await found(problem="one-way", party="trunk carrier") == ["c3"]
    assert await found(problem="delay") == []
    assert await found(limit=2, offset=1) == ["c3", "c2"]
    assert [each.one_way for each in await ground.store.lines(bad=True)] == [True, True]


async def test_a_row_that_lacks_what_its_kind_promises_is_put_aside_and_the_others_go_on(ground: StoreFixture) -> None:
    broken = Log(Kind.LEG_QUALITY, "c9", "1001", "c9-1", detail={"side": "caller"})
    ground.log(row("c8"), broken, row("c10"))
    await ground.arrive()
    assert [each.call for each in await ground.store.lines()] == ["c10", "c8"]
    assert await ground.store.dead_letters() == 1
