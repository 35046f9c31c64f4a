"""What a telephone does by itself, and what becomes of its agent: a table of habits, and the few rules that read it.

A telephone that refuses is not seen from outside: it is registered and answers OPTIONS, so its agent looks idle while no
call gets through. So each offer that the telephone itself did not take is counted. After the first its agent counts as
available no more (`Line.available`), and after Rules.refusals in a row the agent is set not ready, with the reason
`phone-refuses`, and is staff no more. Ready, an answered test call or a talk begins the count anew.

The sentences that people read about each habit stand in acd/words and in the page's words.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from acd.engine.agent_states import PHONE_REFUSES
from acd.engine.commands import Kind, Outcome, PhoneTest
from acd.engine.entities import Agent, Offered
from acd.engine.routing.agents import recount, restate
from acd.engine.state import State


class Habit(NamedTuple):
    """One habit of telephones."""

    refuses: bool
    """Each time counts as a refusal; else the habit is only told."""
    told_from: int
    """It is told to the agent from so many times on."""
    alarm: bool
    """The supervisor gets an alarm when it is told; of one that refuses, when its agent is set not ready."""
    said: str
    """The alarm's sentence, after "the telephone of agent 1003"."""


HABITS: dict[str, Habit] = {
    "forwards": Habit(True, 1, False, "forwards its calls elsewhere (302), which is never done"),
    "do-not-disturb": Habit(True, 1, False, "refuses calls without ringing (do not disturb, or busy)"),
    "declines": Habit(True, 1, False, "rings and is declined"),
    "fails": Habit(True, 1, False, "answers calls with an error"),
    "no-sign": Habit(True, 1, False, "gives no sign when it is called"),
    "hangs-up": Habit(True, 1, False, "answers and hangs up at once"),
    "no-sound": Habit(True, 1, False, "sent no sound for so long that the talk was ended"),
    "muted": Habit(False, 1, False, "sends no sound in a talk (muted)"),
    "no-voice": Habit(False, 2, True, "is not heard in the recordings (muted, a wrong headset, or nobody there)"),
    "answers-itself": Habit(False, 3, False, "answers by itself"),
    "two-places": Habit(False, 2, True, "registers from two places, which push each other out"),
}
"""What telephones do, by the code that log, API and page know."""

BY_OUTCOME: dict[tuple[Outcome, bool], str] = {
    (Outcome.FORWARDED, False): "forwards",
    (Outcome.FORWARDED, True): "forwards",
    (Outcome.BUSY, False): "do-not-disturb",
    (Outcome.REJECTED, False): "do-not-disturb",
    (Outcome.BUSY, True): "declines",
    (Outcome.REJECTED, True): "declines",
    (Outcome.FAILED, False): "fails",
    (Outcome.FAILED, True): "fails",
    (Outcome.UNREACHABLE, False): "no-sign",
    (Outcome.LOST, False): "hangs-up",
    (Outcome.LOST, True): "hangs-up",
}
"""How an offer ended, and whether the phone had rung, to the habit that it shows. An outcome that is not here shows none."""

BY_ITSELF = timedelta(milliseconds=500)
"""A person does not answer sooner than this after the INVITE."""
PLACES_KEPT = timedelta(minutes=10)
"""Registrations are compared over so long."""
TEST_WITHIN = timedelta(seconds=40)
"""From asking for a test call to its outcome; then the agent's former state is back."""


def refused_by(s: State, offer: Offered, outcome: Outcome) -> None:
    """An offer ended so, by the telephone: count it. `restate` must follow."""
    habit = BY_OUTCOME.get((outcome, offer.ringing_at is not None))
    if habit is None or (habit == "declines" and offer.consulted):
        return  # a colleague who asks may be declined as often as one likes
    refused(s, offer.agent, habit)


def refused(s: State, agent: Agent, habit: str) -> None:
    """The telephone did not take a call: after Rules.refusals in a row its agent is set not ready. `restate` must follow."""
    agent.refusals += 1
    for other in [name for name in agent.habits if HABITS[name].refuses and name != habit]:
        del agent.habits[other]
    _note(s, agent, habit, agent.refusals)
    if s.rules.refusals and agent.refusals >= s.rules.refusals and agent.ready:
        agent.ready, agent.reason, agent.stepped_out = False, PHONE_REFUSES, False
        _alarm(s, agent, "telephone refuses", habit, f"{agent.refusals} times in a row; the agent is set not ready")


def takes_calls(s: State, agent: Agent) -> None:
    """The telephone has taken a call, or the agent says that it will: the count of refusals begins anew."""
    agent.refusals = 0
    ended = [name for name in agent.habits if HABITS[name].refuses]
    for name in ended:
        del agent.habits[name]
    if ended:
        _row(s, agent, habit="", was=ended[0])
    recount(s, agent)


def answered(s: State, offer: Offered, at: datetime) -> None:
    """The phone was answered at `at`: three times in a row sooner than a person can, and it answers by itself; where it is told to,
    that is no habit."""
    agent = offer.agent
    if offer.dialled_at is None:
        return
    if at - offer.dialled_at >= BY_ITSELF or agent.agent in s.rules.auto_answer:
        agent.instant_answers = 0
        _end(s, agent, "answers-itself")
        return
    agent.instant_answers += 1
    _note(s, agent, "answers-itself", agent.instant_answers)


def recorded(s: State, offer: str, silent: str) -> None:
    """The verdict on a recording. `silent`: "caller", "agent", "both" or empty."""
    agent = next((one for one in s.agents.values() if one.last_talk == offer), None)
    if agent is None:
        return
    agent.last_talk = ""
    if silent not in ("agent", "both"):
        agent.silent_legs = 0
        _end(s, agent, "no-voice")
        return
    agent.silent_legs += 1
    _note(s, agent, "no-voice", agent.silent_legs)


def silent(s: State, agent: Agent, now: bool) -> None:
    """Whether the phone is muted in the talk that goes on."""
    if now:
        _note(s, agent, "muted", 1)
    else:
        _end(s, agent, "muted")


def registered(s: State, agent: Agent, place: str) -> None:
    """The telephone has registered from there. One that comes back to a place, and again, is two telephones."""
    since = s.now - PLACES_KEPT
    agent.places = [one for one in agent.places if datetime.fromisoformat(one[0]) >= since]
    if agent.places and agent.places[-1][1] == place:
        return
    agent.places.append([s.now.isoformat(), place])
    s.deadlines.set(("places", agent.agent), s.now + PLACES_KEPT)
    seen: set[str] = set()
    returns = 0
    for _, one in agent.places:
        returns += one in seen
        seen.add(one)
    if returns >= HABITS["two-places"].told_from:
        _note(s, agent, "two-places", len(agent.places), sorted(seen))


def settled(s: State, agent: Agent) -> None:
    """For PLACES_KEPT the telephone has registered from one place only."""
    agent.places = agent.places[-1:]
    _end(s, agent, "two-places")


def begin_test(s: State, agent: Agent) -> None:
    """Ring the telephone for a test; the agent is offered nothing meanwhile. They must do no work."""
    agent.test = "under way"
    s.deadlines.set(("test", agent.agent), s.now + TEST_WITHIN)
    _row(s, agent, test=agent.test)
    s.out.append(PhoneTest(agent.agent))
    restate(s, agent)


def end_test(s: State, agent: Agent, result: str) -> None:
    """The outcome of a test call. One that was answered brings back an agent whom the telephone had set not ready."""
    agent.test = result
    s.deadlines.clear(("test", agent.agent))
    _row(s, agent, test=result)
    if result == "answered":
        takes_calls(s, agent)
        if agent.logged_in and not agent.ready and agent.reason == PHONE_REFUSES:
            agent.ready, agent.reason = True, ""
    restate(s, agent)


def went(s: State, agent: Agent) -> None:
    """The phone is not seen any more: it is dead after a while, and after a longer one its agent is logged out."""
    s.deadlines.set(("dead", agent.agent), s.now + s.rules.dead_after)
    watch_absence(s, agent)


def came(s: State, agent: Agent) -> None:
    """The phone was seen."""
    agent.dead = False
    s.deadlines.clear(("dead", agent.agent))
    s.deadlines.clear(("log-out", agent.agent))
    recount(s, agent)


def died(s: State, agent: Agent) -> None:
    """The phone was not seen for Rules.dead_after."""
    agent.dead = not agent.phone
    recount(s, agent)


def watch_absence(s: State, agent: Agent) -> None:
    """Have an agent who is logged in without a phone logged out in time, where the rules say so."""
    due = s.deadlines.due(("log-out", agent.agent))
    if agent.phone or not agent.logged_in or not s.rules.log_out_unreachable:
        s.deadlines.clear(("log-out", agent.agent))
    elif due is None or due > s.now + s.rules.log_out_unreachable:
        s.deadlines.set(("log-out", agent.agent), s.now + s.rules.log_out_unreachable)


def say_logged_out(s: State, agent: Agent) -> None:
    """Tell the supervisor that the agent was logged out without having asked for it."""
    minutes = s.rules.log_out_unreachable.total_seconds() / 60
    detail = f"agent {agent.agent}: the telephone was unreachable for {minutes:g} min; the agent is logged out"
    s.log(Kind.ALARM, agent=agent.agent, detail={"name": "agent logged out", "detail": detail, "habit": "gone"})


def _note(s: State, agent: Agent, habit: str, times: int, places: list[str] | None = None) -> None:
    """Keep how often the telephone did this; told when it is new."""
    told_from = HABITS[habit].told_from
    if times < told_from:
        return
    is_new = habit not in agent.habits
    agent.habits[habit] = times
    if not is_new:
        return
    among = {"places": places} if places else {}
    _row(s, agent, habit=habit, times=times, **among)
    if HABITS[habit].alarm:
        where = f" ({', '.join(places)})" if places else ""
        _alarm(s, agent, f"telephone {habit}", habit, f"{times} times{where}", **among)


def _alarm(s: State, agent: Agent, name: str, habit: str, how: str, **more: object) -> None:
    detail = f"the telephone of agent {agent.agent} {HABITS[habit].said}: {how}"
    told = {"name": name, "detail": detail, "habit": habit, "times": agent.habits.get(habit, 0), **more}
    s.log(Kind.ALARM, agent=agent.agent, detail=told)


def _end(s: State, agent: Agent, habit: str) -> None:
    if agent.habits.pop(habit, None) is not None:
        _row(s, agent, habit="", was=habit)


def _row(s: State, agent: Agent, **detail: object) -> None:
    s.log(Kind.PHONE, agent=agent.agent, detail={"reachable": agent.reachable, **detail})
