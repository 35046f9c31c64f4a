"""`sanxiang call listen|whisper|barge|take-over|leave` against a server with a real engine."""

from acd.engine.events import CallerHungUp, PhoneChanged
from acd.engine.listening.events import ListenerAnswered
from tests.cli.command_line import Said
from tests.support.waiting import eventually
from tests.web.support.web_server import RunningServer
from tests.web.test_operators_commands import line, said

__all__ = ["line"]


async def test_listened_to_switched_and_left_by_command(line: RunningServer):
    await line.calls.ready("1001")
    line.calls.tell(PhoneChanged("1003", True))
    call = (await line.calls.answered(line.calls.arrives("13812347777"))).call
    unnamed = await said(line, "call", "listen", call)
    assert (unnamed.status, "--telephone 1001" in unnamed.screen) == (1, True), unnamed
    assert await said(line, "call", "listen", call, "--telephone", "1003") == Said(0, f"{call}: telephone 1003 rings\n")
    row = line.engine.call(call, line.time.now())
    assert row is not None
    [known] = row["listeners"]
    line.calls.tell(ListenerAnswered(known["listener"]))
    for mode in ("whisper", "barge", "take-over", "listen"):
        done = await said(line, "call", mode, call)
        assert done == Said(0, f"{call}: telephone 1003 is switched\n")
    assert await said(line, "call", "leave", call) == Said(0, f"{call}: 1 left\n")
    again = await said(line, "call", "leave", call)
    assert (again.status, "You don't listen to this call" in again.screen) == (1, True), again
    await line.calls.written(call)
    story = await said(line, "call", "show", call, "--language", "zh")
    assert "密语座席" in story.screen and "接管来电" in story.screen
    line.calls.tell(CallerHungUp(call))
    await eventually(lambda: line.engine.call(call, line.time.now()) is None, "the end of the call")
