"""Diverted calls: what becomes of callers at voicemail or an outside number."""

from acd.engine.callback_events import CallOutRefused, CallSentOn
from acd.engine.commands import Ending, Kind
from acd.engine.entities import Call
from acd.engine.events import CallReturned, MessageAsked, MessageLeft
from acd.engine.routing import calls_out
from acd.engine.routing.policy import redirect
from acd.engine.routing.queueing import leave_line, put_back, since
from acd.engine.state import State
from acd.engine.transfers import transfer


def call_out_refused(s: State, event: CallOutRefused) -> None:
    """CallOutRefused: an alarm."""
    calls_out.raise_alarm(s, event.why, s.calls.get(event.call), event.number)


def sent_on(s: State, event: CallSentOn) -> None:
    """CallSentOn: see `reached`."""
    call = s.calls.get(event.call)
    if call is None or call.stage != "elsewhere" or call.after is not None:
        s.ignore(event, "no such call" if call is None else "the call was sent to no number")
    else:
        reached(s, call, event.trunk)


def reached(s: State, call: Call, trunk: str = "") -> None:
    """The outside number has answered: the call ends as sent on when the caller hangs up."""
    # A caller whom an agent served before a transfer was answered; the transfer's row says where to.
    call.after = Ending.ANSWERED if call.transfers and call.wait_s is not None else Ending.SENT_ON
    transfer.number_reached(s, call)
    s.log(
        Kind.SENT_ON,
        call.call,
        queue=call.queue,
        detail={"number": call.sent_to, **({"trunk": trunk} if trunk else {})},
    )


def message_asked(s: State, event: MessageAsked) -> None:
    """MessageAsked: the caller leaves the line and is sent to voicemail, as by a row of the queue's policy."""
    call = s.calls.get(event.call)
    if call is None or call.stage != "waiting" or call.virtual or not s.pbx:
        s.ignore(event, "no such call" if call is None else "the caller does not wait")
        return
    s.log(
        Kind.OVERFLOW,
        call.call,
        queue=call.queue,
        detail={"when": "key", "do": "voicemail", "waited_s": since(call.asked, s.now)},
    )
    leave_line(s, call)
    call.stage, call.after, call.sent_to = "elsewhere", None, ""
    redirect(s, call, "voicemail")


def message_left(s: State, event: MessageLeft) -> None:
    """MessageLeft: see `keep_message`."""
    call = s.calls.get(event.call)
    if call is None or call.stage != "elsewhere" or call.after is not None:
        s.ignore(event, "no such call" if call is None else "the call was not asked for a message")
    else:
        keep_message(s, call, event.seconds, event.path)


def keep_message(s: State, call: Call, seconds: float, path: str) -> None:
    """A message was left: the call ends so when the caller hangs up. `path`: relative to the recordings folder."""
    call.after = Ending.MESSAGE
    s.log(Kind.MESSAGE, call.call, queue=call.queue, detail={"seconds": seconds, "path": path})


def returned(s: State, event: CallReturned) -> None:
    """CallReturned: see `came_back`."""
    call = s.calls.get(event.call)
    if call is None or call.stage != "elsewhere" or call.after is not None:
        s.ignore(event, "no such call" if call is None else f"the call is {call.stage}")
    else:
        came_back(s, call, event.reason)


def came_back(s: State, call: Call, reason: str) -> None:
    """A diversion came to nothing: the call waits again, or its transfer fails."""
    if reason == calls_out.NOT_ALLOWED:
        calls_out.raise_alarm(s, "not in the dialplan's list", call, call.sent_to)
    if call.transfer is not None:
        transfer.return_caller(s, call, reason)
    else:
        put_back(s, call, reason)
