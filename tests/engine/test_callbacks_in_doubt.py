"""A state that may be an older copy dials no callback before the database has said what was done since."""

from acd.engine.acd import Acd
from acd.engine.callback_events import CallbackAccepted
from acd.engine.commands import Kind
from acd.engine.doubt_events import CallbacksDoubted, CallbacksTrusted
from acd.engine.events import CallArrived, CallerHungUp, CallQueued, PbxFound, PbxLost
from acd.engine.model import Rules
from acd.engine.operator_events import CallWithdrawn
from tests.engine.support.floor import Dial, Floor, Ring
from tests.engine.test_callbacks import taken

NUMBER = "13900002222"


def restarted(floor: Floor) -> None:
    """A new daemon on the state as it was; Asterisk has no calls."""
    floor.acd = Acd.restore(floor.acd.checkpoint())
    floor.tell(PbxLost("the daemon was started"), CallbacksDoubted())


def owing() -> Floor:
    """c1 is owed a callback, and Amy is free for it as soon as Asterisk is found."""
    floor = taken()
    restarted(floor)
    assert floor.tell(PbxFound(())) == []
    return floor


def states(floor: Floor) -> list[tuple[str, str]]:
    rows = floor.rows(Kind.CALLBACK, call="c1")
    return [(row.detail["state"], row.detail.get("reason", "")) for row in rows]


def test_the_customer_is_not_dialled_until_the_database_has_answered_and_then_at_once():
    floor = owing()
    assert floor.wait(seconds=600) == []
    assert states(floor)[-1] == ("held back", "database")
    assert len([state for state, _ in states(floor) if state == "held back"]) == 1, "said once"
    assert not [row for row in floor.rows(Kind.ALARM) if row.detail["name"] == "limit of calls out"]
    assert floor.about_call("c1")["virtual"], "the place is kept"
    assert floor.tell(CallbacksTrusted()) == [Dial("c1", NUMBER, "amy")]


def test_a_callback_that_was_made_since_is_never_dialled():
    floor = owing()
    assert floor.tell(CallWithdrawn("c1", "the call had ended when this older state was started")) == []
    assert floor.tell(CallbacksTrusted()) == []
    assert floor.wait(seconds=7200) == []
    assert [state for state, _ in states(floor)].count("calling") == 0


def test_nobody_else_waits_for_it():
    floor = owing()
    assert floor.tell(CallArrived("c2", "138", "95001"), CallQueued("c2", "billing")) == [Ring("amy", "c2")]


def test_a_callback_that_is_taken_after_the_start_is_not_in_doubt():
    floor = owing()
    floor.tell(CallArrived("c2", "138", "95001"), CallQueued("c2", "billing"))
    floor.tell(CallArrived("c3", "137", "95001"), CallQueued("c3", "billing"))
    dialled = floor.tell(CallbackAccepted("c3", "13700000000"), CallerHungUp("c3"), CallerHungUp("c2"))
    dialled += floor.wait(seconds=60)
    assert Dial("c3", "13700000000", "amy") in dialled
    assert not [each for each in dialled if isinstance(each, Dial) and each.call == "c1"]


def test_a_daemon_that_falls_in_between_doubts_on_and_one_that_knows_does_not():
    floor = owing()
    floor.wait(seconds=30)
    restarted(floor)
    assert floor.tell(PbxFound(())) == [] and floor.wait(seconds=60) == []
    floor.acd = Acd.restore(floor.acd.checkpoint())
    floor.tell(PbxLost("the daemon was started"), CallbacksTrusted())
    assert floor.tell(PbxFound(())) + floor.wait(seconds=5) == [Dial("c1", NUMBER, "amy")]


def test_the_wall_before_calls_out_holds_afterwards_as_before():
    floor = taken()
    assert isinstance(floor.acd._state.rules, Rules)
    restarted(floor)
    floor.tell(PbxFound(()), CallbacksTrusted())
    assert states(floor)[-1] == ("calling", "")
