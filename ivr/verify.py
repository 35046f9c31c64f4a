"""Taken out of a talk, the caller shows who they are by keys; then they are joined with the same agent again.

The caller's channel is in no bridge meanwhile: nobody hears the keys, and the recording, which is one of the bridge, holds nothing
of them. What follows is the dialplan's: [verify] tells that it is over, and the daemon joins both.
"""

from ivr.services.identity import verified
from ivr.step import Call, Done, Play, Story


def verify(call: Call) -> Story:
    """Says why the caller hears a machine, asks, and says what came of it."""
    yield Play("identity-intro", whole=True)
    yield from verified(call)
    yield Play("identity-back-to-agent")
    return Done()
