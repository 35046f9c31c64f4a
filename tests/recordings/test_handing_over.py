"""A call that is handed over: one leg per desk, a consult apart from them, and the caller never in it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from acd.engine.commands import Kind, Log, Outcome, Span
from acd.engine.events import Event, RecordingFiled, TimePassed
from acd.store.journal.journal import Journal
from acd.store.journal.legs import LegDue, leg_ended_by, legs_due
from recordings import names
from recordings.checks import unmasked
from recordings.filing import Filing
from tests.recordings.test_filing import DAY, ENDED, Clerk
from tests.support.recorded_sound import hears, stretches
from tests.support.recording_files import RATE, left_over, speech, talk, tone_samples

pytestmark = pytest.mark.slow

CALLER, FIRST, RECEIVER, MUSIC = 660, 440, 530, 820


def silence(seconds: float) -> bytes:
    return bytes(int(seconds * RATE) * 2)


@pytest.fixture
def clerk(tmp_path: Path) -> Iterator[Clerk]:
    made = Clerk(tmp_path / "recordings")
    yield made
    made.filing.close()


def at(seconds: float) -> datetime:
    return ENDED + timedelta(seconds=seconds)


def talk_ended(offer: str, agent: str, talk_s: float, **detail: Any) -> Log:
    return Log(Kind.TALK_ENDED, "c1", agent, offer, "billing", {"talk_s": talk_s, "by": "agent", **detail})


def consult_ended(offer: str, receiver: str, consult_s: float, first: str = "1001") -> Log:
    return Log(Kind.CONSULT_ENDED, "c1", receiver, offer, "billing", {"first": first, "consult_s": consult_s})


def file_all(clerk: Clerk, *rows: tuple[float, Log]) -> dict[str, dict[str, Any]]:
    """Told in this order, at these seconds; what comes out are the legs of the manifest, in its order."""
    for seconds, row in rows:
        due = leg_ended_by(at(seconds), row)
        assert due is not None
        clerk.filing.leg_ended(due)
    assert clerk.filing.settle(60)
    return {each["offer"]: each for each in clerk.filing.manifest("c1")["legs"]}


def warm(clerk: Clerk) -> dict[str, dict[str, Any]]:
    """1001 talks for 4 s, consults 1002 for 3 s, who then has the caller for 5 s."""
    talk(clerk.root, "c1-1", tone_samples(4, CALLER), tone_samples(4, FIRST))
    talk(clerk.root, "c1-k2", tone_samples(3, FIRST), tone_samples(3, RECEIVER))
    talk(clerk.root, "c1-2", tone_samples(5, CALLER), tone_samples(5, RECEIVER))
    away: Span = {"kind": "consult", "from_s": 4.0, "to_s": 4.0, "lasted_s": 3.0}
    first = talk_ended("c1-1", "1001", 4.0, hold_s=0.0, consult_s=3.0, recorded_s=4.0, spans=[away])
    return file_all(clerk, (7, consult_ended("c1-2", "1002", 3.0)), (7, first), (12, talk_ended("c1-2", "1002", 5.0)))


def test_two_desks_are_two_legs_and_their_consult_a_third(clerk: Clerk) -> None:
    legs = warm(clerk)
    assert list(legs) == ["c1-1", "c1-k2", "c1-2"]
    assert [(each["kind"], each["agent"], each["talk_s"], each["consult_s"]) for each in legs.values()] == [
        ("talk", "1001", 4.0, 3.0), ("consult", "1002", 3.0, 0.0), ("talk", "1002", 5.0, 0.0),
    ]  # fmt: skip
    assert (legs["c1-k2"]["first"], legs["c1-k2"]["receiver"]) == ("1001", "1002")
    assert "first" not in legs["c1-1"]
    began = [datetime.fromisoformat(each["talk_began_at"]) - ENDED for each in legs.values()]
    assert [each.total_seconds() for each in began] == [0, 4, 7]
    book = clerk.filing.manifest("c1")
    assert book["agents"] == ["1001", "1002"] and book["complete"] is True
    assert legs["c1-1"]["spans"] == [{"kind": "consult", "from_s": 4.0, "to_s": 4.0, "lasted_s": 3.0}]
    assert clerk.left_over() == [] and clerk.alarms() == []


def test_who_speaks_in_a_consult_is_heard_there_and_the_caller_is_not(clerk: Clerk) -> None:
    legs = warm(clerk)
    first, consult, second = (clerk.root / legs[offer]["file"] for offer in ("c1-1", "c1-k2", "c1-2"))
    assert first.name == "c1-1.wav" and consult.name == "c1-k2.wav"
    assert hears(consult, FIRST, "left") and hears(consult, RECEIVER, "right")
    assert stretches(consult, CALLER, "left") == stretches(consult, CALLER, "right") == []
    for file, agent, other in ((first, FIRST, RECEIVER), (second, RECEIVER, FIRST)):
        assert hears(file, CALLER, "left") and hears(file, agent, "right")
        assert stretches(file, other, "left") == stretches(file, other, "right") == []


def test_a_fault_of_any_leg_makes_the_whole_incomplete_and_is_said_in_the_legs_own_words(clerk: Clerk) -> None:
    talk(clerk.root, "c1-1", speech(4, 1), speech(4, 2))
    talk(clerk.root, "c1-k2", speech(4, 3), silence(4))
    (clerk.root / "live" / "c1-k2-agent.wav").unlink()
    legs = file_all(clerk, (4, talk_ended("c1-1", "1001", 4.0)), (8, consult_ended("c1-2", "1002", 4.0)))
    assert legs["c1-1"]["complete"] and not legs["c1-k2"]["complete"]
    assert legs["c1-k2"]["checks"]["reasons"] == ["the receiver's side is missing"]
    assert clerk.verdict("c1-k2").silent == "receiver" and not clerk.filing.manifest("c1")["complete"]


def _verdict(leg: dict[str, Any]) -> dict[str, Any]:
    return {name: leg["checks"][name] for name in ("length_ok", "silent", "reasons")}


def test_a_silent_side_of_a_consult_is_an_agents(clerk: Clerk) -> None:
    talk(clerk.root, "c1-k2", silence(4), speech(4))
    legs = file_all(clerk, (4, consult_ended("c1-2", "1002", 4.0)))
    assert _verdict(legs["c1-k2"]) == {"length_ok": True, "silent": "first agent", "reasons": []}
    assert clerk.alarms() == ["recording silent"] and clerk.filing.manifest("c1")["agents"] == []


def test_a_masked_span_stands_in_the_manifest_and_its_silence_is_no_fault(clerk: Clerk) -> None:
    """Of the legs one is masked but for two seconds, one whole, one not at all, and that one is silent."""
    for leg, agent in (("c1-1", tone_samples(2, FIRST) + silence(6)), ("c1-2", silence(8)), ("c1-3", silence(8))):
        talk(clerk.root, leg, agent, agent)
    middle, whole = (Span(kind="masked", from_s=begin, to_s=8.0, lasted_s=8.0 - begin) for begin in (2.0, 0.0))
    legs = file_all(
        clerk,
        (8, talk_ended("c1-1", "1001", 8.0, recorded_s=8.0, spans=[middle])),
        (16, talk_ended("c1-2", "1002", 8.0, recorded_s=8.0, spans=[whole])),
        (24, talk_ended("c1-3", "1003", 8.0)),
    )
    assert [each["spans"] for each in legs.values()] == [[middle], [whole], []]
    assert [each["checks"]["silent"] for each in legs.values()] == ["", "", "both"]
    assert [each["checks"]["length_ok"] for each in legs.values()] == [True] * 3
    assert legs["c1-1"]["checks"]["levels"]["agent"]["loudest_db"] > -40
    assert clerk.alarms() == ["recording silent"]


def test_masked_spans_are_taken_out_of_what_is_judged_and_nothing_else() -> None:
    def span(kind: str, begin: float, end: float) -> Span:
        return Span(kind=kind, from_s=begin, to_s=end, lasted_s=end - begin)

    sound = bytes(range(16)) * RATE  # 8 s
    spans = [span("masked", 7.5, 99.0), span("masked", 1.0, 2.0), span("hold", 3.0, 4.0), span("masked", 1.5, 2.5)]
    assert unmasked(sound, spans) == sound[: RATE * 2] + sound[RATE * 5 : RATE * 15]
    assert unmasked(sound, []) == sound


def test_a_softphones_hold_is_in_the_file_and_the_pages_hold_is_not(clerk: Clerk) -> None:
    # 3 s of talk, 4 s of music by the softphone's hold, 2 s of talk; then 6 s on hold by page, and 1 s of talk.
    talk(
        clerk.root,
        "c1-1",
        tone_samples(10, CALLER),
        tone_samples(3, FIRST) + tone_samples(4, MUSIC) + tone_samples(3, FIRST),
    )
    spans: list[Span] = [
        {"kind": "hold", "from_s": 3.0, "to_s": 7.0, "lasted_s": 4.0},
        {"kind": "hold", "from_s": 9.0, "to_s": 9.0, "lasted_s": 6.0},
    ]
    legs = file_all(clerk, (16, talk_ended("c1-1", "1001", 6.0, hold_s=10.0, recorded_s=10.0, spans=spans)))
    leg = legs["c1-1"]
    assert (leg["talk_s"], leg["hold_s"], leg["from_s"], leg["to_s"], leg["complete"]) == (6.0, 10.0, 0.0, 10.0, True)
    assert leg["spans"] == spans and leg["talk_began_at"] == ENDED.isoformat()
    file = clerk.root / leg["file"]
    inside, outside = leg["spans"]
    (music,) = stretches(file, MUSIC, "right")
    assert music == pytest.approx((inside["from_s"], inside["to_s"]), abs=0.1)
    assert outside["from_s"] == outside["to_s"] and hears(file, FIRST, "right", 7.1, 10.0)


@pytest.mark.parametrize("recorded_s", [12.0, 6.0])
def test_a_hold_that_is_where_it_should_not_be_is_seen_by_the_length(clerk: Clerk, recorded_s: float) -> None:
    talk(clerk.root, "c1-1", speech(10, 1), speech(10, 2))
    legs = file_all(clerk, (16, talk_ended("c1-1", "1001", 6.0, hold_s=10.0, recorded_s=recorded_s)))
    of_what = "talk and hold" if recorded_s > 6 else "talk"
    assert legs["c1-1"]["checks"]["reasons"] == [f"10.0 s of sound for {recorded_s} s of {of_what}"]


def test_taken_back_one_file_goes_on_and_the_receiver_has_no_desk(clerk: Clerk) -> None:
    # 3 s of talk, a consult of 4 s that is kept apart, 5 s more with the same agent.
    talk(clerk.root, "c1-1", tone_samples(8, CALLER), tone_samples(8, FIRST))
    talk(clerk.root, "c1-k2", tone_samples(4, FIRST), tone_samples(4, RECEIVER))
    spans: list[Span] = [{"kind": "consult", "from_s": 3.0, "to_s": 3.0, "lasted_s": 4.0}]
    clerk.filing.offer_ended_unanswered("c1-2")  # he was consulted, and did not get the caller
    legs = file_all(
        clerk,
        (7, consult_ended("c1-2", "1002", 4.0)),
        (12, talk_ended("c1-1", "1001", 8.0, consult_s=4.0, recorded_s=8.0, spans=spans)),
    )
    assert list(legs) == ["c1-1", "c1-k2"] and clerk.filing.manifest("c1")["agents"] == ["1001"]
    assert legs["c1-1"]["complete"] and legs["c1-k2"]["complete"]
    assert hears(clerk.root / legs["c1-1"]["file"], FIRST, "right")
    assert clerk.left_over() == [] and sorted(each.name for each in (clerk.root / DAY).iterdir()) == [
        "c1-1.wav", "c1-k2.wav", "c1.json",
    ]  # fmt: skip


def test_back_at_the_first_agent_he_is_named_once_and_his_legs_are_two(clerk: Clerk) -> None:
    rows = []
    for number, agent in ((1, "1001"), (2, "1002"), (3, "1001"), (10, "1003")):
        talk(clerk.root, f"c1-{number}", speech(2, number), speech(2, number + 20))
        rows.append((2.0 * number, talk_ended(f"c1-{number}", agent, 2.0)))
    assert list(file_all(clerk, *reversed(rows))) == ["c1-1", "c1-2", "c1-3", "c1-10"]
    assert clerk.filing.manifest("c1")["agents"] == ["1001", "1002", "1003"]


@pytest.mark.parametrize("empty", [False, True])
def test_a_house_that_keeps_no_consults_misses_none(tmp_path: Path, empty: bool) -> None:
    clerk = Clerk(tmp_path, consults=lambda: False)
    if empty:
        talk(clerk.root, "c1-k2", b"", b"")
    due = leg_ended_by(ENDED, consult_ended("c1-2", "1002", 30.0))
    assert due is not None
    clerk.filing.leg_ended(due)
    assert clerk.filing.settle(60)
    # That there is none is told, so that no later start looks for it.
    assert clerk.told == [RecordingFiled("c1", "c1-k2", "", 0.0, "", True, "consults are not kept")]
    assert clerk.left_over() == [] and clerk.filing.manifest("c1")["legs"] == []
    clerk.filing.close()


def test_one_that_was_kept_until_the_configuration_changed_is_filed_all_the_same(tmp_path: Path) -> None:
    clerk = Clerk(tmp_path, consults=lambda: False)
    talk(clerk.root, "c1-k2", speech(4, 1), speech(4, 2))
    legs = file_all(clerk, (4, consult_ended("c1-2", "1002", 4.0)))
    assert legs["c1-k2"]["complete"] and legs["c1-k2"]["receiver"] == "1002"
    clerk.filing.close()


def test_a_house_that_keeps_them_misses_one(clerk: Clerk) -> None:
    legs = file_all(clerk, (4, consult_ended("c1-2", "1002", 4.0)))
    assert legs["c1-k2"]["checks"]["reasons"] == ["there is no file"] and clerk.alarms() == ["recording missing"]


@pytest.mark.parametrize(
    ("told", "reasons"),
    [
        ({}, ["2.0 s of sound for 9.0 s of talk"]),
        ({"recorded_s": 2.0}, []),  # a three-way followed, which is in the caller's recording
        ({"recorded_s": None}, []),  # the daemon was away when it ended
        ({"recorded_s": 6.0}, ["2.0 s of sound for 6.0 s of talk"]),
    ],
)
def test_a_consults_length_is_judged_by_what_is_known_of_it(
    clerk: Clerk, told: dict[str, float | None], reasons: list[str]
) -> None:
    talk(clerk.root, "c1-k2", speech(2, 1), speech(2, 2))
    row = consult_ended("c1-2", "1002", 9.0)
    legs = file_all(clerk, (9, replace(row, detail={**row.detail, **told})))
    assert _verdict(legs["c1-k2"]) == {"length_ok": not reasons, "silent": "", "reasons": reasons}


def test_a_receiver_who_does_not_answer_leaves_nothing(clerk: Clerk) -> None:
    talk(clerk.root, "c1-k2", b"", b"")
    clerk.filing.offer_ended_unanswered("c1-2")
    assert clerk.filing.settle(60)
    assert clerk.left_over() == [] and clerk.told == []


def test_the_daemon_is_killed_in_the_consult_and_its_sound_goes_on(tmp_path: Path) -> None:
    root = tmp_path / "recordings"
    journal = Journal(tmp_path / "spool")
    for number, agent in ((1, "1001"), (2, "1002")):
        rows = [Log(Kind.OFFERED, "c1", agent, f"c1-{number}", "billing", {"number": number})]
        rows += [Log(Kind.ANSWERED, "c1", agent, f"c1-{number}", "billing", {"ring_s": 1.0, "rings": 1})]
        journal.append(at(number), TimePassed(), rows)
    journal.close()
    # Killed here. 1001 and 1002 speak on, the files of the first leg stand still, for the caller is on hold.
    talk(root, "c1-1", tone_samples(4, CALLER), tone_samples(4, FIRST), said=0)
    talk(root, "c1-k2", tone_samples(2, FIRST), tone_samples(2, RECEIVER), said=0)
    due, going_on = legs_due(tmp_path / "spool")
    assert due == [] and going_on == {"c1-1", "c1-2"}
    told: list[Event] = []
    filing = Filing(root, told.append, 0, close_within_s=0.2)
    filing.sweep(due, filing.left_over(), map(names.call_of, going_on))
    assert filing.settle(60) and told == []
    filing.sweep([], filing.left_over(), {"c1"})
    assert filing.settle(60) and told == [] and len(left_over(root)) == 6
    talk(root, "c1-k2", tone_samples(5, FIRST), tone_samples(5, RECEIVER))
    consult = leg_ended_by(at(9), consult_ended("c1-2", "1002", 5.0))
    assert consult is not None
    filing.leg_ended(consult)
    assert filing.settle(60)
    (leg,) = filing.manifest("c1")["legs"]
    assert (leg["offer"], leg["complete"], leg["to_s"]) == ("c1-k2", True, 5.0)
    assert hears(root / leg["file"], RECEIVER, "right")
    filing.close()


def test_a_consult_that_a_crash_left_over_is_filed_when_its_call_is_over(clerk: Clerk) -> None:
    talk(clerk.root, "c1-k2", speech(3, 1), speech(3, 2), said=0)
    clerk.filing.sweep([], clerk.filing.left_over(), {"c1"})
    assert clerk.filing.settle(60) and clerk.told == []
    clerk.filing.sweep([], clerk.filing.left_over(), {"c2"})
    assert clerk.filing.settle(60)
    verdict = clerk.verdict("c1-k2")
    assert verdict.path.endswith("/c1-k2.wav") and "first agent's side: the file was never closed" in verdict.reason
    (leg,) = clerk.filing.manifest("c1")["legs"]
    assert (leg["kind"], leg["first"], leg["receiver"]) == ("consult", "", "")
    assert clerk.left_over() == []


def test_of_an_empty_consult_a_crash_leaves_nothing(clerk: Clerk) -> None:
    talk(clerk.root, "c1-k2", b"", b"", said=0)
    clerk.filing.sweep([], clerk.filing.left_over())
    assert clerk.filing.settle(60)
    assert clerk.told == [] and clerk.left_over() == []


def test_the_spool_tells_what_hold_and_consult_a_leg_had_and_which_consults_are_owed(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    span: Span = {"kind": "hold", "from_s": 3.0, "to_s": 7.0, "lasted_s": 4.0}
    rows = [
        talk_ended("c1-1", "1001", 6.0, hold_s=4.0, consult_s=3.0, recorded_s=10.0, spans=[span]),
        consult_ended("c1-2", "1002", 3.0),
        Log(Kind.OFFER_ENDED, "c1", "1002", "c1-2", "billing", {"outcome": Outcome.RING_NO_ANSWER}),
        consult_ended("c1-3", "1003", 8.0),
        Log(Kind.RECORDED, "c1", offer="c1-k3", detail={"path": "x", "complete": True}),
        # An outside number is consulted without an offer, and no leg is made of it.
        Log(Kind.CONSULT_ENDED, "c1", detail={"first": "1001", "consult_s": 5.0}),
        talk_ended("c1-4", "1004", 7.0),
    ]
    for row in rows:
        journal.append(ENDED, TimePassed(), [row])
    journal.close()
    due, going_on = legs_due(tmp_path)
    assert going_on == set() and due == [
        LegDue("c1", "c1-1", 6.0, ENDED, "1001", "billing", 10.0, 4.0, 3.0, (span,)),
        LegDue("c1", "c1-k2", 3.0, ENDED, "1002", "billing", first="1001"),
        LegDue("c1", "c1-4", 7.0, ENDED, "1004", "billing"),
    ]
    assert [each.expected_s for each in due] == [10.0, 3.0, 7.0]
    assert due[0].began_at == ENDED - timedelta(seconds=13)


def test_a_consult_that_was_filed_before_the_crash_is_told_again(clerk: Clerk) -> None:
    warm(clerk)
    before = clerk.verdict("c1-k2")
    clerk.told.clear()
    due = leg_ended_by(at(7), consult_ended("c1-2", "1002", 3.0))
    assert due is not None
    clerk.filing.sweep([due])
    assert clerk.filing.settle(60) and clerk.told == [before]


@pytest.mark.parametrize("odd", ["c1-k0", "c1-k", "c1-kk2", "c1-km1", "c1-k2/../x", "c1-K2"])
def test_names_that_are_no_consults_are_refused(clerk: Clerk, odd: str) -> None:
    refusals: list[Callable[[], object]] = [
        lambda: clerk.filing.leg_ended(LegDue("c1", odd, 1.0, ENDED)),
        lambda: names.consult_of(odd),
    ]
    for refused in refusals:
        with pytest.raises(names.NotAnId, match="is not the id of"):
            refused()
    for other in ("c1-f1", "c1-m1", "c1-k2"):
        with pytest.raises(names.NotAnId):
            names.consult_of(other)


def test_legs_of_a_call_that_are_filed_at_once_all_come_into_one_manifest(clerk: Clerk) -> None:
    rows: list[tuple[float, Log]] = []
    for number in range(1, 13):
        talk(clerk.root, f"c1-{number}", speech(1, number), speech(1, number + 50))
        rows.append((2 * number, talk_ended(f"c1-{number}", f"10{number:02}", 1.0)))
        talk(clerk.root, f"c1-k{number + 1}", speech(1, number), speech(1, number + 50))
        rows.append((2 * number + 1, consult_ended(f"c1-{number + 1}", f"10{number + 1:02}", 1.0)))
    tellers = [threading.Thread(target=_tell, args=(clerk, rows[start::3])) for start in range(3)]
    for each in tellers:
        each.start()
    for each in tellers:
        each.join()
    assert clerk.filing.settle(120)
    legs = [each["offer"] for each in clerk.filing.manifest("c1")["legs"]]
    assert legs == [name for number in range(1, 13) for name in (f"c1-{number}", f"c1-k{number + 1}")]
    assert clerk.left_over() == [] and clerk.filing.manifest("c1")["complete"]


def _tell(clerk: Clerk, rows: list[tuple[float, Log]]) -> None:
    for seconds, row in rows:
        due = leg_ended_by(at(seconds), row)
        assert due is not None
        clerk.filing.leg_ended(due)
