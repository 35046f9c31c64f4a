"""Why this agent, worked out again from a real journal: the whole list at each choice, also across a daemon's restart.

The journal is written as the daemon writes it: an engine, a `Journal`, an event, its log rows, a checkpoint at each start.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from acd.engine.acd import Acd
from acd.engine.callback_events import CallbackAccepted, CallbackAnswered
from acd.engine.commands import Kind, Log
from acd.engine.events import (
    AgentAnswered,
    AgentDialled,
    AgentLoggedIn,
    AgentNotReady,
    AgentReady,
    AgentRinging,
    BridgeEnded,
    CallArrived,
    CallBridged,
    CallerHungUp,
    CallQueued,
    ConfigChanged,
    Event,
    OfferFailed,
    PbxFound,
    PbxLost,
    PhoneChanged,
    TimePassed,
    WrapUpEnded,
)
from acd.engine.model import AgentProfile, Overflow, Queue, Rules
from acd.engine.offers.choice_log import FOUND_TALKING
from acd.engine.pbx_report import FoundCall, Talk
from acd.explain import (
    BEGAN_EARLIER,
    DIFFERS,
    NOT_KEPT,
    NOTES,
    OTHER_VERSION,
    Replayed,
    as_json,
    from_json,
    mentions,
    replay,
    told,
)
from acd.setup.installation import Installation
from acd.store.journal import spool
from acd.store.journal.journal import Journal

BILLING = Queue(
    "billing",
    (("billing", 5),),
    overflow=(
        Overflow("lower-skill", "better a junior than a minute of music", after=timedelta(seconds=20), to=2),
        Overflow("raise-priority", "nobody waits for ever", after=timedelta(seconds=30), by=2),
    ),
)
AGENTS = (
    AgentProfile("1001", skills=(("billing", 7),)),
    AgentProfile("1002", skills=(("billing", 6),)),
    AgentProfile("1003", skills=(("billing", 3),)),
    AgentProfile("1004", skills=(("sales", 9),)),
    AgentProfile("1005", skills=(("billing", 9),), queues=("sales",)),
)


@dataclass
class Day:
    """A daemon's life on one journal: events go to the engine and, with their rows, to the disk."""

    folder: Path
    now: datetime = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    rows: list[tuple[datetime, Log]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.engine = Acd((BILLING, Queue("sales", (("sales", 1),))), AGENTS, Rules())
        self.journal = Journal(self.folder)
        self.checkpoint()

    def checkpoint(self) -> None:
        self.journal.checkpoint(self.now, self.engine.checkpoint())
        self.journal.sync()

    def tell(self, *events: Event) -> None:
        for event in events:
            logs = [command for command in self.engine.handle(event, self.now) if isinstance(command, Log)]
            if logs or not isinstance(event, TimePassed):
                self.journal.append(self.now, event, logs)
            self.rows += [(self.now, row) for row in logs]
        self.journal.sync()

    def wait(self, seconds: float) -> None:
        """Time passes, with the engine's alarm clock at each deadline."""
        until = self.now + timedelta(seconds=seconds)
        while (due := self.engine.next_deadline) is not None and due <= until:
            self.now = max(self.now, due)
            self.tell(TimePassed())
        self.now = until

    def killed_and_started_anew(self) -> None:
        """As the daemon starts: the newest checkpoint, the events since, and a checkpoint of its own."""
        self.journal.close()
        self.journal = Journal(self.folder)
        state, events = self.journal.last()
        assert state is not None
        self.engine = Acd.restore(state)
        for at, event in events:
            self.engine.handle(event, at)
        self.checkpoint()

    def of(self, call: str) -> list[tuple[datetime, Log]]:
        return [(at, row) for at, row in self.rows if row.call == call]


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    day = Day(tmp_path / "journal")
    day.tell(PbxFound(()))
    yield day
    day.journal.close()


def there(day: Day, *agents: str) -> None:
    for agent in agents:
        day.tell(PhoneChanged(agent, True), AgentReady(agent))
        day.wait(10)


def asks(day: Day, call: str, caller: str = "13812345678") -> None:
    day.tell(CallArrived(call, caller, "95001"), CallQueued(call, "billing", (), "zh"))


def offered(day: Day, call: str) -> list[Log]:
    return [row for _, row in day.of(call) if row.kind is Kind.OFFERED]


def rings(day: Day, call: str) -> tuple[str, str, str]:
    offer = offered(day, call)[-1]
    who = (offer.agent, call, offer.offer)
    day.tell(AgentDialled(*who), AgentRinging(*who))
    return who


def talks_to_the_end(day: Day, call: str) -> None:
    who = rings(day, call)
    day.wait(3)
    day.tell(AgentAnswered(*who), CallBridged(*who))
    day.wait(60)
    day.tell(BridgeEnded(*who, by="caller"), CallerHungUp(call))
    day.tell(WrapUpEnded(who[0]))


def verdicts(found: Replayed, number: int = 0) -> dict[str, str]:
    return {one["agent"]: one["verdict"] for one in found.decisions[number]["agents"]}


def a_call_that_needs_the_policy(day: Day, between: str = "") -> None:
    """1001 declines, nobody else reaches the level; after 20 s a junior will do, and 1003 gets the call."""
    there(day, "1001", "1003")
    asks(day, "c1-1")
    who = rings(day, "c1-1")
    day.tell(OfferFailed(*who, "rejected", 21))
    day.tell(AgentNotReady("1001", "break"))
    day.wait(8)
    if between == "killed":
        day.killed_and_started_anew()
    elif between == "a new segment":
        day.checkpoint()
    day.wait(30)
    talks_to_the_end(day, "c1-1")


def test_every_agent_of_the_floor_stands_in_the_list_with_his_verdict(day: Day):
    there(day, "1001", "1002", "1003", "1004", "1005")
    asks(day, "c1-1")
    talks_to_the_end(day, "c1-1")
    found = replay(day.folder, "c1-1")
    assert found.note == ""
    assert verdicts(found) == {
        "1001": "chosen",
        "1002": "idle for less long",
        "1003": "lacks a skill",
        "1004": "lacks a skill",
        "1005": "takes no calls of this queue",
    }
    assert found.decisions[0]["agents"][0]["agent"] == "1001"
    assert found.decisions[0]["offer"] == offered(day, "c1-1")[0].offer
    assert found.rows == day.of("c1-1")


def test_who_is_away_busy_or_declined_is_named_as_such(day: Day):
    there(day, "1001", "1002")
    day.tell(AgentLoggedIn("1003"), AgentNotReady("1004", "meal"))
    asks(day, "c1-1", "13800000001")
    rings(day, "c1-1")
    asks(day, "c1-2", "13800000002")
    who = rings(day, "c1-2")
    day.tell(OfferFailed(*who, "rejected", 21))
    day.wait(1)
    day.tell(CallerHungUp("c1-2"))
    assert verdicts(replay(day.folder, "c1-2")) == {
        "1002": "chosen",
        "1001": "ringing",
        "1003": "lacks a skill",
        "1004": "lacks a skill",
        "1005": "takes no calls of this queue",
    }


@pytest.mark.parametrize("between", ["", "killed", "a new segment"])
def test_the_rows_in_force_stand_with_their_why_whatever_befell_the_daemon(day: Day, between: str):
    a_call_that_needs_the_policy(day, between)
    assert len(spool.segments(day.folder)) == (2 if between else 1)
    found = replay(day.folder, "c1-1")
    assert found.note == ""
    assert [one["agent"] for one in found.decisions] == ["1001", "1003"]
    assert verdicts(found, 1)["1001"] == "not ready"
    steps = told(found.rows, found.decisions)
    first, second = (step["choice"] for step in steps if step["choice"])
    assert (first["rows"], first["outcome"]) == ([], "rejected")
    assert second["outcome"] == "answered"
    assert next((row["row"], row["why"]) for row in second["rows"]) == (1, "better a junior than a minute of music")
    assert second["whole"]["rows"] == [row["row"] for row in second["rows"]]
    assert {one["agent"] for one in second["whole"]["agents"]} == {profile.agent for profile in AGENTS}
    assert [step["kind"] for step in steps if step["kind"] == "overflow"]


def test_a_configuration_that_changed_in_mid_call_is_the_one_of_its_moment(day: Day):
    there(day, "1001")
    asks(day, "c1-1")
    who = rings(day, "c1-1")
    day.tell(OfferFailed(*who, "rejected", 21), AgentNotReady("1001", "break"))
    more = (*AGENTS, AgentProfile("1006", skills=(("billing", 8),)))
    day.tell(ConfigChanged((BILLING, Queue("sales", (("sales", 1),))), more, Rules(), 2, "operator"))
    day.killed_and_started_anew()
    there(day, "1006")
    talks_to_the_end(day, "c1-1")
    found = replay(day.folder, "c1-1")
    assert found.note == ""
    assert "1006" not in verdicts(found, 0)
    assert verdicts(found, 1)["1006"] == "chosen"


def test_a_talk_that_was_found_was_chosen_by_nobody_and_the_others_are_still_explained(day: Day):
    there(day, "1001")
    asks(day, "c1-1")
    who = rings(day, "c1-1")
    day.tell(OfferFailed(*who, "rejected", 21), PbxLost("the link fell"))
    day.wait(10)
    talk = Talk("1002", "c1-1-9", 4.0)
    day.tell(
        PbxFound(
            (FoundCall("c1-1", "talking", "13812345678", queue="billing", agent="1002", offer="c1-1-9", talk=talk),)
        )
    )
    day.wait(5)
    day.tell(BridgeEnded("1002", "c1-1", "c1-1-9", by="caller"), CallerHungUp("c1-1"))
    found = replay(day.folder, "c1-1")
    assert found.note == ""
    choices = [step["choice"] for step in told(found.rows, found.decisions) if step["choice"]]
    assert choices[0]["whole"]["agent"] == "1001"
    assert (choices[-1]["rule"], choices[-1]["whole"]) == (FOUND_TALKING, None)


def test_whom_a_callback_reserves_is_explained_like_any_other(day: Day):
    asks(day, "c1-1")
    day.tell(CallbackAccepted("c1-1"), CallerHungUp("c1-1"))
    day.wait(60)
    there(day, "1001")
    day.tell(CallbackAnswered("c1-1"))
    talks_to_the_end(day, "c1-1")
    found = replay(day.folder, "c1-1")
    assert (found.note, verdicts(found)["1001"]) == ("", "chosen")
    kinds = [step["kind"] for step in told(found.rows, found.decisions)]
    assert kinds.count(Kind.CALLBACK) == 3
    assert Kind.OFFERED in kinds


def test_a_call_that_goes_on_is_told_as_far_as_it_has_come(day: Day):
    there(day, "1001")
    asks(day, "c1-1")
    found = replay(day.folder, "c1-1")
    assert (found.note, verdicts(found)["1001"]) == ("", "chosen")
    assert told(found.rows, found.decisions)[-1]["choice"]["outcome"] is None


def test_without_the_journal_of_then_a_sentence_says_so(day: Day):
    a_call_that_needs_the_policy(day, "killed")
    first, second = spool.segments(day.folder)
    kept = first.read_bytes()
    first.unlink()
    found = replay(day.folder, "c1-1")
    assert found.note == BEGAN_EARLIER
    assert [one["agent"] for one in found.decisions] == ["1003"]
    first.write_bytes(kept)
    assert replay(day.folder, "c1-1").note == ""
    first.unlink()
    second.unlink()
    assert replay(day.folder, "c1-1") == Replayed(note=NOT_KEPT)
    assert "no longer kept" in NOTES[NOT_KEPT]["en"]
    assert replay(day.folder, "c9-9").note == NOT_KEPT


def unsealed(lines: bytes) -> bytes:
    """Without their checksums, as a former version wrote them."""
    return re.sub(rb',"crc":"[0-9a-f]{8}"}\n', b"}\n", lines)


def test_a_checkpoint_of_another_version_is_told_and_the_rows_remain(day: Day):
    a_call_that_needs_the_policy(day)
    segment = spool.segments(day.folder)[0]
    head, _, rest = segment.read_bytes().partition(b"\n")
    segment.write_bytes(unsealed(head.replace(b'"format":', b'"format":7', 1) + b"\n") + rest)
    found = replay(day.folder, "c1-1")
    assert (found.note, found.decisions, found.rows) == (OTHER_VERSION, [], day.of("c1-1"))


def test_where_a_replay_decides_otherwise_than_the_log_it_explains_nothing(day: Day):
    there(day, "1001", "1002")
    asks(day, "c1-1")
    talks_to_the_end(day, "c1-1")
    found = replay(day.folder, "c1-1")
    rows = [(at, replace(row, agent="1002") if row.kind is Kind.OFFERED else row) for at, row in found.rows]
    assert [step["choice"]["whole"] for step in told(rows, found.decisions) if step["choice"]] == [None]
    segment = spool.segments(day.folder)[0]
    text = segment.read_bytes()
    other = text.replace(
        b'"kind":"offered","call":"c1-1","agent":"1001"', b'"kind":"offered","call":"c1-1","agent":"1002"'
    )
    assert other != text
    segment.write_bytes(unsealed(other))
    assert replay(day.folder, "c1-1").note == DIFFERS


def test_a_damaged_line_and_a_torn_end_are_passed_over(day: Day):
    there(day, "1001", "1002")
    asks(day, "c1-1")
    day.journal.close()
    segment = spool.segments(day.folder)[0]
    whole = segment.read_bytes()
    segment.write_bytes(whole + b'{"n":99,"at"\n' + b'{"n":100,"at":"2026-11-22T09:00')
    found = replay(day.folder, "c1-1")
    assert (found.note, verdicts(found)["1002"]) == ("", "idle for less long")
    segment.write_bytes(whole)


def test_a_call_is_found_by_its_whole_name_wherever_the_reader_cuts(tmp_path: Path):
    file = tmp_path / "000000000001.log"
    file.write_bytes(b"x" * 3_999_998 + b'"c1-1"' + b"y" * 10)
    assert mentions(file, "c1-1")
    assert not mentions(file, "c1")
    assert not mentions(file, "1-1")
    assert not mentions(tmp_path / "gone.log", "c1-1")


@pytest.mark.slow
def test_the_process_of_its_own_says_the_same_and_writes_nothing(day: Day):
    a_call_that_needs_the_policy(day, "killed")
    before = {file.name: (file.stat().st_size, file.stat().st_mtime_ns) for file in day.folder.iterdir()}
    done = subprocess.run(
        [sys.executable, "-m", "acd.explain", str(day.folder), "c1-1"], capture_output=True, check=True, timeout=60
    )
    found = replay(day.folder, "c1-1")
    assert from_json(done.stdout, "c1-1") == from_json(as_json(found), "c1-1")
    assert from_json(done.stdout, "c1-1").rows == day.of("c1-1")
    assert {file.name: (file.stat().st_size, file.stat().st_mtime_ns) for file in day.folder.iterdir()} == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("withheld", "shown"), [(False, "138****5678"), (True, "withheld")], ids=["a number", "a number that is withheld"]
)
def test_without_a_daemon_the_command_shows_a_number_masked_and_a_withheld_one_not_at_all(
    tmp_path: Path, withheld: bool, shown: str
):
    state = Installation.at(tmp_path / "hotline")
    day = Day(state.journal)
    day.tell(CallArrived("c1-1", "+8613812345678", "95001", "13812345678", withheld), CallerHungUp("c1-1"))
    day.journal.close()
    for more in ([], ["--json"], ["--full"], ["--full", "--json"]):
        words = [sys.executable, "-m", "acd.cli", "explain", "c1-1", "--state", str(state.state), *more]
        told = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
        assert told.returncode == 0, told.stderr
        assert shown in told.stdout
        assert "5678" not in told.stdout.replace("138****5678", "")
        assert "13812345678" not in told.stdout
