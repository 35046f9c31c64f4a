"""The card: what a call's rows make of it, whatever order they come in."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.engine.commands import Kind, Log
from acd.store.context_card import Card, current, fold, iso, new

MORNING = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
Row = tuple[datetime, Log]


def s(seconds: float) -> datetime:
    return MORNING + timedelta(seconds=seconds)


def wrote(at: float, by: str, what: str, **said: Any) -> Row:
    return s(at), Log(Kind.CARD, "c1", by, detail={"by": by, "what": what, **said})


def transfer(at: float, state: str, number: int = 1, first: str = "1001", **said: Any) -> Row:
    return s(at), Log(Kind.TRANSFER, "c1", first, "c1-1", "billing", {"state": state, "number": number, **said})


def talk(offer: str, agent: str, begin: float, end: float, queue: str = "billing", **said: Any) -> list[Row]:
    names: dict[str, Any] = {"call": "c1", "agent": agent, "offer": offer, "queue": queue}
    ended = {"talk_s": end - begin, "by": "agent", "hold_s": 0.0, "consult_s": 0.0} | said
    return [(s(begin), Log(Kind.CONNECTED, **names, detail={"wait_s": 1.0})), (s(end), Log(Kind.TALK_ENDED, **names, detail=ended))]  # fmt: skip


BEGIN: list[Row] = [
    (s(0), Log(Kind.ARRIVED, "c1", detail={"caller": "13812341111", "dialled": "95001"})),
    (s(4), Log(Kind.MENU, "c1", detail={"path": "zh/2"})),
    (s(5), Log(Kind.QUEUED, "c1", queue="billing", detail={"skills": {"billing": 3}, "language": "zh"})),
]
OVER: Row = (s(200), Log(Kind.ENDED, "c1", queue="technical", detail={"ending": "answered"}))
ASKED: dict[str, Any] = {
    "kind": "queue",
    "to": "technical",
    "reason": "fault",
    "note": "restarted twice",
    "warm": True,
    "how": "page",
}


def folded(rows: list[Row], card: Card | None = None) -> Card:
    for at, row in rows:
        card = fold(card, at, row)
    assert card is not None
    return card


def test_a_call_that_is_handed_over_warmly():
    card = folded(
        [
            *BEGIN,
            *talk("c1-1", "1001", 12, 72, hold_s=5.0, consult_s=20.0, talk_s=35.0),
            wrote(20, "1001", "verified", level="full", how="registered number, last order"),
            wrote(21, "1001", "matter", text="APP无法登录"),
            wrote(22, "1001", "note", text="reinstalled\nno change"),
            (s(30), Log(Kind.HOLD, "c1", "1001", detail={"state": "held", "how": "page"})),
            (s(35), Log(Kind.HOLD, "c1", "1001", detail={"state": "retrieved", "held_s": 5.0})),
            transfer(50, "asked", **ASKED),
            transfer(55, "consulting", receiver="1234"),
            transfer(72, "completed", receiver="1234"),
            *talk("c1-2", "1234", 72, 190, queue="technical"),
            wrote(100, "1234", "promise", text="calls back", due_at="2026-11-22T16:00:00+08:00"),
            wrote(195, "1234", "disposition", code="fault", text="known"),
            OVER,
        ]
    )
    assert (card["caller"], card["dialled"], card["menu_path"], card["language"]) == (
        "13812341111",
        "95001",
        "zh/2",
        "zh",
    )
    assert card["asked"] == {"queue": "billing", "skills": {"billing": 3}, "at": iso(s(5))}
    assert (card["matter"], card["holds"], card["ending"], card["version"]) == ("APP无法登录", 1, "answered", 8)
    assert card["verified"] == {
        "level": "full", "how": "registered number, last order", "by": "1001", "at": iso(s(20)), "before": None
    }, "a transfer leaves the same caller on the line"  # fmt: skip
    assert [(each["what"], each["by"], each["queue"], each["text"]) for each in card["entries"]] == [
        ("note", "1001", "billing", "reinstalled\nno change"),
        ("promise", "1234", "technical", "calls back"),
        ("disposition", "1234", "technical", "known"),
    ]
    assert card["entries"][1]["due_at"] == "2026-11-22T16:00:00+08:00" and card["entries"][2]["code"] == "fault"
    [handed] = card["transfers"]
    assert handed == {
        "number": 1, "at": iso(s(50)), "from": "1001", "kind": "queue", "to": "technical", "receiver": "1234",
        "reason": "fault", "note": "restarted twice", "warm": True, "how": "page", "amount": 0.0, "state": "completed",
        "why": "", "returned_to": "",
    }  # fmt: skip
    assert [(leg["agent"], leg["from_at"], leg["to_at"], leg["talk_s"], leg["hold_s"], leg["consult_s"]) for leg in card["legs"]] == [
        ("1001", iso(s(12)), iso(s(72)), 35.0, 5.0, 20.0),
        ("1234", iso(s(72)), iso(s(190)), 118.0, 0.0, 0.0),
    ]  # fmt: skip
    assert (card["arrived_at"], card["ended_at"]) == (iso(s(0)), iso(s(200)))
    assert (card["updated_at"], card["updated_by"]) == (iso(s(195)), "1234")
    assert json.loads(json.dumps(card)) == card


def test_a_transfer_explained_afterwards_keeps_how_it_ended():
    card = folded([*BEGIN, transfer(50, "asked", kind="agent", to="1002", reason="by telephone", how="telephone"),
                   transfer(60, "completed", receiver="1002"), transfer(90, "explained", reason="refund", note="200 yuan")])  # fmt: skip
    [handed] = card["transfers"]
    assert (handed["state"], handed["reason"], handed["note"], handed["to"]) == (
        "completed",
        "refund",
        "200 yuan",
        "1002",
    )
    assert card["version"] == 3


def test_a_request_that_was_refused_raises_the_version_and_is_no_transfer():
    card = folded([*BEGIN, transfer(50, "refused", number=0, kind="agent", to="9", why="unknown-target")])
    assert (card["version"], card["transfers"]) == (1, [])


def test_who_was_cut_off_has_a_leg_that_ended_with_the_call():
    card = folded([*BEGIN, talk("c1-1", "1001", 12, 72)[0], OVER])
    assert [(leg["to_at"], leg["talk_s"]) for leg in card["legs"]] == [(iso(s(200)), 188.0)]


def test_a_dropped_line_that_calls_again_goes_on_with_the_card():
    before = folded([*BEGIN, *talk("c1-1", "1001", 12, 60), wrote(20, "1001", "matter", text="refund"),
                     wrote(21, "1001", "verified", level="number", how="registered number"), wrote(22, "1001", "note", text="waits"),
                     transfer(30, "asked", **ASKED), transfer(40, "failed", why="ring no answer", returned_to="first agent")])  # fmt: skip
    queued = Log(Kind.QUEUED, "c9", queue="billing", detail={"skills": {}, "language": "zh", "continues": "c1"})
    arrived = Log(Kind.ARRIVED, "c9", detail={"caller": "13812341111", "dialled": "95001"})
    card = fold(fold(None, s(300), arrived), s(305), queued, {"c1": before}.get)
    assert card is not None
    assert (card["contact"], card["continues"], card["matter"], card["version"]) == ("c1", "c1", "refund", 0)
    assert card["verified"] == NOT_VERIFIED | {
        "before": {"call": "c1", "level": "number", "how": "registered number", "by": "1001", "at": iso(s(21))}
    }, "a number can be shown by anybody"
    assert [each["text"] for each in card["entries"]] == ["waits"]
    assert card["transfers"] == [] and [each["call"] for each in card["before"]["transfers"]] == ["c1"]
    assert [(leg["call"], leg["offer"]) for leg in card["before"]["legs"]] == [("c1", "c1-1")]
    # … and again.
    third = fold(None, s(500), Log(Kind.QUEUED, "d1", queue="billing", detail={"continues": "c9"}), {"c9": card}.get)
    assert third is not None and third["contact"] == "c1" and [leg["call"] for leg in third["before"]["legs"]] == ["c1"]
    assert third["verified"] == card["verified"], "of the last who was verified, two calls ago"


NOT_VERIFIED = {"level": "none", "how": "", "by": "", "at": None}
FULL = {"level": "full", "how": "app-face", "by": "1001", "at": iso(s(20))}
AGAIN = Log(Kind.QUEUED, "c9", queue="billing", detail={"continues": "c1"})


def verified(seconds: float, level: str, how: str = "app-face", call: str = "c1") -> Row:
    return s(seconds), Log(
        Kind.CARD, call, "1001", detail={"by": "1001", "what": "verified", "level": level, "how": how}
    )


@pytest.mark.parametrize(
    ("found", "before"),
    [
        ([verified(20, "full")], {"call": "c1"} | FULL),
        ([verified(10, "number"), verified(20, "full")], {"call": "c1"} | FULL),
        ([], None),
        ([verified(20, "full"), verified(30, "none", "")], None),  # an agent took it back
    ],
)
def test_whoever_shows_the_number_of_a_dropped_line_is_not_verified(found: list[Row], before: object):
    former = folded([*BEGIN, *talk("c1-1", "1001", 12, 60), *found])
    card = fold(None, s(300), AGAIN, {"c1": former}.get)
    assert card is not None and card["verified"] == NOT_VERIFIED | {"before": before}
    # The agent verifies again: this level is of this line, and what was before can still be read.
    card = fold(card, *verified(310, "number", "registered number", "c9"))
    assert card is not None and (card["verified"]["level"], card["verified"]["before"]) == ("number", before)
    # A row that comes late takes nothing from what was found on this line.
    late = fold(card, s(300), AGAIN, {"c1": former}.get)
    assert late is not None and late["verified"] == card["verified"]


def test_whoever_answers_a_callback_is_not_verified():
    def callback(seconds: float, state: str) -> Row:
        return s(seconds), Log(Kind.CALLBACK, "c1", detail={"state": state, "number": "02066667777"})

    card = folded([*BEGIN, verified(20, "full"), callback(30, "accepted"), callback(90, "calling")])
    assert card["verified"] == FULL | {"before": None}
    card = folded([callback(100, "answered")], card)
    assert card["verified"] == NOT_VERIFIED | {"before": {"call": "c1"} | FULL}
    card = folded([verified(120, "number"), callback(100, "answered")], card)
    assert card["verified"]["level"] == "number", "told twice"


def as_formerly_stored(card: Card, verified: dict[str, Any]) -> Card:
    """JSON as the version before this one wrote it."""
    former = {name: value for name, value in card.items() if name != "line_at"}
    former["before"] = {name: value for name, value in card["before"].items() if name != "verified"}
    kept = ("at", "mark", "by", "what", "state")
    former["history"] = [{name: each[name] for name in kept if name in each} for each in card["history"]]
    return dict(json.loads(json.dumps(former | {"verified": {name: verified[name] for name in NOT_VERIFIED}})))


def test_cards_that_the_former_version_stored_are_read_and_their_inherited_level_is_history():
    own = folded([*BEGIN, verified(20, "full")])
    assert current(as_formerly_stored(own, FULL)) == own
    plain = folded(BEGIN)
    assert current(as_formerly_stored(plain, NOT_VERIFIED)) == plain
    went_on = fold(None, s(300), AGAIN, {"c1": own}.get)
    assert went_on is not None
    assert current(as_formerly_stored(went_on, FULL)) == went_on
    again = fold(went_on, *verified(310, "number", "registered number", "c9"))
    assert again is not None
    found = current(as_formerly_stored(again, again["verified"]))
    assert found["verified"] == again["verified"] | {"before": None}, "what was before is lost: it was overwritten"
    assert found["history"] == again["history"]
    assert current(own) is own


def test_one_whose_former_card_is_nowhere_says_so_and_begins_empty():
    card = fold(None, s(0), Log(Kind.QUEUED, "c9", queue="billing", detail={"continues": "c1"}))
    assert card is not None and (card["contact"], card["continues"], card["entries"]) == ("c1", "c1", [])


def test_rows_of_no_call_make_no_card():
    assert fold(None, s(0), Log(Kind.PBX, detail={"state": "lost"})) is None
    assert fold(None, s(0), Log(Kind.RINGING, "c1", "1001", "c1-1")) is None
    assert fold(None, s(0), Log(Kind.ENDED, detail={"ending": "lost"})) is None
    for at, row in (wrote(1, "1001", "note", text="whose?"), transfer(1, "refused"), OVER):
        assert fold(None, at, row) is None


def test_a_new_card_holds_all_that_a_card_ever_has():
    assert set(new("c1")) == set(folded([*BEGIN, wrote(9, "1001", "name", text="王"), OVER]))


# -- whatever is told, in whatever order -------------------------------------------------------------------------------

texts = st.text(max_size=8)
levels = st.sampled_from(["none", "number", "full", "odd"])
said_of_what = st.one_of(
    st.fixed_dictionaries({"what": st.sampled_from(["note", "matter", "name", "value", "promise"]), "text": texts}),
    st.fixed_dictionaries({"what": st.just("verified"), "level": levels, "how": texts}),
    st.fixed_dictionaries({"what": st.just("disposition"), "code": texts, "text": texts}),
    st.fixed_dictionaries({"what": texts}),
)
people = st.sampled_from(["1001", "1002", "amy"])
writings = st.builds(lambda by, said: Log(Kind.CARD, "c1", by, detail={"by": by} | said), people, said_of_what)
STATES = ["asked", "consulting", "three-way", "completed", "taken back", "declined", "failed", "caller left", "explained", "refused"]  # fmt: skip
transfers = st.builds(
    lambda first, **said: Log(Kind.TRANSFER, "c1", first, "c1-1", "billing", said),
    people,
    state=st.sampled_from(STATES),
    number=st.integers(0, 3),
    kind=st.sampled_from(["agent", "queue"]),
    to=people,
    reason=texts,
    warm=st.booleans(),
    amount=st.integers(0, 99),
)
others = st.one_of(
    st.builds(lambda path: Log(Kind.MENU, "c1", detail={"path": path}), texts),
    st.sampled_from([row for _, row in [*BEGIN, *talk("c1-1", "1001", 1, 2), *talk("c1-2", "1002", 2, 5), OVER]]),
    st.sampled_from(
        [Log(Kind.HOLD, "c1", "1001", detail={"state": state}) for state in ("held", "retrieved", "too long")]
    ),
    st.sampled_from([Log(Kind.CALLBACK, "c1", detail={"state": state}) for state in ("accepted", "answered")]),
    st.builds(lambda kind: Log(kind, "c1", "1001", "c1-1"), st.sampled_from([Kind.RINGING, Kind.MUTED, Kind.RETURNED])),
)
stories = st.lists(st.tuples(st.integers(0, 50).map(s), st.one_of(writings, transfers, others)), max_size=25)


def written_down(rows: list[Row]) -> Card:
    """What of the card follows from its writings alone."""
    card: Card | None = new("c1") | {"arrived_at": iso(s(0)), "updated_at": iso(s(0))}
    for at, row in rows:
        card = fold(card, at, row)
    assert card is not None
    assert card["version"] == len(card["history"])
    return {
        name: card[name]
        for name in ("version", "history", "updated_at", "updated_by", "matter", "name", "value", "verified")
    }


@given(stories, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_whatever_the_order_and_however_often_there_is_one_history(story: list[Row], chance: Any):
    """As after a restart: some rows are told twice, some late."""
    once = written_down(story)
    again = story + [row for row in story if chance.random() < 0.5]
    chance.shuffle(again)
    assert written_down(again) == once
    assert written_down([row for row in again if row[1].kind in (Kind.CARD, Kind.TRANSFER, Kind.CALLBACK)]) == once


@given(stories)
@settings(deadline=None)
def test_only_what_is_written_and_handed_over_raises_the_version(story: list[Row]):
    card: Card | None = folded(BEGIN[:1])
    told: set[str] = set()
    for at, row in story:
        before = json.dumps(card, sort_keys=True)
        following = fold(card, at, row)
        assert json.dumps(card, sort_keys=True) == before, "a card that was handed out has changed"
        mark = json.dumps([iso(at), row.kind, row.agent, dict(row.detail)], sort_keys=True)
        raised = row.kind in (Kind.CARD, Kind.TRANSFER) and mark not in told
        told.add(mark)
        assert (following or new("c1"))["version"] - (card or new("c1"))["version"] == raised
        json.dumps(following, allow_nan=False)
        card = following


@given(stories)
@settings(deadline=None)
def test_the_card_is_the_same_after_a_pause_in_json_and_in_another_time_zone(story: list[Row]):
    """Half in the daemon's memory, half in PostgreSQL's."""
    china = timezone(timedelta(hours=8))
    straight: Card | None = None
    paused: Card | None = None
    for at, row in story:
        straight = fold(straight, at, row)
        paused = fold(None if paused is None else json.loads(json.dumps(paused)), at.astimezone(china), row)
    assert straight == paused
