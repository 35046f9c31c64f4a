"""Story calls are made when they may be: in their order, a few at a time, each tried again after its pauses.

One deadline, ("stories", ""), looks at all of them; ("story", call) bounds each that is under way.
"""

from datetime import datetime, timedelta

from acd.engine.commands import AskAboutStory, Kind, OriginateStory
from acd.engine.routing import calls_out
from acd.engine.state import State
from acd.engine.story_calls import wall
from acd.engine.story_calls.events import (
    StoryCallAnswered,
    StoryCallAsked,
    StoryCallFailed,
    StoryCallOver,
    StoryCallWithdrawn,
)
from acd.engine.story_calls.outcomes import ONCE, STORIES, WANTED, Outcome
from acd.engine.story_calls.state import StoryCall

DIALLED_WITHIN = timedelta(minutes=3)
"""From the command to the answer, over all trunks; then nobody knows what came of it."""
STORY_WITHIN = timedelta(minutes=10)
"""A story that is longer is over for us."""
LOOK = ("stories", "")
HEARD = ("told", "person", "declined")
"""Results of a story that has done what it was for."""


def asked(s: State, event: StoryCallAsked) -> None:
    """StoryCallAsked: the call waits for its time, unless its number may not be called at all."""
    if event.story not in STORIES:
        s.ignore(event, "no such story")
        return
    if event.call in s.story_calls.open or event.call in s.calls or event.call in s.ended_calls:
        s.ignore(event, "it is asked for already")
        return
    call = StoryCall(
        event.call,
        event.story,
        event.number,
        event.subject,
        event.language,
        event.dialled,
        tuple(event.pauses_s),
        event.at_a_time,
        s.now + timedelta(seconds=event.not_before_s),
        area=event.area,
    )
    s.story_calls.open[call.call] = call
    make_due(s)


def withdrawn(s: State, event: StoryCallWithdrawn) -> None:
    """StoryCallWithdrawn."""
    call = s.story_calls.open.get(event.call)
    if call is None or call.state != "waiting":
        s.ignore(event, "no such call" if call is None else "it is under way")
    else:
        _over(s, call, "withdrawn", "")


def make_due(s: State, at: datetime | None = None) -> None:
    """The calls are looked at, at this time or now; never later than was planned before."""
    at = at or s.now
    planned = s.deadlines.due(LOOK)
    if planned is None or at < planned:
        s.deadlines.set(LOOK, at)


def look(s: State) -> None:
    """("stories", "") is due: starts what may be started. Nothing is dialled without a link to Asterisk."""
    if not s.pbx:
        return  # PbxFound looks again
    again: datetime | None = None
    for call in [call for call in s.story_calls.open.values() if call.state == "waiting"]:
        if call.due > s.now:
            again = call.due if again is None else min(again, call.due)
            continue
        if (wanted := WANTED.get(call.story)) is not None and (why := wanted(s, call)):
            _over(s, call, "withdrawn", why)
            continue
        if why := calls_out.refused(s, call.number):
            _over(s, call, "refused", why)
            continue
        if call.at_a_time and s.story_calls.of(call.subject) >= call.at_a_time:
            continue  # the end of one of them looks again
        if (own := wall.later(s, call)) is not None:
            _hold(s, call, *own)
            again = call.due if again is None else min(again, call.due)
            continue
        if (limit := calls_out.limits(s, "")) is not None:
            _hold(s, call, limit[0], call.due)
            again = limit[1] if again is None else min(again, limit[1])
            break
        _dial(s, call)
    if again is not None:
        make_due(s, again)


def _hold(s: State, call: StoryCall, why: str, until: datetime) -> None:
    call.due = until
    if call.held != why:
        call.held = why
        _log(s, call, "held back", reason=why, until=s.outer(until).isoformat())


def _dial(s: State, call: StoryCall) -> None:
    call.state, call.held = "dialling", ""
    call.attempts += 1
    calls_out.note(s, call.number)
    _log(s, call, "calling")
    s.deadlines.set(("story", call.call), s.now + DIALLED_WITHIN)
    s.out.append(
        OriginateStory(
            call.call, call.story, call.number, call.subject, call.language, call.dialled, attempt=call.attempts
        )
    )


def answered(s: State, event: StoryCallAnswered) -> None:
    """StoryCallAnswered."""
    call = s.story_calls.open.get(event.call)
    if call is None or call.state != "dialling":
        s.ignore(event, "no such call" if call is None else f"it is {call.state}")
        return
    call.state = "answered"
    s.deadlines.set(("story", call.call), s.now + STORY_WITHIN)
    _log(s, call, "answered", **({"trunk": event.trunk} if event.trunk else {}))


def over(s: State, event: StoryCallOver) -> None:
    """StoryCallOver: heard to its end, it has done what it was for; else it is tried again."""
    call = s.story_calls.open.get(event.call)
    if call is None or call.state == "waiting":
        s.ignore(event, "no such call" if call is None else "it is not under way")
    elif event.result in HEARD:
        _over(s, call, "told", event.result)
    elif call.story in ONCE and event.result == "hung up":
        _over(s, call, "not reached", event.result)
    else:
        _not_reached(s, call, event.result or "hung up")


def failed(s: State, event: StoryCallFailed) -> None:
    """StoryCallFailed: tried again after its pause, or given up."""
    call = s.story_calls.open.get(event.call)
    if call is None or call.state == "waiting":
        s.ignore(event, "no such call" if call is None else "it is not under way")
    else:
        carried = {"cause": event.cause, "trunk": event.trunk, "code": event.code}
        _not_reached(s, call, event.reason, **{name: value for name, value in carried.items() if value})


def overdue(s: State, name: str) -> None:
    """("story", call) is due: nothing was heard of it for too long."""
    call = s.story_calls.open.get(name)
    if call is not None and call.state != "waiting":
        _not_reached(s, call, "lost")


def found(s: State) -> None:
    """PbxFound: Asterisk is asked about each call that was under way, and the others are looked at."""
    for call in s.story_calls.open.values():
        if call.state != "waiting":
            s.out.append(AskAboutStory(call.call, call.attempts))
    make_due(s)


def hours_changed(s: State) -> None:
    """Customers may be called earlier, or later, than was thought: those who were held back for it are looked at anew."""
    for call in s.story_calls.open.values():
        if call.state == "waiting" and call.held == "hours":
            call.due = s.now
            make_due(s)


def _not_reached(s: State, call: StoryCall, reason: str, **more: object) -> None:
    s.deadlines.clear(("story", call.call))
    _log(s, call, "failed", reason=reason, **more)
    if call.attempts > len(call.pauses_s):
        _over(s, call, "not reached", reason)
        return
    call.state = "waiting"
    call.due = s.now + timedelta(seconds=call.pauses_s[call.attempts - 1])
    make_due(s)


def _over(s: State, call: StoryCall, outcome: Outcome, why: str) -> None:
    s.deadlines.clear(("story", call.call))
    del s.story_calls.open[call.call]
    _log(s, call, outcome, **({"reason": why} if why else {}))
    if (told := STORIES.get(call.story)) is not None:  # A later version may have taken a story away.
        told(s, call, outcome, why)
    make_due(s)


def _log(s: State, call: StoryCall, state: str, **more: object) -> None:
    s.log(
        Kind.STORY_CALL,
        detail={
            "state": state,
            "id": call.call,
            "story": call.story,
            "subject": call.subject,
            "number": call.number,
            "attempt": call.attempts,
            **more,
        },
    )
