"""Entry into a queue: a caller asks for a person and gets a place, an expected wait, and perhaps an agent of their own."""

from datetime import datetime
from typing import Any

from acd.engine.caller_classes import queue_for
from acd.engine.commands import Kind
from acd.engine.entities import Call
from acd.engine.model import Skills
from acd.engine.routing import agent_affinity, policy
from acd.engine.routing.queueing import ahead_of, enter_queue, expected, since, wait
from acd.engine.state import State
from acd.identifiers import is_number


def ask(
    s: State,
    call: Call,
    queue: str,
    skills: Skills,
    language: str,
    at: datetime,
    wanted: str = "",
    past: bool = False,
    wish: str = "",
) -> None:
    """The wait begins at `at`. So does the place, unless the caller takes back one that they gave up a short while ago.

    `past`: the caller asked while nothing could be heard, and is further by now or gone; neither the queue's entry rows nor
    last-agent routing are applied. `wish`: what the caller has chosen in the place of waiting in a closed queue; then neither.
    """
    call.language, call.asked_at, call.after, call.wanted = language, at, None, wanted
    call.skills = tuple((skill, level) for skill, level in skills)
    call.placed_at = at
    asked = s.queue(queue).name
    name = s.queue(queue_for(s.rules, call.customer_class, asked, s.queues, s.closed, call.brand)).name
    detail: dict[str, Any] = {"class": call.customer_class} if call.customer_class else {}
    if name != asked:
        detail["instead_of"] = asked
    if wish:
        detail["wish"] = wish
    if s.rules.return_within and is_number(call.caller):
        left = s.caller_history.take_place(call.caller, name, s.now, s.rules.return_within)
        if left is not None and left.place < at:
            call.placed_at = left.place
            detail["returned_s"] = since(left.at, s.now)
    dropped = (
        s.caller_history.take_dropped(call.caller, call.brand, s.now, s.rules.dropped_within)
        if is_number(call.caller)
        else None
    )
    if dropped is not None:
        call.continues, call.wanted = dropped.call, call.wanted or dropped.agent
        detail["continues"] = dropped.call
    call.wanted = call.wanted or call.complaint_owner
    if at < s.now:
        detail["waited_s"] = since(at, s.now)  # found waiting by resync
    enter_queue(s, call, name)
    call.queued_at = at
    s.counts.asked(call.queue, call.brand)
    ahead = ahead_of(call)
    call.expected = expected(s, call.queue, call.line, ahead)
    required = {skill: level for _, skills in call.line.ask.any_of for skill, level in skills}
    s.log(
        Kind.QUEUED,
        call.call,
        queue=call.queue,
        detail={
            "skills": required,
            "priority": call.priority,
            "language": language,
            "position": ahead + 1,
            "median_s": round(call.expected.median_s, 3),
            "p90_s": round(call.expected.p90_s, 3),
            **detail,
        },
    )
    if past or wish:
        wait(s, call)
    elif policy.on_entry(s, call, ahead):
        agent_affinity.keep(s, call)
        wait(s, call)
