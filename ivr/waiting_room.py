"""Waiting for a person: music, and now and then the caller's place in the queue.

The story is left after 30 s at the latest, and soon when the daemon is silent, so that the dialplan looks each time
whether it should take the caller elsewhere. The music goes on meanwhile, and what was said last rides on the channel.
A Redirect of the caller ends the room in the middle of a word: an agent is there.
"""

from ivr.step import Call, Done, LookUp, Music, Now, Play, SetVariable, Story, Wait

STAY_S = 30.0
LOOK_S = 3.0
"""Between two questions to the daemon: 100 callers ask it 33 times a second."""
REPEAT_S = 30.0
QUIET_S = 10.0
"""A place that changes quickly is said at most this often."""
PAUSE_S = 1.0
"""Music before a silent daemon sends the caller back into the dialplan's loop, which must not spin."""


def waiting_room(call: Call) -> Story:
    began = yield Now()
    position, said_at = last_said(call.said)
    if not call.said:
        yield Play("please-wait")
        yield SetVariable("POSITION_SAID", f"0@{began:.1f}")
    yield Music()
    while True:
        answer = yield LookUp("call", call.id)
        if answer is None:
            yield Wait(PAUSE_S)
            return Done()
        now = yield Now()
        place = answer.get("position")
        if type(place) is int and 1 <= place <= 9999 and due(place, position, now - said_at):
            yield Play(("position", place, "position-end"))
            yield Music()
            position, said_at = place, now
            yield SetVariable("POSITION_SAID", f"{place}@{now:.1f}")
        look_again = now + LOOK_S
        while (now := (yield Now())) < look_again:
            if now - began >= STAY_S:
                return Done()
            yield Wait(min(look_again, began + STAY_S) - now)  # keys are heard and mean nothing here yet


def due(place: int, before: int, quiet_s: float) -> bool:
    """Whether the place is said now: at first, when it has changed and some quiet has passed, and every 30 s."""
    if before == 0:
        return True
    return quiet_s >= (QUIET_S if place != before else REPEAT_S)


def last_said(text: str) -> tuple[int, float]:
    """Position and clock of the last announcement; (0, 0) when there was none or the text is not ours."""
    position, _, at = text.partition("@")
    try:
        return int(position), float(at)
    except ValueError:
        return 0, 0.0
