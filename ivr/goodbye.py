"""The last word to a caller who is let go; the dialplan hangs up after it."""

from ivr.step import Call, Done, Play, Story


def goodbye(call: Call) -> Story:
    """Says goodbye; the story is done."""
    yield Play("goodbye", keys="")
    return Done()
