"""How many calls are taken at a time, so that whoever is in the house always finds the RTP ports for an agent's telephone."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Capacity:
    """Of one installation."""

    ports: int
    """RTP ports."""
    agents: int
    """Of the configuration."""
    asked: int | None = None
    """limits.calls."""

    @property
    def pairs(self) -> int:
        """RTP ports come in pairs: sound, and its reports (RTCP)."""
        return self.ports // 2

    @property
    def spare(self) -> int:
        """Pairs for calls that are just being refused, which have theirs before the dialplan can refuse them, or hear why: a tenth,
        and at least two. A caller who finds none is answered 488."""
        return max(2, self.pairs // 10)

    @property
    def calls(self) -> int:
        """The calls that are taken at a time: as configured, else as many as the ports carry.

        A caller has one pair, an agent at most two (a talk and a consult), and there are never more talks or consults than
        callers: so it is what two pairs for each agent leave, or a third of all, whichever is more.
        """
        if self.asked is not None:
            return self.asked
        free = self.pairs - self.spare
        return max(1, free - 2 * self.agents, free // 3)

    @property
    def ports_needed(self) -> int:
        """RTP ports for so many calls, each with an agent and a consult as far as there are agents."""
        return 2 * (self.calls + 2 * min(self.calls, self.agents) + self.spare)

    @property
    def calls_of_a_number(self) -> int:
        """Calls of one caller's number at a time, where the configuration leaves it open."""
        return max(10, self.calls // 5)

    @property
    def calls_without_number(self) -> int:
        """Calls without a number over one trunk at a time, where the configuration leaves it open."""
        return max(1, self.calls // 2)

    @property
    def last_wall(self) -> int:
        """Asterisk's own `maxcalls`, which answers 503 to all that is more: no ordinary day comes near it."""
        return self.calls + self.spare + self.agents + max(50, self.calls // 4)
