"""How many calls, RTP ports and how much CPU are in use, and how many more calls are taken."""

from acd.web.server.api_model import ApiModel
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route


class CapacityNow(ApiModel):
    """Calls of this moment; ports and CPU of the last five seconds."""

    calls: int
    """With a line: a caller who waits for a callback has none."""
    calls_limit: int
    """Calls that are taken at a time (`limits.calls`, or what the RTP ports carry)."""
    calls_left: int
    """How many more are taken now: what the limit and the RTP ports leave, whichever is less."""
    rtp_pairs: int
    """Each sound of a call takes a pair of ports."""
    rtp_pairs_used: int
    cores: int
    cpu_busy: float | None
    """Of this machine, 0 to 1; null in the first five seconds."""


async def capacity(asked: Asked) -> CapacityNow:
    """Calls, RTP ports and CPU: in use, and left."""
    look = asked.context.capacity
    if look is None:
        raise Problem(404, "no-hotline", "This server runs without a hotline around it, and has no calls to count.")
    return CapacityNow(**look())


ROUTES = [
    Route(
        "GET",
        "/api/capacity",
        capacity,
        "installation-see",
        "Calls, RTP ports and CPU in use, and how many more calls are taken",
        CapacityNow,
        refusals={404: "no-hotline"},
    )
]
