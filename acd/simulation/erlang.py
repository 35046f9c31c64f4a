"""What theory says of the simplest floors: one queue, calls at random, agents all alike. Pure formulas.

`load` is the offered traffic in erlangs: calls per second times mean talk in seconds. All are exact (no approximation
of heavy traffic), for talks and patience distributed exponentially.
"""

import math
from dataclasses import dataclass


def erlang_b(agents: int, load: float) -> float:
    """Share of calls turned away when nobody can wait (M/M/c/c).

    The recursion B(0) = 1, B(n) = a B(n-1) / (n + a B(n-1)): Erlang 1917 in the form of Jagerman, "Some properties of
    the Erlang loss function", Bell System Technical Journal 53 (1974). No factorials, so nothing overflows.
    """
    _check(agents, load)
    blocked = 1.0
    for number in range(1, agents + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def erlang_c(agents: int, load: float) -> float:
    """Probability that a caller has to wait when all wait as long as it takes (M/M/c).

    C = B / (1 - (a/c)(1 - B)): Cooper, "Introduction to Queueing Theory" (1981), section 3.4. At or above a load of one
    erlang an agent everybody waits, without end.
    """
    _check(agents, load)
    occupancy = load / agents
    if occupancy >= 1:
        return 1.0
    blocked = erlang_b(agents, load)
    return blocked / (1 - occupancy * (1 - blocked))


def mean_wait_c(agents: int, load: float, talk_s: float) -> float:
    """Mean wait in seconds of all callers, those who need not wait among them (M/M/c): C T / (c - a), ibid."""
    waits = erlang_c(agents, load)
    return math.inf if load >= agents else waits * talk_s / (agents - load)


@dataclass(frozen=True, slots=True)
class Patient:
    """What a floor with impatient callers comes to."""

    waits: float
    """Probability that a caller does not get an agent at once."""
    abandons: float
    """Share of all callers who give up."""
    mean_wait_s: float
    """Of all callers, whether they give up or are answered."""
    occupancy: float
    """Share of the agents' time in talk."""


def erlang_a(agents: int, load: float, talk_s: float, patience_s: float) -> Patient:
    """Erlang A (M/M/c+M): each caller gives up after an exponential time of mean `patience_s`.

    Palm 1957; as birth and death process in Garnett, Mandelbaum, Reiman, "Designing a call center with impatient
    customers", Manufacturing & Service Operations Management 4 (2002), and Mandelbaum, Zeltyn, "The Palm/Erlang-A
    queue" (2005), sections 3 and 4. With n > c in the system calls leave at c/T + (n-c)/patience. The states are summed
    relative to state c until the rest is below 1e-16; wait and abandonment are tied by P(Ab) = E(W) / patience.
    """
    _check(agents, load)
    below, weight = 0.0, 1.0
    for number in range(agents, 0, -1):  # the states c-1 … 0, relative to c
        weight *= number / load
        below += weight
    above, line, weight, ahead = 0.0, 0.0, 1.0, 0
    while weight > 1e-16 * (above + 1):
        above += weight
        line += ahead * weight
        ahead += 1
        weight *= load / (agents + ahead * talk_s / patience_s)
    whole = below + above
    calls_per_s = load / talk_s
    mean_wait_s = line / whole / calls_per_s  # Little's law
    abandons = mean_wait_s / patience_s
    return Patient(above / whole, abandons, mean_wait_s, load * (1 - abandons) / agents)


def load_for(occupancy: float, agents: int, talk_s: float, patience_s: float | None = None) -> float:
    """The offered traffic at which agents are in talk for this share of their time; None: nobody gives up."""
    if patience_s is None:
        return occupancy * agents
    low, high = 0.0, 10.0 * agents
    for _ in range(100):
        middle = (low + high) / 2
        if erlang_a(agents, middle, talk_s, patience_s).occupancy < occupancy:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _check(agents: int, load: float) -> None:
    if agents < 1 or load <= 0:
        raise ValueError(f"a floor needs at least one agent and some traffic, not {agents} agents and {load:g} erlangs")
