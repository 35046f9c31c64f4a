"""Events of the look-up of customers: the caller is known, a number may not be called.

The answer comes when it comes: mostly while the caller hears the first words of the menu, sometimes when the caller waits already. A
caller who waits gets the turn, the queue and the agent of the class and the complaint at that moment; one who rings or talks keeps
what they have.
"""

from acd.engine.caller_classes import queue_for
from acd.engine.commands import Kind
from acd.engine.customer_events import CallerKnown, NumberBarred
from acd.engine.entities import Call
from acd.engine.routing import agent_affinity, calls_out
from acd.engine.routing.policy import move_to_queue
from acd.engine.routing.queueing import leave_line, requeue, wait
from acd.engine.state import State

SAID = ("customer", "language", "last_order", "area", "complaint_ticket", "complaint_owner")


def caller_known(s: State, event: CallerKnown) -> None:
    """CallerKnown: notes whose number it is, once a call; what the class gives counts from now on."""
    call = s.calls.get(event.call)
    if call is None or call.customer:
        s.ignore(event, "no such call" if call is None else "the customer is known")
        return
    call.customer, call.customer_name, call.customer_class = event.customer, event.customer_name, event.customer_class
    call.complaint_owner, call.area = event.complaint_owner, event.area
    if event.do_not_call != (call.caller in s.legs_out.barred):
        s.legs_out.bar(call.caller, event.do_not_call)
    detail: dict[str, object] = {name: value for name in SAID if (value := getattr(event, name))}
    if event.customer_name:
        detail["name"] = event.customer_name
    if event.customer_class:
        detail["class"] = event.customer_class
    if event.do_not_call:
        detail["do_not_call"] = True
    free = _is_free(call)
    queue = queue_for(s.rules, call.customer_class, call.queue, s.queues, s.closed, call.brand) if free else call.queue
    if queue != call.queue:
        detail["moved_from"] = call.queue
    s.log(Kind.CUSTOMER, call.call, queue=queue, detail=detail)
    if call.asked_at is None:
        return
    if free and call.complaint_owner and not call.wanted:
        call.wanted = call.complaint_owner
    if queue != call.queue:
        move_to_queue(s, call, queue)
    else:
        requeue(s, call)
    if _is_free(call) and call.wanted and call.wanted == call.complaint_owner:
        leave_line(s, call)
        agent_affinity.keep(s, call)
        wait(s, call)


def number_barred(s: State, event: NumberBarred) -> None:
    """NumberBarred: no callback goes to this number, whoever asks; or one may again. A callback that waits is given up when its turn
    comes."""
    if event.barred == calls_out.is_barred(s, event.number):
        s.ignore(event, "it is so already")
    else:
        s.legs_out.bar(event.number, event.barred)


def _is_free(call: Call) -> bool:
    """Whether the call stands in line as the menu sent it there: neither transferred, nor kept, nor changed by a policy."""
    return (
        call.stage == "waiting"
        and call.in_line
        and not (call.virtual or call.dialling or call.handed_by or call.rows or call.moves)
        and call.transfer is None
    )
